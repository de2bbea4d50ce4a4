"""One side of a stack, in the process that runs that side's code: its config, its recording, its month and breaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from phaseup.climb.rehearse import OWN_PACKAGES

if TYPE_CHECKING:
    from phaseup.diff.changes import Blocks
    from phaseup.graph.resource import Snapshot
    from phaseup.policy.judge import Violation
    from phaseup.record.program import Program
    from phaseup.record.run import Run
    from stacks.models import Blueprint, StackConfig

Found = TypeVar("Found")
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a side of a stack cannot be told: the one message."""

    message: str
    system: str = ""
    environment: str = ""
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """US dollars, URNs without a price, and the day of the prices."""

    total: float
    unpriced: tuple[str, ...] = ()
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The base side of a stack, as it goes to the other through a pipe: there alone are secrets in plain text.

    What is None could not be found out, as the base's code lacks what this phaseup asks for; `notes` say so.
    """

    snapshot: Snapshot
    program: Program
    system: str = ""
    environment: str = ""
    phase: str = ""
    blocks: Blocks | None = None
    month: Month | None = None
    violations: frozenset[tuple[str, str]] | None = None
    """Rule and URN of each breach."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    registrations: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Own:
    """A stack of a program with phases: config, blueprint and effective blocks, by its own models."""

    config: StackConfig
    blueprint: Blueprint
    blocks: Blocks


def has_phases(project: Path) -> bool:
    """Whether the program there is laid out as this project's."""
    return (project / "stacks" / "models").is_dir()


def own_stack(project: Path, stack: str) -> Own:
    """Raises the `BadInput` of the side's own models."""
    from phaseup.diff.changes import BlockView
    from phaseup.render.picture import block_view
    from stacks.models import load_blueprint, load_stack
    from stacks.moves import effective

    config = load_stack(stack_path(project, stack))
    blueprint = load_blueprint(config.system)
    blocks = effective(config, blueprint).blocks
    return Own(
        config, blueprint, {name: BlockView(block_view(block), _stated(block)) for name, block in blocks.items()}
    )


def _stated(block: Any) -> dict[str, Any]:
    return {"kind": block.kind, **block.spec.model_dump(mode="json", exclude_defaults=True)}


def stack_path(project: Path, stack: str) -> Path:
    """The stack's file, by either ending."""
    paths = [project / "stacks" / f"Pulumi.{stack}.{ending}" for ending in ("yaml", "yml")]
    return next((path for path in paths if path.is_file()), paths[0])


def ready(project: Path) -> None:
    """Import once what every run of the side would import again."""
    import phaseup.plan.deployment
    import phaseup.record.run
    import phaseup.simulate.simulators  # noqa: F401
    from phaseup.climb.sdk_modules import preload

    if not has_phases(project):
        preload([project])
        return
    preload([project / "__main__.py", *(project / package for package in OWN_PACKAGES)])
    with_mistakes_left_to_runs(_import_own)


def _import_own() -> None:
    import stacks.compose  # noqa: F401


def with_mistakes_left_to_runs(work: Callable[[], None]) -> None:
    """A program that cannot be imported says so itself, with file and line, when it runs."""
    try:
        work()
    except Exception:
        return


def record(
    project: Path, stack: str, answers: str, old: Snapshot | None = None, *, preview: bool = False
) -> tuple[Program, Run]:
    """Run the side's program for a stack, with the stack's file as it is; raises `RecordError`."""
    from phaseup.record.answers import load_answers
    from phaseup.record.program import load_program
    from phaseup.record.run import run

    program = load_program(project, stack)
    given = load_answers(answers) if answers else None
    shared = OWN_PACKAGES if has_phases(project) else ()
    return program, run(program, old=old, preview=preview, answers=given, shared=shared)


def month_of(own: Own | None, states: Snapshot, home: str) -> Month:
    """What the states cost, with the stack's own assumptions; of a program without phases, as they are declared."""
    from phaseup.price.assumptions import Assumptions, of_stack
    from phaseup.price.estimate import estimate

    foreign = Assumptions(home=home) if home else Assumptions()
    made = estimate(states, of_stack(own.config, own.blueprint) if own is not None else foreign)
    return Month(round(made.total, 2), tuple(made.unpriced_urns), made.as_of or "")


def violations_of(own: Own | None, states: Snapshot) -> tuple[Violation, ...]:
    """What the side's own policy pack says; of somebody else's program it is not asked."""
    if own is None:
        return ()
    from phaseup.policy.config import pack_config
    from phaseup.policy.judge import judge

    return judge(states, pack_config(own.config, own.blueprint)).violations


def record_base(project: Path, stack: str, answers: str) -> Recorded | Failed:
    """Everything that the other side is told of the base."""
    own: Own | None = None
    try:
        own = own_stack(project, stack) if has_phases(project) else None
        program, run = record(project, stack, answers)
    except Exception as error:
        return failed(project, error, own)
    states = run.outcome.snapshot
    notes: list[str] = []
    try:
        breaches = asked(lambda: violations_of(own, states), "the base's policy", notes)
        month = asked(lambda: month_of(own, states, home_of(states)), "the base's cost", notes)
    except Exception as error:
        return failed(project, error, own)
    return Recorded(
        snapshot=states,
        program=program,
        system=own.config.system if own else "",
        environment=own.config.environment if own else "",
        phase=own.config.phase if own else "",
        blocks=own.blocks if own else None,
        month=month,
        violations=None if breaches is None else frozenset((each.policy, each.urn) for each in breaches),
        outputs=run.outputs,
        registrations=run.registrations,
        notes=tuple(notes),
    )


def home_of(states: Snapshot) -> str:
    """The region of the default AWS provider, where a program without phases has one."""
    from phaseup.graph.values import unwrap

    for state in states:
        if state.type == "pulumi:providers:aws" and isinstance(region := unwrap(state.inputs.get("region")), str):
            return region
    return ""


def asked(work: Callable[[], Found], what: str, notes: list[str]) -> Found | None:
    """None and a note where a side's code is of another time than this phaseup and lacks what a question needs: the
    rest is known all the same."""
    try:
        return work()
    except (ImportError, AttributeError, TypeError) as error:
        notes.append(f"{what} is not known, as the code there is of another time than this phaseup: {error}")
        return None


def failed(project: Path, error: Exception, own: Own | None = None) -> Failed:
    """The one message of what went wrong; files as from the top of the side's project."""
    from phaseup.cli.common import message_of

    text = message_of(error).replace(f"{project.resolve()}/", "").replace(f"{project}/", "")
    if own is None:
        return Failed(text)
    return Failed(text, own.config.system, own.config.environment, own.config.phase)


def share(work: Callable[[Item], Result], items: Sequence[Item], project: Path) -> Any:
    """`work` on each item, results in order as they come: one here, more by forked workers. A program with phases is
    pure, so workers stay; another gets a process for each run, as nobody knows what it leaves behind."""
    from phaseup.climb.rehearse import workers
    from phaseup.record.crew import map_crew
    from phaseup.record.forks import map_forked

    if len(items) <= 1:
        return map(work, items)
    return (map_crew if has_phases(project) else map_forked)(work, items, workers())
