"""`phaseup plan`: from A to B, for this project's stacks and for any Pulumi Python program."""

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
    from phaseup.cli.target import Target
    from phaseup.climb.clock import Clock
    from phaseup.climb.verdict import Judged
    from phaseup.graph.resource import Snapshot
    from phaseup.policy.judge import Violation
    from phaseup.record.run import Run
    from stacks.moves import MoveStep

EPILOG = """\
A is the stack's config as it is in its file, or with --from-state what is deployed. B is, in this order: what --set and
--with change; with --to the first step of the move to that phase; with --as-is, which needs --from-state, the file as
it is; else the next step of the move that the stack is in.
"""


def command(
    context: typer.Context,
    stack: Annotated[
        str, typer.Argument(metavar="STACK|DIR", help="A stack (meal-prod), its file, or a folder with any program.")
    ],
    to: Annotated[str, typer.Option("--to", metavar="PHASE", help="Plan the first step of the move there.")] = "",
    set_: SetKeys = None,
    as_is: AsIs = False,
    with_: WithFile = "",
    from_state: FromState = "",
    stack_name: Annotated[str, typer.Option("--stack", metavar="STACK", help="With DIR: which of its stacks.")] = "",
    answers: Answers = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Plan one apply, with reasons: what it creates, updates, replaces and deletes, and what it puts at risk."""
    with mistakes(debug):
        from phaseup.cli.change import after_of, binding_of, blueprint_of, broken_rules, of_the_stack
        from phaseup.cli.place import placed
        from phaseup.cli.target import load_answers_file, resolve
        from phaseup.climb.rehearse import Wanted, run_all
        from phaseup.climb.verdict import judge_apply, stopped_by
        from phaseup.record.checkpoint import load_file

        clock: Clock = context.obj
        target = resolve(stack, stack_name)
        after, move = after_of(target, to=to, pairs=set_ or [], with_=with_, as_is=as_is, from_state=from_state)
        given = load_answers_file(answers)
        if from_state:
            before = of_the_stack(load_file(from_state), target, from_state)
        else:
            with placed(target.config):
                (recorded,) = run_all([Wanted(target.program, answers=given)], clock)
            before = recorded.outcome.snapshot
        with placed(after.config):
            (run,) = run_all([Wanted(after.program, before, preview=True, answers=given)], clock)
        judged = judge_apply(
            run, before, configs=(target.config, after.config), move=move, blueprint=blueprint_of(target)
        )
        broken = broken_rules(after, run.outcome.snapshot)
        judged = stopped_by(judged, broken)
        cost = (_cost(target, before), _cost(after, run.outcome.snapshot))
        if as_json:
            bound = binding_of(None if from_state else target, after, before, run)
            print_json(_document(run, judged, move, broken, cost, clock) | {"binding": bound.to_json()})
        else:
            _print(run, judged, move, broken, cost, clock)
        raise typer.Exit(EXIT_OF_VERDICT[judged.verdict])


def _cost(target: Target, states: Snapshot) -> float:
    """Dollars a month; of a program that is not this project's, of what its resources declare."""
    from phaseup.cli.change import blueprint_of
    from phaseup.price.assumptions import Assumptions
    from phaseup.price.estimate import estimate
    from phaseup.price.report import total

    blueprint = blueprint_of(target)
    if target.config is not None and blueprint is not None:
        return total(target.config, blueprint, states)
    home = target.program.config.get("aws:region", "")
    return round(estimate(states, Assumptions(home=home) if home else Assumptions()).total, 2)


def _document(
    run: Run,
    judged: Judged,
    move: MoveStep | None,
    broken: tuple[Violation, ...],
    cost: tuple[float, float],
    clock: Clock,
) -> dict[str, Any]:
    from phaseup.climb.clock import cores
    from phaseup.climb.report import allowed_seconds
    from phaseup.plan.digest import digest
    from phaseup.render.text import json_value

    step = None
    if move is not None:
        changes = {change.key: json_value(change.new) for change in move.changes}
        step = {"kind": move.kind, "from": move.from_, "to": move.to, "changes": changes}
        if move.refused is not None:
            step |= {"reason": move.refused.reason, "manual": move.refused.manual}
    return {
        **digest(run.outcome.steps, judged.planner, run.outcome.diagnostics),
        "verdict": judged.verdict,
        "reasons": list(judged.reasons),
        "step": step,
        "violations": [each.to_json() for each in broken],
        "cost": {"before": cost[0], "after": cost[1]},
        "seconds": round(clock.seconds, 3),
        "import_seconds": round(clock.import_seconds, 3),
        "registrations": clock.registrations,
        "cores": cores(),
        "allowed_seconds": round(allowed_seconds(clock.import_seconds, clock.registrations, cores()), 3),
    }


def _print(
    run: Run,
    judged: Judged,
    move: MoveStep | None,
    broken: tuple[Violation, ...],
    cost: tuple[float, float],
    clock: Clock,
) -> None:
    from rich.text import Text

    from phaseup.climb.clock import cores
    from phaseup.climb.rehearse import notes
    from phaseup.render import plan as rendered
    from phaseup.render.check import violations
    from phaseup.render.climb import timing
    from phaseup.render.console import stderr
    from phaseup.render.cost import change
    from phaseup.render.move import step_header
    from phaseup.render.text import plain
    from phaseup.render.words import VERDICT_LOOKS

    if move is not None:
        show(step_header(move), "")
    show(rendered.plan(run.outcome.steps, at_risk=[(r.urn, r.op, r.reason) for r in judged.planner.at_risk]))
    look = VERDICT_LOOKS[judged.verdict]
    show(Text(f"{look.sign} {judged.verdict}", look.style))
    for reason in judged.brief:
        show(Text(f"  {plain(reason)}"))
    show(*violations(broken))
    show(change(*cost))
    show(timing(clock.seconds, clock.import_seconds, clock.registrations, cores()))
    for note in notes(run):
        stderr().print(plain(note))
