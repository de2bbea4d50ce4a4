"""Triggers: what each asks for is something that the phase could be given, and who measures it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from components.spec import Spec
from stacks.models.bad_input import plain
from stacks.models.blueprint import RESERVED, Blueprint, Trigger
from stacks.models.merge import leaves, merged
from stacks.models.spec_errors import first_mistake
from stacks.models.spec_walk import refused_differences


def check_triggers(blueprint: Blueprint) -> None:
    """Raises `BadInput` for the first trigger that asks a block for what it cannot be given within the phase."""
    for phase in blueprint.names:
        for name, trigger in blueprint.phases[phase].leave.items():
            for block, keys in (trigger.asks or {}).items():
                _check(blueprint, phase, ("phases", phase, "leave", name, "asks", block), block, keys)


def emitters(blueprint: Blueprint, phase: str, trigger: Trigger) -> tuple[str, ...]:
    """The blocks that emit a trigger's metric: the one it names, or those in whose logs the phase's alarms read it;
    none for a figure of the business."""
    if trigger.business:
        return ()
    if trigger.block is not None:
        return (trigger.block,)
    read = [keys.get("metrics", {}) for keys in blueprint.merged[phase].values() if keys["kind"] == "alarms"]
    return tuple(dict.fromkeys(each for metrics in read for each in metrics.get(trigger.metric, {}).get("blocks", ())))


def _check(blueprint: Blueprint, phase: str, where: tuple[str, ...], block: str, keys: dict[str, Any]) -> None:
    here = blueprint.merged[phase]
    if block not in here:
        raise blueprint.document.bad(where, block, f"a block of the phase: {', '.join(sorted(here))}")
    for path, value in leaves(keys):
        if value is None or path[0] in RESERVED:
            raise blueprint.document.bad(
                (*where, *path), "null" if value is None else plain(value), "a value for a field of the block"
            )
    before = _spec(blueprint, where, here[block])
    after = _spec(blueprint, where, merged(here[block], keys))
    for path, old, new, _ in refused_differences(before, after):
        raise blueprint.document.bad((*where, *path), plain(new), f"{plain(old)}: it never changes")
    if before == after:
        raise blueprint.document.bad(where, "what the phase has already", "something that differs from it")


def _spec(blueprint: Blueprint, where: tuple[str, ...], keys: Mapping[str, Any]) -> Spec:
    model = blueprint.kinds.spec(keys["kind"])
    try:
        return model.model_validate({key: value for key, value in keys.items() if key not in RESERVED})
    except ValidationError as error:
        mistake = first_mistake(error, model, lambda path: blueprint.document.texts.get((*where, *path)))
        raise blueprint.document.bad((*where, *mistake.path), mistake.found, mistake.allowed) from None
