"""The corner cases under the engine: one stack a group, one update, then previews; shared by tests and golden file.

`python -m tests.engine.corners` writes the golden file anew from the `pulumi` on PATH.
"""

from __future__ import annotations

import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from phaseup.engine.compare import Ops, engine_ops, refusals
from phaseup.engine.project import Project, make_project
from phaseup.engine.run import CommandError, Engine, Preview, engine_version
from tests.engine.leftovers import edited

PROGRAM = Path(__file__).parent / "programs" / "corner"
GOLDEN = Path(__file__).parent / "golden" / "corner.yaml"
GROUPS = ("replacing", "options", "identity", "providing", "values")
"""Groups whose cases all step together; `failing` is stepped one case at a time."""
LEFTOVERS = "leftovers"
"""The group whose state is edited between its steps."""
WHOLE = ("--show-sames", "--show-replacement-steps", "--show-reads")
PROJECT = "corner"

Golden = dict[str, dict[str, Any]]


def config(group: str, step: int, **more: str | None) -> dict[str, str]:
    """The stack config of one group at one step; `advance` and `only` as the program understands them."""
    settings = {"group": group, "step": str(step), **more}
    return {f"{PROJECT}:{key}": value for key, value in settings.items() if value is not None}


def cases(group: str) -> list[str]:
    """The names of a group's cases."""
    sys.path.insert(0, str(PROGRAM))
    try:
        return list(__import__(f"cases.{group}", fromlist=["CASES"]).CASES)
    finally:
        sys.path.remove(str(PROGRAM))


def project(root: Path) -> Project:
    """The generated project of the corner program, on the fake provider; calls are logged in `calls.jsonl`."""
    return make_project(
        root,
        PROGRAM,
        packages=["fake"],
        plugin="tests.engine.fake",
        environment={"FAKE_LOG": str(root / "calls.jsonl")},
    )


@dataclass
class Group:
    """One group's stack under the engine; each property is run once, in the order of the story."""

    engine: Engine
    name: str

    def at(self, step: int, advance: str | None = None) -> None:
        """Set the stack's config."""
        self.engine.configure(config(self.name, step, advance=advance))

    @cached_property
    def empty(self) -> Preview:
        """The preview of step 1 on the empty stack."""
        self.at(1)
        self.engine.init()
        return self.engine.preview(*WHOLE)

    @cached_property
    def first(self) -> dict[str, Any]:
        """The state after `up` at step 1."""
        _ = self.empty
        self.at(1)
        self.engine.up()
        return self.engine.export_stack()

    @cached_property
    def again(self) -> Preview:
        """A second preview of step 1."""
        _ = self.first
        self.at(1)
        return self.engine.preview(*WHOLE)

    @cached_property
    def damaged(self) -> dict[str, Any]:
        """The state after `up` at step 1 and an interruption, as the engine then has it."""
        self.engine.import_stack(edited(self.first))
        return self.engine.export_stack()

    @cached_property
    def preview(self) -> Preview:
        """The preview of step 2 on the state of step 1."""
        _ = self.damaged if self.name == LEFTOVERS else self.first
        self.at(2)
        return self.engine.preview(*WHOLE)

    @cached_property
    def second(self) -> dict[str, Any]:
        """The state after `up` at step 2."""
        _ = self.preview, self.again
        self.at(2)
        self.engine.up()
        return self.engine.export_stack()

    @cached_property
    def refused(self) -> dict[str, frozenset[str]]:
        """What the engine says where one case alone goes on to step 2, by case; empty where it lets it pass.

        A failing preview takes the engine five idle seconds, so several wait side by side.
        """
        _ = self.first
        with ThreadPoolExecutor(5) as pool:
            names = cases(self.name)
            return dict(zip(names, pool.map(self._refused, names), strict=True))

    def _refused(self, case: str) -> frozenset[str]:
        main = self.engine.project.stack_file(self.name)
        copy = main.with_name(f"advance-{case}.yaml")
        document = _yaml().load(main.read_text())
        with copy.open("w") as stream:
            _yaml().dump({**document, "config": config(self.name, 1, advance=case)}, stream)
        try:
            self.engine.preview("--config-file", str(copy))
        except CommandError as error:
            return refusals(error.errors)
        return frozenset()


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 4096
    return yaml


def load_golden() -> Golden:
    """`ops`: group → case → type and name → operations; `refusals`: case → messages."""
    return YAML(typ="safe").load(GOLDEN.read_text())


def short(ops: dict[str, Ops]) -> dict[str, str]:
    """URNs cut down to type and name, operations joined by `+`."""
    return {urn.split("::", 2)[2]: "+".join(kinds) for urn, kinds in sorted(ops.items())}


def stable(message: str) -> str:
    """A refusal without the traceback, which names this machine's paths: of a failed program only its exception."""
    raised = re.findall(r"\b(?:\w+Error|Exception): .*", message)
    return raised[-1] if message.startswith("Program failed") and raised else message


def measure() -> Golden:
    """Run every group under the engine. Which URN belongs to which case is learnt from the rehearsal of each alone."""
    from tests.engine.rehearsed import urns

    golden: Golden = {"engine": {"version": engine_version()}, "ops": {}, "refusals": {}}
    with tempfile.TemporaryDirectory() as folder:
        shared = project(Path(folder))
        for name in (*GROUPS, LEFTOVERS):
            group = Group(Engine(shared, name), name)
            ops = engine_ops(group.preview)
            golden["ops"][name] = {
                case: short({urn: ops.pop(urn) for urn in urns(name, case) if urn in ops}) for case in cases(name)
            }
            if ops:
                raise SystemExit(f"{name}: no case has {', '.join(sorted(ops))}")
        failing = Group(Engine(shared, "failing"), "failing")
        for case in cases("failing"):
            golden["refusals"][case] = sorted(stable(message) for message in failing.refused[case])
    return golden


def main() -> None:
    """Write the golden file."""
    yaml = _yaml()
    yaml.default_flow_style = False
    GOLDEN.parent.mkdir(exist_ok=True)
    with GOLDEN.open("w") as stream:
        stream.write("# What the genuine engine did. Made by `python -m tests.engine.corners`; never edited by hand.\n")
        yaml.dump(measure(), stream)


if __name__ == "__main__":
    main()
