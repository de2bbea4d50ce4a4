"""The parameter groups of one replication group."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.cache.spec import CacheSpec
from components.site import Site, child_options

POLICIES = {"cache": "allkeys-lru", "queue": "noeviction"}
CLUSTERED = {"cluster-enabled": "yes"}


def parameter_group(parent: pulumi.Resource, name: str, site: Site, spec: CacheSpec) -> aws.elasticache.ParameterGroup:
    """The group to attach.

    A group is attached with the cluster mode it says (`cluster-enabled` does not change in one that is attached), and
    the change to compatible mode wants one that says yes. So a cache has both from its first day, and the rung only
    names the other one; a queue, which never shards, has one. Both are of one family: `.cluster.on` is only in the name
    of AWS's own groups (ElastiCache user guide, "Modifying cluster mode", 2026-10).
    """
    plain = _group(parent, name, site, spec, {})
    if spec.use == "queue":
        return plain
    clustered = _group(parent, name, site, spec, CLUSTERED, "-cluster")
    return plain if spec.cluster == "disabled" else clustered


def _group(
    parent: pulumi.Resource, name: str, site: Site, spec: CacheSpec, more: dict[str, str], ending: str = ""
) -> aws.elasticache.ParameterGroup:
    family = f"valkey{spec.version.split('.')[0]}"
    values = {"maxmemory-policy": POLICIES[spec.use], **spec.parameters, **more}
    return aws.elasticache.ParameterGroup(
        f"{name}-{family}{ending}",
        region=site.region,
        family=family,
        description=f"{site.prefix} {name}: {spec.use}",
        parameters=[
            aws.elasticache.ParameterGroupParameterArgs(name=key, value=value) for key, value in sorted(values.items())
        ],
        tags=site.tagged(),
        opts=child_options(parent),
    )
