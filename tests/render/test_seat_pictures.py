"""What stands in another region instead of at home is drawn there, and nowhere else."""

from __future__ import annotations

from phaseup.render.diagram import diagram

NET = {"kind": "network", "azs": 3, "regions": {"eu-central-1": {}}}
DATABASE = {"kind": "postgres", "instance": "db.t4g.medium", "storage": 50}


def test_a_seat_elsewhere_is_drawn_in_its_region() -> None:
    blocks = {"net": NET, "db": DATABASE, "db-de": {**DATABASE, "region": "eu-central-1"}}
    drawn = diagram("shop · abroad", "prod", blocks, {}, home="eu-west-1")
    placed = [(node.name, node.region) for node in drawn.nodes if node.kind == "postgres"]
    assert placed == [("db", "eu-west-1"), ("db-de", "eu-central-1")]
