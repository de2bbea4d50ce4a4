"""server: a scaling group of hosts that run container units; of one host in the first phase, of several later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.emitter import Emitter
from components.firewall import let_in
from components.keys import own_key, volumes_statement
from components.network import Network
from components.server.cloud_init import user_data
from components.server.identity import make_identity
from components.server.queueing import queue_policies
from components.server.scaling import DRAIN_HOOK, READY_HOOK, Target, scaling_group, scaling_policies
from components.server.spec import ServerSpec, architecture
from components.server.template import launch_template
from components.server.tunnel import Tunnel
from components.service.unit import ContainerUnit
from components.site import Site, child_options

__all__ = ["Server", "ServerArgs", "ServerSpec"]


@dataclass(frozen=True)
class ServerArgs:
    """What a group of hosts stands on."""

    spec: ServerSpec
    site: Site
    network: Network
    units: Sequence[ContainerUnit] = ()
    targets: Mapping[str, Target] = field(default_factory=dict)
    """Target groups that the hosts serve, by service."""
    health: Literal["EC2", "ELB"] = "EC2"
    """Whose word makes the group replace a host. `ELB` only once a balancer has been in front for an apply of its own:
    a target group that has yet to see its first healthy host would have the only one replaced."""
    tunnel: Tunnel | None = None
    """Needed where the spec asks for a tunnel; a component of its own, as the zone needs it before any host is."""
    alone: bool = False
    """Two hosts at the same time would do their work twice, a schedule's say, or want the same volume: the old one goes
    first."""
    zone: int | None = None
    """Which of the network's zones its volumes are in: its one host stands there, whatever `count` says; with None it
    keeps none."""
    needs: Sequence[pulumi.Resource] = ()
    """What must exist before a host boots or a policy counts a balancer's requests."""


class Server(pulumi.ComponentResource):
    """A scaling group with its launch template, role, security group and disk key."""

    security_group: aws.ec2.SecurityGroup
    role: aws.iam.Role
    group: aws.autoscaling.Group
    template: aws.ec2.LaunchTemplate
    address: aws.ec2.Eip | None

    def __init__(self, name: str, args: ServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Server", name, None, opts)
        spec, site, network = args.spec, args.site, args.network
        self.group_name = f"{site.prefix}-{name}"
        if spec.tunnel and args.tunnel is None:
            raise ValueError(f"{name}: tunnel is true, but no tunnel is given")
        units = [*args.units, *([args.tunnel.unit] if spec.tunnel and args.tunnel else [])]
        self.security_group = self._firewall(name, args)
        self.address = self._address(name, spec, site)
        registries = {host: self._registry_login(name, host, site) for host in sorted(spec.registries)}
        told = self._parameters(name, site, registries)
        identity = make_identity(
            self,
            name,
            site,
            account_id=network.account_id,
            units=units,
            statements=self._statements(name, site, network, [secret.arn for secret in registries.values()]),
        )
        self.role = identity.role
        key = own_key(
            self,
            f"{name}-disk-key",
            site,
            network.account_id,
            purpose=f"root volumes of {name}",
            statements=[volumes_statement(site, network.account_id)],
        )
        self.template = launch_template(
            self,
            name,
            site,
            image=IMAGES[architecture(spec.instance)],
            instance=spec.instance,
            disk=spec.disk,
            key_arn=key.arn,
            profile_arn=identity.profile.arn,
            security_group_id=self.security_group.id,
            public_address=spec.subnets == "public",
            detailed_monitoring=spec.detailed_monitoring,
            user_data=user_data(
                units,
                block=name,
                region=site.region,
                group=self.group_name,
                hook=DRAIN_HOOK,
                ready=READY_HOOK,
                registries=f"/{site.prefix}/{name}/registries" if registries else None,
                address=f"/{site.prefix}/{name}/address" if self.address else None,
            ),
        )
        subnet_ids = network.subnet_ids(spec.subnets)
        if args.zone is not None:
            subnet_ids = [network.subnets[spec.subnets][network.zones[args.zone - 1]].id]
        self.group = scaling_group(
            self,
            name,
            site,
            group_name=self.group_name,
            template=self.template,
            instances=[spec.instance, *sorted(spec.alternatives)],
            least=spec.count.min if args.zone is None else min(spec.count.min, 1),
            most=spec.count.max if args.zone is None else 1,
            on_demand=(spec.spot.on_demand_base, spec.spot.on_demand_percent) if spec.spot else None,
            subnet_ids=subnet_ids,
            health=args.health,
            warmup=spec.warmup,
            drain=spec.drain,
            alone=args.alone or args.zone is not None,
            needs=[*identity.ready, *told, network.internet, *args.needs],
        )
        attached = {
            service: aws.autoscaling.Attachment(
                f"{name}-serves-{service}",
                region=site.region,
                autoscaling_group_name=self.group.name,
                lb_target_group_arn=target.arn,
                opts=child_options(self),
            )
            for service, target in sorted(args.targets.items())
        }
        if spec.count.max > spec.count.min:
            scaling_policies(
                self,
                name,
                site,
                group=self.group,
                cpu=spec.cpu_target,
                only_adds=spec.queue is not None,
                requests=spec.request_target,
                targets=args.targets,
                attached=attached,
            )
            queue_policies(self, name, site, group=self.group, spec=spec)
        self.register_outputs(
            {
                "group": self.group.name,
                "security_group_id": self.security_group.id,
                "role": self.role.name,
            }
        )

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: the scaling group, to which the agent's metrics are summed up as well."""
        return Emitter("server", members={"group": {"AutoScalingGroupName": self.group.name}})

    def _firewall(self, name: str, args: ServerArgs) -> aws.ec2.SecurityGroup:
        site = args.site
        group = aws.ec2.SecurityGroup(
            f"{name}-sg",
            region=site.region,
            vpc_id=args.network.vpc_id,
            description=f"{site.prefix} {name}: its hosts",
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(self),
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-out",
            region=site.region,
            security_group_id=group.id,
            description="Images, AWS APIs, databases and what the services call",
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="-1",
            tags=site.tagged(),
            opts=child_options(self),
        )
        for service, target in sorted(args.targets.items()):
            let_in(
                self,
                f"{name}-from-balancer-{service}",
                site,
                group.id,
                target.port,
                f"{service} from its balancer",
                referenced_security_group_id=target.security_group_id,
            )
        return group

    def _address(self, name: str, spec: ServerSpec, site: Site) -> aws.ec2.Eip | None:
        if not spec.address:
            return None
        return aws.ec2.Eip(
            f"{name}-address",
            region=site.region,
            domain="vpc",
            tags=site.tagged(**{"Name": f"{site.prefix}-{name}", "allow-listed": "true"}),
            opts=child_options(self, protect=site.guards_data),
        )

    def _registry_login(self, name: str, host: str, site: Site) -> aws.secretsmanager.Secret:
        return aws.secretsmanager.Secret(
            f"{name}-registry-{host}",
            region=site.region,
            description=f"Login of {host} as username and password; filled in by an operator",
            recovery_window_in_days=30,
            tags=site.tagged(),
            opts=child_options(self, protect=site.guards_data),
        )

    def _parameters(
        self, name: str, site: Site, registries: Mapping[str, aws.secretsmanager.Secret]
    ) -> list[aws.ssm.Parameter]:
        """What a host asks for when it boots, so that its user data is plain text that nothing else changes."""
        told: dict[str, pulumi.Input[str]] = {}
        if registries:
            told["registries"] = pulumi.Output.json_dumps({host: secret.arn for host, secret in registries.items()})
        if self.address is not None:
            told["address"] = self.address.allocation_id
        return [
            aws.ssm.Parameter(
                f"{name}-{role}-parameter",
                region=site.region,
                name=f"/{site.prefix}/{name}/{role}",
                description=f"{name}: {role}",
                type="String",
                insecure_value=value,
                tags=site.tagged(),
                opts=child_options(self),
            )
            for role, value in told.items()
        ]

    def _statements(
        self, name: str, site: Site, network: Network, secrets: Sequence[pulumi.Output[str]]
    ) -> list[dict[str, object]]:
        """Rights of the host itself: end its own lifecycle hooks, log in to registries, claim its address."""
        statements: list[dict[str, object]] = [
            {
                "Sid": "OwnHooks",
                "Effect": "Allow",
                "Action": ["autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"],
                "Resource": pulumi.Output.format(
                    "arn:aws:autoscaling:{0}:{1}:autoScalingGroup:*:autoScalingGroupName/{2}",
                    site.region,
                    network.account_id,
                    self.group_name,
                ),
            }
        ]
        if secrets or self.address is not None:
            statements.append(
                {
                    "Sid": "OwnParameters",
                    "Effect": "Allow",
                    "Action": "ssm:GetParameters",
                    "Resource": pulumi.Output.format(
                        "arn:aws:ssm:{0}:{1}:parameter/{2}/{3}/*", site.region, network.account_id, site.prefix, name
                    ),
                }
            )
        if secrets:
            statements.append(
                {
                    "Sid": "RegistryLogins",
                    "Effect": "Allow",
                    "Action": "secretsmanager:GetSecretValue",
                    "Resource": list(secrets),
                }
            )
        if self.address is not None:
            statements.append(
                {
                    "Sid": "ClaimAddress",
                    "Effect": "Allow",
                    "Action": "ec2:AssociateAddress",
                    "Resource": [
                        self.address.arn,
                        pulumi.Output.format("arn:aws:ec2:{0}:{1}:instance/*", site.region, network.account_id),
                        pulumi.Output.format(
                            "arn:aws:ec2:{0}:{1}:network-interface/*", site.region, network.account_id
                        ),
                    ],
                }
            )
        return statements


IMAGES = {
    arch: f"resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{arch}"
    for arch in ("arm64", "x86_64")
}
"""EC2 resolves the newest AL2023 at launch: no lookup, and no diff when AWS publishes an image (EC2 Auto Scaling user
guide, "Use AWS Systems Manager parameters instead of AMI IDs")."""
