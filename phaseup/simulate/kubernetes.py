"""The rules of package `kubernetes`: ids are `namespace/name`, changes are patches of what was applied last."""

from __future__ import annotations

from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.context import Context
from phaseup.simulate.rules import Rules


def _metadata(context: Context) -> dict[str, Value]:
    given = context.inputs.get("metadata")
    return given if isinstance(given, dict) else {}


def _id(context: Context) -> str:
    metadata = _metadata(context)
    name = metadata.get("name") or f"{context.name}-{context.hex(8, 'name')}"
    namespace = metadata.get("namespace")
    return f"{namespace}/{name}" if namespace else str(name)


def _outputs(context: Context) -> dict[str, Value]:
    name = context.id.rsplit("/", 1)[-1]
    return {"metadata": {**_metadata(context), "name": name, "uid": context.uuid("uid"), "resourceVersion": "1"}}


RULES: Final = Rules(
    "kubernetes",
    bridged=False,
    records_defaults=False,
    default_id=_id,
    default_outputs=_outputs,
)
