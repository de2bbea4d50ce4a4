"""Runs the pack's rules on a recorded graph as the engine would: inputs to resource rules, states to stack rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from phaseup.graph.resource import Snapshot, State
from phaseup.graph.values import SIGNATURE, UNKNOWN, UNKNOWN_STRING, Secret, Value
from policies.guard.catalogue import RULES
from policies.guard.policies import found
from policies.guard.resource import Resource
from policies.guard.rule import Rule, Severity
from policies.guard.stack import Stack

Level = Literal["advisory", "mandatory", "disabled"]
PackConfig = Mapping[str, Any]
"""What `--policy-pack-config` takes: by rule, or for `all`, a level or `{enforcementLevel, <property>: …}`."""

DEFAULT: Final[Level] = "mandatory"


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach, as `policy analyze` reports it."""

    policy: str
    urn: str
    level: Level
    severity: Severity
    message: str

    def to_json(self) -> dict[str, str]:
        """As design.md has it, with the severity."""
        return {
            "policy": self.policy,
            "urn": self.urn,
            "level": self.level,
            "severity": self.severity,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A resource that a rule could not judge, as it reads what nobody knows yet."""

    policy: str
    urn: str
    path: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that the pack says of one graph."""

    violations: tuple[Violation, ...]
    unjudged: tuple[Unjudged, ...]
    checks: int
    """How many times a rule was asked about a resource."""

    @property
    def mandatory(self) -> tuple[Violation, ...]:
        """Those that stop an apply."""
        return tuple(each for each in self.violations if each.level == "mandatory")


def judge(states: Snapshot | Iterable[State], config: PackConfig, rules: Iterable[Rule] = RULES) -> Judgement:
    """The verdict of the pack on the live resources among `states`."""
    live = [state for state in states if not state.delete]
    after = Stack(_resource(state, state.outputs if state.custom else state.outputs or state.inputs) for state in live)
    violations: list[Violation] = []
    unjudged: list[Unjudged] = []
    checks = 0
    before: dict[str, Resource] = {}
    by_type: dict[str, list[State]] = {}
    for state in live:
        by_type.setdefault(state.type, []).append(state)
    for rule in rules:
        level, given = setting(rule.name, config)
        if level == "disabled":
            continue
        for type_, members in by_type.items():
            if not rule.applies(type_):
                continue
            for state in members:
                if rule.needs_stack:
                    seen = after.get(state.urn)
                    assert seen is not None
                else:
                    seen = before.get(state.urn)
                    if seen is None:
                        seen = before[state.urn] = _resource(state, state.inputs)
                messages, unknown = found(rule, _asked(seen, given), after if rule.needs_stack else None)
                checks += 1
                violations += [Violation(rule.name, state.urn, level, rule.severity, text) for text in messages]
                if unknown is not None:
                    unjudged.append(Unjudged(rule.name, state.urn, ".".join(unknown.props)))
    return Judgement(tuple(violations), tuple(unjudged), checks)


def setting(rule: str, config: PackConfig) -> tuple[Level, Mapping[str, Any]]:
    """The level and the properties that the pack's config gives a rule; its own word goes before that for `all`."""
    level: Level = DEFAULT
    properties: Mapping[str, Any] = {}
    for key in ("all", rule):
        value = config.get(key)
        if isinstance(value, str):
            level = value  # type: ignore[assignment]
        elif isinstance(value, Mapping):
            level = value.get("enforcementLevel", level)
            properties = {name: each for name, each in value.items() if name != "enforcementLevel"}
    return level, properties


def _asked(resource: Resource, config: Mapping[str, Any]) -> Resource:
    if not config:
        return resource
    from dataclasses import replace

    return replace(resource, config=config)


def _resource(state: State, values: Mapping[str, Value]) -> Resource:
    from pulumi_policy.proxy import unknown_checking_proxy

    return Resource(
        urn=state.urn,
        type=state.type,
        name=state.name,
        props=unknown_checking_proxy({key: _plain(value) for key, value in values.items() if key != "__defaults"}),
        protect=state.protect,
        ignore_changes=tuple(state.ignore_changes),
        parent=state.parent,
        depends_on={key: tuple(urns) for key, urns in state.property_dependencies.items()},
    )


def _plain(value: Value) -> Any:
    """As `pulumi_policy` hands it to a policy: without secrets' envelopes, unknowns as their wire text, no internal
    keys."""
    if value is UNKNOWN:
        return UNKNOWN_STRING
    if isinstance(value, Secret):
        return _plain(value.value)
    if isinstance(value, dict):
        return (
            {key: _plain(each) for key, each in value.items() if key != "__defaults"}
            if SIGNATURE not in value
            else value
        )
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
