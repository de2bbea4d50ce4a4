"""Every URN of every phase, and of the way between them, is a contract: golden files hold them.

A URN that changes is a resource deleted and another created. Where that is meant, the resource needs an alias, and
`python tests/compose/test_urns.py [SYSTEM…]` writes the files anew for the review to see.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from stacks.models import load_addresses, load_blueprint
from stacks.models.load_blueprint import systems

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
NAMED = {("meal", "mvp", "growth"): "meal-prod-moving"}
"""Moves whose file is not called by its two phases."""
NUMBERED = ("tls-1-3", *{region for _, _, region in load_addresses().networks}, "us-east-1")
"""Names with numbers of their own: a region's and a setting's."""


def _states() -> dict[str, tuple[str, dict[str, Any]]]:
    """File → stack and config: every phase of every system in prod, and the beginning of every way up."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for system in systems():
        blueprint, stack = load_blueprint(system), f"{system}-prod"
        for phase in blueprint.names:
            found[f"{stack}-{phase}"] = (stack, {"phaseup:phase": phase})
        for old, new in blueprint.pairs():
            file = NAMED.get((system, old, new), f"{stack}-{old}-to-{new}")
            found[file] = (stack, {"phaseup:phase": new, "phaseup:moving": {"from": old, "traffic": 0}})
    return found


STATES = _states()


def urns(state: str) -> list[str]:
    from building import build, stack

    name, changes = STATES[state]
    return build(stack(changes, name)).urns()


@pytest.mark.parametrize("state", sorted(STATES))
def test_urns_are_what_is_deployed(state: str) -> None:
    assert urns(state) == (GOLDEN / f"{state}.txt").read_text().splitlines()


def test_a_move_has_both_sides_and_nothing_else() -> None:
    sides = [set((GOLDEN / f"meal-prod-{phase}.txt").read_text().splitlines()) for phase in ("mvp", "growth")]
    assert set((GOLDEN / "meal-prod-moving.txt").read_text().splitlines()) == set.union(*sides)


def test_no_urn_names_a_phase_an_environment_or_a_position() -> None:
    for state, (stack, _) in STATES.items():
        phases = load_blueprint(stack.removesuffix("-prod")).names
        for urn in (GOLDEN / f"{state}.txt").read_text().splitlines():
            name = urn.rsplit("::", 1)[1]
            for number in NUMBERED:
                name = name.replace(number, "")
            assert not [word for word in (*phases, "prod") if f"-{word}-" in f"-{name}-"], urn
            assert not any(part.isdigit() for part in name.split("-")), urn


if __name__ == "__main__":
    import asyncio

    sys.path[:0] = [str(HERE), str(HERE.parent / "components"), str(HERE.parent.parent)]
    GOLDEN.mkdir(exist_ok=True)
    wanted = sys.argv[1:] or systems()
    for each in (state for state, (stack, _) in STATES.items() if stack.removesuffix("-prod") in wanted):
        asyncio.set_event_loop(asyncio.new_event_loop())
        (GOLDEN / f"{each}.txt").write_text("\n".join(urns(each)) + "\n")
