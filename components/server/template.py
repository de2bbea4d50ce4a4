"""The launch template: how one host is made. Each change is a new version, which the group then rolls out."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

ROOT_DEVICE = "/dev/xvda"
"""The root device of AL2023 images."""

CONTAINER_HOPS = 2
"""A container on a bridge is one hop further away from the metadata service than its host."""


def launch_template(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    image: str,
    instance: str,
    disk: int,
    key_arn: pulumi.Input[str],
    profile_arn: pulumi.Input[str],
    security_group_id: pulumi.Input[str],
    public_address: bool,
    detailed_monitoring: bool,
    user_data: pulumi.Input[str],
) -> aws.ec2.LaunchTemplate:
    """IMDSv2 only, an encrypted gp3 root, no key pair: operators come in through Session Manager."""
    tags = site.tagged(Name=f"{site.prefix}-{name}")
    return aws.ec2.LaunchTemplate(
        f"{name}-template",
        region=site.region,
        description=f"{site.prefix} {name}",
        image_id=image,
        instance_type=instance,
        update_default_version=True,
        ebs_optimized="true",
        iam_instance_profile={"arn": profile_arn},
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": CONTAINER_HOPS,
            "instance_metadata_tags": "enabled",
        },
        monitoring={"enabled": detailed_monitoring},
        maintenance_options={"auto_recovery": "default"},
        instance_initiated_shutdown_behavior="terminate",
        block_device_mappings=[
            {
                "device_name": ROOT_DEVICE,
                "ebs": {
                    "volume_size": disk,
                    "volume_type": "gp3",
                    "encrypted": "true",
                    "kms_key_id": key_arn,
                    "delete_on_termination": "true",
                },
            }
        ],
        network_interfaces=[
            {
                "device_index": 0,
                "associate_public_ip_address": str(public_address).lower(),
                "delete_on_termination": "true",
                "security_groups": [security_group_id],
            }
        ],
        tag_specifications=[
            {"resource_type": kind, "tags": tags} for kind in ("instance", "volume", "network-interface")
        ],
        user_data=user_data,
        tags=tags,
        opts=child_options(parent),
    )
