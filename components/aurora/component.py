"""aurora: Aurora PostgreSQL at home, with its shards by name; each may follow an RDS instance until it is promoted.

What AWS can never change about a cluster is chosen here once, for every phase: encrypted with its own key, subnets of
all three zones, engine, identifiers, database and user names. Everything a phase or a rung changes is a plain update.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.aurora.cluster import HomeShard
from components.aurora.ground import ClusterGround
from components.aurora.spec import AuroraSpec
from components.emitter import Dimensions, Emitter
from components.postgres.ground import PORT, Surroundings
from components.postgres.login import master_login
from components.postgres.pooler import Pooler
from components.site import Site


@dataclass(frozen=True)
class AuroraArgs:
    """What clusters stand on."""

    spec: AuroraSpec
    site: Site
    around: Surroundings
    """The logins have copies in the regions of its networks that are not this one."""
    stands: bool = True
    """Whether the clusters are there; until then only what they will stand on is."""
    sources: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """ARN of the RDS instance that a shard follows, by shard; none where it is promoted, or never followed."""


class Aurora(pulumi.ComponentResource):
    """A block's shards in its home region, with their key, groups, logs, instances and poolers."""

    shards: dict[str, HomeShard]
    """By name, the first one first; empty until the clusters stand."""

    def __init__(self, name: str, args: AuroraArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Aurora", name, None, opts)
        spec, self.port = args.spec, PORT
        ground = ClusterGround(self, name, spec, args.site, args.around)
        self.key, self.security_group, self.monitoring = ground.key, ground.security_group, ground.monitoring
        copied_to = args.around.copied_to(args.site.region)
        stems = {spec.first: name, **{shard: f"{name}-{shard}" for shard in spec.others}}
        logins = {shard: master_login(ground, stem, copied_to) for shard, stem in stems.items()}
        self.shards = {}
        if args.stands:
            self.shards = {
                shard: HomeShard(ground, stem, spec.seats(shard), logins[shard], args.sources.get(shard))
                for shard, stem in stems.items()
            }
        self._first = spec.first
        self.pooler = Pooler(ground, spec.pooler, self.shards) if spec.pooler and self.shards else None
        self.addresses = {shard: of.cluster.endpoint for shard, of in self.shards.items()}
        if self.pooler is not None and spec.through == "pooler":
            self.addresses = self.pooler.addresses
        self.reader_addresses = {shard: of.cluster.reader_endpoint for shard, of in self.shards.items()}
        self.register_outputs(
            {
                "identifiers": self.identifiers,
                "addresses": self.addresses,
                "reader_addresses": self.reader_addresses,
                "port": self.port,
                "security_group_id": self.security_group.id,
            }
        )

    @property
    def identifiers(self) -> dict[str, pulumi.Output[str]]:
        """The clusters by shard."""
        return {shard: of.cluster.cluster_identifier for shard, of in self.shards.items()}

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: each shard's cluster, and each of its instances."""
        followers: dict[str, Dimensions] = {
            instance if shard == self._first else f"{shard}-{instance}": {"DBInstanceIdentifier": made.identifier}
            for shard, of in self.shards.items()
            for instance, made in of.instances.items()
        }
        return Emitter(
            kind="aurora",
            members={
                "cluster" if shard == self._first else shard: {"DBClusterIdentifier": of.cluster.cluster_identifier}
                for shard, of in self.shards.items()
            },
            followers=followers,
            parts={"poolers": self.pooler.dimensions(self._first)} if self.pooler else {},
        )
