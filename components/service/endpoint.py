"""A role's endpoint under names of our own: whichever block fills the role can change, its consumers do not.

Two things say where a role is: a CNAME in the stack's private zone, and a parameter that a container reads when it
starts, with the port, the TLS name and where the login is kept. A host notices a changed parameter within a minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

TTL_SECONDS = 30
"""How long a client may hold on to the block that filled the role before."""


@dataclass(frozen=True)
class Login:
    """A secret in Secrets Manager, and which of its keys give which variables."""

    secret_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    """The KMS key it is encrypted with."""
    variables: Mapping[str, str]
    """Variable → key of the secret's JSON, e.g. `{"PASSWORD": "password"}`; an empty key is the whole text."""


@dataclass(frozen=True)
class Reader:
    """One of several hosts behind the role's reading name; 0 gets nothing while others have more."""

    host: pulumi.Input[str]
    weight: int


@dataclass(frozen=True)
class EndpointArgs:
    """What fills the role now, and who uses it."""

    site: Site
    zone_id: pulumi.Input[str] | None = None
    """The private zone; None where the role has no host name (a bucket)."""
    zone_name: str = ""
    host: pulumi.Input[str] | None = None
    """What `<role>.<zone>` points at, given to consumers as `HOST`; its own name, which its certificate carries, as
    `TLS_NAME`."""
    readers: Mapping[str, Reader] = field(default_factory=dict)
    """What `<role>-read.<zone>` points at, by name, given as `READ_HOST`. Weighted from the first day: a plain record
    cannot become one of several."""
    env: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Plain variables without the role's prefix, e.g. `PORT`."""
    login: Login | None = None
    consumers: Mapping[str, Consumer] = field(default_factory=dict)
    """Who may use it, by server block."""


@dataclass(frozen=True)
class Consumer:
    """One server block that uses the role."""

    role: pulumi.Input[str]
    """The name of its hosts' IAM role."""
    statements: Sequence[Mapping[str, Any]] = ()
    """What it may do beside reading the login, e.g. with a bucket."""


class Endpoint(pulumi.ComponentResource):
    """One role: its names, its parameter, its consumers' rights."""

    hostnames: dict[str, str]
    """Our own names, by variable."""
    parameter: aws.ssm.Parameter

    def __init__(self, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Endpoint", name, None, opts)
        site = args.site
        if args.zone_id is None and (args.host is not None or args.readers):
            raise ValueError(f"{name}: host names need a private zone")
        self.hostnames = self._names(name, args)
        env: dict[str, pulumi.Input[str]] = {**self.hostnames, **args.env}
        if args.host is not None:
            env["TLS_NAME"] = args.host
        login: dict[str, list[pulumi.Input[str]]] = {}
        if args.login is not None:
            login = {variable: [args.login.secret_arn, key] for variable, key in args.login.variables.items()}
        self.parameter = aws.ssm.Parameter(
            f"{name}-parameter",
            region=site.region,
            name=parameter_name(site, name),
            description=f"Where {name} is",
            type="String",
            insecure_value=pulumi.Output.json_dumps({"env": env, "secrets": login}, sort_keys=True),
            tags=site.tagged(),
            opts=child_options(self),
        )
        for block, consumer in sorted(args.consumers.items()):
            statements = [*_reads(args.login, site), *consumer.statements]
            if statements:
                aws.iam.RolePolicy(
                    f"{name}-for-{block}",
                    role=consumer.role,
                    policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True),
                    opts=child_options(self),
                )
        self.register_outputs({"names": self.hostnames, "parameter": self.parameter.name})

    def _names(self, name: str, args: EndpointArgs) -> dict[str, str]:
        hostnames: dict[str, str] = {}
        if args.host is not None:
            hostnames["HOST"] = f"{name}.{args.zone_name}"
            self._record(f"{name}-name", hostnames["HOST"], args.host, args)
        for reader, of in sorted(args.readers.items()):
            hostnames["READ_HOST"] = f"{name}-read.{args.zone_name}"
            self._record(
                f"{name}-read-name-{reader}",
                hostnames["READ_HOST"],
                of.host,
                args,
                set_identifier=reader,
                weighted_routing_policies=[{"weight": of.weight}],
            )
        return hostnames

    def _record(
        self, logical: str, hostname: str, target: pulumi.Input[str], args: EndpointArgs, **routing: Any
    ) -> None:
        assert args.zone_id is not None
        aws.route53.Record(
            logical,
            zone_id=args.zone_id,
            name=hostname,
            type="CNAME",
            ttl=TTL_SECONDS,
            records=[target],
            opts=child_options(self),
            **routing,
        )


@dataclass(frozen=True)
class NamesArgs:
    """`domain` is the private zone's, e.g. `prod.meal.internal`."""

    site: Site
    vpc_id: pulumi.Input[str]
    domain: str


class Names(pulumi.ComponentResource):
    """The stack's private zone, which only its own network resolves."""

    zone_id: pulumi.Output[str]

    def __init__(self, name: str, args: NamesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Names", name, None, opts)
        zone = aws.route53.Zone(
            f"{name}-zone",
            name=args.domain,
            comment=f"{args.site.prefix}: its roles",
            vpcs=[{"vpc_id": args.vpc_id, "vpc_region": args.site.region}],
            force_destroy=False,
            tags=args.site.tagged(),
            opts=child_options(self, protect=args.site.guards_anchor),
        )
        self.zone_id, self.domain = zone.zone_id, args.domain
        self.register_outputs({"zone_id": self.zone_id})


def parameter_name(site: Site, role: str) -> str:
    """The parameter that says where a role is; the same in every phase."""
    return f"/{site.prefix}/roles/{role}"


def _reads(login: Login | None, site: Site) -> list[Mapping[str, Any]]:
    if login is None:
        return []
    return [
        {
            "Sid": "Login",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": login.secret_arn,
        },
        {
            "Sid": "LoginKey",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": login.key_arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{site.region}.amazonaws.com"}},
        },
    ]
