"""Where each card of a picture stands: tiers from top to bottom, regions side by side, columns that fill evenly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from phaseup.render.diagram import INSIDE, TIERS, Diagram, Frame, Node

CARD: Final = 356
GAP: Final = 24
TIER_GAP: Final = 56
MARGIN: Final = 44
HEADER: Final = 104
LABELS: Final = 92
"""Width of the column with the tiers' names."""
PAD: Final = 22
"""From a frame's border to its cards."""
FRAME_HEAD: Final = 40
LINE: Final = 18
ROW: Final = 21
MOST_ROWS: Final = 26
"""Rows on a card; what is beyond is counted."""
WIDE: Final = 3
NARROW: Final = 2
"""Columns of cards in a region: of the only one, and of one of several."""


@dataclass(slots=True)
class Box:
    """A card in its place; `column` and `row` within its tier and region, from 0."""

    node: Node
    x: float
    y: float
    height: float
    column: int
    row: int
    last: bool = False
    """Whether nothing stands below it in its tier."""

    @property
    def bottom(self) -> float:
        """Of the card."""
        return self.y + self.height


@dataclass(slots=True)
class Border:
    """A region's frame in its place."""

    frame: Frame
    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True)
class Layout:
    """A whole picture in its place."""

    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    borders: list[Border] = field(default_factory=list)
    tiers: dict[str, float] = field(default_factory=dict)
    """Tier → the top of its cards."""

    def places(self) -> dict[tuple[str, str], Box]:
        """Boxes by their card's key; the first where a block is called like a card that several share."""
        return {box.node.key: box for box in reversed(self.boxes)}


def height_of(node: Node) -> float:
    """A card's height from what stands on it."""
    shown = min(len(node.rows), MOST_ROWS) + (len(node.rows) > MOST_ROWS)
    return 42 + LINE * len(node.lines) + (ROW * shown + 8 if shown else 0) + 6


def lay_out(diagram: Diagram) -> Layout:
    """Every card once; no two overlap."""
    regions = list(dict.fromkeys(node.region for node in diagram.nodes if node.tier in INSIDE)) or [""]
    most = NARROW if len(regions) > 1 else WIDE
    columns = {region: _columns(diagram, region, most) for region in regions}
    x = float(MARGIN + LABELS)
    lefts: dict[str, float] = {}
    for region in regions:
        lefts[region] = x
        x += columns[region] * (CARD + GAP) - GAP + 2 * PAD + GAP
    right = x - GAP
    total = max(1, int((right - MARGIN - LABELS + GAP) // (CARD + GAP)))
    found = Layout(right + MARGIN, 0.0)
    y = float(HEADER)
    top = bottom = 0.0
    targets = {link.target for link in diagram.links}
    for tier in TIERS:
        cards = [node for node in diagram.nodes if node.tier == tier]
        if not cards:
            continue
        if tier in INSIDE and not top:
            top, y = y, y + FRAME_HEAD
        elif tier not in INSIDE and top and bottom:
            y = bottom + PAD + TIER_GAP - 14
            top, bottom = 0.0, 0.0
        found.tiers[tier] = y
        ends = []
        if tier in INSIDE:
            for region in regions:
                own = [node for node in cards if node.region == region]
                own.sort(key=lambda node: node.key not in targets)
                ends.append(_fill(found, own, lefts[region] + PAD, y, columns[region]))
        else:
            middle = MARGIN + LABELS + PAD + max(0.0, _spare(right - 2 * PAD, min(total, len(cards)))) / 2
            ends.append(_fill(found, cards, middle, y, total))
        y = max(ends) + TIER_GAP
        if tier in INSIDE:
            bottom = y - TIER_GAP
            _frames(found, diagram, lefts, columns, top, bottom)
    found.height = y - TIER_GAP + (PAD if bottom else 0) + MARGIN
    return found


def _columns(diagram: Diagram, region: str, most: int) -> int:
    widest = max(sum(n.region == region and n.tier == tier for n in diagram.nodes) for tier in INSIDE)
    return max(1, min(most, widest))


def _spare(right: float, cards: int) -> float:
    return right - MARGIN - LABELS - (cards * (CARD + GAP) - GAP)


def _fill(found: Layout, cards: Sequence[Node], left: float, top: float, columns: int) -> float:
    """Each card into the column that is shortest so far; answers where the lowest ends."""
    ends = [top] * columns
    rows = [0] * columns
    lowest: dict[int, Box] = {}
    for node in cards:
        column = ends.index(min(ends))
        box = Box(node, left + column * (CARD + GAP), ends[column], height_of(node), column, rows[column])
        found.boxes.append(box)
        ends[column] += box.height + GAP
        rows[column] += 1
        lowest[column] = box
    for box in lowest.values():
        box.last = True
    return max(ends) - GAP if cards else top


def _frames(
    found: Layout, diagram: Diagram, lefts: dict[str, float], columns: dict[str, int], top: float, bottom: float
) -> None:
    found.borders = [
        Border(
            frame,
            lefts[frame.region],
            top - 6,
            columns[frame.region] * (CARD + GAP) - GAP + 2 * PAD,
            bottom + PAD - top + 6,
        )
        for frame in diagram.frames
        if frame.region in lefts
    ]
