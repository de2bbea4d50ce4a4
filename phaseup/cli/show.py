"""`phaseup show`: one phase as it would stand, its blocks, resources, roles and the quotas that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phaseup.cli.common import AsJson, Debug, InEnvironment, OfSystem, StackOrSystem, mistakes, print_json
from phaseup.cli.common import show as show_parts

if TYPE_CHECKING:
    from phaseup.capacity import Capacity
    from phaseup.graph.resource import State
    from stacks.models import StackConfig


def command(
    stack_or_system: StackOrSystem,
    phase: OfSystem = "",
    environment: InEnvironment = "prod",
    svg: Annotated[str, typer.Option("--svg", metavar="FILE", help="Write a diagram of the phase there.")] = "",
    whole: Annotated[
        bool, typer.Option("--all", help="Every field of every block, and every resource on a line of its own.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show what a stack holds, or what a system holds in a phase, with the account quotas that it needs."""
    with mistakes(debug):
        from dataclasses import asdict
        from pathlib import Path

        from phaseup.capacity import capacity, total
        from phaseup.cli.place import placed
        from phaseup.cli.quotas import quotas
        from phaseup.cli.target import named
        from phaseup.climb.rehearse import record_all
        from phaseup.facts import stateful
        from phaseup.graph.values import to_json
        from phaseup.plan.steps import is_counted
        from phaseup.price.report import report
        from phaseup.render import cost as costs
        from phaseup.render import tree
        from phaseup.render.picture import block_view, picture, side
        from phaseup.render.svg import svg as draw
        from stacks.models.load_blueprint import load_blueprint
        from stacks.models.triggers import emitters
        from stacks.moves import effective

        config = named(stack_or_system, phase, environment)
        blueprint = load_blueprint(config.system)
        now = effective(config, blueprint)
        specs = {name: block_view(block) for name, block in now.blocks.items()}
        sides = {name: side(block) for name, block in now.blocks.items()}
        with placed(config):
            (run,) = record_all([config])
        states = [state for state in run.outcome.snapshot if not state.delete]
        holds = {state.urn: state.custom and stateful(state.type, state.inputs) is not None for state in states}
        needed, carried = quotas(states), capacity(states)
        planned = blueprint.phases[config.phase]
        month = report(config, blueprint, states)
        if svg:
            Path(svg).write_text(draw(picture(config, blueprint, now)), encoding="utf-8")
        if as_json:
            print_json(
                {
                    "system": config.system,
                    "phase": config.phase,
                    "environment": config.environment,
                    "moving": None if config.moving is None else config.moving.model_dump(by_alias=True),
                    "blocks": specs,
                    "roles": dict(now.roles),
                    "resources": [
                        {
                            "urn": state.urn,
                            "type": state.type,
                            "inputs": to_json(state.inputs),
                            "stateful": holds[state.urn],
                            "protect": state.protect,
                        }
                        for state in states
                        if is_counted(state.urn)
                    ],
                    "cost": {
                        "total": round(month.estimate.total, 2),
                        "blocks": {name: round(usd, 2) for name, usd in month.estimate.by_block().items()},
                    },
                    "quotas": [quota.to_json() for quota in needed],
                    "serves": dict(planned.serves),
                    "capacity": {block: asdict(size) for block, size in sorted(carried.items())},
                    "triggers": {
                        name: {
                            **trigger.model_dump(by_alias=True),
                            "emitters": emitters(blueprint, config.phase, trigger),
                        }
                        for name, trigger in planned.leave.items()
                    },
                }
            )
            return
        show_parts(
            _title(config),
            _carries(planned.serves, total(carried)),
            "",
            tree.fields(specs, sides) if whole else tree.blocks(specs, sides, counts(states, holds)),
            "",
            costs.summary(month),
            "",
            tree.roles(roles_named(now)),
            "",
            tree.resources(states, holds, whole=whole),
            "",
            tree.quotas(needed),
        )
        if svg:
            show_parts("", f"diagram: {svg}")


def counts(states: Sequence[State], holds: Mapping[str, bool]) -> dict[str, tuple[int, int]]:
    """(resources, those that hold data) by block."""
    from phaseup.climb.owners import Owners
    from phaseup.plan.steps import is_counted

    owners = Owners(states)
    found: dict[str, tuple[int, int]] = {}
    for state in states:
        if is_counted(state.urn):
            block = owners.block(state.urn)
            number, data = found.get(block, (0, 0))
            found[block] = number + 1, data + holds[state.urn]
    return found


def roles_named(now: Any) -> dict[str, str]:
    """Roles that somebody names or that another block than their namesake fills, with who fills them."""
    from stacks.models.spec_walk import references

    named = {name for block in now.blocks.values() for _, name, mark in references(block.spec) if mark.to == "role"}
    return {role: block for role, block in now.roles.items() if role in named or role != block}


def _title(config: StackConfig) -> Any:
    from rich.text import Text

    where = "settled"
    if config.moving is not None:
        where = f"moving from {config.moving.from_}, traffic {config.moving.traffic} %"
    return Text.assemble((f"{config.system} · {config.phase}", "bold"), f"  {config.environment}, {where}")


def _carries(served: Mapping[str, float | str | None], carried: Capacity) -> Any:
    from rich.text import Text

    from phaseup.render.picture import serves
    from phaseup.render.text import plain

    figures = f"{carried.vcpu:,.12g} vCPUs, {carried.memory:,.12g} GiB, {carried.connections:,} database connections"
    return Text(f"serves {', '.join(map(plain, serves(served))) or 'no figure'}; at most {figures}", "dim")
