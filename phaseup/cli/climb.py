"""`phaseup climb`: whole ladders, every step, up and down, with every way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from phaseup.cli.common import AsJson, Debug, mistakes, print_json, show

if TYPE_CHECKING:
    from phaseup.climb.climb import Advance


def command(
    context: typer.Context,
    systems: Annotated[list[str] | None, typer.Argument(metavar="[SYSTEM]...", help="Which; none: all.")] = None,
    down: Annotated[bool, typer.Option("--down", help="Also the way down.")] = False,
    aborts: Annotated[
        bool, typer.Option("--aborts/--no-aborts", help="Also each way back from the middle of a move.")
    ] = True,
    environment: Annotated[
        str, typer.Option("--environment", metavar="NAME", help="Whose stack file to start from.")
    ] = "prod",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Rehearse whole ladders: every apply of every move, judged by what its kind may do.

    Exit code 1 if a step is blocked, 3 if one needs an approval that is no announced arm, else 0. Refused steps are
    listed with the manual way; the ladder goes on with what is kept.
    """
    with mistakes(debug):
        from contextlib import ExitStack

        from phaseup.climb.climb import climb
        from phaseup.render.climb import climb as rendered
        from phaseup.render.console import progress

        with ExitStack() as stack:

            def announce(total: int) -> Advance:
                return stack.enter_context(progress("rehearsing steps", total))

            report = climb(
                systems or [],
                environment=environment,
                down=down,
                aborts=aborts,
                announce=announce,
                clock=context.obj,
            )
        if as_json:
            print_json(report.to_json())
        else:
            show(rendered(report))
        raise typer.Exit(report.exit_code)
