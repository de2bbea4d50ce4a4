"""Which step of a move a change of a stack's file is, what comes after it, and which triggers ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from phaseup.diff.report import Move, Speaks

if TYPE_CHECKING:
    from stacks.models import Blueprint, StackConfig, Trigger
    from stacks.moves import MoveStep, Refusal

MOVES: Final = ("phaseup:phase", "phaseup:moving")
RELEASES: Final = "phaseup:images"

SPLIT: Final = (
    "a change of phase and of images in one pull request: if either goes wrong, the other is rolled back with it; "
    "split it into two"
)


def moves_and_releases(before: StackConfig, after: StackConfig) -> bool:
    """Whether a stack's file changes its phase or its move, and its images as well."""

    def differ(key: str) -> bool:
        return before.values.get(key) != after.values.get(key)

    return any(differ(key) for key in MOVES) and differ(RELEASES)


def moved(step: MoveStep | None, after: StackConfig, blueprint: Blueprint, text: str) -> Move | None:
    """The step for a reader; None where the change is none of a move: overrides, images, an alert's address. `text` is
    the stack's file, whose lines the next step changes."""
    if step is None or (step.kind == "apply" and step.from_ == step.to and not step.block):
        return None
    refused = step.refused or _refused_later(after, blueprint)
    return Move(
        kind=step.kind,
        from_phase=step.from_,
        to_phase=step.to,
        title=title(step),
        precondition=step.precondition,
        check=step.check,
        manual=f"{refused.reason}; by hand: {refused.manual}" if refused is not None else "",
        next_step=_next(after, blueprint, text),
    )


def title(step: MoveStep) -> str:
    """`expand mvp → growth`, `rung db: replicated`, `shift to 50 %, mvp → growth`, `abort to mvp`."""
    way = f"{step.from_} → {step.to}"
    match step.kind:
        case "rung" | "arm" if step.block:
            return f"{step.kind} {step.block}" + (f": {step.stage}" if step.stage else "") + f", {way}"
        case "shift":
            return f"shift to {step.traffic} %, {way}"
        case "abort":
            return f"abort to {step.config.phase}"
        case "apply" if step.from_ == step.to:
            return f"raise {step.block}" if step.config.settled else "protect again"
        case _:
            return f"{step.kind} {way}"


def _next(config: StackConfig, blueprint: Blueprint, text: str) -> str:
    """The step that follows, and the lines of the file that it changes; nothing where the stack is settled."""
    from stacks.models import BadInput
    from stacks.moves import changed_lines, next_step, rewrite, told

    if config.settled:
        return ""
    step = next_step(config, blueprint)
    if step is None:
        return ""
    try:
        lines = changed_lines(text, rewrite(text, config, step.config))
    except BadInput:
        lines = [told(change) for change in step.changes]
    return "\n".join([title(step), *lines])


def _refused_later(config: StackConfig, blueprint: Blueprint) -> Refusal | None:
    """A step on the way that nobody can take this way: better known before the first than before the last."""
    from stacks.moves import steps

    if config.settled:
        return None
    return next((step.refused for step in steps(config, blueprint, config.phase) if step.refused is not None), None)


def speaking(step: MoveStep | None, blueprint: Blueprint) -> tuple[Speaks, ...]:
    """The triggers of the phase that is left upwards, where the change begins the move; those that ask for something
    within the phase ask for no move."""
    begins = step is not None and (step.kind == "expand" or (step.kind == "apply" and step.from_ != step.to))
    if step is None or not begins or step.direction != "up" or step.from_ not in blueprint.phases:
        return ()
    leave = blueprint.phases[step.from_].leave
    return tuple(
        Speaks(name, _words(trigger), trigger.action, trigger.source)
        for name, trigger in leave.items()
        if trigger.asks is None
    )


def _words(trigger: Trigger) -> str:
    """`cpu of app above 80% for 10m`."""
    side, figure = ("above", trigger.above) if trigger.above is not None else ("below", trigger.below)
    of = f" of {trigger.block}" if trigger.block else ""
    unit = "" if not trigger.unit else trigger.unit if trigger.unit == "%" else f" {trigger.unit}"
    lasting = f" for {trigger.lasting}" if trigger.lasting else ""
    return f"{trigger.metric}{of} {side} {figure:,.12g}{unit}{lasting}"
