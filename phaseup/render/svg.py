"""Draws a `Diagram` as SVG: the edge on top, regions side by side, what watches at the foot. No script, no font."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from phaseup.render.diagram import TIERS, Diagram, Link, Node
from phaseup.render.layout import CARD, GAP, LINE, MARGIN, MOST_ROWS, ROW, Box, Layout, lay_out
from phaseup.render.svg_style import style
from phaseup.render.text import plain

TIER_WORDS: Final = {
    "edge": "edge",
    "entrance": "entrance",
    "compute": "compute",
    "data": "data",
    "objects": "objects",
    "watch": "watch",
}
FONT: Final = {
    "title": (21.0, True),
    "soft": (12.5, False),
    "name": (15.0, True),
    "kind": (11.0, False),
    "row-name": (11.5, True),
    "row-text": (11.0, False),
    "region": (13.0, True),
}
"""Size in pixels and whether bold, by style."""
_NARROW: Final = frozenset("ijl|'.,:;! ·")
_THIN: Final = frozenset("ftr-()[]/\\")
_LEAN: Final = frozenset("csvxyzk")
_BROAD: Final = frozenset("mwMW%@—…→")


def svg(diagram: Diagram) -> str:
    """The whole document; every name and size in it is escaped."""
    placed = lay_out(diagram)
    parts = [_head(placed.width, placed.height, diagram), style()]
    parts.append(f'<rect class="page" width="{placed.width:g}" height="{placed.height:g}" rx="14"/>')
    room = placed.width - 2 * MARGIN
    parts.append(_text(MARGIN, 42, diagram.title, "title", room))
    parts.extend(_subtitle(diagram.subtitle, room))
    for border in placed.borders:
        parts.append(
            f'<rect class="frame" x="{border.x:g}" y="{border.y:g}" width="{border.width:g}"'
            f' height="{border.height:g}" rx="16"/>'
        )
    for tier in TIERS:
        if tier in placed.tiers:
            y = placed.tiers[tier] + 26
            parts.append(f'<text class="tier {tier}-fill" x="{MARGIN}" y="{y:g}">{escape(TIER_WORDS[tier])}</text>')
    parts.extend(_links(diagram.links, placed))
    parts.extend(
        _text(border.x + 16, border.y + 25, border.frame.words, "region", border.width - 32)
        for border in placed.borders
    )
    for box in placed.boxes:
        parts.extend(_card(box))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _head(width: float, height: float, diagram: Diagram) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" aria-label={quoteattr(plain(diagram.title))}>\n'
        f"<title>{escape(plain(diagram.title))}</title>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        ' orient="auto"><path class="tip" d="M0 0.6 L7.4 4 L0 7.4 Z"/></marker></defs>'
    )


def _subtitle(text: str, room: float) -> Iterable[str]:
    """On two lines where one is too short."""
    lines, line = [], ""
    for part in text.split(" · "):
        longer = f"{line} · {part}" if line else part
        if line and width(longer, "soft") > room:
            lines.append(line)
            longer = part
        line = longer
    for number, each in enumerate([*lines, line][:2]):
        yield _text(MARGIN, 64 + number * LINE, each, "soft", room)


def _card(box: Box) -> Iterable[str]:
    node = box.node
    state = node.state if node.state in {"arriving", "leaving"} else ""
    yield f'<g class="{node.tier} {state}">'
    yield f'<rect class="card" x="{box.x:g}" y="{box.y:g}" width="{CARD}" height="{box.height:g}" rx="10"/>'
    yield f'<rect class="bar" x="{box.x:g}" y="{box.y + 10:g}" width="4" height="{box.height - 20:g}" rx="2"/>'
    kind = f"{node.kind} · {state}" if state else node.kind
    kind_width = min(width(kind, "kind"), 140)
    yield _text(box.x + 16, box.y + 26, node.name, "name", CARD - 44 - kind_width)
    yield _text(box.x + CARD - 12, box.y + 26, kind, "kind", 140, anchor="end")
    y = box.y + 46
    for line in node.lines:
        yield _text(box.x + 16, y, line, "soft", CARD - 28)
        y += LINE
    yield from _rows(node, box.x, y - 10)
    yield "</g>"


def _rows(node: Node, x: float, y: float) -> Iterable[str]:
    """A strip for each part: its name on the left, what is to say of it on the right, neither over the other."""
    shown = node.rows[:MOST_ROWS]
    room = CARD - 28 - 16
    for row in shown:
        name_room = min(width(row.name, "row-name"), room * (0.62 if row.text else 1.0))
        yield f'<rect class="row" x="{x + 14:g}" y="{y:g}" width="{CARD - 26}" height="{ROW - 3}" rx="5"/>'
        yield _text(x + 21, y + 13, row.name, "row-name", name_room)
        if row.text:
            yield _text(x + CARD - 19, y + 13, row.text, "row-text", room - name_room - 10, anchor="end")
        y += ROW
    if len(node.rows) > MOST_ROWS:
        yield _text(x + 21, y + 13, f"and {len(node.rows) - MOST_ROWS} more", "row-text", room)


def _links(links: tuple[Link, ...], placed: Layout) -> Iterable[str]:
    """Arrows only where nothing stands between the two cards; every other way is in words on its card."""
    order = [tier for tier in TIERS if tier in placed.tiers]
    places = placed.places()
    drawn = [link for link in links if _free(places[link.source], places[link.target], placed, order)]
    down = [link for link in drawn if places[link.source].node.tier != places[link.target].node.tier]
    leaving = _ports(down, places, outgoing=True)
    arriving = _ports(down, places, outgoing=False)
    for link in drawn:
        source, target = places[link.source], places[link.target]
        if link in leaving:
            x1, x2 = leaving[link], arriving[link]
            y1, y2 = source.bottom, target.y - 2
            # Straight down to the gap above the target, or above its frame, and aside only there: no curve cuts
            # through a longer card beside the source, nor along the words on a frame.
            low = placed.borders[0].y if placed.borders and source.node.tier == "edge" else y2 - 8
            knee = max(y1, low - 40)
            middle = (knee + low) / 2
            yield _path(f"M{x1:g} {y1:g} L{x1:g} {knee:g} C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {low:g} V{y2:g}")
        elif source.x < target.x:
            yield _path(f"M{source.x + CARD:g} {source.y + 22:g} L{target.x - 2:g} {target.y + 22:g}")
        else:
            yield _path(f"M{source.x:g} {source.y + 22:g} L{target.x + CARD + 2:g} {target.y + 22:g}")


def _free(source: Box, target: Box, placed: Layout, order: list[str]) -> bool:
    one, other = source.node.tier, target.node.tier
    if one == other:
        return source.row == target.row == 0 and abs(abs(source.x - target.x) - CARD - GAP) < 1
    above, below = order.index(one), order.index(other)
    if above > below or not source.last or target.row:
        return False
    # A region may have nothing in a tier that another has.
    between = order[above + 1 : below]
    region = target.node.region
    return not any(box.node.tier in between and box.node.region == region for box in placed.boxes)


def _ports(links: list[Link], places: Mapping[tuple[str, str], Box], *, outgoing: bool) -> dict[Link, float]:
    """Where each link leaves (or reaches) its card, spread along the side so that no two share a point."""
    ports: dict[Link, float] = {}
    for key, box in places.items():
        mine = [link for link in links if (link.source if outgoing else link.target) == key]
        mine.sort(key=lambda link: places[link.target if outgoing else link.source].x)
        for index, link in enumerate(mine):
            ports[link] = box.x + CARD * (index + 1) / (len(mine) + 1)
    return ports


def _path(points: str) -> str:
    return f'<path class="link" marker-end="url(#tip)" d="{points}"/>'


def width(text: str, look: str) -> float:
    """How wide a text is drawn at most, in pixels: advances of DejaVu Sans, the widest of the fonts that are asked for,
    in five classes rounded up."""
    size, bold = FONT[look]
    return sum(map(_advance, plain(text))) * size * (1.12 if bold else 1.0)


def _advance(char: str) -> float:
    if char in _NARROW:
        return 0.34
    if char in _THIN:
        return 0.42
    if char in _LEAN:
        return 0.595
    if char in _BROAD or char.isupper():
        return 1.0 if char in _BROAD else 0.76
    return 1.05 if unicodedata.east_asian_width(char) in "WF" or ord(char) > 0x2FFF else 0.64


def _text(x: float, y: float, text: str, look: str, room: float, *, anchor: str = "start") -> str:
    shown = plain(text)
    if width(shown, look) > room:
        while shown and width(f"{shown}…", look) > room:
            shown = shown[:-1]
        shown = f"{shown}…"
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{look}" x="{x:g}" y="{y:g}"{place}>{escape(shown)}</text>'
