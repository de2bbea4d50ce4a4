"""Draws a `Diagram` as SVG: edge on top, then balancer, servers, data; links by role. No script, no external font.

Colours follow the viewer's light or dark scheme, over a background of its own, so that it reads on any page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from phaseup.render.diagram import LAYERS, Diagram, Link, Node
from phaseup.render.text import plain

NODE_WIDTH: Final = 232
GAP_X: Final = 36
GAP_Y: Final = 78
GAP_OUTSIDE: Final = 20
MARGIN: Final = 44
HEADER: Final = 78
LINE: Final = 18
UNIT_HEIGHT: Final = 24
UNIT_LETTERS: Final = 30

LAYER_WORDS: Final = {"edge": "edge", "balancer": "balancer", "compute": "servers", "data": "data", "watch": "watch"}
COLOURS: Final = {
    "edge": ("#c2410c", "#fdba74"),
    "balancer": ("#6d28d9", "#c4b5fd"),
    "compute": ("#1d4ed8", "#93c5fd"),
    "data": ("#047857", "#6ee7b7"),
    "watch": ("#475569", "#cbd5e1"),
}
"""Accent of each layer on light and on dark."""


@dataclass(slots=True)
class _Box:
    node: Node
    x: float
    y: float
    height: float

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> float:
        return self.x + NODE_WIDTH / 2

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def svg(diagram: Diagram) -> str:
    """The whole document; every name and size in it is escaped."""
    boxes, width, height = _lay_out(diagram)
    parts = [_head(width, height, diagram), _style()]
    parts.append(f'<rect class="page" width="{width:g}" height="{height:g}" rx="14"/>')
    parts.append(_text(MARGIN, 42, diagram.title, "title", 60))
    parts.append(_text(MARGIN, 64, diagram.subtitle, "soft", 110))
    parts.extend(_frame(diagram, boxes))
    parts.extend(_links(diagram.links, boxes, diagram.outside))
    parts.extend(_layer_words(boxes))
    for box in boxes.values():
        parts.extend(_node(box))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _lay_out(diagram: Diagram) -> tuple[dict[str, _Box], float, float]:
    """Rows share one axis; what stands outside the network is a column to the right of the widest row."""
    rows = [[node for node in diagram.nodes if node.layer == layer] for layer in LAYERS]
    rows = [row for row in rows if row]
    inner = max((sum(node.name not in diagram.outside for node in row) for row in rows), default=1) or 1
    outside = [node for node in diagram.nodes if node.name in diagram.outside]
    inner_width = max(inner * (NODE_WIDTH + GAP_X) - GAP_X, 480)
    left = MARGIN + 76.0
    boxes: dict[str, _Box] = {}
    y = float(HEADER + 34)
    for row in rows:
        inside = [node for node in row if node.name not in diagram.outside]
        if not inside:
            continue
        tallest = max(_height(node) for node in inside)
        x = left + (inner_width - len(inside) * (NODE_WIDTH + GAP_X) + GAP_X) / 2
        for node in inside:
            boxes[node.name] = _Box(node, x, y, tallest)
            x += NODE_WIDTH + GAP_X
        y += tallest + GAP_Y
    bottom = y - GAP_Y
    x = left + inner_width + GAP_X + 60
    y = float(HEADER + 34)
    for node in outside:
        boxes[node.name] = _Box(node, x, y, _height(node))
        y += _height(node) + GAP_OUTSIDE
    width = x + NODE_WIDTH + MARGIN if outside else left + inner_width + MARGIN
    return boxes, width, max(bottom, y - GAP_OUTSIDE if outside else 0.0, HEADER) + MARGIN


def _height(node: Node) -> float:
    body = 40 + LINE * len(node.lines) + 14
    rows = _pills(node)[-1][2] + 1 if node.units else 0
    return body + (UNIT_HEIGHT + 4) * rows


def _pills(node: Node) -> list[tuple[str, float, int, float]]:
    """(name, x inside the node, row, width) of each service: as many in a row as fit."""
    pills: list[tuple[str, float, int, float]] = []
    x, row = 16.0, 0
    for unit in node.units:
        name = _cut(plain(unit), UNIT_LETTERS)
        width = min(16 + 6.7 * len(name), NODE_WIDTH - 28)
        if x > 16 and x + width > NODE_WIDTH - 12:
            x, row = 16.0, row + 1
        pills.append((name, x, row, width))
        x += width + 6
    return pills


def _head(width: float, height: float, diagram: Diagram) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" aria-label={quoteattr(plain(diagram.title))}>\n'
        f"<title>{escape(plain(diagram.title))}</title>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        ' orient="auto"><path class="tip" d="M0 0.6 L7.4 4 L0 7.4 Z"/></marker></defs>'
    )


def _style() -> str:
    light = [f".{layer} .bar, .{layer}-fill {{ fill: {pair[0]}; }}" for layer, pair in COLOURS.items()]
    dark = [f".{layer} .bar, .{layer}-fill {{ fill: {pair[1]}; }}" for layer, pair in COLOURS.items()]
    return "\n".join(
        [
            "<style>",
            'text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12.5px; }',
            ".page { fill: #f8fafc; } .card { fill: #ffffff; stroke: #cbd5e1; }",
            ".frame { fill: #eef2f7; stroke: #94a3b8; stroke-dasharray: 5 5; }",
            "text { fill: #0f172a; } .title { font-size: 21px; font-weight: 650; } .soft { fill: #475569; }",
            ".name { font-size: 15px; font-weight: 650; } .kind { font-size: 11px; fill: #64748b; }",
            ".unit { fill: #e2e8f0; } .unit-name { font-size: 11.5px; }",
            ".link { fill: none; stroke: #64748b; stroke-width: 1.6; } .tip { fill: #64748b; }",
            ".label { font-size: 11px; fill: #334155; stroke: #f1f5f9; stroke-width: 4px; paint-order: stroke; }",
            ".layer { font-size: 11px; letter-spacing: 1.2px; text-transform: uppercase; }",
            ".arriving .card { stroke: #16a34a; stroke-width: 2; } .leaving .card { stroke: #dc2626;"
            " stroke-width: 2; stroke-dasharray: 6 4; }",
            *light,
            "@media (prefers-color-scheme: dark) {",
            ".page { fill: #0b1220; } .card { fill: #16203a; stroke: #3b4a68; }",
            ".frame { fill: #101a2f; stroke: #52627f; }",
            "text { fill: #e5eaf3; } .soft { fill: #a9b6cc; } .kind { fill: #94a3b8; } .unit { fill: #26334f; }",
            ".link { stroke: #93a4c3; } .tip { fill: #93a4c3; } .label { fill: #cbd5e1; stroke: #101a2f; }",
            *dark,
            "}",
            "</style>",
        ]
    )


def _frame(diagram: Diagram, boxes: dict[str, _Box]) -> Iterable[str]:
    inside = [
        box
        for box in boxes.values()
        if box.node.layer in {"balancer", "compute", "data"} and box.node.name not in diagram.outside
    ]
    if not diagram.frame or not inside:
        return
    left = min(box.x for box in inside) - 22
    right = max(box.x for box in inside) + NODE_WIDTH + 22
    top = min(box.y for box in inside) - 34
    bottom = max(box.bottom for box in inside) + 22
    yield f'<rect class="frame" x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" rx="16"/>'
    yield _text(left + 14, top + 21, "  ·  ".join(diagram.frame), "kind", 60)


def _layer_words(boxes: dict[str, _Box]) -> Iterable[str]:
    for layer in LAYERS:
        row = [box for box in boxes.values() if box.node.layer == layer]
        if row:
            y = row[0].y + row[0].height / 2 + 4
            yield f'<text class="layer {layer}-fill" x="20" y="{y:g}">{escape(LAYER_WORDS[layer])}</text>'


def _node(box: _Box) -> Iterable[str]:
    node = box.node
    state = node.state if node.state in {"arriving", "leaving"} else ""
    yield f'<g class="{node.layer} {state}">'
    yield f'<rect class="card" x="{box.x:g}" y="{box.y:g}" width="{NODE_WIDTH}" height="{box.height:g}" rx="10"/>'
    yield f'<rect class="bar" x="{box.x:g}" y="{box.y + 10:g}" width="4" height="{box.height - 20:g}" rx="2"/>'
    yield _text(box.x + 16, box.y + 26, node.name, "name", 15)
    kind = f"{node.kind} · {state}" if state else node.kind
    yield _text(box.x + NODE_WIDTH - 12, box.y + 26, kind, "kind", 20, anchor="end")
    y = box.y + 46
    for line in node.lines:
        yield _text(box.x + 16, y, line, "soft", 30)
        y += LINE
    for name, left, row, width in _pills(node):
        top = y - 8 + row * (UNIT_HEIGHT + 4)
        yield f'<rect class="unit" x="{box.x + left:g}" y="{top:g}" width="{width:g}" height="{UNIT_HEIGHT}" rx="6"/>'
        yield _text(box.x + left + width / 2, top + 16, name, "unit-name", UNIT_LETTERS, anchor="middle")
    yield "</g>"


def _links(links: tuple[Link, ...], boxes: dict[str, _Box], outside: frozenset[str]) -> Iterable[str]:
    drawn = [link for link in links if link.source in boxes and link.target in boxes]
    frame_edge = max((box.x for box in boxes.values() if box.node.name not in outside), default=0.0)
    within = [link for link in drawn if boxes[link.target].x <= frame_edge]
    leaving = _ports(within, boxes, outgoing=True)
    arriving = _ports(within, boxes, outgoing=False)
    for link in drawn:
        source, target = boxes[link.source], boxes[link.target]
        if target.x > frame_edge:
            yield _sideways(source, target)
            yield _text(target.x - 12, target.middle - 8, link.label, "label", 24, anchor="end")
            continue
        x1, x2 = leaving[link], arriving[link]
        if target.y > source.y:
            bend = min(64.0, (target.y - source.bottom) * 0.5)
            yield _curve((x1, source.bottom), (x2, target.y - 2), bend, -bend)
            yield _text(x2, target.y - 18, link.label, "label", 24, anchor="middle")
        elif target.y < source.y:
            bend = min(64.0, (source.y - target.bottom) * 0.5)
            yield _curve((x1, source.y), (x2, target.bottom + 2), -bend, bend)
            yield _text(x2, target.bottom + 26, link.label, "label", 24, anchor="middle")
        else:
            yield _curve((x1, source.bottom), (x2, target.bottom + 2), 34, 34)
            yield _text((x1 + x2) / 2, source.bottom + 32, link.label, "label", 30, anchor="middle")


def _sideways(source: _Box, target: _Box) -> str:
    """From the right side of a node inside to the left side of one in the column outside."""
    x1, y1, x2, y2 = source.x + NODE_WIDTH, source.middle, target.x - 2, target.middle
    bend = max(60.0, (x2 - x1) * 0.5)
    return (
        f'<path class="link" marker-end="url(#tip)"'
        f' d="M{x1:g} {y1:g} C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"/>'
    )


def _curve(start: tuple[float, float], end: tuple[float, float], bend: float, unbend: float) -> str:
    (x1, y1), (x2, y2) = start, end
    return (
        f'<path class="link" marker-end="url(#tip)"'
        f' d="M{x1:g} {y1:g} C{x1:g} {y1 + bend:g} {x2:g} {y2 + unbend:g} {x2:g} {y2:g}"/>'
    )


def _ports(links: list[Link], boxes: dict[str, _Box], *, outgoing: bool) -> dict[Link, float]:
    """Where each link leaves (or reaches) its node, spread along the side so that no two share a point."""
    ports: dict[Link, float] = {}
    for name, box in boxes.items():
        mine = [link for link in links if (link.source if outgoing else link.target) == name]
        mine.sort(key=lambda link: boxes[link.target if outgoing else link.source].centre)
        for index, link in enumerate(mine):
            ports[link] = box.x + NODE_WIDTH * (index + 1) / (len(mine) + 1)
    return ports


def _text(x: float, y: float, text: str, style: str, limit: int, *, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(_cut(plain(text), limit))}</text>'


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
