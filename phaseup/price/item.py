"""One recorded resource as handlers read it: plain values, defaults by hand, references followed to resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from phaseup.graph.resource import State
from phaseup.graph.values import UNKNOWN, Secret


class Item:
    """A state, the block and place it belongs to, and its region."""

    __slots__ = ("block", "place", "region", "state", "type", "urn")

    def __init__(self, state: State, block: str, place: str, region: str) -> None:
        self.state = state
        self.urn = state.urn
        self.type = state.type
        self.block = block
        self.place = place
        """The region its block's component is named by; empty at home."""
        self.region = region

    def at(self, *path: str | int) -> Any:
        """The input at a path; None where nothing is there, or nothing known yet. Outputs say nothing of a price: what
        a program leaves out, a rehearsal's simulators have to invent."""
        return _at(self.state.inputs, path)

    def output(self, name: str) -> str:
        """An output as text, to be found by; empty where it is not known."""
        value = _at(self.state.outputs, (name,))
        return value if isinstance(value, str) else ""

    def text(self, *path: str | int) -> str:
        """The value as text; empty where there is none."""
        value = self.at(*path)
        return "" if value is None or isinstance(value, Mapping | list) else str(value)

    def number(self, *path: str | int, default: float = 0.0) -> float:
        """The value as a number, also of text that is one."""
        value = self.at(*path)
        if isinstance(value, bool) or value is None:
            return default
        try:
            return float(value)
        except (TypeError, ValueError):
            return default

    def flag(self, *path: str | int) -> bool:
        """Whether the value is true, also as text."""
        return str(self.at(*path)).lower() == "true"

    def entries(self, *path: str | int) -> list[Any]:
        """The value as a list; a missing one is empty, a single mapping is a list of one."""
        value = self.at(*path)
        if isinstance(value, Mapping):
            return [value]
        return [plain(each) for each in value] if isinstance(value, list) else []

    def named(self, property_: str) -> list[str]:
        """URNs that a property's value came from."""
        return self.state.property_dependencies.get(property_, [])


def plain(value: Any) -> Any:
    """A value without its secrecy; nothing where it is not known yet."""
    if isinstance(value, Secret):
        return plain(value.value)
    return None if value is UNKNOWN else value


def _at(tree: Any, path: tuple[str | int, ...]) -> Any:
    here = plain(tree)
    for part in path:
        if isinstance(part, int):
            here = plain(here[part]) if isinstance(here, list) and part < len(here) else None
        else:
            here = plain(here.get(part)) if isinstance(here, Mapping) else None
        if here is None:
            return None
    return here


class Items:
    """Every live resource of a graph, by URN, type, and the names by which others refer to it."""

    def __init__(self, items: list[Item]) -> None:
        self.all = items
        self.by_urn = {item.urn: item for item in items}
        self._by_type: dict[str, list[Item]] = {}
        for item in items:
            self._by_type.setdefault(item.type, []).append(item)

    def of(self, *types: str) -> list[Item]:
        """Every resource of some types, in the order recorded."""
        return [item for type_ in types for item in self._by_type.get(type_, [])]

    def referred(self, item: Item, property_: str, type_: str, *names: str) -> Item | None:
        """The resource of a type that a property refers to: by the dependency that was recorded, which also holds while
        the value is unknown, else by the value, compared with the inputs and outputs `names` of the candidates."""
        for urn in item.named(property_):
            found = self.by_urn.get(urn)
            if found is not None and found.type == type_:
                return found
        value = item.text(property_)
        return self.by_value(type_, value, *names) if value else None

    def by_value(self, type_: str, value: str, *names: str) -> Item | None:
        """The resource of a type whose id or one of whose `names` is `value`."""
        for found in self.of(type_):
            known = (found.state.id, *(found.text(name) for name in names), *(found.output(name) for name in names))
            if value in known:
                return found
        return None

    def peers(self, item: Item, keep: Callable[[Item], bool] = lambda _: True) -> int:
        """How many resources of its type its block has in its place, itself among them, that `keep`."""
        same = [each for each in self.of(item.type) if (each.block, each.place) == (item.block, item.place)]
        return sum(keep(each) for each in same)
