"""What runs: a stack's config and its blueprint as effective blocks, roles, work and traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stacks.models import Addresses, Block, Blueprint, StackConfig, load_addresses
from stacks.models.restores import refuse_parts
from stacks.moves.blocks import EffectiveBlock, blocks_of, role_of
from stacks.moves.check import check_blocks, check_data, check_phases, check_retire, check_traffic
from stacks.moves.fence import fenced_roles
from stacks.moves.ladders import ladder_of
from stacks.moves.shares import Share, carriers_of, shares_of
from stacks.moves.sides import filled, sides_of
from stacks.moves.work import Work, work_of


@dataclass(frozen=True)
class Effective:
    """A stack resolved: everything that `compose` needs, and nothing about phases that it must know."""

    system: str
    environment: str
    phase: str
    """The phase it is in, or goes to."""
    moving_from: str | None
    """The phase it comes from; None when settled."""
    traffic: int | None
    """Per cent of the way to the new distribution; None when settled."""
    blocks: Mapping[str, EffectiveBlock]
    """By name: the old phase's in its order, then what arrives."""
    roles: Mapping[str, str]
    """Role → the block that fills it."""
    fenced: frozenset[str]
    """Roles whose users stand still, as their data is on its way to what takes them over."""
    carriers: tuple[str, ...]
    """The blocks that weigh requests between old and new; none where only 0 and 100 are valid."""
    live: Literal["old", "new", "both"]
    """Which side takes requests; `new` when settled."""
    work: Mapping[str, Work]
    """What each service may do on each of its hosts."""
    shares: Mapping[str, Share]
    """Where each public name's requests go, by label."""
    cidrs: Mapping[str, str]
    """The network's addresses by region, from the register; the stack's own region first."""

    @property
    def settled(self) -> bool:
        """Whether the stack is in one phase."""
        return self.moving_from is None


def effective(
    config: StackConfig, blueprint: Blueprint, *, addresses: Addresses | None = None, today: date | None = None
) -> Effective:
    """Resolves a stack; raises `BadInput` for whatever the config and the blueprint say against each other.

    `today` decides whether a `retire` is past its day; the default is the clock's.
    """
    check_phases(config, blueprint)
    register = addresses or load_addresses()
    old, new = sides_of(blueprint, config)
    check_restored(config, old)
    check_blocks(config, blueprint, old, new)
    traffic = config.moving.traffic if config.moving else None
    carriers = carriers_of(old, new, config.region) if config.moving else ()
    check_traffic(config, carriers)
    check_data(config, old, new)
    data = config.moving.data if config.moving else {}
    roles = roles_of(old, new, data)
    check_retire(config, old, new, roles, today or date.today())
    blocks = blocks_of(config, old, new)
    return Effective(
        system=config.system,
        environment=config.environment,
        phase=config.phase,
        moving_from=config.moving.from_ if config.moving else None,
        traffic=traffic,
        blocks=blocks,
        roles=roles,
        fenced=fenced_roles(old, new, data) if config.moving else frozenset(),
        carriers=carriers,
        live="new" if traffic in (None, 100) else "old" if traffic == 0 else "both",
        work=work_of(old, new, traffic),
        shares=shares_of(old, new, traffic, config.region),
        cidrs={
            region: register.cidr(config.system, config.environment, region) for region in regions_of(config, blocks)
        },
    )


def check_restored(config: StackConfig, old: Mapping[str, Block]) -> None:
    """What is on its way in stands in for one store, which fills its role: of another nobody asks for the data."""
    refuse_parts(config, old)
    coming = config.moving.restore if config.moving else None
    of = config.restore[coming].of if coming is not None else ""
    if of not in old:
        return
    roles = roles_of(old, old, {})
    if not filled(of, old[of], roles):
        filler = roles[role_of(old[of])]
        raise config.bad(f"phaseup:restore.{coming}.of", f"{of}, whose role {filler} fills", filler)


def regions_of(config: StackConfig, blocks: Mapping[str, EffectiveBlock]) -> list[str]:
    """Where the stack has networks: its own region, then the others by name."""
    given = {
        region for each in blocks.values() if each.kind == "network" for region in getattr(each.spec, "regions", ())
    }
    return [config.region, *sorted(given - {config.region})]


def roles_of(old: Mapping[str, Block], new: Mapping[str, Block], data: Mapping[str, str]) -> dict[str, str]:
    """Who fills each role: the block of its name, or what takes it over and is live."""
    roles = {name: name for name in dict.fromkeys([*old, *new])}
    took = {name: block for name, block in {**old, **new}.items() if block.takes_over}
    # What took over before the move keeps the role: no ladder leads down, so nothing else can have its data. What only
    # stands in for the block of that name since a restore has it as that block had: until another took it over.
    claims = [name for name in took if name in old]
    claims.sort(key=lambda name: not took[name].stands_in)
    for name, block in took.items():
        ladder = ladder_of(block)
        if name not in old and ladder and ladder.fills_at and ladder.reached(data.get(name), ladder.fills_at):
            claims.append(name)
    return roles | {str(took[name].takes_over): name for name in claims}
