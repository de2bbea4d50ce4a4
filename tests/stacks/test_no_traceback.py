"""Whatever stands in a file, the answer is a stack or one `BadInput`, never another exception."""

from __future__ import annotations

import contextlib
import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.models import BadInput, Blueprint, StackConfig, load_addresses, load_blueprint, load_stack, set_value
from stacks.models.load_stack import stack_from_section
from stacks.models.merge import leaves
from stacks.models.stack import PHASEUP_KEYS
from stacks.models.yaml_edit import flow
from stacks.models.yaml_file import Document, parse
from stacks.moves import effective, steps
from tests.stacks.sample import BLUEPRINT, KINDS, STACK, blueprint, values

WORDS = st.sampled_from(
    ["mvp", "growth", "scale", "db", "cache", "lb", "exports", "core", "kind", "from", "traffic", "data", "reason",
     "until", "storage", "instance", "count", "min", "max", "replicated", "2027-01-31", "postgres", "null", ""]
)  # fmt: skip
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.floats(width=16) | WORDS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def bp(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    return blueprint(tmp_path_factory.mktemp("blueprints"))


def resolved(stack: StackConfig, bp: Blueprint) -> None:
    effective(stack, bp)
    for phase in bp.names:
        with contextlib.suppress(BadInput):
            steps(stack, bp, phase)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from([*PHASEUP_KEYS, "aws:region", "aws:allowedAccountIds", "x"]), JUNK, max_size=3))
def test_any_config(bp: Blueprint, changes: dict[str, Any]) -> None:
    section = {**values(), **changes}
    with contextlib.suppress(BadInput):
        resolved(stack_from_section("meal-prod", section, Document("f", {"config": section})), bp)


SHAPED = st.fixed_dictionaries(
    {},
    optional={
        "phaseup:phase": st.sampled_from(["mvp", "growth", "scale"]),
        "phaseup:moving": st.fixed_dictionaries(
            {"from": st.sampled_from(["mvp", "growth", "scale"]), "traffic": st.sampled_from([0, 50, 100])},
            optional={"data": st.dictionaries(WORDS, WORDS, max_size=2)},
        ),
        "phaseup:retire": st.dictionaries(WORDS, st.just({"reason": "x", "until": "2099-01-31"}), max_size=2),
        "phaseup:overrides": st.dictionaries(WORDS, st.dictionaries(WORDS, JUNK, max_size=2), max_size=2),
    },
)


@settings(max_examples=400, deadline=None)
@given(SHAPED)
def test_any_well_shaped_config(bp: Blueprint, changes: dict[str, Any]) -> None:
    section = {**values(), **changes}
    with contextlib.suppress(BadInput):
        resolved(stack_from_section("meal-prod", section, Document("f", {"config": section})), bp)


PATHS = [path for path, _ in leaves(parse(BLUEPRINT, "").data)]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATHS), st.integers(1, 6), JUNK)
def test_any_blueprint(tmp_path_factory: pytest.TempPathFactory, path: tuple[str, ...], depth: int, junk: Any) -> None:
    tree = copy.deepcopy(parse(BLUEPRINT, "").data)
    here: Any = tree
    cut = path[:depth]
    for part in cut[:-1]:
        here = here[part]
    here[cut[-1]] = junk
    folder = tmp_path_factory.getbasetemp()
    (folder / "meal.yaml").write_text(flow(tree) if tree else "")
    with contextlib.suppress(BadInput):
        load_blueprint("meal", folder, KINDS)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([STACK, BLUEPRINT]), st.integers(0, 900), st.text(max_size=6), st.integers(0, 20))
def test_any_damage_to_a_file(tmp_path_factory: pytest.TempPathFactory, text: str, at: int, put: str, cut: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "damaged"
    folder.mkdir(exist_ok=True)
    damaged = text[:at] + put + text[at + cut :]
    stack, system = folder / "Pulumi.meal-prod.yaml", folder / "meal.yaml"
    for path in (stack, system):
        path.write_text(damaged, encoding="utf-8")
    for load in (load_stack, load_addresses):
        with contextlib.suppress(BadInput):
            load(stack)
    with contextlib.suppress(BadInput):
        load_blueprint("meal", folder, KINDS)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12), st.text(max_size=12))
def test_any_assignment(key: str, value: str) -> None:
    base = stack_from_section("meal-prod", values(), Document("f", {"config": values()}))
    with contextlib.suppress(BadInput):
        set_value(base, f"{key}={value}")


def test_a_name_that_is_a_path_is_only_a_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        load_blueprint("../../etc/passwd", tmp_path, KINDS)
