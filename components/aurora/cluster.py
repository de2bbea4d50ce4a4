"""One cluster with its instances: a shard at home, or what follows it in another region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.aurora.ground import ClusterGround
from components.aurora.spec import SERVERLESS, Seat
from components.postgres.ground import CA, PORT
from components.postgres.login import MasterLogin
from components.site import child_options

ENGINE: Final = aws.rds.EngineType.AURORA_POSTGRESQL
BIRTH: Final = ["database_name", "master_username", "snapshot_identifier"]
"""Only their values at birth count: what followed an instance has that one's, unsaid, and keeps them for ever."""


class Cluster:
    """Children of the block's component; their names begin with `stem`."""

    def __init__(self, ground: ClusterGround, stem: str, seats: Mapping[str, Seat], own: Mapping[str, Any]) -> None:
        self._ground, self.stem = ground, stem
        self.identifier = ground.identifier(stem)
        names = {name: ground.identifier(f"{stem}-{name}") for name in seats}
        logs = ground.log_group(f"{stem}-postgresql-logs", f"/aws/rds/cluster/{self.identifier}/postgresql")
        self.cluster = self._cluster([logs], seats, own)
        self.instances = {name: self._instance(name, names[name], seat) for name, seat in seats.items()}

    @property
    def pooled(self) -> dict[str, pulumi.Output[str]]:
        """What a proxy's target names."""
        return {"db_cluster_identifier": self.cluster.cluster_identifier}

    def _cluster(
        self, needs: list[pulumi.Resource], seats: Mapping[str, Seat], own: Mapping[str, Any]
    ) -> aws.rds.Cluster:
        ground = self._ground
        spec, site = ground.spec, ground.site
        given = dict(own)
        ignored: list[str] = given.pop("ignored")
        # What only follows holds nothing that its source does not: no guard, and RDS makes no final snapshot of it.
        guarded = bool(given.pop("guarded")) and site.guards_data
        scales = spec.capacity if any(seat.instance == SERVERLESS for seat in seats.values()) else None
        if scales is not None:
            given["serverlessv2_scaling_configuration"] = aws.rds.ClusterServerlessv2ScalingConfigurationArgs(
                min_capacity=scales.min, max_capacity=scales.max
            )
        return aws.rds.Cluster(
            f"{self.stem}-cluster",
            region=site.region,
            cluster_identifier=self.identifier,
            engine=ENGINE,
            engine_mode="provisioned",
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            port=PORT,
            storage_type=None if spec.storage == "aurora" else spec.storage,
            storage_encrypted=True,
            kms_key_id=ground.key.arn,
            db_subnet_group_name=ground.subnet_group.name,
            vpc_security_group_ids=[ground.security_group.id],
            db_cluster_parameter_group_name=ground.cluster_parameters.name,
            iam_database_authentication_enabled=True,
            backup_retention_period=spec.backup_days,
            preferred_backup_window=spec.backup_window,
            preferred_maintenance_window=spec.maintenance_window,
            delete_automated_backups=False,
            copy_tags_to_snapshot=True,
            enabled_cloudwatch_logs_exports=["postgresql"],
            database_insights_mode="advanced" if spec.insights_days == 465 else "standard",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=ground.key.arn,
            performance_insights_retention_period=spec.insights_days,
            apply_immediately=spec.apply_immediately,
            deletion_protection=guarded,
            final_snapshot_identifier=f"{self.identifier}-final",
            tags=site.tagged(Name=self.identifier),
            **given,
            opts=child_options(ground.parent, protect=guarded, ignore_changes=ignored, depends_on=needs),
        )

    def _instance(self, name: str, identifier: str, seat: Seat) -> aws.rds.ClusterInstance:
        # No zone is named: Aurora puts each where the cluster has fewest, and a zone never changes afterwards.
        ground = self._ground
        spec, site = ground.spec, ground.site
        return aws.rds.ClusterInstance(
            f"{self.stem}-instance-{name}",
            region=site.region,
            identifier=identifier,
            cluster_identifier=self.cluster.id,
            engine=ENGINE,
            instance_class=seat.instance,
            promotion_tier=seat.tier,
            db_subnet_group_name=ground.subnet_group.name,
            db_parameter_group_name=ground.instance_parameters.name,
            ca_cert_identifier=CA,
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
            preferred_maintenance_window=spec.maintenance_window,
            copy_tags_to_snapshot=True,
            monitoring_interval=spec.monitoring_seconds,
            monitoring_role_arn=ground.monitoring.role.arn,
            apply_immediately=spec.apply_immediately,
            tags=site.tagged(Name=identifier),
            opts=child_options(ground.parent, depends_on=[ground.monitoring.ready]),
        )


class HomeShard(Cluster):
    """A shard's writer and readers, with its login; `source` is the instance that it follows so far."""

    def __init__(
        self,
        ground: ClusterGround,
        stem: str,
        seats: Mapping[str, Seat],
        login: MasterLogin,
        source: pulumi.Input[str] | None,
    ) -> None:
        self.secret, self.login_ready = login.secret, login.ready
        spec = ground.spec
        own: dict[str, Any] = {
            "engine_version": spec.version,
            "skip_final_snapshot": source is not None,
            "guarded": source is None,
            # A member of a global database reads back which: following that word would take it out again.
            "ignored": [*BIRTH, "global_cluster_identifier"],
        }
        if source is not None:
            # Never ignored: clearing it is what promotes (PromoteReadReplicaDBCluster), before all other changes.
            own["replication_source_identifier"] = source
        elif spec.restore is not None and stem == ground.stem:
            # Database and user are the snapshot's. Unlike an instance, a cluster takes our key as it is restored
            # (RestoreDBClusterFromSnapshot, KmsKeyId, Amazon RDS API reference), and then our password.
            own |= {"snapshot_identifier": spec.restore, "master_password": login.password}
        else:
            own |= {
                "database_name": spec.database,
                "master_username": spec.admin,
                "master_password": login.password,
            }
        super().__init__(ground, stem, seats, own)
        self.bound = self._bound() if spec.global_database and source is None else None

    def _bound(self) -> aws.rds.GlobalCluster:
        ground = self._ground
        site = ground.site
        return aws.rds.GlobalCluster(
            f"{self.stem}-global",
            region=site.region,
            global_cluster_identifier=self.identifier,
            source_db_cluster_identifier=self.cluster.arn,
            # Takes the members out when it goes, which then stand alone; the provider wants it with a source.
            force_destroy=True,
            deletion_protection=site.guards_data,
            tags=site.tagged(),
            opts=child_options(
                ground.parent,
                protect=site.guards_data,
                # Failing over to another region makes another cluster the primary; what it was made from never changes.
                ignore_changes=["source_db_cluster_identifier", "database_name"],
            ),
        )


class FollowingShard(Cluster):
    """What follows a shard in another region: readers, which may hand writes on."""

    def __init__(
        self, ground: ClusterGround, stem: str, seats: Mapping[str, Seat], home: HomeShard, *, forwards: bool
    ) -> None:
        assert home.bound is not None
        # Engine, user, database and password are the global database's; so is the version, which it raises for all.
        own: dict[str, Any] = {
            "engine_version": home.cluster.engine_version_actual,
            "global_cluster_identifier": home.bound.id,
            "enable_global_write_forwarding": forwards,
            "skip_final_snapshot": False,
            "guarded": True,
            "ignored": [*BIRTH, "engine_version", "global_cluster_identifier", "replication_source_identifier"],
        }
        super().__init__(ground, stem, seats, own)
