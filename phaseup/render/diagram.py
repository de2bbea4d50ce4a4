"""What a picture of a phase holds: nodes in layers and the links between them. Pure data; `svg` draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

LAYERS: Final = ("edge", "balancer", "compute", "data", "watch")

LAYER_OF_KIND: Final[Mapping[str, str]] = {
    **dict.fromkeys(("zone", "cdn", "worker", "gateway"), "edge"),
    "balancer": "balancer",
    **dict.fromkeys(("server", "kubernetes", "function", "schedule"), "compute"),
    **dict.fromkeys(("alarms", "budget", "telemetry", "backup"), "watch"),
}
"""Kinds that are not listed hold data or feed on it, and stand in the data layer."""

FRAME_KIND: Final = "network"
UNIT_KIND: Final = "service"

SIZE_FIELDS: Final = (
    "instance",
    "count",
    "storage",
    "replicas",
    "nodes",
    "shards",
    "store",
    "use",
    "plan",
    "azs",
    "nat",
    "takes",
)
"""Spec fields that say how big a block is, in the order in which they are shown."""

_COUNTED: Final[Mapping[str, str]] = {"azs": "zone", "nodes": "node", "shards": "shard"}


@dataclass(frozen=True, slots=True)
class Node:
    """One block: its name, kind, layer, up to four lines of sizes, and the services that run on it."""

    name: str
    kind: str
    layer: str
    lines: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    state: str = ""
    """`arriving` or `leaving` while the stack moves; else empty."""


@dataclass(frozen=True, slots=True)
class Link:
    """Who names whom, and by which roles or fields."""

    source: str
    target: str
    label: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """One phase's picture. `frame` is the network's name and sizes, empty where there is none."""

    title: str
    subtitle: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    frame: tuple[str, ...] = ()
    outside: frozenset[str] = field(default_factory=frozenset)
    """Names of nodes that stand outside the network although their layer stands inside: object storage."""


def diagram(
    title: str,
    subtitle: str,
    blocks: Mapping[str, Mapping[str, Any]],
    references: Mapping[str, Sequence[tuple[str, str]]],
    states: Mapping[str, str] | None = None,
) -> Diagram:
    """The picture of `blocks` (name → effective spec with its `kind`).

    `references` gives for each block the (label, block) pairs that it names: a role it uses, a host it runs on.
    """
    states = states or {}
    hosts = {name: _hosts(name, blocks, references) for name in blocks}
    nodes: list[Node] = []
    frame: tuple[str, ...] = ()
    for name, spec in blocks.items():
        kind = str(spec.get("kind", ""))
        if kind == FRAME_KIND:
            frame = (name, *sizes(spec))
        elif kind != UNIT_KIND or not hosts[name]:
            units = tuple(unit for unit in blocks if name in hosts[unit] and blocks[unit].get("kind") == UNIT_KIND)
            layer = "compute" if kind == UNIT_KIND else LAYER_OF_KIND.get(kind, "data")
            nodes.append(Node(name, kind, layer, sizes(spec)[:4], units, states.get(name, "")))
    shown = {node.name for node in nodes}
    labels: dict[tuple[str, str], list[str]] = {}
    for name, pairs in references.items():
        if LAYER_OF_KIND.get(str(blocks.get(name, {}).get("kind", ""))) == "watch":
            continue  # what watches everything would cover the picture with lines
        sources = [name] if name in shown else hosts.get(name, [])
        for label, target in pairs:
            for source in sources:
                if source == target or source not in shown or target not in shown:
                    continue
                known = labels.setdefault((source, target), [])
                if label not in known:
                    known.append(label)
    for balancer in (node.name for node in nodes if node.kind == "balancer"):
        for host in _requested(blocks, references, shown):
            labels.setdefault((balancer, host), ["requests"])
    links = tuple(Link(source, target, ", ".join(found)) for (source, target), found in labels.items())
    outside = frozenset(node.name for node in nodes if node.kind == "bucket")
    return Diagram(title, subtitle, tuple(nodes), links, frame, outside)


def _requested(
    blocks: Mapping[str, Mapping[str, Any]], references: Mapping[str, Sequence[tuple[str, str]]], shown: set[str]
) -> list[str]:
    """Hosts of services that take requests: what a balancer stands before."""
    hosts = [
        target
        for name, spec in blocks.items()
        if spec.get("kind") == UNIT_KIND and spec.get("takes") == "requests"
        for target in _hosts(name, blocks, references)
        if target in shown
    ]
    return list(dict.fromkeys(hosts))


def sizes(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """The sizes of a block in words: `db.m7g.xlarge`, `100 GB`, `2 replicas`, `2–5 servers`."""
    lines = (_size(key, spec[key]) for key in SIZE_FIELDS if spec.get(key) not in (None, "", {}, []))
    return tuple(line for line in lines if line)


def _size(key: str, value: Any) -> str:
    if key == "storage":
        return f"{value} GB" if isinstance(value, int) else str(value)
    if key == "replicas":
        number = len(value) if isinstance(value, Mapping) else value
        return f"{number} replica{'' if number == 1 else 's'}" if number else ""
    if key == "count" and isinstance(value, Mapping):
        low, high = value.get("min"), value.get("max")
        return f"{low} server{'' if low == 1 else 's'}" if low == high else f"{low}–{high} servers"
    if key == "shards" and value == 1:
        return ""
    if key in _COUNTED:
        return f"{value} {_COUNTED[key]}{'' if value == 1 else 's'}"
    if isinstance(value, Mapping):
        return ""
    return str(value) if key == "instance" else f"{key} {value}"


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
