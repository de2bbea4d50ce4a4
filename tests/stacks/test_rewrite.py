# ruff: noqa: E501 - lines stand as they do in the file
"""Steps as text: only the lines that a step changes change, and comments stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.models import REMOVE, BadInput, Blueprint, StackConfig, changed, load_stack, set_value
from stacks.models.yaml_edit import GONE, edited, flow
from stacks.models.yaml_file import parse
from stacks.moves import changed_lines, rewrite, steps
from tests.stacks.sample import STACK, blueprint, config


@pytest.fixture(scope="module")
def bp(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    return blueprint(tmp_path_factory.mktemp("blueprints"))


def load(tmp_path: Path, text: str) -> StackConfig:
    path = tmp_path / "Pulumi.meal-prod.yaml"
    path.write_text(text)
    return load_stack(path)


def test_the_lines_of_a_climb(bp: Blueprint, tmp_path: Path) -> None:
    text, lines = STACK, []
    here = load(tmp_path, text)
    for step in steps(here, bp, "growth"):
        after = rewrite(text, here, step.config)
        lines.append(changed_lines(text, after))
        text, here = after, load(tmp_path, after)
        assert here.values == step.config.values
    moving = "  phaseup:moving: {from: mvp, traffic: 0"
    assert lines == [
        ["-  phaseup:phase: mvp # where it is", "+  phaseup:phase: growth # where it is", f"+{moving}}}"],
        [f"-{moving}}}", f"+{moving}, data: {{cache: replicated}}}}"],
        [f"-{moving}, data: {{cache: replicated}}}}", f"+{moving}, data: {{cache: replicated, queue: replicated}}}}"],
        [
            f"-{moving}, data: {{cache: replicated, queue: replicated}}}}",
            "+  phaseup:moving: {from: mvp, traffic: 100, data: {cache: replicated, queue: replicated}}",
        ],
        ["-  phaseup:moving: {from: mvp, traffic: 100, data: {cache: replicated, queue: replicated}}"],
    ]
    assert text == STACK.replace("phase: mvp", "phase: growth")


COMMENTED = """\
# top
config:
  # about the region
  aws:region: eu-west-1 # inline
  phaseup:phase: mvp   # the phase

  # about overrides
  phaseup:overrides:
    # the database
    db:
      storage: 200 # GiB
      # the last word
    api: {env: {A: b}}
  # the tail
encryptionsalt: v1:abc=
"""


@pytest.mark.parametrize(
    ("path", "value", "gone", "come"),
    [
        (("phaseup:phase",), "growth", ["  phaseup:phase: mvp   # the phase"], ["  phaseup:phase: growth   # the phase"]),
        (("phaseup:overrides", "db", "storage"), 300, ["      storage: 200 # GiB"], ["      storage: 300 # GiB"]),
        (("phaseup:overrides", "db", "storage"), GONE, ["      storage: 200 # GiB"], ["      {} # GiB"]),
        (("phaseup:overrides", "db", "multi_az"), True, [], ["      multi_az: true"]),
        (("phaseup:overrides", "db"), GONE, ["    db:", "      storage: 200 # GiB"], []),
        (("phaseup:overrides", "api"), GONE, ["    api: {env: {A: b}}"], []),
        (("phaseup:overrides", "api", "env", "C"), "on", ["    api: {env: {A: b}}"],
         ['    api: {env: {A: b, C: "on"}}']),
        (("phaseup:overrides", "api", "env", "A"), GONE, ["    api: {env: {A: b}}"], ["    api: {env: {}}"]),
        (("phaseup:overrides", "cache"), {"nodes": 2}, [], ["    cache: {nodes: 2}"]),
        (("phaseup:retire",), {"lb": {"reason": "it's: over, #1", "until": "2027-01-31"}}, [],
         ['  phaseup:retire: {lb: {reason: "it\'s: over, #1", until: 2027-01-31}}']),
        (("phaseup:moving", "data", "cache"), "replicated", [], ["  phaseup:moving: {data: {cache: replicated}}"]),
    ],
)  # fmt: skip
def test_single_edits(path: tuple[str, ...], value: Any, gone: list[str], come: list[str]) -> None:
    after = edited(COMMENTED, ("config", *path), value)
    assert changed_lines(COMMENTED, after) == [*(f"-{x}" for x in gone), *(f"+{x}" for x in come)]
    assert after.count("#") == COMMENTED.count("#") - sum(x.count("#") for x in gone) + sum(x.count("#") for x in come)


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    text = STACK.replace("\n", "\r\n")
    before = load(tmp_path, STACK)
    after = rewrite(text, before, changed(before, {"phaseup:images": {"api": f"x@sha256:{'0' * 64}"}}))
    assert after.count("\r\n") == after.count("\n") == STACK.count("\n") + 1


def test_keys_that_share_an_anchor_cannot_be_changed_alone(tmp_path: Path) -> None:
    text = STACK + "  phaseup:overrides: {db: &x {storage: 100}, other: *x}\n"
    before = load(tmp_path, text)
    with pytest.raises(BadInput, match="found keys that share an anchor"):
        rewrite(text, before, set_value(before, "db.storage=200"))


SCALARS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["yes", "no", "on", "1.10", "010", "1e3", "null", "~", "0x1f", "12:30:00", "2027-01-31", "- a", "a: b",
                     "a #b", "=", "<<", "y", "*a", "&a", "!x", "'", '"', "\\", "é", "\u2028", "\ufeff", "x" * 200]),
    st.integers(-10**6, 10**6),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
)  # fmt: skip
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@settings(deadline=None)
@given(TREES)
def test_what_is_written_is_read_again_the_same(value: Any) -> None:
    assert parse(f"a: {flow(value)}\n", "f", strict=True).data == {"a": value}


KEYS = st.sampled_from(["db", "cache", "app"])
OVERRIDES = st.dictionaries(
    KEYS, st.dictionaries(st.sampled_from(["storage", "nodes", "env"]), st.integers(0, 9), max_size=3)
)


@settings(deadline=None)
@given(OVERRIDES, OVERRIDES)
def test_any_change_of_overrides_keeps_every_other_line(first: dict[str, Any], second: dict[str, Any]) -> None:
    before = config()
    one = changed(before, {"phaseup:overrides": first or REMOVE})
    two = changed(before, {"phaseup:overrides": second or REMOVE})
    text = rewrite(STACK, before, one)
    assert [line for line in text.splitlines() if "overrides" not in line] == STACK.splitlines()
    again = rewrite(text, one, two)
    assert parse(again, "f").data["config"] == two.values
    assert [line for line in again.splitlines() if "overrides" not in line] == STACK.splitlines()
    if not second:
        assert again == STACK


BLOCK_STYLE = (
    STACK
    + """\
  # kept on purpose
  phaseup:overrides:
    # why db
    db:
      storage: 1 # big
    # why cache
    cache:
      nodes: 2
"""
)


@settings(deadline=None)
@given(OVERRIDES)
def test_comments_outlive_any_change_of_a_block_style_map(second: dict[str, Any]) -> None:
    before = changed(config(), {"phaseup:overrides": {"db": {"storage": 1}, "cache": {"nodes": 2}}})
    after = changed(before, {"phaseup:overrides": second or REMOVE})
    text = rewrite(BLOCK_STYLE, before, after)
    assert parse(text, "f").data["config"] == after.values
    assert "# kept on purpose" in text
    if second:
        assert ("# why db" in text, "# why cache" in text) == (True, True)


@pytest.mark.parametrize(
    ("assignment", "key", "expected"),
    [
        ("db.storage=200", "phaseup:overrides", {"db": {"storage": 200}}),
        ("db.replicas.a={}", "phaseup:overrides", {"db": {"replicas": {"a": {}}}}),
        ("phase=growth", "phaseup:phase", "growth"),
        ("phaseup:phase=growth", "phaseup:phase", "growth"),
        ("owner=sre=eu", "phaseup:owner", "sre=eu"),
        ("aws:region=eu-central-1", "aws:region", "eu-central-1"),
        ('db.version="17"', "phaseup:overrides", {"db": {"version": "17"}}),
        ("app.count={min: 1, max: 2}", "phaseup:overrides", {"app": {"count": {"min": 1, "max": 2}}}),
    ],
)
def test_set(assignment: str, key: str, expected: Any) -> None:
    assert set_value(config(), assignment).values[key] == expected


def test_set_traffic_and_data() -> None:
    moving = set_value(config(phase="growth"), "moving={from: mvp, traffic: 0}")
    assert set_value(moving, "traffic=100").moving.traffic == 100  # type: ignore[union-attr]
    assert set_value(moving, "data.cache=replicated").moving.data == {"cache": "replicated"}  # type: ignore[union-attr]
    assert set_value(moving, "moving=").moving is None


def test_set_to_nothing_takes_the_key_and_its_empty_maps_away() -> None:
    one = set_value(config(), "db.storage=200")
    assert "phaseup:overrides" not in set_value(one, "db.storage=").values
    two = set_value(one, "cache.nodes=2")
    assert set_value(two, "db.storage=").overrides == {"cache": {"nodes": 2}}
