"""`phaseup cost`: what a stack, or a system in a phase, costs in a month, beside its budget."""

from __future__ import annotations

from typing import Annotated

import typer

from phaseup.cli.common import AsJson, Debug, mistakes, print_json, show


def command(
    stack_or_system: Annotated[
        str, typer.Argument(metavar="STACK|SYSTEM", help="A stack (meal-prod), its file, or a system.")
    ],
    phase: Annotated[str, typer.Argument(metavar="[PHASE]", help="With a system: which phase to price.")] = "",
    environment: Annotated[
        str, typer.Option("--environment", metavar="NAME", help="With a system: in which environment.")
    ] = "prod",
    whole: Annotated[bool, typer.Option("--all", help="Every line, with its quantity, price and source.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Estimate a month: by category and resource, beside the phase's budget, with what is unpriced or assumed."""
    with mistakes(debug):
        from phaseup.climb.phases import born, check_phase, stack_of
        from phaseup.climb.rehearse import record_all
        from phaseup.price.report import report
        from stacks.models import load_stack
        from stacks.models.load_blueprint import load_blueprint

        if phase:
            check_phase(stack_or_system, phase)
            config = born(stack_of(stack_or_system, environment), phase)
        else:
            config = load_stack(stack_or_system)
        (run,) = record_all([config])
        made = report(config, load_blueprint(config.system), run.outcome.snapshot)
        if as_json:
            print_json(made.to_json())
            return
        from phaseup.render import cost as rendered

        show(rendered.cost(made, whole=whole))
