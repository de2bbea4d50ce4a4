"""Builds a stack as the program would, from files or from a blueprint written in a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recording import Recording, record
from ruamel.yaml import YAML

from stacks.compose import budget_of, compose
from stacks.models import Blueprint, StackConfig, changed, load_blueprint, load_stack
from stacks.moves import effective

Changes = Mapping[str, Any]
MOVING = {"phaseup:phase": "growth", "phaseup:moving": {"from": "mvp", "traffic": 0}}


def moving(traffic: int, **data: str) -> dict[str, Any]:
    """meal on its way from mvp to growth."""
    move: dict[str, Any] = {"from": "mvp", "traffic": traffic}
    return {"phaseup:phase": "growth", "phaseup:moving": {**move, **({"data": data} if data else {})}}


def stack(changes: Changes | None = None, name: str = "meal-prod") -> StackConfig:
    """A committed stack with some keys changed."""
    return changed(load_stack(name), changes or {})


def build(config: StackConfig, blueprint: Blueprint | None = None) -> Recording:
    """Everything that the stack registers."""
    plan = blueprint or load_blueprint(config.system)
    resolved = effective(config, plan)
    return record(lambda: compose(resolved, config, budget=budget_of(resolved, plan)))


def outputs(config: StackConfig) -> dict[str, Any]:
    """What the stack exports, unresolved."""
    plan = load_blueprint(config.system)
    resolved = effective(config, plan)
    given: dict[str, Any] = {}
    record(lambda: given.update(compose(resolved, config, budget=budget_of(resolved, plan))))
    return given


def edited(folder: Path, change: Callable[[dict[str, Any]], None]) -> Blueprint:
    """meal's first two phases after `change` of the first one's blocks; later ones have other hosts."""
    document = YAML(typ="safe").load(Path("stacks/blueprints/meal.yaml"))
    document["phases"] = {name: document["phases"][name] for name in ("mvp", "growth")}
    change(document["phases"]["mvp"]["blocks"])
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)
