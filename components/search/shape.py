"""A domain's nodes, tuning and window, as its API takes them."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from components.search.spec import SearchSpec


def cluster(spec: SearchSpec) -> aws.opensearch.DomainClusterConfigArgs:
    """Nodes by what they do, and the zones they stand in."""
    more: dict[str, Any] = {}
    if spec.zones > 1:
        more["zone_awareness_config"] = aws.opensearch.DomainClusterConfigZoneAwarenessConfigArgs(
            availability_zone_count=spec.zones
        )
    if spec.masters:
        more |= {"dedicated_master_type": spec.masters.instance, "dedicated_master_count": spec.masters.count}
    if spec.coordinators:
        more["node_options"] = [
            aws.opensearch.DomainClusterConfigNodeOptionArgs(
                node_type="coordinator",
                node_config=aws.opensearch.DomainClusterConfigNodeOptionNodeConfigArgs(
                    enabled=True, type=spec.coordinators.instance, count=spec.coordinators.count
                ),
            )
        ]
    if spec.warm:
        more |= {"warm_type": spec.warm.size, "warm_count": spec.warm.count}
        more["cold_storage_options"] = aws.opensearch.DomainClusterConfigColdStorageOptionsArgs(enabled=spec.cold)
    return aws.opensearch.DomainClusterConfigArgs(
        instance_type=spec.instance,
        instance_count=spec.nodes,
        zone_awareness_enabled=spec.zones > 1,
        dedicated_master_enabled=spec.masters is not None,
        warm_enabled=spec.warm is not None,
        multi_az_with_standby_enabled=spec.standby,
        **more,
    )


def tuning(spec: SearchSpec) -> aws.opensearch.DomainAutoTuneOptionsArgs:
    """Auto-Tune, where the class has it."""
    # t3 has no Auto-Tune (developer guide, "Auto-Tune").
    on = not spec.instance.startswith("t3.")
    return aws.opensearch.DomainAutoTuneOptionsArgs(
        desired_state="ENABLED" if on else "DISABLED",
        rollback_on_disable="NO_ROLLBACK",
        use_off_peak_window=True if on else None,
    )


def window(spec: SearchSpec) -> aws.opensearch.DomainOffPeakWindowOptionsArgs:
    """The daily ten hours for updates."""
    hours, minutes = map(int, spec.window.split(":"))
    return aws.opensearch.DomainOffPeakWindowOptionsArgs(
        enabled=True,
        off_peak_window=aws.opensearch.DomainOffPeakWindowOptionsOffPeakWindowArgs(
            window_start_time=aws.opensearch.DomainOffPeakWindowOptionsOffPeakWindowWindowStartTimeArgs(
                hours=hours, minutes=minutes
            )
        ),
    )
