"""A phase's blocks as validated specs: blueprint, then environment, then the stack's overrides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from stacks.models.bad_input import BadInput, dotted, plain
from stacks.models.blueprint import RESERVED, Block, Blueprint
from stacks.models.merge import has, merged
from stacks.models.restores import renamed_in, standing_in, stood_in_for, without_restore
from stacks.models.spec_errors import first_mistake
from stacks.models.stack import StackConfig
from stacks.models.versions import RAISING
from stacks.models.watching import KIND as ALARMS
from stacks.models.watching import beside

KeyPath = tuple[str, ...]


def resolve(blueprint: Blueprint, phase: str, config: StackConfig) -> dict[str, Block]:
    """The blocks of one phase for one stack.

    An override may also name a block that only other phases have, if it repeats its kind: the block is *kept*, with
    the keys of the nearest phase above that has it, else of the nearest below; its copies stand in those of their
    regions that the phase has a network in.

    While the stack moves to this phase, its alarms stand beside those of where it comes from.
    """
    blocks = _blocks(blueprint, phase, config)
    if not _goes_to(phase, config):
        return blocks
    assert config.moving is not None
    watched = _blocks(blueprint, config.moving.from_, without_restore(config), kind=ALARMS)
    return {name: beside(watched[name], block) if name in watched else block for name, block in blocks.items()}


def _goes_to(phase: str, config: StackConfig) -> bool:
    """Whether these are the blocks that a move leads to; of a restore, which stays in its phase, those with it."""
    if config.moving is None or config.phase != phase:
        return False
    return config.moving.restore is None or config.moving.restore in config.restore


def _blocks(blueprint: Blueprint, phase: str, config: StackConfig, *, kind: str = "") -> dict[str, Block]:
    """The blocks by themselves, or those of one kind."""
    tree: dict[str, Mapping[str, Any]] = dict(blueprint.merged[phase])
    for given_as, override in config.overrides.items():
        name = stood_in_for(config, given_as)
        if "version" in override and blueprint.kind_of(name) in RAISING:
            allowed = f"phaseup:versions.{given_as}, which raises it by an apply of its own"
            raise config.bad(f"phaseup:overrides.{given_as}.version", plain(override["version"]), allowed)
        if name not in tree and "kind" in override:
            source = _nearest_with(blueprint, name, phase)
            if source is not None:
                tree[name] = blueprint.merged[source][name]
    environment = blueprint.environments.get(config.environment, {})
    given: dict[str, Mapping[str, Any]] = {}
    for name, keys in tree.items():
        own = merged(keys, environment.get(name, {}))
        own = own if name in blueprint.merged[phase] else _present(blueprint, phase, own)
        whole = merged(own, config.overrides.get(name, {}))
        if whole.get("kind") != keys["kind"]:
            raise config.bad(
                f"phaseup:overrides.{name}.kind", plain(whole.get("kind")), f"{keys['kind']}: a block keeps its kind"
            )
        if name in config.versions:
            whole = merged(whole, {"version": config.versions[name]})
        given[name] = whole
    given, names = standing_in(given, config, blueprint)
    asked = {name: keys for name, keys in given.items() if kind in ("", keys["kind"])}
    out = {name: build(blueprint, phase, name, keys, config) for name, keys in asked.items()}
    for name, block in out.items() if names else ():
        keys = renamed_in(given[name], block.spec, names)
        if keys is not None:
            out[name] = build(blueprint, phase, name, keys, config)
    for of, name in names.items():
        if name in out and stood_in_for(config, of) == out[name].takes_over:
            out[name] = replace(out[name], stands_in=True)
    return out


def build(
    blueprint: Blueprint, phase: str, name: str, keys: Mapping[str, Any], config: StackConfig | None, env: str = ""
) -> Block:
    """One validated block; a mistake is placed where the offending key was written last."""
    environment = config.environment if config else env
    _min_above_max(blueprint, phase, name, keys, config, environment)
    model = blueprint.kinds.spec(keys["kind"])
    own = {key: value for key, value in keys.items() if key not in RESERVED}
    try:
        spec = model.model_validate(own)
    except ValidationError as error:
        mistake = first_mistake(
            error, model, lambda path: _written(blueprint, phase, (name, *path), config, environment)
        )
        found, allowed, path = mistake.found, mistake.allowed, mistake.path
        if isinstance(allowed, str) and "; allowed: " in allowed:  # a spec's own rule says both
            found, _, allowed = allowed.partition("; allowed: ")
        raise misplaced(blueprint, phase, (name, *path), found, allowed, config, environment) from None
    return Block(name, keys["kind"], spec, keys.get("takes_over"))


def misplaced(
    blueprint: Blueprint,
    phase: str,
    path: KeyPath,
    found: str,
    allowed: Any,
    config: StackConfig | None = None,
    environment: str = "",
) -> BadInput:
    """The error for a block's key, in the file and at the line that wrote it last: stack, environment, phase."""
    if config is not None and path[1:] == ("version",) and path[0] in config.versions:
        return config.bad(f"phaseup:versions.{path[0]}", found, allowed)
    if config is not None and has(config.overrides, path):
        return config.bad(dotted(("phaseup:overrides", *path)), found, allowed)
    where = written_at(blueprint, phase, path, environment)
    return blueprint.document.bad(where, found, allowed)


def written_at(blueprint: Blueprint, phase: str, path: KeyPath, environment: str = "") -> KeyPath:
    """Where a block's key (or the block that lacks it) was written last, as a path into the blueprint's file."""
    known = path
    while known:
        if has(blueprint.environments.get(environment, {}), known):
            return ("environments", environment, *path)
        for each in reversed(blueprint.names[: blueprint.names.index(phase) + 1]):
            if has(blueprint.phases[each].blocks, known):
                return ("phases", each, "blocks", *path)
        known = known[:-1]
    return ("phases", phase, "blocks", *path)


def _written(
    blueprint: Blueprint, phase: str, path: KeyPath, config: StackConfig | None, environment: str
) -> str | None:
    if config is not None and has(config.overrides, path):
        where = ("config", "phaseup:overrides", *path)
        return config.document.texts.get(where) if config.document else None
    return blueprint.document.texts.get(written_at(blueprint, phase, path, environment))


def _present(blueprint: Blueprint, phase: str, keys: Mapping[str, Any]) -> Mapping[str, Any]:
    """A kept block without its copies in regions that the phase has left."""
    if not isinstance(keys.get("regions"), Mapping):
        return keys
    networks = [block for block in blueprint.merged[phase].values() if block["kind"] == "network"]
    there = {region for network in networks for region in network.get("regions") or ()}
    return {**keys, "regions": {region: of for region, of in keys["regions"].items() if region in there}}


def _nearest_with(blueprint: Blueprint, block: str, phase: str) -> str | None:
    names = blueprint.names
    here = names.index(phase)
    above = [each for each in names[here + 1 :] if block in blueprint.merged[each]]
    below = [each for each in reversed(names[:here]) if block in blueprint.merged[each]]
    return next(iter([*above, *below]), None)


def _min_above_max(
    blueprint: Blueprint,
    phase: str,
    name: str,
    tree: Mapping[str, Any],
    config: StackConfig | None,
    environment: str,
    path: KeyPath = (),
) -> None:
    low, high = tree.get("min"), tree.get("max")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        found = f"min {low} above max {high}"
        raise misplaced(blueprint, phase, (name, *path), found, "min not above max", config, environment)
    for key, value in tree.items():
        if isinstance(value, Mapping):
            _min_above_max(blueprint, phase, name, value, config, environment, (*path, key))
