"""The spec of the kind search.

AWS brings most of what changes here about by *blue/green*: a second set of nodes beside the first, the shards copied
over, the old nodes taken away (OpenSearch Service developer guide, "Making configuration changes"). Nothing is lost and
the domain serves meanwhile, but it takes hours with large data, needs the quota for twice the nodes, and a domain makes
one such change at a time. `UpdateDomainConfig` with `DryRun` says beforehand whether one is needed; adding data nodes
to a domain with dedicated masters, tags and logs need none.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from components.spec import Join, Refused, RegionName, Spec, joined

CLASS = r"^(t3|[cmr]\d+[gi]?|o[mr]\d+)\.\d*(small|medium|large|xlarge)\.search$"
"""Classes whose data is on EBS; the i families and those with a d keep it on the host's own disks."""
FOLLOWERS = 20
"""Most domains that one is connected to (same guide, "Cross-cluster replication", limitations)."""
T3_NODES = 10
"""Most data nodes of a t3 class (OpenSearch Service developer guide, "Quotas")."""


class MastersSpec(Spec):
    """Nodes that only lead: the cluster keeps its state while data nodes are busy, added or lost."""

    instance: str = joined(Join.MAX, pattern=CLASS)
    """Their class; by blue/green."""
    count: Literal[3, 5] = joined(Join.MAX, 3)
    """An odd number, so that one side of a split always has the majority."""


class CoordinatorsSpec(Spec):
    """Nodes that only take requests, ask the data nodes and put the answers together."""

    instance: str = joined(Join.MAX, pattern=CLASS)
    """Their class; by blue/green."""
    count: int = joined(Join.MAX, 3, ge=1, le=100)
    """One a zone at least; a tenth of the data nodes is usual."""


class WarmSpec(Spec):
    """UltraWarm nodes: indices that are only read, kept on S3."""

    size: Literal["ultrawarm1.medium.search", "ultrawarm1.large.search"] = joined(
        Join.MAX, "ultrawarm1.medium.search", order=("ultrawarm1.medium.search", "ultrawarm1.large.search")
    )
    """1.5 TiB or 20 TiB a node."""
    count: int = joined(Join.MAX, 2, ge=2, le=150)
    """Nodes."""


class SearchRegionSpec(Spec):
    """A domain in one more region that follows the indices of the one at home: it is read there, and written to at
    home. Whatever is null is as at home."""

    instance: str | None = joined(Join.MAX, None, pattern=CLASS)
    """Class of its data nodes."""
    nodes: int | None = joined(Join.MAX, None, ge=1, le=400)
    """Its data nodes; a multiple of `zones`."""
    storage: int | None = joined(Join.MAX, None, ge=10, le=24576)
    """gp3 GiB of each; fewer nodes need more each, as all indices are there too."""


class SearchSpec(Spec):
    """An OpenSearch domain in the VPC: encrypted at rest and between nodes, with fine-grained access control."""

    instance: str = joined(Join.MAX, pattern=CLASS)
    """Class of the data nodes; by blue/green."""
    nodes: int = joined(Join.MAX, 1, ge=1, le=400)
    """Data nodes, the same number in each zone; without dedicated masters by blue/green."""
    zones: Literal[1, 2, 3] = joined(Join.MAX, 1)
    """Availability zones; each index keeps its replicas in others than its primaries. By blue/green."""
    storage: int = joined(Join.MAX, 20, ge=10, le=24576)
    """gp3 GiB of each data node; by blue/green, at most once in six hours."""
    iops: int = joined(Join.MAX, 3000, ge=3000, le=16000)
    """Of each node's volume."""
    throughput: int = joined(Join.MAX, 125, ge=125, le=1000)
    """MiB/s of each node's volume."""
    masters: MastersSpec | None = joined(Join.UNION, None)
    """Dedicated masters; null lets data nodes lead, which AWS advises for no production domain."""
    coordinators: CoordinatorsSpec | None = joined(Join.UNION, None)
    """Dedicated coordinators, which need dedicated masters (same guide, "Dedicated coordinator nodes"); null lets data
    nodes coordinate."""
    warm: WarmSpec | None = joined(Join.UNION, None)
    """UltraWarm nodes; they need dedicated masters, and go only once no index is warm."""
    cold: bool = joined(Join.MAX, False)
    """Indices may be detached to cold storage; needs `warm`."""
    standby: bool = joined(Join.MAX, False)
    """One of three zones only stands by, ready for the load of a lost one (Multi-AZ with standby, 99.99 %)."""
    regions: dict[RegionName, SearchRegionSpec] = joined(Join.UNION, dict)
    """Regions beside home with a domain that follows."""
    version: str = joined(Join.FIXED, "2.19", pattern=r"^[123]\.\d+$")
    """OpenSearch's major.minor; raised outside phases, along the versions that `GetCompatibleVersions` lists: any other
    jump replaces the domain."""
    admin: str = joined(Join.FIXED, "admin", pattern=r"^[a-z][a-z0-9_-]{0,62}$")
    """The master user of the internal user database; its password is made once and kept in Secrets Manager."""
    window: str = joined(Join.NOW, "01:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """UTC start of the daily ten hours in which AWS updates and tunes."""
    software_updates: bool = joined(Join.NOW, True)
    """Service software updates are installed in the window as they come, not only when AWS insists."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long CloudWatch keeps slow, error and audit logs. What is slow or audited is set in the domain itself."""
    account_role: bool = joined(Join.FIXED, False)
    """Makes the account's service-linked role, without which no domain can stand in a VPC; for the first search block
    of an account, and for one only."""

    @model_validator(mode="after")
    def _consistent(self) -> SearchSpec:
        small = self.instance.startswith("t3.")
        if self.nodes % self.zones:
            raise Refused("nodes", self.nodes, f"a multiple of zones, which is {self.zones}")
        if small and self.nodes > T3_NODES:
            raise Refused("nodes", self.nodes, f"at most {T3_NODES} of a t3 class")
        if self.warm and (self.masters is None or small):
            raise Refused("warm", "UltraWarm nodes", "null without masters, and with a t3 class")
        if self.coordinators and (self.masters is None or self.coordinators.count < self.zones):
            found = f"{self.coordinators.count} coordinators"
            raise Refused("coordinators", found, f"{self.zones} or more, one a zone, and null without masters")
        if self.cold and self.warm is None:
            raise Refused("cold", self.cold, "false without warm")
        if self.standby and (self.zones != 3 or self.masters is None or small):
            raise Refused("standby", self.standby, "false without three zones and masters, and with a t3 class")
        # AWS pairs one figure of throughput with four of IOPS (EBS user guide, "gp3 volumes").
        if self.throughput * 4 > self.iops:
            raise Refused("throughput", self.throughput, f"at most a quarter of iops, which is {self.iops}")
        return self

    @model_validator(mode="after")
    def _can_be_followed(self) -> SearchSpec:
        if len(self.regions) > FOLLOWERS:
            raise Refused("regions", f"{len(self.regions)} regions", f"at most {FOLLOWERS}: a domain has no more peers")
        if self.regions and self.instance.startswith("t3."):
            raise Refused("instance", self.instance, "no t3 class with regions: burstable nodes replicate nothing")
        for region, given in self.regions.items():
            if given.instance and given.instance.startswith("t3."):
                raise Refused(f"regions.{region}.instance", given.instance, "no t3 class: it can follow nothing")
            if given.nodes and given.nodes % self.zones:
                allowed = f"a multiple of zones, which is {self.zones}"
                raise Refused(f"regions.{region}.nodes", given.nodes, allowed)
        return self

    def there(self, region: str) -> SearchSpec:
        """The spec of the domain that follows in one of the regions."""
        own = {key: value for key, value in self.regions[region].model_dump().items() if value is not None}
        return self.model_copy(update=own)
