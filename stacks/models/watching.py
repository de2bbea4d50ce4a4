"""Alarms of two phases side by side: what is watched goes on being watched, and what is to be watched is so besides."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stacks.models.blueprint import Block

KIND: Final = "alarms"
FIELDS: Final = ("alarms", "events")
"""What of such a block watches another; both are maps by name."""
LONGEST: Final = 61
"""Characters of a name (`components.alarms.spec.Name`)."""


def beside(old: Block, new: Block) -> Block:
    """The block as the side has it that a move goes to, with a name of its own for whatever would take that of an alarm
    or event of `old` which watches something else: a join keeps one of a name, and both stores stand until contract.

    A composite that asks the one asks both meanwhile.
    """
    names = {field: _apart(old.spec, new.spec, field) for field in FIELDS}
    if not any(names.values()):
        return new
    changed: dict[str, Any] = {
        field: {meanwhile.get(name, name): of for name, of in getattr(new.spec, field).items()}
        for field, meanwhile in names.items()
    }
    changed["composites"] = {
        name: of.model_copy(update={"any_of": _parts(of.any_of, names["alarms"], old.spec, new.spec)})
        for name, of in _of(new.spec, "composites").items()
    }
    # Not validated by itself: what it asks of the other side's alarms is there once both are joined.
    return replace(new, spec=new.spec.model_copy(update=changed))


def watches(of: Any) -> tuple[object, ...]:
    """What an alarm, or an event, looks at."""
    return tuple(getattr(of, field, None) for field in ("check", "block", "metric", "event"))


def named_apart(name: str, of: Any, other: Any, taken: Mapping[str, Any], more: Collection[str] = ()) -> str:
    """A name for an alarm or event beside `other`, which has its own: with the block that it watches, or what else it
    looks at. One in `taken` that watches the same is it already; of any other, and of `more`, it stays apart."""
    what = of.block if of.block and of.block != other.block else getattr(of, "check", None) or _metric(of)
    wanted = f"{name}-{re.sub(r'[^a-z0-9]+', '-', what.lower())}"[:LONGEST].rstrip("-")
    found, count = wanted, 2
    while found in more or (found in taken and watches(taken[found]) != watches(of)):
        found, count = f"{wanted[: LONGEST - 3]}-{count}", count + 1
    return found


def _apart(old: Any, new: Any, field: str) -> dict[str, str]:
    before, after = _of(old, field), _of(new, field)
    taken = {**before, **after}
    composites = {*_of(old, "composites"), *_of(new, "composites")} if field == "alarms" else ()
    return {
        name: named_apart(name, of, before[name], taken, composites)
        for name, of in after.items()
        if name in before and watches(before[name]) != watches(of)
    }


def _parts(any_of: Collection[str], meanwhile: Mapping[str, str], old: Any, new: Any) -> list[str]:
    parts: list[str] = []
    for name in any_of:
        apart = meanwhile.get(name)
        # A composite is over checks or over none: their alarms are in different regions.
        alike = apart is None or (old.alarms[name].check is None) == (new.alarms[name].check is None)
        parts += [each for each in ([name] if alike else []) + ([apart] if apart else []) if each not in parts]
    return parts


def _of(spec: Any, field: str) -> Mapping[str, Any]:
    return getattr(spec, field, None) or {}


def _metric(of: Any) -> str:
    return str(getattr(of, "metric", None) or of.event)
