"""`phaseup climb`: whole ladders, every step, up and down, with every way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from phaseup.cli.common import AsJson, Debug, mistakes, print_json, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phaseup.climb.climb import Advance
    from phaseup.climb.clock import Clock
    from phaseup.climb.report import ClimbReport


def command(
    context: typer.Context,
    systems: Annotated[list[str] | None, typer.Argument(metavar="[SYSTEM]...", help="Which; none: all.")] = None,
    down: Annotated[bool, typer.Option("--down", help="Also the way down.")] = False,
    aborts: Annotated[
        bool, typer.Option("--aborts/--no-aborts", help="Also each way back from the middle of a move.")
    ] = True,
    html: Annotated[
        str, typer.Option("--html", metavar="FILE", help="Also write a page with every step and resource.")
    ] = "",
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
        from phaseup.render.climb import climb as rendered

        report = _climbed(systems or [], environment, down, aborts, html, context.obj)
        if as_json:
            print_json(report.to_json())
        else:
            show(rendered(report))
            if html:
                typer.echo(f"page: {html}")
        raise typer.Exit(report.exit_code)


def _climbed(
    systems: Sequence[str], environment: str, down: bool, aborts: bool, html: str, clock: Clock
) -> ClimbReport:
    """The report; with `html` the page is written too."""
    from contextlib import ExitStack

    from phaseup.climb.climb import climb
    from phaseup.render.console import progress

    if not html:
        with ExitStack() as bar:

            def announce(total: int) -> Advance:
                return bar.enter_context(progress("rehearsing steps", total))

            return climb(systems, environment=environment, down=down, aborts=aborts, announce=announce, clock=clock)
    from pathlib import Path

    from phaseup.page.climb import page_of
    from phaseup.page.whole import rehearsed
    from phaseup.record.errors import RecordError

    file = Path(html)
    if not file.absolute().parent.is_dir() or file.is_dir():
        raise RecordError(f"--html {html}: expected a file in a folder that is there")
    report, data = rehearsed(systems, environment=environment, down=down, aborts=aborts, clock=clock, bar=progress)
    file.write_text(page_of(report, data), encoding="utf-8")
    return report
