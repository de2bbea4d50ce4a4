"""Two phases' blocks side by side: each block's joined spec, and which side it is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from components.spec import Spec
from stacks.models import Block, StackConfig
from stacks.moves.joins import Between, join_specs
from stacks.moves.ladders import declared_rungs, ladder_fields, ladder_of
from stacks.moves.regions import regions_of

Side = Literal["both", "arriving", "leaving"]


@dataclass(frozen=True)
class EffectiveBlock:
    """One block as it is to be built."""

    name: str
    kind: str
    spec: Spec
    """Joined while moving; else the phase's own."""
    side: Side
    """`both` when settled, or when both phases have the block."""
    retiring: bool = False
    """Armed: protection off, final copy configured."""
    retiring_regions: frozenset[str] = frozenset()
    """Armed there alone: the regions that it leaves, or takes back."""
    takes_over: str | None = None
    """The role it fills in place of the block of that name, once its ladder says so."""
    rung: str | None = None
    """The rung it stands on while moving."""
    old: Spec | None = None
    """As the old phase has it; None when arriving. Settled: equal to `spec`."""
    new: Spec | None = None
    """As the new phase has it; None when leaving. Settled: equal to `spec`."""


def role_of(block: Block | EffectiveBlock) -> str:
    """The role that a block is there for: the one that it took over, else that of its name."""
    return block.takes_over or block.name


def blocks_of(config: StackConfig, old: Mapping[str, Block], new: Mapping[str, Block]) -> dict[str, EffectiveBlock]:
    """The effective blocks, the old side's in its order and then what arrives; settled, both sides are one."""
    traffic = config.moving.traffic if config.moving else None
    data = config.moving.data if config.moving else {}
    return {
        name: _block(config, name, old.get(name), new.get(name), data.get(name), traffic)
        for name in dict.fromkeys([*old, *new])
    }


def _block(
    config: StackConfig, name: str, old: Block | None, new: Block | None, rung: str | None, traffic: int | None
) -> EffectiveBlock:
    some = new or old
    assert some is not None
    side: Side = "both" if old and new else "arriving" if new else "leaving"
    spec = some.spec
    if old is None and some.takes_over and traffic is not None:
        spec = held_back(some, rung)
    if old and new and traffic is not None:
        try:
            spec = join_specs(old.spec, new.spec, Between(traffic, rung, ladder_of(new)))
        except ValidationError as error:
            reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
            found = f"{config.moving.from_ if config.moving else ''} and {config.phase} of {name} joined"
            raise config.bad("phaseup:moving", found, "two phases that can stand side by side", why=reason) from None
    return EffectiveBlock(
        name=name,
        kind=some.kind,
        spec=spec,
        side=side,
        retiring=name in config.retire,
        retiring_regions=_regions_that_go(old, new) & config.retire.keys(),
        takes_over=some.takes_over,
        rung=rung,
        old=old.spec if old else None,
        new=new.spec if new else None,
    )


def held_back(block: Block, rung: str | None) -> Spec:
    """What arrives to take a role over, without what a rung is still to bring: a global database, its regions."""
    ladder = ladder_of(block)
    if ladder is None:
        return block.spec
    model = type(block.spec)
    waits = {
        field: model.model_fields[field].get_default(call_default_factory=True)
        for field in ladder_fields(model)
        for name in declared_rungs(model, field)
        if name in ladder.optional and name not in ladder.later and not ladder.reached(rung, name)
    }
    return model.model_validate({**dict(block.spec), **waits}) if waits else block.spec


def _regions_that_go(old: Block | None, new: Block | None) -> frozenset[str]:
    """Regions of one side alone: they leave at contract, or at abort."""
    return frozenset(set(regions_of(old.spec)) ^ set(regions_of(new.spec))) if old and new else frozenset()
