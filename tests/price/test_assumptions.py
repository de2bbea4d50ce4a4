"""Usage and purchase as a stack has them: merged along phases, between two of them, reduced beside prod."""

from __future__ import annotations

from typing import Any

import pytest

from phaseup.price.assumptions import Assumptions, of_stack, reduced
from stacks.models import StackConfig
from stacks.models.costs import Usage
from tests.stacks.sample import config as configured
from tests.stacks.sample import moving


class Written:
    """As much of a blueprint as is read here."""

    def __init__(self, usage: dict[str, dict[str, Any]], purchase: dict[str, dict[str, dict[str, float]]]) -> None:
        self.usage = {
            phase: {block: Usage.model_validate(figures) for block, figures in blocks.items()}
            for phase, blocks in usage.items()
        }
        self.purchase = purchase
        self.usage_share = {"dev": 0.1}


BLUEPRINT: Any = Written(
    {
        "mvp": {"app": {"egress_gb": 10}, "old": {"logs_gb": 1}},
        "growth": {
            "app": {
                "count": 3,
                "egress_gb": 100,
                "duration_ms": 200,
                "nodes": {"general": 4, "gone": None},
                "tiers": {"GLACIER": 50},
                "regions": {"eu-central-1": {"egress_gb": 20, "nodes": {"general": 5}}},
            }
        },
    },
    {"mvp": {"db": {"reserved-1y": 0.5}}, "growth": {"db": {"reserved-1y": 1.0}}},
)


def config(**changes: Any) -> StackConfig:
    return configured(**{"phase": "growth", **changes})


def test_prod_has_what_its_phase_states() -> None:
    made = of_stack(config(environment="prod"), BLUEPRINT)
    assert made.figures("app", "")["nodes"] == {"general": 4}
    assert made.figures("app", "")["egress_gb"] == 100
    assert made.figures("app", "eu-central-1") == {"egress_gb": 20, "nodes": {"general": 5}}
    assert made.figures("app", "ap-south-1") == {}
    assert "old" not in made.usage
    assert made.purchase == {"db": {"reserved-1y": 1.0}}


def test_between_two_phases_the_later_lies_over_the_former() -> None:
    made = of_stack(moving(), BLUEPRINT)
    assert made.figures("old", "") == {"logs_gb": 1}
    assert made.figures("app", "")["egress_gb"] == 100
    assert made.purchase == {"db": {"reserved-1y": 1.0}}


def test_beside_prod_volumes_shrink_fleets_are_the_least_and_nothing_is_reserved() -> None:
    made = of_stack(config(environment="dev"), BLUEPRINT)
    assert made.usage["app"] == {
        "egress_gb": 10,
        "duration_ms": 200,
        "tiers": {"GLACIER": 5},
        "regions": {"eu-central-1": {"egress_gb": 2}},
    }
    assert made.purchase == {}
    assert of_stack(config(environment="staging"), BLUEPRINT).usage["app"]["egress_gb"] == 100


def test_nothing_is_assumed_of_nobody() -> None:
    assert Assumptions().figures("app", "") == {}
    assert reduced({"count": 3, "hours": 200, "logs_gb": 4}, 0.5) == {"hours": 200, "logs_gb": 2}


@pytest.mark.parametrize("figure", ["count", "nodes", "acu"])
def test_fleets_are_never_shares(figure: str) -> None:
    assert figure not in reduced({figure: 5}, 0.5)
