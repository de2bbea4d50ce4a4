"""`phaseup plan`: from A to B, for this project's stacks and for any Pulumi Python program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from phaseup.cli.common import EXIT_OF_VERDICT, Answers, AsJson, Debug, mistakes, print_json, show

if TYPE_CHECKING:
    from phaseup.cli.target import Target
    from phaseup.climb.clock import Clock
    from phaseup.climb.verdict import Judged
    from phaseup.graph.resource import Snapshot
    from phaseup.policy.judge import Violation
    from phaseup.record.run import Run
    from stacks.models import Blueprint
    from stacks.moves import MoveStep

EPILOG = """\
A is the stack's config as it is in its file, or with --from-state what is deployed. B is, in this order: what --set and
--with change; with --to the first step of the move to that phase; with --as-is the file as it is; else the next step of
the move that the stack is in.
"""


def command(
    context: typer.Context,
    stack: Annotated[
        str, typer.Argument(metavar="STACK|DIR", help="A stack (meal-prod), its file, or a folder with any program.")
    ],
    to: Annotated[str, typer.Option("--to", metavar="PHASE", help="Plan the first step of the move there.")] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change config in B; the value is YAML, null removes. Repeatable."
        ),
    ] = None,
    as_is: Annotated[bool, typer.Option("--as-is", help="B is the config file as it is (with --from-state).")] = False,
    with_: Annotated[str, typer.Option("--with", metavar="FILE", help="B's config is that of this stack file.")] = "",
    from_state: Annotated[
        str, typer.Option("--from-state", metavar="FILE", help="Take A from a `pulumi stack export`.")
    ] = "",
    stack_name: Annotated[str, typer.Option("--stack", metavar="STACK", help="With DIR: which of its stacks.")] = "",
    answers: Answers = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Plan one apply, with reasons: what it creates, updates, replaces and deletes, and what it puts at risk."""
    with mistakes(debug):
        from phaseup.cli.target import load_answers_file, resolve
        from phaseup.climb.rehearse import Wanted, run_all
        from phaseup.climb.verdict import judge_apply, stopped_by
        from phaseup.record.checkpoint import load_file

        clock: Clock = context.obj
        target = resolve(stack, stack_name)
        after, move = _b(target, to=to, pairs=set_ or [], with_=with_, as_is=as_is, from_state=from_state)
        given = load_answers_file(answers)
        if from_state:
            before = _of_the_stack(load_file(from_state), target, from_state)
        else:
            (recorded,) = run_all([Wanted(target.program, answers=given)], clock)
            before = recorded.outcome.snapshot
        (run,) = run_all([Wanted(after.program, before, preview=True, answers=given)], clock)
        judged = judge_apply(
            run, before, configs=(target.config, after.config), move=move, blueprint=_blueprint(target)
        )
        broken = _broken(after, run.outcome.snapshot)
        judged = stopped_by(judged, broken)
        cost = (_cost(target, before), _cost(after, run.outcome.snapshot))
        if as_json:
            print_json(_document(run, judged, move, broken, cost, clock))
        else:
            _print(run, judged, move, broken, cost, clock)
        raise typer.Exit(EXIT_OF_VERDICT[judged.verdict])


def _b(
    target: Target, *, to: str, pairs: list[str], with_: str, as_is: bool, from_state: str
) -> tuple[Target, MoveStep | None]:
    from phaseup.cli.target import settings, with_file, with_settings
    from phaseup.record.errors import RecordError

    ways = [name for name, given in (("--to", to), ("--set", pairs), ("--with", with_), ("--as-is", as_is)) if given]
    if len(ways) > 1 and set(ways) != {"--set", "--with"}:
        raise RecordError(f"{' and '.join(ways)} exclude each other: each says what B is")
    if with_ or pairs:
        changed = with_file(target, with_) if with_ else target
        changed = with_settings(changed, settings(pairs)) if pairs else changed
        return changed, _as_step(target, changed)
    if as_is:
        return target, None
    config = target.config
    if config is None:
        if to:
            raise RecordError(f"--to {to}: this program has no phases; say what changes with --set or --with")
        if from_state:
            return target, None
        raise RecordError("nothing says what B is: give --set KEY=VALUE, --with FILE or --from-state FILE")
    from stacks.models.load_blueprint import load_blueprint
    from stacks.moves import next_step, steps

    if not to and config.settled:
        if from_state:
            return target, None
        raise config.bad(
            "phaseup:phase", f"settled in {config.phase}", "--to PHASE, --set KEY=VALUE or --with FILE to say what B is"
        )
    blueprint = load_blueprint(config.system)
    move = next_step(config, blueprint, to or None)
    if move is None:
        refused = [step for step in steps(config, blueprint, to or config.phase) if step.refused is not None]
        if refused:
            return target, refused[0]
        raise config.bad("--to", to, f"another phase: the stack is settled in {config.phase}")
    return target.with_config(move.config), move


def _as_step(target: Target, changed: Target) -> MoveStep | None:
    """The step of a move that a change of this project's config is; `BadInput` where it is none that may be taken."""
    blueprint = _blueprint(target)
    if blueprint is None or target.config is None or changed.config is None:
        return None
    from stacks.moves import transition

    return transition(target.config, changed.config, blueprint)


def _blueprint(target: Target) -> Blueprint | None:
    if target.config is None:
        return None
    from stacks.models.load_blueprint import load_blueprint

    return load_blueprint(target.config.system)


def _broken(target: Target, states: Snapshot) -> tuple[Violation, ...]:
    """What the policy pack says of the state after the apply; of somebody else's program it is not asked."""
    blueprint = _blueprint(target)
    if target.config is None or blueprint is None:
        return ()
    from phaseup.policy.config import pack_config
    from phaseup.policy.judge import judge

    return judge(states, pack_config(target.config, blueprint)).violations


def _cost(target: Target, states: Snapshot) -> float:
    """Dollars a month; of a program that is not this project's, of what its resources declare."""
    from phaseup.price.assumptions import Assumptions
    from phaseup.price.estimate import estimate
    from phaseup.price.report import total

    blueprint = _blueprint(target)
    if target.config is not None and blueprint is not None:
        return total(target.config, blueprint, states)
    home = target.program.config.get("aws:region", "")
    return round(estimate(states, Assumptions(home=home) if home else Assumptions()).total, 2)


def _of_the_stack(state: Snapshot, target: Target, file: str) -> Snapshot:
    """The state if it is this stack's; an empty one is anybody's."""
    from dataclasses import replace

    from phaseup.record.errors import RecordError

    program = target.program
    if not state.resources:
        return replace(state, stack=program.stack, project=program.project)
    if (state.project, state.stack) != (program.project, program.stack):
        raise RecordError(
            f"{file}: found the state of stack {state.stack} of project {state.project}; "
            f"expected stack {program.stack} of project {program.project}"
        )
    return state


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
