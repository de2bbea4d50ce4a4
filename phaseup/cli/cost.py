"""`phaseup cost`: what a stack, or a system in a phase, costs in a month, beside its budget."""

from __future__ import annotations

from typing import Annotated

import typer

from phaseup.cli.common import AsJson, Debug, InEnvironment, OfSystem, StackOrSystem, mistakes, print_json, show


def command(
    stack_or_system: StackOrSystem,
    phase: OfSystem = "",
    environment: InEnvironment = "prod",
    whole: Annotated[bool, typer.Option("--all", help="Every line, with its quantity, price and source.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Estimate a month: by category and resource, beside the phase's budget, with what is unpriced or assumed."""
    with mistakes(debug):
        from phaseup.cli.place import placed
        from phaseup.cli.target import named
        from phaseup.climb.rehearse import record_all
        from phaseup.price.report import report
        from stacks.models.load_blueprint import load_blueprint

        config = named(stack_or_system, phase, environment)
        with placed(config):
            (run,) = record_all([config])
        made = report(config, load_blueprint(config.system), run.outcome.snapshot)
        if as_json:
            print_json(made.to_json())
            return
        from phaseup.render import cost as rendered

        show(rendered.cost(made, whole=whole))
