"""Every URN of every phase, and of the way between them, is a contract: golden files hold them.

A URN that changes is a resource deleted and another created. Where that is meant, the resource needs an alias, and
`python tests/compose/test_urns.py` writes the files anew for the review to see.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
STATES = {
    "meal-prod-mvp": {"phaseup:phase": "mvp"},
    "meal-prod-moving": {"phaseup:phase": "growth", "phaseup:moving": {"from": "mvp", "traffic": 0}},
    "meal-prod-growth": {"phaseup:phase": "growth"},
    "meal-prod-growth-to-scale": {"phaseup:phase": "scale", "phaseup:moving": {"from": "growth", "traffic": 0}},
    "meal-prod-scale": {"phaseup:phase": "scale"},
    "meal-prod-scale-to-enterprise": {"phaseup:phase": "enterprise", "phaseup:moving": {"from": "scale", "traffic": 0}},
    "meal-prod-enterprise": {"phaseup:phase": "enterprise"},
}


def urns(state: str) -> list[str]:
    from building import build, stack

    return build(stack(STATES[state])).urns()


@pytest.mark.parametrize("state", sorted(STATES))
def test_urns_are_what_is_deployed(state: str) -> None:
    assert urns(state) == (GOLDEN / f"{state}.txt").read_text().splitlines()


def test_a_move_has_both_sides_and_nothing_else() -> None:
    sides = [set((GOLDEN / f"meal-prod-{phase}.txt").read_text().splitlines()) for phase in ("mvp", "growth")]
    assert set((GOLDEN / "meal-prod-moving.txt").read_text().splitlines()) == set.union(*sides)


def test_no_urn_names_a_phase_an_environment_or_a_position() -> None:
    for state in STATES:
        for urn in (GOLDEN / f"{state}.txt").read_text().splitlines():
            name = urn.rsplit("::", 1)[1]
            for number in ("us-east-1", "eu-west-1", "eu-central-1", "tls-1-3"):  # a region's and a setting's own
                name = name.replace(number, "")
            assert not {"mvp", "growth", "scale", "enterprise", "prod"} & set(name.split("-")), urn
            assert not any(part.isdigit() for part in name.split("-")), urn


if __name__ == "__main__":
    import asyncio

    sys.path[:0] = [str(HERE), str(HERE.parent / "components"), str(HERE.parent.parent)]
    GOLDEN.mkdir(exist_ok=True)
    for each in STATES:
        asyncio.set_event_loop(asyncio.new_event_loop())
        (GOLDEN / f"{each}.txt").write_text("\n".join(urns(each)) + "\n")
