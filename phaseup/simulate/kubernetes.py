"""The rules of package `kubernetes`: ids are `namespace/name`, changes are patches of what was applied last.

Source: pulumi-kubernetes provider/pkg/metadata/naming.go and provider.go (v4.34.2, 2026-07).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from phaseup.graph.resource import urn_name
from phaseup.graph.values import Value, unwrap
from phaseup.simulate.context import Context
from phaseup.simulate.rules import Rules
from phaseup.simulate.seed import digest

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
AUTONAMED: Final = "pulumi.com/autonamed"


def _metadata(inputs: Mapping[str, Value]) -> dict[str, Value]:
    given = unwrap(inputs.get("metadata"))
    return given if isinstance(given, dict) else {}


def _autonamed(inputs: Mapping[str, Value]) -> bool:
    annotations = _metadata(inputs).get("annotations")
    return isinstance(annotations, dict) and annotations.get(AUTONAMED) == "true"


def _fill(urn: str, olds: Mapping[str, Value], news: dict[str, Value], seed: bytes) -> None:
    """Name the object after the URN with 8 hex digits where it has no name, and say so in an annotation."""
    if "kind" not in news:
        return
    metadata = dict(_metadata(news))
    if metadata.get("name") is not None or metadata.get("generateName"):
        return
    before = _metadata(olds)
    kept = before.get("name") if _autonamed(olds) else None
    metadata["name"] = kept or f"{urn_name(urn)}-{digest(seed.hex(), urn)[:8]}"
    annotations = metadata.get("annotations")
    metadata["annotations"] = {**(annotations if isinstance(annotations, dict) else {}), AUTONAMED: "true"}
    news["metadata"] = metadata


def _keeps_name(olds: Mapping[str, Value], news: Mapping[str, Value]) -> bool:
    if _autonamed(news):
        return False
    before, after = _metadata(olds), _metadata(news)
    return all(before.get(key) == after.get(key) for key in ("name", "namespace"))


def _id(context: Context) -> str:
    metadata = _metadata(context.inputs)
    name = metadata.get("name") or f"{context.name}-{context.hex(8, 'name')}"
    namespace = metadata.get("namespace")
    return f"{namespace}/{name}" if namespace else str(name)


def _outputs(context: Context) -> dict[str, Value]:
    name = context.id.rsplit("/", 1)[-1]
    return {"metadata": {**_metadata(context.inputs), "name": name, "uid": context.uuid("uid"), "resourceVersion": "1"}}


def _release_id(context: Context) -> str:
    return f"{context.inputs.get('namespace') or 'default'}/{context.inputs.get('name') or context.name}"


def _release_outputs(context: Context) -> dict[str, Value]:
    """What Helm says of a release that it has just installed."""
    namespace, _, name = context.id.partition("/")
    chart = str(context.inputs.get("chart") or "").rsplit("/", 1)[-1]
    status: dict[str, Value] = {
        "name": name,
        "namespace": namespace,
        "chart": chart,
        "version": context.inputs.get("version") or "",
        "appVersion": "",
        "revision": 1,
        "status": "deployed",
    }
    return {"status": status, "name": name, "namespace": namespace}


RULES: Final = Rules(
    "kubernetes",
    bridged=False,
    records_defaults=False,
    ids={RELEASE: _release_id},
    default_id=_id,
    outputs={RELEASE: _release_outputs},
    default_outputs=_outputs,
    fill=_fill,
    keeps_name=_keeps_name,
    # With it set, any other change of the provider's configuration is an update (the provider's schema).
    config_replaces=frozenset({"clusterIdentifier"}),
)
