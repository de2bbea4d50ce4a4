"""A ladder's costs as a picture: each phase's month beside its source's range, and what it is made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from phaseup.price.lines import CATEGORIES, Category
from phaseup.render.svg_style import style

_COLOURS: Final[dict[Category, tuple[str, str]]] = {
    "compute": ("#1d4ed8", "#93c5fd"),
    "database": ("#047857", "#6ee7b7"),
    "cache": ("#65a30d", "#bef264"),
    "search": ("#0e7490", "#67e8f9"),
    "edge": ("#c2410c", "#fdba74"),
    "network": ("#7c3aed", "#c4b5fd"),
    "storage": ("#a16207", "#fde047"),
    "other": ("#64748b", "#cbd5e1"),
}
"""On light and on dark."""
_WIDTH: Final = 960
_LEFT: Final = 170.0
_AXIS: Final = 400.0
_PARTS: Final = 640.0
_PARTS_WIDTH: Final = 290.0
_TOP: Final = 96.0
_ROW: Final = 66.0
_BAR: Final = 22.0
_LEAST_SHARE: Final = 0.09
"""From which share on a part has room for its per cent."""


class Rung(NamedTuple):
    """One phase as it is drawn."""

    phase: str
    total: float
    categories: dict[Category, float]
    low: float | None
    high: float | None


def chart(title: str, rungs: Sequence[Rung]) -> str:
    """The SVG. Dollars are on a logarithmic axis, since each phase costs a multiple of the one before."""
    height = _TOP + _ROW * len(rungs) + 70
    amounts = [each for rung in rungs for each in (rung.total, rung.low, rung.high) if each]
    first, last = _decades(amounts)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}"'
        f' width="{_WIDTH}" height="{height:g}"'
        f' role="img" aria-label="{escape(title)}: costs along the ladder">',
        style(),
        _own_style(),
        f'<rect class="page" width="{_WIDTH}" height="{height:g}" rx="10"/>',
        f'<text class="title" x="28" y="42">{escape(title)}</text>',
        f'<text class="soft" x="{_LEFT:g}" y="{_TOP - 22:g}">US dollars a month</text>',
        f'<text class="soft" x="{_PARTS:g}" y="{_TOP - 22:g}">made of</text>',
    ]
    bottom = _TOP + _ROW * len(rungs)
    for decade in range(first, last + 1):
        at = _x(10**decade, first, last)
        parts.append(f'<line class="grid" x1="{at:.1f}" y1="{_TOP - 8:g}" x2="{at:.1f}" y2="{bottom:g}"/>')
        parts.append(
            f'<text class="row-text" x="{at:.1f}" y="{bottom + 16:g}" text-anchor="middle">${10**decade:,}</text>'
        )
    for number, rung in enumerate(rungs):
        parts += _rung(rung, _TOP + _ROW * number + (_ROW - _BAR) / 2, first, last)
    parts += _legend(rungs, bottom + 46)
    return "\n".join([*parts, "</svg>", ""])


def _rung(rung: Rung, top: float, first: int, last: int) -> list[str]:
    middle = top + _BAR / 2
    at = _x(rung.total, first, last)
    out = [f'<text class="name" x="28" y="{middle + 5:g}">{escape(rung.phase)}</text>']
    if rung.low is not None or rung.high is not None:
        left = _x(rung.low, first, last) if rung.low else _LEFT
        right = _x(rung.high, first, last) if rung.high else _LEFT + _AXIS
        place = f'x="{left:.1f}" y="{top - 7:g}" width="{max(right - left, 2):.1f}" height="{_BAR + 14:g}"'
        out.append(f'<rect class="range" {place} rx="5"/>')
    out.append(
        f'<rect class="total" x="{_LEFT:g}" y="{middle - 4:g}" width="{max(at - _LEFT, 1):.1f}" height="8" rx="4"/>'
    )
    out.append(f'<circle class="total" cx="{at:.1f}" cy="{middle:g}" r="7"/>')
    # The figure stands after its dot, or before it where it would run into the parts.
    before = at > _LEFT + _AXIS - 40
    where = (
        f'x="{at - 14:.1f}" y="{middle - 12:g}" text-anchor="end"'
        if before
        else f'x="{at + 13:.1f}" y="{middle + 5:g}"'
    )
    out.append(f'<text class="amount" {where}>${rung.total:,.0f}</text>')
    left = _PARTS
    for category in CATEGORIES:
        share = rung.categories.get(category, 0.0) / rung.total if rung.total else 0.0
        if share <= 0:
            continue
        width = share * _PARTS_WIDTH
        out.append(
            f'<rect class="{category}-part" x="{left:.1f}" y="{top:g}" width="{width:.1f}" height="{_BAR:g}">'
            f"<title>{category} ${rung.categories[category]:,.0f}</title></rect>"
        )
        if share >= _LEAST_SHARE:
            place = f'x="{left + width / 2:.1f}" y="{middle + 4:g}" text-anchor="middle"'
            out.append(f'<text class="share" {place}>{share:.0%}</text>')
        left += width
    return out


def _legend(rungs: Sequence[Rung], y: float) -> list[str]:
    out = [
        f'<rect class="range" x="28" y="{y - 11:g}" width="24" height="14" rx="4"/>',
        f'<text class="row-text" x="58" y="{y:g}">source</text>',
        f'<circle class="total" cx="118" cy="{y - 4:g}" r="6"/>',
        f'<text class="row-text" x="130" y="{y:g}">estimate</text>',
    ]
    left = 230.0
    for category in CATEGORIES:
        if any(rung.categories.get(category, 0.0) > 0 for rung in rungs):
            out.append(f'<rect class="{category}-part" x="{left:g}" y="{y - 11:g}" width="14" height="14" rx="3"/>')
            out.append(f'<text class="row-text" x="{left + 20:g}" y="{y:g}">{category}</text>')
            left += 34 + 7 * len(category)
    return out


def _x(amount: float, first: int, last: int) -> float:
    share = (math.log10(max(amount, 10**first)) - first) / max(last - first, 1)
    return _LEFT + share * _AXIS


def _decades(amounts: Sequence[float]) -> tuple[int, int]:
    """Powers of ten around all amounts, one decade at least."""
    known = [each for each in amounts if each > 0] or [1.0]
    first, last = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))
    return first, max(last, first + 1)


def _own_style() -> str:
    light = [f".{name}-part {{ fill: {pair[0]}; }}" for name, pair in _COLOURS.items()]
    dark = [f".{name}-part {{ fill: {pair[1]}; }}" for name, pair in _COLOURS.items()]
    return "\n".join(
        [
            "<style>",
            ".grid { stroke: #cbd5e1; stroke-width: 1; } .range { fill: #94a3b8; fill-opacity: 0.32; }",
            ".total { fill: #0f172a; } .amount { font-size: 13.5px; font-weight: 650; }",
            ".share { font-size: 10.5px; font-weight: 600; fill: #ffffff; }",
            *light,
            "@media (prefers-color-scheme: dark) {",
            ".grid { stroke: #2b3a57; } .range { fill: #94a3b8; fill-opacity: 0.3; } .total { fill: #e5eaf3; }",
            ".share { fill: #0b1220; }",
            *dark,
            "}",
            "</style>",
        ]
    )
