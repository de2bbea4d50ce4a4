"""`phaseup gate`: the verdict on a genuine preview, and what in it nobody rehearsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from phaseup.cli.common import (
    EXIT_OF_VERDICT,
    Answers,
    AsIs,
    AsJson,
    Debug,
    FromState,
    SetKeys,
    WithFile,
    mistakes,
    print_json,
    show,
)

if TYPE_CHECKING:
    from phaseup.climb.clock import Clock
    from phaseup.gate.document import Preview
    from phaseup.gate.judge import Gated, Rehearsed

EPILOG = """\
PREVIEW is what `pulumi preview --json` wrote, or with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true its events, which tell
more: what stays the same, violations of policies, the code's hash. A file that is empty or cut off is blocked (1); one
that never was a preview is bad input (2). What may go is said by phaseup:retire in the config that was previewed and in
that of the last apply. With --stack the same change is rehearsed; what B is is said as for `phaseup plan`.
"""


def command(
    context: typer.Context,
    preview: Annotated[str, typer.Argument(metavar="PREVIEW", help="A file, or - for standard input.")],
    stack: Annotated[
        str, typer.Option("--stack", metavar="STACK|DIR", help="Rehearse the change of this stack as well.")
    ] = "",
    to: Annotated[str, typer.Option("--to", metavar="PHASE", help="B is the first step of the move there.")] = "",
    set_: SetKeys = None,
    as_is: AsIs = False,
    with_: WithFile = "",
    from_state: FromState = "",
    plan: Annotated[
        str, typer.Option("--plan", metavar="FILE", help="Refuse another plan than that of `phaseup plan --json`.")
    ] = "",
    expect_no_replaces: Annotated[
        bool, typer.Option("--expect-no-replaces", help="Block every replace and every delete.")
    ] = False,
    answers: Answers = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Judge a genuine preview: data and anchors at risk, protection that goes, errors, and what was not rehearsed."""
    with mistakes(debug):
        from datetime import date

        from phaseup.gate.bound import read_plan
        from phaseup.gate.judge import document, gate
        from phaseup.gate.read import read_preview
        from phaseup.record.errors import RecordError

        given = [name for name, value in (("--to", to), ("--set", set_), ("--as-is", as_is), ("--with", with_),
                                          ("--from-state", from_state), ("--answers", answers)) if value]  # fmt: skip
        if given and not stack:
            raise RecordError(f"{given[0]}: says what is rehearsed; give the stack with --stack")
        found = read_preview(preview)
        rehearsed = None
        if stack:
            ways = {"to": to, "pairs": set_ or [], "with_": with_, "as_is": as_is, "from_state": from_state}
            rehearsed = _rehearse(stack, ways, answers, found, context.obj)
        bound = read_plan(plan, _stack_of(found)) if plan else None
        gated = gate(found, today=date.today(), rehearsed=rehearsed, plan=bound, expect_no_replaces=expect_no_replaces)
        if as_json:
            print_json(document(gated, found))
        else:
            _print(gated)
        raise typer.Exit(EXIT_OF_VERDICT[gated.verdict])


def _rehearse(stack: str, ways: dict[str, Any], answers: str, preview: Preview, clock: Clock) -> Rehearsed:
    from pathlib import Path

    from phaseup.cli.change import after_of, blueprint_of, broken_rules, of_the_stack
    from phaseup.cli.place import placed
    from phaseup.cli.target import load_answers_file, resolve
    from phaseup.climb.rehearse import Wanted, run_all
    from phaseup.gate.judge import Rehearsed
    from phaseup.record.checkpoint import load_file
    from phaseup.record.errors import RecordError

    name = _stack_of(preview)
    target = resolve(stack, name if Path(stack).is_dir() else "")
    if name and target.program.stack != name:
        raise RecordError(f"{preview.source}: found a preview of stack {name}; --stack says {target.program.stack}")
    after, move = after_of(target, **ways)
    given = load_answers_file(answers)
    if ways["from_state"]:
        before = of_the_stack(load_file(ways["from_state"]), target, ways["from_state"])
    else:
        with placed(target.config):
            (recorded,) = run_all([Wanted(target.program, answers=given)], clock)
        before = recorded.outcome.snapshot
    with placed(after.config):
        (run,) = run_all([Wanted(after.program, before, preview=True, answers=given)], clock)
    broken = broken_rules(after, run.outcome.snapshot)
    return Rehearsed(before, run, (target.config, after.config), move, blueprint_of(target), broken)


def _stack_of(preview: Preview) -> str:
    """The stack that the preview is of; empty where it shows no step."""
    return preview.steps[0].urn.removeprefix("urn:pulumi:").split("::")[0] if preview.steps else ""


def _print(gated: Gated) -> None:
    from phaseup.render import gate as rendered

    show(*rendered.gated(gated))
