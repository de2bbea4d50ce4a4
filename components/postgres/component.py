"""postgres: RDS for PostgreSQL, with its read replicas by name.

What AWS can never change about an instance is chosen here once, for every phase: encrypted with its own key, subnets of
all three zones, engine, identifier, database and user names. Everything a phase changes is a plain update.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pulumi
import pulumi_aws as aws
import pulumi_random as random
from pydantic import StringConstraints, model_validator

from components.emitter import Emitter
from components.keys import own_key
from components.postgres.parameters import parameters
from components.site import Site, child_options
from components.spec import Join, Refused, Spec, joined
from components.windows import DAILY, WEEKLY, refuse_windows

PORT = 5432
CA = "rds-ca-rsa2048-g1"
CLASS = r"^db\.[a-z0-9]+\.[a-z0-9]+$"
LARGEST = 65536
"""GiB of gp3 that one instance may have."""
ID_LIMIT = 63
"""Characters of an instance's identifier (CreateDBInstance, Amazon RDS API reference)."""
ReplicaName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
"""The end of an instance's identifier."""


class ReplicaSpec(Spec):
    """One read replica in the primary's region."""

    instance: str | None = joined(Join.MAX, None, pattern=CLASS)
    """Its own class; null follows the primary's."""


class PostgresSpec(Spec):
    """An RDS PostgreSQL instance."""

    instance: str = joined(Join.MAX, pattern=CLASS)
    """Instance class. A change is an outage: minutes alone, one failover with `multi_az`."""
    storage: int = joined(Join.MAX, ge=20, le=LARGEST)
    """Allocated gp3 storage in GiB. Grows, never shrinks."""
    max_storage: int | None = joined(Join.MAX, None, ge=22, le=LARGEST)
    """Ceiling of storage autoscaling in GiB, at least a tenth above `storage`; null is twice `storage`, as far as
    RDS goes."""
    version: str = joined(Join.FIXED, "17", pattern=r"^1[4-9](\.\d+)?$")
    """Major version, or major.minor; with a major alone AWS chooses and raises the minor in the window. Majors are
    raised by an apply of their own, outside phases."""
    database: str = joined(Join.FIXED, "app", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """The database made at birth."""
    admin: str = joined(Join.FIXED, "dbadmin", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """The master user; its password is in a secret of ours."""
    multi_az: bool = joined(Join.MAX, False)
    """A synchronous standby in another zone."""
    replicas: dict[ReplicaName, ReplicaSpec] = joined(Join.UNION, dict)
    """Read replicas by name."""
    backup_days: int = joined(Join.MAX, 7, ge=1, le=35)
    """How far point-in-time recovery reaches back. Never 0: replicas and recovery need it."""
    backup_window: str = joined(Join.NOW, "01:30-02:30", pattern=DAILY)
    """Daily, UTC; must not overlap `maintenance_window`."""
    maintenance_window: str = joined(Join.NOW, "sun:03:00-sun:04:00", pattern=WEEKLY)
    """Weekly, UTC: minor upgrades."""
    insights_days: Literal[7, 465] = joined(Join.MAX, 7)
    """Retention of Performance Insights: 7 (Database Insights standard) or 465 (advanced)."""
    monitoring_seconds: Literal[1, 5, 10, 15, 30, 60] = joined(Join.NOW, 60)
    """Interval of enhanced monitoring."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long CloudWatch keeps the exported logs."""
    slow_query_ms: int = joined(Join.NOW, 1000, ge=0)
    """Statements that take longer are logged."""
    parameters: dict[str, str] = joined(Join.NOW, dict)
    """More parameters of the parameter group, over our own; values as RDS prints them."""
    apply_immediately: bool = joined(Join.NOW, True)
    """A reviewed apply takes effect when it runs. False queues it to the window, while `up` reports success."""

    @model_validator(mode="after")
    def _consistent(self) -> PostgresSpec:
        least = -(-self.storage * 11 // 10)
        if self.max_storage is not None and self.max_storage < least:
            raise Refused(
                "max_storage", self.max_storage, f"at least {least}, a tenth above storage; null for twice it"
            )
        if least > LARGEST:
            raise Refused("storage", self.storage, f"at most {LARGEST * 10 // 11}: autoscaling needs a tenth above it")
        refuse_windows("backup_window", self.backup_window, self.maintenance_window, minutes=30)
        if self.parameters.get("rds.force_ssl", "1") != "1":
            raise Refused("parameters.rds.force_ssl", self.parameters["rds.force_ssl"], "1: TLS is not optional")
        return self

    @property
    def ceiling(self) -> int:
        """GiB that storage autoscaling stops at."""
        return self.max_storage or min(self.storage * 2, LARGEST)


@dataclass(frozen=True)
class PostgresArgs:
    """What an RDS instance stands on."""

    spec: PostgresSpec
    site: Site
    account_id: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    """The key of the stack's log groups."""
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The data subnets of all three zones, whatever the phase uses."""
    clients: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Security groups that may connect, by the name of the block they belong to."""


class Postgres(pulumi.ComponentResource):
    """An RDS PostgreSQL primary with its key, groups, logs and replicas."""

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Postgres", name, None, opts)
        self._name, self._spec, self._site, self._logs_key_arn = name, args.spec, args.site, args.logs_key_arn
        spec, site = args.spec, args.site
        self.port = PORT
        for identifier in (self._id(), *map(self._id, spec.replicas)):
            if len(identifier) > ID_LIMIT:
                raise ValueError(f"{identifier}: RDS allows {ID_LIMIT} characters in an instance's identifier")
        self.key = own_key(
            self, f"{name}-key", site, args.account_id, purpose=f"{name}: storage, insights, master password"
        )
        self.security_group = self._firewall(args)
        self.subnet_group = aws.rds.SubnetGroup(
            f"{name}-subnets",
            region=site.region,
            description=f"{site.prefix} {name}: data subnets of all zones",
            subnet_ids=args.subnet_ids,
            tags=site.tagged(),
            opts=child_options(self),
        )
        family = spec.version.split(".")[0]
        # A parameter group cannot change family nor go while it is attached: each family has its own, autonamed.
        self.parameter_group = aws.rds.ParameterGroup(
            f"{name}-pg{family}",
            region=site.region,
            family=f"postgres{family}",
            description=f"{site.prefix} {name}: PostgreSQL {family}",
            parameters=parameters(spec.slow_query_ms, spec.parameters),
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.monitoring_role = self._monitoring_role()
        self.primary = self._primary(self._password())
        self.replicas = {replica: self._replica(replica, of) for replica, of in sorted(spec.replicas.items())}

        self.identifier = self.primary.identifier
        self.address = self.primary.address
        self.reader_addresses = {replica: instance.address for replica, instance in self.replicas.items()}
        self.register_outputs(
            {
                "identifier": self.identifier,
                "address": self.address,
                "port": self.port,
                "secret_arn": self.secret_arn,
                "reader_addresses": self.reader_addresses,
                "security_group_id": self.security_group.id,
            }
        )

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: the primary, and each replica's lag."""
        return Emitter(
            kind="postgres",
            members={"primary": {"DBInstanceIdentifier": self.identifier}},
            followers={
                replica: {"DBInstanceIdentifier": instance.identifier} for replica, instance in self.replicas.items()
            },
            figures={"allocated_gib": self.primary.allocated_storage},
        )

    def _id(self, replica: str | None = None) -> str:
        return "-".join(part for part in (self._site.prefix, self._name, replica) if part)

    def _firewall(self, args: PostgresArgs) -> aws.ec2.SecurityGroup:
        name, site = self._name, self._site
        group = aws.ec2.SecurityGroup(
            f"{name}-sg",
            region=site.region,
            description=f"{site.prefix} {name}: PostgreSQL",
            vpc_id=args.vpc_id,
            tags=site.tagged(Name=self._id()),
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
                description=f"PostgreSQL from {client}",
                tags=site.tagged(),
                opts=child_options(self),
            )
        return group

    def _password(self) -> pulumi.Output[str]:
        # Not RDS's own managed password: PostgreSQL gets no read replica from an instance that has one (Amazon RDS user
        # guide, "Limitations for Secrets Manager integration"), nor does Aurora.
        name, site = self._name, self._site
        made = random.RandomPassword(f"{name}-password", length=64, special=False, opts=child_options(self))
        password = pulumi.Output.secret(made.result)
        # Autonamed: a deleted secret keeps its name for its recovery window.
        secret = aws.secretsmanager.Secret(
            f"{name}-secret",
            region=site.region,
            description=f"{site.prefix} {name}: master user and password",
            kms_key_id=self.key.arn,
            recovery_window_in_days=30,
            tags=site.tagged(),
            opts=child_options(self, protect=site.guards_data),
        )
        aws.secretsmanager.SecretVersion(
            f"{name}-secret-value",
            region=site.region,
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps({"username": self._spec.admin, "password": password}),
            opts=child_options(self),
        )
        self.secret_arn = secret.arn
        return password

    def _monitoring_role(self) -> aws.iam.Role:
        name, site = self._name, self._site
        role = aws.iam.Role(
            f"{name}-monitoring",
            description=f"{site.prefix} {name}: enhanced monitoring of RDS",
            assume_role_policy=(
                '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
                '"Principal":{"Service":"monitoring.rds.amazonaws.com"}}]}'
            ),
            tags=site.tagged(),
            opts=child_options(self),
        )
        attached = aws.iam.RolePolicyAttachment(
            f"{name}-monitoring-policy",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=child_options(self),
        )
        self._monitoring_ready = attached
        return role

    def _logs(self, identifier: str, role: str) -> list[pulumi.Resource]:
        # RDS makes these groups itself, to be kept for ever, if they are not there first.
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-{role}{log}-logs",
                region=self._site.region,
                name=f"/aws/rds/instance/{identifier}/{log}",
                retention_in_days=self._spec.log_days,
                kms_key_id=self._logs_key_arn,
                tags=self._site.tagged(),
                opts=child_options(self),
            )
            for log in ("postgresql", "upgrade")
        ]

    def _common(self, identifier: str) -> dict[str, Any]:
        spec, site = self._spec, self._site
        insights = "advanced" if spec.insights_days == 465 else "standard"
        return {
            "region": site.region,
            "identifier": identifier,
            "storage_type": "gp3",
            "storage_encrypted": True,
            "max_allocated_storage": spec.ceiling,
            "vpc_security_group_ids": [self.security_group.id],
            "parameter_group_name": self.parameter_group.name,
            "ca_cert_identifier": CA,
            "publicly_accessible": False,
            "iam_database_authentication_enabled": True,
            "auto_minor_version_upgrade": True,
            "maintenance_window": spec.maintenance_window,
            "copy_tags_to_snapshot": True,
            "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
            "monitoring_interval": spec.monitoring_seconds,
            "monitoring_role_arn": self.monitoring_role.arn,
            "database_insights_mode": insights,
            "performance_insights_enabled": True,
            "performance_insights_kms_key_id": self.key.arn,
            "performance_insights_retention_period": spec.insights_days,
            "apply_immediately": spec.apply_immediately,
            "tags": site.tagged(Name=identifier),
        }

    def _primary(self, password: pulumi.Output[str]) -> aws.rds.Instance:
        spec, site, identifier = self._spec, self._site, self._id()
        return aws.rds.Instance(
            f"{self._name}-primary",
            **self._common(identifier),
            engine="postgres",
            engine_version=spec.version,
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            instance_class=spec.instance,
            allocated_storage=spec.storage,
            kms_key_id=self.key.arn,
            db_name=spec.database,
            username=spec.admin,
            password=password,
            port=PORT,
            db_subnet_group_name=self.subnet_group.name,
            multi_az=spec.multi_az,
            backup_retention_period=spec.backup_days,
            backup_window=spec.backup_window,
            delete_automated_backups=False,
            deletion_protection=site.guards_data,
            skip_final_snapshot=False,
            final_snapshot_identifier=f"{identifier}-final",
            opts=child_options(
                self,
                protect=site.guards_data,
                # Only their values at birth count; restored or promoted, an instance keeps its own for ever.
                ignore_changes=["db_name", "username", "snapshot_identifier"],
                depends_on=[self._monitoring_ready, *self._logs(identifier, "")],
            ),
        )

    def _replica(self, replica: str, of: ReplicaSpec) -> aws.rds.Instance:
        # Engine, version, storage, key, subnets, user and database are the source's: RDS refuses them here. A replica
        # holds no data of its own, so it has no final copy and no protection.
        identifier = self._id(replica)
        return aws.rds.Instance(
            f"{self._name}-replica-{replica}",
            **self._common(identifier),
            replicate_source_db=self.primary.identifier,
            instance_class=of.instance or self._spec.instance,
            backup_retention_period=0,
            deletion_protection=False,
            skip_final_snapshot=True,
            opts=child_options(
                self,
                ignore_changes=["replicate_source_db"],
                depends_on=[self._monitoring_ready, *self._logs(identifier, f"{replica}-")],
            ),
        )
