"""Who may use a replication group: a user with a password, nobody without one, and the secret that says both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.login import login_secret
from components.secret_copies import arn_in
from components.site import Site, child_options

USER = "app"
# Everything that a client of ours needs; ElastiCache itself refuses CONFIG and its like. BullMQ reads INFO and lists
# its workers with CLIENT LIST, which Valkey counts among the administrative commands.
ACCESS = "on ~* &* +@all -@admin +client|list"
NO_ACCESS = "off ~keys* -@all +get"
"""A user that is switched off."""


@dataclass(frozen=True)
class Logins:
    """What the users of a group that follows share with those of the one it follows, so that one login opens both."""

    passwords: Mapping[str, pulumi.Output[str]]
    """By user: `user` is the application's, `default-user` nobody's."""
    secret_arn: pulumi.Output[str]


class Access:
    """The users of one group. Users are a region's own, their passwords and the secret are those of the group at home;
    the secret has copies wherever the stack stands, also before a group follows there."""

    logins: Logins

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        site: Site,
        key: aws.kms.Key,
        group_id: str,
        shared: Logins | None,
        copied_to: Sequence[str],
    ) -> None:
        self._parent, self._name, self._site = parent, name, site
        self._passwords = (
            shared.passwords
            if shared
            else {"user": self._password("password"), "default-user": self._password("default-password")}
        )
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
        secret_arn = arn_in(shared.secret_arn, site.region) if shared else self._secret(key, copied_to)
        self.logins = Logins(self._passwords, secret_arn)

    def _secret(self, key: aws.kms.Key, copied_to: Sequence[str]) -> pulumi.Output[str]:
        return login_secret(
            self._parent,
            self._name,
            self._site,
            key,
            what="user and password",
            user=USER,
            password=self._passwords["user"],
            copied_to=copied_to,
        ).secret.arn

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
                type="password", passwords=[self._passwords[role]]
            ),
            tags=self._site.tagged(),
            opts=child_options(self._parent),
        )
