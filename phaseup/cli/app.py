"""The Typer application: one function a command, each in its own module, which imports what it needs when it runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Annotated

import typer

from phaseup.cli import check, climb, cost, diff, gate, plan, record, show, systems
from phaseup.climb.clock import Clock

HELP = """Rehearse a Pulumi program's moves between phases: no cloud, no credentials, no engine.

Exit codes: 0 safe, 1 blocked, 2 bad input, 3 needs approval.
"""

app = typer.Typer(
    name="phaseup",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        print(f"phaseup {version('phaseup')}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Rehearse a Pulumi program's moves between phases."""
    if context.obj is None:
        context.obj = Clock()


app.command("systems", short_help="Systems, phases, what each serves and may cost.")(systems.command)
app.command("show", short_help="One phase: blocks, resources, roles, quotas, diagram.")(show.command)
app.command("climb", short_help="Rehearse whole ladders, every step and way back.")(climb.command)
app.command("plan", short_help="Plan one apply, with reasons.", epilog=plan.EPILOG)(plan.command)
app.command("diff", short_help="What a branch changes, for a pull request.", epilog=diff.EPILOG, cls=diff.Command)(
    diff.command
)
app.command("gate", short_help="The verdict on a genuine `pulumi preview --json`.", epilog=gate.EPILOG)(gate.command)
app.command("check", short_help="The policy pack on stacks, without an engine.", epilog=check.EPILOG)(check.command)
app.command("cost", short_help="A month of a stack or phase, beside its budget.")(cost.command)
app.command("record", short_help="The graph of any Pulumi Python program.")(record.command)


def run(arguments: Sequence[str] | None = None, *, started: float | None = None) -> int:
    """Runs one command line and answers its exit code; usage errors are 2, an interruption is 130. `started` is the
    `time.perf_counter` at which the process began to work, where that was before now."""
    clock = Clock(time.perf_counter() if started is None else started)
    try:
        app(args=None if arguments is None else list(arguments), prog_name="phaseup", obj=clock)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0
