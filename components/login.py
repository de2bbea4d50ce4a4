"""A login of our own making: a password made once, and the secret that says it with its user."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from components.secret_copies import copies
from components.site import Site, child_options


class LoginSecret(NamedTuple):
    """The secret, and what must be there before somebody reads it."""

    secret: aws.secretsmanager.Secret
    ready: pulumi.Resource


def login_secret(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    key: aws.kms.Key,
    *,
    what: str,
    user: str,
    password: pulumi.Input[str],
    copied_to: Iterable[str],
) -> LoginSecret:
    """`{"username": …, "password": …}` under a name made at birth: a deleted secret keeps its own for its recovery
    window. `copied_to` are regions in which it is read too."""
    secret = aws.secretsmanager.Secret(
        f"{name}-secret",
        region=site.region,
        description=f"{site.prefix} {name}: {what}",
        kms_key_id=key.arn,
        recovery_window_in_days=30,
        replicas=copies(copied_to),
        tags=site.tagged(),
        opts=child_options(parent, protect=site.guards_data),
    )
    value = aws.secretsmanager.SecretVersion(
        f"{name}-secret-value",
        region=site.region,
        secret_id=secret.id,
        secret_string=pulumi.Output.json_dumps({"username": user, "password": password}),
        opts=child_options(parent),
    )
    return LoginSecret(secret, value)
