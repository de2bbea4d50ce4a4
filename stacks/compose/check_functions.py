"""Checks of functions, domains and copies: what AWS refuses by name, place or reach."""

from __future__ import annotations

import re
from collections.abc import Callable

from components.backup import BackupSpec
from components.bucket import BucketSpec
from components.function import FunctionSpec
from components.function.component import NAME_LIMIT as FUNCTION_LIMIT
from components.network import NetworkSpec
from components.registry import RegistrySpec
from components.schedule import ScheduleSpec
from components.search import SearchSpec
from components.search.component import NAME_LIMIT as DOMAIN_LIMIT
from components.spec import Spec
from stacks.compose.context import Context
from stacks.compose.hosts import image_of

REACHED = ("ssm", "secretsmanager")
"""The APIs that a function asks where a role is, and for its login."""
SCHEDULE_LIMIT = 64
"""Characters of a schedule's and its group's name (CreateSchedule, EventBridge Scheduler API reference)."""
LIMITS: tuple[tuple[str, type[Spec], int], ...] = (
    ("function", FunctionSpec, FUNCTION_LIMIT),
    ("schedule", ScheduleSpec, SCHEDULE_LIMIT),
    ("search", SearchSpec, DOMAIN_LIMIT),
)


def names_fit(context: Context) -> None:
    """Physical names are the stack's and the block's."""
    for kind, spec, limit in LIMITS:
        for block, _ in context.of_kind(kind, spec):
            name = f"{context.site.prefix}-{block.name}"
            if len(name) > limit:
                raise context.bad(block.name, "kind", f"{name}, {len(name)} characters", f"a block name within {limit}")


def code_is_there(context: Context) -> None:
    """A function's image lies in the region's own registry; its zip in a bucket on S3."""
    region = context.site.region
    for block, spec in context.of_kind("function", FunctionSpec):
        code = image_of(context, block.name, spec)
        key = f"phaseup:images.{spec.image or block.name}"
        if spec.package == "image" and not re.match(rf"\d{{12}}\.dkr\.ecr\.{region}\.amazonaws\.com/", code):
            raise context.config.bad(
                key, code, f"<account>.dkr.ecr.{region}.amazonaws.com/…: Lambda pulls from no other"
            )
        for bucket, store in context.of_kind("bucket", BucketSpec):
            if bucket.name == spec.bucket and store.store != "s3":
                raise context.bad(block.name, "bucket", f"{bucket.name} on {store.store}", "a bucket with store s3")


def roles_are_reached(context: Context) -> None:
    """In a network without a way out, a function reaches AWS's APIs through endpoints alone."""
    for _, network in context.of_kind("network", NetworkSpec):
        missing = [api for api in REACHED if api not in network.endpoints]
        for block, spec in context.of_kind("function", FunctionSpec):
            if spec.vpc and spec.uses and network.nat == "none" and missing:
                allowed = f"a network with NAT, or with endpoints for {' and '.join(REACHED)}, to find its roles"
                raise context.bad(block.name, "vpc", "true in a network without a way out", allowed)


def copies_are_elsewhere(context: Context) -> None:
    """A copy beside the original is lost with it; and one set of replication rules serves an account."""
    home, copied = context.site.region, []
    for block, registry in context.of_kind("registry", RegistrySpec):
        if home in registry.replicas:
            raise context.bad(block.name, f"replicas.{home}", home, "another region than the stack's own")
        copied += [block.name] if registry.replicas else []
        if len(copied) > 1:
            raise context.bad(block.name, "replicas", ", ".join(registry.replicas), f"none: {copied[0]} has the rules")
    for block, backup in context.of_kind("backup", BackupSpec):
        for kept in backup.blocks:
            if kept in context.effective.blocks and not context.seat(kept).home:
                allowed = f"blocks in {home}: {kept} stands in {context.seat(kept).region}, with its own backups there"
                raise context.bad(block.name, "blocks", kept, allowed)
        for name, rule in backup.rules.items():
            if home in rule.copies:
                allowed = "another region than the stack's own"
                raise context.bad(block.name, f"rules.{name}.copies.{home}", home, allowed)


RULES: tuple[Callable[[Context], None], ...] = (names_fit, code_is_there, roles_are_reached, copies_are_elsewhere)
