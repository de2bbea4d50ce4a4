"""The OpenSearch domain. What AWS never changes about one is chosen here once, for every phase: its name, its VPC, its
own key, encryption between nodes and fine-grained access control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.keys import own_key
from components.search.snapshots import Snapshots
from components.search.spec import SearchSpec
from components.site import Site, child_options

PORT = 443
NAME_LIMIT = 28
"""Characters of a domain's name (CreateDomain, OpenSearch Service API reference)."""
TLS = "Policy-Min-TLS-1-2-PFS-2023-10"
LOGS = {
    "index-slow": "INDEX_SLOW_LOGS",
    "search-slow": "SEARCH_SLOW_LOGS",
    "errors": "ES_APPLICATION_LOGS",
    "audit": "AUDIT_LOGS",
}
SERVICE_ROLE = "opensearchservice.amazonaws.com"


@dataclass(frozen=True)
class SearchArgs:
    """What a domain stands on."""

    spec: SearchSpec
    site: Site
    account_id: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    """The key of the stack's log groups."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """The data subnets of all three zones, in a fixed order; the domain takes as many as it has zones."""
    clients: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Security groups that may connect, by the name of the block they belong to."""


class Search(pulumi.ComponentResource):
    """An OpenSearch domain with its key, secret, firewall, logs, and a place for snapshots."""

    def __init__(self, name: str, args: SearchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Search", name, None, opts)
        spec, site = args.spec, args.site
        self._name, self._site, self.port = name, site, PORT
        self.domain_name = f"{site.prefix}-{name}"
        if len(self.domain_name) > NAME_LIMIT:
            raise ValueError(f"{self.domain_name}: OpenSearch allows {NAME_LIMIT} characters in a domain's name")
        self.key = own_key(
            self,
            f"{name}-key",
            site,
            args.account_id,
            purpose=f"{name}: indices, snapshots and secret",
            # The snapshots that stay behind a retired domain cannot be read without it.
            retain=True if site.retiring else None,
        )
        self.security_group = self._firewall(args)
        password = self._secret(spec)
        self.snapshots = Snapshots(self, name, site, args.account_id, self.key)
        logs, writable = self._logs(args)
        self.domain = aws.opensearch.Domain(
            f"{name}-domain",
            region=site.region,
            domain_name=self.domain_name,
            engine_version=f"OpenSearch_{spec.version}",
            cluster_config=_cluster(spec),
            ebs_options=aws.opensearch.DomainEbsOptionsArgs(
                ebs_enabled=True,
                volume_type="gp3",
                volume_size=spec.storage,
                iops=spec.iops,
                throughput=spec.throughput,
            ),
            vpc_options=aws.opensearch.DomainVpcOptionsArgs(
                subnet_ids=list(args.subnet_ids[: spec.zones]), security_group_ids=[self.security_group.id]
            ),
            encrypt_at_rest=aws.opensearch.DomainEncryptAtRestArgs(enabled=True, kms_key_id=self.key.arn),
            node_to_node_encryption=aws.opensearch.DomainNodeToNodeEncryptionArgs(enabled=True),
            domain_endpoint_options=aws.opensearch.DomainDomainEndpointOptionsArgs(
                enforce_https=True, tls_security_policy=TLS
            ),
            advanced_security_options=aws.opensearch.DomainAdvancedSecurityOptionsArgs(
                enabled=True,
                internal_user_database_enabled=True,
                master_user_options=aws.opensearch.DomainAdvancedSecurityOptionsMasterUserOptionsArgs(
                    master_user_name=spec.admin, master_user_password=password
                ),
            ),
            access_policies=self._access(args.account_id),
            auto_tune_options=_tuning(spec),
            off_peak_window_options=_window(spec),
            software_update_options=aws.opensearch.DomainSoftwareUpdateOptionsArgs(
                auto_software_update_enabled=spec.software_updates
            ),
            log_publishing_options=logs,
            tags=site.tagged(Name=self.domain_name),
            opts=child_options(self, protect=site.guards_data, depends_on=[*writable, *self._account_role(spec)]),
        )
        self.address = self.domain.endpoint
        self.register_outputs(
            {
                "address": self.address,
                "port": PORT,
                "secret_arn": self.secret_arn,
                "snapshot_bucket": self.snapshots.bucket.bucket,
                "snapshot_role_arn": self.snapshots.role.arn,
            }
        )

    def _firewall(self, args: SearchArgs) -> aws.ec2.SecurityGroup:
        name, site = self._name, self._site
        group = aws.ec2.SecurityGroup(
            f"{name}-sg",
            region=site.region,
            description=f"{site.prefix} {name}: OpenSearch",
            vpc_id=args.vpc_id,
            tags=site.tagged(Name=self.domain_name),
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
                description=f"HTTPS from {client}",
                tags=site.tagged(),
                opts=child_options(self),
            )
        return group

    def _secret(self, spec: SearchSpec) -> pulumi.Output[str]:
        name, site = self._name, self._site
        # OpenSearch asks for one of each class of characters; these special ones need no escaping anywhere.
        made = random.RandomPassword(
            f"{name}-password",
            length=48,
            min_lower=1,
            min_upper=1,
            min_numeric=1,
            min_special=1,
            override_special="-_=+.",
            opts=child_options(self),
        )
        password = pulumi.Output.secret(made.result)
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
            secret_string=pulumi.Output.json_dumps({"username": spec.admin, "password": password}),
            opts=child_options(self),
        )
        self.secret_arn = secret.arn
        return password

    def _access(self, account_id: pulumi.Input[str]) -> pulumi.Output[str]:
        # Who may do what is decided by fine-grained access control, for users without AWS signatures too; the network
        # is closed to all but the clients (developer guide, "Fine-grained access control", recommended policy).
        return pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "*"},
                        "Action": "es:ESHttp*",
                        "Resource": pulumi.Output.format(
                            "arn:aws:es:{0}:{1}:domain/{2}/*", self._site.region, account_id, self.domain_name
                        ),
                    }
                ],
            },
            sort_keys=True,
        )

    def _logs(
        self, args: SearchArgs
    ) -> tuple[list[aws.opensearch.DomainLogPublishingOptionArgs], list[pulumi.Resource]]:
        site = self._site
        groups = {
            role: aws.cloudwatch.LogGroup(
                f"{self._name}-{role}-logs",
                region=site.region,
                name=f"/aws/opensearch/{self.domain_name}/{role}",
                retention_in_days=args.spec.log_days,
                kms_key_id=args.logs_key_arn,
                tags=site.tagged(),
                opts=child_options(self),
            )
            for role in LOGS
        }
        policy = aws.cloudwatch.LogResourcePolicy(
            f"{self._name}-logs-policy",
            region=site.region,
            policy_name=self.domain_name,
            policy_document=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "es.amazonaws.com"},
                            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
                            "Resource": [pulumi.Output.concat(group.arn, ":*") for group in groups.values()],
                            "Condition": {"StringEquals": {"aws:SourceAccount": args.account_id}},
                        }
                    ],
                },
                sort_keys=True,
            ),
            opts=child_options(self),
        )
        options = [
            aws.opensearch.DomainLogPublishingOptionArgs(
                log_type=LOGS[role], cloudwatch_log_group_arn=group.arn, enabled=True
            )
            for role, group in groups.items()
        ]
        return options, [policy]

    def _account_role(self, spec: SearchSpec) -> list[pulumi.Resource]:
        if not spec.account_role:
            return []
        role = aws.iam.ServiceLinkedRole(
            f"{self._name}-account-role",
            aws_service_name=SERVICE_ROLE,
            tags=self._site.tagged(),
            # Every domain of the account stands on it: it stays when this one goes.
            opts=child_options(self, retain_on_delete=True),
        )
        return [role]


def _cluster(spec: SearchSpec) -> aws.opensearch.DomainClusterConfigArgs:
    more: dict[str, Any] = {}
    if spec.zones > 1:
        more["zone_awareness_config"] = aws.opensearch.DomainClusterConfigZoneAwarenessConfigArgs(
            availability_zone_count=spec.zones
        )
    if spec.masters:
        more |= {"dedicated_master_type": spec.masters.instance, "dedicated_master_count": spec.masters.count}
    if spec.warm:
        more |= {"warm_type": spec.warm.size, "warm_count": spec.warm.count}
        more["cold_storage_options"] = aws.opensearch.DomainClusterConfigColdStorageOptionsArgs(enabled=spec.cold)
    return aws.opensearch.DomainClusterConfigArgs(
        instance_type=spec.instance,
        instance_count=spec.nodes,
        zone_awareness_enabled=spec.zones > 1,
        dedicated_master_enabled=spec.masters is not None,
        warm_enabled=spec.warm is not None,
        multi_az_with_standby_enabled=spec.standby,
        **more,
    )


def _tuning(spec: SearchSpec) -> aws.opensearch.DomainAutoTuneOptionsArgs:
    # t3 has no Auto-Tune (developer guide, "Auto-Tune").
    on = not spec.instance.startswith("t3.")
    return aws.opensearch.DomainAutoTuneOptionsArgs(
        desired_state="ENABLED" if on else "DISABLED",
        rollback_on_disable="NO_ROLLBACK",
        use_off_peak_window=True if on else None,
    )


def _window(spec: SearchSpec) -> aws.opensearch.DomainOffPeakWindowOptionsArgs:
    hours, minutes = map(int, spec.window.split(":"))
    return aws.opensearch.DomainOffPeakWindowOptionsArgs(
        enabled=True,
        off_peak_window=aws.opensearch.DomainOffPeakWindowOptionsOffPeakWindowArgs(
            window_start_time=aws.opensearch.DomainOffPeakWindowOptionsOffPeakWindowWindowStartTimeArgs(
                hours=hours, minutes=minutes
            )
        ),
    )
