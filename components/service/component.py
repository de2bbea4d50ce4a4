"""service: one program, as containers on the server blocks that it is placed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.emitter import Emitter
from components.network import Network
from components.service.endpoint import parameter_name
from components.service.spec import SecretSpec, ServiceSpec
from components.service.unit import ContainerUnit, UnitHealth
from components.site import Site, child_options

__all__ = ["Service", "ServiceArgs", "ServiceSpec", "unit_of"]


@dataclass(frozen=True)
class ServiceArgs:
    """`hosts` are the server blocks it is placed on, with whether it runs there at this point of a move."""

    spec: ServiceSpec
    site: Site
    network: Network
    image: str
    """The image's reference, by digest."""
    hosts: Mapping[str, bool]
    env: Mapping[str, str] = field(default_factory=dict)
    """Settings that are the same for every service of the stack; its own win."""


class Service(pulumi.ComponentResource):
    """What one service owns beside its hosts: logs by host, secrets, and the parameter that says where they are."""

    units: dict[str, ContainerUnit]
    """What each server block runs."""
    log_groups: dict[str, aws.cloudwatch.LogGroup]
    """By server block."""
    secrets: dict[str, aws.secretsmanager.Secret]
    """By variable."""

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Service", name, None, opts)
        spec, site = args.spec, args.site
        self.log_groups = {
            host: aws.cloudwatch.LogGroup(
                f"{name}-on-{host}-logs",
                region=site.region,
                name=log_group_name(site, name, host),
                retention_in_days=spec.log_days,
                kms_key_id=args.network.logs_key.arn,
                tags=site.tagged(),
                opts=child_options(self),
            )
            for host in args.hosts
        }
        self.secrets = {variable: self._secret(name, variable, of, site) for variable, of in spec.secrets.items()}
        where = self._where(name, site) if self.secrets else None
        self.units = {
            host: self._unit(name, args, host, where, running=running) for host, running in args.hosts.items()
        }
        self.register_outputs({"logs": {host: group.name for host, group in self.log_groups.items()}})

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: the logs on each host block."""
        return Emitter("service", log_groups={host: group.name for host, group in self.log_groups.items()})

    def _secret(self, name: str, variable: str, of: SecretSpec, site: Site) -> aws.secretsmanager.Secret:
        # Autonamed: for 30 days after a deletion AWS refuses the same name again, so an abort could not be tried anew.
        slug = variable.lower().replace("_", "-")
        secret = aws.secretsmanager.Secret(
            f"{name}-{slug}",
            region=site.region,
            description=f"{site.prefix} {name}: {variable}",
            recovery_window_in_days=30,
            tags=site.tagged(Name=f"{site.prefix}-{name}-{slug}"),
            opts=child_options(self, protect=site.guards_data),
        )
        if of.generate is not None:
            made = random.RandomPassword(
                f"{name}-{slug}-value", length=of.generate, special=False, opts=child_options(self)
            )
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

    def _unit(
        self, name: str, args: ServiceArgs, host: str, where: aws.ssm.Parameter | None, *, running: bool
    ) -> ContainerUnit:
        spec, site, group = args.spec, args.site, self.log_groups[host]
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
        text = unit_of(name, spec, site, host, args.image, args.env, running=running)
        return replace(text, statements=statements, needs=[group, *([where] if where else [])])


def unit_of(
    name: str, spec: ServiceSpec, site: Site, host: str, image: str, env: Mapping[str, str], *, running: bool
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
        log_group=log_group_name(site, name, host),
    )


def log_group_name(site: Site, service: str, host: str) -> str:
    """Named by us, as hosts name it before it is built."""
    return f"/{site.prefix}/{service}/{host}"


def own_parameter(site: Site, service: str) -> str:
    """The parameter that says where a service's own secrets are."""
    return f"/{site.prefix}/services/{service}"


def variables(role: str) -> str:
    """How the variables of a role or bucket start: `image-cache` gives `IMAGE_CACHE_`."""
    return role.upper().replace("-", "_") + "_"
