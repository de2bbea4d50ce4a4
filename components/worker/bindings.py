"""What a worker's script finds in its `env`: plain values, secrets, and names of resources, each by its own name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_cloudflare as cloudflare
import pulumi_random as random

from components.site import Site, child_options
from components.worker.spec import WorkerSecretSpec, WorkerSpec

Binding = cloudflare.WorkersScriptBindingArgs


@dataclass(frozen=True)
class R2Name:
    """A bucket as a binding names it."""

    name: pulumi.Input[str]
    jurisdiction: str = "default"


@dataclass(frozen=True)
class Held:
    """What of a worker's own its bindings name."""

    kv: Mapping[str, cloudflare.WorkersKvNamespace] = field(default_factory=dict)
    queues: Mapping[str, cloudflare.Queue] = field(default_factory=dict)
    databases: Mapping[str, cloudflare.D1Database] = field(default_factory=dict)


def slug(binding: str) -> str:
    """A variable as part of a logical name: `SESSION_KEY` is `session-key`."""
    return binding.lower().replace("_", "-")


def held(parent: pulumi.Resource, name: str, spec: WorkerSpec, site: Site, account_id: pulumi.Input[str]) -> Held:
    """The worker's own namespaces, queues and databases, which outlive every version of the script."""
    return Held(
        {
            binding: cloudflare.WorkersKvNamespace(
                f"{name}-kv-{slug(binding)}",
                account_id=account_id,
                title=f"{site.prefix}-{name}-{slug(binding)}",
                # Armed, it leaves the state with what is in it: a namespace is deleted with all its keys.
                opts=child_options(parent, protect=site.guards_data, retain_on_delete=site.retiring or None),
            )
            for binding in sorted(spec.kv)
        },
        {
            binding: cloudflare.Queue(
                f"{name}-queue-{slug(binding)}",
                account_id=account_id,
                queue_name=f"{site.prefix}-{name}-{slug(binding)}",
                settings=cloudflare.QueueSettingsArgs(message_retention_period=queue.retention),
                opts=child_options(parent, protect=site.guards_data),
            )
            for binding, queue in sorted(spec.queues.items())
        },
        {
            binding: cloudflare.D1Database(
                f"{name}-database-{slug(binding)}",
                account_id=account_id,
                name=f"{site.prefix}-{name}-{slug(binding)}",
                primary_location_hint=database.location,
                jurisdiction=database.jurisdiction,
                # As a namespace: armed, it leaves the state with what is in it.
                opts=child_options(parent, protect=site.guards_data, retain_on_delete=site.retiring or None),
            )
            for binding, database in sorted(spec.databases.items())
        },
    )


def bindings(
    parent: pulumi.Resource,
    name: str,
    spec: WorkerSpec,
    site: Site,
    own: Held,
    buckets: Mapping[str, R2Name],
    workers: Mapping[str, pulumi.Input[str]],
    shared: Mapping[str, pulumi.Input[str]],
) -> list[Binding]:
    """All bindings by name, so that one more leaves the others where they are; `buckets` and `workers` are by block,
    `shared` are values of services' secrets by variable."""
    made: dict[str, Binding] = {key: Binding(name=key, type="plain_text", text=text) for key, text in spec.env.items()}
    made |= {key: _secret(parent, name, key, secret, shared) for key, secret in spec.secrets.items()}
    made |= {key: Binding(name=key, type="kv_namespace", namespace_id=kv.id) for key, kv in own.kv.items()}
    made |= {key: Binding(name=key, type="queue", queue_name=queue.queue_name) for key, queue in own.queues.items()}
    made |= {key: Binding(name=key, type="d1", id=database.id) for key, database in own.databases.items()}
    made |= {
        # Letters, digits and underscores alone (Cloudflare Analytics Engine documentation, "Get started").
        key: Binding(name=key, type="analytics_engine", dataset=f"{site.prefix}-{name}-{slug(key)}".replace("-", "_"))
        for key in spec.datasets
    }
    made |= dict(_buckets(spec, buckets))
    made |= {
        key: Binding(
            name=key,
            type="ratelimit",
            namespace_id=counter(f"{site.prefix}-{name}-{key}"),
            simple=cloudflare.WorkersScriptBindingSimpleArgs(limit=limit.requests, period=limit.period),
        )
        for key, limit in spec.limits.items()
    }
    made |= {
        key: Binding(name=key, type="service", service=workers[bound.block]) for key, bound in spec.services.items()
    }
    return [made[key] for key in sorted(made)]


def counter(name: str) -> str:
    """Limits of one account that share this number count together: a positive number of the name's own."""
    return str(int(hashlib.sha256(name.encode()).hexdigest()[:7], 16) + 1)


def _secret(
    parent: pulumi.Resource,
    name: str,
    key: str,
    spec: WorkerSecretSpec,
    shared: Mapping[str, pulumi.Input[str]],
) -> Binding:
    if spec.of is not None:
        return Binding(name=key, type="secret_text", text=shared[key])
    if spec.generate is None:
        return Binding(name=key, type="secrets_store_secret", store_id=spec.store, secret_name=spec.secret)
    value = random.RandomPassword(
        f"{name}-secret-{slug(key)}", length=spec.generate, special=False, opts=child_options(parent)
    )
    return Binding(name=key, type="secret_text", text=value.result)


def _buckets(spec: WorkerSpec, buckets: Mapping[str, R2Name]) -> Iterator[tuple[str, Binding]]:
    for key, bound in spec.buckets.items():
        bucket = buckets[bound.block]
        place = None if bucket.jurisdiction == "default" else bucket.jurisdiction
        yield key, Binding(name=key, type="r2_bucket", bucket_name=bucket.name, jurisdiction=place)
