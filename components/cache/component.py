"""The replication group, what it stands on, and the global datastore through which other regions follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.cache.access import Access, Logins
from components.cache.parameters import parameter_group
from components.cache.spec import CacheSpec
from components.emitter import Emitter
from components.firewall import firewall
from components.keys import own_key
from components.site import Site, child_options

PORT = 6379
ID_LIMIT = 40
"""Characters of a replication group's id (CreateReplicationGroup, ElastiCache API reference)."""
BIRTH = ["snapshot_name", "snapshot_arns"]
"""Only their values at birth count: what a group was restored from never changes what it is."""
SHARED = [
    "node_type", "num_node_groups", "engine", "engine_version", "parameter_group_name", "automatic_failover_enabled",
]  # fmt: skip
"""What a global datastore decides for its members, once a group is one (ModifyGlobalReplicationGroup, ElastiCache API
reference): the datastore's own inputs change it, those of the primary no longer do."""


@dataclass(frozen=True)
class Leader:
    """The group at home that one in another region follows."""

    datastore_id: pulumi.Input[str]
    logins: Logins


@dataclass(frozen=True)
class CacheArgs:
    """What a replication group stands on."""

    spec: CacheSpec
    site: Site
    account_id: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    """The key of the region's log groups."""
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The data subnets of all three zones, whatever the phase uses."""
    clients: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Security groups that may connect, by the name of the block they belong to."""
    networks: Mapping[str, str] = field(default_factory=dict)
    """Address ranges of other regions whose clients may connect, by region: a rule cannot name a group from there."""
    copied_to: Sequence[str] = ()
    """Regions in which the login is needed too."""
    leader: Leader | None = None
    """Given for a group that follows."""


class Cache(pulumi.ComponentResource):
    """A Valkey replication group with its key, users, secret, groups and logs; at home or following from elsewhere."""

    datastore: aws.elasticache.GlobalReplicationGroup | None = None
    """At home, once the group is a global datastore's primary."""

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Cache", name, None, opts)
        self._name, self._spec, self._site = name, args.spec, args.site
        spec, site = args.spec, args.site
        self.port = PORT
        self.group_id = f"{site.prefix}-{name}"
        if len(self.group_id) > ID_LIMIT:
            raise ValueError(f"{self.group_id}: ElastiCache allows {ID_LIMIT} characters in a replication group's id")
        self.nodes = spec.nodes
        """Nodes a shard."""
        if args.leader is not None:
            self.nodes = spec.regions[site.region].nodes or spec.nodes
        self.clustered = spec.cluster == "enabled"
        self.key = own_key(self, f"{name}-key", site, args.account_id, purpose=f"{name}: data at rest and its secret")
        self.security_group = firewall(
            self,
            name,
            site,
            vpc_id=args.vpc_id,
            what=f"{site.prefix} {name}: Valkey",
            tag=self.group_id,
            port=PORT,
            speaks="Valkey",
            clients=args.clients,
            networks=args.networks,
        )
        self.subnet_group = aws.elasticache.SubnetGroup(
            f"{name}-subnets",
            region=site.region,
            description=f"{site.prefix} {name}: data subnets of all zones",
            subnet_ids=args.subnet_ids,
            tags=site.tagged(),
            opts=child_options(self),
        )
        logins = args.leader.logins if args.leader else None
        self.access = Access(self, name, site, self.key, self.group_id, logins, args.copied_to)
        self.secret_arn = self.access.logins.secret_arn
        """The login's; for a group that follows its copy in that region."""
        logs = self._logs(args)
        if args.leader is None:
            self.parameter_group = parameter_group(self, name, site, spec)
            self.group = self._primary(logs)
        else:
            self.group = self._follower(logs, args.leader)
        if args.leader is None and spec.global_datastore:
            self.datastore = self._datastore()
        self.cluster_address = self.group.configuration_endpoint_address
        """Where clients that speak the cluster protocol ask; empty in mode disabled."""
        self.address = self._address()
        self.reader_address = self.cluster_address if self.clustered else self.group.reader_endpoint_address
        self.register_outputs(
            {
                "address": self.address,
                "port": self.port,
                "secret_arn": self.secret_arn,
                "security_group_id": self.security_group.id,
            }
        )

    @property
    def leader(self) -> Leader:
        """What a group in another region needs to follow this one."""
        assert self.datastore is not None
        return Leader(self.datastore.id, self.access.logins)

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: every node, by number. Their ids are asked for, not made up: a group that was born
        without cluster mode keeps the ids of its nodes when it gets shards."""

        def named(number: int) -> pulumi.Output[str]:
            def of(known: list[Any]) -> str:
                nodes, group = sorted(known[0] or []), known[1]
                return nodes[number] if number < len(nodes) else f"{group}-{number + 1:03d}"

            return pulumi.Output.all(self.group.member_clusters, self.group.replication_group_id).apply(of)

        count = self._spec.shards * self.nodes
        return Emitter(
            kind="cache", members={f"{number + 1:03d}": {"CacheClusterId": named(number)} for number in range(count)}
        )

    def _address(self) -> pulumi.Output[str]:
        if self.clustered:
            return self.cluster_address
        if self._spec.cluster == "disabled":
            return self.group.primary_endpoint_address
        # Compatible: old clients go on through the primary's name; a group that was born so has none.
        return pulumi.Output.all(self.group.primary_endpoint_address, self.cluster_address).apply(
            lambda known: known[0] or known[1]
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

    def _primary(
        self, logs: list[aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs]
    ) -> aws.elasticache.ReplicationGroup:
        spec = self._spec
        replicated = spec.nodes > 1
        size: dict[str, Any]
        if self.clustered:
            size = {"num_node_groups": spec.shards, "replicas_per_node_group": spec.nodes - 1}
        else:
            size = {"num_cache_clusters": spec.nodes}
        return self._group(
            logs,
            engine="valkey",
            engine_version=spec.version,
            node_type=spec.instance,
            **size,
            cluster_mode=spec.cluster,
            automatic_failover_enabled=replicated,
            multi_az_enabled=replicated,
            port=PORT,
            parameter_group_name=self.parameter_group.name,
            snapshot_name=spec.restore,
            at_rest_encryption_enabled=True,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            auto_minor_version_upgrade=True,
            opts=self._options(SHARED if spec.global_datastore else []),
        )

    def _follower(
        self, logs: list[aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs], leader: Leader
    ) -> aws.elasticache.ReplicationGroup:
        # Engine, version, class, shards, parameters and encryption are the datastore's: stated here, they conflict.
        size: dict[str, Any] = {"num_cache_clusters": self.nodes}
        if self.clustered:
            size = {"replicas_per_node_group": self.nodes - 1}
        return self._group(
            logs,
            global_replication_group_id=leader.datastore_id,
            **size,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            opts=self._options([]),
        )

    def _group(
        self, logs: list[aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs], **own: Any
    ) -> aws.elasticache.ReplicationGroup:
        spec, site = self._spec, self._site
        return aws.elasticache.ReplicationGroup(
            f"{self._name}-group",
            region=site.region,
            replication_group_id=self.group_id,
            description=f"{site.prefix} {self._name}: {spec.use}",
            subnet_group_name=self.subnet_group.name,
            security_group_ids=[self.security_group.id],
            kms_key_id=self.key.arn,
            user_group_ids=[self.access.group.user_group_id],
            maintenance_window=spec.maintenance_window,
            snapshot_retention_limit=spec.snapshot_days,
            snapshot_window=spec.snapshot_window,
            final_snapshot_identifier=f"{self.group_id}-final",
            log_delivery_configurations=logs,
            apply_immediately=True,
            tags=site.tagged(Name=self.group_id),
            **own,
        )

    def _options(self, shared: Sequence[str]) -> pulumi.ResourceOptions:
        return child_options(self, protect=self._site.guards_data, ignore_changes=[*BIRTH, *shared])

    def _datastore(self) -> aws.elasticache.GlobalReplicationGroup:
        spec, site = self._spec, self._site
        shards: dict[str, Any] = {"num_node_groups": spec.shards} if self.clustered else {}
        return aws.elasticache.GlobalReplicationGroup(
            f"{self._name}-datastore",
            region=site.region,
            global_replication_group_id_suffix=self.group_id,
            global_replication_group_description=f"{site.prefix} {self._name}: {spec.use}, over regions",
            primary_replication_group_id=self.group.id,
            cache_node_type=spec.instance,
            automatic_failover_enabled=True,
            **shards,
            # Promoting another region makes another group the primary; the first one counts at birth only.
            opts=child_options(self, protect=site.guards_data, ignore_changes=["primary_replication_group_id"]),
        )
