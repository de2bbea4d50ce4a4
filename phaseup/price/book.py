"""The price book: rows of key, region, unit and US dollars, each with where it was read and when.

The files in `data/` are plain CSV, so that reading all of them takes a few milliseconds and an importer can write them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from phaseup.price import sizes

DATA: Final = Path(__file__).parent / "data"
GLOBAL: Final = "global"
"""The region of what costs the same everywhere: Cloudflare, Fastly, CloudFront."""
BEYOND: Final = ">"
"""`apigateway:rest>333` is the price of what an account asks for in a region beyond the first 333 units."""
FALLBACK: Final = "us-east-1"
"""Whose price is taken, and shown as an estimate, where a region has none of its own (decision 37)."""
_NOT_PRICES: Final = ("sources.csv", "options.csv", "allowances.csv", "free.csv")


class Source(NamedTuple):
    """Where prices were read."""

    id: str
    date: str
    """ISO, the day on which the prices held."""
    what: str


class Price(NamedTuple):
    """One price as it answers one question."""

    key: str
    region: str
    """Whose price it is."""
    unit: str
    usd: float
    source: Source
    stands_in: str = ""
    """What it really is the price of, where the one asked for was not found."""
    asked: str = ""
    """The region it was asked for."""

    @property
    def estimate(self) -> str:
        """Why it is no more than an estimate; empty for the price itself."""
        elsewhere = "" if self.region in (self.asked, GLOBAL) else f"from {self.region}"
        return "; ".join(part for part in (elsewhere, self.stands_in and f"as {self.stands_in}") if part)


class Factor(NamedTuple):
    """What is paid of a price on demand, e.g. 0.67 for a database reserved for a year."""

    option: str
    service: str
    factor: float
    source: Source


class Allowance(NamedTuple):
    """What an account uses of a key each month before it pays, in the key's unit."""

    key: str
    quantity: float
    source: Source


class Book:
    """Prices by key and region."""

    def __init__(
        self,
        prices: Iterable[Price],
        factors: Iterable[Factor] = (),
        allowances: Iterable[Allowance] = (),
    ) -> None:
        self._prices: dict[str, dict[str, Price]] = {}
        for price in prices:
            regions = self._prices.setdefault(price.key, {})
            if price.region in regions:
                raise ValueError(f"{price.key}: two prices in {price.region}")
            regions[price.region] = price
        self._steps: dict[str, list[tuple[float, str]]] = {}
        for key in self._prices:
            whole, beyond, above = key.partition(BEYOND)
            if beyond:
                self._steps.setdefault(whole, []).append((float(above), key))
        self._factors = {(each.option, each.service): each for each in factors}
        self.allowances: Mapping[str, Allowance] = {each.key: each for each in allowances}

    def price(self, key: str, region: str) -> Price | None:
        """The region's own price, else the same everywhere, else that of us-east-1 or the first region that has one."""
        regions = self._prices.get(key)
        if regions is None:
            return self._scaled(key, region)
        for each in (region, GLOBAL, FALLBACK):
            if each in regions:
                return regions[each]._replace(asked=region)
        return regions[min(regions)]._replace(asked=region)

    def _scaled(self, key: str, region: str) -> Price | None:
        """An instance class's price from the nearest known size of its family, which it is a multiple of: AWS's lists
        double from size to size. It stands in, and says for what times what."""
        start, family, size = sizes.split(key)
        if not size:
            return None
        known = [other for other in sizes.known() if f"{start}{family}.{other}{sizes.end(key)}" in self._prices]
        if not known:
            return None
        nearest = min(known, key=lambda other: abs(sizes.steps(size) - sizes.steps(other)))
        found = self.price(f"{start}{family}.{nearest}{sizes.end(key)}", region)
        if found is None:
            return None
        times = sizes.weight(size) / sizes.weight(nearest)
        stands_in = f"{times:g} × {found.stands_in or f'{family}.{nearest}'}"
        return found._replace(key=key, usd=found.usd * times, stands_in=stands_in)

    def steps(self, key: str) -> list[tuple[float, str]]:
        """How much of a key each of its prices begins at, and under which key: the price itself at nothing."""
        return [(0.0, key), *sorted(self._steps.get(key, []))]

    def own(self, key: str, region: str) -> Price | None:
        """Only the region's own price."""
        found = self._prices.get(key, {}).get(region)
        return None if found is None else found._replace(asked=region)

    def factor(self, option: str, service: str) -> Factor | None:
        """What an option leaves of a service's price; None where no source says."""
        return self._factors.get((option, service))

    def __iter__(self) -> Iterator[Price]:
        return (price for regions in self._prices.values() for price in regions.values())

    def keys(self) -> set[str]:
        """Every key."""
        return set(self._prices)


def load(folder: Path = DATA) -> Book:
    """The book in a folder of CSV files. Raises `ValueError` for a row without its source and for two of one kind."""
    sources = {row["id"]: Source(row["id"], row["date"], row["what"]) for row in _rows(folder / "sources.csv")}
    files = sorted(path for path in folder.glob("*.csv") if path.name not in _NOT_PRICES)
    prices = [
        Price(
            row["key"],
            row["region"],
            row["unit"],
            _number(path, row["key"], row["usd"]),
            _source(sources, path, row["source"]),
            row["stands_in"],
        )
        for path in files
        for row in _rows(path)
    ]
    options, free = folder / "options.csv", folder / "allowances.csv"
    return Book(
        prices,
        [
            Factor(
                row["option"],
                row["service"],
                _number(options, row["option"], row["factor"]),
                _source(sources, options, row["source"]),
            )
            for row in _rows(options)
        ],
        [
            Allowance(row["key"], _number(free, row["key"], row["quantity"]), _source(sources, free, row["source"]))
            for row in _rows(free)
        ],
    )


@lru_cache(maxsize=1)
def installed() -> Book:
    """The book that comes with the package, read once."""
    return load()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _source(sources: Mapping[str, Source], path: Path, id_: str) -> Source:
    if id_ not in sources:
        raise ValueError(f"{path.name}: source {id_ or 'nothing'} is not in sources.csv")
    return sources[id_]


def _number(path: Path, key: str, text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError(f"{path.name}: {key}: {text} is no price")
    return number
