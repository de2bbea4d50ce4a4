"""The gateway's own names, and who may open a connection to them: Cloudflare, by its client certificate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options
from components.tls_only import bucket_tls_only
from components.zone.rules import slug

CA: Final = Path(__file__).parent / "files" / "origin-pull-ca.pem"
"""The CA of Cloudflare's client certificates (Cloudflare SSL documentation, "Zone-level authenticated origin pulls"),
valid until 2029-11-01; SHA-256 9A:1A:C2:B4:…:25:A2:B9. A new one goes beside it in the same file before it is used."""
KEY: Final = "origin-pull-ca.pem"


def truststore(parent: pulumi.Resource, name: str, site: Site) -> aws.s3.BucketObjectv2:
    """The CA where API Gateway reads it from: a private bucket with versions, of which a domain names one."""
    bucket = aws.s3.Bucket(
        name,
        region=site.region,
        # Armed, what is in it goes with it: a public certificate that stands in our own source.
        force_destroy=site.retiring,
        tags=site.tagged(Name=f"{site.prefix}-{name}"),
        opts=child_options(parent, protect=site.guards_data),
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        region=site.region,
        bucket=bucket.id,
        rule={"object_ownership": "BucketOwnerEnforced"},
        opts=child_options(parent),
    )
    block = aws.s3.BucketPublicAccessBlock(
        f"{name}-private",
        region=site.region,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child_options(parent),
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        region=site.region,
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        opts=child_options(parent),
    )
    versions = aws.s3.BucketVersioning(
        f"{name}-versions",
        region=site.region,
        bucket=bucket.id,
        versioning_configuration={"status": "Enabled"},
        opts=child_options(parent),
    )
    aws.s3.BucketPolicy(
        f"{name}-policy",
        region=site.region,
        bucket=bucket.id,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [bucket_tls_only(bucket.arn)],
            }
        ),
        opts=child_options(parent, depends_on=[block]),
    )
    return aws.s3.BucketObjectv2(
        f"{name}-ca",
        region=site.region,
        bucket=bucket.id,
        key=KEY,
        content=CA.read_text(),
        content_type="application/x-pem-file",
        tags=site.tagged(),
        opts=child_options(parent, depends_on=[versions]),
    )


def domains(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    hosts: Mapping[str, str],
    certificate_arn: pulumi.Input[str],
    trusted: aws.s3.BucketObjectv2,
    api_id: pulumi.Input[str],
    stage: pulumi.Input[str],
) -> dict[str, pulumi.Output[str]]:
    """By label: what the zone's record points at. `hosts` are full names by label. Names and mappings of this version
    of the API take REST APIs as well (developer guide, "Map API stages to a custom domain name for REST APIs")."""
    targets: dict[str, pulumi.Output[str]] = {}
    for label, hostname in hosts.items():
        domain = aws.apigatewayv2.DomainName(
            f"{name}-{slug(label)}-domain",
            region=site.region,
            domain_name=hostname,
            domain_name_configuration={
                "certificate_arn": certificate_arn,
                "endpoint_type": "REGIONAL",
                "security_policy": "TLS_1_2",
            },
            mutual_tls_authentication={
                "truststore_uri": pulumi.Output.format("s3://{0}/{1}", trusted.bucket, trusted.key),
                "truststore_version": trusted.version_id,
            },
            tags=site.tagged(),
            opts=child_options(parent),
        )
        aws.apigatewayv2.ApiMapping(
            f"{name}-{slug(label)}-mapping",
            region=site.region,
            api_id=api_id,
            domain_name=domain.id,
            stage=stage,
            opts=child_options(parent),
        )
        targets[label] = domain.domain_name_configuration.target_domain_name
    return targets
