"""One dashboard for all regions: service levels, the state of every alarm, each alarm's metric with its threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

COLUMNS: Final = 3
WIDTH: Final = 24 // COLUMNS
"""CloudWatch's grid is 24 wide."""
HEIGHT: Final = 6
STATES_HEIGHT: Final = 4
LIMIT: Final = 100
"""Alarms that an alarm-status widget shows (CloudWatch dashboard body structure)."""


@dataclass(frozen=True)
class Shown:
    """An alarm on the dashboard, with the region that its metric is in."""

    title: str
    region: str
    alarm: aws.cloudwatch.MetricAlarm


def dashboard(
    parent: pulumi.Resource, name: str, site: Site, alarms: Sequence[Shown], levels: Sequence[Mapping[str, object]]
) -> aws.cloudwatch.Dashboard:
    """The dashboard `<prefix>-<name>`; alarms in their order, three in a row. `levels` are widgets' properties."""
    return aws.cloudwatch.Dashboard(
        f"{name}-dashboard",
        region=site.region,
        dashboard_name=f"{site.prefix}-{name}",
        dashboard_body=pulumi.Output.json_dumps({"widgets": widgets(site, alarms, levels)}),
        opts=child_options(parent),
    )


def widgets(site: Site, alarms: Sequence[Shown], levels: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
    """A state widget for each region, then levels, then the alarms."""
    made: list[dict[str, Any]] = []
    top = 0
    for region in dict.fromkeys(shown.region for shown in alarms):
        states = [shown.alarm.arn for shown in alarms if shown.region == region]
        title = site.prefix if region == site.region else f"{site.prefix} {region}"
        made.append(
            {
                "type": "alarm",
                "x": 0,
                "y": top,
                "width": 24,
                "height": STATES_HEIGHT,
                "properties": {"title": title, "alarms": states[:LIMIT]},
            }
        )
        top += STATES_HEIGHT
    properties = [
        *levels,
        *(
            {
                "title": shown.title,
                "region": shown.region,
                "view": "timeSeries",
                "annotations": {"alarms": [shown.alarm.arn]},
            }
            for shown in alarms
        ),
    ]
    for index, given in enumerate(properties):
        made.append(
            {
                "type": "metric",
                "x": index % COLUMNS * WIDTH,
                "y": top + index // COLUMNS * HEIGHT,
                "width": WIDTH,
                "height": HEIGHT,
                "properties": dict(given),
            }
        )
    return made
