"""Runs the pack's rules on a recorded graph as the engine would: inputs to resource rules, states to stack rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

from phaseup.graph.resource import Snapshot, State
from phaseup.graph.values import SIGNATURE, UNKNOWN, UNKNOWN_STRING, Secret, Value
from policies.guard.catalogue import RULES
from policies.guard.policies import found
from policies.guard.resource import Resource
from policies.guard.rule import NotApplicableError, Rule, Severity
from policies.guard.stack import Stack

Level = Literal["advisory", "mandatory", "disabled"]
PackConfig = Mapping[str, Any]
"""What `--policy-pack-config` takes: by rule, or for `all`, a level or `{enforcementLevel, <property>: …}`."""

DEFAULT: Final[Level] = "mandatory"
INTERNAL: Final = "__defaults"
"""What the engine keeps beside a provider's properties, and shows to no policy."""


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

    violations: tuple[Violation, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    """Rules that lack what they judge by, with the reason."""
    checks: int = 0
    """How many times a rule was asked about a resource."""

    @property
    def mandatory(self) -> tuple[Violation, ...]:
        """Those that stop an apply."""
        return tuple(each for each in self.violations if each.level == "mandatory")


def judge(states: Snapshot | Iterable[State], config: PackConfig, rules: Iterable[Rule] = RULES) -> Judgement:
    """The verdict of the pack on the live resources among `states`."""
    graph = _Graph(states)
    violations: list[Violation] = []
    unjudged: list[Unjudged] = []
    lacking: dict[str, str] = {}
    checks = 0
    for rule in rules:
        level, given = setting(rule.name, config)
        if level == "disabled":
            continue
        try:
            for resource in graph.asked_by(rule):
                asked = replace(resource, config=given) if given else resource
                messages, unknown = found(rule, asked, graph.stack if rule.needs_stack else None)
                checks += 1
                violations += [Violation(rule.name, resource.urn, level, rule.severity, text) for text in messages]
                if unknown is not None:
                    unjudged.append(Unjudged(rule.name, resource.urn, ".".join(unknown.props)))
        except NotApplicableError as why:
            lacking[rule.name] = str(why)
    return Judgement(tuple(violations), tuple(unjudged), lacking, checks)


class _Graph:
    """The resources of one graph as rules see them: by their inputs, and for rules that need the stack as states."""

    def __init__(self, states: Snapshot | Iterable[State]) -> None:
        live = [state for state in states if not state.delete]
        self.stack = Stack(_resource(state, state.outputs or state.inputs) for state in live)
        self._states: dict[str, list[Resource]] = {}
        self._inputs: dict[str, list[Resource]] = {}
        for state, seen in zip(live, self.stack.resources, strict=True):
            self._states.setdefault(state.type, []).append(seen)
            self._inputs.setdefault(state.type, []).append(_resource(state, state.inputs))

    def asked_by(self, rule: Rule) -> Iterator[Resource]:
        for type_, members in (self._states if rule.needs_stack else self._inputs).items():
            if rule.applies(type_):
                yield from members


class _Lazy(Mapping[str, Any]):
    """A resource's properties, made ready when a rule first reads one: of most resources few rules ask anything."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    @cached_property
    def _ready(self) -> Mapping[str, Any]:
        from pulumi_policy.proxy import unknown_checking_proxy

        return unknown_checking_proxy(_plain(self._values))

    def __getitem__(self, key: str) -> Any:
        return self._ready[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ready)

    def __len__(self) -> int:
        return len(self._ready)


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


def _resource(state: State, values: Mapping[str, Value]) -> Resource:
    return Resource(
        urn=state.urn,
        type=state.type,
        name=state.name,
        props=_Lazy(values),
        protect=state.protect,
        ignore_changes=tuple(state.ignore_changes),
        parent=state.parent,
        provider=state.provider.rpartition("::")[0],
        depends_on={key: tuple(urns) for key, urns in state.property_dependencies.items() if urns},
    )


def _plain(value: Value) -> Any:
    """As `pulumi_policy` hands it to a policy: without secrets' envelopes, unknowns as their wire text, no internal
    keys."""
    if value is UNKNOWN:
        return UNKNOWN_STRING
    if isinstance(value, Secret):
        return _plain(value.value)
    if isinstance(value, dict):
        if SIGNATURE in value:
            return value
        return {key: _plain(each) for key, each in value.items() if key != INTERNAL}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
