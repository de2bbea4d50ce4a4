"""Relational databases, their copies elsewhere, and who may reach them."""

from __future__ import annotations

from components.postgres import Postgres, PostgresArgs, PostgresCopies, PostgresCopiesArgs, PostgresSpec
from stacks.compose.clients import clients_of, networks_of
from stacks.compose.context import Context
from stacks.moves import taken_from


def databases(context: Context) -> None:
    """RDS instances in the data subnets of all three zones; a block's own come first, as copies follow them."""
    for block, spec, place in context.placed("postgres", PostgresSpec):
        network, site = place.network, context.site_of(block, place)
        subnet_ids = network.subnet_ids("data", all_zones=True)
        if place is context.seat(block.name):
            context.postgres[block.name] = Postgres(
                block.name,
                PostgresArgs(
                    spec=spec,
                    site=site,
                    account_id=network.account_id,
                    logs_key_arn=network.logs_key.arn,
                    vpc_id=network.vpc_id,
                    subnet_ids=subnet_ids,
                    clients=clients_of(context, block),
                    networks=networks_of(context, block),
                    fenced=taken_from(block.name, context.effective.blocks),
                ),
            )
            continue
        name = place.called(block.name)
        context.copies[name] = PostgresCopies(
            name,
            PostgresCopiesArgs(
                spec=spec,
                region=spec.regions[place.region],
                home=context.postgres[block.name],
                site=site,
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=subnet_ids,
                networks={place.region: place.cidr},
            ),
        )
