"""Reads a blueprint and checks everything about it that needs no stack."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from components.spec import Join, Refused
from stacks.models.bad_input import plain
from stacks.models.blueprint import RESERVED, Block, Blueprint, BlueprintFile, Phase
from stacks.models.check_costs import purchase_of, usage_of
from stacks.models.kinds import INSTALLED, Kinds
from stacks.models.merge import NothingToRemove, leaves, merged
from stacks.models.paths import BLUEPRINTS
from stacks.models.resolve import build, misplaced
from stacks.models.spec_errors import first_mistake
from stacks.models.spec_walk import join_at, references, refused_differences
from stacks.models.stack import StackConfig
from stacks.models.triggers import check_triggers
from stacks.models.yaml_file import Document, parse, read

_ENVIRONMENTS = get_args(StackConfig.model_fields["environment"].annotation)


def load_blueprint(system: str, directory: Path = BLUEPRINTS, kinds: Kinds = INSTALLED) -> Blueprint:
    """One system's blueprint; raises `BadInput` for the first mistake in it.

    Checked: keys, kinds, that a block keeps its kind, every phase's specs in every environment, that fixed fields are
    equal in all phases and untouched by environments, and that every role and block that is named exists.
    """
    path = directory / f"{system}.yaml"
    file = read(path).file
    known: Any = kinds
    return _checked(system, file, path.read_text(encoding="utf-8"), known)


@lru_cache(maxsize=16)
def _checked(system: str, shown: str, text: str, kinds: Any) -> Blueprint:
    """Remembered: every run of a rehearsal reads the same blueprint, and a ladder of many phases has much to check."""
    document = parse(text, shown)
    try:
        file = BlueprintFile.model_validate(document.data)
    except ValidationError as error:
        mistake = first_mistake(error, BlueprintFile, document.texts.get)
        raise document.bad(mistake.path, mistake.found, mistake.allowed) from None
    if file.system != system:
        raise document.bad(("system",), file.system, f"{system}, as the file is named")
    blocks_of = _merge(file.phases, document)
    blueprint = Blueprint(
        file.system,
        file.title,
        file.phases,
        file.environments,
        blocks_of,
        usage_of(file.phases, blocks_of, document),
        purchase_of(file.phases, blocks_of, document),
        {**file.usage_share},
        document,
        kinds,
    )
    _check_kinds(blueprint)
    _check_takes_over(blueprint)
    blocks = {phase: _built(blueprint, phase, "") for phase in blueprint.names}
    _check_fixed(blueprint, blocks)
    _check_predecessors(blueprint, blocks)
    _check_environments(blueprint)
    for phase in blueprint.names:
        for environment in blueprint.environments:
            _built(blueprint, phase, environment)
        check_references(blueprint, phase, blocks[phase], None)
    check_triggers(blueprint)
    return blueprint


def systems(directory: Path = BLUEPRINTS) -> list[str]:
    """Every system that has a blueprint."""
    return sorted(path.stem for path in directory.glob("*.yaml"))


def check_references(blueprint: Blueprint, phase: str, blocks: Mapping[str, Block], config: StackConfig | None) -> None:
    """Refuses a role that nobody fills, a block that is not there, and one of a kind that does not fit."""
    kinds = {block.name: block.kind for block in blocks.values()}
    roles = sorted({*blocks, *(b.takes_over for b in blocks.values() if b.takes_over)})
    for block in blocks.values():
        for path, name, mark in references(block.spec):
            names = roles if mark.to == "role" else sorted(blocks)
            if name not in names:
                found = f"{name}, a role that nobody fills" if mark.to == "role" else f"{name}, which is no block here"
                error = misplaced(blueprint, phase, (block.name, *path), found, ", ".join(names), config)
                raise error
        try:
            block.spec.check_among(kinds)
        except Refused as refused:
            path = (block.name, *refused.key.split("."))
            raise misplaced(blueprint, phase, path, plain(refused.found), refused.allowed, config) from None


def _merge(phases: Mapping[str, Phase], document: Document) -> dict[str, dict[str, dict[str, Any]]]:
    out: dict[str, dict[str, dict[str, Any]]] = {}
    before: dict[str, dict[str, Any]] = {}
    for name, phase in phases.items():
        try:
            before = merged(before, phase.blocks)
        except NothingToRemove as gone:
            where = ("phases", name, "blocks", *gone.path)
            raise document.bad(where, "null", "null only for what the phase before has") from None
        out[name] = before
    return out


def _check_kinds(blueprint: Blueprint) -> None:
    kinds: dict[str, str] = {}
    for phase, blocks in blueprint.merged.items():
        for name, keys in blocks.items():
            kind = keys.get("kind")
            where = ("phases", phase, "blocks", name, "kind")
            if kind is None:
                raise blueprint.document.bad(where, "nothing", list(blueprint.kinds.names))
            if kind not in blueprint.kinds.names:
                raise blueprint.document.bad(where, plain(kind), list(blueprint.kinds.names))
            if kinds.setdefault(name, kind) != kind:
                raise blueprint.document.bad(where, kind, f"{kinds[name]}: a block keeps its kind for ever")


def _check_takes_over(blueprint: Blueprint) -> None:
    for phase, blocks in blueprint.merged.items():
        for name, keys in blocks.items():
            role = keys.get("takes_over")
            if role is None:
                continue
            others = [each for each in dict.fromkeys(b for p in blueprint.merged.values() for b in p) if each != name]
            if role not in others:
                raise blueprint.document.bad(("phases", phase, "blocks", name, "takes_over"), plain(role), others)


def _built(blueprint: Blueprint, phase: str, environment: str) -> dict[str, Block]:
    deltas = blueprint.environments.get(environment, {})
    return {
        name: build(blueprint, phase, name, merged(keys, deltas.get(name, {})), None, environment)
        for name, keys in blueprint.merged[phase].items()
    }


def _check_fixed(blueprint: Blueprint, blocks: Mapping[str, Mapping[str, Block]]) -> None:
    last: dict[str, tuple[str, Block]] = {}
    for phase in blueprint.names:
        for name, block in blocks[phase].items():
            before_phase, before = last.get(name, (phase, block))
            for path, old, new, join in refused_differences(before.spec, block.spec):
                reason = "fixed in every phase" if join is Join.FIXED else "equal in a union, which keeps both sides"
                allowed = f"{plain(old)}, as in {before_phase}: it is {reason}"
                raise misplaced(blueprint, phase, (name, *path), plain(new), allowed)
            last[name] = (phase, block)


def _check_predecessors(blueprint: Blueprint, blocks: Mapping[str, Mapping[str, Block]]) -> None:
    """What takes a role over can have its data, in the phase in which it first stands."""
    before: Mapping[str, Block] = {}
    for phase in blueprint.names:
        for name, block in blocks[phase].items():
            if block.takes_over is None or name in before:
                continue
            old = before.get(block.takes_over)
            try:
                block.spec.check_takes_over(blueprint.kind_of(block.takes_over) or "", old.spec if old else None)
            except Refused as refused:
                raise misplaced(
                    blueprint, phase, (name, *refused.key.split(".")), plain(refused.found), refused.allowed
                ) from None
        before = blocks[phase]


def _check_environments(blueprint: Blueprint) -> None:
    for environment, deltas in blueprint.environments.items():
        if environment not in _ENVIRONMENTS:
            raise blueprint.document.bad(("environments", environment), environment, list(_ENVIRONMENTS))
        for name, delta in deltas.items():
            where = ("environments", environment, name)
            kind = blueprint.kind_of(name)
            if kind is None:
                names = list(dict.fromkeys(each for blocks in blueprint.merged.values() for each in blocks))
                raise blueprint.document.bad(where, name, names)
            model = blueprint.kinds.spec(kind)
            for path, value in leaves(delta):
                if path[:1] and path[0] in RESERVED:
                    raise blueprint.document.bad((*where, *path), plain(value), "what the phases say")
                if value is None:
                    allowed = "a value: null removes a key in a phase's delta only"
                    raise blueprint.document.bad((*where, *path), "null", allowed)
                if path[0] in model.model_fields and join_at(model, path) is Join.FIXED:
                    allowed = "what the phases say: the field is fixed"
                    raise blueprint.document.bad((*where, *path), plain(value), allowed)
