"""Security groups of what listens on one port, and the rules that let others in."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options


def firewall(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    vpc_id: pulumi.Input[str],
    what: str,
    tag: str,
    port: int,
    speaks: str,
    clients: Mapping[str, pulumi.Input[str]],
    networks: Mapping[str, str],
) -> aws.ec2.SecurityGroup:
    """A group that lets in `clients`, security groups by the block they belong to, and `networks`, CIDRs by region: AWS
    resolves no group across a peering between regions. `speaks` is the protocol as the rules' descriptions name it."""
    group = aws.ec2.SecurityGroup(
        f"{name}-sg",
        region=site.region,
        description=what,
        vpc_id=vpc_id,
        tags=site.tagged(Name=tag),
        opts=child_options(parent),
    )
    sources: dict[str, dict[str, pulumi.Input[str]]] = {
        **{client: {"referenced_security_group_id": given} for client, given in clients.items()},
        **{region: {"cidr_ipv4": cidr} for region, cidr in networks.items()},
    }
    for source, given in sorted(sources.items()):
        let_in(parent, f"{name}-from-{source}", site, group.id, port, f"{speaks} from {source}", **given)
    return group


def let_in(
    parent: pulumi.Resource,
    logical: str,
    site: Site,
    group_id: pulumi.Input[str],
    port: int,
    description: str,
    **source: pulumi.Input[str],
) -> aws.vpc.SecurityGroupIngressRule:
    """One rule for TCP on one port; `source` is `referenced_security_group_id` or `cidr_ipv4`."""
    return aws.vpc.SecurityGroupIngressRule(
        logical,
        region=site.region,
        security_group_id=group_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=description,
        tags=site.tagged(),
        opts=child_options(parent),
        **source,
    )
