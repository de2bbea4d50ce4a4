"""Slack channels: one for each use, one for all, and nothing in between that is silently nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.models import BadInput, load_stack
from tests.stacks.sample import STACK


def channels(tmp_path: Path, slack: str) -> dict[str, str]:
    path = tmp_path / "Pulumi.meal-prod.yaml"
    path.write_text(STACK.replace("{email: oncall@example.org}", f"{{email: oncall@example.org, slack: {slack}}}"))
    given = load_stack(path).alerts.slack
    assert given is not None
    return given.channels


@pytest.mark.parametrize(
    ("slack", "found"),
    [
        ("{workspace: T0123456, alerts: C0ALERTS, ops: C00000OPS}", {"alerts": "C0ALERTS", "ops": "C00000OPS"}),
        ("{workspace: T0123456, channel: C00000ALL}", {"alerts": "C00000ALL", "ops": "C00000ALL"}),
        ("{workspace: T0123456, channel: C00000ALL, ops: C00000OPS}", {"alerts": "C00000ALL", "ops": "C00000OPS"}),
        # What has no channel is mailed.
        ("{workspace: T0123456, alerts: C0ALERTS}", {"alerts": "C0ALERTS"}),
    ],
)
def test_channels_by_use(tmp_path: Path, slack: str, found: dict[str, str]) -> None:
    assert channels(tmp_path, slack) == found


@pytest.mark.parametrize(
    ("slack", "said"),
    [
        (
            "{workspace: T0123456}",
            "phaseup:alerts.slack: found .*; allowed: a channel: alerts, ops, or channel for both",
        ),
        ("{workspace: T0123456, alerts: general}", "phaseup:alerts.slack.alerts: found general"),
        ("{workspace: mealplanner, channel: C00000ALL}", "phaseup:alerts.slack.workspace: found mealplanner"),
        ("{alerts: C0ALERTS}", "phaseup:alerts.slack.workspace"),
        ("{workspace: T0123456, alarms: C0ALERTS}", "phaseup:alerts.slack.alarms"),
    ],
)
def test_bad_channels(tmp_path: Path, slack: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        channels(tmp_path, slack)
