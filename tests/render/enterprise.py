"""Blocks in the shape and number of a large phase: two regions, a cluster with services, shards, several edges."""

from __future__ import annotations

from typing import Any

HOME = "eu-west-1"
SECOND = "eu-central-1"
THERE: dict[str, Any] = {SECOND: {}}
SUPERMARKETS = ("mercadona", "carrefour", "lidl", "alcampo", "elcorteingles", "dia", "eroski", "consum")
JOBS = ("price-digest", "cleanup", "sitemap")


def queue_service(low: int, high: int, *uses: str) -> dict[str, Any]:
    on = {"cluster": {"namespace": "work", "scaling": {"min": low, "max": high}}}
    return {"kind": "service", "takes": "queue", "on": on, "uses": {use: {} for use in uses}}


BLOCKS: dict[str, dict[str, Any]] = {
    "net": {"kind": "network", "azs": 3, "nat": "per_az", "regions": THERE},
    "edge": {
        "kind": "zone",
        "plan": "business",
        "hosts": {"app": {"to": "gateway"}, "api": {"to": "gateway"}, "static": {"to": "lb", "cdn": "fastly"}},
        "load_balancing": {"monitor": {}},
    },
    "fastly": {
        "kind": "cdn",
        "provider": "fastly",
        "origins": {"assets": {"block": "lb"}},
        "hosts": {"static": {"origin": "assets"}, "img": {"origin": "assets"}},
    },
    "image-worker": {"kind": "worker", "routes": {"all": {"host": "images", "path": "/*"}}},
    "api-cache": {"kind": "worker", "routes": {"products": {"host": "api", "path": "/v1/products/*"}}},
    "gateway": {"kind": "gateway", "routes": {f"r{number}": {} for number in range(12)}, "regions": THERE},
    "lb": {"kind": "balancer", "regions": THERE},
    "cluster": {
        "kind": "kubernetes",
        "version": "1.35",
        "nodes": {
            "system": {"instance": "m7g.large", "count": {"min": 3, "max": 5}},
            "api-nodes": {"instance": "c7g.2xlarge", "count": {"min": 3, "max": 20}},
            "scrapers": {
                "pool": {"m7g.xlarge": {}, "m6g.xlarge": {}},
                "capacity": "spot",
                "count": {"min": 2, "max": 40},
            },
        },
        "regions": THERE,
    },
    "api": {
        "kind": "service",
        "takes": "requests",
        "on": {"cluster": {"namespace": "api", "scaling": {"min": 6, "max": 60}}},
        "uses": {"db": {}, "cache": {}, "queue": {}, "search": {}, "images": {}},
        "regions": THERE,
    },
    "matcher": queue_service(2, 20, "db", "queue", "search"),
    "image-workers": queue_service(1, 10, "queue", "images"),
    "scheduler": {
        "kind": "service",
        "takes": "schedule",
        "on": {"cluster": {"namespace": "work", "replicas": 1}},
        "uses": {"db": {}, "queue": {}},
    },
    **{f"scraper-{name}": queue_service(2, 20, "db", "queue", "images") for name in SUPERMARKETS},
    "db": {
        "kind": "postgres",
        "instance": "db.r7g.2xlarge",
        "storage": 500,
        "first": "one",
        "replicas": {"a": {}, "b": {}},
        "shards": {
            "two": {"storage": 500, "replicas": {"a": {}, "b": {}}},
            "three": {"storage": 800, "replicas": {"a": {}}},
        },
        "holds": {
            "mercadona": "one",
            "carrefour": "one",
            "lidl": "two",
            "alcampo": "two",
            "dia": "three",
            "eroski": "three",
            "consum": "three",
        },
        "pooler": {"max_percent": 90},
        "regions": {SECOND: {"replicas": {"a": {}}}},
    },
    "cache": {
        "kind": "cache",
        "use": "cache",
        "instance": "cache.r7g.large",
        "nodes": 2,
        "shards": 3,
        "cluster": "enabled",
        "regions": THERE,
    },
    "queue": {"kind": "cache", "use": "queue", "instance": "cache.m7g.large", "nodes": 3},
    "search": {"kind": "search", "instance": "r7g.large.search", "nodes": 9, "storage": 200, "regions": THERE},
    "registry": {"kind": "registry", "repositories": {"api": {}, "scraper": {}}, "replicas": THERE},
    **{name: {"kind": "function", "memory": 1024, "timeout": 300, "uses": {"db": {}, "images": {}}} for name in JOBS},
    **{f"{name}-hourly": {"kind": "schedule", "every": "rate(1 hour)", "target": name} for name in JOBS},
    **{name: {"kind": "bucket", "store": "r2", "location": "weur"} for name in ("images", "static", "backups")},
    "archive": {"kind": "bucket", "store": "s3", "replicas": THERE},
    "alarms": {"kind": "alarms", "alarms": {f"a{number}": {} for number in range(48)}, "regions": THERE},
    "budget": {"kind": "budget"},
    "telemetry": {"kind": "telemetry", "checks": {f"c{number}": {} for number in range(6)}, "regions": THERE},
    "backup": {"kind": "backup", "plans": {"daily": {}}},
}

REFERENCES: dict[str, list[tuple[str, str]]] = {
    **{
        name: [*(("on", host) for host in spec["on"]), *((use, use) for use in spec["uses"])]
        for name, spec in BLOCKS.items()
        if spec["kind"] == "service"
    },
    "edge": [("hosts", "gateway"), ("hosts", "lb"), ("hosts", "fastly")],
    "fastly": [("origins", "lb")],
    "gateway": [("routes", "lb")],
}
