"""What holds data, and who may reach it."""

from __future__ import annotations

import pulumi

from components.bucket import Bucket, BucketArgs, BucketSpec
from components.cache import Cache, CacheArgs, CacheSpec
from components.postgres import Postgres, PostgresArgs, PostgresSpec
from components.search import Search, SearchArgs, SearchSpec
from stacks.compose.context import Context
from stacks.moves import EffectiveBlock


def buckets(context: Context) -> None:
    """Object stores; R2 ones may have a public name in the zone."""
    zone = context.zone
    for block, spec in context.of_kind("bucket", BucketSpec):
        context.buckets[block.name] = Bucket(
            block.name,
            BucketArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=context.network.account_id,
                cloudflare_account_id=context.config.cloudflare_account_id,
                zone_id=zone.zone_id if zone else None,
                apex=context.config.domain,
            ),
        )


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
                clients=_clients(context, block),
            ),
        )


def caches(context: Context) -> None:
    """Replication groups in the data subnets of all three zones."""
    network = context.network
    for block, spec in context.of_kind("cache", CacheSpec):
        context.caches[block.name] = Cache(
            block.name,
            CacheArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids("data", all_zones=True),
                clients=_clients(context, block),
            ),
        )


def searches(context: Context) -> None:
    """OpenSearch domains; each takes as many of the three data subnets as it has zones."""
    network = context.network
    for block, spec in context.of_kind("search", SearchSpec):
        context.searches[block.name] = Search(
            block.name,
            SearchArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids("data", all_zones=True),
                clients=_clients(context, block),
            ),
        )


def _clients(context: Context, block: EffectiveBlock) -> dict[str, pulumi.Input[str]]:
    """Security groups of the servers whose services use a role that the block fills, or is about to fill, and of the
    functions that do."""
    roles = context.roles_filled_by(block)
    clients = {
        host: context.servers[host].security_group.id for role in sorted(roles) for host in context.users_of(role)
    }
    for role in sorted(roles):
        for name in context.functions_using(role):
            group = context.functions[name].security_group
            # Only the network reaches what is here, which a function's spec has been held to.
            assert group is not None
            clients[name] = group.id
    return dict(sorted(clients.items()))
