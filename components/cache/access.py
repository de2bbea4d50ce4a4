"""Who may use a replication group: a user with a password, nobody without one, and the secret that says both."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.site import Site, child_options

USER = "app"
# Everything that a client of ours needs; ElastiCache itself refuses CONFIG and its like. BullMQ reads INFO and lists
# its workers with CLIENT LIST, which Valkey counts among the administrative commands.
ACCESS = "on ~* &* +@all -@admin +client|list"
NO_ACCESS = "off ~keys* -@all +get"
"""A user that is switched off."""


class Access:
    """The users of one group. Users are a region's own: a group that follows another has the same with the same
    passwords, so that one login opens both."""

    passwords: Mapping[str, pulumi.Output[str]]
    """By user: `user` is the application's, `default-user` nobody's."""
    secret_arn: pulumi.Output[str]

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        site: Site,
        key: aws.kms.Key,
        group_id: str,
        passwords: Mapping[str, pulumi.Output[str]] | None,
    ) -> None:
        self._parent, self._name, self._site = parent, name, site
        self.passwords = passwords or {
            "user": self._password("password"),
            "default-user": self._password("default-password"),
        }
        user = self._user("user", group_id, USER, ACCESS)
        # Who names no user is `default`. ElastiCache wants one in the group, and the account's own may do everything
        # without a password: ours may do nothing, and has a password that nobody has read.
        default = self._user("default-user", f"{group_id}-default", "default", NO_ACCESS)
        self.group = aws.elasticache.UserGroup(
            f"{name}-users",
            region=site.region,
            user_group_id=group_id,
            engine="valkey",
            user_ids=[user.user_id, default.user_id],
            tags=site.tagged(),
            opts=child_options(parent),
        )
        # Autonamed: a deleted secret keeps its name for its recovery window.
        secret = aws.secretsmanager.Secret(
            f"{name}-secret",
            region=site.region,
            description=f"{site.prefix} {name}: user and password",
            kms_key_id=key.arn,
            recovery_window_in_days=30,
            tags=site.tagged(),
            opts=child_options(parent, protect=site.guards_data),
        )
        aws.secretsmanager.SecretVersion(
            f"{name}-secret-value",
            region=site.region,
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps({"username": USER, "password": self.passwords["user"]}),
            opts=child_options(parent),
        )
        self.secret_arn = secret.arn

    def _password(self, role: str) -> pulumi.Output[str]:
        made = random.RandomPassword(f"{self._name}-{role}", length=64, special=False, opts=child_options(self._parent))
        return pulumi.Output.secret(made.result)

    def _user(self, role: str, user_id: str, user_name: str, access: str) -> aws.elasticache.User:
        return aws.elasticache.User(
            f"{self._name}-{role}",
            region=self._site.region,
            user_id=user_id,
            user_name=user_name,
            engine="valkey",
            access_string=access,
            authentication_mode=aws.elasticache.UserAuthenticationModeArgs(
                type="password", passwords=[self.passwords[role]]
            ),
            tags=self._site.tagged(),
            opts=child_options(self._parent),
        )
