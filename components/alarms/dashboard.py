"""One dashboard: the state of every alarm, then each alarm's metric with its threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

COLUMNS: Final = 3
WIDTH: Final = 24 // COLUMNS
"""CloudWatch's grid is 24 wide."""
HEIGHT: Final = 6
LIMIT: Final = 100
"""Alarms that an alarm-status widget shows (CloudWatch dashboard body structure)."""


def dashboard(
    parent: pulumi.Resource, name: str, site: Site, alarms: Mapping[str, aws.cloudwatch.MetricAlarm]
) -> aws.cloudwatch.Dashboard:
    """The dashboard `<prefix>-<name>`; alarms in their order, three in a row."""

    def widgets() -> list[dict[str, Any]]:
        status: dict[str, Any] = {
            "type": "alarm",
            "x": 0,
            "y": 0,
            "width": 24,
            "height": 4,
            "properties": {"title": site.prefix, "alarms": [alarm.arn for alarm in list(alarms.values())[:LIMIT]]},
        }
        return [
            status,
            *(
                {
                    "type": "metric",
                    "x": index % COLUMNS * WIDTH,
                    "y": 4 + index // COLUMNS * HEIGHT,
                    "width": WIDTH,
                    "height": HEIGHT,
                    "properties": {
                        "title": key,
                        "region": site.region,
                        "view": "timeSeries",
                        "annotations": {"alarms": [alarm.arn]},
                    },
                }
                for index, (key, alarm) in enumerate(alarms.items())
            ),
        ]

    return aws.cloudwatch.Dashboard(
        f"{name}-dashboard",
        region=site.region,
        dashboard_name=f"{site.prefix}-{name}",
        dashboard_body=pulumi.Output.json_dumps({"widgets": widgets()}),
        opts=child_options(parent),
    )
