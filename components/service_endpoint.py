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
class EndpointArgs:
    """What fills the role now, and who uses it."""

    site: Site
    zone_id: pulumi.Input[str] | None = None
    """The private zone; None where the role has no host name (a bucket)."""
    zone_name: str = ""
    names: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Host names by what they are for: `HOST` becomes `<role>.<zone>`, `READ_HOST` `<role>-read.<zone>`."""
    env: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Plain variables without the role's prefix, e.g. `PORT`."""
    login: Login | None = None
    consumers: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Names of the roles (IAM) that may read the login, by server block."""
    statements: Sequence[Mapping[str, Any]] = ()
    """What else a consumer may do, e.g. with a bucket."""


class Endpoint(pulumi.ComponentResource):
    """One role: its names, its parameter, its consumers' rights."""

    hostnames: dict[str, str]
    """By what they are for."""

    def __init__(self, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Endpoint", name, None, opts)
        site = args.site
        self.hostnames = {}
        for purpose, target in args.names.items():
            if args.zone_id is None:
                raise ValueError(f"{name}: host names need a private zone")
            suffix = purpose.removesuffix("HOST").lower().replace("_", "-").rstrip("-")
            label = f"{name}-{suffix}" if suffix else name
            self.hostnames[purpose] = f"{label}.{args.zone_name}"
            aws.route53.Record(
                f"{name}-name-{suffix}" if suffix else f"{name}-name",
                zone_id=args.zone_id,
                name=self.hostnames[purpose],
                type="CNAME",
                ttl=TTL_SECONDS,
                records=[target],
                opts=child_options(self),
            )
        login = (
            {variable: [args.login.secret_arn, key] for variable, key in args.login.variables.items()}
            if args.login
            else {}
        )
        # What a certificate says: databases present their own name, not the one we gave them.
        verified = {f"{purpose.removesuffix('HOST')}TLS_NAME": target for purpose, target in args.names.items()}
        self.parameter = aws.ssm.Parameter(
            f"{name}-parameter",
            region=site.region,
            name=parameter_name(site, name),
            description=f"Where {name} is",
            type="String",
            insecure_value=pulumi.Output.json_dumps(
                {"env": {**self.hostnames, **verified, **args.env}, "secrets": login}, sort_keys=True
            ),
            tags=site.tagged(),
            opts=child_options(self),
        )
        statements = [*_reads(args.login, site), *args.statements]
        for block, role in sorted(args.consumers.items()) if statements else ():
            aws.iam.RolePolicy(
                f"{name}-for-{block}",
                role=role,
                policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True),
                opts=child_options(self),
            )
        self.register_outputs({"names": self.hostnames, "parameter": self.parameter.name})


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
