"""Walks a stack up its ladder with the genuine `pulumi` on simulated clouds: `python -m phaseup.engine.demo`."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from phaseup.engine.project import EngineError, make_project
from phaseup.engine.run import CommandError, Engine, engine_version

ROOT = Path(__file__).resolve().parents[2]


def main(argv: Sequence[str] | None = None) -> int:
    """Print each command and the engine's own summary. 0 done, 1 a command failed, 2 it cannot run at all."""
    parser = argparse.ArgumentParser(prog="python -m phaseup.engine.demo", description=__doc__)
    parser.add_argument("--stack", default="meal-prod", help="a stack of stacks/ (default: meal-prod)")
    parser.add_argument("--down", action="store_true", help="and down again")
    options = parser.parse_args(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="phaseup-engine-") as folder:
            _walk(Path(folder), options.stack, down=options.down)
    except CommandError as error:
        print(error.text.rstrip() or error, file=sys.stderr)
        return 1
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _walk(folder: Path, stack: str, *, down: bool) -> None:
    from stacks.models import BadInput, load_blueprint, load_stack
    from stacks.moves.steps import steps

    engine = Engine(make_project(folder, ROOT), stack)
    try:
        config = load_stack(ROOT / "stacks" / f"Pulumi.{stack}.yaml")
        blueprint = load_blueprint(config.system)
    except BadInput as error:
        raise EngineError(str(error)) from error
    print(f"pulumi {engine_version()}, providers simulated, state in a folder that is thrown away: no cloud.\n")
    engine.init()
    _apply(engine, f"{stack}: a new stack in phase {config.phase}", config.values)
    names = list(blueprint.names)
    upward = names[names.index(config.phase) + 1 :]
    targets = upward + list(reversed(names))[1:] if down else upward
    for target in targets:
        for step in steps(config, blueprint, target):
            if step.refused is not None:
                print(f"-- {step.kind} to {target}: refused: {step.refused.reason}\n")
                continue
            changed = ", ".join(f"{change.key}: {change.new}" for change in step.changes)
            what = " ".join(str(word) for word in (step.kind, step.block, step.stage) if word)
            _apply(engine, f"{step.from_} → {step.to}: {what} ({changed})", step.config.values)
            config = step.config


def _apply(engine: Engine, title: str, values: Mapping[str, Any]) -> None:
    """One reviewed change as a platform engineer makes it: preview, then up."""
    engine.configure(values)
    print(f"== {title}")
    preview = engine.preview()
    print(f"$ pulumi preview --stack {engine.stack}")
    for step in preview.steps:
        if step.op != "same":
            print(f"    {step.op:<8} {step.urn.split('::', 2)[2]}")
    print("    " + (", ".join(f"{count} {op}" for op, count in sorted(preview.summary.items())) or "nothing"))
    print(f"$ pulumi up --stack {engine.stack}")
    print(_summary(engine.up()))


def _summary(text: str) -> str:
    """The engine's own closing lines: what it created, updated, deleted, and how long that took."""
    found = re.search(r"^Resources:\n(?:[ \t]+.*\n)+", text, re.MULTILINE)
    return found.group(0) if found else text


if __name__ == "__main__":
    sys.exit(main())
