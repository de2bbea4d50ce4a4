"""The stack's outputs: what other programs and people ask for, and nothing that can be reconstructed."""

from __future__ import annotations

from typing import Any

from stacks.compose.context import Context


def outputs_of(context: Context) -> dict[str, Any]:
    """Endpoints by role, public names, network ids, and where the stack stands. No secret, only where secrets are."""
    effective, network = context.effective, context.network
    return {
        **_without_hosts(context),
        "system": effective.system,
        "environment": effective.environment,
        "phase": effective.phase,
        "moving_from": effective.moving_from,
        "traffic": effective.traffic,
        "region": context.site.region,
        "vpc_id": network.vpc_id,
        "subnets": {
            tier: {zone: subnet.id for zone, subnet in by_zone.items()} for tier, by_zone in network.subnets.items()
        },
        "nat_addresses": network.nat_addresses,
        "hostnames": context.zone.hostnames if context.zone else {},
        "name_servers": context.zone.zone.name_servers if context.zone else [],
        "origins": {
            **{name: tunnel.hostname for name, tunnel in context.tunnels.items()},
            **{name: balancer.dns_name for name, balancer in context.balancers.items()},
            **{
                f"{label} on {name}": target
                for name, gateway in context.gateways.items()
                for label, target in gateway.targets.items()
            },
        },
        "roles": {
            name: {
                "filled_by": effective.roles[endpoint.role],
                "names": endpoint.hostnames,
                "parameter": endpoint.parameter.name,
            }
            for name, endpoint in context.endpoints.items()
        },
        "groups": {name: server.group.name for name, server in context.servers.items()},
        "buckets": {name: bucket.bucket_name for name, bucket in context.buckets.items()},
        "databases": {name: database.identifier for name, database in context.postgres.items()},
    }


def _without_hosts(context: Context) -> dict[str, Any]:
    """Of kinds that a stack may well not have: left out where it has none."""
    given = {
        "shards": {name: made.identifiers for name, made in context.postgres.items() if len(made.shards) > 1},
        "clusters": {name: made.identifiers for name, made in context.auroras.items() if made.shards},
        "api_keys": {name: gateway.rest.keys for name, gateway in context.gateways.items() if gateway.rest},
        "functions": {name: function.alias.arn for name, function in context.functions.items()},
        "queues": {name: made.queue.url for name, made in context.functions.items() if made.queue is not None},
        "brokers": {name: dict(made.env) for name, made in context.brokers.items()},
        "registries": {
            name: {each: repository.repository_url for each, repository in registry.repositories.items()}
            for name, registry in context.registries.items()
        },
        "searches": {name: search.domain_name for name, search in context.searches.items()},
        "tables": {name: made.table_name for name, made in context.tables.items()},
        "buses": {name: made.bus_name for name, made in context.buses.items()},
        "cdns": {name: made.hostnames for name, made in context.cdns.items()},
        "workers": {name: made.script.script_name for name, made in context.workers.items()},
        "backups": {name: backup.vault.name for name, backup in context.backups.items()},
        "drills": {name: backup.drill for name, backup in context.backups.items()},
    }
    return {key: value for key, value in given.items() if value}
