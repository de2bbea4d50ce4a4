"""A role's endpoint under names of our own: whichever block fills the role can change, its consumers do not.

Two things say where a role is: a CNAME in the stack's private zone, and a parameter that a container reads when it
starts, with the port, the TLS name and where the login is kept. A host notices a changed parameter within a minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

READ = "secretsmanager:GetSecretValue"
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
class Shard:
    """One of several stores behind the role, under names of its own beside the role's."""

    host: pulumi.Input[str]
    """What `<role>-<shard>.<zone>` points at, given as `SHARD_<SHARD>_HOST`, and itself as `SHARD_<SHARD>_TLS_NAME`."""
    login: Login
    """Its variables begin the same way, e.g. `SHARD_TWO_PASSWORD`."""
    readers: Mapping[str, Reader] = field(default_factory=dict)
    """What `<role>-<shard>-read.<zone>` points at, given as `SHARD_<SHARD>_READ_HOST`."""


@dataclass(frozen=True)
class EndpointArgs:
    """What fills the role now, and who uses it."""

    site: Site
    role: str = ""
    """The role, where the component is called otherwise: elsewhere than at home its name ends in the region."""
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
    also: Login | None = None
    """A second one, of what is used beside it while the role is taken over; its variables are whole but for the
    role's prefix."""
    shards: Mapping[str, Shard] = field(default_factory=dict)
    """By name; the role's own name stands for one of them."""
    consumers: Mapping[str, Consumer] = field(default_factory=dict)
    """Who may use it: server blocks, functions, and services on a cluster as `<service>-on-<cluster>`."""
    fenced: bool = False
    """Hosts stop what uses it, and start nothing that does, until it is said no more."""


@dataclass(frozen=True)
class Consumer:
    """One user of the role."""

    role: pulumi.Input[str]
    """The name of its IAM role."""
    statements: Sequence[Mapping[str, Any]] = ()
    """What it may do beside reading the login, e.g. with a bucket."""
    logs_in: bool = True
    """Whether it reads the login: an autoscaler that asks how long a queue is does not."""
    follows: bool = False
    """It asks whether the login has changed, as the secrets driver of a cluster does."""


class Endpoint(pulumi.ComponentResource):
    """One role: its names, its parameter, its consumers' rights."""

    role: str
    hostnames: dict[str, str]
    """Our own names, by variable."""
    parameter: aws.ssm.Parameter
    parameter_name: str
    """The parameter's name, known before it is made."""
    variables: tuple[str, ...]
    """Plain variables that it says, without the role's prefix."""
    logins: tuple[Login, ...]
    """Every secret that its users read, each once, with all of its variables."""

    def __init__(self, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Endpoint", name, None, opts)
        site = args.site
        if args.zone_id is None and (args.host is not None or args.readers):
            raise ValueError(f"{name}: host names need a private zone")
        self.hostnames = self._names(name, args)
        env: dict[str, pulumi.Input[str]] = {**self.hostnames, **args.env}
        if args.host is not None:
            env["TLS_NAME"] = args.host
        env |= {_of_shard(shard, "TLS_NAME"): of.host for shard, of in args.shards.items()}
        role = self.role = args.role or name
        self.parameter_name, self.variables, self.logins = parameter_name(site, role), tuple(env), _logins(args)
        secrets = {
            variable: [login.secret_arn, key] for login in self.logins for variable, key in login.variables.items()
        }
        self.parameter = aws.ssm.Parameter(
            f"{name}-parameter",
            region=site.region,
            name=self.parameter_name,
            description=f"Where {role} is",
            type="String",
            # Shards make it longer than the 4 KB of a standard parameter; an advanced one ends at 8 KB. Said outright:
            # under Intelligent-Tiering the provider sees no change of what is standard, and leaves it so.
            tier="Advanced" if args.shards else None,
            insecure_value=pulumi.Output.json_dumps(
                {"env": env, "secrets": secrets, **({"fenced": True} if args.fenced else {})}, sort_keys=True
            ),
            tags=site.tagged(),
            opts=child_options(self),
        )
        for block, consumer in sorted(args.consumers.items()):
            logins = self.logins if consumer.logs_in else ()
            statements = [*_reads(logins, site, follows=consumer.follows), *consumer.statements]
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
        role = args.role or name
        if args.host is not None:
            hostnames["HOST"] = f"{role}.{args.zone_name}"
            self._record(f"{name}-name", hostnames["HOST"], args.host, args)
        if args.readers:
            hostnames["READ_HOST"] = self._reading(name, role, args.readers, args)
        for shard, of in sorted(args.shards.items()):
            logical, host = f"{name}-{shard}", f"{role}-{shard}"
            hostnames[_of_shard(shard, "HOST")] = f"{host}.{args.zone_name}"
            self._record(f"{logical}-name", f"{host}.{args.zone_name}", of.host, args)
            if of.readers:
                hostnames[_of_shard(shard, "READ_HOST")] = self._reading(logical, host, of.readers, args)
        return hostnames

    def _reading(self, logical: str, host: str, readers: Mapping[str, Reader], args: EndpointArgs) -> str:
        hostname = f"{host}-read.{args.zone_name}"
        for reader, of in sorted(readers.items()):
            self._record(
                f"{logical}-read-name-{reader}",
                hostname,
                of.host,
                args,
                set_identifier=reader,
                weighted_routing_policies=[{"weight": of.weight}],
            )
        return hostname

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


def _of_shard(shard: str, variable: str) -> str:
    return f"SHARD_{shard.upper()}_{variable}"


def _logins(args: EndpointArgs) -> tuple[Login, ...]:
    given = [login for login in (args.login, args.also) if login is not None]
    for shard, of in args.shards.items():
        variables = {_of_shard(shard, variable): key for variable, key in of.login.variables.items()}
        # The role's own name stands for one of the shards, whose secret then is the same.
        same = next((at for at, login in enumerate(given) if login.secret_arn is of.login.secret_arn), None)
        if same is None:
            given.append(replace(of.login, variables=variables))
        else:
            given[same] = replace(given[same], variables={**given[same].variables, **variables})
    return tuple(given)


def _reads(logins: Sequence[Login], site: Site, *, follows: bool) -> list[Mapping[str, Any]]:
    if not logins:
        return []
    first, *others = logins
    keys = [
        login.key_arn for at, login in enumerate(logins) if all(login.key_arn is not o.key_arn for o in logins[:at])
    ]
    return [
        {
            "Sid": "Login",
            "Effect": "Allow",
            "Action": ["secretsmanager:DescribeSecret", READ] if follows else READ,
            "Resource": [login.secret_arn for login in logins] if others else first.secret_arn,
        },
        {
            "Sid": "LoginKey",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": keys if keys[1:] else keys[0],
            "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{site.region}.amazonaws.com"}},
        },
    ]
