"""Colours and type of the pictures, light and dark by the viewer's own scheme, over a background of their own."""

from __future__ import annotations

from typing import Final

COLOURS: Final = {
    "edge": ("#c2410c", "#fdba74"),
    "entrance": ("#6d28d9", "#c4b5fd"),
    "compute": ("#1d4ed8", "#93c5fd"),
    "data": ("#047857", "#6ee7b7"),
    "objects": ("#0e7490", "#67e8f9"),
    "watch": ("#475569", "#cbd5e1"),
}
"""Accent of each tier on light and on dark."""


def style() -> str:
    """The document's style element."""
    light = [f".{tier} .bar, .{tier}-fill {{ fill: {pair[0]}; }}" for tier, pair in COLOURS.items()]
    dark = [f".{tier} .bar, .{tier}-fill {{ fill: {pair[1]}; }}" for tier, pair in COLOURS.items()]
    return "\n".join(
        [
            "<style>",
            'text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12.5px; }',
            ".page { fill: #f8fafc; } .card { fill: #ffffff; stroke: #cbd5e1; }",
            ".frame { fill: #eef2f7; stroke: #94a3b8; stroke-dasharray: 5 5; }",
            "text { fill: #0f172a; } .title { font-size: 21px; font-weight: 650; } .soft { fill: #475569; }",
            ".name { font-size: 15px; font-weight: 650; } .kind { font-size: 11px; fill: #64748b; }",
            ".row { fill: #f1f5f9; } .row-name { font-size: 11.5px; font-weight: 600; }",
            ".row-text { font-size: 11px; fill: #475569; }",
            ".region { font-size: 13px; font-weight: 600; stroke: #eef2f7; stroke-width: 5px; paint-order: stroke; }",
            ".link { fill: none; stroke: #64748b; stroke-width: 1.6; } .tip { fill: #64748b; }",
            ".tier { font-size: 11px; letter-spacing: 1.2px; text-transform: uppercase; }",
            ".arriving .card { stroke: #16a34a; stroke-width: 2; } .leaving .card { stroke: #dc2626;"
            " stroke-width: 2; stroke-dasharray: 6 4; }",
            *light,
            "@media (prefers-color-scheme: dark) {",
            ".page { fill: #0b1220; } .card { fill: #16203a; stroke: #3b4a68; }",
            ".frame { fill: #101a2f; stroke: #52627f; } .row { fill: #1e2a47; }",
            "text { fill: #e5eaf3; } .soft, .row-text { fill: #a9b6cc; } .kind { fill: #94a3b8; }",
            ".region { stroke: #101a2f; } .link { stroke: #93a4c3; } .tip { fill: #93a4c3; }",
            *dark,
            "}",
            "</style>",
        ]
    )
