"""Customers' own names in a zone (Cloudflare for SaaS): a certificate for each, and one origin for all."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pulumi
import pulumi_cloudflare as cloudflare

from components.site import Site, child_options
from components.zone.rules import fqdn
from components.zone.spec import ZoneSpec


def custom_hostnames(
    parent: pulumi.Resource,
    name: str,
    spec: ZoneSpec,
    site: Site,
    *,
    zone_id: pulumi.Input[str],
    domain: str,
    records: Mapping[str, pulumi.Resource],
    retiring: Collection[str],
) -> dict[str, cloudflare.CustomHostname]:
    """By hostname; `records` are the zone's own by label, `retiring` logical names of those that are armed to go."""
    fallback: list[pulumi.Resource] = []
    if spec.fallback is not None:
        fallback.append(
            cloudflare.CustomHostnameFallbackOrigin(
                f"{name}-fallback",
                zone_id=zone_id,
                origin=fqdn(spec.fallback, domain),
                # It has to be a proxied name of the zone.
                opts=child_options(parent, depends_on=[records[spec.fallback]]),
            )
        )
    made = {}
    for hostname, given in sorted(spec.custom_hostnames.items()):
        logical = f"{name}-customer-{hostname}"
        made[hostname] = cloudflare.CustomHostname(
            logical,
            zone_id=zone_id,
            hostname=hostname,
            ssl={
                "method": given.proof,
                "type": "dv",
                "settings": {"min_tls_version": given.min_tls, "http2": "on", "tls13": "on"},
            },
            opts=child_options(parent, protect=site.guards_anchor and logical not in retiring, depends_on=fallback),
        )
    return made
