"""The engine's own provider: StackReference, Stash and the lookups of package `pulumi`.

Rules from pkg/resource/deploy/builtins.go (Pulumi 3.260, 2026-08).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from phaseup.graph.resource import State, urn_type
from phaseup.graph.values import UNKNOWN, Secret, Value, has_secret
from phaseup.plan.values import deep_equals
from phaseup.simulate.provider import Checked, CheckFailure, Diff, Made, PropertyDiff, UnansweredCall

STACK_REFERENCE = "pulumi:pulumi:StackReference"
STASH = "pulumi:index:Stash"
SOURCE = "engine builtin (pkg/resource/deploy/builtins.go, 3.260)"

_REQUIRED = {STACK_REFERENCE: "name", STASH: "input"}
_IDS = uuid.UUID("0b0c4f0e-58a5-4b0e-9a39-6cf9c1d4ab25")

StackOutputs = Callable[[str], Mapping[str, Value]]


class Builtins:
    """`stack_outputs` answers for other stacks by name; `find` gives a state of this run by URN."""

    package = "pulumi"

    def __init__(self, stack_outputs: StackOutputs | None, find: Callable[[str], State | None]) -> None:
        self._stack_outputs = stack_outputs
        self._find = find

    def check_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Checked:  # noqa: ARG002
        """Anything goes."""
        return Checked(dict(news))

    def diff_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Diff:  # noqa: ARG002
        """Never a change."""
        return Diff(False)

    def configure(self, config: Mapping[str, Value]) -> None:
        """Nothing to configure."""

    def check(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value], seed: bytes) -> Checked:  # noqa: ARG002
        """One property each, required, and no other."""
        required = _required(urn)
        for key in news:
            if key != required:
                return Checked(dict(news), (CheckFailure(key, f'unknown property "{key}"'),))
        if required not in news:
            return Checked(dict(news), (CheckFailure(required, f'missing required property "{required}"'),))
        value = news[required]
        if required == "name" and not isinstance(value, str) and value is not UNKNOWN:
            return Checked(dict(news), (CheckFailure("name", 'property "name" must be a string'),))
        return Checked(dict(news))

    def diff(
        self,
        urn: str,
        id: str,  # noqa: ARG002
        old_inputs: Mapping[str, Value],
        old_outputs: Mapping[str, Value],  # noqa: ARG002
        news: Mapping[str, Value],
        ignore_changes: tuple[str, ...] = (),  # noqa: ARG002
    ) -> Diff:
        """Another stack's name replaces a reference, another input updates a stash."""
        required = _required(urn)
        if deep_equals(news.get(required), old_inputs.get(required)):
            return Diff(False)
        if required == "name":
            return Diff(True, (PropertyDiff("name", "update-replace", "replace", SOURCE, True),), ("name",))
        return Diff(True, (PropertyDiff("input", "update", "update", SOURCE, True),))

    def create(self, urn: str, news: Mapping[str, Value], *, preview: bool) -> Made:
        """A reference has the other stack's outputs; a stash keeps what it is first given."""
        id = "" if preview else str(uuid.uuid5(_IDS, urn))
        if _required(urn) == "name":
            return Made(id, self._reference(news))
        return Made(id, {"input": news["input"], "output": news["input"]})

    def update(
        self,
        urn: str,  # noqa: ARG002
        id: str,
        old_inputs: Mapping[str, Value],  # noqa: ARG002
        old_outputs: Mapping[str, Value],
        news: Mapping[str, Value],
        *,
        preview: bool,  # noqa: ARG002
    ) -> Made:
        """Only a stash is updated, and it holds on to its first output."""
        return Made(id, {"input": news["input"], "output": old_outputs.get("output")})

    def read(self, urn: str, id: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> Made | None:
        """What the SDKs' StackReference calls."""
        if _required(urn) == "name":
            if "name" not in inputs:
                raise ValueError("stack reference can not be imported")
            return Made(id, self._reference(inputs), dict(inputs))
        if not inputs:
            raise ValueError("stash can not be imported")
        return Made(id, dict(outputs), dict(inputs))

    def delete(self, urn: str, id: str, outputs: Mapping[str, Value]) -> str | None:  # noqa: ARG002
        """Nothing to delete."""
        return None

    def invoke(self, token: str, args: Mapping[str, Value]) -> dict[str, Value]:
        """`readStackOutputs` and `getResource`."""
        if token == "pulumi:pulumi:readStackOutputs":
            return self._reference(args)
        if token == "pulumi:pulumi:getResource":
            urn = args.get("urn")
            state = self._find(urn) if isinstance(urn, str) else None
            if state is None:
                raise ValueError(f"unknown resource {urn}")
            return {"urn": urn, "id": state.id or UNKNOWN, "provider": state.provider, "state": state.outputs}
        raise UnansweredCall(token, args)

    def _reference(self, inputs: Mapping[str, Value]) -> dict[str, Value]:
        name = inputs.get("name")
        if self._stack_outputs is None or not isinstance(name, str):
            raise UnansweredCall(STACK_REFERENCE, inputs)
        outputs = dict(self._stack_outputs(name))
        secret = sorted(key for key, value in outputs.items() if isinstance(value, Secret) or has_secret(value))
        return {"name": name, "outputs": outputs, "secretOutputNames": list(secret)}


def _required(urn: str) -> str:
    type_ = urn_type(urn)
    if type_ not in _REQUIRED:
        raise ValueError(f"unrecognized resource type '{type_}'")
    return _REQUIRED[type_]
