"""A database's master user: a password that we make, in a secret of ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.login import login_secret
from components.postgres.ground import Ground
from components.site import child_options


@dataclass(frozen=True)
class MasterLogin:
    """`ready` is what must be there before somebody reads the secret."""

    password: pulumi.Output[str]
    secret: aws.secretsmanager.Secret
    ready: pulumi.Resource


def master_login(ground: Ground, stem: str, copied_to: Iterable[str]) -> MasterLogin:
    """Children of the block's component; the secret has copies in the regions of `copied_to`."""
    # Not RDS's own managed password: PostgreSQL gets no read replica from an instance that has one (Amazon RDS user
    # guide, "Limitations for Secrets Manager integration"), nor does Aurora.
    made = random.RandomPassword(f"{stem}-password", length=64, special=False, opts=child_options(ground.parent))
    password = pulumi.Output.secret(made.result)
    secret, ready = login_secret(
        ground.parent,
        stem,
        ground.site,
        ground.key,
        what="master user and password",
        user=ground.admin,
        password=password,
        copied_to=copied_to,
    )
    return MasterLogin(password, secret, ready)
