"""How requests to each public name are shared out over what answers it, and who carries a move's weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.models import Block
from stacks.moves.regions import regions_of
from stacks.moves.work import work_of


@dataclass(frozen=True, order=True)
class Origin:
    """What answers a name: a block, in one region."""

    block: str
    region: str


@dataclass(frozen=True)
class Share:
    """One public name's requests."""

    now: Mapping[Origin, int]
    """Per cent by origin, 100 in all; those of the other side are there with 0."""
    first: Origin
    """What the name's own record points at, and what is left when nothing else is well."""
    moves: bool
    """Whether the two sides of a move share it out differently, so that it is weighed until contract."""


def shares_of(old: Mapping[str, Block], new: Mapping[str, Block], traffic: int | None, home: str) -> dict[str, Share]:
    """Every public name's share, by label: (1-t)·old + t·new (docs/moving.md, section 4). `traffic` None is settled."""
    before, after = _distributions(old, home), _distributions(new, home)
    out: dict[str, Share] = {}
    for label in dict.fromkeys([*before, *after]):
        here, there = before.get(label), after.get(label)
        if here is None or there is None or here == there or traffic is None:
            now = there or here or {}
            out[label] = Share(now, _first(now, home), moves=False)
            continue
        now = _between(here, there, traffic)
        out[label] = Share(now, _first(there if traffic == 100 else here, home), moves=True)
    return out


def carriers_of(old: Mapping[str, Block], new: Mapping[str, Block], home: str) -> tuple[str, ...]:
    """The blocks that weigh a move's requests: the balancer that both sides share, where a service changes its hosts
    or hands a name on;
    the zone, where it balances in either phase and a name changes its origins. None: only 0 and 100 are valid."""
    shared = [name for name in old if name in new]
    weighs = _hosts_change(old, new) or _names_change(old, new)
    carriers = [name for name in shared if old[name].kind == "balancer" and weighs]
    moves = any(share.moves for share in shares_of(old, new, 0, home).values())
    carriers += [
        name for name in shared if old[name].kind == "zone" and moves and (_balances(old[name]) or _balances(new[name]))
    ]
    return tuple(carriers)


def _hosts_change(old: Mapping[str, Block], new: Mapping[str, Block]) -> bool:
    before, after = work_of(old, new, 0), work_of(old, new, 100)
    return any(work != after[name] for name, work in before.items() if name in old and name in new)


def _names_change(old: Mapping[str, Block], new: Mapping[str, Block]) -> bool:
    """Whether a name of both phases is answered by other services."""
    before, after = _answered(old), _answered(new)
    return any(before[label] != after[label] for label in before.keys() & after.keys())


def _answered(blocks: Mapping[str, Block]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for name, block in blocks.items():
        for label in getattr(block.spec, "hosts", ()) if block.kind == "service" else ():
            out.setdefault(label, set()).add(name)
    return out


def _balances(zone: Block) -> bool:
    return bool(getattr(zone.spec, "load_balancing", None))


def _distributions(blocks: Mapping[str, Block], home: str) -> dict[str, dict[Origin, int]]:
    """By label, in one phase. Without load balancing a name is answered at home alone."""
    out: dict[str, dict[Origin, int]] = {}
    for zone in blocks.values():
        if zone.kind != "zone":
            continue
        hosts: Mapping[str, Any] = getattr(zone.spec, "hosts", {})
        for label, host in hosts.items():
            answering = blocks.get(host.to)
            beside = sorted(regions_of(answering.spec)) if answering and _balances(zone) else []
            given: Mapping[str, int] = getattr(getattr(zone.spec, "load_balancing", None), "weights", None) or {}
            regions = [home, *beside]
            weights = {region: given.get(region, 0) if given else 1 for region in regions}
            if not any(weights.values()):
                weights[home] = 1
            out[label] = {Origin(host.to, region): share for region, share in _whole(weights).items()}
    return out


def _whole(weights: Mapping[str, int]) -> dict[str, int]:
    """Whole per cents that add up to 100, the remainder to the first."""
    total = sum(weights.values())
    out = {key: weight * 100 // total for key, weight in weights.items()}
    for key in [key for key in out if weights[key]][: 100 - sum(out.values())]:
        out[key] += 1
    return out


def _between(old: Mapping[Origin, int], new: Mapping[Origin, int], traffic: int) -> dict[Origin, int]:
    """Per cents that add up to 100; what is left over by rounding stays with the old side's first."""
    keys = dict.fromkeys([*old, *new])
    out = {key: ((100 - traffic) * old.get(key, 0) + traffic * new.get(key, 0)) // 100 for key in keys}
    first = next(key for key in (old if traffic < 100 else new) if (old if traffic < 100 else new)[key])
    out[first] += 100 - sum(out.values())
    return out


def _first(now: Mapping[Origin, int], home: str) -> Origin:
    return next(origin for origin in now if origin.region == home)
