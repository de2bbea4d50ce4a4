"""The picture is well-formed whatever things are called, holds every block, overlaps nowhere and needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseup.render.cards import Row, rows
from phaseup.render.diagram import Diagram, Link, diagram, sizes
from phaseup.render.layout import CARD, lay_out
from phaseup.render.svg import svg, width
from tests.render.enterprise import BLOCKS as ENTERPRISE
from tests.render.enterprise import HOME, SECOND
from tests.render.enterprise import REFERENCES as NAMED

NS = "{http://www.w3.org/2000/svg}"
BLOCKS: dict[str, dict[str, Any]] = {
    "net": {"kind": "network", "azs": 2, "nat": "one"},
    "zone": {"kind": "zone", "plan": "pro", "hosts": {"api": {"to": "lb"}}},
    "lb": {"kind": "balancer"},
    "app": {"kind": "server", "instance": "t4g.medium", "count": {"min": 2, "max": 5}},
    "api": {"kind": "service", "takes": "requests", "uses": {"db": {}, "files": {}}},
    "db": {"kind": "postgres", "instance": "db.m7g.xlarge", "storage": 100, "replicas": {"a": {}, "b": {}}},
    "files": {"kind": "bucket", "store": "r2"},
    "alarms": {"kind": "alarms"},
}
REFERENCES = {
    "zone": [("hosts", "lb")],
    "lb": [("service", "api")],
    "api": [("on", "app"), ("db", "db"), ("files", "files")],
}
BIG = diagram("meal · enterprise", "prod", ENTERPRISE, NAMED, home=HOME)


def drawn(picture: Diagram) -> ElementTree.Element:
    return ElementTree.fromstring(svg(picture))


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{NS}text")]


def frames(root: ElementTree.Element, name: str) -> list[tuple[float, float, float, float]]:
    return [
        (x := float(rect.get("x", "")), y := float(rect.get("y", "")),
         x + float(rect.get("width", "")), y + float(rect.get("height", "")))
        for rect in root.iter(f"{NS}rect")
        if rect.get("class") == name
    ]  # fmt: skip


def written(root: ElementTree.Element) -> Iterator[tuple[str, float, float, float]]:
    """(text, left, right, baseline) of every text with a look of its own."""
    for element in root.iter(f"{NS}text"):
        look = element.get("class", "")
        if look.startswith("tier"):
            continue
        wide = width(element.text or "", look)
        x, y = float(element.get("x", "")), float(element.get("y", ""))
        left = x - wide if element.get("text-anchor") == "end" else x
        yield element.text or "", left, left + wide, y


def test_every_block_has_a_name_in_the_picture() -> None:
    shown = texts(drawn(diagram("meal · growth", "prod", BLOCKS, REFERENCES, home="eu-west-1")))
    for name in BLOCKS:
        assert any(name in text for text in shown), name
    assert {"db.m7g.xlarge", "100 GB", "2 replicas", "2–5 servers", "t4g.medium"} <= set(shown)


@pytest.mark.parametrize("name", ENTERPRISE)
def test_every_block_of_a_large_phase_has_a_name_in_the_picture(name: str) -> None:
    assert any(name in text for text in texts(drawn(BIG)))


def test_a_service_stands_in_its_host_with_what_it_uses() -> None:
    picture = diagram("t", "", BLOCKS, REFERENCES)
    assert {node.name: node.rows for node in picture.nodes}["app"] == (Row("api", "db, files"),)
    assert "api" not in {node.name for node in picture.nodes}


def test_a_service_on_two_hosts_stands_in_both() -> None:
    references = {**REFERENCES, "api": [("on", "app"), ("on", "app2"), ("db", "db")]}
    picture = diagram("t", "", {**BLOCKS, "app2": BLOCKS["app"]}, references)
    assert [node.name for node in picture.nodes if node.rows == (Row("api", "db, files"),)] == ["app", "app2"]


def test_the_way_of_a_request_is_drawn() -> None:
    picture = diagram("t", "", BLOCKS, REFERENCES)
    assert picture.links == (Link(("zone", ""), ("lb", "")), Link(("lb", ""), ("app", "")))
    assert len(list(drawn(picture).iter(f"{NS}path"))) == 2 + 1  # and the arrow's tip


def test_what_has_regions_stands_in_each_and_the_rest_at_home_or_nowhere() -> None:
    where: dict[str, list[str]] = {}
    for node in BIG.nodes:
        where.setdefault(node.name, []).append(node.region)
    for name in ("gateway", "lb", "cluster", "db", "cache", "search"):
        assert where[name] == [HOME, SECOND], name
    assert where["queue"] == [HOME]
    assert where["edge"] == where["buckets"] == where["alarms"] == [""]
    assert [frame.region for frame in BIG.frames] == [HOME, SECOND]


def test_only_services_that_run_there_stand_on_a_cluster_in_another_region() -> None:
    on = {node.region: {row.name for row in node.rows} for node in BIG.nodes if node.name == "cluster"}
    assert "api" in on[SECOND]
    assert "scheduler" in on[HOME] - on[SECOND]
    assert {"system", "scrapers"} <= on[HOME]


def test_each_region_is_entered_and_none_is_left() -> None:
    assert {(link.source[0], link.target) for link in BIG.links if link.source[1] == ""} >= {
        ("edge", ("gateway", HOME)),
        ("edge", ("gateway", SECOND)),
    }
    assert all(link.source[1] in ("", link.target[1]) for link in BIG.links)


def test_shards_are_told_with_what_they_hold() -> None:
    found = rows(ENTERPRISE["db"])
    assert found == (
        Row("one", "2 replicas · mercadona, carrefour"),
        Row("two", "500 GB · 2 replicas · lidl, alcampo"),
        Row("three", "800 GB · 1 replica · dia, eroski, consum"),
    )


@pytest.mark.parametrize("picture", [BIG, diagram("t", "", BLOCKS, REFERENCES, home="x")], ids=["large", "small"])
def test_no_card_overlaps_another_and_all_are_on_the_page(picture: Diagram) -> None:
    root = drawn(picture)
    page = (0.0, 0.0, float(root.get("width", "")), float(root.get("height", "")))
    cards = frames(root, "card")
    assert len(cards) == len(picture.nodes)
    assert all(inside(card, page) for card in [*cards, *frames(root, "frame")])
    for one, other in combinations(cards, 2):
        assert apart(one, other)
    for border in frames(root, "frame"):
        assert all(inside(card, border) or apart(card, border) for card in cards)


@pytest.mark.parametrize("picture", [BIG, diagram("t", "", BLOCKS, REFERENCES, home="x")], ids=["large", "small"])
def test_no_text_runs_over_another_or_out_of_its_card(picture: Diagram) -> None:
    root = drawn(picture)
    lines = list(written(root))
    for (text, left, right, y), (other, left2, right2, y2) in combinations(lines, 2):
        assert abs(y - y2) >= 10 or right <= left2 or right2 <= left, (text, other)
    cards = frames(root, "card")
    for text, left, right, y in lines:
        home = [card for card in cards if card[0] <= left < card[2] and card[1] <= y <= card[3]]
        assert all(right <= card[2] for card in home), text


def inside(small: tuple[float, ...], large: tuple[float, ...]) -> bool:
    return small[0] >= large[0] and small[1] >= large[1] and small[2] <= large[2] and small[3] <= large[3]


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_an_arrow_goes_through_no_card() -> None:
    root = drawn(BIG)
    cards = frames(root, "card")
    for path in root.iter(f"{NS}path"):
        if path.get("class") != "link":
            continue
        points = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", "").replace("V", "L0 "))]
        x1, y1 = points[0], points[1]
        x2, y2 = (points[-4], points[-1]) if "V" in path.get("d", "") else (points[-2], points[-1])
        between = (min(x1, x2), min(y1, y2) + 1, max(x1, x2), max(y1, y2) - 1)
        if y1 == y2:
            assert not [card for card in cards if card[1] <= y1 <= card[3] and x1 < card[0] and card[2] < x2]
            continue
        for card in cards:
            if not apart(card, between):  # beside the straight part, above where it turns aside
                assert not card[0] < x1 < card[2] or card[3] <= y1 + 1 or card[1] >= y2 - 3, (path.get("d"), card)


@pytest.mark.parametrize("state", ["arriving", "leaving"])
@pytest.mark.parametrize("name", ["lb", "api", "files"])
def test_what_arrives_or_leaves_says_so(state: str, name: str) -> None:
    shown = texts(drawn(diagram("t", "", BLOCKS, REFERENCES, {name: state})))
    assert any(state in text for text in shown)


def test_more_parts_than_fit_are_counted() -> None:
    blocks = {"all": {"kind": "zone", "hosts": {f"h{number}": {"to": "lb"} for number in range(40)}}}
    shown = texts(drawn(diagram("t", "", blocks, {})))
    assert "and 14 more" in shown
    assert "h25" in shown
    assert "h26" not in shown


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><image href="http://x"/>', "a&b", "]]>", "\x00\x1b[0m", "\ud800", "--"]
)
def test_hostile_names_stay_text(hostile: str) -> None:
    blocks = {hostile: {"kind": hostile, "instance": hostile}, "db": {"kind": "postgres"}}
    source = svg(diagram(hostile, hostile, blocks, {hostile: [(hostile, "db")]}, {hostile: hostile}, home=hostile))
    root = ElementTree.fromstring(source)
    assert {element.tag.removeprefix(NS) for element in root.iter()} <= {
        "svg", "title", "defs", "marker", "path", "style", "rect", "text", "g",
    }  # fmt: skip


KINDS = st.sampled_from(
    ["network", "zone", "cdn", "worker", "gateway", "balancer", "server", "kubernetes", "service", "function",
     "schedule", "bucket", "postgres", "cache", "alarms", "", "buckets"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.text(max_size=40),
    lambda inner: st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["regions", "hosts", "nodes", "shards", "holds", "routes", "on", "uses", "count", "replicas"])


@given(
    st.dictionaries(st.text(max_size=12), st.tuples(KINDS, st.dictionaries(FIELDS, VALUES, max_size=3)), max_size=6),
    st.text(max_size=6),
)
def test_any_blocks_give_well_formed_xml_without_overlaps(
    found: Mapping[str, tuple[str, dict[str, Any]]], home: str
) -> None:
    blocks = {name: {**more, "kind": kind} for name, (kind, more) in found.items()}
    links = {name: [("on", other) for other in blocks] for name in blocks}
    picture = diagram("t", "s", blocks, links, home=home)
    ElementTree.fromstring(svg(picture).encode("utf-8"))
    places = [(box.x, box.y, box.x + CARD, box.bottom) for box in lay_out(picture).boxes]
    assert len(places) == len(picture.nodes)
    assert all(apart(one, other) for one, other in combinations(places, 2))


def test_nothing_is_loaded_from_elsewhere() -> None:
    source = svg(BIG)
    assert re.findall(r'https?://[^"\s]+', source) == ["http://www.w3.org/2000/svg"]
    assert "@import" not in source
    assert "url(" not in source.replace("url(#tip)", "")


def test_it_knows_light_and_dark() -> None:
    source = svg(diagram("t", "", BLOCKS, REFERENCES))
    assert "prefers-color-scheme: dark" in source
    assert '<rect class="page"' in source


def test_an_empty_phase_is_a_picture_too() -> None:
    root = drawn(diagram("empty", "", {}, {}))
    assert "empty" in texts(root)


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ({"count": {"min": 1, "max": 1}}, ("1 server",)),
        ({"count": {"min": 2, "max": 2}}, ("2 servers",)),
        ({"replicas": {"a": {}}}, ("1 replica",)),
        ({"replicas": {}}, ()),
        ({"storage": None, "instance": ""}, ()),
        ({"storage": {"min": 1}}, ("{'min': 1}",)),
        ({"nodes": 3, "shards": 1}, ("3 nodes",)),
        ({"nodes": {"a": {}}, "shards": {"b": {}}}, ()),
        ({"engine": "kafka", "brokers": 6, "storage": 100}, ("kafka", "6 brokers", "100 GB")),
        ({"engine": "rabbitmq", "deployment": "cluster", "brokers": None}, ("rabbitmq", "cluster")),
    ],
)
def test_sizes_in_words(spec: dict[str, object], shown: tuple[str, ...]) -> None:
    assert sizes(spec) == shown
