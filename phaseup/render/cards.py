"""What stands on a block's card: a few lines of sizes, and a row for each part that has a name of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Specs = Mapping[str, Any]

SIZE_FIELDS: Final = (
    "engine",
    "deployment",
    "instance",
    "brokers",
    "count",
    "storage",
    "replicas",
    "instances",
    "capacity",
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

_COUNTED: Final[Mapping[str, str]] = {"azs": "zone", "nodes": "node", "shards": "shard", "brokers": "broker"}
_NAMED: Final[Mapping[str, str]] = {
    "repositories": "repository",
    "routes": "route",
    "alarms": "alarm",
    "indexes": "index",
    "checks": "check",
    "plans": "plan",
    "customers": "customer",
    "custom_hostnames": "custom hostname",
}
"""Maps by name whose size alone is told."""
_PLURALS: Final = {"repository": "repositories", "index": "indexes"}


@dataclass(frozen=True, slots=True)
class Row:
    """One named part of a card: a service on its host, a shard, a node group, a public name."""

    name: str
    text: str = ""


def sizes(spec: Specs) -> tuple[str, ...]:
    """The sizes of a block in words: `db.m7g.xlarge`, `100 GB`, `2 replicas`, `2–5 servers`."""
    lines = (_size(key, spec[key]) for key in SIZE_FIELDS if spec.get(key) not in (None, "", {}, []))
    return tuple(line for line in lines if line)


def lines(spec: Specs) -> tuple[str, ...]:
    """Up to four lines of a card."""
    found = list(sizes({**spec, "replicas": None} if spec.get("kind") == "registry" else spec))
    if spec.get("kind") == "registry" and spec.get("replicas"):
        found.append(f"copies in {', '.join(_map(spec['replicas']))}")
    if spec.get("kind") == "kubernetes" and spec.get("version"):
        found.append(f"Kubernetes {spec['version']}")
    for key, word in _NAMED.items():
        if isinstance(spec.get(key), Mapping) and spec[key]:
            found.append(amount(len(spec[key]), word))
    if spec.get("kind") == "broker" and _map(spec.get("queues")):
        found.append(amount(len(_map(spec["queues"])), "queue"))
    if spec.get("pooler"):
        found.append("with a pooler")
    if spec.get("multi_az"):
        found.append("with a standby")
    if spec.get("cluster") == "enabled":
        found.append("cluster mode")
    if spec.get("provider"):
        found.append(f"provider {spec['provider']}")
    if spec.get("load_balancing"):
        found.append("load balancing")
    return tuple(found[:4])


def rows(spec: Specs) -> tuple[Row, ...]:
    """The parts that a block's own spec names: public names, node groups, shards."""
    kind = spec.get("kind")
    if kind in ("zone", "cdn"):
        return tuple(_public(spec))
    if kind == "worker":
        routes = _map(spec.get("routes"))
        return tuple(
            Row(name, "".join(str(_map(to).get(key, "")) for key in ("host", "path"))) for name, to in routes.items()
        )
    if kind == "kubernetes":
        return tuple(Row(name, _nodes(group)) for name, group in _map(spec.get("nodes")).items())
    if kind in ("postgres", "aurora") and isinstance(spec.get("shards"), Mapping) and spec["shards"]:
        return tuple(_shards(spec))
    return ()


def regional(spec: Specs, region: str) -> dict[str, Any]:
    """The spec of a block in another region than its home: what the region says for itself, over the home's sizes."""
    own = _map(_map(spec.get("regions")).get(region))
    there = {**spec, **{key: value for key, value in own.items() if value not in (None, {}, [])}}
    if spec.get("kind") == "postgres":
        there["shards"] = {
            name: {**_map(shard), "replicas": own.get("replicas") or {}, "storage": None}
            for name, shard in _map(spec.get("shards")).items()
        }
        there["storage"] = None
    return there


def of_service(spec: Specs, host: str) -> str:
    """How many pods of it run on a host, if it is a cluster, and which roles it uses: `2–20 pods · db, queue`."""
    placement = _map(_map(spec.get("on")).get(host))
    scaling = _map(placement.get("scaling"))
    low, high = scaling.get("min"), scaling.get("max")
    fixed = amount(int(placement.get("replicas") or 1), "pod") if placement.get("namespace") else ""
    number = f"{_range(low, high)} pods" if scaling else fixed
    uses = ", ".join(str(role) for role in _map(spec.get("uses")))
    return " · ".join(part for part in (number, uses) if part)


def of_member(spec: Specs) -> str:
    """One function, schedule or bucket on the card that they share."""
    match spec.get("kind"):
        case "function":
            figures = (f"{spec.get('memory')} MB", f"{spec.get('timeout')} s", ", ".join(_map(spec.get("uses"))))
        case "schedule":
            figures = (f"{spec.get('every', '')} → {spec.get('target', '')}",)
        case _:
            copies = ", ".join(_map(spec.get("replicas")))
            figures = (str(spec.get("store", "")), str(spec.get("location") or ""), copies and f"copies: {copies}")
    return " · ".join(figure for figure in figures if figure)


def amount(number: int, word: str) -> str:
    """`1 node`, `2 nodes`."""
    return f"{number} {word if number == 1 else _PLURALS.get(word, f'{word}s')}"


def _public(spec: Specs) -> Iterator[Row]:
    for label, host in _map(spec.get("hosts")).items():
        host = _map(host)
        goal = host.get("to") or host.get("origin") or ""
        through = f"{host['cdn']} → " if host.get("cdn") else ""
        yield Row(label, f"→ {through}{goal}" if goal else "")


def _nodes(group: Any) -> str:
    group = _map(group)
    count = _map(group.get("count"))
    types = group.get("instance") or ", ".join(_map(group.get("pool")))
    spot = "spot" if group.get("capacity") == "spot" else ""
    number = f"{_range(count.get('min'), count.get('max'))} nodes"
    return " · ".join(part for part in (number, spot, str(types or "")) if part)


def _shards(spec: Specs) -> Iterator[Row]:
    held: dict[str, list[str]] = {}
    for key, shard in _map(spec.get("holds")).items():
        held.setdefault(str(shard), []).append(str(key))
    shards = _map(spec["shards"])
    first = str(spec.get("first") or "")
    every = {first: {"replicas": spec.get("replicas")}, **shards} if first and first not in shards else shards
    for name, shard in every.items():
        shard = _map(shard)
        replicas = _map(shard.get("replicas"))
        own = len(_map(shard.get("instances")))
        parts = (
            f"{amount(own, 'instance')} of its own" if own else "",
            f"{shard['storage']} GB" if shard.get("storage") else "",
            amount(len(replicas), "replica") if replicas else "",
            ", ".join(held.get(name, ())),
        )
        yield Row(str(name), " · ".join(part for part in parts if part))


def _size(key: str, value: Any) -> str:
    if key == "storage":
        return f"{value} GB" if isinstance(value, int) else {"aurora": ""}.get(str(value), str(value))
    if key == "instances":
        return amount(len(_map(value)), "instance")
    if key == "capacity":
        # Only a table's has a target: how much of it should be in use.
        unit = "units" if "target" in _map(value) else "ACU"
        return f"{_map(value).get('min'):g}–{_map(value).get('max'):g} {unit}" if value else ""
    if key == "replicas":
        number = len(value) if isinstance(value, Mapping) else value
        return amount(number, "replica") if number else ""
    if key == "count" and isinstance(value, Mapping):
        low, high = value.get("min"), value.get("max")
        return f"{_range(low, high)} server{'' if low == high == 1 else 's'}"
    if key == "shards" and value == 1:
        return ""
    if key in _COUNTED and isinstance(value, int):
        return amount(value, _COUNTED[key])
    if isinstance(value, Mapping):
        return ""
    return str(value) if key in ("engine", "deployment", "instance") else f"{key} {value}"


def _range(low: Any, high: Any) -> str:
    return f"{low}" if low == high else f"{low}–{high}"


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
