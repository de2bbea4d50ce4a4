"""A made-up system that grows what watches it: a host with alarms, then a cluster with a collector, functions, traces
and checks with a service level, then all of that in a second region."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stacks.models import Blueprint, load_blueprint

Phases = dict[str, dict[str, Any]]
DIGEST = "@sha256:" + "a" * 64
FAR = "eu-central-1"
IMAGES = {
    "phaseup:images": {
        "api": "ghcr.io/meal/api" + DIGEST,
        "clock": "ghcr.io/meal/clock" + DIGEST,
        "collector": "otel/opentelemetry-collector-contrib" + DIGEST,
        "job": "111111111111.dkr.ecr.eu-west-1.amazonaws.com/job" + DIGEST,
    }
}
SMALL: dict[str, Any] = {
    "net": {"kind": "network", "azs": 3, "nat": "one"},
    "app": {"kind": "server", "instance": "t4g.small", "subnets": "public", "registries": {"ghcr.io": {}}},
    "api": {"kind": "service", "on": "app", "takes": "queue", "idempotent": True},
    "clock": {"kind": "service", "on": "app", "takes": "schedule"},
    "alarms": {
        "kind": "alarms",
        "metrics": {"latency": {"blocks": ["api"], "pattern": "{ $.ms = * }", "value": "$.ms", "stat": "p99"}},
        "alarms": {
            "latency": {"metric": "latency", "above": 500, "severity": "high", "escalate_minutes": 5},
            "memory": {"block": "app", "metric": "memory", "above": 90, "severity": "medium"},
        },
        "events": {"hosts": {"block": "app", "event": "scaled", "severity": "low"}},
    },
}
LARGE: dict[str, Any] = {
    "cluster": {
        "kind": "kubernetes",
        "nodes": {"main": {"instance": "m7g.large", "count": {"min": 3, "max": 10}}},
        "access": {"apply": {"role": "deploy/apply", "level": "cluster-admin"}},
        "namespaces": {"app": {}, "telemetry": {}},
        "registries": {"ghcr.io": {}},
    },
    "api": {"on": {"cluster": {"namespace": "app"}}},
    "job": {"kind": "function", "memory": 1024, "timeout": 900, "concurrency": 100, "queue": {}},
    "nightly": {"kind": "schedule", "target": "job", "every": "cron(0 3 * * ? *)"},
    "telemetry": {
        "kind": "telemetry",
        "on": {"cluster": {}},
        "metrics": {"http.server.request.duration": {}},
        "sampling": {"all": {"percent": 5}},
        "groups": {"failed": {"filter": "fault"}},
        "checks": {"api": {"host": "api", "every": 1}},
    },
    "alarms": {
        "alarms": {
            "pending": {"block": "cluster", "metric": "pods_pending", "above": 0, "severity": "medium"},
            "node": {"block": "cluster", "metric": "node_status", "above": 0, "severity": "high"},
            "restarts": {"block": "telemetry", "metric": "restarts", "above": 3, "period": 300, "severity": "high"},
            "job-failed": {"block": "job", "metric": "dead_letters", "above": 0, "severity": "high"},
            "nightly-failed": {"block": "nightly", "metric": "dead_letters", "above": 0, "severity": "high"},
        },
        "objectives": {"availability": {"block": "telemetry", "check": "api", "target": 99.9}},
        "events": {"nodes": {"block": "cluster", "event": "scaled", "severity": "medium"}},
    },
}
TWO: dict[str, Any] = {
    "net": {"regions": {FAR: {}}},
    "cluster": {"regions": {FAR: {}}},
    "api": {"regions": {FAR: {}}},
    "telemetry": {"regions": {FAR: {}}},
}


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    """Three phases under the name of meal, whose stacks are there; `change` may spoil their blocks."""
    blocks = json.loads(json.dumps({"small": SMALL, "large": LARGE, "two": TWO}))
    change(blocks)
    phases = {phase: {"blocks": each} for phase, each in blocks.items()}
    (folder / "meal.yaml").write_text(json.dumps({"system": "meal", "title": "Made up", "phases": phases}))
    return load_blueprint("meal", folder)


def settled(phase: str) -> dict[str, Any]:
    """A stack in one phase."""
    return {**IMAGES, "phaseup:phase": phase}


def moving(traffic: int, old: str, new: str) -> dict[str, Any]:
    """A stack on its way."""
    return {**settled(new), "phaseup:moving": {"from": old, "traffic": traffic}}
