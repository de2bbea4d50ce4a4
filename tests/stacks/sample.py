"""A small system of its own: specs, a blueprint with three phases, and stack files, for tests of models and moves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from components.spec import BlockName, Join, Refused, RoleName, Spec, joined
from stacks.models import Blueprint, GivenKinds, StackConfig, load_blueprint, stack_from_values
from stacks.models.load_stack import stack_from_section
from stacks.models.yaml_file import parse


class NetworkSpec(Spec):
    azs: int = joined(Join.MAX, 2, ge=1, le=3)
    nat: Literal["none", "one", "per_az"] = joined(Join.MAX, "none", order=("none", "one", "per_az"))
    vpn: bool = False


class CountSpec(Spec):
    min: int = joined(Join.MAX, 1, ge=0)
    max: int = joined(Join.MAX, 1, ge=1)


class ServerSpec(Spec):
    instance: str = joined(Join.MAX, pattern=r"^[a-z0-9-]+\.[a-z0-9]+$")
    count: CountSpec = joined(Join.MAX, CountSpec)
    spot: bool = joined(Join.LATE, False)
    data: bool = False


class ReplicaSpec(Spec):
    instance: str | None = joined(Join.MAX, None)


class PostgresSpec(Spec):
    instance: str = joined(Join.MAX)
    storage: int = joined(Join.MAX, ge=20)
    max_storage: int | None = joined(Join.MAX, None)
    version: str = joined(Join.FIXED, "17")
    multi_az: bool = joined(Join.MAX, False)
    replicas: dict[str, ReplicaSpec] = joined(Join.UNION, dict)
    parameters: dict[str, str] = joined(Join.NOW, dict)


class AuroraSpec(Spec):
    instance: str = joined(Join.MAX)
    storage: Literal["aurora", "aurora-iopt1"] = joined(Join.MAX, "aurora", order=("aurora", "aurora-iopt1"))
    storage: Literal["standard", "optimised"] = joined(Join.MAX, "standard", order=("standard", "optimised"))


class CacheSpec(Spec):
    use: Literal["cache", "queue"] = joined(Join.FIXED)
    instance: str = joined(Join.MAX)
    nodes: int = joined(Join.LADDER, 1, ge=1, le=6, json_schema_extra={"rung": "replicated"})
    cluster: Literal["disabled", "compatible", "enabled"] = joined(
        Join.LADDER, "disabled", json_schema_extra={"rung": ["compatible", "enabled"]}
    )
    shards: int = joined(Join.LADDER, 1, ge=1, json_schema_extra={"rung": "shards"})


class BucketSpec(Spec):
    versions: bool = joined(Join.FIXED, True)


class BalancerSpec(Spec):
    idle_seconds: int = joined(Join.NOW, 60, ge=1)


def _named(value: object) -> object:
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    return value


class PlaceSpec(Spec):
    pass


class ServiceSpec(Spec):
    on: Annotated[dict[BlockName, PlaceSpec], BeforeValidator(_named)] = joined(Join.UNION)
    takes: Literal["requests", "queue", "schedule"] = joined(Join.FIXED, "requests")
    idempotent: bool = joined(Join.FIXED, False)
    uses: Annotated[dict[RoleName, PlaceSpec], BeforeValidator(_named)] = joined(Join.UNION, dict)
    env: dict[str, str] = joined(Join.NOW, dict)
    labels: dict[str, str] = joined(Join.UNION, dict)


class HostSpec(Spec):
    to: BlockName = joined(Join.TRAFFIC)


class ZoneSpec(Spec):
    plan: Literal["free", "pro"] = joined(Join.MAX, "free", order=("free", "pro"))
    hosts: dict[str, HostSpec] = joined(Join.UNION, dict)
    load_balancing: bool = joined(Join.MAX, False)
    hsts: int = joined(Join.NOW, 1)

    def model_post_init(self, context: Any) -> None:
        del context
        if self.plan == "free" and len(self.hosts) > 3:
            raise Refused("hosts", f"{len(self.hosts)} hosts", "at most 3 on plan free")


KINDS = GivenKinds(
    {
        "network": NetworkSpec,
        "server": ServerSpec,
        "postgres": PostgresSpec,
        "aurora": AuroraSpec,
        "cache": CacheSpec,
        "bucket": BucketSpec,
        "balancer": BalancerSpec,
        "service": ServiceSpec,
        "zone": ZoneSpec,
    }
)

BLUEPRINT = """\
system: meal
title: Meal Automation
phases:
  mvp:
    serves: {users: 1000, rps: 100}
    budget: {low: 50, high: 100, breakdown: {compute: 30}}
    leave:
      users: {metric: concurrent users, above: 1000, for: 5m, action: scale the API}
    blocks:
      net: {kind: network, azs: 2}
      app: {kind: server, instance: t4g.medium, count: {min: 1, max: 1}}
      api: {kind: service, on: app, uses: [db, cache]}
      jobs: {kind: service, on: app, takes: queue, uses: [db, queue]}
      db: {kind: postgres, instance: db.t4g.medium, storage: 50, max_storage: 100, version: "17"}
      cache: {kind: cache, use: cache, instance: cache.t4g.small}
      queue: {kind: cache, use: queue, instance: cache.t4g.micro}
      zone: {kind: zone, hosts: {www: {to: app}}}
  growth:
    blocks:
      net: {azs: 3, nat: one}
      app: {instance: m7g.large, count: {min: 2, max: 5}}
      lb: {kind: balancer}
      exports: {kind: bucket}
      db: {instance: db.m7g.xlarge, storage: 200, max_storage: 400, multi_az: true, replicas: {a: {}, b: {}}}
      cache: {nodes: 3}
      queue: {nodes: 2}
      zone: {plan: pro, hosts: {www: {to: lb}, static: {to: lb}}}
  scale:
    blocks:
      workers: {kind: server, instance: c7g.large, count: {min: 1, max: 4}, spot: true}
      jobs: {on: workers}
      core: {kind: aurora, instance: db.r7g.large, takes_over: db}
      db: null
      cache: {cluster: enabled, shards: 3}
environments:
  dev:
    db: {multi_az: false}
    app: {count: {max: 2}}
"""

STACK = """\
# yaml-language-server: $schema=schemas/stack.schema.json
config:
  aws:region: eu-west-1
  aws:allowedAccountIds: ["111111111111"]
  phaseup:system: meal
  phaseup:environment: prod
  phaseup:phase: mvp # where it is
  phaseup:domain: example.org
  phaseup:cloudflareAccountId: 0123456789abcdef0123456789abcdef
  phaseup:owner: platform
  phaseup:alerts: {email: oncall@example.org}
"""


def values(**phaseup: Any) -> dict[str, Any]:
    """The stack file's config with keys set, or left out where the value is `...`; `aws_region` is `aws:region`."""
    out = dict(parse(STACK, "sample").data["config"])
    for name, value in phaseup.items():
        key = name.replace("aws_", "aws:") if name.startswith("aws_") else f"phaseup:{name}"
        if value is ...:
            out.pop(key, None)
        else:
            out[key] = value
    return out


def config(**phaseup: Any) -> StackConfig:
    """A stack's config with keys set."""
    from stacks.models.yaml_file import Document

    section = values(**phaseup)
    return stack_from_section("meal-prod", section, Document("stacks/Pulumi.meal-prod.yaml", {"config": section}))


def moving(traffic: int = 0, data: dict[str, str] | None = None, **more: Any) -> StackConfig:
    """mvp → growth under way."""
    way: dict[str, Any] = {"from": "mvp", "traffic": traffic} | ({"data": data} if data else {})
    return config(**{"phase": "growth", "moving": way, **more})


def blueprint(folder: Path, text: str = BLUEPRINT) -> Blueprint:
    """The sample's blueprint, or another text, loaded as `meal`."""
    folder.mkdir(exist_ok=True)
    (folder / "meal.yaml").write_text(text)
    return load_blueprint("meal", folder, KINDS)


def edited(*changes: tuple[str, str]) -> str:
    """The blueprint's text with pieces replaced, each of which must be there."""
    text = BLUEPRINT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


__all__ = ["BLUEPRINT", "KINDS", "STACK", "blueprint", "config", "edited", "moving", "stack_from_values", "values"]
