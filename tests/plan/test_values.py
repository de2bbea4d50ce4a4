"""Paths, equality and resets of ignored properties, held to the engine's own rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_kit import UNKNOWN, Secret

from phaseup.graph.values import RESOURCE_SIGNATURE, SIGNATURE
from phaseup.plan.values import at_path, contains, deep_equals, parse_path, reset_ignored, same_trigger


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("root", ("root",)),
        ("root.nested", ("root", "nested")),
        ('root["nested"]', ("root", "nested")),
        ('root["double"].nest', ("root", "double", "nest")),
        ("root.array[0]", ("root", "array", 0)),
        ("root.array[100]", ("root", "array", 100)),
        ("root.array[0][1].nested", ("root", "array", 0, 1, "nested")),
        ('root["key with \\"escaped\\" quotes"]', ("root", 'key with "escaped" quotes')),
        ('["root key with a ."][100]', ("root key with a .", 100)),
        ("root.array[*].field", ("root", "array", "*", "field")),
        ('root.array["*"].field', ("root", "array", "*", "field")),
        ("foo-bar", ("foo-bar",)),
        ("a.[0]", ("a", 0)),
        ("a[-1]", ("a", -1)),
        ("*", ("*",)),
        ("#initerror", ("#initerror",)),
        ("", ()),
    ],
)
def test_paths(text, path):
    assert parse_path(text) == path


@pytest.mark.parametrize("text", [".a", "a.", "a[", "a[0", "a[x]", 'a["b', 'a["b"', "a[]", "a[1.5]", "a[٣]"])
def test_paths_that_are_none(text):
    assert parse_path(text) is None


@pytest.mark.parametrize(
    ("outer", "inner", "answer"),
    [
        ("a", "a", True),
        ("a", "a.b[0]", True),
        ("a.b", "a", False),
        ("*", "anything.at.all", True),
        ("a.*.c", "a.b.c.d", True),
        ("a[*]", "a[3]", True),
        ("a[0]", "a[1]", False),
        ("a[0]", 'a["0"]', False),
        ("a", "ab", False),
    ],
)
def test_containment(outer, inner, answer):
    assert contains(parse_path(outer), parse_path(inner)) is answer


def reference(urn, id):
    return {SIGNATURE: RESOURCE_SIGNATURE, "urn": urn, "id": id, "packageVersion": id}


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        (None, None, True),
        (None, "", False),
        ({}, {"a": None}, True),
        ({}, {"a": UNKNOWN}, False),
        ({"a": None}, {"a": UNKNOWN}, False),
        ({"a": {"b": None}}, {"a": {}}, True),
        ([], [None], False),
        ([1, [2]], [1, [2]], True),
        (Secret(1), Secret(1), True),
        (Secret(1), 1, False),
        (1, Secret(1), False),
        (Secret({"a": None}), Secret({}), True),
        (UNKNOWN, UNKNOWN, True),
        (UNKNOWN, None, False),
        (reference("u", "1"), reference("u", "1") | {"packageVersion": "9"}, True),
        (reference("u", "1"), reference("u", "2"), False),
        (reference("u", UNKNOWN), reference("u", UNKNOWN), True),
        ({"a": 1}, [1], False),
        ([1], {"a": 1}, False),
    ],
)
def test_equality(left, right, equal):
    assert deep_equals(left, right) is equal
    assert deep_equals(right, left) is equal


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2) | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | inner.map(Secret)
    ),
    max_leaves=8,
)
MAPS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)
PATHS = st.lists(st.sampled_from(["a", "b", "c", "*", "[0]", "[1]", "[*]"]), min_size=1, max_size=3).map(
    lambda parts: "".join(part if part.startswith("[") else f".{part}" for part in parts).lstrip(".")
)


@given(VALUES)
def test_equality_is_reflexive(value):
    assert deep_equals(value, value)


@given(MAPS, MAPS, st.lists(PATHS, max_size=3))
def test_reset_changes_neither_side(olds, news, paths):
    before = repr((olds, news))
    reset_ignored(news, olds, paths)
    assert repr((olds, news)) == before


@given(MAPS, MAPS, PATHS)
def test_reset_twice_is_reset_once(olds, news, path):
    once, broken = reset_ignored(news, olds, [path])
    twice, still = reset_ignored(once, olds, [path])
    if not broken:
        assert not still
        assert deep_equals(once, twice)


@given(MAPS, MAPS)
def test_ignoring_everything_gives_the_old(olds, news):
    result, broken = reset_ignored(news, olds, ["*"])
    assert broken == []
    assert deep_equals(result, olds)


@given(MAPS, st.lists(PATHS, max_size=3))
def test_equal_sides_stay_as_they_are(values, paths):
    result, _ = reset_ignored(values, values, paths)
    assert deep_equals(result, values)


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("a.b", {"a": {"b": 1}}, 1),
        ("a[1]", {"a": [1, 2]}, 2),
        ("a[5]", {"a": [1]}, None),
        ("a.b", {"a": [1]}, None),
        ("a.b", {"a": Secret({"b": 1})}, Secret(1)),
        ("a.b", {"a": Secret({"b": Secret(1)})}, Secret(1)),
        ("a.b", {}, None),
    ],
)
def test_lookup(path, value, found):
    assert at_path(value, parse_path(path)) == found


@pytest.mark.parametrize(
    ("new", "old", "same"),
    [
        (None, None, True),
        ("a", None, True),
        (None, "a", True),
        ("a", "a", True),
        ("a", "b", False),
        (UNKNOWN, None, False),
        (None, UNKNOWN, False),
        (UNKNOWN, UNKNOWN, False),
        ([UNKNOWN], ["a"], False),
        ({"x": Secret("a")}, {"x": "a"}, True),
    ],
)
def test_triggers(new, old, same):
    assert same_trigger(new, old) is same
