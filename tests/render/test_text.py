"""Hostile names and values become one harmless line."""

from __future__ import annotations

import pytest

from phaseup.graph.values import UNKNOWN, UNKNOWN_STRING, Secret
from phaseup.render.text import VALUE_WIDTH, json_value, plain, value


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("db", "db"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\nb\tc", "a\\x0ab\\x09c"),
        ("\x9b31m", "\\x9b31m"),
        ("safe\u202eetelеd", "safe\\u202eetelеd"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("a\u2028b", "a\\u2028b"),
        ("naïve – ok", "naïve – ok"),
    ],
)
def test_control_and_format_characters_are_spelt_out(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        (None, "(none)"),
        (True, "true"),
        (3, "3"),
        ("x", '"x"'),
        ({"a": [1, Secret("p"), UNKNOWN]}, '{"a": [1, "[secret]", "[unknown]"]}'),
        (Secret("hunter2"), "[secret]"),
        (UNKNOWN, "[unknown]"),
        (UNKNOWN_STRING, "[unknown]"),
        ("[secret]", "[secret]"),
        ("\x1b]0;t\x07", '"\\u001b]0;t\\u0007"'),
    ],
)
def test_values(item: object, shown: str) -> None:
    assert value(item) == shown


def test_a_long_value_is_cut_to_the_width_and_marked() -> None:
    shown = value("x" * 500)
    assert len(shown) == VALUE_WIDTH
    assert shown.endswith("…")


def test_json_never_reveals_a_secret() -> None:
    assert json_value({"password": Secret({"deep": "hunter2"}), "id": UNKNOWN}) == {
        "password": "[secret]",
        "id": "[unknown]",
    }
