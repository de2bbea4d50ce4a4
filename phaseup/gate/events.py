"""The engine's events, one JSON object a line, brought into the form of a digest (sdk/go/common/apitype/events.go)."""

from __future__ import annotations

from typing import Any, Final

from phaseup.gate.document import Preview, from_digest
from phaseup.graph.resource import STACK_TYPE, urn_qualified_type

OUTPUT: Final = "phaseup"
"""The Stack's output that says which plan it belongs to."""


def is_event(document: dict[str, Any]) -> bool:
    """Whether an object is one of the engine's events."""
    return "sequence" in document and any(key.endswith("Event") for key in document)


def from_events(events: list[dict[str, Any]], source: str) -> Preview:
    """The preview that they tell; without the summary at the end they were cut off."""
    digest: dict[str, Any] = {"steps": [], "diagnostics": []}
    outputs: dict[str, Any] | None = None
    end: dict[str, Any] | None = None
    for event in events:
        if prelude := _of(event, "preludeEvent"):
            digest["config"] = prelude.get("config")
        elif said := _of(event, "diagnosticEvent"):
            if not said.get("ephemeral") and said.get("severity") != "debug":
                digest["diagnostics"].append({key: said[key] for key in ("severity", "message", "urn") if key in said})
        elif broken := _of(event, "policyEvent"):
            if broken.get("enforcementLevel") == "mandatory":
                what = f"policy {broken.get('policyName')}: {broken.get('message')}"
                digest["diagnostics"].append({"severity": "error", "message": what})
        elif failed := _of(event, "errorEvent"):
            digest["diagnostics"].append({"severity": "error", "message": str(failed.get("error"))})
        elif before := _of(event, "resourcePreEvent"):
            digest["steps"].append(_step(before.get("metadata")))
        elif after := _of(event, "resOutputsEvent"):
            outputs = _outputs(after.get("metadata")) or outputs
        elif summary := _of(event, "summaryEvent"):
            end = summary
            digest["changeSummary"] = summary.get("resourceChanges")
            digest["maybeCorrupt"] = summary.get("maybeCorrupt", False)
    faults = _faults(end, any(said["severity"] == "error" for said in digest["diagnostics"] if "severity" in said))
    if faults:
        return Preview(source, faults=faults)
    return from_digest(digest, source, outputs=outputs)


def _faults(end: dict[str, Any] | None, failed: bool) -> tuple[str, ...]:
    if end is None:
        return ("cut off: there is no summaryEvent, with which the engine ends a preview",)
    if end.get("isPreview") is False:
        return ("summaryEvent: isPreview is false: these are the events of an update, not of a preview",)
    result = end.get("result", "succeeded")
    if result not in ("succeeded", "") and not failed:
        return (f"summaryEvent: the preview {result}, and no event says why",)
    return ()


def _of(event: dict[str, Any], key: str) -> dict[str, Any]:
    found = event.get(key)
    return found if isinstance(found, dict) else {}


def _step(metadata: Any) -> Any:
    if not isinstance(metadata, dict):
        return metadata
    detailed = metadata.get("detailedDiff")
    if isinstance(detailed, dict):
        detailed = {
            path: {"kind": change.get("diffKind", "")} if isinstance(change, dict) else change
            for path, change in detailed.items()
        }
    step = {
        "op": metadata.get("op"),
        "urn": metadata.get("urn"),
        "diffReasons": metadata.get("diffs"),
        "replaceReasons": metadata.get("keys"),
        "detailedDiff": detailed,
    }
    return step | {f"{side}State": metadata[side] for side in ("old", "new") if metadata.get(side) is not None}


def _outputs(metadata: Any) -> dict[str, Any] | None:
    """Those of the Stack, told twice: as it is registered, without its own, and at the end."""
    if not isinstance(metadata, dict) or not isinstance(metadata.get("urn"), str) or metadata["urn"].count("::") < 3:
        return None
    new = metadata.get("new")
    if urn_qualified_type(metadata["urn"]) != STACK_TYPE or not isinstance(new, dict):
        return None
    outputs = new.get("outputs")
    return outputs if isinstance(outputs, dict) and outputs else None
