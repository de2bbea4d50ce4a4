"""What only shows once the blocks stand beside each other; checked before anything is registered, as a program that
fails half-way leaves half a stack."""

from __future__ import annotations

from collections.abc import Callable

from components.alarms import AlarmsSpec
from components.balancer import BalancerSpec
from components.balancer.routes import rule_priorities
from components.bucket import BucketSpec
from components.network import NetworkSpec
from components.network.plan import address_plan
from components.network.zones import zone_ids
from components.server import ServerSpec
from components.server.cloud_init import user_data
from components.server.scaling import DRAIN_HOOK, READY_HOOK
from components.service import ServiceSpec
from components.zone import ZoneSpec
from stacks.compose import (
    buses,
    check_apis,
    check_auroras,
    check_brokers,
    check_clusters,
    check_databases,
    check_edge,
    check_functions,
    check_hosted,
    check_memory,
    check_stores,
    check_workers,
    emitting,
    telemetry,
)
from stacks.compose.context import Context
from stacks.compose.edge import connector_of
from stacks.compose.hosts import image_of, text_units
from stacks.compose.routing import routes_of
from stacks.models import BadInput
from stacks.moves import regions_of, seat_of


def check(context: Context) -> None:
    """Raises `BadInput` for the first thing that does not fit."""
    for rule in RULES:
        rule(context)


def _one_of_each(context: Context) -> None:
    kinds = [block.kind for block in context.effective.blocks.values()]
    for kind, least in (("network", 1), ("balancer", 0), ("gateway", 0), ("zone", 0)):
        count = kinds.count(kind)
        if not least <= count <= 1:
            allowed = f"exactly one block of kind {kind}" if least else f"at most one block of kind {kind}"
            raise BadInput(context.file, f"phases.{context.effective.phase}.blocks", f"{count} of kind {kind}", allowed)
    if "balancer" in kinds and "zone" not in kinds:
        block = next(context.of_kind("balancer", BalancerSpec))[0]
        raise context.bad(block.name, "kind", "a balancer without a zone", "a zone too, to prove its certificate in")


def _place(context: Context) -> None:
    home = context.site.region
    try:
        zone_ids(home)
    except ValueError as error:
        raise context.config.bad("aws:region", home, f"a region with three zones: {error}") from None
    for block, spec in context.of_kind("network", NetworkSpec):
        for region in spec.regions:
            if region == home:
                raise context.bad(block.name, f"regions.{region}", region, "regions beside the stack's own")
            try:
                zone_ids(region)
            except ValueError as error:
                raise context.bad(block.name, f"regions.{region}", region, str(error)) from None
        for cidr in context.effective.cidrs.values():
            try:
                address_plan(cidr)
            except ValueError as error:
                raise context.bad(block.name, "kind", cidr, str(error)) from None
            for peer, given in spec.peers.items():
                if given.owner is None and given.cidr == cidr:
                    raise context.bad(block.name, f"peers.{peer}.cidr", given.cidr, "addresses that are not our own")


def _queues_are_measured(context: Context) -> None:
    """What a server scales by, some service writes into its log for the alarms."""
    measured = sorted({name for _, alarms in context.of_kind("alarms", AlarmsSpec) for name in alarms.metrics})
    for block, spec in context.of_kind("server", ServerSpec):
        if spec.queue and spec.queue.metric not in measured:
            allowed = f"one of the alarms' metrics: {', '.join(measured) or 'none here'}"
            raise context.bad(block.name, "queue.metric", spec.queue.metric, allowed)


def _regions_have_networks(context: Context) -> None:
    given = next(context.of_kind("network", NetworkSpec))[1].regions
    for block in context.effective.blocks.values():
        for region in regions_of(block.spec):
            if region not in given:
                allowed = f"one of the network's regions: {', '.join(sorted(given)) or 'none here'}"
                raise context.bad(block.name, f"regions.{region}", region, allowed)
        seat = seat_of(block.spec)
        if seat is not None and seat not in given:
            allowed = (
                f"one of the network's regions: {', '.join(sorted(given)) or 'none here'}; null for the stack's own"
            )
            raise context.bad(block.name, "region", seat, allowed)
        if seat == context.site.region:
            raise context.bad(block.name, "region", seat, "null, as it is the stack's own")


def _names_stay_apart(context: Context) -> None:
    # A component in another region is called by its block and that region.
    for name in context.effective.blocks:
        for region in context.places:
            if name.endswith(f"-{region}"):
                raise context.bad(name, "kind", name, f"a name that does not end in a region's: -{region}")


def _images(context: Context) -> None:
    for block, spec in context.of_kind("service", ServiceSpec):
        image_of(context, block.name, spec)


def _r2_domains(context: Context) -> None:
    zones = list(context.of_kind("zone", ZoneSpec))
    for block, spec in context.of_kind("bucket", BucketSpec):
        if spec.domain and not zones:
            raise context.bad(block.name, "domain", spec.domain, "null, or a block of kind zone")


def _schedules_run_once(context: Context) -> None:
    hosts = {block.name: spec.count.max for block, spec in context.of_kind("server", ServerSpec)}
    for block, spec in context.of_kind("service", ServiceSpec):
        for host in spec.on:
            if spec.takes == "schedule" and not spec.idempotent and hosts.get(host, 1) > 1:
                allowed = "idempotent: true, or a server with count.max 1, as each of its hosts would run it"
                raise context.bad(block.name, f"on.{host}", f"a schedule on up to {hosts[host]} hosts", allowed)


def _rules_apart(context: Context) -> None:
    for block, _ in context.of_kind("balancer", BalancerSpec):
        try:
            rule_priorities(routes_of(context, context.home))
        except ValueError as error:
            raise context.bad(block.name, "kind", str(error), "other service names") from None


def _user_data_fits(context: Context) -> None:
    for block, spec in context.of_kind("server", ServerSpec):
        parameter = f"/{context.site.prefix}/{block.name}"
        try:
            user_data(
                [*text_units(context, block.name), *([connector_of(context, block.name)] if spec.tunnel else [])],
                block=block.name,
                region=context.site.region,
                group=f"{context.site.prefix}-{block.name}",
                hook=DRAIN_HOOK,
                ready=READY_HOOK,
                registries=f"{parameter}/registries" if spec.registries else None,
                address=f"{parameter}/address" if spec.address else None,
            )
        except ValueError as error:
            raise context.bad(block.name, "kind", str(error), "fewer services on one server block") from None


RULES: tuple[Callable[[Context], None], ...] = (
    _one_of_each,
    _place,
    _regions_have_networks,
    _names_stay_apart,
    _images,
    *check_edge.RULES,
    _r2_domains,
    _schedules_run_once,
    _queues_are_measured,
    _rules_apart,
    # Before what asks what servers run.
    *check_hosted.RULES,
    _user_data_fits,
    *check_memory.RULES,
    *check_clusters.RULES,
    *check_brokers.RULES,
    *check_functions.RULES,
    *telemetry.RULES,
    *emitting.RULES,
    *check_stores.RULES,
    *check_databases.RULES,
    *check_auroras.RULES,
    *check_workers.RULES,
    *check_apis.RULES,
    *buses.RULES,
)
