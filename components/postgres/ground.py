"""What all databases of a block stand on in one region: key, firewall, groups, and what RDS instances all say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pulumi
import pulumi_aws as aws

from components.firewall import firewall
from components.keys import own_key
from components.policy import service_trust
from components.postgres.parameters import FENCED, parameters
from components.postgres.spec import PostgresSpec
from components.site import Site, child_options

PORT = 5432
CA = "rds-ca-rsa2048-g1"
ID_LIMIT = 63
"""Characters of an instance's identifier (CreateDBInstance, Amazon RDS API reference)."""


@dataclass(frozen=True)
class Monitoring:
    """The role of enhanced monitoring; IAM has no regions, so one serves all."""

    role: aws.iam.Role
    ready: aws.iam.RolePolicyAttachment


@dataclass(frozen=True)
class Surroundings:
    """Where databases stand in one region, and who may reach them."""

    account_id: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    """The key of the region's log groups."""
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The data subnets of all three zones, whatever the phase uses."""
    clients: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Security groups that may connect, by the name of the block they belong to."""
    networks: Mapping[str, str] = field(default_factory=dict)
    """CIDRs that may connect, by the region of the stack's that they are in."""

    def copied_to(self, region: str) -> list[str]:
        """The regions in which the logins of databases in `region` are read too."""
        return sorted(self.networks.keys() - {region})


class DatabaseSpec(Protocol):
    """What instances and clusters have in common."""

    @property
    def admin(self) -> str: ...
    @property
    def log_days(self) -> int: ...


class Ground:
    """Children of one component. `stem` begins their names: the block's, with the region where it is not home."""

    def __init__(
        self,
        parent: pulumi.Resource,
        stem: str,
        spec: DatabaseSpec,
        site: Site,
        around: Surroundings,
        monitoring: Monitoring | None = None,
    ) -> None:
        self.parent, self.stem, self.site, self.around = parent, stem, site, around
        self.admin, self._log_days = spec.admin, spec.log_days
        self.key = own_key(
            parent, f"{stem}-key", site, around.account_id, purpose=f"{stem}: storage, insights, master password"
        )
        self.security_group = self.firewall(stem, "PostgreSQL")
        self.subnet_group = aws.rds.SubnetGroup(
            f"{stem}-subnets",
            region=site.region,
            description=f"{site.prefix} {stem}: data subnets of all zones",
            subnet_ids=around.subnet_ids,
            tags=site.tagged(),
            opts=child_options(parent),
        )
        self.monitoring = monitoring or self._monitoring()

    def identifier(self, stem: str) -> str:
        """An instance's name in AWS; raises `ValueError` for one that RDS refuses."""
        identifier = f"{self.site.prefix}-{stem}"
        if len(identifier) > ID_LIMIT:
            raise ValueError(f"{identifier}: RDS allows {ID_LIMIT} characters in an instance's identifier")
        return identifier

    def firewall(self, stem: str, what: str) -> aws.ec2.SecurityGroup:
        """A group that lets in the block's clients, those of other regions by address."""
        return firewall(
            self.parent,
            stem,
            self.site,
            vpc_id=self.around.vpc_id,
            what=f"{self.site.prefix} {self.stem}: {what}",
            tag=f"{self.site.prefix}-{stem}",
            port=PORT,
            speaks="PostgreSQL",
            clients=self.around.clients,
            networks=self.around.networks,
        )

    def log_group(self, logical: str, name: str) -> aws.cloudwatch.LogGroup:
        """A log group of RDS's, which it would make itself, to be kept for ever, were it not there first."""
        return aws.cloudwatch.LogGroup(
            logical,
            region=self.site.region,
            name=name,
            retention_in_days=self._log_days,
            kms_key_id=self.around.logs_key_arn,
            tags=self.site.tagged(),
            opts=child_options(self.parent),
        )

    def _monitoring(self) -> Monitoring:
        role = aws.iam.Role(
            f"{self.stem}-monitoring",
            description=f"{self.site.prefix} {self.stem}: enhanced monitoring of RDS",
            assume_role_policy=service_trust("monitoring.rds.amazonaws.com", account_id=self.around.account_id),
            tags=self.site.tagged(),
            opts=child_options(self.parent),
        )
        attached = aws.iam.RolePolicyAttachment(
            f"{self.stem}-monitoring-policy",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=child_options(self.parent),
        )
        return Monitoring(role, attached)


class InstanceGround(Ground):
    """What RDS instances stand on. `fenced`: they take no writes, as another block takes over what they hold."""

    def __init__(
        self,
        parent: pulumi.Resource,
        stem: str,
        spec: PostgresSpec,
        site: Site,
        around: Surroundings,
        monitoring: Monitoring | None = None,
        *,
        fenced: bool = False,
    ) -> None:
        super().__init__(parent, stem, spec, site, around, monitoring)
        self.spec = spec
        family = spec.version.split(".")[0]
        # A parameter group cannot change family nor go while it is attached: each family has its own, autonamed.
        self.parameter_group = aws.rds.ParameterGroup(
            f"{stem}-pg{family}",
            region=site.region,
            family=f"postgres{family}",
            description=f"{site.prefix} {stem}: PostgreSQL {family}",
            parameters=parameters(spec.slow_query_ms, {**spec.parameters, **(FENCED if fenced else {})}),
            tags=site.tagged(),
            opts=child_options(parent),
        )

    def ready(self, identifier: str, stem: str) -> list[pulumi.Resource]:
        """What an instance finds when it is made."""
        logs = [
            self.log_group(f"{stem}-{log}-logs", f"/aws/rds/instance/{identifier}/{log}")
            for log in ("postgresql", "upgrade")
        ]
        return [self.monitoring.ready, *logs]

    def common(self, identifier: str, ceiling: int, **tags: str) -> dict[str, Any]:
        """What every instance says, primary or replica; `tags` are its own beside the block's."""
        spec, site = self.spec, self.site
        insights = "advanced" if spec.insights_days == 465 else "standard"
        return {
            "region": site.region,
            "identifier": identifier,
            "storage_type": "gp3",
            "storage_encrypted": True,
            "max_allocated_storage": ceiling,
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
            "monitoring_role_arn": self.monitoring.role.arn,
            "database_insights_mode": insights,
            "performance_insights_enabled": True,
            "performance_insights_kms_key_id": self.key.arn,
            "performance_insights_retention_period": spec.insights_days,
            "apply_immediately": spec.apply_immediately,
            "tags": site.tagged(Name=identifier, **tags),
        }
