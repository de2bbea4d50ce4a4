"""A container leaves service before it is restarted, where both probes ask the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..reading import number, plain, table
from ..resource import Resource
from ..rule import Rule
from .pods import WITH_PODS, Spec, each_container

WAYS: Final = ("httpGet", "tcpSocket", "exec", "grpc")
PERIOD: Final = 10
FAILURES: Final = 3
"""Where a probe states none (Kubernetes API reference, Probe)."""


def check(resource: Resource) -> Iterator[str]:
    """Otherwise a slow database restarts all pods at once."""
    yield from each_container(resource, _container)


def _container(path: str, container: Spec, _pod: Spec) -> Iterator[str]:
    ready, live = table(container.get("readinessProbe")), table(container.get("livenessProbe"))
    if not ready or not live or _asked(ready) != _asked(live):
        return
    patience = _patience(live)
    if patience <= _patience(ready):
        yield (
            f"{path}.livenessProbe: found a restart after {patience:g} s; "
            f"allowed: more than the {_patience(ready):g} s of readinessProbe, which asks the same"
        )


def _asked(probe: Spec) -> dict[str, Any]:
    return {way: plain(probe.get(way)) for way in WAYS}


def _patience(probe: Spec) -> float:
    period, failures = number(probe.get("periodSeconds")), number(probe.get("failureThreshold"))
    return (PERIOD if period is None else period) * (FAILURES if failures is None else failures)


RULE = Rule(
    name="kubernetes-liveness-patience",
    severity="low",
    description="Where the liveness probe asks the same as the readiness probe it waits longer, so that a slow "
    "dependency takes pods out of service but does not restart them all.",
    remedy="Raise `livenessProbe.failureThreshold` or `periodSeconds`, or ask something that depends on the process "
    "alone.",
    types=WITH_PODS,
    check=check,
)
