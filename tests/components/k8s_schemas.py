"""Kubernetes objects against the schemas of those who read them; unknown keys are errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate

CRDS = Path(__file__).parents[1] / "data" / "crds"
"""Each with its source, version and licence; the schema is the project's own."""


def validate(manifest: dict[str, Any], version: str) -> None:
    """Raises `jsonschema.ValidationError` for what the API server of this Kubernetes minor, or a CRD, would refuse."""
    group = manifest["apiVersion"].partition("/")[0]
    file = CRDS / f"{group}_{manifest['kind']}.json"
    if file.is_file():
        crd = json.loads(file.read_text(encoding="utf-8"))
        assert manifest["apiVersion"] == f"{crd['group']}/{crd['apiVersion']}"
        jsonschema.Draft202012Validator(closed(crd["schema"])).validate(manifest)
        return
    assert kubernetes_validate.validate(manifest, version, strict=True) == version


def closed(schema: Any, *, top: bool = True) -> Any:
    """A CRD's schema in which an object has the properties that it lists and no others."""
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    properties = schema.get("properties")
    if isinstance(properties, dict):
        made["properties"] = {
            key: {"type": "object"} if top and key == "metadata" else closed(value, top=False)
            for key, value in properties.items()
        }
        if not schema.get("x-kubernetes-preserve-unknown-fields") and "additionalProperties" not in schema:
            made["additionalProperties"] = False
    if "items" in schema:
        made["items"] = closed(schema["items"], top=False)
    if isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = closed(schema["additionalProperties"], top=False)
    return made
