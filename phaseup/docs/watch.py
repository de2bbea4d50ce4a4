"""Which alarms to watch after a step: those about the blocks that changed, the loudest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stacks.moves import Effective

ORDER: Final = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class Watched:
    """One alarm: its name in the blueprint, how loud it is, when it rings, what to do then."""

    name: str
    severity: str
    when: str
    action: str


def watched(effective: Effective, blocks: Collection[str]) -> list[Watched]:
    """The alarms on a block, on what it writes into its logs, and on a public name where a service takes requests."""
    serving = any(work.takes == "requests" and name in blocks for name, work in effective.work.items())
    found = [
        each
        for block in effective.blocks.values()
        if block.kind == "alarms"
        for each in _of(block.spec, set(blocks), serving)
    ]
    return sorted(found, key=lambda each: ORDER.index(each.severity))


def _of(spec: Any, blocks: Collection[str], serving: bool) -> Iterator[Watched]:
    touched: set[str] = set()
    for name, alarm in spec.alarms.items():
        metric = spec.metrics.get(alarm.metric) if alarm.block is None and alarm.check is None else None
        about = {alarm.block} if alarm.block else set(metric.blocks) if metric is not None else set()
        if (about & set(blocks)) or (alarm.check is not None and serving):
            touched.add(name)
            if alarm.severity is not None:
                yield Watched(name, alarm.severity, _when(alarm), alarm.action)
    for name, composite in spec.composites.items():
        if touched & set(composite.any_of):
            yield Watched(name, composite.severity, f"any of {', '.join(composite.any_of)} rings", composite.action)


def _when(alarm: Any) -> str:
    side, limit = ("above", alarm.above) if alarm.above is not None else ("below", alarm.below)
    of = f"{alarm.block}: " if alarm.block else ""
    silent = ", or silent" if alarm.missing == "breaching" else ""
    return f"{of}{alarm.metric} {side} {limit:g} for {alarm.minutes} min{silent}"
