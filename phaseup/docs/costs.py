"""A system's costs along its ladder, from the same estimates that `phaseup cost` tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from phaseup.docs.markdown import code, render
from phaseup.price.lines import CATEGORIES, Unstated
from phaseup.price.report import Report, report
from phaseup.render.cost import dollars, span
from phaseup.render.cost_chart import Rung, chart

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot
    from stacks.models import Blueprint, StackConfig

_DEAREST: Final = 8
"""Blocks that are named for each phase."""


def reports(
    blueprint: Blueprint, configs: Mapping[str, StackConfig], states: Mapping[str, Snapshot]
) -> dict[str, Report]:
    """Phase → its report, in climbing order."""
    return {phase: report(configs[phase], blueprint, states[phase]) for phase in blueprint.names}


def costs_chart(blueprint: Blueprint, made: Mapping[str, Report]) -> str:
    """The picture."""
    rungs = [Rung(phase, r.estimate.total, r.estimate.categories(), r.low, r.high) for phase, r in made.items()]
    return chart(f"{blueprint.title or blueprint.system}: costs", rungs)


def costs_page(blueprint: Blueprint, made: Mapping[str, Report]) -> str:
    """The page: totals beside the source's range, by category, the dearest blocks, what is assumed and what is not
    known."""
    return render(
        "costs.md.j2",
        system=blueprint.system,
        title=blueprint.title or blueprint.system,
        categories=CATEGORIES,
        phases=[_phase(blueprint, phase, each) for phase, each in made.items()],
    )


def _phase(blueprint: Blueprint, phase: str, made: Report) -> dict[str, Any]:
    estimate, assumed = made.estimate, made.assumptions
    given = made.low is not None or made.high is not None
    outside = " (outside)" if made.within is False else ""
    blocks = sorted(estimate.by_block().items(), key=lambda each: -each[1])[:_DEAREST]
    return {
        "name": phase,
        "total": _whole(estimate.total),
        "range": f"{span(made.low, made.high)}{outside}" if given else "not given",
        "sums": [_whole(usd) if usd else "" for usd in estimate.categories().values()],
        "note": blueprint.phases[phase].notes.get("budget", "").strip(),
        "shares": [
            {
                "name": name,
                "source": dollars(share.source),
                "estimate": dollars(share.estimate),
                "covers": ", ".join(share.categories) or "none of these",
            }
            for name, share in (made.shares or {}).items()
        ],
        "dearest": ", ".join(f"{code(name or 'no block')} {_whole(usd)}" for name, usd in blocks),
        "usage": [(block, _figures(figures)) for block, figures in assumed.usage.items()],
        "bought": "; ".join(
            f"{code(block)} " + ", ".join(f"{share:.0%} {option}" for option, share in shares.items())
            for block, shares in assumed.purchase.items()
        ),
        "unpriced": "; ".join(dict.fromkeys(each.why for each in estimate.unpriced)),
        "unstated": ", ".join(_unstated(each) for each in estimate.unstated),
    }


def _unstated(each: Unstated) -> str:
    """A figure of a block, with its region where that is not home: each region has figures of its own."""
    return f"{code(each.block or 'no block')} {each.figure}" + (f" in {each.region}" if each.region else "")


def _whole(usd: float) -> str:
    return f"${usd:,.0f}"


def _figures(figures: Mapping[str, Any]) -> str:
    told: list[str] = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            below = (
                f"{key} ({_figures(v)})" if isinstance(v, Mapping) else f"{key} {v:,g}" for key, v in value.items()
            )
            told.append(f"{name}: {', '.join(below)}")
        else:
            told.append(f"{name} {value:,g}")
    return "; ".join(told)
