"""Roles: what consumers name, under names of ours that stay while the block behind them changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi

from components.bucket.s3 import S3Store
from components.function import Function
from components.secret_copies import arn_in, managed_key
from components.service.endpoint import Consumer, Endpoint, EndpointArgs, Login
from components.service.spec import UseSpec
from components.site import Site
from stacks.compose.aurora_roles import of_aurora
from stacks.compose.broker_roles import of_broker
from stacks.compose.buses import of_events
from stacks.compose.context import Context
from stacks.compose.database_roles import of_postgres
from stacks.compose.hosted import loading_rights, of_hosted, users_beside
from stacks.compose.places import Place
from stacks.compose.stores import of_cache, of_search
from stacks.compose.tables import of_table
from stacks.moves import predecessor, regions_of

BUCKET_LOGIN = {"ACCESS_KEY_ID": "access_key_id", "SECRET_ACCESS_KEY": "secret_access_key"}
"""Variable → key, as an R2 bucket's component writes its keys."""
READS = ["s3:GetObject", "s3:GetObjectVersion"]
WRITES = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]


def endpoints(context: Context) -> None:
    """One endpoint in each place for each role that a database, a cache or a domain fills there, and for whatever is
    used from there."""
    for place in context.places.values():
        for role, filled_by in sorted(context.effective.roles.items()):
            args = _args(context, role, filled_by, place)
            if args is not None:
                name = place.called(role)
                context.endpoints[name] = Endpoint(
                    name, replace(args, role=role, fenced=role in context.effective.fenced)
                )


def _args(context: Context, role: str, filled_by: str, place: Place) -> EndpointArgs | None:
    block, consumers = context.effective.blocks[filled_by], _consumers(context, role, place)
    site = context.site_of(block, place)
    # What the block took the role over from may still stand where it does not: the names there go with that.
    before = predecessor(block, context.effective.blocks) or block
    named = {*regions_of(block.spec), *(regions_of(before.spec) if before.side == "leaving" else ())}
    if consumers or place.home or place.region in named:
        if filled_by in context.postgres:
            return of_postgres(context, filled_by, site, place, consumers)
        if filled_by in context.auroras:
            # What took a role over has that role's names, and none of its own.
            own = role == filled_by and block.takes_over is not None
            return None if own else of_aurora(context, filled_by, site, place, consumers)
        if filled_by in context.caches:
            return of_cache(context, filled_by, site, place, consumers)
        if filled_by in context.searches:
            return of_search(context, filled_by, site, place, consumers)
        if filled_by in context.hosted:
            return of_hosted(context, filled_by, site, place, consumers)
        if filled_by in context.brokers:
            return of_broker(context, role, filled_by, site, place, consumers, _uses(context, role))
    if not consumers:
        return None
    if filled_by in context.functions:
        return _of_function(context.functions[filled_by], site, consumers)
    if filled_by in context.buses:
        return of_events(context, filled_by, site, place, consumers)
    if filled_by in context.tables:
        return of_table(context, filled_by, site, place, consumers, _uses(context, role))
    if filled_by in context.buckets:
        return _of_bucket(context, role, filled_by, site, consumers)
    return None


def _of_function(fills: Function, site: Site, consumers: Mapping[str, Consumer]) -> EndpointArgs:
    env: dict[str, pulumi.Input[str]] = {"FUNCTION": fills.alias.arn}
    statements: list[dict[str, Any]] = [
        {"Sid": "Invoke", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": fills.alias.arn}
    ]
    if fills.queue is not None:
        env["QUEUE_URL"] = fills.queue.url
        statements.append({"Sid": "Send", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": fills.queue.arn})
    able = {name: replace(consumer, statements=statements) for name, consumer in consumers.items()}
    return EndpointArgs(site=site, env=env, consumers=able)


def _of_bucket(context: Context, role: str, block: str, site: Site, consumers: Mapping[str, Consumer]) -> EndpointArgs:
    fills = context.buckets[block]
    env: dict[str, pulumi.Input[str]] = {"BUCKET": fills.bucket_name}
    if not isinstance(fills.store, S3Store):
        # R2 knows no IAM: who uses it gets the bucket's own keys.
        assert fills.endpoint is not None
        env["ENDPOINT"] = fills.endpoint
        login = None
        if fills.keys is not None:
            login = Login(fills.keys.secret_arn, fills.keys.key.arn, BUCKET_LOGIN)
            if site.region != context.site.region:
                key = managed_key(site.region, context.network.account_id)
                login = Login(arn_in(fills.keys.secret_arn, site.region), key, BUCKET_LOGIN)
        return EndpointArgs(site=site, env=env, login=login, consumers=consumers)
    arn, key = fills.store.bucket.arn, fills.store.key.arn
    uses = _uses(context, role)
    # The bucket's key is asked in the bucket's region, wherever who asks is.
    able = {
        name: replace(consumer, statements=_bucket_rights(arn, key, context.seat(block).site, uses[name]))
        for name, consumer in consumers.items()
    }
    return EndpointArgs(site=site, env=env, consumers=able)


def _bucket_rights(
    arn: pulumi.Input[str], key: pulumi.Input[str], site: Site, uses: list[UseSpec]
) -> list[dict[str, Any]]:
    writes = any(use.access == "write" for use in uses)
    return [
        {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn},
        {
            "Sid": "Objects",
            "Effect": "Allow",
            "Action": [*READS, *(WRITES if writes else [])],
            "Resource": pulumi.Output.concat(arn, "/*"),
        },
        {
            "Sid": "ObjectKeys",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", *(["kms:GenerateDataKey"] if writes else [])],
            "Resource": key,
            "Condition": {"StringEquals": {"kms:ViaService": f"s3.{site.region}.amazonaws.com"}},
        },
    ]


def _consumers(context: Context, role: str, place: Place) -> dict[str, Consumer]:
    pods = {
        name: context.identities[place.called(service)].roles[host].name
        for name, (service, host, _) in sorted(context.pods_using(role).items())
        if place.called(service) in context.identities and host in context.identities[place.called(service)].roles
    }
    found = {name: Consumer(role_name, follows=True) for name, role_name in pods.items()}
    if not place.home:
        return found
    return {
        **{host: Consumer(context.servers[host].role.name) for host in sorted(context.servers_using(role))},
        **{
            host: Consumer(context.servers[host].role.name, loading_rights(context, role, place.site))
            for host in users_beside(context, role)
        },
        **found,
        **{name: Consumer(context.functions[name].role.name) for name in sorted(context.functions_using(role))},
    }


def _uses(context: Context, role: str) -> dict[str, list[UseSpec]]:
    """How a role is used, by consumer."""
    servers = {host: [spec.uses[role] for spec in specs] for host, specs in context.servers_using(role).items()}
    for host, use in users_beside(context, role).items():
        servers.setdefault(host, []).append(use)
    return {
        **servers,
        **{name: [use] for name, (_, _, use) in context.pods_using(role).items()},
        **{name: [spec.uses[role]] for name, spec in context.functions_using(role).items()},
    }
