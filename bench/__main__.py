"""`make bench`: measure (a quarter of an hour), judge by the design's limits, write docs/figures.md; exit 1 where a
limit is broken."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
from collections.abc import Iterator

from bench import cold, engine, synthetic
from phaseup.climb.clock import cores

FIGURES = cold.ROOT / "docs" / "figures.md"
LINEAR = 12
"""What 10,000 resources may cost at most, in terms of 1,000."""


def main() -> int:
    """Measure everything; answers the exit code."""
    argparse.ArgumentParser(prog="python -m bench", description=__doc__).parse_args()
    commands = [
        cold.measure(["plan", "meal-prod", "--to", "growth"]),
        cold.measure(["climb"]),
        cold.measure(["climb", "--down"]),
    ]
    sizes = synthetic.measure()
    beside = engine.measure()
    text = "\n".join(_page(commands, sizes, beside)) + "\n"
    FIGURES.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0 if all(each.within for each in commands) and ratio(sizes) <= LINEAR else 1


def ratio(sizes: list[synthetic.Planned]) -> float:
    """How much the largest plan costs, in terms of the one a tenth of its size."""
    return sizes[-1].seconds / sizes[-2].seconds


def _page(commands: list[cold.Cold], sizes: list[synthetic.Planned], beside: engine.Beside | None) -> Iterator[str]:
    today = datetime.datetime.now(datetime.UTC).date()
    yield "# Figures"
    yield ""
    yield f"Made by `make bench` on {today}: {cores()} cores, {platform.machine()}, Python {platform.python_version()},"
    yield f"load {os.getloadavg()[0]:.1f} before. Do not edit."
    yield ""
    yield "## Cold commands"
    yield ""
    yield "Limit: I × (1 + R ÷ 1000 ÷ cores) + 1 s. I is the time to import the SDK modules in use, in the same run."
    yield ""
    yield "| command | seconds | I | R | limit | kept |"
    yield "|---|---:|---:|---:|---:|---|"
    for each in commands:
        kept = "yes" if each.within else "**no**"
        yield (
            f"| `{each.command}` | {each.wall:.1f} | {each.import_seconds:.1f} | {each.registrations:,} "
            f"| {each.allowed:.1f} | {kept} |"
        )
    yield ""
    yield "## Planning alone"
    yield ""
    yield "Registrations straight into the planner; one resource in ten changes in place. The best of three."
    yield ""
    yield "| resources | seconds | ms per resource |"
    yield "|---:|---:|---:|"
    for size in sizes:
        yield f"| {size.resources:,} | {size.seconds:.3f} | {size.seconds / size.resources * 1000:.3f} |"
    yield ""
    kept = "kept" if ratio(sizes) <= LINEAR else "**broken**"
    yield f"10,000 cost {ratio(sizes):.1f} × what 1,000 cost; limit {LINEAR} ×: {kept}."
    yield ""
    yield "## Beside the engine"
    yield ""
    if beside is None:
        yield "Not measured: no `pulumi` on PATH."
        return
    yield "The same program and step; the engine's plugins do nothing, so its time is its own and the SDK's."
    yield ""
    yield f"| resources | `pulumi preview` {beside.version} | `phaseup plan` (records A, then plans B) |"
    yield "|---:|---:|---:|"
    yield f"| {beside.resources} | {beside.engine:.1f} s | {beside.ours:.1f} s |"


if __name__ == "__main__":
    sys.exit(main())
