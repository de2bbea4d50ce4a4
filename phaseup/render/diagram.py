"""What a picture of a phase holds: cards in tiers, region by region, and a request's way. Pure data; `svg` draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from phaseup.render.cards import Row, lines, of_member, of_service, regional, rows, sizes

__all__ = ["TIERS", "Diagram", "Frame", "Link", "Node", "diagram", "sizes"]

TIERS: Final = ("edge", "entrance", "compute", "data", "objects", "watch")

TIER_OF_KIND: Final[Mapping[str, str]] = {
    **dict.fromkeys(("zone", "cdn", "worker"), "edge"),
    **dict.fromkeys(("balancer", "gateway"), "entrance"),
    **dict.fromkeys(("server", "kubernetes", "service", "function", "schedule"), "compute"),
    "bucket": "objects",
    **dict.fromkeys(("alarms", "budget", "telemetry", "backup"), "watch"),
}
"""Kinds that are not listed hold data or feed on it, and stand in the data tier."""
INSIDE: Final = ("entrance", "compute", "data")
"""Tiers that stand in a region; the others are the whole world's."""

FRAME_KIND: Final = "network"
UNIT_KIND: Final = "service"
TOGETHER: Final[Mapping[str, str]] = {"function": "functions", "schedule": "schedules", "bucket": "buckets"}
"""Kinds that come in numbers and are small: all of one kind share a card."""


@dataclass(frozen=True, slots=True)
class Node:
    """One card: a block in one region, or all of a kind that share one."""

    name: str
    kind: str
    tier: str
    region: str = ""
    """Empty outside the regions, and in a picture without any."""
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    state: str = ""
    """`arriving` or `leaving` while the stack moves; else empty."""

    @property
    def key(self) -> tuple[str, str]:
        """Unique in a picture."""
        return self.name, self.region


@dataclass(frozen=True, slots=True)
class Link:
    """A request goes from one card to another."""

    source: tuple[str, str]
    target: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Frame:
    """One region, with the words on its border."""

    region: str
    words: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """One phase's picture; the home region's frame is the first."""

    title: str
    subtitle: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    frames: tuple[Frame, ...] = ()


def diagram(
    title: str,
    subtitle: str,
    blocks: Mapping[str, Mapping[str, Any]],
    references: Mapping[str, Sequence[tuple[str, str]]],
    states: Mapping[str, str] | None = None,
    *,
    home: str = "",
) -> Diagram:
    """The picture of `blocks` (name → effective spec with its `kind`).

    `references` gives for each block the (label, block) pairs that it names: a role it uses, a host it runs on. `home`
    is the region in which everything stands that says nothing else.
    """
    states = states or {}
    regions = list(dict.fromkeys([home, *(region for spec in blocks.values() for region in _regions(spec))]))
    nodes: list[Node] = []
    frames: list[Frame] = []
    for region in regions:
        frames += [
            Frame(region, " · ".join(filter(None, (region, name, *sizes(spec)))))
            for name, spec in blocks.items()
            if spec.get("kind") == FRAME_KIND and (region == home or region in _regions(spec))
        ]
        nodes += [
            node
            for name, spec in blocks.items()
            if (node := _node(name, spec, region, region == home, blocks, references, states)) is not None
        ]
    nodes = _together(nodes)
    return Diagram(title, subtitle, tuple(nodes), tuple(_links(nodes, blocks, references)), tuple(frames))


def _node(
    name: str,
    spec: Mapping[str, Any],
    region: str,
    at_home: bool,
    blocks: Mapping[str, Mapping[str, Any]],
    references: Mapping[str, Sequence[tuple[str, str]]],
    states: Mapping[str, str],
) -> Node | None:
    kind = str(spec.get("kind", ""))
    tier = TIER_OF_KIND.get(kind, "data")
    if kind == FRAME_KIND or (kind == UNIT_KIND and _hosts(name, blocks, references)):
        return None
    seat = spec.get("region")  # where it stands instead of home
    if seat not in (None, region):
        return None
    at_home = at_home or seat == region
    if not at_home and (tier not in INSIDE or region not in _regions(spec)):
        return None
    there = spec if at_home else regional(spec, region)
    services = tuple(
        Row(unit, " · ".join(filter(None, (states.get(unit, ""), of_service(about, name)))))
        for unit, about in blocks.items()
        if name in _hosts(unit, blocks, references) and (at_home or region in _regions(about))
    )
    members = (Row(name, of_member(spec)),) if kind in TOGETHER else ()
    told = () if members else lines(there)
    if tier not in INSIDE and _regions(spec):
        told = (*told[:3], f"also in {', '.join(_regions(spec))}")
    where = region if tier in INSIDE else ""
    return Node(name, kind, tier, where, told, members or (*rows(there), *services), states.get(name, ""))


def _together(nodes: Sequence[Node]) -> list[Node]:
    """Functions, schedules and buckets on one card each; those that arrive or leave keep to themselves."""
    found: dict[tuple[str, str], Node] = {}
    for node in nodes:
        if node.kind not in TOGETHER:
            found[node.key] = node
            continue
        name = TOGETHER[node.kind]
        key = (f"{name} {node.state}", node.region)  # no block's name has a space: one called `buckets` stands alone
        known = found.get(key)
        found[key] = replace(node, name=name, rows=(*(known.rows if known else ()), *node.rows))
    return list(found.values())


def _links(
    nodes: Sequence[Node],
    blocks: Mapping[str, Mapping[str, Any]],
    references: Mapping[str, Sequence[tuple[str, str]]],
) -> list[Link]:
    """From what a request meets first to what answers it; into every region in which the answering card stands."""
    cards: dict[str, list[Node]] = {}
    for node in nodes:
        cards.setdefault(node.name, []).append(node)
    pairs: dict[tuple[str, str], None] = {}
    for name, pointed in references.items():
        if TIER_OF_KIND.get(str(blocks.get(name, {}).get("kind", ""))) in ("edge", "entrance"):
            pairs |= {(name, target): None for _, target in pointed if target != name}
    for balancer in (name for name, spec in blocks.items() if spec.get("kind") == "balancer"):
        pairs |= {(balancer, host): None for host in _requested(blocks, references)}
    return [
        Link(source.key, target.key)
        for one, other in pairs
        for source in cards.get(one, ())
        for target in cards.get(other, ())
        if source.region in ("", target.region) and target.tier in ("edge", *INSIDE[:2])
    ]


def _requested(
    blocks: Mapping[str, Mapping[str, Any]], references: Mapping[str, Sequence[tuple[str, str]]]
) -> list[str]:
    """Hosts of services that take requests: what a balancer stands before."""
    hosts = [
        target
        for name, spec in blocks.items()
        if spec.get("kind") == UNIT_KIND and spec.get("takes") == "requests"
        for target in _hosts(name, blocks, references)
    ]
    return list(dict.fromkeys(hosts))


def _regions(spec: Mapping[str, Any]) -> list[str]:
    found = spec.get("regions")
    return [str(region) for region in found] if isinstance(found, Mapping | list) else []


def _hosts(
    name: str, blocks: Mapping[str, Mapping[str, Any]], references: Mapping[str, Sequence[tuple[str, str]]]
) -> list[str]:
    if blocks[name].get("kind") != UNIT_KIND:
        return []
    return [
        target
        for label, target in references.get(name, ())
        if label == "on" and target in blocks and blocks[target].get("kind") != UNIT_KIND
    ]
