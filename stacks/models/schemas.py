"""JSON Schemas of every format, from the models: `python -m stacks.models.schemas` writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from stacks.models.addresses import PREFIX
from stacks.models.blueprint import NAME, BlueprintFile
from stacks.models.kinds import INSTALLED, Kinds
from stacks.models.paths import SCHEMAS
from stacks.models.stack import ENGINE_KEYS, PROVIDER_PREFIXES, StackConfig

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schemas(kinds: Kinds = INSTALLED) -> dict[str, dict[str, Any]]:
    """File name → schema: one for each format, one for each kind's spec."""
    out = {
        "stack.schema.json": _stack(),
        "blueprint.schema.json": _blueprint(kinds),
        "addresses.schema.json": _addresses(),
    }
    for kind in kinds.names:
        schema = kinds.spec(kind).model_json_schema()
        schema["properties"] = {"kind": {"const": kind}, "takes_over": _TAKES_OVER, **schema.get("properties", {})}
        schema["required"] = ["kind", *schema.get("required", [])]
        out[f"kinds/{kind}.schema.json"] = {"$schema": _DIALECT, **schema}
    return out


def texts(kinds: Kinds = INSTALLED) -> dict[str, str]:
    """The files' contents."""
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas(kinds).items()}


def stale(folder: Path = SCHEMAS, kinds: Kinds = INSTALLED) -> list[str]:
    """The files that are missing, differ from the models, or belong to no model."""
    wanted = texts(kinds)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.json")}
    changed = [name for name, text in wanted.items() if name not in there or (folder / name).read_text() != text]
    return sorted({*changed, *(there - wanted.keys())})


_TAKES_OVER: Final = {"type": "string", "pattern": NAME, "description": "The role it fills in place of that block."}


def _stack() -> dict[str, Any]:
    config = StackConfig.model_json_schema(by_alias=True)
    definitions = config.pop("$defs")
    for internal in ("name", "file", "values", "document"):
        config["properties"].pop(internal)
    config["patternProperties"] = {f"^({'|'.join(PROVIDER_PREFIXES)})": {}}
    return {
        "$schema": _DIALECT,
        "title": "A stack of phaseup",
        "type": "object",
        "additionalProperties": False,
        "required": ["config"],
        "properties": {"config": config, **{key: {} for key in ENGINE_KEYS}},
        "$defs": definitions,
    }


def _blueprint(kinds: Kinds) -> dict[str, Any]:
    schema = BlueprintFile.model_json_schema(by_alias=True)
    # A phase writes deltas: the keys of its kind, any of them missing; without `kind` any kind's.
    rules = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"properties": {field: {} for field in _fields(kinds, kind)}, "additionalProperties": False},
        }
        for kind in kinds.names
    ]
    block = {
        "type": ["object", "null"],
        "properties": {"kind": {"enum": list(kinds.names)}, "takes_over": _TAKES_OVER},
        "allOf": rules,
    }
    schema["$defs"]["Block"] = block
    schema["$defs"]["Phase"]["properties"]["blocks"]["additionalProperties"] = {"$ref": "#/$defs/Block"}
    return {"$schema": _DIALECT, **schema}


def _fields(kinds: Kinds, kind: str) -> list[str]:
    return ["kind", "takes_over", *kinds.spec(kind).model_fields]


def _addresses() -> dict[str, Any]:
    network = {"type": "string", "pattern": rf"^\d+\.\d+\.0\.0/{PREFIX}$"}
    regions = {"type": "object", "additionalProperties": network}
    environments = {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(("dev", "staging", "prod"), regions),
    }
    return {
        "$schema": _DIALECT,
        "title": "The register of networks: system → environment → region → CIDR",
        "type": "object",
        "additionalProperties": environments,
    }


def main() -> None:
    """Writes every schema and takes away those of kinds that are gone."""
    wanted = texts()
    for name in stale():
        path = SCHEMAS / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name])
        else:
            path.unlink()


if __name__ == "__main__":
    main()
