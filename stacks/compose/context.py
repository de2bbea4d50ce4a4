"""What the builders of one run share: what is to be built, where it stands, and what has been built so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import pulumi

from components.aurora import Aurora, AuroraFollowers
from components.backup import Backup
from components.balancer import Balancer
from components.balancer.routes import BalancerRoutes
from components.broker import Broker
from components.bucket import Bucket
from components.cache import Cache
from components.emitter import Emitter
from components.events import Events
from components.function import Function, FunctionSpec
from components.gateway import Gateway
from components.hosted import Hosted
from components.kubernetes import Kubernetes
from components.kubernetes.mounts import Mounts
from components.kubernetes.pod_identity import PodIdentity
from components.kubernetes.pods import Pods
from components.network import Network
from components.postgres import Postgres, PostgresCopies
from components.registry import Registry
from components.schedule import Schedule
from components.search import Search
from components.server import Server
from components.server.tunnel import Tunnel
from components.service import Service, ServiceSpec
from components.service.endpoint import Endpoint, Names
from components.service.spec import UseSpec
from components.site import Site
from components.spec import Spec
from components.table import Table, TableCopy
from components.telemetry import Telemetry
from components.worker import Worker
from components.zone import Zone
from stacks.compose.places import Place
from stacks.models import BadInput, StackConfig
from stacks.moves import Effective, EffectiveBlock, regions_of, seat_of

if TYPE_CHECKING:
    from components.cdn import Cdn

S = TypeVar("S", bound=Spec)
EDGE_REGION = "us-east-1"
"""Where CloudFront's metrics are (CloudFront developer guide, "Monitor CloudFront metrics with Amazon CloudWatch")."""


@dataclass
class Context:
    """Filled by the builders in the order of `stacks.compose.order`; each reads only what those before it made."""

    config: StackConfig
    effective: Effective
    site: Site
    budget: float | None
    """The upper end of the phase's budget in USD a month."""
    places: dict[str, Place]
    """By region, home first."""
    networks: dict[str, Network] = field(default_factory=dict)
    tunnels: dict[str, Tunnel] = field(default_factory=dict)
    """By server block."""
    balancers: dict[str, Balancer] = field(default_factory=dict)
    routes: dict[str, BalancerRoutes] = field(default_factory=dict)
    """By balancer block."""
    gateways: dict[str, Gateway] = field(default_factory=dict)
    zones: dict[str, Zone] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    hosted: dict[str, Hosted] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    clusters: dict[str, Kubernetes] = field(default_factory=dict)
    identities: dict[str, PodIdentity] = field(default_factory=dict)
    """By service: who its pods are."""
    mounts: dict[str, Mounts] = field(default_factory=dict)
    """By role: as pods find it."""
    pods: dict[str, Pods] = field(default_factory=dict)
    """By service."""
    postgres: dict[str, Postgres] = field(default_factory=dict)
    copies: dict[str, PostgresCopies] = field(default_factory=dict)
    """By database block and region."""
    auroras: dict[str, Aurora] = field(default_factory=dict)
    followers: dict[str, AuroraFollowers] = field(default_factory=dict)
    """By Aurora block and region."""
    caches: dict[str, Cache] = field(default_factory=dict)
    searches: dict[str, Search] = field(default_factory=dict)
    brokers: dict[str, Broker] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    table_copies: dict[str, TableCopy] = field(default_factory=dict)
    """By table block and region."""
    functions: dict[str, Function] = field(default_factory=dict)
    buses: dict[str, Events] = field(default_factory=dict)
    schedules: dict[str, Schedule] = field(default_factory=dict)
    telemetries: dict[str, Telemetry] = field(default_factory=dict)
    registries: dict[str, Registry] = field(default_factory=dict)
    backups: dict[str, Backup] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    cdn_targets: dict[tuple[str, str], pulumi.Input[str]] = field(default_factory=dict)
    """By CDN block and label: where a name points that it answers."""
    cdns: dict[str, Cdn] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    """By role."""

    def of_kind(self, kind: str, spec: type[S]) -> Iterator[tuple[EffectiveBlock, S]]:
        """The blocks of one kind with their spec, in the blueprint's order."""
        for block in self.effective.blocks.values():
            if block.kind == kind:
                assert isinstance(block.spec, spec)
                yield block, block.spec

    def placed(self, kind: str, spec: type[S]) -> Iterator[tuple[EffectiveBlock, S, Place]]:
        """The blocks of one kind in every place where they stand: in their seat, and in their `regions`."""
        for block, given in self.of_kind(kind, spec):
            seat = self.seat(block.name)
            yield block, given, seat
            for region, place in self.places.items():
                if place is not seat and region in regions_of(given):
                    yield block, given, place

    @property
    def own_addresses(self) -> list[pulumi.Output[str]]:
        """The addresses by which what stands in the stack's private subnets, in any region, reaches the world."""
        return [address for place in self.places.values() for _, address in sorted(place.network.nat_addresses.items())]

    def seat(self, block: str) -> Place:
        """Where a block stands first: at home, or in the one region that its data may not leave."""
        return self.places[seat_of(self.effective.blocks[block].spec) or self.site.region]

    def called(self, block: str, place: Place) -> str:
        """A block's component's name in a place: its own in its seat, with the region elsewhere."""
        return block if place is self.seat(block) else f"{block}-{place.region}"

    def site_of(self, block: EffectiveBlock, place: Place | None = None) -> Site:
        """The site as one block sees it, at home or elsewhere."""
        place = place or self.seat(block.name)
        return place.site.for_block(block.name, retiring=block.retiring or place.region in block.retiring_regions)

    @property
    def home(self) -> Place:
        """The stack's own region."""
        return self.places[self.site.region]

    @property
    def network(self) -> Network:
        """The network at home."""
        return self.home.network

    @property
    def names(self) -> Names | None:
        """The private zone at home."""
        return self.home.names

    @property
    def zone(self) -> Zone | None:
        """The stack's one zone, if it has one."""
        return next(iter(self.zones.values()), None)

    def hostname(self, label: str) -> str:
        """A label of the stack's domain as a full name."""
        return self.config.domain if label == "@" else f"{label}.{self.config.domain}"

    def on_server(self, server: str) -> Iterator[tuple[str, ServiceSpec]]:
        """The services placed on one server block."""
        for block, spec in self.of_kind("service", ServiceSpec):
            if server in spec.on:
                yield block.name, spec

    def users_of(self, role: str) -> dict[str, list[ServiceSpec]]:
        """Who uses a role, by server and cluster block."""
        users: dict[str, list[ServiceSpec]] = {}
        for _, spec in self.of_kind("service", ServiceSpec):
            for host in spec.on if role in spec.uses else ():
                users.setdefault(host, []).append(spec)
        return users

    def pods_using(self, role: str) -> dict[str, tuple[str, str, UseSpec]]:
        """The services on clusters that use a role, as `<service>-on-<cluster>`: service, cluster block and how."""
        return {
            f"{block.name}-on-{host}": (block.name, host, spec.uses[role])
            for block, spec in self.of_kind("service", ServiceSpec)
            for host in spec.on
            if role in spec.uses and self.effective.blocks[host].kind == "kubernetes"
        }

    def servers_using(self, role: str) -> dict[str, list[ServiceSpec]]:
        """The server blocks whose services use a role."""
        users = self.users_of(role)
        return {host: specs for host, specs in users.items() if self.effective.blocks[host].kind == "server"}

    def waits(self, spec: ServiceSpec | FunctionSpec) -> bool:
        """Whether a role that it uses is fenced, so that it may not work."""
        return not self.effective.fenced.isdisjoint(spec.uses)

    def functions_using(self, role: str) -> dict[str, FunctionSpec]:
        """The functions that use a role."""
        return {block.name: spec for block, spec in self.of_kind("function", FunctionSpec) if role in spec.uses}

    def roles_filled_by(self, block: EffectiveBlock) -> set[str]:
        """The roles whose users must reach a block: its own, and the one that it takes over."""
        return {block.name, *([block.takes_over] if block.takes_over else [])}

    def emitters(self, place: Place | None = None) -> dict[str, Emitter]:
        """What alarms can watch in one place, by block."""
        place = place or self.home
        stores = (
            self.postgres,
            self.copies,
            self.auroras,
            self.followers,
            self.caches,
            self.hosted,
            self.searches,
            self.brokers,
            self.tables,
            self.table_copies,
            self.backups,
        )
        doors = (self.balancers, self.gateways, self.buses, self.cdns if place.region == EDGE_REGION else {})
        work = (self.services, self.servers, self.clusters, self.functions, self.schedules, self.telemetries)
        built = {name: made for made_by in (*stores, *doors, *work) for name, made in made_by.items()}
        return {
            name: built[self.called(name, place)].emitter
            for name in self.effective.blocks
            if self.called(name, place) in built
        }

    def bad(self, block: str, key: str, found: str, allowed: str) -> BadInput:
        """The error for a block's key that only shows once the blocks stand beside each other."""
        return BadInput(self.file, f"{block}.{key}", found, allowed)

    @property
    def file(self) -> str:
        """The blueprint, as messages name it."""
        return f"stacks/blueprints/{self.effective.system}.yaml"
