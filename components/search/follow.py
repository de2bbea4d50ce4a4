"""The connection through which a domain follows another: the follower asks for it, the leader's region accepts.

Both are in AWS's own network, so neither VPC, peering nor security group plays a part. What is replicated over it is
said to the follower itself: `PUT _plugins/_replication/_autofollow` with `leader_alias: leader` and a pattern of index
names, by a user who may (OpenSearch Service developer guide, "Cross-cluster replication").
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

ALIAS = "leader"
"""What the follower calls its leader."""


def follow(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    follower: aws.opensearch.Domain,
    leader: aws.opensearch.Domain,
    leader_region: str,
    account_id: pulumi.Input[str],
) -> aws.opensearch.OutboundConnection:
    """Connects `follower`, which is at `site`, to `leader`. Nothing of a connection can change; without its mode being
    said, the provider would find another one at the next refresh, and replace it."""
    connection = aws.opensearch.OutboundConnection(
        f"{name}-connection",
        region=site.region,
        connection_alias=ALIAS,
        connection_mode="DIRECT",
        local_domain_info=aws.opensearch.OutboundConnectionLocalDomainInfoArgs(
            domain_name=follower.domain_name, owner_id=account_id, region=site.region
        ),
        remote_domain_info=aws.opensearch.OutboundConnectionRemoteDomainInfoArgs(
            domain_name=leader.domain_name, owner_id=account_id, region=leader_region
        ),
        # Names are known before a domain is there, and a connection needs both.
        opts=child_options(parent, depends_on=[follower, leader]),
    )
    aws.opensearch.InboundConnectionAccepter(
        f"{name}-acceptance",
        region=leader_region,
        connection_id=connection.id,
        opts=child_options(parent),
    )
    return connection
