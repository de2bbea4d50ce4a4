"""postgres: RDS for PostgreSQL, with its shards and read replicas by name.

What AWS can never change about an instance is chosen here once, for every phase: encrypted with its own key, subnets of
all three zones, engine, identifier, database and user names. Everything a phase changes is a plain update.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.emitter import Emitter
from components.postgres.ground import PORT, InstanceGround, Surroundings
from components.postgres.pooler import Pooler
from components.postgres.shard import Shard
from components.postgres.spec import PostgresSpec
from components.site import Site


@dataclass(frozen=True)
class PostgresArgs:
    """What RDS instances stand on."""

    spec: PostgresSpec
    site: Site
    around: Surroundings
    """The logins have copies in the regions of its networks that are not this one."""
    fenced: bool = False
    """It takes no writes any more: another block takes over what it holds (docs/decisions/0039)."""


class Postgres(pulumi.ComponentResource):
    """A block's shards in its home region, with their key, groups, logs, replicas and poolers."""

    shards: dict[str, Shard]
    """By name, the first one first; a block without shards has that one alone."""

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Postgres", name, None, opts)
        spec, self.port = args.spec, PORT
        ground = InstanceGround(self, name, spec, args.site, args.around, fenced=args.fenced)
        self.key, self.security_group, self.monitoring = ground.key, ground.security_group, ground.monitoring
        copied_to = args.around.copied_to(args.site.region)
        self.shards = {
            spec.first: Shard(ground, name, spec.shape(spec.first), copied_to),
            **{shard: Shard(ground, f"{name}-{shard}", spec.shape(shard), copied_to) for shard in spec.others},
        }
        self.pooler = Pooler(ground, spec.pooler, self.shards) if spec.pooler else None
        self._first = spec.first
        first = self.shards[spec.first]
        self.primary, self.replicas = first.primary, first.replicas
        self.secret_arn = first.secret.arn
        self.identifier = self.primary.identifier
        self.addresses = {shard: of.primary.address for shard, of in self.shards.items()}
        if self.pooler is not None and spec.through == "pooler":
            self.addresses = self.pooler.addresses
        self.address = self.addresses[spec.first]
        self.reader_addresses = first.reader_addresses
        self.register_outputs(
            {
                "identifier": self.identifier,
                "address": self.address,
                "port": self.port,
                "secret_arn": self.secret_arn,
                "reader_addresses": self.reader_addresses,
                "security_group_id": self.security_group.id,
                **({"identifiers": self.identifiers} if spec.shards else {}),
            }
        )

    @property
    def identifiers(self) -> dict[str, pulumi.Output[str]]:
        """The primaries by shard."""
        return {shard: of.primary.identifier for shard, of in self.shards.items()}

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: each shard's primary, and each replica's lag."""
        first = self._first
        return Emitter(
            kind="postgres",
            members={
                "primary" if shard == first else shard: {"DBInstanceIdentifier": of.primary.identifier}
                for shard, of in self.shards.items()
            },
            followers={
                replica if shard == first else f"{shard}-{replica}": {"DBInstanceIdentifier": instance.identifier}
                for shard, of in self.shards.items()
                for replica, instance in of.replicas.items()
            },
            parts={"poolers": self.pooler.dimensions(first)} if self.pooler else {},
            figures={
                "allocated_gib" if shard == first else f"{shard}.allocated_gib": of.primary.allocated_storage
                for shard, of in self.shards.items()
            },
        )
