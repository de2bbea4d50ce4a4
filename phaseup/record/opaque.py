"""Remote components: built by a package's own process, which is not run here, so their children stay unseen.

They are listed as opaque, and their outputs are invented so that the rest of the program can go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from phaseup.graph.resource import Goal
from phaseup.graph.values import UNKNOWN, Value, has_unknown
from phaseup.simulate.schema import Shape, schema_for

_DEPTH = 4
"""How far into nested output types values are invented."""


def outputs_of(goal: Goal, urn: str, old: Mapping[str, Value] | None, *, preview: bool) -> dict[str, Value]:
    """Outputs of a remote component. In a preview those of `old` (empty: there is none) or, where there are none,
    unknowns, for nothing has been built yet; else invented ones, the same for the same URN. Inputs of the same name
    are given back."""
    schema = schema_for(goal.type)
    names = dict.fromkeys([*goal.output_names, *(schema.outputs if schema else ())])
    made: dict[str, Value] = {}
    for name in names:
        if old is not None and name in old:
            made[name] = old[name]
        elif name in goal.inputs and not has_unknown(goal.inputs[name]):
            made[name] = goal.inputs[name]
        elif preview:
            made[name] = UNKNOWN
        else:
            made[name] = _invent(urn, name, schema.outputs.get(name) if schema else None, _DEPTH)
    return made


def _invent(urn: str, path: str, shape: Shape | None, depth: int) -> Value:
    kind = shape.kind if shape else "string"
    if kind in ("integer", "number"):
        return 1
    if kind == "boolean":
        return False
    if shape is not None and kind == "list":
        return [_invent(urn, f"{path}[0]", shape.item, depth - 1)] if depth else []
    if shape is not None and kind == "map":
        return {"key": _invent(urn, f"{path}.key", shape.item, depth - 1)} if depth else {}
    if shape is not None and kind == "object":
        fields = shape.fields() if depth else {}
        return {name: _invent(urn, f"{path}.{name}", field, depth - 1) for name, field in fields.items()}
    digest = hashlib.sha256(f"{urn}\0{path}".encode()).hexdigest()[:12]
    return f"{path}-{digest}"
