"""Which exceptions hold something back, and which have nothing to hold any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from phaseup.graph.resource import Snapshot, State
from phaseup.policy.judge import PackConfig, judge, setting
from policies.guard.catalogue import RULES
from policies.guard.exceptions import KEY, parse
from policies.guard.rule import Rule
from policies.guard.today import today


@dataclass(frozen=True, slots=True)
class Standing:
    """One exception as it stands on a graph."""

    policy: str
    urn: str
    reason: str
    until: date
    covers: tuple[str, ...]
    """URNs of resources that would break the rule without it."""
    expired: bool

    def to_json(self) -> dict[str, Any]:
        """One entry of `check --json`'s `exceptions`."""
        return {
            "policy": self.policy,
            "urn": self.urn,
            "reason": self.reason,
            "until": self.until.isoformat(),
            "covers": list(self.covers),
            "expired": self.expired,
        }


def standing(states: Snapshot | Iterable[State], config: PackConfig) -> tuple[Standing, ...]:
    """Every exception in the pack's config, with what it covers; one that covers nothing may go."""
    whole = list(states)
    found: list[Standing] = []
    for rule in RULES:
        exempt = parse(setting(rule.name, config)[1].get(KEY))
        if not exempt:
            continue
        broken = _without(whole, rule, config)
        found += [
            Standing(
                rule.name,
                each.urn,
                each.reason,
                each.until,
                tuple(urn for urn in broken if each.covers(urn)),
                today() > each.until,
            )
            for each in exempt
        ]
    return tuple(found)


def _without(states: list[State], rule: Rule, config: PackConfig) -> list[str]:
    """URNs that break a rule where no exception holds."""
    given = {name: value for name, value in setting(rule.name, config)[1].items() if name != KEY}
    return list(dict.fromkeys(each.urn for each in judge(states, {rule.name: given}, [rule]).violations))
