"""A tiny cloud and a tiny language for programs, so that a test says only what the planner should decide.

What a property's change does goes by its name: `key…` replaces, `pin…` replaces with the delete first, `note…` is never
a change, any other is an update. `arn` is computed and stable; `stamp` is computed anew by each update of `turn`.
Types that end in `Named` get an autoname.
"""

# ruff: noqa: ARG002 (a provider takes what the protocol hands it)
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from phaseup.graph.resource import Goal, Snapshot, State, urn_name, urn_type
from phaseup.graph.values import UNKNOWN, Secret, Value, unwrap
from phaseup.plan.deployment import Deployment
from phaseup.plan.steps import Outcome, Registered, Step, net_ops
from phaseup.plan.values import deep_equals
from phaseup.simulate.provider import Checked, CheckFailure, Diff, Made, PropertyDiff, UnansweredCall

FACT = "fact of the tiny cloud"


def kind_of(prop: str) -> str:
    """The effect of changing a property."""
    return {"key": "replace", "pin": "replace", "not": "ignored"}.get(prop[:3], "update")


class Cloud:
    """One package's provider. `calls` remembers what the planner asked; `existing` is what can be read."""

    def __init__(self, package: str, world: FakeProviders) -> None:
        self.package = package
        self.world = world

    def _log(self, *call: Any) -> None:
        self.world.calls.append(call)

    def check_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Checked:
        if news.get("broken"):
            return Checked(dict(news), (CheckFailure("broken", "may not be set"),))
        return Checked(dict(news))

    def diff_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Diff:
        self._log("diff_config", urn_name(urn))
        return _diff(olds, news)

    def configure(self, config: Mapping[str, Value]) -> None:
        self._log("configure", self.package, dict(config))

    def check(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value], seed: bytes) -> Checked:
        self._log("check", urn_name(urn), dict(olds), dict(news))
        inputs = dict(news)
        failures = tuple(CheckFailure(key, "may not be set") for key in news if key.startswith("bad"))
        if urn_type(urn).endswith("Named") and "name" not in inputs:
            inputs["name"] = olds.get("name") or f"{urn_name(urn)}-{seed.hex()[:6]}"
            inputs["__defaults"] = ["name"]
        return Checked(inputs, failures)

    def diff(
        self,
        urn: str,
        id: str,
        old_inputs: Mapping[str, Value],
        old_outputs: Mapping[str, Value],
        news: Mapping[str, Value],
        ignore_changes: tuple[str, ...] = (),
    ) -> Diff:
        self._log("diff", urn_name(urn))
        return _diff(old_inputs, news)

    def create(self, urn: str, news: Mapping[str, Value], *, preview: bool) -> Made:
        self._log("create", urn_name(urn), preview)
        if preview:
            return Made("", {**_plain(news), "arn": UNKNOWN, "stamp": UNKNOWN})
        self.world.made += 1
        id = f"{urn_name(urn)}-id{self.world.made}"
        return Made(id, {**_plain(news), "arn": f"arn:{id}", "stamp": f"stamp{self.world.made}"})

    def update(
        self,
        urn: str,
        id: str,
        old_inputs: Mapping[str, Value],
        old_outputs: Mapping[str, Value],
        news: Mapping[str, Value],
        *,
        preview: bool,
    ) -> Made:
        self._log("update", urn_name(urn), preview)
        outputs = {**_plain(news), "arn": old_outputs.get("arn"), "stamp": old_outputs.get("stamp")}
        if not deep_equals(old_inputs.get("turn"), news.get("turn")):
            self.world.made += 1
            outputs["stamp"] = UNKNOWN if preview else f"stamp{self.world.made}"
        return Made(id, outputs)

    def read(self, urn: str, id: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> Made | None:
        self._log("read", urn_name(urn), id)
        if id.startswith("missing"):
            return None
        found = self.world.existing.get(id, {"size": 1})
        read = None if id.startswith("unimportable") else dict(found)
        return Made(f"{id}-found" if id.startswith("moved") else id, {**found, "arn": f"arn:{id}"}, read)

    def delete(self, urn: str, id: str, outputs: Mapping[str, Value]) -> str | None:
        self._log("delete", urn_name(urn), id)
        return self.world.refusals.get(urn_name(urn))

    def invoke(self, token: str, args: Mapping[str, Value]) -> dict[str, Value]:
        if token.endswith("lookup"):
            return {"found": args["id"]}
        raise UnansweredCall(token, args)


def _plain(news: Mapping[str, Value]) -> dict[str, Value]:
    # `size` is always among the outputs: what is missing from an answer is unknown to an SDK in a preview.
    return {"size": None} | {key: unwrap(value) for key, value in news.items() if key != "__defaults"}


def _diff(olds: Mapping[str, Value], news: Mapping[str, Value]) -> Diff:
    properties, replaces, first = [], [], False
    for key in sorted({*olds, *news}):
        if key in ("__defaults", "version") or deep_equals(unwrap(olds.get(key)), unwrap(news.get(key))):
            continue
        effect = kind_of(key)
        if effect == "ignored":
            continue
        kind = "add" if key not in olds else "delete" if key not in news else "update"
        if effect == "replace":
            replaces.append(key)
            kind += "-replace"
            first = first or key.startswith("pin")
        properties.append(PropertyDiff(key, kind, effect, FACT, True))  # type: ignore[arg-type]
    return Diff(bool(properties), tuple(properties), tuple(replaces), delete_before_replace=first)


class FakeProviders:
    """Hands out a `Cloud` for every package and configuration."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.existing: dict[str, dict[str, Value]] = {}
        self.refusals: dict[str, str] = {}
        self.made = 0

    def get(self, package: str, config: Mapping[str, Value]) -> Cloud:
        return Cloud(package, self)

    def called(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]


@dataclass(frozen=True)
class Ref:
    """An output of a resource, used as an input of another."""

    urn: str
    value: Value


@dataclass
class Handle:
    """A registered resource."""

    answer: Registered
    preview: bool
    custom: bool = True

    @property
    def urn(self) -> str:
        return self.answer.urn

    @property
    def id(self) -> Ref:
        return Ref(self.urn, self.answer.id or UNKNOWN)

    @property
    def ref(self) -> str:
        return f"{self.urn}::{self.answer.id}"

    def __getitem__(self, name: str) -> Ref:
        return Ref(self.urn, self.answer.outputs.get(name, UNKNOWN if self.preview else None))


@dataclass
class Session:
    """What a test's program registers with."""

    deployment: Deployment
    preview: bool
    handles: dict[str, Handle] = field(default_factory=dict)

    def res(self, name: str, /, type: str = "pkg:m:Thing", depends: tuple[Handle, ...] = (), **options: Any) -> Handle:
        """Register a custom resource. Lower-case keywords that are no Goal field are its inputs."""
        return self._register(name, type, True, depends, options)

    def component(self, name: str, /, type: str = "my:index:Group", **options: Any) -> Handle:
        return self._register(name, type, False, (), options)

    def provider(self, name: str, /, package: str = "pkg", **options: Any) -> Handle:
        return self._register(name, f"pulumi:providers:{package}", True, (), options)

    def read(self, name: str, id: Any, /, type: str = "pkg:m:Thing", **options: Any) -> Handle:
        inputs = options.pop("inputs", {})
        if isinstance(id, Ref):
            id = id.value
        goal = Goal(type, name, True, inputs, read_id=id, **options)
        return Handle(self.deployment.read(goal), self.preview)

    def _register(
        self, name: str, type: str, custom: bool, depends: tuple[Handle, ...], options: dict[str, Any]
    ) -> Handle:
        fields = {key: options.pop(key) for key in list(options) if key in Goal.__dataclass_fields__}
        inputs = fields.pop("inputs", {}) | options
        deps = [handle.urn for handle in depends]
        per_property: dict[str, list[str]] = {}
        for key, value in inputs.items():
            urns: list[str] = []
            inputs[key] = _resolved(value, urns)
            per_property[key] = urns
            deps += urns
        for key in ("parent", "deleted_with"):
            if isinstance(fields.get(key), Handle):
                fields[key] = fields[key].urn
        if isinstance(fields.get("provider"), Handle):
            fields["provider"] = fields["provider"].ref
        fields["replace_with"] = [handle.urn for handle in fields.get("replace_with", ())]
        if isinstance(fields.get("replacement_trigger"), Ref):
            fields["replacement_trigger"] = fields["replacement_trigger"].value
        goal = Goal(
            type,
            name,
            custom,
            inputs,
            dependencies=list(dict.fromkeys([*deps, *fields.pop("dependencies", ())])),
            property_dependencies=fields.pop("property_dependencies", per_property),
            **fields,
        )
        handle = Handle(self.deployment.register(goal), self.preview, custom)
        self.handles[name] = handle
        return handle


def _resolved(value: Any, urns: list[str]) -> Value:
    if isinstance(value, Ref):
        urns.append(value.urn)
        return value.value
    if isinstance(value, list):
        return [_resolved(item, urns) for item in value]
    if isinstance(value, dict):
        return {key: _resolved(item, urns) for key, item in value.items()}
    if isinstance(value, Secret):
        return Secret(_resolved(value.value, urns))
    return value


Program = Callable[[Session], Any]


class World:
    """A stack: `up` deploys a program and keeps the state, `plan` previews one against it."""

    def __init__(self, config: Mapping[str, Value] | None = None) -> None:
        self.state = Snapshot("dev", "proj")
        self.providers = FakeProviders()
        self.config = dict(config or {})
        self.options: dict[str, Any] = {"stateful": lambda type, _: type.endswith("Data")}

    def run(self, program: Program, *, preview: bool) -> Outcome:
        self.providers.calls.clear()
        deployment = Deployment(self.state, self.providers, preview=preview, config=self.config, **self.options)
        program(Session(deployment, preview))
        return deployment.finish()

    def up(self, program: Program) -> Outcome:
        outcome = self.run(program, preview=False)
        self.state = outcome.snapshot
        return outcome

    def plan(self, program: Program) -> Outcome:
        return self.run(program, preview=True)


def nothing(_: Session) -> None:
    """The program that has been emptied."""


def stack(before: Program) -> World:
    """A world in which a program has been deployed."""
    world = World()
    outcome = world.up(before)
    assert not outcome.failed, outcome.diagnostics
    return world


def ops(outcome: Outcome) -> dict[str, str]:
    """The net operation by logical name, without default providers."""
    return {
        urn_name(urn): op
        for urn, op in net_ops(outcome.steps).items()
        if not (":providers:" in urn and urn_name(urn).startswith("default"))
    }


def sequence(outcome: Outcome) -> list[str]:
    """Every step but those of default providers and of what stays, as `op name`."""
    return [
        f"{step.op} {urn_name(step.urn)}"
        for step in outcome.steps
        if step.op != "same" and not (":providers:" in step.urn and urn_name(step.urn).startswith("default"))
    ]


def changes(before: Program, after: Program) -> dict[str, str]:
    """Net operations of a preview from one program to the other; the update that follows must do the same, and leave
    nothing to do."""
    world = stack(before)
    planned = world.plan(after)
    done = world.up(after)
    assert ops(done) == ops(planned)
    assert not done.failed, done.diagnostics
    again = world.plan(after)
    assert set(ops(again).values()) <= {"same", "read"}, ops(again)
    return ops(planned)


def step(outcome: Outcome, name: str, op: str | None = None) -> Step:
    """The one step of a resource, or the one with an operation."""
    found = [item for item in outcome.steps if urn_name(item.urn) == name and op in (None, item.op)]
    assert len(found) == 1, [item.op for item in found]
    return found[0]


def live(outcome: Outcome, name: str) -> State:
    """A resource's state after the run."""
    found = [state for state in outcome.snapshot if state.name == name and not state.delete]
    assert len(found) == 1, found
    return found[0]


def errors(outcome: Outcome) -> list[str]:
    """The messages of all errors."""
    return [item.message for item in outcome.diagnostics if item.severity == "error"]
