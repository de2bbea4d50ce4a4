"""Operations and verdicts in the engine's own words, with the sign and colour that `pulumi preview` gives them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from phaseup.plan.steps import Step

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

_COUNTED_AS: Final[dict[str, Op]] = {
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "import-replacement": "replace",
    "create-replacement": "replace",
    "read-replacement": "replace",
    "delete-replaced": "replace",
    "delete": "delete",
}
"""Whatever else the engine does (same, read, refresh, discarding what was only read) changes nothing in the cloud."""


def plain_op(op: str) -> Op:
    """One of the five words for any operation of the engine."""
    return _COUNTED_AS.get(op, "same")


def count_ops(steps: Iterable[Step]) -> dict[Op, int]:
    """Counts in the five words, each URN once, without the Stack and default providers; what was only read is same."""
    from phaseup.plan.digest import counts

    found: dict[Op, int] = dict.fromkeys(OPS, 0)
    for op, number in counts(steps).items():
        if op != "discard":
            found[plain_op(op)] += number
    return found


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
