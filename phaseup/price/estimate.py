"""From a recorded graph to its month: every live resource is priced, free with its reason, or listed as unpriced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from phaseup.climb.owners import Owners
from phaseup.graph.resource import PROVIDER_PREFIX, STACK_TYPE, Snapshot, State
from phaseup.price.assumptions import Assumptions
from phaseup.price.between import ask_between
from phaseup.price.book import Book, installed
from phaseup.price.handlers import HANDLERS, why_free
from phaseup.price.item import Item, Items
from phaseup.price.lines import Estimate, Line
from phaseup.price.sheet import Sheet
from phaseup.price.traffic import add_traffic

NOTHING = Assumptions()


def estimate(
    states: Snapshot | Iterable[State], assumptions: Assumptions = NOTHING, book: Book | None = None
) -> Estimate:
    """A month of the live, managed resources among `states`."""
    known = book if book is not None else installed()
    sheet = Sheet(items_of(states, assumptions.home), known, assumptions)
    for item in sheet.items.all:
        handler = HANDLERS.get(item.type)
        if handler is not None:
            handler(sheet, item)
        elif reason := why_free(item.type):
            sheet.nothing(item, reason)
        else:
            sheet.miss(item, "no handler knows this type")
    add_traffic(sheet)
    ask_between(sheet)  # after the lines of what is stated, which are for figures that nothing has taken
    return Estimate(
        allowed(sheet.lines, known),
        tuple(sheet.unpriced),
        tuple(sorted(sheet.unstated)),
        tuple(sheet.unused()),
        sheet.free,
    )


def items_of(states: Snapshot | Iterable[State], home: str) -> Items:
    """The resources of providers: no components, no Stack, no providers, nothing read only or on its way out."""
    whole = list(states)
    owners = Owners(whole)
    items: list[Item] = []
    for state in whole:
        if not state.custom or state.delete or state.external:
            continue
        if state.type == STACK_TYPE or state.type.startswith(PROVIDER_PREFIX):
            continue
        place = owners.region(state.urn)
        item = Item(state, owners.block(state.urn), place, "")
        item.region = item.text("region") or place or home
        items.append(item)
    return Items(items)


def allowed(lines: Iterable[Line], book: Book) -> tuple[Line, ...]:
    """The same lines with what the account has free each month taken off, from each line of a key by its share."""
    whole = list(lines)
    totals: dict[str, float] = {}
    for line in whole:
        key = _pooled(line.price.key)
        if key in book.allowances:
            totals[key] = totals.get(key, 0.0) + line.quantity
    out: list[Line] = []
    for line in whole:
        key = _pooled(line.price.key)
        total = totals.get(key, 0.0)
        if total > 0:
            free = min(book.allowances[key].quantity, total)
            line = replace(line, included=free * line.quantity / total)
        out.append(line)
    return tuple(out)


def _pooled(key: str) -> str:
    """Functions of both architectures draw on one allowance."""
    return "lambda:gb-second" if key == "lambda:gb-second:arm64" else key
