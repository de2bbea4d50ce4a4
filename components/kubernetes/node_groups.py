"""Node groups: each through a launch template of its own, so that a new instance type or disk is a new version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.kubernetes.control_plane import MANAGED
from components.kubernetes.spec import KubernetesSpec, NodeGroupSpec
from components.network import Network
from components.policy import service_trust
from components.site import Site, child_options

AMI_TYPES = {
    ("al2023", "arm64"): "AL2023_ARM_64_STANDARD",
    ("al2023", "x86_64"): "AL2023_x86_64_STANDARD",
    ("bottlerocket", "arm64"): "BOTTLEROCKET_ARM_64",
    ("bottlerocket", "x86_64"): "BOTTLEROCKET_x86_64",
}
ROOT, DATA = "/dev/xvda", "/dev/xvdb"
"""Bottlerocket keeps images and logs on a second volume, beside its read-only system (Bottlerocket README)."""
BOTTLEROCKET_SYSTEM = 4
"""GiB of the system volume; its image is 2."""
NODE_POLICIES = {
    "worker": "AmazonEKSWorkerNodePolicy",
    "pull": "AmazonEC2ContainerRegistryPullOnly",
    "session-manager": "AmazonSSMManagedInstanceCore",
}
"""The network plugin has a role of its own: a node's role is what a pod gets that reaches the metadata service."""


def node_role(parent: pulumi.Resource, name: str, site: Site) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """The role of every node, and its policies."""
    role = aws.iam.Role(
        f"{name}-node-role",
        description=f"{site.prefix} {name}: its nodes",
        assume_role_policy=service_trust("ec2.amazonaws.com"),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    return role, [
        aws.iam.RolePolicyAttachment(
            f"{name}-node-{which}", role=role.name, policy_arn=MANAGED.format(policy), opts=child_options(parent)
        )
        for which, policy in NODE_POLICIES.items()
    ]


def node_groups(
    parent: pulumi.Resource,
    name: str,
    spec: KubernetesSpec,
    site: Site,
    *,
    cluster: aws.eks.Cluster,
    network: Network,
    volumes_key_arn: pulumi.Input[str],
    needs: Sequence[pulumi.Resource],
) -> dict[str, aws.eks.NodeGroup]:
    """All groups by name. `needs` are the add-ons without which a node does not become ready."""
    role, policies = node_role(parent, name, site)
    made = {}
    for group, of in sorted(spec.nodes.items()):
        template = _template(parent, f"{name}-{group}", site, of, volumes_key_arn)
        made[group] = aws.eks.NodeGroup(
            f"{name}-{group}-nodes",
            region=site.region,
            cluster_name=cluster.name,
            node_role_arn=role.arn,
            # Never changes, so it is all three zones from the first day, however many the phase uses elsewhere.
            subnet_ids=network.subnet_ids("app", all_zones=True),
            version=spec.version,
            ami_type=AMI_TYPES[of.image, of.architecture],
            capacity_type=of.capacity.upper(),
            instance_types=list(of.pool) or None,
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            # The desired count is the autoscaler's from birth on.
            scaling_config={"min_size": of.count.min, "max_size": of.count.max, "desired_size": of.count.min},
            update_config={"max_unavailable_percentage": of.unavailable_percent},
            node_repair_config={"enabled": True},
            labels={"node-group": group, **of.labels},
            taints=[
                {"key": key, "value": taint.value, "effect": taint.effect} for key, taint in sorted(of.taints.items())
            ],
            tags=site.tagged(Name=f"{site.prefix}-{name}-{group}"),
            opts=child_options(
                parent,
                protect=site.guards_anchor,
                ignore_changes=["scalingConfig.desiredSize"],
                depends_on=[*policies, *needs],
            ),
        )
    return made


def _template(
    parent: pulumi.Resource, name: str, site: Site, of: NodeGroupSpec, key_arn: pulumi.Input[str]
) -> aws.ec2.LaunchTemplate:
    """IMDSv2 only, and one hop, so that no pod reaches the node's role; encrypted disks; EKS adds image, user data and
    the cluster's security group."""
    tags = site.tagged(Name=f"{site.prefix}-{name}")
    return aws.ec2.LaunchTemplate(
        f"{name}-template",
        region=site.region,
        description=f"{site.prefix} {name}",
        instance_type=of.instance,
        update_default_version=True,
        metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        monitoring={"enabled": True},
        block_device_mappings=_disks(of, key_arn),
        tag_specifications=[
            {"resource_type": kind, "tags": tags} for kind in ("instance", "volume", "network-interface")
        ],
        tags=tags,
        opts=child_options(parent),
    )


def _disks(of: NodeGroupSpec, key_arn: pulumi.Input[str]) -> list[Any]:
    sizes = {ROOT: BOTTLEROCKET_SYSTEM, DATA: of.disk} if of.image == "bottlerocket" else {ROOT: of.disk}
    return [
        {
            "device_name": device,
            "ebs": {
                "volume_size": size,
                "volume_type": "gp3",
                "encrypted": "true",
                "kms_key_id": key_arn,
                "delete_on_termination": "true",
            },
        }
        for device, size in sizes.items()
    ]


def scaling_group_of(resources: Sequence[aws.eks.outputs.NodeGroupResource] | None) -> str:
    """The name of the one EC2 scaling group that EKS makes for a node group, from the group's `resources`."""
    found = (group.name for each in resources or () for group in each.autoscaling_groups or ())
    return next((name for name in found if name), "")
