"""What a stack's config may not say to its blueprint; every rule raises one `BadInput`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from components.spec import Spec
from stacks.models import Block, Blueprint, StackConfig
from stacks.models.classes import SERVICE_OF_ENGINE, SERVICE_OF_KIND, is_offered, offered_like, source
from stacks.models.load_blueprint import check_references
from stacks.models.resolve import misplaced
from stacks.models.restores import FIELD, check_restores, kind_of
from stacks.models.versions import RAISING
from stacks.moves.holds import holds_data
from stacks.moves.ladders import ladder_of, needed_rungs
from stacks.moves.regions import lost_regions, seat_of
from stacks.moves.sides import filled

KeyPath = tuple[str, ...]


def check_phases(config: StackConfig, blueprint: Blueprint) -> None:
    """The phases exist and are neighbours; the overrides name blocks of one of them, or keep one of another phase."""
    if config.system != blueprint.system:
        raise config.bad("phaseup:system", config.system, blueprint.system)
    if config.phase not in blueprint.phases:
        raise config.bad("phaseup:phase", config.phase, blueprint.names)
    phases = [config.phase]
    if config.moving:
        neighbours = blueprint.neighbours(config.phase)
        if config.moving.restore is not None:
            if config.moving.from_ != config.phase:
                why = "a restore is a move within a phase"
                raise config.bad("phaseup:moving.from", config.moving.from_, config.phase, why=why)
        elif config.moving.from_ not in neighbours:
            raise config.bad("phaseup:moving.from", config.moving.from_, neighbours, why="a move joins two neighbours")
        phases.append(config.moving.from_)
    here = list(dict.fromkeys(name for phase in phases for name in blueprint.merged[phase]))
    stood_in = {each for entry, given in config.restore.items() for each in (entry, given.of)}
    for name, override in config.overrides.items():
        kept = "kind" in override and blueprint.kind_of(name) is not None
        if name not in here and name not in stood_in and not kept:
            raise config.bad(f"phaseup:overrides.{name}", name, here)
        if FIELD in override:
            found, allowed = str(override[FIELD]), "an entry of phaseup:restore, which a move brings"
            raise config.bad(f"phaseup:overrides.{name}.{FIELD}", found, allowed)
    check_restores(config, blueprint)
    named = {**dict.fromkeys(here), **config.overrides, **config.restore}
    raised = [name for name in named if kind_of(config, blueprint, name) in RAISING]
    for name in config.versions:
        if name not in raised:
            raise config.bad(f"phaseup:versions.{name}", name, raised)


def check_blocks(config: StackConfig, blueprint: Blueprint, old: Mapping[str, Block], new: Mapping[str, Block]) -> None:
    """What the blocks name exists, and AWS offers their classes in the region."""
    sides = [(config.phase, new)]
    if config.moving:
        sides.insert(0, (config.moving.from_, old))
    for phase, blocks in sides:
        check_references(blueprint, phase, blocks, config)
        for block in blocks.values():
            service = SERVICE_OF_KIND.get(block.kind) or SERVICE_OF_ENGINE.get(getattr(block.spec, "engine", ""))
            if service is None:
                continue
            region = seat_of(block.spec) or config.region
            for path, name in _classes(block.spec):
                if is_offered(service, name, region) is False:
                    found = f"{name}, which AWS does not offer in {region}"
                    allowed = f"{', '.join(offered_like(service, name, region))} ({source(service)})"
                    raise misplaced(blueprint, phase, (block.name, *path), found, allowed, config)


def check_traffic(config: StackConfig, carriers: tuple[str, ...]) -> None:
    """Without a layer that both sides share, requests go to one side or to the other."""
    if config.moving and not carriers and config.moving.traffic not in (0, 100):
        why = (
            "nothing here could carry weights: no balancer of both phases with a service that changes its hosts, and "
            "no zone with load_balancing with a name that changes its origins"
        )
        raise config.bad("phaseup:moving.traffic", str(config.moving.traffic), "0 or 100", why=why)


def check_data(config: StackConfig, old: Mapping[str, Block], new: Mapping[str, Block]) -> None:
    """Every rung belongs to the move of its block."""
    if config.moving is None:
        return
    wanted = {name: needed_rungs(old.get(name), block) for name, block in new.items()}
    for name, rung in config.moving.data.items():
        climbing = [each for each, rungs in wanted.items() if rungs]
        if not wanted.get(name):
            raise config.bad(f"phaseup:moving.data.{name}", name, climbing)
        if rung not in wanted[name]:
            ladder = ladder_of(new[name])
            why = f"the ladder is {', '.join(ladder.names)}" if ladder else ""
            raise config.bad(f"phaseup:moving.data.{name}", rung, wanted[name], why=why)


def check_retire(
    config: StackConfig,
    old: Mapping[str, Block],
    new: Mapping[str, Block],
    roles: Mapping[str, str],
    today: date,
) -> None:
    """Only what leaves at traffic 100, or what arrives at 0, may go: filled elsewhere and live, or never live. A region
    goes as a block does. What a block has given to customers goes by itself, between moves."""
    traffic = config.moving.traffic if config.moving else None
    lost, gained = lost_regions(old, new), lost_regions(new, old)
    leaving = sorted({*(old.keys() - new.keys()), *lost})
    arriving = sorted({*(new.keys() - old.keys()), *gained})
    members = {member for each in {**old, **new}.values() for member in each.spec.members(each.name)}
    for name, consent in config.retire.items():
        key = f"phaseup:retire.{name}"
        if name in members:
            if consent.until < today:
                raise config.bad(f"{key}.until", consent.until.isoformat(), f"{today.isoformat()} or later")
            if config.moving:
                raise config.bad(key, f"{name} during a move", "nothing of a block's own: it goes between moves")
            continue
        if name not in leaving and name not in arriving:
            stays = f"{name}, which stays" if name in old else name
            raise config.bad(key, stays, [*leaving, *arriving])
        if consent.until < today:
            raise config.bad(f"{key}.until", consent.until.isoformat(), f"{today.isoformat()} or later")
        due = 100 if name in leaving else 0
        if traffic != due:
            found = f"{name} at traffic {traffic}"
            raise config.bad(key, found, "at traffic 100 what leaves, at 0 what arrives")
        if name in lost or name in gained:
            continue  # what fills a role at home stays
        if name in leaving and holds_data(old[name]) and filled(name, old[name], roles):
            why = "nothing else fills its role; keep it with an override, or let a block take it over"
            raise config.bad(
                key, f"{name}, which still fills its role", "a block whose role is filled elsewhere", why=why
            )
        if name in arriving and new[name].takes_over and filled(name, new[name], roles):
            raise config.bad(key, f"{name}, which fills a role that it took over", "a block that never was live")


def _classes(spec: Spec, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Every `instance` in a spec and in the specs inside it, but for other regions', which compose judges."""
    for name in type(spec).model_fields:
        if name == "regions":
            continue
        value: Any = getattr(spec, name)
        here = (*path, name)
        if name == "instance" and isinstance(value, str):
            yield here, value
        elif isinstance(value, Spec):
            yield from _classes(value, here)
        elif isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, Spec):
                    yield from _classes(item, (*here, str(key)))
