"""Operations and verdicts in the engine's own words, with the sign and colour that `pulumi preview` gives them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal, NamedTuple, TypeAlias

from phaseup.graph.resource import PROVIDER_PREFIX, STACK_TYPE, urn_name, urn_type

Op: TypeAlias = Literal["create", "update", "replace", "delete", "same"]
Verdict: TypeAlias = Literal["safe", "needs-approval", "blocked", "refused"]

OPS: Final[tuple[Op, ...]] = ("create", "update", "replace", "delete", "same")


class Look(NamedTuple):
    """How one operation or verdict is shown."""

    sign: str
    style: str


OP_LOOKS: Final[dict[str, Look]] = {
    "create": Look("+", "green"),
    "update": Look("~", "yellow"),
    "replace": Look("+-", "bold magenta"),
    "delete": Look("-", "bold red"),
    "same": Look(" ", "dim"),
}

VERDICT_LOOKS: Final[dict[str, Look]] = {
    "safe": Look("✓", "bold green"),
    "needs-approval": Look("!", "bold yellow"),
    "blocked": Look("✗", "bold red"),
    "refused": Look("⊘", "bold red"),
}

_REPLACING: Final = frozenset(
    {"replace", "create-replacement", "delete-replaced", "discard-replaced", "read-replacement"}
)


def net_op(ops: Collection[str]) -> Op:
    """What the engine's steps for one URN come to; a replacement's two or three steps are one `replace`."""
    if not _REPLACING.isdisjoint(ops):
        return "replace"
    for op, words in (("create", ("create", "import")), ("update", ("update",)), ("delete", ("delete", "discard"))):
        if any(word in ops for word in words):
            return op  # type: ignore[return-value]
    return "same"


def is_counted(urn: str) -> bool:
    """Whether a URN counts: all do but the Stack and default providers."""
    type_ = urn_type(urn)
    if type_ == STACK_TYPE:
        return False
    return not (type_.startswith(PROVIDER_PREFIX) and _is_default_name(urn_name(urn)))


def _is_default_name(name: str) -> bool:
    return name == "default" or name.startswith("default_")


def count_ops(pairs: Iterable[tuple[str, str]]) -> dict[Op, int]:
    """Counts by operation of (urn, op) pairs, each counted URN once."""
    by_urn: dict[str, set[str]] = {}
    for urn, op in pairs:
        if is_counted(urn):
            by_urn.setdefault(urn, set()).add(op)
    counts: dict[Op, int] = dict.fromkeys(OPS, 0)
    for ops in by_urn.values():
        counts[net_op(ops)] += 1
    return counts


def short_type(type_: str) -> str:
    """`aws:rds:Instance` for `aws:rds/instance:Instance`, as `pulumi preview` shortens it."""
    parts = type_.split(":")
    if len(parts) != 3:
        return type_
    module = parts[1].split("/")[0]
    return ":".join(part for part in (parts[0], "" if module == "index" else module, parts[2]) if part)


def amount(count: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
