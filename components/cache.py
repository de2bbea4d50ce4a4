"""cache: an ElastiCache replication group (Valkey) from the first day, also where it has one node.

A single-node `Cluster` can never become a replication group, and encryption, key, subnets and port never change: all
are chosen once. The rungs of docs/moving.md section 5 (replicated, compatible, enabled, shards) are plain updates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_aws as aws
import pulumi_random as random
from pydantic import model_validator

from components.emitter import Emitter
from components.keys import own_key
from components.site import Site, child_options
from components.spec import Join, Refused, Spec, joined
from components.windows import DAILY, WEEKLY, refuse_windows

PORT = 6379
USER = "app"
# Everything that a client of ours needs; ElastiCache itself refuses CONFIG and its like. BullMQ reads INFO and lists
# its workers with CLIENT LIST, which Valkey counts among the administrative commands.
ACCESS = "on ~* &* +@all -@admin +client|list"
NO_ACCESS = "off ~keys* -@all +get"
"""A user that is switched off."""
POLICIES = {"cache": "allkeys-lru", "queue": "noeviction"}
ID_LIMIT = 40
"""Characters of a replication group's id (CreateReplicationGroup, ElastiCache API reference)."""


class CacheSpec(Spec):
    """An ElastiCache replication group."""

    use: Literal["cache", "queue"] = joined(Join.FIXED)
    """`cache` may evict anything; `queue` holds jobs, so it evicts nothing and never shards."""
    instance: str = joined(Join.MAX, pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$")
    """Node class. Scaling is online; with one node there is a short interruption."""
    nodes: int = joined(Join.LADDER, 1, ge=1, le=6, json_schema_extra={"rung": "replicated"})
    """Nodes a shard: one primary and its replicas. From two on: automatic failover over several zones."""
    cluster: Literal["disabled", "compatible", "enabled"] = joined(
        Join.LADDER, "disabled", json_schema_extra={"rung": ["compatible", "enabled"]}
    )
    """Cluster mode; one way only."""
    shards: int = joined(Join.LADDER, 1, ge=1, le=500, json_schema_extra={"rung": "shards"})
    """Shards, once cluster mode is enabled."""
    version: str = joined(Join.FIXED, "8.1", pattern=r"^([89])\.\d+$")
    """Valkey's major.minor; raised outside phases."""
    snapshot_days: int = joined(Join.MAX, 1, ge=1, le=35)
    """How long daily snapshots are kept."""
    snapshot_window: str = joined(Join.NOW, "01:30-02:30", pattern=DAILY)
    """Daily, UTC; must not overlap `maintenance_window`."""
    maintenance_window: str = joined(Join.NOW, "sun:03:00-sun:04:00", pattern=WEEKLY)
    """Weekly, UTC."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long CloudWatch keeps slow log and engine log."""
    parameters: dict[str, str] = joined(Join.NOW, dict)
    """More parameters; the eviction policy follows `use`."""

    @model_validator(mode="after")
    def _consistent(self) -> CacheSpec:
        if self.use == "queue" and self.cluster != "disabled":
            raise Refused("cluster", self.cluster, "disabled for a queue: its scripts touch keys of several slots")
        if self.shards > 1 and self.cluster != "enabled":
            raise Refused("shards", self.shards, "1 unless cluster is enabled")
        if self.cluster != "disabled" and self.nodes < 2:
            raise Refused("nodes", self.nodes, f"2 to 6 with cluster {self.cluster}, which needs failover")
        refuse_windows("snapshot_window", self.snapshot_window, self.maintenance_window, minutes=60)
        for key, said_by in (("maxmemory-policy", "use"), ("cluster-enabled", "cluster")):
            if key in self.parameters:
                raise Refused(f"parameters.{key}", self.parameters[key], f"nothing: {said_by} decides it")
        return self


@dataclass(frozen=True)
class CacheArgs:
    """What a replication group stands on."""

    spec: CacheSpec
    site: Site
    account_id: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    """The key of the stack's log groups."""
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The data subnets of all three zones, whatever the phase uses."""
    clients: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Security groups that may connect, by the name of the block they belong to."""


class Cache(pulumi.ComponentResource):
    """A Valkey replication group with its key, user, secret, groups and logs."""

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Cache", name, None, opts)
        self._name, self._spec, self._site = name, args.spec, args.site
        spec, site = args.spec, args.site
        self.port = PORT
        self.group_id = f"{site.prefix}-{name}"
        if len(self.group_id) > ID_LIMIT:
            raise ValueError(f"{self.group_id}: ElastiCache allows {ID_LIMIT} characters in a replication group's id")
        self.key = own_key(self, f"{name}-key", site, args.account_id, purpose=f"{name}: data at rest and its secret")
        self.security_group = self._firewall(args)
        self.subnet_group = aws.elasticache.SubnetGroup(
            f"{name}-subnets",
            region=site.region,
            description=f"{site.prefix} {name}: data subnets of all zones",
            subnet_ids=args.subnet_ids,
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.parameter_group = self._parameter_group()
        self.user_group = self._access()
        self.group = self._group(self._logs(args))
        self.address = (
            self.group.primary_endpoint_address
            if spec.cluster == "disabled"
            else self.group.configuration_endpoint_address
        )
        self.reader_address = self.group.reader_endpoint_address
        self.register_outputs(
            {
                "address": self.address,
                "port": self.port,
                "secret_arn": self.secret_arn,
                "security_group_id": self.security_group.id,
            }
        )

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: every node. ElastiCache numbers them from 001, in cluster mode within each shard."""
        shards = range(1, self._spec.shards + 1)
        nodes = range(1, self._spec.nodes + 1)
        if self._spec.cluster == "enabled":
            names = [f"{shard:04d}-{node:03d}" for shard in shards for node in nodes]
        else:
            names = [f"{node:03d}" for node in nodes]
        return Emitter(
            kind="cache",
            members={
                name: {
                    "CacheClusterId": self.group.replication_group_id.apply(lambda group, name=name: f"{group}-{name}")
                }
                for name in names
            },
        )

    def _firewall(self, args: CacheArgs) -> aws.ec2.SecurityGroup:
        name, site = self._name, self._site
        group = aws.ec2.SecurityGroup(
            f"{name}-sg",
            region=site.region,
            description=f"{site.prefix} {name}: Valkey",
            vpc_id=args.vpc_id,
            tags=site.tagged(Name=self.group_id),
            opts=child_options(self),
        )
        for client, group_id in sorted(args.clients.items()):
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-from-{client}",
                region=site.region,
                security_group_id=group.id,
                referenced_security_group_id=group_id,
                ip_protocol="tcp",
                from_port=PORT,
                to_port=PORT,
                description=f"Valkey from {client}",
                tags=site.tagged(),
                opts=child_options(self),
            )
        return group

    def _parameter_group(self) -> aws.elasticache.ParameterGroup:
        spec, site = self._spec, self._site
        family = f"valkey{spec.version.split('.')[0]}"
        clustered = spec.cluster != "disabled"
        values = {"maxmemory-policy": POLICIES[spec.use], **spec.parameters}
        if clustered:
            values["cluster-enabled"] = "yes"
        # `cluster-enabled` cannot change in a group that is attached, nor can a group's family: each has its own.
        return aws.elasticache.ParameterGroup(
            f"{self._name}-{family}-cluster" if clustered else f"{self._name}-{family}",
            region=site.region,
            family=family,
            description=f"{site.prefix} {self._name}: {spec.use}",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(name=key, value=value)
                for key, value in sorted(values.items())
            ],
            tags=site.tagged(),
            opts=child_options(self),
        )

    def _access(self) -> aws.elasticache.UserGroup:
        name, site = self._name, self._site
        secret_word = self._password("password")
        user = self._user("user", self.group_id, USER, ACCESS, secret_word)
        # Who names no user is `default`. ElastiCache wants one in the group, and the account's own may do everything
        # without a password: ours may do nothing, and has a password that nobody has read.
        default = self._user(
            "default-user", f"{self.group_id}-default", "default", NO_ACCESS, self._password("default-password")
        )
        users = aws.elasticache.UserGroup(
            f"{name}-users",
            region=site.region,
            user_group_id=self.group_id,
            engine="valkey",
            user_ids=[user.user_id, default.user_id],
            tags=site.tagged(),
            opts=child_options(self),
        )
        # Autonamed: a deleted secret keeps its name for its recovery window.
        secret = aws.secretsmanager.Secret(
            f"{name}-secret",
            region=site.region,
            description=f"{site.prefix} {name}: user and password",
            kms_key_id=self.key.arn,
            recovery_window_in_days=30,
            tags=site.tagged(),
            opts=child_options(self, protect=site.guards_data),
        )
        aws.secretsmanager.SecretVersion(
            f"{name}-secret-value",
            region=site.region,
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps({"username": USER, "password": secret_word}),
            opts=child_options(self),
        )
        self.secret_arn = secret.arn
        return users

    def _password(self, role: str) -> pulumi.Output[str]:
        made = random.RandomPassword(f"{self._name}-{role}", length=64, special=False, opts=child_options(self))
        return pulumi.Output.secret(made.result)

    def _user(
        self, role: str, user_id: str, user_name: str, access: str, password: pulumi.Output[str]
    ) -> aws.elasticache.User:
        return aws.elasticache.User(
            f"{self._name}-{role}",
            region=self._site.region,
            user_id=user_id,
            user_name=user_name,
            engine="valkey",
            access_string=access,
            authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="password", passwords=[password]),
            tags=self._site.tagged(),
            opts=child_options(self),
        )

    def _logs(self, args: CacheArgs) -> list[aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs]:
        deliveries = []
        for kind in ("engine-log", "slow-log"):
            logs = aws.cloudwatch.LogGroup(
                f"{self._name}-{kind}",
                region=self._site.region,
                name=f"/aws/elasticache/{self.group_id}/{kind}",
                retention_in_days=self._spec.log_days,
                kms_key_id=args.logs_key_arn,
                tags=self._site.tagged(),
                opts=child_options(self),
            )
            deliveries.append(
                aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
                    destination=logs.name, destination_type="cloudwatch-logs", log_format="json", log_type=kind
                )
            )
        return deliveries

    def _group(
        self, logs: list[aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs]
    ) -> aws.elasticache.ReplicationGroup:
        spec, site = self._spec, self._site
        replicated = spec.nodes > 1
        size: dict[str, Any]
        if spec.cluster == "enabled":
            size = {"num_node_groups": spec.shards, "replicas_per_node_group": spec.nodes - 1}
        else:
            size = {"num_cache_clusters": spec.nodes}
        return aws.elasticache.ReplicationGroup(
            f"{self._name}-group",
            region=site.region,
            replication_group_id=self.group_id,
            description=f"{site.prefix} {self._name}: {spec.use}",
            engine="valkey",
            engine_version=spec.version,
            node_type=spec.instance,
            **size,
            cluster_mode=spec.cluster,
            automatic_failover_enabled=replicated,
            multi_az_enabled=replicated,
            port=PORT,
            parameter_group_name=self.parameter_group.name,
            subnet_group_name=self.subnet_group.name,
            security_group_ids=[self.security_group.id],
            at_rest_encryption_enabled=True,
            kms_key_id=self.key.arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            user_group_ids=[self.user_group.user_group_id],
            auto_minor_version_upgrade=True,
            maintenance_window=spec.maintenance_window,
            snapshot_retention_limit=spec.snapshot_days,
            snapshot_window=spec.snapshot_window,
            final_snapshot_identifier=f"{self.group_id}-final",
            log_delivery_configurations=logs,
            apply_immediately=True,
            tags=site.tagged(Name=self.group_id),
            opts=child_options(
                self,
                protect=site.guards_data,
                # Only their values at birth count: what a group was restored from never changes what it is.
                ignore_changes=["snapshot_name", "snapshot_arns"],
            ),
        )
