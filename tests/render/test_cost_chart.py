"""The costs' picture: where its marks stand, what it says, that it holds on light and dark."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from phaseup.render.cost_chart import Rung, chart

SVG = "{http://www.w3.org/2000/svg}"
RUNGS = [
    Rung("mvp", 100.0, {"compute": 60.0, "database": 40.0}, 50.0, 100.0),
    Rung("growth", 1000.0, {"compute": 100.0, "edge": 900.0}, None, None),
    Rung("<scale>", 10000.0, {"compute": 10000.0}, 5000.0, None),
]


def drawn() -> ElementTree.Element:
    return ElementTree.fromstring(chart("A & B", RUNGS))


def test_a_tenfold_cost_is_a_step_of_equal_length() -> None:
    at = [float(dot.attrib["cx"]) for dot in drawn().iter(f"{SVG}circle")][:3]
    assert at[1] - at[0] == pytest.approx(at[2] - at[1], abs=0.2)
    assert at[1] - at[0] > 50


def test_a_range_ends_where_the_source_says_and_at_the_edge_where_it_does_not() -> None:
    ranges = [r for r in drawn().iter(f"{SVG}rect") if r.attrib.get("class") == "range"]
    dots = [float(dot.attrib["cx"]) for dot in drawn().iter(f"{SVG}circle")]
    first, open_ended, _legend = ranges
    left, width = float(first.attrib["x"]), float(first.attrib["width"])
    assert abs(left + width - dots[0]) < 0.2, "100 is the range's upper end, and the estimate"
    left, width = float(open_ended.attrib["x"]), float(open_ended.attrib["width"])
    assert left < dots[2], "5,000 and more"
    assert left + width == pytest.approx(570, abs=0.2), "the axis's end"


def test_parts_fill_the_bar_in_proportion() -> None:
    parts = {}
    for rect in drawn().iter(f"{SVG}rect"):
        if rect.attrib.get("class", "").endswith("-part") and rect.find(f"{SVG}title") is not None:
            parts.setdefault(rect.attrib["y"], []).append(float(rect.attrib["width"]))
    assert [[round(width / sum(row), 3) for width in row] for row in parts.values()] == [[0.6, 0.4], [0.1, 0.9], [1.0]]
    assert len({round(sum(row)) for row in parts.values()}) == 1


def test_it_says_its_figures_and_escapes_names() -> None:
    shown = list(drawn().itertext())
    assert {"A & B", "mvp", "<scale>", "$100", "$1,000", "$10,000", "60%", "database", "edge"} <= set(shown)
    assert "cache" not in shown, "what no phase pays for is no legend"


def test_every_colour_has_one_for_light_and_one_for_dark() -> None:
    text = chart("x", RUNGS)
    light, dark = text.split("@media (prefers-color-scheme: dark) {")[-2:]
    for name in ("compute", "database", "edge", "network"):
        colours = [re.findall(rf"\.{name}-part {{ fill: (#\w+)", part) for part in (light, dark)]
        assert len(colours[0]) == len(colours[1]) == 1
        assert colours[0] != colours[1]


def test_no_costs_at_all_is_still_a_picture() -> None:
    ElementTree.fromstring(chart("x", [Rung("mvp", 0.0, {}, None, None)]))
