"""hosted: the volume with its key and snapshots, the login, and the name under which its host is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.cache.access import USER
from components.emitter import Emitter
from components.hosted.snapshots import daily_snapshots
from components.hosted.spec import HostedSpec
from components.hosted.unit import own_parameter, unit_of
from components.keys import own_key, volumes_statement
from components.login import login_secret
from components.network import Network
from components.service.component import log_group_name
from components.service.unit import ContainerUnit
from components.site import Site, child_options

NOWHERE = "192.0.2.1"
"""What the host's name says until a host has said where it is (RFC 5737: an address that nothing has)."""
TTL_SECONDS = 10
PATIENCE = "40m"
"""Until a volume that goes is let go of: its host leaves first, with whatever it has to finish."""


@dataclass(frozen=True)
class HostedArgs:
    """Where the volume stands, and who is told about it."""

    spec: HostedSpec
    site: Site
    network: Network
    zone_id: pulumi.Input[str]
    """The private zone of the stack's names."""
    domain: str
    """The private zone's."""
    role: str = ""
    """What it fills, or is to fill, where that is not its own name: it was restored."""
    image: str | None = None
    dumps_to: str = ""
    """The parameter of the bucket that gets dumps."""
    released: bool = False
    """Something else fills the role: the host stops the engine and lets go of the volume."""
    idle: bool = False
    """No host runs it: there is nothing to watch."""
    copied_to: Sequence[str] = ()
    """Regions in which the login is needed too."""


class Hosted(pulumi.ComponentResource):
    """What outlives every host: a protected volume, snapshots of it, a login, a parameter and a name."""

    address: str
    """The host's name, which its certificate carries."""
    unit: ContainerUnit
    """What the server's hosts run."""

    def __init__(self, name: str, args: HostedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Hosted", name, None, opts)
        spec, site, network = args.spec, args.site, args.network
        self._name, self._args = name, args
        self.port, self.address = spec.listens, host_name(name, spec, args.domain)
        self.key = own_key(
            self,
            f"{name}-key",
            site,
            network.account_id,
            purpose=f"{name}: volume, snapshots, password",
            statements=[volumes_statement(site, network.account_id)],
        )
        self.volume = aws.ebs.Volume(
            f"{name}-volume",
            region=site.region,
            availability_zone=network.subnets["public"][network.zones[spec.zone - 1]].availability_zone,
            size=spec.size,
            type="gp3",
            encrypted=True,
            kms_key_id=self.key.arn,
            snapshot_id=spec.restore,
            final_snapshot=True,
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=pulumi.ResourceOptions.merge(
                child_options(self, protect=site.guards_data, ignore_changes=["snapshotId"]),
                pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(delete=PATIENCE)),
            ),
        )
        daily_snapshots(self, name, site, spec, self.key, network.account_id)
        self.log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            region=site.region,
            name=log_group_name(site, name),
            retention_in_days=spec.log_days,
            kms_key_id=network.logs_key.arn,
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.user = spec.admin if spec.engine == "postgres" else USER
        self.secret_arn, ready = self._login()
        record = aws.route53.Record(
            f"{name}-host-name",
            zone_id=args.zone_id,
            name=self.address,
            type="A",
            ttl=TTL_SECONDS,
            records=[NOWHERE],
            # Its host says where it is, each time it starts.
            opts=child_options(self, ignore_changes=["records"]),
        )
        parameter = self._parameter()
        self.unit = replace(
            unit_of(
                name,
                spec,
                site,
                image=args.image,
                record=self.address,
                role=args.role or name,
                server=spec.on,
                dumps_to=args.dumps_to,
            ),
            statements=self._statements(parameter),
            needs=[parameter, record, self.log_group, ready],
        )
        self.register_outputs({"volume_id": self.volume.id, "address": self.address, "secret_arn": self.secret_arn})

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: how full the volume is, as its host's agent says, and the engine's log. Nothing of
        what no host runs: its silence would be taken for its death."""
        if self._args.idle:
            return Emitter("hosted")
        group = f"{self._args.site.prefix}-{self._args.spec.on}"
        return Emitter(
            "hosted",
            members={"volume": {"AutoScalingGroupName": group, "path": f"/data/{self._name}"}},
            followers={"disk": {"VolumeId": self.volume.id}},
            log_groups={"": self.log_group.name},
        )

    def _login(self) -> tuple[pulumi.Output[str], pulumi.Resource]:
        name, site = self._name, self._args.site
        made = random.RandomPassword(f"{name}-password", length=64, special=False, opts=child_options(self))
        secret, ready = login_secret(
            self,
            name,
            site,
            self.key,
            what="user and password",
            user=self.user,
            password=pulumi.Output.secret(made.result),
            copied_to=self._args.copied_to,
        )
        return secret.arn, ready

    def _parameter(self) -> aws.ssm.Parameter:
        """What a host reads when it starts, in the form of a role's; `fenced` stops it and has it let go."""
        site, spec = self._args.site, self._args.spec
        variable = "POSTGRES_PASSWORD" if spec.engine == "postgres" else "PASSWORD"
        told: dict[str, Any] = {
            "env": {"VOLUME_ID": self.volume.id, "ZONE_ID": self._args.zone_id},
            "secrets": {variable: [self.secret_arn, "password"]},
        }
        if self._args.released:
            told["fenced"] = True
        return aws.ssm.Parameter(
            f"{self._name}-settings",
            region=site.region,
            name=own_parameter(site, self._name),
            description=f"{self._name}: its volume and password",
            type="String",
            insecure_value=pulumi.Output.json_dumps(told, sort_keys=True),
            tags=site.tagged(),
            opts=child_options(self),
        )

    def _statements(self, parameter: aws.ssm.Parameter) -> list[dict[str, Any]]:
        """What the host may do for it: read its settings, claim its volume and its name, write its log."""
        site, account = self._args.site, self._args.network.account_id
        claim = ["ec2:AttachVolume", "ec2:DetachVolume"]
        return [
            {"Sid": "OwnSettings", "Effect": "Allow", "Action": "ssm:GetParameters", "Resource": parameter.arn},
            {
                "Sid": "OwnPassword",
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": self.secret_arn,
            },
            {
                "Sid": "OwnKey",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": self.key.arn,
                "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{site.region}.amazonaws.com"}},
            },
            {"Sid": "OwnVolume", "Effect": "Allow", "Action": claim, "Resource": self.volume.arn},
            {
                "Sid": "ToItself",
                "Effect": "Allow",
                "Action": claim,
                "Resource": pulumi.Output.format("arn:aws:ec2:{0}:{1}:instance/*", site.region, account),
                "Condition": {
                    "StringEquals": {"aws:ResourceTag/Name": f"{site.prefix}-{self._args.spec.on}"},
                },
            },
            {
                # What the agent asks when a move has it load: Systems Manager user guide, "ec2messages, ssmmessages".
                "Sid": "StateManager",
                "Effect": "Allow",
                "Action": [
                    "ssm:DescribeAssociation",
                    "ssm:DescribeDocument",
                    "ssm:GetDocument",
                    "ssm:ListAssociations",
                    "ssm:ListInstanceAssociations",
                    "ssm:UpdateAssociationStatus",
                    "ssm:UpdateInstanceAssociationStatus",
                ],
                "Resource": "*",
            },
            {"Sid": "SeeVolumes", "Effect": "Allow", "Action": "ec2:DescribeVolumes", "Resource": "*"},
            {
                "Sid": "OwnName",
                "Effect": "Allow",
                "Action": "route53:ChangeResourceRecordSets",
                "Resource": pulumi.Output.concat("arn:aws:route53:::hostedzone/", self._args.zone_id),
                "Condition": {
                    "ForAllValues:StringEquals": {
                        "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
                        "route53:ChangeResourceRecordSetsNormalizedRecordNames": [self.address],
                        "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
                    }
                },
            },
            {
                "Sid": "OwnLog",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": pulumi.Output.concat(self.log_group.arn, ":*"),
            },
        ]


def host_name(name: str, spec: HostedSpec, domain: str) -> str:
    """The name of ours under which the host of a hosted block is found."""
    return f"{name}-on-{spec.on}.{domain}"
