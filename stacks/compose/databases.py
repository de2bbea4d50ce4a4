"""Relational databases, their copies elsewhere, and who may reach them."""

from __future__ import annotations

from components.postgres import (
    Postgres,
    PostgresArgs,
    PostgresCopies,
    PostgresCopiesArgs,
    PostgresSpec,
    Surroundings,
)
from stacks.compose.clients import clients_of, networks_of
from stacks.compose.context import Context
from stacks.compose.places import Place
from stacks.moves import EffectiveBlock, taken_from


def surroundings(context: Context, block: EffectiveBlock, place: Place) -> Surroundings:
    """What a block's databases stand on in one place; beside its seat only those near by reach them."""
    network, first = place.network, place is context.seat(block.name)
    return Surroundings(
        account_id=network.account_id,
        logs_key_arn=network.logs_key.arn,
        vpc_id=network.vpc_id,
        subnet_ids=network.subnet_ids("data", all_zones=True),
        clients=clients_of(context, block) if first else {},
        networks=networks_of(context, block) if first else {place.region: place.cidr},
    )


def databases(context: Context) -> None:
    """RDS instances in the data subnets of all three zones; a block's own come first, as copies follow them."""
    for block, spec, place in context.placed("postgres", PostgresSpec):
        site, around = context.site_of(block, place), surroundings(context, block, place)
        if place is context.seat(block.name):
            context.postgres[block.name] = Postgres(
                block.name,
                PostgresArgs(
                    spec=spec,
                    site=site,
                    around=around,
                    fenced=taken_from(block.name, context.effective.blocks),
                ),
            )
            continue
        name = context.called(block.name, place)
        context.copies[name] = PostgresCopies(
            name,
            PostgresCopiesArgs(
                spec=spec,
                region=spec.regions[place.region],
                home=context.postgres[block.name],
                site=site,
                around=around,
            ),
        )
