"""Roles: what consumers name, under names of ours that stay while the block behind them changes."""

from __future__ import annotations

from typing import Any

import pulumi

from components.bucket import Bucket
from components.bucket.s3 import S3Store
from components.cache import Cache
from components.function import Function
from components.postgres import Postgres, PostgresSpec
from components.search import Search
from components.service.endpoint import Consumer, Endpoint, EndpointArgs, Login, Reader
from components.service.spec import UseSpec
from components.site import Site
from stacks.compose.context import Context

LOGIN = {"USER": "username", "PASSWORD": "password"}
"""Variable → key, as our database and cache components write their secrets."""
BUCKET_LOGIN = {"ACCESS_KEY_ID": "access_key_id", "SECRET_ACCESS_KEY": "secret_access_key"}
"""Variable → key, as an R2 bucket's component writes its keys."""
READS = ["s3:GetObject", "s3:GetObjectVersion"]
WRITES = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]


def endpoints(context: Context) -> None:
    """One endpoint for each role that a database, a cache or a domain fills, and for each bucket and function that
    something uses."""
    for role, filled_by in sorted(context.effective.roles.items()):
        fills: Postgres | Cache | Search | Bucket | Function | None = (
            context.postgres.get(filled_by)
            or context.caches.get(filled_by)
            or context.searches.get(filled_by)
            or context.buckets.get(filled_by)
            or context.functions.get(filled_by)
        )
        if fills is None:
            continue
        site = context.site_of(context.effective.blocks[filled_by])
        if isinstance(fills, Postgres):
            args = _of_postgres(context, role, filled_by, site)
        elif isinstance(fills, Cache):
            args = _of_cache(context, role, fills, site)
        elif isinstance(fills, Search):
            args = _of_search(context, role, fills, site)
        elif not _uses(context, role):
            continue
        elif isinstance(fills, Function):
            args = _of_function(context, role, fills, site)
        else:
            args = _of_bucket(context, role, fills, site)
        context.endpoints[role] = Endpoint(role, args)


def _of_postgres(context: Context, role: str, block: str, site: Site) -> EndpointArgs:
    fills, spec = context.postgres[block], context.effective.blocks[block].spec
    assert context.names is not None
    assert isinstance(spec, PostgresSpec)
    # With replicas the primary stands by in the reading name: alone it answers, beside them it gets nothing.
    replicas = {f"replica-{name}": Reader(address, 1) for name, address in fills.reader_addresses.items()}
    return EndpointArgs(
        site=site,
        zone_id=context.names.zone_id,
        zone_name=context.names.domain,
        host=fills.address,
        readers={"primary": Reader(fills.address, 0 if replicas else 1), **replicas},
        env={"PORT": str(fills.port), "NAME": spec.database},
        login=Login(fills.secret_arn, fills.key.arn, LOGIN),
        consumers=_consumers(context, role),
    )


def _of_cache(context: Context, role: str, fills: Cache, site: Site) -> EndpointArgs:
    assert context.names is not None
    return EndpointArgs(
        site=site,
        zone_id=context.names.zone_id,
        zone_name=context.names.domain,
        host=fills.address,
        env={"PORT": str(fills.port), "TLS": "true"},
        login=Login(fills.secret_arn, fills.key.arn, LOGIN),
        consumers=_consumers(context, role),
    )


def _of_search(context: Context, role: str, fills: Search, site: Site) -> EndpointArgs:
    assert context.names is not None
    return EndpointArgs(
        site=site,
        zone_id=context.names.zone_id,
        zone_name=context.names.domain,
        host=fills.address,
        env={"PORT": str(fills.port)},
        login=Login(fills.secret_arn, fills.key.arn, LOGIN),
        consumers=_consumers(context, role),
    )


def _of_function(context: Context, role: str, fills: Function, site: Site) -> EndpointArgs:
    env: dict[str, pulumi.Input[str]] = {"FUNCTION": fills.alias.arn}
    statements: list[dict[str, Any]] = [
        {"Sid": "Invoke", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": fills.alias.arn}
    ]
    if fills.queue is not None:
        env["QUEUE_URL"] = fills.queue.url
        statements.append({"Sid": "Send", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": fills.queue.arn})
    consumers = {name: Consumer(consumer.role, statements) for name, consumer in _consumers(context, role).items()}
    return EndpointArgs(site=site, env=env, consumers=consumers)


def _of_bucket(context: Context, role: str, fills: Bucket, site: Site) -> EndpointArgs:
    env: dict[str, pulumi.Input[str]] = {"BUCKET": fills.bucket_name}
    if not isinstance(fills.store, S3Store):
        # R2 knows no IAM: who uses it gets the bucket's own keys.
        assert fills.endpoint is not None
        env["ENDPOINT"] = fills.endpoint
        keys = fills.keys
        login = Login(keys.secret_arn, keys.key.arn, BUCKET_LOGIN) if keys else None
        return EndpointArgs(site=site, env=env, login=login, consumers=_consumers(context, role))
    arn, key = fills.store.bucket.arn, fills.store.key.arn
    consumers = {
        host: Consumer(consumer.role, _bucket_rights(arn, key, site, _uses(context, role)[host]))
        for host, consumer in _consumers(context, role).items()
    }
    return EndpointArgs(site=site, env=env, consumers=consumers)


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


def _consumers(context: Context, role: str) -> dict[str, Consumer]:
    return {
        **{host: Consumer(context.servers[host].role.name) for host in sorted(context.users_of(role))},
        **{name: Consumer(context.functions[name].role.name) for name in sorted(context.functions_using(role))},
    }


def _uses(context: Context, role: str) -> dict[str, list[UseSpec]]:
    """How a role is used, by server block or function."""
    return {
        **{host: [spec.uses[role] for spec in specs] for host, specs in context.users_of(role).items()},
        **{name: [spec.uses[role]] for name, spec in context.functions_using(role).items()},
    }
