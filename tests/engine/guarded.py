"""Genuine previews of a small program, one a step: what `phaseup gate` has to judge."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from phaseup.engine.project import make_project
from phaseup.engine.run import Engine
from tests.engine.corners import PROGRAM

GUARDED = PROGRAM.parent / "guarded"
STACK = "dev"
STEPS = ("same", "update", "unprotect", "open", "replace", "delete", "retain", "rename", "refused")
MACHINE = frozenset({"sourcePosition", "stackTrace"})
"""Where the program lay when it ran; left out of what is kept."""


def config(step: str) -> dict[str, Any]:
    """The stack's config at a step."""
    return {"guarded:step": step, "guarded:password": {"secure": "AAAA"}, "aws:region": "eu-west-1"}


class Previews:
    """The stack as `same` has it, previewed towards any other step."""

    def __init__(self, folder: Any) -> None:
        self.engine = Engine(make_project(folder, GUARDED), STACK)
        self.engine.init()
        for key, value in self.engine.project.configure(STACK, config("same")).items():
            self.engine._call(["config", "set", key, "--secret", "--stack", STACK], stdin=value)
        self.engine.up()

    def text(self, step: str, *arguments: str, streaming: bool = False) -> str:
        """What `pulumi preview --json` prints, whether or not it ends well."""
        self.engine.configure(config(step))
        engine = self.engine
        if streaming:
            engine = Engine(
                replace(engine.project, environment_extra={"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}), STACK
            )
        return engine._process(["preview", "--json", *engine._selected(), *arguments]).stdout


def kept(text: str) -> str:
    """A preview without what belongs to the machine that made it, and events without what only debugging shows."""
    indent = 1 if text.startswith("{\n") else None
    shown = (each for each in _documents(text) if each.get("diagnosticEvent", {}).get("severity") != "debug")
    return "".join(json.dumps(_without(each), indent=indent) + "\n" for each in shown)


def _documents(text: str) -> list[Any]:
    return [json.loads(text)] if text.startswith("{\n") else [json.loads(line) for line in text.splitlines()]


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(item) for key, item in value.items() if key not in MACHINE}
    return [_without(item) for item in value if not _trace(item)] if isinstance(value, list) else value


def _trace(item: Any) -> bool:
    """What the program says of having been stopped."""
    return isinstance(item, dict) and item.get("severity") == "info#err"
