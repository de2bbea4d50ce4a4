"""Tables, at home and in other regions, and what using one takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pulumi

from components.service.endpoint import Consumer, EndpointArgs
from components.service.spec import UseSpec
from components.site import Site
from components.table import Table, TableArgs, TableCopy, TableCopyArgs, TableSpec
from stacks.compose.context import Context
from stacks.compose.places import Place

READS: Final = ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:DescribeTable", "dynamodb:GetItem"]
READS_INDEXES: Final = ["dynamodb:Query", "dynamodb:Scan"]
WRITES: Final = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]


def tables(context: Context) -> None:
    """Every table; its own region comes first, as replicas are made of what is there."""
    for block, spec, place in context.placed("table", TableSpec):
        site, account = context.site_of(block, place), context.network.account_id
        if place is context.seat(block.name):
            context.tables[block.name] = Table(block.name, TableArgs(spec, site, account))
            continue
        name = place.called(block.name)
        context.table_copies[name] = TableCopy(name, TableCopyArgs(site, context.tables[block.name], account))


def of_table(
    context: Context,
    block: str,
    site: Site,
    place: Place,
    consumers: Mapping[str, Consumer],
    uses: Mapping[str, Sequence[UseSpec]],
) -> EndpointArgs:
    """Where a place has a replica, its users read and write that; elsewhere they go where the table stands. The key is
    used through the table, by its own policy."""
    seat = context.seat(block)
    here = context.table_copies.get(place.called(block))
    fills: Table | TableCopy = here or context.tables[block]
    env: dict[str, pulumi.Input[str]] = {
        "TABLE": fills.table_name,
        "REGION": place.region if here else seat.region,
    }
    able = {
        name: replace(consumer, statements=_rights(fills.arn, writes=any(use.access == "write" for use in uses[name])))
        for name, consumer in consumers.items()
    }
    return EndpointArgs(site=site, env=env, consumers=able)


def _rights(arn: pulumi.Output[str], *, writes: bool) -> list[dict[str, Any]]:
    return [
        {
            "Sid": "Items",
            "Effect": "Allow",
            "Action": [*READS, *READS_INDEXES, *(WRITES if writes else [])],
            "Resource": arn,
        },
        {
            "Sid": "Indexes",
            "Effect": "Allow",
            "Action": READS_INDEXES,
            "Resource": pulumi.Output.concat(arn, "/index/*"),
        },
    ]
