"""The sheet that handlers write on: lines by price, hours by how they are bought, and what could not be written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from phaseup.price.assumptions import Assumptions
from phaseup.price.book import Book
from phaseup.price.item import Item, Items
from phaseup.price.lines import HOURS, ON_DEMAND, Category, Line, Unpriced, Unstated

Handler = Callable[["Sheet", Item], None]


class Sheet:
    """One estimate in the making."""

    def __init__(self, items: Items, book: Book, assumptions: Assumptions) -> None:
        self.items = items
        self.book = book
        self.assumptions = assumptions
        self.lines: list[Line] = []
        self.unpriced: dict[Unpriced, None] = {}
        self.unstated: dict[Unstated, None] = {}
        self.free: dict[str, str] = {}
        self._taken: set[tuple[str, str, str]] = set()
        self._once: dict[str, Any] = {}

    def add(
        self,
        item: Item,
        category: Category,
        what: str,
        key: str,
        quantity: float,
        *,
        option: str = ON_DEMAND,
        factor: float = 1.0,
        region: str = "",
    ) -> None:
        """A line of `quantity` at the price of `key` where the item stands; unpriced where the book has none."""
        price = self.book.price(key, region or item.region)
        if price is None:
            self.miss(item, f"no price of {key}")
            return
        self.lines.append(Line(item.urn, item.block, category, what, quantity, price, option, factor))

    def hours(
        self, item: Item, category: Category, what: str, key: str, quantity: float, *, service: str, factor: float = 1.0
    ) -> None:
        """Instance hours on demand, shared out over how the block is bought; an option without a sourced rate stays on
        demand and is told."""
        left = 1.0
        for option, share in self.assumptions.purchase.get(item.block, {}).items():
            if option == ON_DEMAND or share <= 0:
                continue
            bought = self.book.factor(option, service)
            if bought is None:
                self.miss(item, f"no rate of {option} for {service}: priced on demand")
                continue
            left -= share
            self.add(item, category, what, key, quantity * share, option=option, factor=factor * bought.factor)
        if left > 1e-9:
            self.add(item, category, what, key, quantity * left, factor=factor)

    def miss(self, item: Item, why: str) -> None:
        """Something of the item costs what the book does not know."""
        self.unpriced[Unpriced(item.urn, why)] = None

    def nothing(self, item: Item, why: str) -> None:
        """The item costs nothing of its own."""
        self.free[item.urn] = why

    def figure(self, item: Item, name: str, *, ask: bool = True) -> Any:
        """A figure of the item's block in its place, or None; with `ask` a missing one is told."""
        self._taken.add((item.block, item.place, name))
        value = self.assumptions.figures(item.block, item.place).get(name)
        if value is None and ask:
            self.unstated[Unstated(item.block, item.place, name)] = None
        return value

    def copied(self, item: Item, name: str) -> Any:
        """A figure of the item's place, else that of home: what copies hold and take is what the first one does."""
        here = self.figure(item, name, ask=False)
        if here is not None:
            return here
        self._taken.add((item.block, "", name))
        found = self.assumptions.figures(item.block, "").get(name)
        if found is None:
            self.unstated[Unstated(item.block, "", name)] = None
        return found

    def share(
        self, item: Item, name: str, keep: Callable[[Item], bool] = lambda _: True, *, ask: bool = True
    ) -> float | None:
        """The item's even part of a figure that those of its type share, of which `keep` holds."""
        value = self.figure(item, name, ask=ask)
        return None if value is None else value / max(self.items.peers(item, keep), 1)

    def used(
        self,
        item: Item,
        category: Category,
        what: str,
        key: str,
        name: str,
        keep: Callable[[Item], bool] = lambda _: True,
        *,
        times: float = 1.0,
        ask: bool = True,
    ) -> None:
        """A line of the item's part of a figure, where the phase states one."""
        value = self.share(item, name, keep, ask=ask)
        if value:
            self.add(item, category, what, key, value * times)

    def stepped(self, item: Item, category: Category, what: str, key: str, name: str) -> None:
        """As `used`, at a price in steps: what all of the type use in a region goes down them together, each by its
        share."""
        value = self.share(item, name)
        if not value:
            return
        alike = [each for each in self.items.of(item.type) if each.region == item.region]
        total = math.fsum(self.share(each, name, ask=False) or 0.0 for each in alike)
        steps = self.book.steps(key)
        for (start, at), (end, _) in zip(steps, [*steps[1:], (math.inf, "")], strict=True):
            within = min(total, end) - start
            if within > 0:
                beyond = f"{what} beyond {start:g} million" if start else what
                self.add(item, category, beyond, at, within * value / total)

    def month(self, item: Item) -> float:
        """The hours a month that the item's block runs."""
        stated = self.figure(item, "hours", ask=False)
        return HOURS if stated is None else float(stated)

    def unused(self) -> list[Unstated]:
        """Figures that are stated and that no resource is priced with: of a place that the block is not in, say."""
        found: list[Unstated] = []
        for block, figures in self.assumptions.usage.items():
            places = {"": figures, **(figures.get("regions") or {})}
            for place, own in places.items():
                found += [
                    Unstated(block, place, name)
                    for name in own
                    if name != "regions" and not self.took(block, place, name)
                ]
        return sorted(found)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once for the whole sheet."""
        if name not in self._once:
            self._once[name] = make()
        return self._once[name]

    def took(self, block: str, place: str, name: str) -> bool:
        """Whether a handler has asked for a block's figure."""
        return (block, place, name) in self._taken
