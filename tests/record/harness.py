"""Runs small programs in a forked child each, so that no test leaves SDK settings behind."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from phaseup.graph.resource import Goal, Snapshot
from phaseup.record.answers import Answers
from phaseup.record.forks import map_forked
from phaseup.record.program import load_program
from phaseup.record.run import Run, run
from tests.record.fakes import FakeDeployment

HEAD = """
import pulumi
from pulumi import CustomResource, ComponentResource, Output, ResourceOptions, export

class Thing(CustomResource):
    def __init__(self, name, opts=None, type_="pkg:index:Thing", **props):
        super().__init__(type_, name, {"result": None, **props}, opts)

class Group(ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("my:index:Group", name, None, opts)

class Prov(pulumi.ProviderResource):
    def __init__(self, name, package="pkg", opts=None, **props):
        super().__init__(package, name, props, opts)
"""
"""What most programs begin with; its lines come before the program's own."""

HEAD_LINES = HEAD.count("\n")


def write_program(folder: Path, main: str, files: Mapping[str, str] | None = None, *, head: bool = True) -> Path:
    """A project `demo` with stack `dev`; `files` may replace any of its files."""
    content = {
        "Pulumi.yaml": "name: demo\nruntime: python\n",
        "Pulumi.dev.yaml": "config: {}\n",
        "__main__.py": (HEAD if head else "") + textwrap.dedent(main),
        **(files or {}),
    }
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text) if name != "__main__.py" else text)
    return folder


def in_child(work: Callable[[], Any]) -> Any:
    """`work()` in a forked child."""
    return next(map_forked(lambda _item: work(), [None]))


def record(
    folder: Path,
    main: str,
    files: Mapping[str, str] | None = None,
    *,
    head: bool = True,
    preview: bool = False,
    answers: Answers | None = None,
    old: Snapshot | None = None,
    deploy: Any = FakeDeployment,
    settings: Mapping[str, Any] | None = None,
) -> Run:
    """Record a program given as text; `deploy=None` takes the real deployment and simulators."""
    write_program(folder, main, files, head=head)
    program = load_program(folder, "dev", settings=settings)
    return in_child(lambda: run(program, old=old, preview=preview, answers=answers, deploy=deploy))


def goals(outcome_of: Run) -> dict[str, Goal]:
    """Goals by logical name, without the Stack."""
    return {goal.name: goal for goal in outcome_of.outcome.goals.values() if goal.type != "pulumi:pulumi:Stack"}
