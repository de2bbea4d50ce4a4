"""The OpenSearch domain. What AWS never changes about one is chosen here once, for every phase: its name, its VPC, its
own key, encryption between nodes and fine-grained access control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.emitter import Emitter
from components.firewall import firewall
from components.keys import own_key
from components.login import login_secret
from components.search.follow import follow
from components.search.shape import cluster, tuning, window
from components.search.snapshots import Snapshots
from components.search.spec import SearchSpec
from components.secret_copies import arn_in
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
class Leader:
    """The domain at home whose indices one in another region follows."""

    domain: aws.opensearch.Domain
    region: str
    password: pulumi.Output[str]
    """Its master user's, so that one login opens both."""
    secret_arn: pulumi.Output[str]


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
    networks: Mapping[str, str] = field(default_factory=dict)
    """Address ranges of other regions whose clients may connect, by region: a rule cannot name a group from there."""
    copied_to: Sequence[str] = ()
    """Regions in which the login is needed too."""
    leader: Leader | None = None
    """Given for a domain that follows."""


class Search(pulumi.ComponentResource):
    """An OpenSearch domain with its key, secret, firewall, logs, and a place for snapshots."""

    def __init__(self, name: str, args: SearchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Search", name, None, opts)
        site, leader = args.site, args.leader
        spec = args.spec if leader is None else args.spec.there(site.region)
        self._name, self._site, self.port = name, site, PORT
        # Unique within a region, so the same in each: with the region's name most would be too long.
        self.domain_name = f"{site.prefix}-{name.removesuffix(f'-{site.region}') if leader else name}"
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
        self.security_group = firewall(
            self,
            name,
            site,
            vpc_id=args.vpc_id,
            what=f"{site.prefix} {name}: OpenSearch",
            tag=self.domain_name,
            port=PORT,
            speaks="HTTPS",
            clients=args.clients,
            networks=args.networks,
        )
        if leader is None:
            self.password = self._password()
            self.secret_arn = self._secret(spec, args.copied_to)
        else:
            self.password = leader.password
            self.secret_arn = arn_in(leader.secret_arn, site.region)
        self.snapshots = Snapshots(self, name, site, args.account_id, self.key)
        logs, writable = self._logs(args)
        self.domain = aws.opensearch.Domain(
            f"{name}-domain",
            region=site.region,
            domain_name=self.domain_name,
            engine_version=f"OpenSearch_{spec.version}",
            cluster_config=cluster(spec),
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
                    master_user_name=spec.admin, master_user_password=self.password
                ),
            ),
            access_policies=self._access(args),
            auto_tune_options=tuning(spec),
            off_peak_window_options=window(spec),
            software_update_options=aws.opensearch.DomainSoftwareUpdateOptionsArgs(
                auto_software_update_enabled=spec.software_updates
            ),
            log_publishing_options=logs,
            tags=site.tagged(Name=self.domain_name),
            opts=child_options(self, protect=site.guards_data, depends_on=[*writable, *self._account_role(args)]),
        )
        self._account_id = args.account_id
        self.connection: aws.opensearch.OutboundConnection | None = None
        """To the leader, in a domain that follows."""
        if leader is not None:
            self.connection = follow(self, name, site, self.domain, leader.domain, leader.region, args.account_id)
        self.address = self.reader_address = self.domain.endpoint
        self.register_outputs(
            {
                "address": self.address,
                "port": PORT,
                "secret_arn": self.secret_arn,
                "snapshot_bucket": self.snapshots.bucket.bucket,
                "snapshot_role_arn": self.snapshots.role.arn,
            }
        )

    @property
    def as_leader(self) -> Leader:
        """What a domain in another region needs to follow this one."""
        return Leader(self.domain, self._site.region, self.password, self.secret_arn)

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: the domain, whose metrics carry the account's number too."""
        return Emitter(
            kind="search",
            members={"domain": {"DomainName": self.domain.domain_name, "ClientId": self._account_id}},
        )

    def _secret(self, spec: SearchSpec, copied_to: Sequence[str]) -> pulumi.Output[str]:
        return login_secret(
            self,
            self._name,
            self._site,
            self.key,
            what="master user and password",
            user=spec.admin,
            password=self.password,
            copied_to=copied_to,
        ).secret.arn

    def _password(self) -> pulumi.Output[str]:
        # OpenSearch asks for one of each class of characters; these special ones need no escaping anywhere.
        made = random.RandomPassword(
            f"{self._name}-password",
            length=48,
            min_lower=1,
            min_upper=1,
            min_numeric=1,
            min_special=1,
            override_special="-_=+.",
            opts=child_options(self),
        )
        return pulumi.Output.secret(made.result)

    def _access(self, args: SearchArgs) -> pulumi.Output[str]:
        # Who may do what is decided by fine-grained access control, for users without AWS signatures too; the network
        # is closed to all but the clients (developer guide, "Fine-grained access control", recommended policy).
        domain = pulumi.Output.format(
            "arn:aws:es:{0}:{1}:domain/{2}", self._site.region, args.account_id, self.domain_name
        )
        requests = {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "es:ESHttp*",
            "Resource": pulumi.Output.concat(domain, "/*"),
        }
        # A follower asks its leader for indices by this right, on the domain itself (developer guide, "Cross-cluster
        # replication", permissions).
        following = {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "es:ESCrossClusterGet",
            "Resource": domain,
        }
        followed = args.leader is None and bool(args.spec.regions)
        return pulumi.Output.json_dumps(
            {"Version": "2012-10-17", "Statement": [requests, following] if followed else [requests]}, sort_keys=True
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

    def _account_role(self, args: SearchArgs) -> list[pulumi.Resource]:
        if not args.spec.account_role or args.leader is not None:
            return []
        role = aws.iam.ServiceLinkedRole(
            f"{self._name}-account-role",
            aws_service_name=SERVICE_ROLE,
            tags=self._site.tagged(),
            # Every domain of the account stands on it: it stays when this one goes.
            opts=child_options(self, retain_on_delete=True),
        )
        return [role]
