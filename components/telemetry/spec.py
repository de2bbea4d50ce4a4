"""The spec of the kind telemetry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import model_validator

from components.spec import BlockName, Join, Refused, RegionName, Spec, joined

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
METRIC = re.compile(r"[a-zA-Z][a-zA-Z0-9._/-]{0,254}")


class CollectorSpec(Spec):
    """The collector on one cluster; its key is the cluster's block."""

    namespace: str = joined(Join.FIXED, "telemetry", pattern=r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$")
    """One of the cluster's namespaces, and better one of its own."""
    replicas: int = joined(Join.MAX, 2, ge=1, le=50)
    """Collectors that services send to; one can be taken away with its node."""
    cpu: float = joined(Join.NOW, 0.25, gt=0, le=16)
    """Cores that each is given for sure."""
    memory: int = joined(Join.NOW, 512, ge=128)
    """MiB that each has; it refuses data before it would exceed them."""


class MeasureSpec(Spec):
    """A metric that services send and CloudWatch keeps; its key is OpenTelemetry's name for it."""

    by: list[str] = joined(Join.NOW, lambda: ["service.name"], max_length=9)
    """Attributes that tell its series apart. Each combination of values is a metric that is paid for."""


class SamplingSpec(Spec):
    """Which requests are traced, for SDKs and functions that ask X-Ray: of several rules the one with the lowest
    priority that fits. Services that ask nobody send all, of which the collector keeps `keep_percent`."""

    priority: int = joined(Join.NOW, 1000, ge=1, le=9999)
    """The lowest comes first."""
    percent: float = joined(Join.NOW, 5.0, ge=0, le=100)
    """Of requests beyond the first of each second."""
    per_second: int = joined(Join.NOW, 1, ge=0)
    """Requests of each second that are traced in any case."""
    service: str = joined(Join.NOW, "*", min_length=1, max_length=64)
    """A service's name; `*` and `?` stand for any text and any character, here and below."""
    host: str = joined(Join.NOW, "*", min_length=1, max_length=64)
    method: str = joined(Join.NOW, "*", min_length=1, max_length=10)
    path: str = joined(Join.NOW, "*", min_length=1, max_length=128)


class GroupSpec(Spec):
    """Traces looked at together, e.g. those that failed."""

    filter: str = joined(Join.NOW, min_length=1)
    """An X-Ray filter expression, e.g. `fault OR error`."""
    insights: bool = joined(Join.NOW, False)
    """Whether X-Ray looks for anomalies among them."""


class CheckSpec(Spec):
    """A request that a user would make, made again and again by a CloudWatch Synthetics canary. It goes well where the
    answer is what it should be, and in time."""

    host: str = joined(Join.NOW, pattern=r"^(@|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$")
    """The label under the stack's domain."""
    path: str = joined(Join.NOW, "/health", pattern=r"^/\S*$")
    method: Literal["GET", "HEAD"] = joined(Join.NOW, "GET")
    status: int = joined(Join.NOW, 200, ge=100, le=599)
    """The only right one."""
    contains: str = joined(Join.NOW, "", max_length=200)
    """Text that the answer must hold; empty for any."""
    latency: int = joined(Join.NOW, 1000, ge=1, le=60000)
    """Milliseconds until the whole answer, beyond which it did not go well."""
    every: Literal[1, 2, 5, 10, 15, 30, 60] = joined(Join.NOW, 5)
    """Minutes from one run to the next."""
    keep_days: int = joined(Join.NOW, 31, ge=1, le=455)
    """How long CloudWatch remembers its runs."""


class RegionSpec(Spec):
    """Another region in which collectors and traces stand; its key is the region. Checks run at home."""


class TelemetrySpec(Spec):
    """What sees a system from inside and from outside."""

    on: dict[BlockName, CollectorSpec] = joined(Join.UNION, dict)
    """Clusters with a collector, by block."""
    keep_percent: float = joined(Join.NOW, 10.0, gt=0, le=100)
    """Traces that the collectors keep of those they get, chosen by trace id, so that all of a trace is kept or none."""
    metrics: dict[str, MeasureSpec] = joined(Join.UNION, dict)
    """Metrics that services send and CloudWatch keeps, by name; all others are dropped."""
    sampling: dict[str, SamplingSpec] = joined(Join.UNION, dict)
    """Rules for those who ask what to trace, by name."""
    groups: dict[str, GroupSpec] = joined(Join.UNION, dict)
    """Groups of traces, by name."""
    checks: dict[str, CheckSpec] = joined(Join.UNION, dict)
    """Synthetic checks, by name."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long the lines that metrics are made of are kept; services' own lines have their own."""
    artifact_days: int = joined(Join.MAX, 30, ge=1, le=455)
    """How long what a check's run left behind is kept."""
    regions: dict[RegionName, RegionSpec] = joined(Join.UNION, dict)
    """Regions beside home."""

    @model_validator(mode="after")
    def _consistent(self) -> TelemetrySpec:
        for key in ("sampling", "groups", "checks"):
            for name in getattr(self, key):
                if not NAME.fullmatch(name):
                    raise Refused(f"{key}.{name}", name, "a short name in small letters")
        for metric in self.metrics:
            if not METRIC.fullmatch(metric):
                raise Refused(f"metrics.{metric}", metric, f"a name that matches {METRIC.pattern}")
        priorities = [rule.priority for rule in self.sampling.values()]
        for name, rule in self.sampling.items():
            if priorities.count(rule.priority) > 1:
                raise Refused(f"sampling.{name}.priority", rule.priority, "one that no other rule has")
        return self

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """A collector stands on a cluster."""
        able = sorted(block for block, kind in kinds.items() if kind == "kubernetes")
        for host in self.on:
            if host in kinds and host not in able:
                raise Refused(f"on.{host}", host, f"a kubernetes: {', '.join(able) or 'none here'}")
