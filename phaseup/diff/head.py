"""The other side of a stack: planned in the head's own code from what the base recorded, and judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from phaseup.diff.breaches import breaches_of
from phaseup.diff.changes import changes_of, differs, exports_changed, settings_of
from phaseup.diff.moving import SPLIT, moved, moves_and_releases, speaking
from phaseup.diff.report import Cost, Risk, StackDiff
from phaseup.diff.side import (
    Failed,
    Month,
    Own,
    Recorded,
    asked,
    failed,
    has_phases,
    home_of,
    month_of,
    own_stack,
    record,
    stack_path,
    violations_of,
)

if TYPE_CHECKING:
    from phaseup.climb.verdict import Judged
    from phaseup.policy.judge import Violation
    from phaseup.record.program import Program
    from phaseup.record.run import Run
    from stacks.models import StackConfig
    from stacks.moves import MoveStep


POLICY: Final = "what the policy pack says"
BINDING: Final = "phaseup"
"""The output by which a preview is told from another: it has nothing for other stacks."""


@dataclass(frozen=True, slots=True)
class Task:
    """One stack to tell of. `base_project` is where the base's files are, `head` whether the branch has the stack."""

    stack: str
    project: Path
    base_project: Path | None
    base: Recorded | Failed | None
    head: bool
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a stack, but for its file's lines and causes; `same` where graph, cost and breaches stay."""

    diff: StackDiff
    same: bool = False
    registrations: int = 0


@dataclass(frozen=True, slots=True)
class _Before:
    """The base as the head's models read it; `config` is None where they cannot, and `why` says so."""

    config: StackConfig | None = None
    move: MoveStep | None = None
    why: str = ""


def tell(task: Task) -> Told:
    """Everything about one stack; a mistake in it is the stack's `error`, none of the whole comparison's."""
    if not task.head:
        return _deleted(task)
    own: Own | None = None
    try:
        own = own_stack(task.project, task.stack) if has_phases(task.project) else None
        if isinstance(task.base, Failed):
            return _repaired(task, own, task.base)
        return _planned(task, own, task.base)
    except Exception as error:
        found = failed(task.project, error, own)
        if task.base_project is not None:
            message = found.message.replace(f"{task.base_project}/", "the base's ")
            found = replace(found, message=message)
        return Told(_broken(task, found, "head"), registrations=_registrations(task))


def _planned(task: Task, own: Own | None, base: Recorded | None) -> Told:
    before = _before(task, own) if base is not None else _Before()
    state = base.snapshot if base is not None else None
    program, run = record(task.project, task.stack, task.answers, state, preview=True)
    judged = _judged(run, own, before, base)
    notes: list[str] = []
    after = run.outcome.snapshot
    found = asked(lambda: violations_of(own, after), POLICY, notes)
    month = asked(lambda: month_of(own, after, home_of(after)), "the cost", notes)
    breaches = breaches_of(found or (), base)
    cost = _cost(base, month)
    same = (
        base is not None
        and not differs(run.outcome, base.snapshot)
        and not any(each.new for each in breaches)
        and (cost is None or cost.before == cost.after)
    )
    judged = _with_policy(judged, found)
    verdict, reasons = judged.verdict, judged.brief
    if own is not None and before.config is not None and moves_and_releases(before.config, own.config):
        verdict, reasons = "blocked", (SPLIT, *reasons)
    if base is not None:
        notes += [*base.notes, *_exports(base, run)]
    bound = _bound(task, own, base, program, run)
    diff = StackDiff(
        stack=task.stack,
        file="",
        system=own.config.system if own else "",
        environment=own.config.environment if own else "",
        causes=(),
        verdict=verdict,
        reasons=reasons,
        phase=(base.phase if base else "", own.config.phase if own else ""),
        settings=_settings(base, own),
        counts=_counts(run),
        changes=changes_of(run.outcome, state),
        at_risk=tuple(Risk(each.urn, each.op, each.reason) for each in judged.planner.at_risk),
        retired=judged.planner.retired,
        cost=cost,
        breaches=breaches,
        triggers=speaking(before.move, own.blueprint) if own else (),
        move=_move(task, own, before),
        plan_hash=bound.get("plan", ""),
        binding=bound,
        notes=(*notes, *judged.planner.notes, *_said(run)),
    )
    return Told(diff, same, run.registrations + _registrations(task))


def _before(task: Task, own: Own | None) -> _Before:
    """Raises `BadInput` where the change of the file is no single step."""
    if own is None or task.base_project is None:
        return _Before()
    from stacks.models import BadInput, load_stack
    from stacks.moves import transition

    path = stack_path(task.base_project, task.stack)
    try:
        config = load_stack(path)
    except BadInput as error:
        return _Before(why=f"the base's file is none by this branch's models: {_relative(error, path.parents[1])}")
    if config.values == own.config.values:
        return _Before(config)
    return _Before(config, transition(config, own.config, own.blueprint))


def _judged(run: Run, own: Own | None, before: _Before, base: Recorded | None) -> Judged:
    from phaseup.climb.verdict import judge_apply

    config, blueprint = (own.config, own.blueprint) if own else (None, None)
    state = base.snapshot if base is not None else None
    configs, why = (before.config, config), before.why
    if not why and own is not None and base is not None:
        from stacks.models import BadInput

        try:
            return judge_apply(run, state, configs=configs, move=before.move, blueprint=blueprint)
        except BadInput as error:
            # The base's config stands with the base's blueprint; the head's may have no room for it.
            why = f"the base's config does not fit this branch's blueprint: {error}"
    judged = judge_apply(run, state, configs=configs, first=base is None and own is not None, blueprint=blueprint)
    if not why:
        return judged
    return _unsure(judged, f"whether the change is one step of a move is not known: {why}")


def _with_policy(judged: Judged, found: tuple[Violation, ...] | None) -> Judged:
    """A mandatory breach stops it; and what nobody could ask the pack about is not safe."""
    from phaseup.climb.verdict import stopped_by

    return _unsure(judged, f"{POLICY} is not known") if found is None else stopped_by(judged, found)


def _unsure(judged: Judged, why: str) -> Judged:
    verdict = "needs-approval" if judged.verdict == "safe" else judged.verdict
    return replace(judged, verdict=verdict, reasons=(*judged.reasons, why), brief=(*judged.brief, why))


def _bound(task: Task, own: Own | None, base: Recorded | None, program: Program, run: Run) -> dict[str, str]:
    """What binds a preview to this plan; empty where the program is of before there was such a thing."""
    try:
        from phaseup.diff.binding import bind, code_hash
    except ImportError:
        return {}
    state, old = (base.snapshot, base.program) if base is not None else (None, None)
    code = code_hash(task.project) if own is not None else ""
    return bind(state, run.outcome.snapshot, run.outcome.steps, (old, program), code=code).to_json()


def _cost(base: Recorded | None, month: Month | None) -> Cost | None:
    if month is None or (base is not None and base.month is None):
        return None
    before = base.month.total if base is not None and base.month is not None else 0.0
    return Cost(before, month.total, month.unpriced, month.as_of)


def _settings(base: Recorded | None, own: Own | None) -> Any:
    if own is None or (base is not None and base.blocks is None):
        return ()
    return settings_of(base.blocks or {} if base is not None else {}, own.blocks)


def _move(task: Task, own: Own | None, before: _Before) -> Any:
    if own is None or before.config is None:
        return None
    text = stack_path(task.project, task.stack).read_text(encoding="utf-8")
    return moved(before.move, own.config, own.blueprint, text)


def _relative(error: Exception, folder: Path) -> str:
    return str(error).replace(f"{folder}/", "")


def _counts(run: Run) -> dict[str, int]:
    from phaseup.render.words import count_ops

    return {**count_ops(run.outcome.steps)}


def _exports(base: Recorded, run: Run) -> list[str]:
    names = [name for name in exports_changed(base.outputs, run.outputs) if name != BINDING]
    return [f"exports change, which other stacks may read: {', '.join(names)}"] if names else []


def _said(run: Run) -> list[str]:
    from phaseup.climb.rehearse import notes

    return notes(run)


def _repaired(task: Task, own: Own | None, base: Failed) -> Told:
    """The head alone, where the base cannot be recorded: its steps are not known, but whether it is sound is."""
    _, run = record(task.project, task.stack, task.answers)
    notes: list[str] = []
    found = asked(lambda: violations_of(own, run.outcome.snapshot), POLICY, notes) or ()
    breaches = tuple(replace(each, new=False) for each in breaches_of(found, None))
    from phaseup.climb.verdict import stop

    stops = [why] if (why := stop(found)) else []
    diff = StackDiff(
        stack=task.stack,
        file="",
        system=own.config.system if own else "",
        environment=own.config.environment if own else "",
        causes=(),
        verdict="blocked" if stops else "needs-approval",
        reasons=(
            *stops,
            "the base cannot be recorded, so what an apply would do is not known here; the branch by itself can: "
            "look at the preview of the engine",
        ),
        phase=("", own.config.phase if own else ""),
        breaches=breaches,
        error=base.message,
        error_side="base",
        notes=tuple(notes),
    )
    return Told(diff, registrations=run.registrations)


def _deleted(task: Task) -> Told:
    """A file that goes takes nothing with it: what it managed keeps running, and nobody plans it any more."""
    if not isinstance(task.base, Recorded):
        assert task.base is not None
        return Told(_broken(task, task.base, "base"))
    from phaseup.facts.stateful import stateful
    from phaseup.plan.steps import is_counted
    from phaseup.render.words import amount

    base = task.base
    live = [each for each in base.snapshot if each.custom and not each.external and is_counted(each.urn)]
    rows = [(each.urn, row) for each in live if (row := stateful(each.type, each.inputs)) is not None]
    data = f", {len(rows):,} of which {'holds' if len(rows) == 1 else 'hold'} data" if rows else ""
    what = amount(len(live), "resource")
    diff = StackDiff(
        stack=task.stack,
        file="",
        system=base.system,
        environment=base.environment,
        causes=(),
        verdict="needs-approval",
        reasons=(
            f"deleting the file destroys nothing: if the stack still stands, {what}{data}, stay as they are, are paid "
            f"for, and are managed by nobody",
            f"if it is to go, copy its data and run `pulumi destroy --stack {task.stack}` from the base, then `pulumi "
            f"stack rm {task.stack}`, and delete the file after that",
        ),
        phase=(base.phase, ""),
        settings=settings_of(base.blocks, {}) if base.blocks is not None else (),
        at_risk=tuple(
            Risk(urn, "unmanaged", f"holds {row.holds}; {row.final_copy} before it goes") for urn, row in rows
        ),
        cost=Cost(base.month.total, base.month.total, base.month.unpriced, base.month.as_of) if base.month else None,
        notes=("the cost after is that of what stays; it ends with `pulumi destroy` alone", *base.notes),
    )
    return Told(diff, registrations=base.registrations)


def _broken(task: Task, found: Failed, side: Any) -> StackDiff:
    base = task.base
    system = found.system or getattr(base, "system", "")
    environment = found.environment or getattr(base, "environment", "")
    phase = (getattr(base, "phase", ""), found.phase if side == "head" else "")
    return StackDiff(
        stack=task.stack,
        file="",
        system=system,
        environment=environment,
        causes=(),
        verdict="blocked" if side == "head" else "needs-approval",
        reasons=() if side == "head" else ("the base cannot be recorded, so what the file stood for is not known",),
        phase=phase,
        error=found.message,
        error_side=side,
    )


def _registrations(task: Task) -> int:
    return task.base.registrations if isinstance(task.base, Recorded) else 0
