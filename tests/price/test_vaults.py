"""What recovery points cost: in every vault, by what they are of."""

from __future__ import annotations

from phaseup.graph.resource import State
from tests.price.making import block, priced, resource, sums

TYPES = {"s3": "aws:s3/bucket:Bucket", "rds": "aws:rds/instance:Instance", "aurora": "aws:rds/cluster:Cluster"}


def backups(regions: tuple[str, ...], **kinds: str) -> list[State]:
    """A vault in each region and the blocks that are selected, by their kind."""
    at = block("safe", "Backup")
    states = [at]
    for region in regions:
        states.append(resource("aws:backup/vault:Vault", f"vault-{region}", {"region": region}, at))
    for name, kind in kinds.items():
        of = block(name)
        equal = [{"key": "aws:ResourceTag/system", "value": "shop"}, {"key": "aws:ResourceTag/block", "value": name}]
        selection = {"conditions": [{"stringEquals": equal}]}
        states += [of, resource(TYPES[kind], f"{name}-it", {}, of)]
        states.append(resource("aws:backup/selection:Selection", f"safe-{name}", selection, at))
    return states


def vaults(states: list[State], usage: dict[str, dict[str, object]]) -> dict[str, float]:
    return {key: usd for key, usd in sums(priced(*states, usage=usage)).items() if key.startswith("backup:")}


def test_each_vault_holds_all_of_it() -> None:
    usage: dict[str, dict[str, object]] = {"safe": {"storage_gb": 1000}}
    assert vaults(backups(("us-east-1",), db="rds"), usage) == {"backup:storage:rds": 95.0}
    twice = backups(("us-east-1", "eu-central-1"), db="rds")
    assert vaults(twice, usage) == {"backup:storage:rds": 95.0 + 103.0}


def test_a_kind_is_paid_at_its_own_price() -> None:
    usage: dict[str, dict[str, object]] = {"safe": {"storage_gb": 1000}}
    assert vaults(backups(("us-east-1",), db="aurora"), usage) == {"backup:storage:aurora": 21.0}
    assert vaults(backups(("us-east-1",), archive="s3"), usage) == {"backup:storage:s3": 50.0}


def test_of_several_kinds_buckets_take_what_they_store_and_databases_the_rest() -> None:
    usage: dict[str, dict[str, object]] = {
        "safe": {"storage_gb": 1000},
        "archive": {"storage_gb": 100, "tiers": {"GLACIER_IR": 500}},
    }
    states = backups(("us-east-1",), archive="s3", db="rds")
    assert vaults(states, usage) == {"backup:storage:s3": 30.0, "backup:storage:rds": 38.0}
    more = {**usage, "safe": {"storage_gb": 400}}
    assert vaults(states, more) == {"backup:storage:s3": 20.0}
    both = backups(("us-east-1",), archive="s3", db="rds", orders="aurora")
    assert vaults(both, usage) == {"backup:storage:s3": 30.0, "backup:storage:rds": 38.0}


def test_what_is_not_known_is_of_the_dearest_kind() -> None:
    assert vaults(backups(("us-east-1",)), {"safe": {"storage_gb": 100}}) == {"backup:storage:rds": 9.5}


def test_a_vault_s_figure_is_asked_for_once() -> None:
    made = priced(*backups(("us-east-1", "eu-central-1"), db="aurora"))
    assert ("safe", "storage_gb") in [(each.block, each.figure) for each in made.unstated]
