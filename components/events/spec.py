"""The spec of the kind events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import StringConstraints, model_validator

from components.spec import BlockName, Join, Keeps, Refused, RegionName, Spec, joined

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
"""Of a rule, or of one of its targets."""
TARGETS_LIMIT: Final = 5
"""Targets of a rule (EventBridge user guide, "Amazon EventBridge quotas")."""
WITH_QUEUES: Final = ("broker", "function")
"""Kinds with SQS queues of their own."""
LOG_DAYS: Final = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653)
"""PutRetentionPolicy, CloudWatch Logs API reference."""
TO: Final = ("function", "queue", "log_days")


class EventTargetSpec(Spec):
    """Where a rule hands events on: exactly one of function, queue and log_days."""

    function: BlockName | None = joined(Join.FIXED, None)
    """A function, which is invoked."""
    queue: BlockName | None = joined(Join.FIXED, None)
    """A block with an SQS queue: a function that works one off, or a broker on SQS."""
    name: str | None = joined(Join.FIXED, None)
    """Which of a broker's queues."""
    log_days: int | None = joined(Join.MAX, None, ge=1, le=3653)
    """A log group, kept for so many days: one of those that CloudWatch Logs knows."""
    retries: int = joined(Join.NOW, 185, ge=0, le=185)
    """How often a failed delivery is repeated, before it goes to the dead letters."""
    max_age: int = joined(Join.NOW, 86400, ge=60, le=86400)
    """Seconds in which it is."""

    @model_validator(mode="after")
    def _one(self) -> EventTargetSpec:
        given = [key for key in TO if getattr(self, key) is not None]
        if len(given) != 1:
            raise Refused("function", ", ".join(given) or "nothing", f"exactly one of {', '.join(TO)}")
        if self.name is not None and self.queue is None:
            raise Refused("name", self.name, "null but with queue")
        if self.log_days is not None and self.log_days not in LOG_DAYS:
            raise Refused("log_days", self.log_days, f"one of {', '.join(map(str, LOG_DAYS))}")
        return self


class EventRuleSpec(Spec):
    """Which events go where."""

    pattern: dict[str, Any] = joined(Join.NOW, min_length=1)
    """An EventBridge event pattern, e.g. `{source: [orders], detail-type: [Placed]}`."""
    to: dict[Name, EventTargetSpec] = joined(Join.UNION, dict)
    """Targets by name; what other regions take of the rule's events is theirs to say."""

    @model_validator(mode="after")
    def _few(self) -> EventRuleSpec:
        if len(self.to) > TARGETS_LIMIT:
            raise Refused("to", f"{len(self.to)} targets", f"at most {TARGETS_LIMIT}")
        return self


class EventsRegionSpec(Spec):
    """The bus in one more region, which hands what is put there on to the one at home; its key is the region."""

    copies: list[Name] = joined(Join.UNION, list)
    """Rules whose events are handed on to it, where they began at home: so that none goes round."""


class EventsSpec(Spec):
    """A bus of the stack's own, encrypted under its own key. Whoever uses its role may put events on it."""

    rules: dict[Name, EventRuleSpec] = joined(Join.UNION, dict)
    """By name. What happens by the clock is a block of the kind schedule."""
    archive_days: int | None = joined(Join.MAX, None, ge=1)
    """How long every event is kept, to be replayed; null keeps none."""
    dead_days: int = joined(Join.MAX, 14, ge=1, le=14)
    """How long what could not be delivered is kept."""
    regions: dict[RegionName, EventsRegionSpec] = joined(Join.UNION, dict)
    """Regions beside the stack's own with a bus, and an archive where there is one at home."""

    @model_validator(mode="after")
    def _consistent(self) -> EventsSpec:
        for region, of in self.regions.items():
            for rule in of.copies:
                if rule not in self.rules:
                    allowed = f"one of rules: {', '.join(sorted(self.rules)) or 'none'}"
                    raise Refused(f"regions.{region}.copies", rule, allowed)
        for rule, of in self.rules.items():
            if not of.to and not self.taking(rule):
                raise Refused(f"rules.{rule}.to", "nothing", "a target, or a region that copies it")
        return self

    def taking(self, rule: str) -> list[str]:
        """The regions that a rule's events are handed on to."""
        return sorted(region for region, of in self.regions.items() if rule in of.copies)

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """Targets are what an event can be handed to."""
        for rule, spec in self.rules.items():
            for target, to in spec.to.items():
                for key, named, able in (("function", to.function, ("function",)), ("queue", to.queue, WITH_QUEUES)):
                    if named is not None and kinds.get(named, able[0]) not in able:
                        there = ", ".join(sorted(block for block, kind in kinds.items() if kind in able))
                        allowed = f"a {' or '.join(able)}: {there or 'none here'}"
                        raise Refused(f"rules.{rule}.to.{target}.{key}", named, allowed)

    def keeps(self, lower: Spec) -> Keeps | None:
        """An archive goes on: what it has is nowhere else."""
        assert isinstance(lower, EventsSpec)
        if self.archive_days is None or lower.archive_days is not None:
            return None
        why = "with its archive go the events that it keeps (DeleteArchive, EventBridge API reference)"
        return Keeps({"archive_days": self.archive_days}, "archive_days", why)


def rules_of(spec: EventsSpec) -> list[str]:
    """The rules at home by name: one for each that hands on there, and one for each other region."""
    return [
        name
        for rule, of in sorted(spec.rules.items())
        for name in (*([rule] if of.to else []), *(f"{rule}-to-{region}" for region in spec.taking(rule)))
    ]
