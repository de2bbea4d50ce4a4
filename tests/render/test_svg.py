"""The picture is well-formed whatever things are called, holds every block once, and needs nothing from elsewhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseup.render.diagram import Diagram, diagram, sizes
from phaseup.render.svg import svg

NS = "{http://www.w3.org/2000/svg}"
BLOCKS = {
    "net": {"kind": "network", "azs": 2, "nat": "one"},
    "zone": {"kind": "zone", "plan": "pro"},
    "lb": {"kind": "balancer"},
    "app": {"kind": "server", "instance": "t4g.medium", "count": {"min": 2, "max": 5}},
    "api": {"kind": "service", "takes": "requests"},
    "db": {"kind": "postgres", "instance": "db.m7g.xlarge", "storage": 100, "replicas": {"a": {}, "b": {}}},
    "files": {"kind": "bucket", "store": "r2"},
    "alarms": {"kind": "alarms"},
}
REFERENCES = {
    "zone": [("origin", "lb")],
    "lb": [("service", "api")],
    "api": [("on", "app"), ("db", "db"), ("files", "files")],
}


def drawn(picture: Diagram) -> ElementTree.Element:
    return ElementTree.fromstring(svg(picture))


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{NS}text")]


def test_every_block_has_a_name_in_the_picture() -> None:
    shown = texts(drawn(diagram("meal · growth", "prod", BLOCKS, REFERENCES)))
    for name in BLOCKS:
        assert any(name in text for text in shown), name
    assert {"db.m7g.xlarge", "100 GB", "2 replicas", "2–5 servers", "t4g.medium"} <= set(shown)


def test_a_service_stands_in_its_host_and_its_links_leave_from_there() -> None:
    picture = diagram("t", "", BLOCKS, REFERENCES)
    assert {node.name: node.units for node in picture.nodes}["app"] == ("api",)
    assert ("app", "db") in {(link.source, link.target) for link in picture.links}
    assert "api" not in {node.name for node in picture.nodes}


def test_a_service_on_two_hosts_stands_in_both() -> None:
    references = {**REFERENCES, "api": [("on", "app"), ("on", "app2"), ("db", "db")]}
    picture = diagram("t", "", {**BLOCKS, "app2": BLOCKS["app"]}, references)
    assert [node.name for node in picture.nodes if node.units == ("api",)] == ["app", "app2"]


def test_object_storage_stands_outside_the_network() -> None:
    root = drawn(diagram("t", "", BLOCKS, REFERENCES))
    (frame,) = [rect for rect in root.iter(f"{NS}rect") if rect.get("class") == "frame"]
    right = float(frame.get("x", "")) + float(frame.get("width", ""))
    (files,) = [text for text in root.iter(f"{NS}text") if text.text == "files" and text.get("class") == "name"]
    assert float(files.get("x", "")) > right


def test_no_box_overlaps_another_and_all_are_on_the_page() -> None:
    root = drawn(diagram("t", "", BLOCKS, REFERENCES))
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    cards = [
        tuple(float(rect.get(key, "")) for key in ("x", "y", "width", "height"))
        for rect in root.iter(f"{NS}rect")
        if rect.get("class") == "card"
    ]
    assert len(cards) == 6
    for index, (x, y, w, h) in enumerate(cards):
        assert min(x, y) >= 0
        assert x + w <= width
        assert y + h <= height
        for x2, y2, w2, h2 in cards[index + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


@pytest.mark.parametrize("state", ["arriving", "leaving"])
def test_what_arrives_or_leaves_says_so(state: str) -> None:
    shown = texts(drawn(diagram("t", "", BLOCKS, REFERENCES, {"lb": state})))
    assert any(state in text for text in shown)


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><image href="http://x"/>', "a&b", "]]>", "\x00\x1b[0m", "\ud800", "--"]
)
def test_hostile_names_stay_text(hostile: str) -> None:
    blocks = {hostile: {"kind": hostile, "instance": hostile}, "db": {"kind": "postgres"}}
    source = svg(diagram(hostile, hostile, blocks, {hostile: [(hostile, "db")]}, {hostile: hostile}))
    root = ElementTree.fromstring(source)
    assert {element.tag.removeprefix(NS) for element in root.iter()} <= {
        "svg", "title", "defs", "marker", "path", "style", "rect", "text", "g",
    }  # fmt: skip


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=30), max_size=6))
def test_any_names_give_well_formed_xml(kinds: dict[str, str]) -> None:
    blocks = {name: {"kind": kind, "instance": kind} for name, kind in kinds.items()}
    links = {name: [(name, other) for other in kinds] for name in kinds}
    ElementTree.fromstring(svg(diagram("t", "s", blocks, links)).encode("utf-8"))


def test_nothing_is_loaded_from_elsewhere() -> None:
    source = svg(diagram("t", "", BLOCKS, REFERENCES))
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
        ({"replicas": {"a": {}}}, ("1 replica",)),
        ({"replicas": {}}, ()),
        ({"storage": None, "instance": ""}, ()),
        ({"storage": {"min": 1}}, ("{'min': 1}",)),
    ],
)
def test_sizes_in_words(spec: dict[str, object], shown: tuple[str, ...]) -> None:
    assert sizes(spec) == shown
