"""What B is: the change that a person names on the command line, and what its stack and its policy pack are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phaseup.cli.target import Target
    from phaseup.diff.binding import Binding
    from phaseup.graph.resource import Snapshot
    from phaseup.policy.judge import Violation
    from phaseup.record.run import Run
    from stacks.models import Blueprint
    from stacks.moves import MoveStep


def after_of(
    target: Target, *, to: str, pairs: list[str], with_: str, as_is: bool, from_state: str
) -> tuple[Target, MoveStep | None]:
    """The target with B's config, and the step of a move that this is. Raises `RecordError` or `BadInput`."""
    from phaseup.cli.target import settings, with_file, with_settings
    from phaseup.record.errors import RecordError

    ways = [name for name, given in (("--to", to), ("--set", pairs), ("--with", with_), ("--as-is", as_is)) if given]
    if len(ways) > 1 and set(ways) != {"--set", "--with"}:
        raise RecordError(f"{' and '.join(ways)} exclude each other: each says what B is")
    if as_is and not from_state:
        raise RecordError(
            "--as-is: found no --from-state FILE; without one A is the same file, and nothing is compared"
        )
    if with_ or pairs:
        changed = with_file(target, with_) if with_ else target
        changed = with_settings(changed, settings(pairs)) if pairs else changed
        return changed, as_step(target, changed)
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


def as_step(target: Target, changed: Target) -> MoveStep | None:
    """The step of a move that a change of this project's config is; `BadInput` where it is none that may be taken."""
    blueprint = blueprint_of(target)
    if blueprint is None or target.config is None or changed.config is None:
        return None
    from stacks.moves import transition

    return transition(target.config, changed.config, blueprint)


def blueprint_of(target: Target) -> Blueprint | None:
    """Of a stack of this project."""
    if target.config is None:
        return None
    from stacks.models.load_blueprint import load_blueprint

    return load_blueprint(target.config.system)


def broken_rules(target: Target, states: Snapshot) -> tuple[Violation, ...]:
    """What the policy pack says of the state after the apply; of somebody else's program it is not asked."""
    blueprint = blueprint_of(target)
    if target.config is None or blueprint is None:
        return ()
    from phaseup.policy.config import pack_config
    from phaseup.policy.judge import judge

    return judge(states, pack_config(target.config, blueprint)).violations


def of_the_stack(state: Snapshot, target: Target, file: str) -> Snapshot:
    """The state if it is this stack's; an empty one is anybody's, where it is a state."""
    from dataclasses import replace

    from phaseup.record.errors import RecordError

    program = target.program
    if not state.resources:
        _is_export(file)
        return replace(state, stack=program.stack, project=program.project)
    if (state.project, state.stack) != (program.project, program.stack):
        raise RecordError(
            f"{file}: found the state of stack {state.stack} of project {state.project}; "
            f"expected stack {program.stack} of project {program.project}"
        )
    return state


def _is_export(file: str) -> None:
    """Refuses what only looks like the state of an empty stack, such as `{}`."""
    import json
    from pathlib import Path

    from phaseup.record.errors import RecordError

    document = json.loads(Path(file).read_text(encoding="utf-8"))
    if {"version", "deployment", "checkpoint"}.isdisjoint(document):
        found = f"an object with {', '.join(document)}" if document else "an empty object"
        raise RecordError(f"{file}: found {found}; expected a `pulumi stack export`, with version and deployment")


def binding_of(target: Target | None, after: Target, before: Snapshot | None, run: Run) -> Binding:
    """What the plan is told by; `target` is A's, None where that is a state."""
    from phaseup.diff.binding import bind, code_hash
    from stacks.models.paths import ROOT

    return bind(
        before,
        run.outcome.snapshot,
        run.outcome.steps,
        (target.program if target is not None else None, after.program),
        code=code_hash(ROOT) if after.config is not None else "",
    )
