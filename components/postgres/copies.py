"""A block's copies in another region: read replicas of every shard, which is what a lost region leaves."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.emitter import Emitter
from components.postgres.component import Postgres
from components.postgres.ground import PORT, InstanceGround, Surroundings
from components.postgres.shard import Shard
from components.postgres.spec import PostgresRegionSpec, PostgresSpec
from components.site import Site, child_options


@dataclass(frozen=True)
class PostgresCopiesArgs:
    """Where the copies stand; `site` and all that follows are the other region's."""

    spec: PostgresSpec
    region: PostgresRegionSpec
    home: Postgres
    site: Site
    around: Surroundings


class PostgresCopies(pulumi.ComponentResource):
    """Read replicas by shard and name, with key, groups and logs of their own region.

    Each has backups and protection as a primary has: promoted, it is one. The login is its source's.
    """

    reader_addresses: dict[str, dict[str, pulumi.Output[str]]]
    """By shard and replica."""

    def __init__(self, name: str, args: PostgresCopiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:PostgresCopies", name, None, opts)
        spec, self.port = args.spec, PORT
        ground = InstanceGround(self, name, spec, args.site, args.around, args.home.monitoring)
        self.key, self.security_group = ground.key, ground.security_group
        self.reader_addresses = {}
        self.replicas: dict[str, aws.rds.Instance] = {}
        for shard, source in args.home.shards.items():
            stem = name if shard == spec.first else f"{name}-{shard}"
            made = {
                replica: self._copy(ground, f"{stem}-{replica}", source, of.instance or spec.shape(shard).instance)
                for replica, of in sorted(args.region.replicas.items())
            }
            self.reader_addresses[shard] = {replica: instance.address for replica, instance in made.items()}
            self.replicas |= {
                (replica if shard == spec.first else f"{shard}-{replica}"): made[replica] for replica in made
            }
        self.register_outputs({"reader_addresses": self.reader_addresses, "security_group_id": self.security_group.id})

    @property
    def emitter(self) -> Emitter:
        """Each copy's lag behind its source; read in this region."""
        return Emitter(
            kind="postgres",
            followers={
                replica: {"DBInstanceIdentifier": instance.identifier} for replica, instance in self.replicas.items()
            },
        )

    def _copy(self, ground: InstanceGround, stem: str, source: Shard, instance: str) -> aws.rds.Instance:
        spec, site, identifier = ground.spec, ground.site, ground.identifier(stem)
        return aws.rds.Instance(
            f"{stem}-copy",
            **ground.common(identifier, source.ceiling),
            # By ARN, for another region. Its key, subnets and parameters are this region's own.
            replicate_source_db=source.primary.arn,
            instance_class=instance,
            kms_key_id=ground.key.arn,
            db_subnet_group_name=ground.subnet_group.name,
            multi_az=spec.multi_az,
            backup_retention_period=spec.backup_days,
            backup_window=spec.backup_window,
            delete_automated_backups=False,
            deletion_protection=site.guards_data,
            # RDS makes no final snapshot of a replica (DeleteDBInstance, Amazon RDS API reference); its backups stay.
            skip_final_snapshot=True,
            opts=child_options(
                ground.parent,
                protect=site.guards_data,
                # Promoted after its source was lost, it follows nobody, and stays so.
                ignore_changes=["replicate_source_db"],
                depends_on=ground.ready(identifier, stem),
            ),
        )
