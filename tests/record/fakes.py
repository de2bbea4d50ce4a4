"""A deployment that only creates, for tests of the recorder alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from phaseup.graph.resource import STACK_TYPE, Goal, Snapshot, State, make_urn
from phaseup.graph.values import UNKNOWN, Value
from phaseup.simulate.provider import UnansweredCall


@dataclass
class Registered:
    urn: str
    id: str
    outputs: dict[str, Value]
    unknown: bool = False


@dataclass
class Outcome:
    goals: dict[str, Goal]
    snapshot: Snapshot
    invokes: list[tuple[str, dict[str, Value], str]] = field(default_factory=list)


class FakeDeployment:
    """Outputs: the inputs, and in an update each other output as `<name>.<property>`."""

    def __init__(
        self, old: Snapshot, providers: Any, *, preview: bool, config: Mapping[str, str], stack_outputs: Any
    ) -> None:
        self.old, self.providers, self.preview = old, providers, preview
        self.config, self.stack_outputs = config, stack_outputs
        self.outcome = Outcome({}, Snapshot(old.stack, old.project))

    def register(self, goal: Goal) -> Registered:
        parent = goal.parent
        urn = make_urn(self.old.stack, self.old.project, parent, goal.type, goal.name)
        if urn in self.outcome.goals:
            raise ValueError(f"Duplicate resource URN '{urn}'; try giving it a unique name")
        self.outcome.goals[urn] = goal
        outputs = dict(goal.inputs)
        if not self.preview:
            outputs |= {n: f"{goal.name}.{n}" for n in goal.output_names if n not in outputs}
        id = "" if self.preview or not goal.custom else hashlib.sha256(urn.encode()).hexdigest()[:8]
        self.outcome.snapshot.resources.append(
            State(
                urn, goal.type, goal.custom, id, dict(goal.inputs), outputs if goal.custom else {}, parent,
                dependencies=goal.dependencies, property_dependencies=goal.property_dependencies,
                protect=bool(goal.protect), source_position=goal.source_position,
            )
        )  # fmt: skip
        return Registered(urn, id, outputs)

    def read(self, goal: Goal) -> Registered:
        urn = make_urn(self.old.stack, self.old.project, goal.parent, goal.type, goal.name)
        self.outcome.goals[urn] = goal
        if goal.type == "pulumi:pulumi:StackReference":
            outputs = {"name": goal.inputs["name"], "outputs": dict(self.stack_outputs(goal.inputs["name"]))}
            return Registered(urn, str(goal.read_id), outputs | {"secretOutputNames": []})
        if goal.read_id is UNKNOWN:
            return Registered(urn, "", {})
        return Registered(urn, str(goal.read_id), {n: f"{goal.read_id}.{n}" for n in goal.output_names})

    def register_outputs(self, urn: str, outputs: dict[str, Value]) -> None:
        for state in self.outcome.snapshot.resources:
            if state.urn == urn:
                state.outputs = outputs

    def invoke(self, token: str, args: dict[str, Value], provider_ref: str = "", **_options: str) -> dict[str, Value]:
        self.outcome.invokes.append((token, args, provider_ref))
        if token == "pulumi:pulumi:getResource":
            state = self.outcome.snapshot.by_urn()[args["urn"]]
            return {"urn": state.urn, "id": state.id, "state": state.outputs}
        raise UnansweredCall(token, args)

    def finish(self) -> Outcome:
        return self.outcome


def stack_outputs(outcome: Outcome) -> dict[str, Value]:
    return next(state.outputs for state in outcome.snapshot if state.type == STACK_TYPE)
