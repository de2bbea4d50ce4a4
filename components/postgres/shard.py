"""One shard: a primary with its login, logs and read replicas. A block without shards is one of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from components.postgres.ground import PORT, InstanceGround
from components.postgres.login import master_login
from components.postgres.spec import Shape
from components.site import child_options

PRIMARY: Final = "primary"
"""The tag `role` of what is written to: what is not only a copy of something that carries the same tags."""


class Shard:
    """Children of the block's component; their names begin with `stem`."""

    def __init__(self, ground: InstanceGround, stem: str, shape: Shape, copied_to: Iterable[str] = ()) -> None:
        self._ground, self.stem, self._shape = ground, stem, shape
        identifiers = {replica: ground.identifier(f"{stem}-{replica}") for replica in shape.replicas}
        login = master_login(ground, stem, copied_to)
        self.password, self.secret, self.login_ready = login.password, login.secret, login.ready
        self.primary = self._primary(ground.identifier(stem))
        self.replicas = {replica: self._replica(replica, identifiers[replica]) for replica in shape.replicas}

    @property
    def ceiling(self) -> int:
        """GiB that storage autoscaling stops at, here and on every copy."""
        return self._shape.ceiling

    @property
    def pooled(self) -> dict[str, pulumi.Output[str]]:
        """What a proxy's target names."""
        return {"db_instance_identifier": self.primary.identifier}

    @property
    def reader_addresses(self) -> Mapping[str, pulumi.Output[str]]:
        """The replicas' addresses by name."""
        return {replica: instance.address for replica, instance in self.replicas.items()}

    def _primary(self, identifier: str) -> aws.rds.Instance:
        ground, shape = self._ground, self._shape
        spec, site = ground.spec, ground.site
        born = spec.restore if self.stem == ground.stem else None
        return aws.rds.Instance(
            f"{self.stem}-primary",
            snapshot_identifier=self._snapshot(born, identifier) if born else None,
            **ground.common(identifier, shape.ceiling, role=PRIMARY),
            engine="postgres",
            engine_version=spec.version,
            # Asked for by a version of the next major alone, which `phaseup:versions` raises in an apply of its own.
            allow_major_version_upgrade=True,
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            instance_class=shape.instance,
            allocated_storage=shape.storage,
            kms_key_id=ground.key.arn,
            db_name=spec.database,
            username=spec.admin,
            password=self.password,
            port=PORT,
            db_subnet_group_name=ground.subnet_group.name,
            multi_az=spec.multi_az,
            backup_retention_period=spec.backup_days,
            backup_window=spec.backup_window,
            delete_automated_backups=False,
            deletion_protection=site.guards_data,
            skip_final_snapshot=False,
            final_snapshot_identifier=f"{identifier}-final",
            opts=child_options(
                ground.parent,
                protect=site.guards_data,
                # Only their values at birth count; restored or promoted, an instance keeps its own for ever.
                ignore_changes=["db_name", "username", "snapshot_identifier"],
                depends_on=ground.ready(identifier, self.stem),
            ),
        )

    def _snapshot(self, source: str, identifier: str) -> pulumi.Output[str]:
        """A copy under the block's own key: what is restored keeps the key of its snapshot (RestoreDBInstanceFrom-
        DBSnapshot, Amazon RDS API reference), and the old block's goes with the old block."""
        ground, site = self._ground, self._ground.site
        copy = aws.rds.SnapshotCopy(
            f"{self.stem}-restored",
            region=site.region,
            source_db_snapshot_identifier=source,
            target_db_snapshot_identifier=f"{identifier}-restored",
            kms_key_id=ground.key.arn,
            tags=site.tagged(),
            opts=child_options(
                ground.parent, protect=site.guards_data, ignore_changes=["source_db_snapshot_identifier"]
            ),
        )
        return copy.target_db_snapshot_identifier

    def _replica(self, replica: str, identifier: str) -> aws.rds.Instance:
        # Engine, version, storage, key, subnets, user and database are the source's: RDS refuses them here. A replica
        # holds no data of its own, so it has no final copy and no protection.
        ground = self._ground
        return aws.rds.Instance(
            f"{self.stem}-replica-{replica}",
            **ground.common(identifier, self._shape.ceiling),
            replicate_source_db=self.primary.identifier,
            instance_class=self._shape.replicas[replica],
            backup_retention_period=0,
            deletion_protection=False,
            skip_final_snapshot=True,
            opts=child_options(
                ground.parent,
                ignore_changes=["replicate_source_db"],
                depends_on=ground.ready(identifier, f"{self.stem}-{replica}"),
            ),
        )
