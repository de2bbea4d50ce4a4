"""service: one program: its logs and secrets, and its containers on the server blocks that it is placed on.

Its pods on clusters are components of their own (components/kubernetes/pods.py), made once the roles that they use are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.emitter import Emitter
from components.network import Network
from components.secret_copies import arn_in, copies
from components.service.endpoint import parameter_name
from components.service.spec import SecretSpec, ServiceSpec, variables
from components.service.unit import ContainerUnit, UnitHealth
from components.site import Site, child_options

__all__ = ["Service", "ServiceArgs", "ServiceSpec", "unit_of"]


@dataclass(frozen=True)
class ServiceArgs:
    """`hosts` are the server blocks it is placed on, with whether it runs there at this point of a move; none where it
    is on clusters only."""

    spec: ServiceSpec
    site: Site
    network: Network
    image: str
    """The image's reference, by digest."""
    hosts: Mapping[str, bool]
    env: Mapping[str, str] = field(default_factory=dict)
    """Settings that are the same for every service of the stack; its own win."""
    copied_to: Sequence[str] = ()
    """Regions that its secrets are copied to."""
    copy_of: Service | None = None
    """The service at home, where this is a region beside it: its secrets are read in their copies here."""


class Service(pulumi.ComponentResource):
    """What one service owns beside its hosts: logs, secrets, and the parameter that says where they are."""

    service: str
    """Its own name, which is the same in every region."""
    units: dict[str, ContainerUnit]
    """What each server block runs."""
    log_group: aws.cloudwatch.LogGroup
    """Of all its containers, wherever they run: a move to other hosts leaves its logs, and what reads them, alone."""
    secrets: dict[str, aws.secretsmanager.Secret]
    """By variable; none in a region beside home."""
    secret_arns: dict[str, pulumi.Output[str]]
    """By variable, in this region."""
    values: dict[str, pulumi.Output[str]]
    """Generated secrets as they were first made, by variable, for what must know the same."""

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Service", name, None, opts)
        spec, site = args.spec, args.site
        service = args.copy_of.service if args.copy_of else name
        self.service = service
        self.log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            region=site.region,
            name=log_group_name(site, service),
            retention_in_days=spec.log_days,
            kms_key_id=args.network.logs_key.arn,
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.secrets, self.secret_arns, self.values = {}, {}, {}
        if args.copy_of is None:
            self.secrets = {
                variable: self._secret(name, variable, of, site, args.copied_to)
                for variable, of in spec.secrets.items()
            }
            self.secret_arns = {variable: secret.arn for variable, secret in self.secrets.items()}
        else:
            originals = args.copy_of.secret_arns
            self.secret_arns = {variable: arn_in(arn, site.region) for variable, arn in originals.items()}
        where = self._where(name, site) if self.secrets else None
        self.units = {host: self._unit(name, args, where, running=running) for host, running in args.hosts.items()}
        self.register_outputs({"logs": self.log_group.name})

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: its logs."""
        return Emitter("service", log_groups={"": self.log_group.name})

    def _secret(
        self, name: str, variable: str, of: SecretSpec, site: Site, copied_to: Sequence[str]
    ) -> aws.secretsmanager.Secret:
        # Autonamed: for 30 days after a deletion AWS refuses the same name again, so an abort could not be tried anew.
        slug = variable.lower().replace("_", "-")
        secret = aws.secretsmanager.Secret(
            f"{name}-{slug}",
            region=site.region,
            description=f"{site.prefix} {name}: {variable}",
            recovery_window_in_days=30,
            replicas=copies(copied_to),
            tags=site.tagged(Name=f"{site.prefix}-{name}-{slug}"),
            opts=child_options(self, protect=site.guards_data),
        )
        if of.generate is not None:
            made = random.RandomPassword(
                f"{name}-{slug}-value", length=of.generate, special=False, opts=child_options(self)
            )
            self.values[variable] = made.result
            aws.secretsmanager.SecretVersion(
                f"{name}-{slug}-first",
                region=site.region,
                secret_id=secret.id,
                secret_string=made.result,
                # The first value only: rotated ones are not ours to put back.
                opts=child_options(self, ignore_changes=["secretString"]),
            )
        return secret

    def _where(self, name: str, site: Site) -> aws.ssm.Parameter:
        return aws.ssm.Parameter(
            f"{name}-secrets",
            region=site.region,
            name=own_parameter(site, name),
            description=f"Where the secrets of {name} are",
            type="String",
            insecure_value=pulumi.Output.json_dumps(
                {"secrets": {variable: [secret.arn, ""] for variable, secret in sorted(self.secrets.items())}}
            ),
            tags=site.tagged(),
            opts=child_options(self),
        )

    def _unit(self, name: str, args: ServiceArgs, where: aws.ssm.Parameter | None, *, running: bool) -> ContainerUnit:
        spec, site, group = args.spec, args.site, self.log_group
        parameters = [parameter_name(site, role) for role in spec.uses]
        if where is not None:
            parameters.append(own_parameter(site, name))
        statements: list[dict[str, Any]] = [
            {
                "Sid": "OwnLogs",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": pulumi.Output.concat(group.arn, ":*"),
            }
        ]
        if parameters:
            statements.append(
                {
                    "Sid": "OwnParameters",
                    "Effect": "Allow",
                    "Action": "ssm:GetParameters",
                    "Resource": [
                        pulumi.Output.format(
                            "arn:aws:ssm:{0}:{1}:parameter{2}", site.region, args.network.account_id, parameter
                        )
                        for parameter in sorted(parameters)
                    ],
                }
            )
        if self.secrets:
            statements.append(
                {
                    "Sid": "OwnSecrets",
                    "Effect": "Allow",
                    "Action": "secretsmanager:GetSecretValue",
                    "Resource": [secret.arn for _, secret in sorted(self.secrets.items())],
                }
            )
        text = unit_of(name, spec, site, args.image, args.env, running=running)
        return replace(text, statements=statements, needs=[group, *([where] if where else [])])


def unit_of(
    name: str, spec: ServiceSpec, site: Site, image: str, env: Mapping[str, str], *, running: bool
) -> ContainerUnit:
    """The part of a unit that is text, known before anything is built."""
    parameters = {variables(role): parameter_name(site, role) for role in spec.uses}
    if spec.secrets:
        parameters[""] = own_parameter(site, name)
    health = spec.health
    return ContainerUnit(
        name=name,
        image=image,
        count=spec.count if running else 0,
        port=spec.port,
        command=tuple(spec.command),
        env={**env, **spec.env},
        parameters=parameters,
        cpus=spec.cpu,
        memory=spec.memory,
        shm=spec.shm,
        capabilities=tuple(spec.capabilities),
        read_only=spec.read_only,
        health=UnitHealth(spec.port, health.path, health.timeout, health.unhealthy, health.grace)
        if health and spec.port
        else None,
        restart=spec.restart,
        stop_seconds=spec.stop_seconds,
        timer=spec.every,
        log_group=log_group_name(site, name),
    )


def log_group_name(site: Site, service: str) -> str:
    """Named by us, as hosts and clusters name it before it is built."""
    return f"/{site.prefix}/{service}"


def own_parameter(site: Site, service: str) -> str:
    """The parameter that says where a service's own secrets are."""
    return f"/{site.prefix}/services/{service}"
