"""How a metric is read, and what bounds an alarm on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

MOST: Final = 10
"""Metrics of one alarm on an expression (CloudWatch user guide, "CloudWatch service quotas")."""
CLUSTER_NAMESPACE: Final = "Collector"
"""Where the collector that a telemetry block runs on a cluster puts what it sees of the cluster."""
AWAY: Final = "behind"
"""The part of what is reported only in another region, by what follows there."""


@dataclass(frozen=True)
class Metric:
    """How a metric is read. In `expression`, `{a}`, `{b}` are the series of its sources, each as a list, and other
    names are the emitter's figures."""

    namespace: str
    names: tuple[str, ...]
    stat: str
    unit: str
    expression: str = ""
    of: Literal["members", "followers", "queues", "dead_letters", "brokers", "lag", "poolers", "behind"] = "members"
    """Whose series; beyond followers, a part of a broker's or a database's."""
    each: bool = True
    """An alarm for each of them, or one over all."""
    only: str | None = None
    """Of one member or follower alone."""
    by: tuple[str, tuple[str, ...]] | None = None
    """A dimension beside the source's own, and its values: a series of each source for each."""
    account: bool = False
    """Counted for the account and region as a whole, without dimensions."""
    short: Metric | None = None
    """Read instead where all series of this one would be more than an alarm may have."""

    @property
    def rises(self) -> bool:
        """Whether it is how much a count has risen within one period: over several it would have to rise in each."""
        return self.expression.startswith("DIFF(")


def share(namespace: str, *names: str) -> Metric:
    """The last is what the others are a share of; counters that counted nothing report nothing."""
    parts = " + ".join(f"FILL(SUM({{{letter}}}), 0)" for letter, _ in zip("abc", names[:-1], strict=False))
    return Metric(namespace, names, "Sum", "percent", f"100 * ({parts}) / SUM({{{'abc'[len(names) - 1]}}})", each=False)


def queue(name: str, unit: str, which: str) -> Metric:
    """Of a queue that belongs to a block of another kind: `which` says whether its dead letters or its jobs."""
    return Metric("AWS/SQS", (name,), "Maximum", unit, "MAX({a})", "followers", each=False, only=which)
