"""S3 credentials for one R2 bucket: an account token that may do nothing else, kept in Secrets Manager."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare

from components.keys import own_key
from components.secret_copies import copies
from components.site import Site, child_options

# Identifiers that Cloudflare publishes (`GET /accounts/{account_id}/tokens/permission_groups`): "Workers R2 Storage
# Bucket Item Read" and "… Write".
READ: Final = "6a018a9f2fc74eb6b293b0c548f38b39"
WRITE: Final = "2efd5506f9c8494dacb1fa10a3e7d5b6"
READ_WRITE: Final = (WRITE, READ)


class BucketKeys:
    """A token over one bucket's objects. Its id is the access key's id, the SHA-256 of its value the secret key (R2
    documentation, "Get S3 API credentials from an API token")."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        site: Site,
        *,
        bucket: cloudflare.R2Bucket,
        jurisdiction: str,
        cloudflare_account_id: pulumi.Input[str],
        account_id: pulumi.Input[str],
        copied_to: Sequence[str] = (),
    ) -> None:
        self.key = own_key(parent, f"{name}-keys-key", site, account_id, purpose=f"{name}: its credentials")
        token = cloudflare.AccountToken(
            f"{name}-token",
            account_id=cloudflare_account_id,
            name=f"{site.prefix}-{name}",
            policies=[
                cloudflare.AccountTokenPolicyArgs(
                    effect="allow",
                    permission_groups=[
                        cloudflare.AccountTokenPolicyPermissionGroupArgs(id=group) for group in READ_WRITE
                    ],
                    resources=pulumi.Output.json_dumps(
                        pulumi.Output.all(cloudflare_account_id, bucket.name).apply(
                            lambda known: {f"com.cloudflare.edge.r2.bucket.{known[0]}_{jurisdiction}_{known[1]}": "*"}
                        )
                    ),
                )
            ],
            opts=child_options(parent, additional_secret_outputs=["value"]),
        )
        secret = aws.secretsmanager.Secret(
            f"{name}-keys",
            region=site.region,
            description=f"{site.prefix} {name}: S3 credentials of the bucket",
            kms_key_id=self.key.arn,
            recovery_window_in_days=30,
            replicas=copies(copied_to),
            tags=site.tagged(),
            opts=child_options(parent, protect=site.guards_data),
        )
        word = pulumi.Output.secret(token.value).apply(lambda value: hashlib.sha256(value.encode()).hexdigest())
        aws.secretsmanager.SecretVersion(
            f"{name}-keys-value",
            region=site.region,
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps({"access_key_id": token.id, "secret_access_key": word}),
            opts=child_options(parent),
        )
        self.secret_arn = secret.arn
