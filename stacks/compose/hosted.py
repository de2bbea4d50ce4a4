"""What servers keep themselves: built before them, as they run it; whom it lets in, once its users are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi

from components.hosted import (
    Hosted,
    HostedAccess,
    HostedAccessArgs,
    HostedArgs,
    HostedLoad,
    HostedLoadArgs,
    HostedSpec,
)
from components.hosted.component import host_name
from components.hosted.spec import TAKEN_OVER_BY
from components.hosted.unit import unit_of
from components.secret_copies import arn_in, managed_key
from components.service.endpoint import Consumer, EndpointArgs, Login, Reader, parameter_name
from components.service.spec import UseSpec
from components.service.unit import ContainerUnit
from components.site import Site
from stacks.compose.base import domain_of
from stacks.compose.clients import clients_of, networks_elsewhere
from stacks.compose.context import Context
from stacks.compose.places import Place
from stacks.moves import EffectiveBlock, predecessor, role_of
from stacks.moves.ladders import LOAD
from stacks.moves.sides import is_idle, is_released

LOGIN = {"USER": "username", "PASSWORD": "password"}


def hosted(context: Context) -> None:
    """Volumes, logins and names; the servers that run the engines come after them."""
    for block, spec in context.of_kind("hosted", HostedSpec):
        assert context.names is not None
        context.hosted[block.name] = Hosted(
            block.name,
            HostedArgs(
                spec=spec,
                site=context.site_of(block),
                network=context.network,
                zone_id=context.names.zone_id,
                domain=context.names.domain,
                image=_image(context, spec),
                dumps_to=_dumps_to(context, spec),
                released=is_released(block, context.effective.roles),
                idle=is_idle(block, context.effective.blocks, context.effective.roles),
                role=role_of(block),
                copied_to=sorted(networks_elsewhere(context)),
            ),
        )


def accesses(context: Context) -> None:
    """The servers' firewalls, for whoever uses a role from another host; and the loads of moves."""
    for block, spec in context.of_kind("hosted", HostedSpec):
        clients = {name: group for name, group in clients_of(context, block).items() if name != spec.on}
        HostedAccess(
            block.name,
            HostedAccessArgs(
                spec=spec,
                site=context.site_of(block),
                security_group_id=context.servers[spec.on].security_group.id,
                clients=clients,
                networks=networks_elsewhere(context),
            ),
        )
    for block, given, spec in taking_over(context):
        if spec.engine == "postgres" and LOAD.reached(block.rung, "load"):
            HostedLoad(block.name, HostedLoadArgs(context.site_of(block), hosted=given.name, server=spec.on))


def taking_over(context: Context) -> Iterator[tuple[EffectiveBlock, EffectiveBlock, HostedSpec]]:
    """What arrives in place of something hosted, with that."""
    blocks = context.effective.blocks
    for block in blocks.values():
        old = predecessor(block, blocks) if block.side == "arriving" else None
        if old is None or not isinstance(spec := old.spec, HostedSpec) or block.kind != TAKEN_OVER_BY[spec.engine]:
            continue
        if getattr(block.spec, "restore", None) is None:  # what was restored has its data from its snapshot
            yield block, old, spec


def of_hosted(
    context: Context, block: str, site: Site, place: Place, consumers: Mapping[str, Consumer]
) -> EndpointArgs:
    """The same variables as of a database or a cache of AWS's, so that nobody learns anything when one takes over."""
    fills, spec = context.hosted[block], context.effective.blocks[block].spec
    assert isinstance(spec, HostedSpec)
    assert place.names is not None
    login = Login(fills.secret_arn, fills.key.arn, LOGIN)
    if not place.home:
        key = managed_key(place.region, context.network.account_id)
        login = Login(arn_in(fills.secret_arn, place.region), key, LOGIN)
    postgres = spec.engine == "postgres"
    env: dict[str, pulumi.Input[str]] = {"PORT": str(fills.port)}
    env |= {"NAME": spec.database} if postgres else {"TLS": "true"}
    return EndpointArgs(
        site=site,
        zone_id=place.names.zone_id,
        zone_name=place.names.domain,
        host=fills.address,
        readers={"primary": Reader(fills.address, 1)} if postgres else {},
        env=env,
        login=login,
        consumers=consumers,
    )


def units_of(context: Context, server: str) -> list[ContainerUnit]:
    """The engines that a server runs, as text, before anything is built."""
    domain = domain_of(context)
    return [
        unit_of(
            block.name,
            spec,
            context.site,
            image=_image(context, spec),
            record=host_name(block.name, spec, domain),
            role=role_of(block),
            server=server,
            dumps_to=_dumps_to(context, spec),
        )
        for block, spec in run_by(context, server)
    ]


def on_server(context: Context, server: str) -> Iterator[tuple[EffectiveBlock, HostedSpec]]:
    """What a server block keeps itself."""
    for block, spec in context.of_kind("hosted", HostedSpec):
        if spec.on == server:
            yield block, spec


def run_by(context: Context, server: str) -> Iterator[tuple[EffectiveBlock, HostedSpec]]:
    """What its hosts run of that."""
    for block, spec in on_server(context, server):
        if not is_idle(block, context.effective.blocks, context.effective.roles):
            yield block, spec


def zone_of(context: Context, server: str) -> int | None:
    """The zone that a server's volumes are in; all in one, which is checked."""
    return next((spec.zone for _, spec in run_by(context, server)), None)


def users_beside(context: Context, role: str) -> dict[str, UseSpec]:
    """Servers that use a role for what they host: a bucket for dumps, and for a load what it goes into."""
    dumping = {spec.on for _, spec in context.of_kind("hosted", HostedSpec) if spec.dumps == role}
    loading = {spec.on for block, _, spec in taking_over(context) if block.name == role}
    return {server: UseSpec(access="write") for server in sorted(dumping | loading)}


def loading_rights(context: Context, role: str, site: Site) -> list[dict[str, object]]:
    """What a host may do for a load beside reading the login: ask where the new store is, and whether it is time."""
    roles = [name for block, old, _ in taking_over(context) if block.name == role for name in (role, role_of(old))]
    names = [
        pulumi.Output.format(
            "arn:aws:ssm:{0}:{1}:parameter{2}", site.region, context.network.account_id, parameter_name(site, name)
        )
        for name in roles
    ]
    return [{"Sid": "Roles", "Effect": "Allow", "Action": "ssm:GetParameters", "Resource": names}] if names else []


def _image(context: Context, spec: HostedSpec) -> str | None:
    return context.config.images.get(f"{spec.engine}-{spec.major}")


def _dumps_to(context: Context, spec: HostedSpec) -> str:
    return parameter_name(context.site, spec.dumps) if spec.dumps else ""
