"""A block's clusters in another region, which follow those at home through the global database."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.aurora.cluster import FollowingShard
from components.aurora.component import Aurora
from components.aurora.ground import ClusterGround
from components.aurora.spec import AuroraSpec
from components.emitter import Emitter
from components.postgres.ground import PORT, Surroundings
from components.site import Site


@dataclass(frozen=True)
class AuroraFollowersArgs:
    """Where the followers stand; `site` and all that follows are the other region's."""

    spec: AuroraSpec
    home: Aurora
    home_region: str
    site: Site
    around: Surroundings


class AuroraFollowers(pulumi.ComponentResource):
    """A cluster for each shard, with key, groups and logs of its own region.

    Each has backups and protection as those at home: after a failover over regions one of them is the primary. The
    logins are those of home.
    """

    shards: dict[str, FollowingShard]

    def __init__(self, name: str, args: AuroraFollowersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:AuroraFollowers", name, None, opts)
        spec, self.port, self._args = args.spec, PORT, args
        region = args.site.region
        ground = ClusterGround(self, name, spec, args.site, args.around, args.home.monitoring)
        self.key, self.security_group = ground.key, ground.security_group
        self.forwards = spec.regions[region].write_forwarding
        self.shards = {
            shard: FollowingShard(
                ground,
                name if shard == spec.first else f"{name}-{shard}",
                spec.seats(shard, region),
                of,
                forwards=self.forwards,
            )
            for shard, of in args.home.shards.items()
        }
        self.reader_addresses = {shard: of.cluster.reader_endpoint for shard, of in self.shards.items()}
        self.register_outputs({"reader_addresses": self.reader_addresses, "security_group_id": self.security_group.id})

    @property
    def emitter(self) -> Emitter:
        """Each cluster and its instances; how far it is behind is told in this region, by the region it follows."""
        first = self._args.spec.first
        return Emitter(
            kind="aurora",
            members={
                "cluster" if shard == first else shard: {"DBClusterIdentifier": of.cluster.cluster_identifier}
                for shard, of in self.shards.items()
            },
            parts={
                "behind": {
                    "cluster" if shard == first else shard: {
                        "DBClusterIdentifier": of.cluster.cluster_identifier,
                        "SourceRegion": self._args.home_region,
                    }
                    for shard, of in self.shards.items()
                }
            },
            followers={
                instance if shard == first else f"{shard}-{instance}": {"DBInstanceIdentifier": made.identifier}
                for shard, of in self.shards.items()
                for instance, made in of.instances.items()
            },
        )
