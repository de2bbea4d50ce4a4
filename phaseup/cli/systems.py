"""`phaseup systems`: what there is, what each phase serves and may cost, and how many resources it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from phaseup.cli.common import AsJson, Debug, mistakes, print_json, show

if TYPE_CHECKING:
    from rich.console import RenderableType


def command(
    environment: Annotated[
        str, typer.Option("--environment", metavar="NAME", help="Whose stack to count resources with.")
    ] = "prod",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the systems and their phases: what each serves, its budget and cost in US dollars a month, its resources."""
    with mistakes(debug):
        from phaseup.climb.phases import born, stack_of
        from phaseup.climb.rehearse import record_all
        from phaseup.plan.steps import is_counted
        from phaseup.price.report import total
        from stacks.models.load_blueprint import load_blueprint
        from stacks.models.load_blueprint import systems as all_systems

        found: list[dict[str, Any]] = []
        for system in all_systems():
            blueprint = load_blueprint(system)
            stack = stack_of(system, environment)
            configs = [born(stack, phase) for phase in blueprint.names]
            runs = record_all(configs)
            phases = [
                {
                    "phase": name,
                    "serves": dict(blueprint.phases[name].serves),
                    "budget": {"low": blueprint.phases[name].budget.low, "high": blueprint.phases[name].budget.high},
                    "cost": total(config, blueprint, run.outcome.snapshot),
                    "resources": sum(is_counted(state.urn) for state in run.outcome.snapshot if not state.delete),
                }
                for name, config, run in zip(blueprint.names, configs, runs, strict=True)
            ]
            found.append({"system": system, "title": blueprint.title, "phases": phases})
        if as_json:
            print_json(found)
        else:
            show(_table(found))


def _table(systems: list[dict[str, Any]]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from phaseup.render.picture import serves
    from phaseup.render.text import plain

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title, justify in (("system", "left"), ("phase", "left"), ("serves", "left")):
        table.add_column(title, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for title in ("budget a month", "cost", "resources"):
        table.add_column(title, justify="right", no_wrap=True)
    for system in systems:
        for number, phase in enumerate(system["phases"]):
            served = ", ".join(serves(phase["serves"]))
            table.add_row(
                Text("" if number else plain(system["system"]), "bold"),
                plain(phase["phase"]),
                plain(served),
                _budget(phase["budget"]),
                f"${phase['cost']:,.0f}",
                f"{phase['resources']:,}",
            )
    return table


def _budget(budget: dict[str, float | None]) -> str:
    low, high = budget["low"], budget["high"]
    if low is None and high is None:
        return "not given"
    if low is None or high is None:
        return f"up to ${high:,.0f}" if high is not None else f"from ${low:,.0f}"
    return f"${low:,.0f}–{high:,.0f}"
