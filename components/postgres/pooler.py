"""RDS Proxy: one before each shard's primary, sharing its connections among clients (docs/decisions/0024)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pulumi
import pulumi_aws as aws

from components.firewall import let_in
from components.policy import service_trust
from components.postgres.ground import PORT, Ground
from components.postgres.spec import PoolerSpec
from components.site import child_options


class Pooled(Protocol):
    """A shard as its proxy sees it."""

    @property
    def stem(self) -> str: ...
    @property
    def secret(self) -> aws.secretsmanager.Secret: ...
    @property
    def login_ready(self) -> pulumi.Resource: ...
    @property
    def pooled(self) -> dict[str, pulumi.Output[str]]: ...


class Pooler:
    """Children of the block's component. `addresses` is each shard's proxy, by the shard's stem."""

    def __init__(self, ground: Ground, spec: PoolerSpec, shards: Mapping[str, Pooled]) -> None:
        self._ground, self._spec = ground, spec
        stem = f"{ground.stem}-pooler"
        self.security_group = ground.firewall(stem, "pooler")
        self._way_in()
        role, ready = self._role(stem, [shard.secret.arn for shard in shards.values()])
        self.names: dict[str, pulumi.Output[str]] = {}
        """The proxies' names by shard."""
        self.addresses = {name: self._proxy(name, shard, role, ready) for name, shard in shards.items()}

    def dimensions(self, first: str) -> dict[str, dict[str, pulumi.Input[str]]]:
        """What alarms can watch: the proxies by shard, the first one's by no shard's name."""
        return {"pooler" if shard == first else shard: {"ProxyName": name} for shard, name in self.names.items()}

    def _way_in(self) -> None:
        ground = self._ground
        # The provider takes away the rule that lets everything out, and a proxy opens connections itself.
        aws.vpc.SecurityGroupEgressRule(
            f"{ground.stem}-pooler-to-instances",
            region=ground.site.region,
            security_group_id=self.security_group.id,
            referenced_security_group_id=ground.security_group.id,
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            description="PostgreSQL to the instances",
            tags=ground.site.tagged(),
            opts=child_options(ground.parent),
        )
        let_in(
            ground.parent,
            f"{ground.stem}-pooler-into-instances",
            ground.site,
            ground.security_group.id,
            PORT,
            "PostgreSQL from the pooler",
            referenced_security_group_id=self.security_group.id,
        )

    def _role(self, stem: str, secrets: list[pulumi.Output[str]]) -> tuple[aws.iam.Role, pulumi.Resource]:
        ground, site = self._ground, self._ground.site
        role = aws.iam.Role(
            f"{stem}-role",
            description=f"{site.prefix} {ground.stem}: the pooler reads the logins",
            assume_role_policy=service_trust("rds.amazonaws.com"),
            tags=site.tagged(),
            opts=child_options(ground.parent),
        )
        rights = aws.iam.RolePolicy(
            f"{stem}-rights",
            role=role.name,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "Logins",
                            "Effect": "Allow",
                            "Action": "secretsmanager:GetSecretValue",
                            "Resource": secrets,
                        },
                        {
                            "Sid": "LoginKey",
                            "Effect": "Allow",
                            "Action": "kms:Decrypt",
                            "Resource": ground.key.arn,
                            "Condition": {
                                "StringEquals": {"kms:ViaService": f"secretsmanager.{site.region}.amazonaws.com"}
                            },
                        },
                    ],
                },
                sort_keys=True,
            ),
            opts=child_options(ground.parent),
        )
        return role, rights

    def _proxy(self, of: str, shard: Pooled, role: aws.iam.Role, rights: pulumi.Resource) -> pulumi.Output[str]:
        ground, spec, site = self._ground, self._spec, self._ground.site
        name = ground.identifier(shard.stem)
        logs = ground.log_group(f"{shard.stem}-proxy-logs", f"/aws/rds/proxy/{name}")
        proxy = aws.rds.Proxy(
            f"{shard.stem}-proxy",
            region=site.region,
            name=name,
            engine_family="POSTGRESQL",
            role_arn=role.arn,
            require_tls=True,
            idle_client_timeout=spec.idle_client_seconds,
            auths=[
                aws.rds.ProxyAuthArgs(
                    auth_scheme="SECRETS",
                    client_password_auth_type="POSTGRES_SCRAM_SHA_256",
                    iam_auth="DISABLED",
                    secret_arn=shard.secret.arn,
                )
            ],
            vpc_subnet_ids=ground.around.subnet_ids,
            vpc_security_group_ids=[self.security_group.id],
            tags=site.tagged(Name=name),
            opts=child_options(ground.parent, depends_on=[rights, shard.login_ready, logs]),
        )
        pool = aws.rds.ProxyDefaultTargetGroup(
            f"{shard.stem}-proxy-pool",
            region=site.region,
            db_proxy_name=proxy.name,
            connection_pool_config=aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                connection_borrow_timeout=spec.borrow_seconds,
                max_connections_percent=spec.max_percent,
                max_idle_connections_percent=spec.idle_percent,
            ),
            opts=child_options(ground.parent),
        )
        aws.rds.ProxyTarget(
            f"{shard.stem}-proxy-target",
            region=site.region,
            db_proxy_name=proxy.name,
            target_group_name=pool.name,
            **shard.pooled,
            opts=child_options(ground.parent),
        )
        self.names[of] = proxy.name
        return proxy.endpoint
