"""What each field of a block holds while its stack is between two phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from components.spec import Join, Spec, join_of, order_of
from stacks.models.classes import memory_gib
from stacks.moves.ladders import Ladder, declared_rungs, words


@dataclass(frozen=True)
class Between:
    """Where between two phases: `traffic` in per cent, and the rung the block stands on."""

    traffic: int
    rung: str | None = None
    ladder: Ladder | None = None


def join_specs(old: Spec, new: Spec, between: Between) -> Spec:
    """old ⊔ new, field by field; validated again, since fields of one side may rule out those of the other."""
    if type(old) is not type(new):
        raise TypeError(f"{type(old).__name__} and {type(new).__name__} are two kinds")
    values = {
        field: join_field(type(old), field, getattr(old, field), getattr(new, field), between)
        for field in type(old).model_fields
    }
    return type(old).model_validate(values)


def join_field(model: type[Spec], field: str, old: Any, new: Any, between: Between) -> Any:
    """One field's value between two phases."""
    if old == new:
        return old
    join = join_of(model, field)
    if isinstance(old, Spec) and type(old) is type(new):
        return join_specs(old, new, between)
    if isinstance(old, dict) and isinstance(new, dict):
        reached = join is Join.LADDER and _reached(model, field, between)
        if join is Join.LADDER and not reached:
            new = {key: new[key] for key in new if key in old}
        return _join_maps(join, old, new, between, reached)
    if join is Join.NOW:
        return new
    if join is Join.MAX:
        return larger(old, new, order_of(model, field))
    if join is Join.UNION:
        return _union(old, new)
    if join is Join.TRAFFIC:
        return new if between.traffic == 100 else old
    if join is Join.LADDER:
        return _on_ladder(model, field, old, new, between)
    return old  # late; and fixed, where a loaded blueprint has no difference


def larger(old: Any, new: Any, order: tuple[str, ...] = ()) -> Any:
    """The larger of two values: numbers, yes above no, words by their order, classes by memory; else the old one."""
    if isinstance(old, bool | int | float) and isinstance(new, bool | int | float):
        return max(old, new)
    if old in order and new in order:
        return max(old, new, key=order.index)
    if isinstance(old, str) and isinstance(new, str):
        before, after = memory_gib(old), memory_gib(new)
        if before is not None and after is not None and after > before:
            return new
    return old


def _join_maps(join: Join, old: dict[str, Any], new: dict[str, Any], between: Between, reached: bool) -> dict[str, Any]:
    as_new = join is Join.NOW or (join is Join.TRAFFIC and between.traffic == 100)
    keys = list(new if as_new else old)
    if join in (Join.UNION, Join.MAX, Join.LADDER):
        keys += [key for key in new if key not in old]
    out: dict[str, Any] = {}
    for key in keys:
        if key not in old or key not in new:
            out[key] = old[key] if key in old else new[key]
        elif isinstance(old[key], Spec) and type(old[key]) is type(new[key]):
            out[key] = join_specs(old[key], new[key], between)
        elif join is Join.MAX:
            out[key] = larger(old[key], new[key])
        else:
            out[key] = new[key] if as_new or reached else old[key]
    return out


def _union(old: Any, new: Any) -> Any:
    if old is None or new is None:
        return new if old is None else old
    if isinstance(old, bool) and isinstance(new, bool):
        return old or new
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return type(old)([*old, *(item for item in new if item not in old)])
    if isinstance(old, set | frozenset) and isinstance(new, set | frozenset):
        return old | new
    return old  # one name on each side, e.g. a service's host: `Work` holds both


def _on_ladder(model: type[Spec], field: str, old: Any, new: Any, between: Between) -> Any:
    """Rises with its rung; falls at contract."""
    rungs, order = declared_rungs(model, field), words(model, field)
    ladder = between.ladder
    if ladder is None:
        return old
    if order:
        low, high = order.index(old), order.index(new)
        if high < low:
            return old
        taken = [i for i, rung in enumerate(rungs, start=1) if ladder.reached(between.rung, rung)]
        return order[min(high, max([low, *taken]))]
    return new if new > old and _reached(model, field, between) else old


def _reached(model: type[Spec], field: str, between: Between) -> bool:
    """Whether the rung that raises a number, a yes or a map has been taken."""
    rungs = declared_rungs(model, field)
    return bool(between.ladder and rungs and between.ladder.reached(between.rung, rungs[-1]))
