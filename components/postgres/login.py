"""A database's master user: a password that we make, in a secret of ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.postgres.ground import Ground
from components.secret_copies import copies
from components.site import child_options


@dataclass(frozen=True)
class MasterLogin:
    """`ready` is what must be there before somebody reads the secret."""

    password: pulumi.Output[str]
    secret: aws.secretsmanager.Secret
    ready: pulumi.Resource


def master_login(ground: Ground, stem: str, copied_to: Iterable[str]) -> MasterLogin:
    """Children of the block's component; the secret has copies in the regions of `copied_to`."""
    site = ground.site
    # Not RDS's own managed password: PostgreSQL gets no read replica from an instance that has one (Amazon RDS user
    # guide, "Limitations for Secrets Manager integration"), nor does Aurora.
    made = random.RandomPassword(f"{stem}-password", length=64, special=False, opts=child_options(ground.parent))
    password = pulumi.Output.secret(made.result)
    # Autonamed: a deleted secret keeps its name for its recovery window.
    secret = aws.secretsmanager.Secret(
        f"{stem}-secret",
        region=site.region,
        description=f"{site.prefix} {stem}: master user and password",
        kms_key_id=ground.key.arn,
        recovery_window_in_days=30,
        replicas=copies(copied_to),
        tags=site.tagged(),
        opts=child_options(ground.parent, protect=site.guards_data),
    )
    value = aws.secretsmanager.SecretVersion(
        f"{stem}-secret-value",
        region=site.region,
        secret_id=secret.id,
        secret_string=pulumi.Output.json_dumps({"username": ground.admin, "password": password}),
        opts=child_options(ground.parent),
    )
    return MasterLogin(password, secret, value)
