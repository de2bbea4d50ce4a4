"""What cannot come down: written into the stack's overrides, so that the lower phase is built around it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.spec import order_of
from stacks.models import Block
from stacks.models.merge import merged
from stacks.models.watching import FIELDS, KIND, named_apart, watches
from stacks.moves.holds import NEVER_SHRINKS, holds_data
from stacks.moves.joins import larger
from stacks.moves.ladders import fields_up_to, ladder_of, lowered, takeover_of
from stacks.moves.regions import regions_of, seat_of
from stacks.moves.sides import is_reversible
from stacks.moves.step import Kept, Refusal


@dataclass(frozen=True)
class Keeping:
    """The overrides to write, what they keep and why, and the rungs that cannot be gone back over."""

    overrides: dict[str, dict[str, Any]]
    kept: tuple[Kept, ...]
    refused: tuple[tuple[str, str, Refusal], ...]
    """(block, rung, refusal)"""


def keep(
    high: Mapping[str, Block],
    low: Mapping[str, Block],
    *,
    consented: Collection[str] = (),
    written: Collection[str] = (),
) -> Keeping:
    """What cannot follow from the shape that stands now to the one that is wanted.

    `consented`: blocks that may go with what they hold, as `retire` names them or as they never were live. `written`:
    blocks that overrides keep already, whose ground and alarms may still have to be.
    """
    overrides: dict[str, dict[str, Any]] = {}
    kept: list[Kept] = []
    refused: list[tuple[str, str, Refusal]] = []
    for name, block in high.items():
        below = low.get(name)
        if below is None:
            goes = name in consented or _taken_over(block, low) or _handed_back(block, low)
            if holds_data(block) and not goes:
                overrides[name] = {"kind": block.kind} | ({"takes_over": block.takes_over} if block.takes_over else {})
                kept.append(Kept(name, "it holds data, and nothing takes its role over"))
                refused.extend(_no_way_back(block, low))
            continue
        for path, value, why in _never_shrinks(block, below):
            overrides.setdefault(name, {})[path] = value
            if why:
                kept.append(Kept(name, f"{path}: {value}: {why}"))
        held = block.spec.keeps(below.spec) if type(block.spec) is type(below.spec) else None
        if held:
            overrides[name] = merged(overrides.get(name, {}), held.fields)
            kept.append(Kept(name, f"{held.what}: {held.why}"))
        for rung, fields, refusal in _no_way_down(block, below):
            overrides.setdefault(name, {}).update(fields)
            refused.append((name, rung, refusal))
            held = ", ".join(f"{k}: {v}" for k, v in fields.items())
            kept.append(Kept(name, f"{held}: {refusal.reason}"))
    whole_names = {*written, *(each.block for each in kept if each.block not in low)}
    whole = [block for name, block in high.items() if name in whole_names]
    for net, region, held_by in _ground(high, low, whole):
        overrides[net] = merged(overrides.get(net, {}), {"regions": region})
        kept.append(Kept(net, f"regions.{', '.join(region)}: {held_by} there"))
    for watcher, watching in _watched(high, low, whole):
        overrides[watcher] = merged(overrides.get(watcher, {}), watching)
        names = ", ".join(f"{field}.{name}" for field, given in watching.items() for name in given)
        kept.append(Kept(watcher, f"{names}: what is kept is watched as before"))
    return Keeping(overrides, tuple(kept), tuple(refused))


def with_kept(overrides: Mapping[str, Any], keeping: Keeping) -> dict[str, Any]:
    """The stack's overrides with what is kept."""
    return merged(overrides, keeping.overrides)


def _ground(
    high: Mapping[str, Block], low: Mapping[str, Block], whole: Collection[Block]
) -> list[tuple[str, dict[str, Any], str]]:
    """Regions that a network would leave under blocks that are kept: (network, the region's keys, who stands there).
    Copies that a kept block has beside its own place are given up with the phase (`stacks.models.resolve`)."""
    out: list[tuple[str, dict[str, Any], str]] = []
    for name, block in high.items():
        if block.kind != "network" or name not in low:
            continue
        for region in sorted(set(regions_of(block.spec)) - set(regions_of(low[name].spec))):
            held_by = [each.name for each in whole if region == seat_of(each.spec)]
            if held_by:
                keys = block.spec.model_dump(mode="json", exclude_defaults=True)["regions"][region]
                out.append(
                    (name, {region: keys}, " and ".join(held_by) + (" stands" if len(held_by) == 1 else " stand"))
                )
    return out


def _watched(
    high: Mapping[str, Block], low: Mapping[str, Block], whole: Collection[Block]
) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """What alarms would no longer say of blocks that are kept: (alarms block, its fields and their keys)."""
    held = {block.name for block in whole}
    for name, block in high.items():
        if block.kind != KIND or name not in low:
            continue
        left = {field: _unwatched(block.spec, low[name].spec, field, held) for field in FIELDS}
        if any(left.values()):
            yield name, {field: given for field, given in left.items() if given}


def _unwatched(high: Any, low: Any, field: str, held: Collection[str]) -> dict[str, Any]:
    """Alarms, or events, on held blocks as overrides, under another name where the lower phase has one of theirs."""
    above, below = getattr(high, field, {}), getattr(low, field, {})
    out: dict[str, Any] = {}
    for name, of in above.items():
        kept_as = name
        if of.block in held and name in below and watches(below[name]) != watches(of):
            kept_as = named_apart(name, of, below[name], {**above, **below}, getattr(low, "composites", ()))
        if of.block in held and kept_as not in below:
            out[kept_as] = of.model_dump(mode="json", exclude_defaults=True) | _loudness(name, of, high)
    return out


def _loudness(name: str, of: Any, high: Any) -> dict[str, Any]:
    """Of what told nobody itself, as a composite did: the lower phase's, if it has one, does not ask it."""
    composites = getattr(high, "composites", {}).values() if getattr(of, "severity", "") is None else ()
    asking = next((each for each in composites if name in each.any_of), None)
    return {"severity": asking.severity} if asking else {}


def _taken_over(block: Block, low: Mapping[str, Block]) -> bool:
    """By its name, or by another that takes the role over which it took over itself; what only stands in for the block
    of that role since a restore is what the role was taken from."""
    return any(
        other.takes_over == block.name
        or (other.takes_over == block.takes_over and not other.stands_in and other.name != block.name)
        for other in low.values()
        if other.takes_over
    )


def _handed_back(block: Block, low: Mapping[str, Block]) -> bool:
    role = low.get(block.takes_over or "")
    return role is not None and role.kind == block.kind and is_reversible(block)


def _never_shrinks(high: Block, low: Block) -> list[tuple[str, Any, str]]:
    out: list[tuple[str, Any, str]] = []
    for (kind, field), (why, ceiling) in NEVER_SHRINKS.items():
        if kind != high.kind:
            continue
        have, want = getattr(high.spec, field), getattr(low.spec, field)
        if larger(want, have, order_of(type(high.spec), field)) == want:
            continue
        out.append((field, have, why))
        # A ceiling of the lower phase may lie below what is kept; the ceiling unstated follows the figure itself.
        wanted_ceiling = getattr(low.spec, ceiling, None) if ceiling else None
        if wanted_ceiling is not None:
            out.append((ceiling, max(wanted_ceiling, getattr(high.spec, ceiling, None) or 2 * have), ""))
    return out


def _no_way_back(block: Block, low: Mapping[str, Block]) -> list[tuple[str, str, Refusal]]:
    """Why what took a role over cannot hand it back: a rung on the way to filling it, if only that it fills it now."""
    role = low.get(block.takes_over or "")
    restored = getattr(block.spec, "restore", None) is not None
    if restored and (role is None or role.kind == block.kind):
        return []  # it stands in for itself
    ladder = takeover_of(block)
    if ladder is None or ladder.reversible:
        return []
    filling = [rung for rung in ladder.rungs if not ladder.fills_at or ladder.reached(ladder.fills_at, rung.name)]
    told = next((rung for rung in reversed(filling) if rung.irrevocable), filling[-1])
    why = "is irrevocable" if told.irrevocable else "is behind it, and what was written since is nowhere else"
    reason = f"nothing leads the data of {block.name} back to {block.takes_over}: the rung {told.name} of the ladder"
    return [(block.name, told.name, Refusal(f"{reason} “{ladder.name}” {why}", told.manual))]


def _no_way_down(high: Block, low: Block) -> list[tuple[str, dict[str, Any], Refusal]]:
    ladder = ladder_of(high)
    if ladder is None:
        return []
    back = [rung for _, rungs in lowered(high.spec, low.spec) for rung in rungs]
    final = [ladder.rung(name) for name in ladder.names if name in back and ladder.rung(name).final]
    if not final:
        return []
    # One field's way down is closed, and those under it may need it: nodes of a cluster, shards of an enabled one.
    fields = {field: getattr(high.spec, field) for field in fields_up_to(ladder, type(high.spec), final[-1].name)}
    names = ", ".join(rung.name for rung in final)
    plural = "rungs" if len(final) > 1 else "rung"
    reason = f"the {plural} {names} of the ladder “{ladder.name}” cannot be gone back over"
    told = next((rung for rung in reversed(final) if rung.irrevocable), final[-1])
    return [(told.name, fields, Refusal(reason, told.manual))]
