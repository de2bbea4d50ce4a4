"""A made-up system with all three engines: an API that gives work and workers on servers that take it; in place of the
single RabbitMQ a cluster later, and workers on Kubernetes that an SQS queue scales."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stacks.models import Blueprint, load_blueprint

Phases = dict[str, dict[str, Any]]
IMAGES = {"phaseup:images": {name: f"ghcr.io/meal/{name}@sha256:" + "a" * 64 for name in ("api", "worker", "billing")}}
USES = ("jobs", "rabbit", "bus")
ONE: dict[str, Any] = {
    "net": {"kind": "network", "azs": 3, "nat": "one"},
    "app": {
        "kind": "server",
        "instance": "t4g.medium",
        "count": {"min": 1, "max": 1},
        "subnets": "public",
        "registries": {"ghcr.io": {}},
    },
    "api": {"kind": "service", "on": "app", "takes": "schedule", "uses": {name: {} for name in USES}},
    "worker": {
        "kind": "service",
        "on": "app",
        "takes": "queue",
        "uses": {name: {"access": "read"} for name in USES},
    },
    "jobs": {
        "kind": "broker",
        "engine": "sqs",
        "queues": {"receipts": {"visibility": 900, "dead_letter_after": 3}, "paid-orders": {"fifo": True}},
    },
    "rabbit": {"kind": "broker", "engine": "rabbitmq", "deployment": "single", "instance": "mq.m7g.medium"},
    "bus": {
        "kind": "broker",
        "engine": "kafka",
        "instance": "kafka.m7g.large",
        "brokers": 3,
        "storage": 100,
        "lag": {"billing": {"group": "worker", "topic": "orders"}},
    },
    "watch": {
        "kind": "alarms",
        "alarms": {
            "backlog": {"block": "jobs", "metric": "queue_age", "member": "receipts", "above": 600, "minutes": 5},
            "dead": {"block": "jobs", "metric": "dead_letters", "above": 0, "minutes": 5},
            "leaderless": {"block": "bus", "metric": "offline_partitions", "above": 0, "minutes": 5},
            "disk": {"block": "bus", "metric": "broker_disk", "above": 80, "minutes": 5},
            "behind": {"block": "bus", "metric": "consumer_lag", "above": 10000, "minutes": 5},
        },
    },
}
THREE: dict[str, Any] = {
    "rabbit": None,
    "rabbits": {
        "kind": "broker",
        "engine": "rabbitmq",
        "deployment": "cluster",
        "instance": "mq.m7g.large",
        "takes_over": "rabbit",
    },
    "bus": {"instance": "kafka.m7g.xlarge", "brokers": 6, "storage": 200},
    "jobs": {"queues": {"mails": {}}},
    "watch": {"alarms": {"memory": {"block": "rabbits", "metric": "memory", "above": 80, "minutes": 5}}},
}
SCALING = {"min": 1, "max": 5, "queue": {"role": "jobs", "queue": "receipts", "length": 100}}
CLUSTERED: dict[str, Any] = {
    "cluster": {
        "kind": "kubernetes",
        "nodes": {"main": {"instance": "m7g.large", "count": {"min": 3, "max": 10}}},
        "access": {"apply": {"role": "deploy/apply", "level": "cluster-admin"}},
        "namespaces": {"app": {}},
        "registries": {"ghcr.io": {}},
    },
    "billing": {
        "kind": "service",
        "takes": "queue",
        "uses": {"jobs": {"access": "read"}, "bus": {}, "rabbit": {}},
        "on": {"cluster": {"namespace": "app", "scaling": SCALING}},
    },
}


def on_a_cluster(phases: Phases) -> None:
    """The larger phase has workers on a cluster too."""
    phases["three"].update(json.loads(json.dumps(CLUSTERED)))


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    """Two phases under the name of meal, whose stacks are there; `change` may spoil their blocks."""
    phases = json.loads(json.dumps({"one": ONE, "three": THREE}))
    change(phases)
    document = {
        "system": "meal",
        "title": "Made up",
        "phases": {name: {"blocks": blocks} for name, blocks in phases.items()},
    }
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


def settled(phase: str) -> dict[str, Any]:
    """A stack in one phase."""
    return {**IMAGES, "phaseup:phase": phase}


def moving(traffic: int, rung: str | None = None) -> dict[str, Any]:
    """A stack on its way from one to three, on a rung of the RabbitMQ's ladder."""
    move: dict[str, Any] = {"from": "one", "traffic": traffic, **({"data": {"rabbits": rung}} if rung else {})}
    return {**settled("three"), "phaseup:moving": move}
