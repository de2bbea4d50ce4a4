"""Every component once, with everything that its spec can switch on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
from recording import ACCOUNT

from components.alarms import Alarms, AlarmsArgs, AlarmsSpec
from components.alarms.channels import Contacts
from components.aurora import Aurora, AuroraArgs, AuroraFollowers, AuroraFollowersArgs, AuroraSpec
from components.backup import Backup, BackupArgs, BackupSpec
from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.balancer.routes import BalancerRoutes, BalancerRoutesArgs, Route
from components.broker import Broker, BrokerArgs, BrokerSpec
from components.bucket import Bucket, BucketArgs, BucketSpec
from components.budget import Budget, BudgetArgs, BudgetSpec
from components.cache import Cache, CacheArgs, CacheSpec
from components.cdn import Cdn, CdnArgs, CdnOrigin, CdnSpec
from components.emitter import Emitter
from components.events import Events, EventsArgs, EventsSpec
from components.foundation import Foundation, FoundationArgs, FoundationSpec
from components.function import Function, FunctionArgs, FunctionSpec
from components.gateway import Gateway, GatewayArgs, GatewaySpec
from components.hosted import (
    Hosted,
    HostedAccess,
    HostedAccessArgs,
    HostedArgs,
    HostedLoad,
    HostedLoadArgs,
    HostedSpec,
)
from components.kubernetes import Kubernetes, KubernetesArgs, KubernetesSpec
from components.kubernetes.mounts import Mount, Mounts, MountsArgs
from components.kubernetes.pod_identity import PodIdentity, PodIdentityArgs, PodIdentityHost
from components.kubernetes.pods import Pods, PodsArgs, PodsHost
from components.kubernetes.workload import Workload
from components.network import Network, NetworkArgs, NetworkSpec, Peering, PeeringArgs
from components.postgres import Postgres, PostgresArgs, PostgresCopies, PostgresCopiesArgs, PostgresSpec, Surroundings
from components.registry import Registry, RegistryArgs, RegistrySpec
from components.schedule import Schedule, ScheduleArgs, ScheduleSpec
from components.search import Search, SearchArgs, SearchSpec
from components.server import Server, ServerArgs, ServerSpec
from components.server.tunnel import Tunnel, TunnelArgs
from components.service import Service, ServiceArgs, ServiceSpec
from components.service.endpoint import Consumer, Endpoint, EndpointArgs, Login, Names, NamesArgs, Reader, Shard
from components.service.placement import PlacementSpec
from components.site import Site
from components.table import Table, TableArgs, TableCopy, TableCopyArgs, TableSpec
from components.telemetry import Telemetry, TelemetryArgs, TelemetrySpec
from components.worker import Worker, WorkerArgs, WorkerSpec
from components.worker.bindings import R2Name
from components.zone import Host, Origin, Zone, ZoneArgs, ZoneSpec

CLOUDFLARE = "a" * 32
WORKERS = Path(__file__).parents[2] / "workers" / "cloudfront"
IMAGE = "ghcr.io/meal/api@sha256:" + "0" * 64
LAMBDA = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/job@sha256:" + "0" * 64
SERVICE = ServiceSpec(
    on="app", takes="requests", port=3000, health={}, hosts=["api"], uses=["db"], secrets={"KEY": {"generate": 32}}
)
ROUTES = {"api": Route(("api.example.com",), 3000, SERVICE.health, {"app": 100}, sticky_seconds=60)}
ON_CLUSTER = {"api": replace(ROUTES["api"], weights={"k8s": 100}, by_address=frozenset({"k8s"}))}
EMITTERS = {
    "db": Emitter("postgres", members={"primary": {"DBInstanceIdentifier": "db"}}, figures={"allocated_gib": 50}),
    "app": Emitter("server", members={"group": {"AutoScalingGroupName": "app"}}),
    "api": Emitter("service", log_groups={"": "/meal-prod/api"}),
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


def aurora(site: Site) -> tuple[AuroraSpec, Aurora]:
    spec = AuroraSpec(
        instance="db.r7g.large",
        instances={"a": {}, "b": {"instance": "db.serverless", "tier": 2}},
        capacity={"min": 0.5, "max": 8},
        storage="aurora-iopt1",
        shards={"one": {}, "two": {"instance": "db.r7g.xlarge", "instances": {"c": {}}}},
        holds={"lidl": "two"},
        pooler={},
        through="pooler",
        global_database=True,
        regions={"eu-central-1": {"write_forwarding": True}},
        insights_days=465,
        parameters={"work_mem": "65536"},
    )
    away = {"eu-central-1": "10.1.0.0/16"}
    args = AuroraArgs(spec, site, Surroundings(ACCOUNT, "arn:key", "vpc-1", ["subnet-1"], {"app": "sg-1"}, away))
    return spec, Aurora("core", args)


def _followers(site: Site) -> None:
    spec, home = aurora(site)
    there = replace(site, region="eu-central-1")
    args = AuroraFollowersArgs(spec, home, site.region, there, Surroundings(ACCOUNT, "arn:key", "vpc-2", ["subnet-9"]))
    AuroraFollowers("core-eu-central-1", args)


def _balancer(site: Site) -> Balancer:
    beside = BalancerSpec(beside={"cloudfront": {}})
    return Balancer("lb", BalancerArgs(beside, site, network(site), ROUTES, "pl-cloudfront"))


def _balancer_routes(site: Site) -> None:
    BalancerRoutes("lb", BalancerRoutesArgs(site, _balancer(site), "example.com", "zone", ROUTES))


def service(site: Site, made: Network) -> Service:
    return Service("api", ServiceArgs(SERVICE, site, made, IMAGE, {"app": True}))


HOSTED = HostedSpec(engine="postgres", on="app", size=20)


def hosted(site: Site, name: str = "db", made: Network | None = None, **spec: object) -> Hosted:
    given = HostedSpec(**{"engine": "postgres", "on": "app", "size": 20, **spec})
    dumps = "/meal-prod/roles/exports" if given.dumps else ""
    return Hosted(
        name,
        HostedArgs(
            given,
            site,
            made or network(site),
            "Z0",
            "prod.meal.internal",
            dumps_to=dumps,
            copied_to=["eu-central-1"],
        ),
    )


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
    queue = {"metric": "queue_length", "above": 100, "below": 10}
    many = ServerSpec(instance="m7g.large", count={"min": 2, "max": 5}, spot={}, request_target=600, queue=queue)
    Server("many", ServerArgs(many, site, made, units, {"api": balancer.target("api", "app")}, "ELB"))


def postgres(site: Site) -> tuple[PostgresSpec, Postgres]:
    spec = PostgresSpec(
        instance="db.t4g.medium",
        storage=50,
        replicas={"a": {}},
        shards={"one": {}, "two": {"storage": 100}},
        holds={"mercadona": "one", "lidl": "two"},
        pooler={},
        through="pooler",
        regions={"eu-central-1": {}},
    )
    away = {"eu-central-1": "10.225.0.0/16"}
    args = PostgresArgs(spec, site, Surroundings(ACCOUNT, "arn:key", "vpc-1", ["subnet-1"], {"app": "sg-1"}, away))
    return spec, Postgres("db", args)


def _copies(site: Site) -> None:
    spec, home = postgres(site)
    region, there = spec.regions["eu-central-1"], replace(site, region="eu-central-1")
    networks = {"eu-central-1": "10.225.0.0/16"}
    PostgresCopies(
        "db-eu-central-1",
        PostgresCopiesArgs(
            spec, region, home, there, Surroundings(ACCOUNT, "arn:key", "vpc-2", ["subnet-9"], networks=networks)
        ),
    )


def _cache(site: Site) -> None:
    spec = CacheSpec(
        use="cache",
        instance="cache.m7g.large",
        nodes=2,
        cluster="enabled",
        shards=3,
        global_datastore=True,
        regions={"eu-central-1": {}},
    )
    away, near = "eu-central-1", {"eu-central-1": "10.1.0.0/16"}
    args = CacheArgs(spec, site, ACCOUNT, "arn:key", "vpc-1", ["subnet-1"], {"app": "sg-1"}, near, copied_to=[away])
    leader, there = Cache("cache", args).leader, replace(site, region=away)
    Cache(f"cache-{away}", CacheArgs(spec, there, ACCOUNT, "arn:key", "vpc-2", ["subnet-2"], {}, near, leader=leader))


def _bucket(site: Site) -> None:
    s3 = BucketSpec(store="s3", access_logs=True, replicas={"eu-central-1": {}})
    Bucket("archive", BucketArgs(s3, site, account_id=ACCOUNT))
    r2 = BucketSpec(store="r2", location="weur", domain="images", cors={"origins": ["https://app.@"]})
    Bucket("images", BucketArgs(r2, site, cloudflare_account_id=CLOUDFLARE, zone_id="zone", apex="example.com"))


def _zone(site: Site) -> None:
    spec = ZoneSpec(
        plan="pro",
        hosts={"api": {"to": "lb"}},
        redirects={"www": {"to": "api"}},
        images={"host": "api"},
        load_balancing={"steering": "geo", "geo": {"WEU": ["eu-west-1"]}, "affinity": "cookie"},
        custom_hostnames={"shop.example.org": {}, "buy.example.net": {"proof": "txt", "min_tls": "1.3"}},
        fallback="api",
    )
    hosts = {"api": Host([Origin("lb", "eu-west-1", "lb.amazonaws.com")], health="/health")}
    Zone("edge", ZoneArgs(spec, site, CLOUDFLARE, "example.com", lambda _: hosts))


REST: dict[str, Any] = {
    "api": "rest",
    "host": "api",
    "routes": {
        "health": {"method": "GET", "path": "/health", "auth": "none"},
        "product": {
            "method": "GET", "path": "/v1/products/{id}", "auth": "authorizer", "key": True,
            "cache": {"ttl": 60, "query": ["currency"]}, "throttle": {"rate": 50, "burst": 10},
        },
        "order": {
            "method": "POST", "path": "/v1/orders", "auth": "none", "key": True,
            "require": {"query": ["dry"], "headers": ["X-Request-Id"], "body": '{"type": "object"}'},
        },
        "rest": {"path": "/v1/{proxy+}", "auth": "authorizer"},
    },
    "plans": {"free": {"rate": 1, "burst": 2, "quota": {"requests": 1000}}, "pro": {"rate": 50, "burst": 100}},
    "customers": {"acme": {"plan": "pro"}, "globex": {"plan": "free"}},
    "cache": {"size": "1.6"},
}  # fmt: skip


def _gateway(site: Site) -> None:
    made = network(site)
    balancer = Balancer("lb", BalancerArgs(BalancerSpec(), site, made, ROUTES))
    routes = BalancerRoutes("lb", BalancerRoutesArgs(site, balancer, "example.com", "zone", ROUTES))
    spec = GatewaySpec(
        routes={"api": {"path": "/v1/{proxy+}", "throttle": {"rate": 10, "burst": 5}}},
        jwt={"issuer": "https://app.@/", "audience": ["meal"]},
        cors={"origins": ["https://app.@"]},
    )
    hosts = {"api": "api.example.com", "@": "example.com"}
    Gateway("gate", GatewayArgs(spec, site, made, balancer, routes, "example.com", hosts, "zone"))
    function = "arn:aws:lambda:eu-west-1:111111111111:function:meal-prod-pass:live"
    for name, authorizer in {
        "asked": {"function": "pass"},
        "known": {"cognito": {"clients": {"web": {"callbacks": ["https://app.@/back"]}}}},
    }.items():
        Gateway(
            name,
            GatewayArgs(
                GatewaySpec(**REST, authorizer=authorizer), site, made, balancer, routes, "example.com",
                {"api": "api.example.com"}, function_arn=function,
            ),
        )  # fmt: skip


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


def _kubernetes(site: Site, made: Network | None = None) -> Kubernetes:
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
        registries={"ghcr.io": {}},
    )
    return Kubernetes("k8s", KubernetesArgs(spec, site, made or network(site, nat="one")))


def _identity(site: Site, cluster: Kubernetes) -> PodIdentity:
    hosts = {"k8s": PodIdentityHost(cluster, "app", "ghcr.io")}
    return PodIdentity("api", PodIdentityArgs("api", site, hosts, ["/meal-prod/roles/db"], ["arn:secret"]))


def _pods(site: Site) -> None:
    made = network(site, nat="one")
    cluster, balancer = _kubernetes(site, made), Balancer("lb", BalancerArgs(BalancerSpec(), site, made, ON_CLUSTER))
    api = Workload("api", SERVICE, PlacementSpec(namespace="app", scaling={"cpu": 70}), IMAGE, registry="ghcr.io")
    worker = ServiceSpec(on="k8s", takes="queue", uses=["queue"])
    queue = {"role": "queue", "list": "bull:scraper:wait", "length": 500}
    scaled = Workload("worker", worker, PlacementSpec(namespace="app", scaling={"queue": queue}), IMAGE)
    nightly = ServiceSpec(on="k8s", takes="schedule", every="daily")
    night = Workload("nightly", nightly, PlacementSpec(namespace="app"), IMAGE)
    host = PodsHost(
        cluster,
        api,
        _identity(site, cluster).ready["k8s"],
        balancer.target("api", "k8s"),
        ["10.0.224.0/22"],
        ["10.0.192.0/22"],
        [5432],
    )
    Pods("api", PodsArgs(site, {"k8s": host}, {"KEY": "arn:key"}))
    Pods("worker", PodsArgs(site, {"k8s": PodsHost(cluster, scaled)}))
    Pods("nightly", PodsArgs(site, {"k8s": PodsHost(cluster, night)}))


def _mounts(site: Site) -> None:
    Mounts("db", MountsArgs("db", _endpoint(site), [Mount("k8s", _kubernetes(site), "app")]))


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
        coordinators={"instance": "m7g.large.search"},
        warm={},
        cold=True,
        standby=True,
        account_role=True,
        regions={"eu-central-1": {}},
    )
    away, near = "eu-central-1", {"eu-central-1": "10.1.0.0/16"}
    zones = ["a", "b", "c"]
    args = SearchArgs(spec, site, ACCOUNT, "arn:key", "vpc-1", zones, {"app": "sg-1"}, near, copied_to=[away])
    leader, there = Search("search", args).as_leader, replace(site, region=away)
    Search(f"search-{away}", SearchArgs(spec, there, ACCOUNT, "arn:key", "vpc-2", zones, {}, near, leader=leader))


BROKERS = {
    "jobs": BrokerSpec(engine="sqs", queues={"receipts": {}, "paid-orders": {"fifo": True, "deduplicate": True}}),
    "rabbit": BrokerSpec(engine="rabbitmq", deployment="cluster", instance="mq.m7g.large"),
    "bus": BrokerSpec(
        engine="kafka",
        instance="kafka.m7g.large",
        brokers=6,
        storage=100,
        max_storage=1000,
        lag={"billing": {"group": "billing", "topic": "orders"}},
    ),
}


def _broker(site: Site) -> None:
    away, zones = {"eu-central-1": "10.1.0.0/16"}, ["a", "b", "c"]
    for name, spec in BROKERS.items():
        args = BrokerArgs(spec, site, ACCOUNT, "arn:key", "vpc-1", zones, {"app": "sg-1"}, away, copied_to=[*away])
        Broker(name, args)


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


def telemetry(site: Site, *, home: bool = True, **spec: object) -> Telemetry:
    """With everything, on a cluster of its own."""
    given = {
        "on": {"k8s": {}},
        "metrics": {"http.server.request.duration": {}},
        "sampling": {"health": {"priority": 1, "percent": 0, "per_second": 0, "path": "/health"}},
        "groups": {"failed": {"filter": "fault OR error", "insights": True}},
        "checks": {"api": {"host": "api"}, "home": {"host": "@", "path": "/", "contains": "Meal", "every": 1}},
        **spec,
    }
    inside = KubernetesSpec(
        nodes={"main": {"instance": "m7g.large"}},
        access={"apply": {"role": "deploy/apply", "level": "cluster-admin"}},
        namespaces={"app": {}, "scrapers": {}, "telemetry": {}},
    )
    cluster = Kubernetes("k8s", KubernetesArgs(inside, site, network(site, nat="one")))
    return Telemetry(
        "telemetry",
        TelemetryArgs(
            TelemetrySpec(**given), site, ACCOUNT, "arn:key", "example.com", IMAGE, {"k8s": cluster}, home=home
        ),
    )


def _endpoint(site: Site) -> Endpoint:
    return Endpoint(
        "db",
        EndpointArgs(
            site=site,
            zone_id="zone",
            zone_name="prod.meal.internal",
            host="db.rds.amazonaws.com",
            readers={"primary": Reader("db.rds.amazonaws.com", 0), "replica-a": Reader("a.rds.amazonaws.com", 1)},
            env={"PORT": "5432"},
            login=Login("arn:secret", "arn:key", {"PASSWORD": "password"}),
            shards={
                "two": Shard(
                    "db-two.rds.amazonaws.com",
                    Login("arn:secret-two", "arn:key", {"PASSWORD": "password"}),
                    {"primary": Reader("db-two.rds.amazonaws.com", 1)},
                )
            },
            consumers={"app": Consumer(pulumi.Output.from_input("app-role"))},
        ),
    )


def _cdn(site: Site) -> None:
    spec = CdnSpec(
        provider="fastly",
        origins={"api": {"block": "lb", "health": "/health", "shield": "frankfurt-de"}, "images": {"block": "images"}},
        hosts={"api": {"origin": "api"}, "cdn": {"origin": "images"}},
        cache={"all": {"host": "api", "ttl": 60, "keys": ["{1}"]}},
        bypass_cookies=["session"],
    )
    origins = {each: [CdnOrigin("x", "x.example.net", "x.example.com")] for each in ("api", "images")}
    Cdn("cdn", CdnArgs(spec, site, "example.com", "zone", origins, {"api"}, "j.sni.global.fastly.net"))
    cloudfront(site)


def cloudfront(site: Site, **more: object) -> Cdn:
    """Names at CloudFront: one of a balancer in two regions, one of a private bucket."""
    given = {
        "provider": "cloudfront",
        "origins": {"app": {"block": "lb", "shield": "eu-west-1"}, "static": {"block": "assets"}},
        "hosts": {"app": {"origin": "app"}, "static": {"origin": "static"}},
        "cache": {
            "whole": {"host": "static", "ttl": 86400, "stale_revalidate": 0, "stale_error": 0},
            "hashed": {"host": "static", "path": "/_next/static/", "ttl": 31536000, "immutable": True},
            "catalog": {"host": "app", "path": "/api/products", "ttl": 300, "stale_error": 0},
            "mine": {"host": "app", "path": "/api/me", "ttl": 0},
        },
        "bypass_cookies": ["session"],
        "edge": {},
        **more,
    }
    origins = {
        "app": [
            CdnOrigin("lb", "lb.elb.amazonaws.com", "app.example.com", "eu-west-1", "hush"),
            CdnOrigin("lb-us-west-2", "far.elb.amazonaws.com", "app.example.com", "us-west-2", "hush"),
        ],
        "static": [CdnOrigin("assets", "assets.s3.eu-west-1.amazonaws.com", "static.example.com", private=True)],
    }
    scripts = {file: (WORKERS / file).read_text(encoding="utf-8") for file in ("viewer.js", "origin.mjs")}
    spec = CdnSpec(**given)
    return Cdn(
        "front", CdnArgs(spec, site, "example.com", "zone", origins, {"app"}, account_id=ACCOUNT, scripts=scripts)
    )


def _foundation(site: Site) -> None:
    spec = FoundationSpec(
        repository="meal/infrastructure",
        environments={"dev": {}, "prod": {}},
        regions=["eu-west-1"],
        state_region="eu-central-1",
        quotas={"eu-west-1": {"ec2/L-1216C47A": {"value": 256}}},
    )
    Foundation("base", FoundationArgs(spec, site, ACCOUNT))


def table(site: Site, **spec: object) -> Table:
    given = {"hash": {"name": "pk"}, "range": {"name": "sk", "type": "N"}, "ttl": "expires", **spec}
    return Table("orders", TableArgs(TableSpec(**given), site, ACCOUNT))


def _table(site: Site) -> None:
    table(
        site,
        indexes={"by-buyer": {"hash": {"name": "buyer"}, "range": {"name": "sk", "type": "N"}, "carries": "keys"}},
        billing="provisioned",
        capacity={"min": 5, "max": 500},
    )


def _table_copy(site: Site) -> None:
    of = table(site, regions={"eu-central-1": {}})
    TableCopy("orders-eu-central-1", TableCopyArgs(replace(site, region="eu-central-1"), of, ACCOUNT))


def events(site: Site, **more: object) -> Events:
    spec = EventsSpec(
        rules={
            "placed": {
                "pattern": {"source": ["orders"]},
                "to": {
                    "log": {"log_days": 30},
                    "jobs": {"queue": "jobs", "name": "work"},
                },
            }
        },
        archive_days=365,
        regions={"us-west-2": {"copies": ["placed"]}},
    )
    queues = {("jobs", "work"): "arn:aws:sqs:eu-west-1:1:work"}
    return Events("bus", EventsArgs(spec, site, ACCOUNT, "arn:logs-key", queues=queues, **more))


def _worker(site: Site) -> None:
    spec = WorkerSpec(
        compatibility_date="2026-04-01",
        routes={"api": {"host": "api"}, "shops": {"host": "*"}},
        crons={"hourly": "0 * * * *"},
        env={"A": "x"},
        secrets={"KEY": {"generate": 32}, "PASSAGE_KEY": {"of": "api"}},
        kv={"FLAGS": {}},
        databases={"COUNTS": {"location": "weur"}, "EU": {"jurisdiction": "eu"}},
        datasets={"SEEN": {}},
        queues={"JOBS": {"consume": {}}},
        buckets={"IMAGES": {"block": "images"}},
        limits={"LIMIT": {"requests": 100}},
        services={"OTHER": {"block": "other"}},
        placement="smart",
        cpu_ms=50,
    )
    Worker(
        "edge-api",
        WorkerArgs(
            spec,
            site,
            CLOUDFLARE,
            "export default {}",
            "example.com",
            "zone",
            {"images": R2Name("r2")},
            {"other": "o"},
            shared={"PASSAGE_KEY": "secret"},
            custom_hostnames=["shop.example.org"],
        ),
    )


WHOLE: dict[str, Callable[[Site], object]] = {
    "Network": _network,
    "Peering": _peering,
    "Tunnel": _tunnel,
    "Balancer": _balancer,
    "BalancerRoutes": _balancer_routes,
    "Server": _server,
    "Hosted": lambda site: hosted(site, dumps="exports"),
    "HostedAccess": lambda site: HostedAccess(
        "db", HostedAccessArgs(HOSTED, site, "sg-app", {"k8s": "sg-k8s"}, {"eu-central-1": "10.1.0.0/16"})
    ),
    "HostedLoad": lambda site: HostedLoad("rds", HostedLoadArgs(site, hosted="db", server="app")),
    "Service": lambda site: service(site, network(site)),
    "Endpoint": _endpoint,
    "Kubernetes": _kubernetes,
    "PodIdentity": lambda site: _identity(site, _kubernetes(site)),
    "Mounts": _mounts,
    "Pods": _pods,
    "Names": lambda site: Names("names", NamesArgs(site, "vpc-1", "prod.meal.internal")),
    "Aurora": aurora,
    "AuroraFollowers": _followers,
    "Postgres": postgres,
    "PostgresCopies": _copies,
    "Cache": _cache,
    "Bucket": _bucket,
    "Function": _function,
    "Schedule": _schedule,
    "Telemetry": telemetry,
    "Broker": _broker,
    "Registry": _registry,
    "Search": _search,
    "Backup": _backup,
    "Gateway": _gateway,
    "Zone": _zone,
    "Worker": _worker,
    "Cdn": _cdn,
    "Table": _table,
    "Events": events,
    "TableCopy": _table_copy,
    "Alarms": _alarms,
    "Foundation": _foundation,
    "Budget": lambda site: Budget("budget", BudgetArgs(BudgetSpec(), site, 100, "oncall@example.com")),
}
