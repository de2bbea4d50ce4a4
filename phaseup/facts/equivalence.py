"""Named equivalences: when two different values are no change to the provider (Terraform's DiffSuppressFunc)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

from phaseup.graph.values import UNKNOWN, Value


def equivalent(name: str, old: Value, new: Value) -> bool:
    """Whether `old` (the state's) and `new` (the program's) are one under the equivalence `name`."""
    if old is UNKNOWN or new is UNKNOWN:
        return False
    return EQUIVALENCES[name](old, new)


def json_equivalent(old: Value, new: Value) -> bool:
    """The same JSON document whatever its white space and order of keys."""
    try:
        return bool(_document(old) == _document(new))
    except (TypeError, ValueError):
        return False


def policy_equivalent(old: Value, new: Value) -> bool:
    """The same IAM policy: order of keys, of actions, resources and principals, and one-element lists mean nothing."""
    try:
        return bool(_policy(_document(old)) == _policy(_document(new)))
    except (TypeError, ValueError):
        return False


def case_insensitive(old: Value, new: Value) -> bool:
    """Equal but for the case of letters."""
    return isinstance(old, str) and isinstance(new, str) and old.lower() == new.lower()


def trailing_dot(old: Value, new: Value) -> bool:
    """A DNS name with and without its last dot, whatever the case."""
    return case_insensitive(_bare(old), _bare(new))


def trailing_newline(old: Value, new: Value) -> bool:
    """Equal but for white space around."""
    return isinstance(old, str) and isinstance(new, str) and old.strip() == new.strip()


def arn_or_name(old: Value, new: Value) -> bool:
    """A name and the ARN that ends with it (`…/name` or `…:name`)."""
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    long, short = (old, new) if len(old) > len(new) else (new, old)
    return long == short or (long.startswith("arn:") and re.split(r"[:/]", long)[-1] == short)


def numeric(old: Value, new: Value) -> bool:
    """`30`, `30.0` and 30."""
    try:
        return float(old) == float(new)
    except (TypeError, ValueError):
        return False


def boolean(old: Value, new: Value) -> bool:
    """`"1"`, `true` and `"true"`; likewise for false."""
    return _truth(old) is not None and _truth(old) == _truth(new)


def empty_as_absent(old: Value, new: Value) -> bool:
    """An empty text and none."""
    return old in (None, "") and new in (None, "")


def _document(value: Value) -> Any:
    """JSON text, or what the program gives in its place as an object."""
    return json.loads(value) if isinstance(value, str) else value


def _policy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _policy(item) for key, item in value.items()}
    if isinstance(value, list):
        if len(value) == 1:
            return _policy(value[0])
        return sorted((_policy(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return str(value).lower() if isinstance(value, bool) else value


def _bare(value: Value) -> Value:
    return value.rstrip(".") if isinstance(value, str) else value


def _truth(value: Value) -> bool | None:
    if value in (True, "true", "1", 1):
        return True
    return False if value in (False, "false", "0", 0) else None


EQUIVALENCES: Final[dict[str, Callable[[Value, Value], bool]]] = {
    function.__name__: function
    for function in (
        json_equivalent,
        policy_equivalent,
        case_insensitive,
        trailing_dot,
        trailing_newline,
        arn_or_name,
        numeric,
        boolean,
        empty_as_absent,
    )
}
