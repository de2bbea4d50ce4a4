"""What all clusters of a block stand on in one region beside what any database does: their parameter groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aurora.spec import AuroraSpec
from components.postgres.ground import Ground, Monitoring, Surroundings
from components.postgres.parameters import LIBRARIES, STATIC
from components.site import Site, child_options

OURS: Final[Mapping[str, str]] = {
    "rds.force_ssl": "1",
    "shared_preload_libraries": LIBRARIES,
    "pg_stat_statements.track": "top",
    "track_io_timing": "1",
    "log_lock_waits": "1",
    "log_temp_files": "10240",
    "log_autovacuum_min_duration": "10000",
    "log_connections": "1",
    "log_disconnections": "1",
    # A transaction left open by a dead worker holds back vacuum for the whole cluster: ten minutes, then it ends.
    "idle_in_transaction_session_timeout": "600000",
}
"""As on an RDS instance, but for connections: readers here share the writer's storage and replay no log of their own,
so each may have what its class has room for."""


class ClusterGround(Ground):
    """A cluster's parameters are its own and every instance's; an instance has a group of its own beside them, which
    says nothing but is ours to change."""

    def __init__(
        self,
        parent: pulumi.Resource,
        stem: str,
        spec: AuroraSpec,
        site: Site,
        around: Surroundings,
        monitoring: Monitoring | None = None,
    ) -> None:
        super().__init__(parent, stem, spec, site, around, monitoring)
        self.spec = spec
        major = spec.version.split(".")[0]
        values = {**OURS, "log_min_duration_statement": str(spec.slow_query_ms), **spec.parameters}
        # Neither can change family nor go while it is attached: each family has its own, autonamed.
        self.cluster_parameters = aws.rds.ClusterParameterGroup(
            f"{stem}-apg{major}-cluster",
            region=site.region,
            family=f"aurora-postgresql{major}",
            description=f"{site.prefix} {stem}: Aurora PostgreSQL {major}, clusters",
            parameters=[
                aws.rds.ClusterParameterGroupParameterArgs(
                    name=name, value=value, apply_method="pending-reboot" if name in STATIC else "immediate"
                )
                for name, value in sorted(values.items())
            ],
            tags=site.tagged(),
            opts=child_options(parent),
        )
        self.instance_parameters = aws.rds.ParameterGroup(
            f"{stem}-apg{major}",
            region=site.region,
            family=f"aurora-postgresql{major}",
            description=f"{site.prefix} {stem}: Aurora PostgreSQL {major}, instances",
            tags=site.tagged(),
            opts=child_options(parent),
        )
