"""Blocks that stand in for others since a snapshot was restored: `phaseup:restore` of a stack, as blocks' keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stacks.models.merge import merged
from stacks.models.spec_walk import references

if TYPE_CHECKING:
    from components.spec import Spec
    from stacks.models.blueprint import Block, Blueprint
    from stacks.models.stack import StackConfig

FIELD = "restore"
"""The field of a kind's spec that names the snapshot; a kind without it cannot be restored so."""
Tree = dict[str, Mapping[str, Any]]


def check_restores(config: StackConfig, blueprint: Blueprint) -> None:
    """Every entry stands in for one block of the stack that can, under a name of its own, from a snapshot of its
    kind."""
    stood_in: dict[str, str] = {}
    here = standing_here(config, blueprint) if config.restore else frozenset[str]()
    for name, given in config.restore.items():
        key = f"phaseup:restore.{name}"
        if blueprint.kind_of(name) is not None:
            raise config.bad(key, name, "a name that no block of the blueprint has")
        kind = kind_of(config, blueprint, given.of)
        able = [each for each in _blocks(blueprint) if each in here and _able(blueprint, blueprint.kind_of(each))]
        if kind is None or not _able(blueprint, kind):
            found = given.of if kind is None else f"{given.of}, of kind {kind}"
            raise config.bad(f"{key}.of", found, [*able, *(other for other in config.restore if other != name)])
        if stood_in_for(config, name) not in here:
            phase = config.moving.from_ if config.moving else config.phase
            why = "an entry goes with its block, and what comes again was never restored"
            raise config.bad(f"{key}.of", f"{given.of}, which {phase} does not have", able, why=why)
        if given.of in stood_in:
            raise config.bad(f"{key}.of", given.of, f"{stood_in[given.of]}, which stands in for it already")
        stood_in[given.of] = name
        pattern = _pattern(blueprint, kind)
        if not re.fullmatch(pattern, given.snapshot):
            raise config.bad(f"{key}.snapshot", given.snapshot, f"a snapshot of kind {kind}: {pattern}")
    moving = config.moving.restore if config.moving else None
    if moving is not None and moving not in config.restore:
        raise config.bad("phaseup:moving.restore", moving, list(config.restore) or "an entry of phaseup:restore")
    if moving is not None and moving in stood_in:
        raise config.bad("phaseup:moving.restore", moving, f"{stood_in[moving]}, which stands in for it")


def kind_of(config: StackConfig, blueprint: Blueprint, block: str) -> str | None:
    """A block's kind; of a restored one that of what it stands in for. None where there is none, or a circle."""
    return blueprint.kind_of(stood_in_for(config, block))


def stood_in_for(config: StackConfig, block: str) -> str:
    """The blueprint's block that a restored one stands in for, itself if it is none."""
    seen = set()
    while block in config.restore and block not in seen:
        seen.add(block)
        block = config.restore[block].of
    return block


def standing_here(config: StackConfig, blueprint: Blueprint) -> frozenset[str]:
    """The blueprint's blocks that the stack has: those of the phase that it is in, or comes from, and those that it
    keeps. What a move brings anew stands for itself: it was never restored."""
    phase = config.moving.from_ if config.moving else config.phase
    kept = (stood_in_for(config, name) for name in config.kept_whole)
    return frozenset({*blueprint.merged[phase], *kept})


def still_standing(config: StackConfig, blueprint: Blueprint) -> dict[str, Any]:
    """The entries whose block the stack has: an entry goes with its block."""
    here = standing_here(config, blueprint)
    return {name: given for name, given in config.restore.items() if stood_in_for(config, name) in here}


def standing_in(tree: Tree, config: StackConfig, blueprint: Blueprint) -> tuple[Tree, dict[str, str]]:
    """`tree` with every restored block in place of what it stands in for, in its order; and the new names by old."""
    renamed: dict[str, str] = {}
    here = standing_here(config, blueprint) if config.restore else frozenset[str]()
    for name, given in _in_order(config):
        if given.of not in tree or stood_in_for(config, name) not in here:
            continue
        keys = dict(tree[given.of])
        model = blueprint.kinds.spec(keys["kind"])
        keys |= {"takes_over": keys.get("takes_over") or given.of, **model.restored(keys, given.snapshot)}
        # What is said of it, whatever stands in for it says too, but for what it was born from.
        keys = merged(keys, config.overrides.get(name, {}))
        if name in config.versions:
            keys = merged(keys, {"version": config.versions[name]})
        tree = {(name if each == given.of else each): (keys if each == given.of else of) for each, of in tree.items()}
        renamed = {old: (name if new == given.of else new) for old, new in renamed.items()} | {given.of: name}
    return tree, renamed


def renamed_in(keys: Mapping[str, Any], spec: Spec, names: Mapping[str, str]) -> dict[str, Any] | None:
    """A block's keys with new names where it names a block that another stands in for; None where it names none."""
    out: dict[str, Any] = dict(keys)
    changed = False
    for path, found, mark in references(spec):
        if mark.to == "block" and found in names:
            out, changed = _set(out, path, found, names[found]), True
    return out if changed else None


def without_restore(config: StackConfig) -> StackConfig:
    """The config as it was before the restore that is under way."""
    coming = config.moving.restore if config.moving else None
    if coming is None:
        return config
    left = {name: given for name, given in config.restore.items() if name != coming}
    return config.model_copy(update={"restore": left})


def refuse_parts(config: StackConfig, old: Mapping[str, Block]) -> None:
    """One snapshot is one store: shards and followers of other regions have their own, or none."""
    coming = config.moving.restore if config.moving else None
    if coming is None:
        return
    of = config.restore[coming].of
    spec = old[of].spec if of in old else None
    for field in ("shards", "regions", "global_datastore"):
        value = getattr(spec, field, None)
        several = value > 1 if isinstance(value, int) and not isinstance(value, bool) else bool(value)
        if several:
            allowed = "a block that is one store; of several each is restored by hand, and its rows copied back"
            raise config.bad(f"phaseup:restore.{coming}.of", f"{of}, which has {field}", allowed)


def _in_order(config: StackConfig) -> Iterator[tuple[str, Any]]:
    """What stands in for a block of the blueprint first, then what stands in for that."""
    todo, done = dict(config.restore), set[str]()
    while todo:
        ready = [name for name, given in todo.items() if given.of not in todo]
        if not ready:
            return  # a circle, which is refused
        for name in ready:
            done.add(name)
            yield name, todo.pop(name)


def _set(tree: Any, path: tuple[str, ...], old: str, new: str) -> Any:
    """A copy with a name replaced at a path: a value, an item of a list, or a key."""
    if not path:
        return new if tree == old else tree
    first, *rest = path
    if isinstance(tree, list):
        return [new if item == old else item for item in tree]
    if not isinstance(tree, Mapping):
        return new if tree == old else tree
    if first == old and not rest and old in tree:
        return {(new if key == old else key): value for key, value in tree.items()}
    return {key: (_set(value, tuple(rest), old, new) if key == first else value) for key, value in tree.items()}


def _blocks(blueprint: Blueprint) -> list[str]:
    return list(dict.fromkeys(name for blocks in blueprint.merged.values() for name in blocks))


def _able(blueprint: Blueprint, kind: str | None) -> bool:
    return kind is not None and FIELD in blueprint.kinds.spec(kind).model_fields


def _pattern(blueprint: Blueprint, kind: str) -> str:
    field = blueprint.kinds.spec(kind).model_fields[FIELD]
    return next((str(each.pattern) for each in field.metadata if hasattr(each, "pattern")), ".+")
