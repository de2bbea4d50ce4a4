"""Checks of workers and CDNs: scripts that are not there, names that the zone lacks, routes that meet."""

from __future__ import annotations

from collections.abc import Callable

from components.balancer import BalancerSpec
from components.bucket import BucketSpec
from components.cdn import CdnSpec
from components.service import ServiceSpec
from components.worker import WorkerSpec
from components.zone import ZoneSpec
from stacks.compose.cdns import scripts
from stacks.compose.context import Context
from stacks.compose.workers import SCRIPT_LIMIT, SIZE_LIMIT, described, in_order, script_file


def scripts_are_there(context: Context) -> None:
    """A script that Cloudflare would take, under a name that it would take; and no worker calls itself in the end."""
    for block, spec in in_order(context):
        name = f"{context.site.prefix}-{block.name}"
        if len(name) > SCRIPT_LIMIT:
            raise context.bad(block.name, "kind", f"{name}, {len(name)} characters", f"a name within {SCRIPT_LIMIT}")
        file = script_file(block, spec)
        key = "script" if spec.script else "kind"
        if not file.is_file():
            raise context.bad(block.name, key, file.parent.name, described(file))
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise context.bad(block.name, key, f"{file.parent.name}, which is no UTF-8", "a script in UTF-8") from None
        if len(text.encode()) > SIZE_LIMIT:
            raise context.bad(block.name, key, f"{len(text.encode())} bytes", f"a script of at most {SIZE_LIMIT} bytes")


def routes_have_names(context: Context) -> None:
    """A route's host is a name of the zone or of a public bucket, and no other worker has the very same route."""
    names: set[str] = set()
    zones = [spec for _, spec in context.of_kind("zone", ZoneSpec)]
    for zone in zones:
        names |= {*zone.hosts, *zone.redirects}
    names |= {spec.domain for _, spec in context.of_kind("bucket", BucketSpec) if spec.domain}
    taken: dict[tuple[str, str], str] = {}
    for block, spec in context.of_kind("worker", WorkerSpec):
        for key, route in spec.routes.items():
            pattern = f"{route.host}{route.path}"
            if not zones:
                raise context.bad(block.name, f"routes.{key}", pattern, "none, or a block of kind zone")
            if route.host not in {*names, "*"}:
                allowed = f"a host of the zone, or a bucket's domain: {', '.join(sorted(names)) or 'none here'}"
                raise context.bad(block.name, f"routes.{key}.host", route.host, allowed)
            other = taken.setdefault((route.host, route.path), block.name)
            if other != block.name:
                raise context.bad(block.name, f"routes.{key}", pattern, f"a route that {other} does not have")


def buckets_are_r2(context: Context) -> None:
    """A worker is bound to R2 alone."""
    stores = {block.name: spec.store for block, spec in context.of_kind("bucket", BucketSpec)}
    for block, spec in context.of_kind("worker", WorkerSpec):
        for key, bound in spec.buckets.items():
            if stores[bound.block] != "r2":
                raise context.bad(block.name, f"buckets.{key}.block", f"{bound.block} on s3", "a bucket with store r2")


def cdns_answer(context: Context) -> None:
    """A CDN's names are the zone's or its own, its origins answer by the names that they are asked for, and no name is
    sent to a CDN that has no certificate for it."""
    zones = list(context.of_kind("zone", ZoneSpec))
    buckets = {block.name: spec for block, spec in context.of_kind("bucket", BucketSpec)}
    balancers = {block.name: spec for block, spec in context.of_kind("balancer", BalancerSpec)}
    served = {label for _, spec in context.of_kind("service", ServiceSpec) for label in spec.hosts}
    domains = {spec.domain for spec in buckets.values() if spec.domain}
    answered: dict[str, str] = {}
    for block, spec in context.of_kind("cdn", CdnSpec):
        if not zones:
            raise context.bad(block.name, "kind", "a cdn without a zone", "a block of kind zone too, for its names")
        for label, origin in spec.origins.items():
            bucket = buckets.get(origin.block)
            at_cloudfront = spec.provider == "cloudfront"
            if bucket is not None and (bucket.store != "s3" if at_cloudfront else not bucket.domain):
                allowed = (
                    "a bucket with store s3"
                    if at_cloudfront
                    else "a bucket on R2 with a domain; all others are private"
                )
                raise context.bad(block.name, f"origins.{label}.block", origin.block, allowed)
            balancer = balancers.get(origin.block)
            if balancer and balancer.sources != "world" and spec.provider not in balancer.beside:
                allowed = f"a balancer with beside: {{{spec.provider}: {{}}}}, as it lets nobody else in but Cloudflare"
                raise context.bad(block.name, f"origins.{label}.block", origin.block, allowed)
            if bucket is None and label not in served:
                allowed = f"a name among a service's hosts: {', '.join(sorted(served)) or 'none'}"
                raise context.bad(block.name, f"origins.{label}", label, allowed)
        for label in spec.hosts:
            if label in domains or any(label in zone.redirects for _, zone in zones):
                raise context.bad(block.name, f"hosts.{label}", label, "a host of the zone, or a name of its own")
            other = answered.setdefault(label, block.name)
            if other != block.name:
                raise context.bad(block.name, f"hosts.{label}", label, f"a name that {other} does not answer")
    for block, zone in zones:
        for label, host in zone.hosts.items():
            if host.cdn is not None and answered.get(label) != host.cdn:
                able = ", ".join(sorted(each for each in answered if answered[each] == host.cdn)) or "none"
                raise context.bad(
                    block.name, f"hosts.{label}.cdn", host.cdn, f"a cdn that answers {label}: it has {able}"
                )


def edges_fit(context: Context) -> None:
    """What runs at CloudFront's edge is small enough with its rules, and the names of its logs are short enough."""
    for block, spec in context.of_kind("cdn", CdnSpec):
        if spec.provider != "cloudfront":
            continue
        from components.cdn.delivery import NAME_LIMIT
        from components.cdn.edge import VIEWER, viewer_code

        try:
            viewer_code(scripts()[VIEWER], spec, context.config.domain)
        except ValueError as error:
            raise context.bad(block.name, "cache", str(error), "fewer or shorter rules") from None
        for label in spec.hosts:
            name = f"{context.site.prefix}-{block.name}-{label}"
            if len(name) > NAME_LIMIT:
                found = f"{name}, {len(name)} characters"
                raise context.bad(block.name, f"hosts.{label}", found, f"shorter names, within {NAME_LIMIT}")


RULES: tuple[Callable[[Context], None], ...] = (
    scripts_are_there,
    routes_have_names,
    buckets_are_r2,
    cdns_answer,
    edges_fit,
)
