"""Relational databases, and who may reach them."""

from __future__ import annotations

from components.postgres import Postgres, PostgresArgs, PostgresSpec
from stacks.compose.clients import clients_of
from stacks.compose.context import Context


def databases(context: Context) -> None:
    """RDS instances in the data subnets of all three zones."""
    network = context.network
    for block, spec in context.of_kind("postgres", PostgresSpec):
        context.postgres[block.name] = Postgres(
            block.name,
            PostgresArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids("data", all_zones=True),
                clients=clients_of(context, block),
            ),
        )
