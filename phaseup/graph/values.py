"""Property values as the engine sees them, and their wire form.

A value is None, bool, int, float, str, list, dict, `UNKNOWN`, or a `Secret` around one of these. Assets, archives and
resource references stay dicts that carry the engine's signature key, so that they round-trip untouched.

Source of the signatures: sdk/go/common/resource/properties.go and sdk/go/common/resource/sig (Pulumi 3.260, 2026-08).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET_SIGNATURE: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"

UNKNOWN_WIRE: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string, and what the Python SDK writes for every kind
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Value: TypeAlias = Any
"""None | bool | int | float | str | list[Value] | dict[str, Value] | Secret | UNKNOWN."""


class Unknown:
    """The type of `UNKNOWN`: a value that will be known only after something has been created or replaced."""

    _instance: Unknown | None = None

    def __new__(cls) -> Unknown:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "[unknown]"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> tuple[type[Unknown], tuple[()]]:
        return (Unknown, ())


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True, eq=True)
class Secret:
    """A value that must not reach a plan, a report, a log or a command line; its repr never shows it."""

    value: Value

    def __repr__(self) -> str:
        return "[secret]"


def from_struct(struct: Any) -> dict[str, Value]:
    """Python values of a protobuf Struct; whole floats become ints, signatures become `Secret` and `UNKNOWN`."""
    return {key: from_wire(value) for key, value in struct.fields.items()}


def from_wire(value: Any) -> Value:
    """The Python value of one protobuf `Value`."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in UNKNOWN_WIRE else text
    if kind == "struct_value":
        return _decode_object({key: from_wire(item) for key, item in value.struct_value.fields.items()})
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "list_value":
        return [from_wire(item) for item in value.list_value.values]
    return None


def from_json(value: Any) -> Value:
    """The Python value of a checkpoint's JSON value (signatures decoded, unknowns recognised)."""
    if isinstance(value, dict):
        return _decode_object({key: from_json(item) for key, item in value.items()})
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str) and value in UNKNOWN_WIRE:
        return UNKNOWN
    return value


def encrypted(ciphertext: str) -> str:
    """What stands for a secret that nobody has decrypted: equal to itself and to nothing else."""
    return f"[encrypted {hashlib.sha256(ciphertext.encode()).hexdigest()[:16]}]"


def to_json(value: Value, *, reveal: bool = False) -> Any:
    """The JSON form of a value: secrets as `[secret]` unless `reveal`, then with the engine's signature; unknowns by
    their wire string."""
    if value is UNKNOWN:
        return UNKNOWN_STRING
    if isinstance(value, Secret):
        if not reveal:
            return "[secret]"
        return {SIGNATURE: SECRET_SIGNATURE, "value": to_json(value.value, reveal=True)}
    if isinstance(value, Mapping):
        return {key: to_json(item, reveal=reveal) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item, reveal=reveal) for item in value]
    return value


def fill_struct(struct: Any, values: Mapping[str, Value]) -> Any:
    """Write `values` into the protobuf Struct `struct` in the engine's wire form and return it."""
    for key, value in values.items():
        _fill_value(struct.fields[key], value)
    return struct


def _fill_value(target: Any, value: Value) -> None:
    if value is None:
        target.null_value = 0
    elif value is UNKNOWN:
        target.string_value = UNKNOWN_STRING
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, Secret):
        target.struct_value.fields[SIGNATURE].string_value = SECRET_SIGNATURE
        _fill_value(target.struct_value.fields["value"], value.value)
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        for key, item in value.items():
            _fill_value(target.struct_value.fields[key], item)
    elif isinstance(value, (list, tuple)):
        target.list_value.SetInParent()
        for item in value:
            _fill_value(target.list_value.values.add(), item)
    else:
        raise TypeError(f"no property value: {type(value).__name__}")


def unwrap(value: Value) -> Value:
    """The value without any `Secret` around it or inside it."""
    if isinstance(value, Secret):
        return unwrap(value.value)
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unwrap(item) for item in value]
    return value


def has_unknown(value: Value) -> bool:
    """Whether any leaf is unknown."""
    return any(leaf is UNKNOWN for _, leaf in leaves(value))


def has_secret(value: Value) -> bool:
    """Whether any part is a `Secret`."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(has_secret(item) for item in value)
    return False


def leaves(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Every leaf with its property path (`a.b[0].c`), seen through secrets."""
    if isinstance(value, Secret):
        yield from leaves(value.value, path)
    elif isinstance(value, dict) and value and SIGNATURE not in value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def _decode_object(values: dict[str, Value]) -> Value:
    signature = values.get(SIGNATURE)
    if signature == SECRET_SIGNATURE:
        if "value" in values:
            return Secret(values["value"])
        if "plaintext" in values:
            return Secret(from_json(json.loads(values["plaintext"])))
        return Secret(encrypted(str(values.get("ciphertext", ""))))
    if signature == OUTPUT_SIGNATURE:
        inner = values.get("value", UNKNOWN)
        return Secret(inner) if values.get("secret") else inner
    if signature == RESOURCE_SIGNATURE and "packageVersion" not in values:
        return {**values, "packageVersion": ""}  # as the engine stores a reference that came without
    return values


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
