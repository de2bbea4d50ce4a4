"""Remote components: built by a package's own process, which is not run here, so their children stay unseen.

They are listed as opaque, and their outputs are invented so that the rest of the program can go on. The answers file
may give the real ones.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi import Resource

from phaseup.graph.resource import Goal
from phaseup.graph.values import RESOURCE_SIGNATURE, SIGNATURE, UNKNOWN, Value, has_unknown
from phaseup.simulate.schema import Shape, schema_for

_DEPTH = 4
"""How far into nested output types values are invented."""
_LENGTH = 3
"""Of invented lists: most are per availability zone."""


@dataclass
class Opaque:
    """The remote components of one run. `given` are outputs by logical name, from the answers file."""

    preview: bool
    given: Mapping[str, Mapping[str, Value]]
    urns: list[str] = field(default_factory=list)
    children: dict[str, str] = field(default_factory=dict)
    """URNs of invented children that outputs refer to → the component's URN."""

    def outputs_of(self, goal: Goal, urn: str, old: Mapping[str, Value] | None) -> dict[str, Value]:
        """Outputs of a remote component: what the answers file gives; in a preview those of `old` or, where there are
        none, unknowns, for nothing has been built yet; else invented ones, the same for the same URN. Inputs of the
        same name are given back."""
        self.urns.append(urn)
        schema = schema_for(goal.type)
        shapes = schema.outputs if schema else {}
        given = self.given.get(goal.name, {})
        made: dict[str, Value] = {}
        for name in dict.fromkeys([*goal.output_names, *shapes, *given]):
            if name in given:
                made[name] = given[name]
            elif old is not None and name in old:
                made[name] = old[name]
                self._adopt(old[name], urn)
            elif name in goal.inputs and not has_unknown(goal.inputs[name]):
                made[name] = goal.inputs[name]
            elif self.preview:
                made[name] = UNKNOWN
            else:
                made[name] = self._invent(urn, name, shapes.get(name), _DEPTH)
        return made

    def state_of(self, urn: str) -> dict[str, Value] | None:
        """What `getResource` answers for an invented child; None for any other URN."""
        if urn not in self.children:
            return None
        schema = schema_for(urn.split("::")[2].rsplit("$", 1)[-1])
        shapes = schema.outputs if schema else {}
        state = {name: self._invent(urn, name, shape, _DEPTH) for name, shape in shapes.items()}
        return {"urn": urn, "id": _text(urn, "id"), "state": state}

    def seen(self, urns: list[str]) -> list[str]:
        """Dependencies with the component in place of its invented children, which no state holds."""
        if self.children.keys().isdisjoint(urns):
            return urns
        return sorted({self.children.get(urn, urn) for urn in urns})

    def _invent(self, urn: str, path: str, shape: Shape | None, depth: int) -> Value:
        kind = shape.kind if shape else "string"
        if kind in ("integer", "number"):
            return 1
        if kind == "boolean":
            return False
        if shape is not None and kind == "list":
            return [self._invent(urn, f"{path}[{i}]", shape.item, depth - 1) for i in range(_LENGTH if depth else 0)]
        if shape is not None and kind == "map":
            return {"key": self._invent(urn, f"{path}.key", shape.item, depth - 1)} if depth else {}
        if shape is not None and kind == "object":
            if inspect.isclass(shape.cls) and issubclass(shape.cls, Resource):
                return self._reference(urn, path, shape.cls)
            fields = shape.fields() if depth else {}
            return {name: self._invent(urn, f"{path}.{name}", item, depth - 1) for name, item in fields.items()}
        return _text(urn, path)

    def _reference(self, urn: str, path: str, cls: type) -> Value:
        """A reference to a child that the component would have made."""
        parent_type, name = urn.split("::", 3)[2:]
        child_type = getattr(cls, "pulumi_type", "pulumi:pulumi:Unknown")
        child = f"{'::'.join(urn.split('::', 2)[:2])}::{parent_type}${child_type}::{name}-{path}"
        self.children[child] = self.children.get(urn, urn)
        return {SIGNATURE: RESOURCE_SIGNATURE, "urn": child, "id": _text(child, "id"), "packageVersion": ""}

    def _adopt(self, value: Value, urn: str) -> None:
        """References in former outputs are invented children too."""
        if isinstance(value, dict):
            if value.get(SIGNATURE) == RESOURCE_SIGNATURE:
                self.children[value["urn"]] = urn
            for item in value.values():
                self._adopt(item, urn)
        elif isinstance(value, list):
            for item in value:
                self._adopt(item, urn)


def _text(urn: str, path: str) -> str:
    digest = hashlib.sha256(f"{urn}\0{path}".encode()).hexdigest()[:12]
    return f"{path}-{digest}"
