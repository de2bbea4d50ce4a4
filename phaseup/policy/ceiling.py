"""What a stack may cost before the pack stops it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from phaseup.climb.phases import born

if TYPE_CHECKING:
    from stacks.models import Blueprint, StackConfig


def ceiling_of(config: StackConfig, blueprint: Blueprint) -> float | None:
    """US dollars a month: what the stack itself states for its budget, else the phase's ceiling, else what its budget
    block warns of, else the upper end of the source's range. Between two phases both stand side by side, so it is the
    sum of theirs; a stack that keeps blocks as another phase has them is given that phase's, where it is more. While a
    snapshot is restored, two of one phase's stores stand side by side, so all of it counts twice. None outside prod,
    which sources price alone, and where one of these phases says nothing."""
    if config.environment != "prod":
        return None
    own = [_stated(config, phase, blueprint) or _ceiling(config, phase, blueprint) for phase in phases_of(config)]
    kept = [_ceiling(config, phase, blueprint) for phase in _kept_from(config, blueprint)]
    if None in own or None in kept:
        return None
    highest = max([sum(each for each in own if each is not None), *(each for each in kept if each is not None)])
    return highest * (2 if config.moving is not None and config.moving.restore is not None else 1)


def phases_of(config: StackConfig) -> list[str]:
    """The phase a stack is in; between two, both."""
    return list(dict.fromkeys([config.phase, *([config.moving.from_] if config.moving is not None else [])]))


def _stated(config: StackConfig, phase: str, blueprint: Blueprint) -> float | None:
    budgets = [name for name, block in _blocks(config, phase, blueprint).items() if "monthly" in block]
    given = [config.overrides.get(name, {}).get("monthly") for name in budgets]
    return next((float(each) for each in given if each is not None), None)


def _ceiling(config: StackConfig, phase: str, blueprint: Blueprint) -> float | None:
    budget = blueprint.phases[phase].budget
    if budget.ceiling is not None:
        return budget.ceiling
    stated = [block.get("monthly") for block in _blocks(config, phase, blueprint).values()]
    monthly = next((each for each in stated if each is not None), None)
    return float(monthly) if monthly is not None else budget.high


def _kept_from(config: StackConfig, blueprint: Blueprint) -> Iterator[str]:
    """For each override that is as one of the higher phases has the block, the lowest such phase: on the way down, what
    cannot shrink or holds data is kept by an override (decision 7). A size that no phase has is nobody's to keep. What
    was restored is kept as what it stands in for."""
    from stacks.models.restores import stood_in_for

    above = blueprint.names[max(blueprint.names.index(phase) for phase in phases_of(config)) + 1 :]
    found: set[str] = set()
    for name, override in config.overrides.items():
        # Whose role a block fills is no part of its spec: what is kept says it by itself.
        part = {key: value for key, value in override.items() if key != "takes_over"}
        for phase in above:
            block = _blocks(config, phase, blueprint).get(stood_in_for(config, name))
            if block is not None and _within(part, block):
                found.add(phase)
                break
    yield from (phase for phase in above if phase in found)


def _blocks(config: StackConfig, phase: str, blueprint: Blueprint) -> Mapping[str, Mapping[str, Any]]:
    """The blueprint's own blocks of a phase in the stack's environment, with their kind, as written specs."""
    key = (id(blueprint), config.environment, phase)
    if key not in _SEEN:
        _SEEN[key] = (blueprint, _settled(config, phase, blueprint))
    return _SEEN[key][1]


_SEEN: dict[tuple[int, str, str], tuple[Blueprint, Mapping[str, Mapping[str, Any]]]] = {}
"""A climb asks for the same few phases at every step. Its blueprint is kept with it, so that no id comes back."""


def _settled(config: StackConfig, phase: str, blueprint: Blueprint) -> Mapping[str, Mapping[str, Any]]:
    from stacks.models import REMOVE, changed
    from stacks.moves import effective

    # What the stack has for itself alone: another phase may not have the block that one of its snapshots stands in for.
    own = ("phaseup:overrides", "phaseup:versions", "phaseup:restore")
    bare = changed(born(config, phase), dict.fromkeys(own, REMOVE))
    return {
        name: {"kind": block.kind, **block.spec.model_dump(by_alias=True, mode="json")}
        for name, block in effective(bare, blueprint).blocks.items()
    }


def _within(part: Any, whole: Any) -> bool:
    """Whether all that `part` states stands in `whole` too."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(
            key in whole and _within(each, whole[key]) for key, each in part.items()
        )
    if isinstance(part, (list, tuple)) and isinstance(whole, (list, tuple)):
        return [*part] == [*whole]
    return bool(part == whole)
