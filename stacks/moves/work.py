"""What each service may do on each side: requests follow traffic, queues drain, schedules run once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stacks.models import Block

TAKES: Final = {"function": "queue", "schedule": "schedule", "worker": "schedule"}
"""Blocks that work without a host, and what they take: each is a host of its own."""


@dataclass(frozen=True)
class Work:
    """A service, function or schedule. `runs`: host block → whether it works there now; a False host keeps 0 of it."""

    takes: str
    runs: Mapping[str, bool]
    weights: Mapping[str, int]
    """For requests: per cent that each host takes. Empty for other work."""


def work_of(old: Mapping[str, Block], new: Mapping[str, Block], traffic: int | None) -> dict[str, Work]:
    """Every service's, function's and schedule's work; one whose host stays is untouched by traffic. `traffic` None is
    settled."""
    out: dict[str, Work] = {}
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        block = after or before
        if block is None or block.kind not in ("service", *TAKES):
            continue
        takes = TAKES.get(block.kind) or str(getattr(block.spec, "takes", "requests"))
        idempotent = bool(getattr(block.spec, "idempotent", False))
        old_hosts = set(_hosts(before)) if before else set()
        new_hosts = set(_hosts(after)) if after else set()
        runs = {
            host: _runs(takes, idempotent, traffic, host in old_hosts, host in new_hosts)
            for host in sorted(old_hosts | new_hosts)
        }
        out[name] = Work(takes, runs, _weights(old_hosts, new_hosts, traffic) if takes == "requests" else {})
    return out


def _hosts(block: Block) -> list[str]:
    if block.kind in TAKES:
        return [block.name]
    on = getattr(block.spec, "on", None)
    if on is None:
        return []
    return [on] if isinstance(on, str) else [str(host) for host in on]


def _runs(takes: str, idempotent: bool, traffic: int | None, in_old: bool, in_new: bool) -> bool:
    if traffic is None or (in_old and in_new) or takes == "requests":
        return True
    if takes == "queue" and idempotent and 0 < traffic < 100:
        return True
    return in_new if traffic == 100 else in_old


def _weights(old: set[str], new: set[str], traffic: int | None) -> dict[str, int]:
    t = 100 if traffic is None else traffic
    out: dict[str, int] = {}
    for hosts, share in ((sorted(old), 100 - t), (sorted(new), t)):
        for i, host in enumerate(hosts):  # whole per cents that add up to the side's share
            out[host] = out.get(host, 0) + share // len(hosts) + (1 if i < share % len(hosts) else 0)
    return dict(sorted(out.items()))
