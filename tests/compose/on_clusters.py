"""A made-up system whose services move from servers to a cluster: an API behind a balancer, a supermarket's scraper
with the figures of meal's source, a scheduler, and a job at night."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stacks.models import Blueprint, load_blueprint

Phases = dict[str, dict[str, Any]]
DIGEST = "@sha256:" + "a" * 64
IMAGES = {
    "phaseup:images": {
        "api": "ghcr.io/meal/api" + DIGEST,
        "scraper": "ghcr.io/meal/scraper" + DIGEST,
        "report": "111111111111.dkr.ecr.eu-west-1.amazonaws.com/report" + DIGEST,
    }
}
HOSTS = {"subnets": "public", "registries": {"ghcr.io": {}}}
SMALL: dict[str, Any] = {
    "net": {"kind": "network", "azs": 3, "nat": "one"},
    "app": {"kind": "server", "instance": "t4g.large", "count": {"min": 2, "max": 4}, **HOSTS},
    "jobs": {"kind": "server", "instance": "t4g.micro", "count": {"min": 1, "max": 1}, **HOSTS},
    "lb": {"kind": "balancer"},
    "edge": {"kind": "zone", "plan": "pro", "hosts": {"api": {"to": "lb"}}},
    "api": {
        "kind": "service",
        "on": "app",
        "takes": "requests",
        "port": 3000,
        "hosts": ["api"],
        "health": {},
        "uses": ["db", "queue", "archive"],
        "memory": 2048,
        "cpu": 2,
        "secrets": {"SESSION_SECRET": {"generate": 64}},
    },
    "scraper-mercadona": {
        "kind": "service",
        "on": "app",
        "takes": "queue",
        "image": "scraper",
        "uses": ["db", "queue"],
        "cpu": 2,
        "memory": 2048,
        "shm": 2048,
        "stop_seconds": 120,
    },
    "scheduler": {"kind": "service", "on": "jobs", "takes": "schedule", "image": "scraper", "uses": ["queue"]},
    "report": {"kind": "service", "on": "jobs", "takes": "schedule", "every": "*-*-* 03:00:00", "uses": ["db"]},
    "db": {"kind": "postgres", "instance": "db.m7g.large", "storage": 100},
    "queue": {"kind": "cache", "use": "queue", "instance": "cache.t4g.small"},
    "archive": {"kind": "bucket", "store": "s3"},
}
SCALING = {
    "min": 2,
    "max": 10,
    "cpu": 70,
    "queue": {"role": "queue", "list": "bull:scraper:mercadona:wait", "length": 500},
    "up": {"pods": 2, "every": 60, "wait": 60},
    "down": {"pods": 1, "every": 120, "wait": 300},
}
LARGE: dict[str, Any] = {
    "cluster": {
        "kind": "kubernetes",
        "nodes": {
            "main": {"instance": "m7g.large", "count": {"min": 3, "max": 10}},
            "spot": {
                "pool": {"m6g.xlarge": {}, "m7g.xlarge": {}},
                "capacity": "spot",
                "count": {"min": 0, "max": 10},
                "taints": {"spot": {}},
            },
        },
        "access": {"apply": {"role": "deploy/apply", "level": "cluster-admin"}},
        "namespaces": {"app": {}, "scrapers": {"quota": {"cpu": 40, "memory": 100}}},
        "registries": {"ghcr.io": {}},
    },
    "app": None,
    "jobs": None,
    "api": {
        "on": {
            "cluster": {"namespace": "app", "cpu": 0.5, "memory": 512, "scaling": {"min": 3, "max": 20, "cpu": 60}},
        }
    },
    "scraper-mercadona": {
        "on": {
            "cluster": {
                "namespace": "scrapers",
                "cpu": 0.5,
                "memory": 512,
                "scaling": SCALING,
                "tolerates": {"spot": {}},
                "reaches": {"proxies": {"port": 22225}},
            }
        }
    },
    "scheduler": {"on": {"cluster": {"namespace": "app"}}},
    "report": {"on": {"cluster": {"namespace": "app"}}},
}


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    """Two phases under the name of meal, whose stacks are there; `change` may spoil their blocks."""
    small, large = json.loads(json.dumps(SMALL)), json.loads(json.dumps(LARGE))
    change({"small": small, "large": large})
    phases = {"small": {"blocks": small}, "large": {"blocks": large}}
    (folder / "meal.yaml").write_text(json.dumps({"system": "meal", "title": "Made up", "phases": phases}))
    return load_blueprint("meal", folder)


def settled(phase: str) -> dict[str, Any]:
    """A stack in one phase."""
    return {**IMAGES, "phaseup:phase": phase}


def moving(traffic: int, old: str = "small", new: str = "large") -> dict[str, Any]:
    """A stack on its way."""
    return {**settled(new), "phaseup:moving": {"from": old, "traffic": traffic}}


def in_two_regions(phases: Phases) -> None:
    """The larger phase stands in eu-central-1 too: network, cluster, balancer and the API; its scraper at home only."""
    large = phases["large"]
    phases["small"]["edge"]["load_balancing"] = {}
    for block in ("net", "lb", "cluster", "api"):
        large[block] = {**large.get(block, {}), "regions": {"eu-central-1": {}}}
