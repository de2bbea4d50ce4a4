"""Every component once, with everything that its spec can switch on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pulumi
from recording import ACCOUNT

from components.alarms import Alarms, AlarmsArgs, AlarmsSpec
from components.alarms.channels import Contacts
from components.backup import Backup, BackupArgs, BackupSpec
from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.balancer.routes import BalancerRoutes, BalancerRoutesArgs, Route
from components.bucket import Bucket, BucketArgs, BucketSpec
from components.budget import Budget, BudgetArgs, BudgetSpec
from components.cache import Cache, CacheArgs, CacheSpec
from components.emitter import Emitter
from components.function import Function, FunctionArgs, FunctionSpec
from components.kubernetes import Kubernetes, KubernetesArgs, KubernetesSpec
from components.network import Network, NetworkArgs, NetworkSpec, Peering, PeeringArgs
from components.postgres import Postgres, PostgresArgs, PostgresSpec
from components.registry import Registry, RegistryArgs, RegistrySpec
from components.schedule import Schedule, ScheduleArgs, ScheduleSpec
from components.search import Search, SearchArgs, SearchSpec
from components.server import Server, ServerArgs, ServerSpec
from components.server.tunnel import Tunnel, TunnelArgs
from components.service import Service, ServiceArgs, ServiceSpec
from components.service.endpoint import Consumer, Endpoint, EndpointArgs, Login, Names, NamesArgs, Reader
from components.site import Site
from components.zone import Zone, ZoneArgs, ZoneSpec

CLOUDFLARE = "a" * 32
IMAGE = "ghcr.io/meal/api@sha256:" + "0" * 64
LAMBDA = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/job@sha256:" + "0" * 64
SERVICE = ServiceSpec(
    on="app", takes="requests", port=3000, health={}, hosts=["api"], uses=["db"], secrets={"KEY": {"generate": 32}}
)
ROUTES = {"api": Route(("api.example.com",), 3000, SERVICE.health, {"app": 100}, sticky_seconds=60)}
EMITTERS = {
    "db": Emitter("postgres", members={"primary": {"DBInstanceIdentifier": "db"}}, figures={"allocated_gib": 50}),
    "app": Emitter("server", members={"group": {"AutoScalingGroupName": "app"}}),
    "api": Emitter("service", log_groups={"app": "/meal-prod/api/app"}),
}


def network(site: Site, **spec: object) -> Network:
    return Network("net", NetworkArgs(NetworkSpec(**spec), site, "10.0.0.0/16"))


def _network(site: Site) -> None:
    network(
        site,
        azs=3,
        nat="per_az",
        allow_listed=True,
        endpoints={"ecr.api": {}},
        flow_logs={"to": "s3"},
        peers={"old": {"vpc": "vpc-12345678", "cidr": "10.9.0.0/16", "number": 1}},
    )
    Network("lit", NetworkArgs(NetworkSpec(), site, "10.1.0.0/16"))


def _peering(site: Site) -> Peering:
    there = replace(site, region="eu-central-1")
    near = Network("net", NetworkArgs(NetworkSpec(), site, "10.0.0.0/16", {"eu-central-1": "10.1.0.0/16"}))
    far = Network("net-eu-central-1", NetworkArgs(NetworkSpec(), there, "10.1.0.0/16", {site.region: "10.0.0.0/16"}))
    return Peering("net-eu-central-1-peering", PeeringArgs(near, site, far, there))


def _tunnel(site: Site) -> Tunnel:
    return Tunnel("app", TunnelArgs(site, CLOUDFLARE, {"api.example.com": 3000}))


def _balancer(site: Site) -> Balancer:
    return Balancer("lb", BalancerArgs(BalancerSpec(), site, network(site), ROUTES))


def _balancer_routes(site: Site) -> None:
    BalancerRoutes("lb", BalancerRoutesArgs(site, _balancer(site), "example.com", "zone", ROUTES))


def service(site: Site, made: Network) -> Service:
    return Service("api", ServiceArgs(SERVICE, site, made, IMAGE, {"app": True}))


def _server(site: Site) -> None:
    made, tunnel = network(site), _tunnel(site)
    spec = ServerSpec(
        instance="t4g.medium",
        count={"min": 1, "max": 1},
        subnets="public",
        tunnel=True,
        address=True,
        registries={"ghcr.io": {}},
    )
    units = [service(site, made).units["app"]]
    Server("app", ServerArgs(spec, site, made, units, tunnel=tunnel))
    balancer = Balancer("lb", BalancerArgs(BalancerSpec(), site, made, ROUTES))
    many = ServerSpec(instance="m7g.large", count={"min": 2, "max": 5}, spot={}, request_target=600)
    Server("many", ServerArgs(many, site, made, units, {"api": balancer.target("api", "app")}, "ELB"))


def _postgres(site: Site) -> None:
    spec = PostgresSpec(instance="db.t4g.medium", storage=50, replicas={"a": {}})
    Postgres("db", PostgresArgs(spec, site, ACCOUNT, "arn:key", "vpc-1", ["subnet-1"], {"app": "sg-1"}))


def _cache(site: Site) -> None:
    spec = CacheSpec(use="cache", instance="cache.t4g.small", nodes=2)
    Cache("cache", CacheArgs(spec, site, ACCOUNT, "arn:key", "vpc-1", ["subnet-1"], {"app": "sg-1"}))


def _bucket(site: Site) -> None:
    s3 = BucketSpec(store="s3", access_logs=True, replicas={"eu-central-1": {}})
    Bucket("archive", BucketArgs(s3, site, account_id=ACCOUNT))
    r2 = BucketSpec(store="r2", location="weur", domain="images", cors={"origins": ["https://app.@"]})
    Bucket("images", BucketArgs(r2, site, cloudflare_account_id=CLOUDFLARE, zone_id="zone", apex="example.com"))


def _zone(site: Site) -> None:
    spec = ZoneSpec(plan="pro", hosts={"api": {"to": "lb"}}, redirects={"www": {"to": "api"}}, images={"host": "api"})
    Zone("edge", ZoneArgs(spec, site, CLOUDFLARE, "example.com", {"lb": "lb.amazonaws.com"}))


def _alarms(site: Site) -> None:
    spec = AlarmsSpec(
        alarms={
            "cpu": {"block": "app", "metric": "cpu", "above": 80, "severity": "high", "escalate_minutes": 5},
            "up": {"check": "api", "metric": "uptime", "below": 99, "severity": "critical"},
            "errors": {"metric": "errors", "above": 1, "severity": "medium"},
        },
        composites={"any": {"any_of": ["cpu", "errors"], "severity": "critical"}},
        checks={"api": {"host": "api"}},
        metrics={"errors": {"blocks": ["api"], "pattern": "{ $.failed = 1 }"}},
        events={"scaled": {"block": "app", "event": "scaled", "severity": "low"}},
    )
    contacts = Contacts(
        "oncall@example.com", "https://events.pagerduty.com/x", "T0123456", {"alerts": "C0A", "ops": "C0B"}
    )
    Alarms("alarms", AlarmsArgs(spec, site, ACCOUNT, contacts, "example.com", EMITTERS))


def _kubernetes(site: Site) -> None:
    spec = KubernetesSpec(
        nodes={
            "main": {"instance": "m7g.large", "count": {"min": 3, "max": 10}},
            "spot": {
                "pool": {"c7i.xlarge": {}, "m7i.xlarge": {}},
                "architecture": "x86_64",
                "capacity": "spot",
                "image": "bottlerocket",
                "taints": {"spot": {}},
            },
        },
        access={
            "apply": {"role": "deploy/apply", "level": "cluster-admin"},
            "team": {"role": "team", "namespaces": ["app"]},
        },
        public={"office": {"cidr": "198.51.100.0/24"}},
        addons={"vpc-cni": {"version": "v1.20.4-eksbuild.1"}},
        namespaces={"app": {}, "scrapers": {"quota": {"cpu": 100, "memory": 400, "pods": 200}}},
    )
    Kubernetes("k8s", KubernetesArgs(spec, site, network(site, nat="one")))


def _function(site: Site) -> None:
    spec = FunctionSpec(
        memory=1024,
        timeout=900,
        concurrency=100,
        vpc=True,
        uses=["db"],
        queue={"parallel": 50},
        events={"uploaded": {"pattern": {"source": ["aws.s3"]}}},
    )
    Function("job", FunctionArgs(spec, site, network(site), LAMBDA))


def _search(site: Site) -> None:
    spec = SearchSpec(
        instance="r7g.large.search",
        nodes=3,
        zones=3,
        masters={"instance": "m7g.medium.search"},
        warm={},
        cold=True,
        standby=True,
        account_role=True,
    )
    Search("search", SearchArgs(spec, site, ACCOUNT, "arn:key", "vpc-1", ["a", "b", "c"], {"app": "sg-1"}))


def _registry(site: Site) -> None:
    spec = RegistrySpec(
        repositories={"api": {}, "job": {"lambdas": True}}, replicas=["eu-central-1"], accounts=["222222222222"]
    )
    Registry("images", RegistryArgs(spec, site, ACCOUNT))


def _backup(site: Site) -> None:
    spec = BackupSpec(
        blocks=["db", "archive"],
        rules={"daily": {"copies": {"eu-central-1": {"days": 90}}}},
        lock={"min_days": 7, "max_days": 400, "compliance_after_days": 30},
    )
    Backup("backup", BackupArgs(spec, site, ACCOUNT, {"db": "postgres", "archive": "bucket"}))


def _schedule(site: Site) -> None:
    spec = ScheduleSpec(target="job", every="cron(0 3 * * ? *)", timezone="Europe/Madrid", flexible=15)
    Schedule("nightly", ScheduleArgs(spec, site, ACCOUNT, "arn:aws:lambda:eu-west-1:111111111111:function:x:live"))


def _endpoint(site: Site) -> None:
    Endpoint(
        "db",
        EndpointArgs(
            site=site,
            zone_id="zone",
            zone_name="prod.meal.internal",
            host="db.rds.amazonaws.com",
            readers={"primary": Reader("db.rds.amazonaws.com", 0), "replica-a": Reader("a.rds.amazonaws.com", 1)},
            env={"PORT": "5432"},
            login=Login("arn:secret", "arn:key", {"PASSWORD": "password"}),
            consumers={"app": Consumer(pulumi.Output.from_input("app-role"))},
        ),
    )


WHOLE: dict[str, Callable[[Site], object]] = {
    "Network": _network,
    "Peering": _peering,
    "Tunnel": _tunnel,
    "Balancer": _balancer,
    "BalancerRoutes": _balancer_routes,
    "Server": _server,
    "Service": lambda site: service(site, network(site)),
    "Endpoint": _endpoint,
    "Kubernetes": _kubernetes,
    "Names": lambda site: Names("names", NamesArgs(site, "vpc-1", "prod.meal.internal")),
    "Postgres": _postgres,
    "Cache": _cache,
    "Bucket": _bucket,
    "Function": _function,
    "Schedule": _schedule,
    "Registry": _registry,
    "Search": _search,
    "Backup": _backup,
    "Zone": _zone,
    "Alarms": _alarms,
    "Budget": lambda site: Budget("budget", BudgetArgs(BudgetSpec(), site, 100, "oncall@example.com")),
}
