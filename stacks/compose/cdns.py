"""CDNs: where their names point, and which places of a block they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.bucket import BucketSpec
from components.cdn import CdnSpec
from components.zone import ZoneSpec
from stacks.compose.context import Context

if TYPE_CHECKING:
    import pulumi_fastly

    from components.cdn import CdnOrigin


def cdn_targets(context: Context) -> None:
    """What names point at, by block: Fastly has one such name for all services of an account, so the zone, which comes
    before the services, can know it."""
    for block, _ in context.of_kind("cdn", CdnSpec):
        import pulumi_fastly as fastly

        context.cdn_targets[block.name] = fastly.get_tls_configuration_output(default=True).dns_records.apply(_named)


def _named(records: list[pulumi_fastly.outputs.GetTlsConfigurationDnsRecordResult]) -> str:
    """The name for every location; others are for parts of the world or are addresses."""
    names = [each.record_value for each in records if each.record_type == "CNAME"]
    everywhere = [
        each.record_value
        for each in records
        if each.record_type == "CNAME" and each.region in ("", "global", "anycast")
    ]
    found = sorted(everywhere or names)
    if not found:
        raise ValueError("Fastly's default TLS configuration names no CNAME record: see its TLS management page")
    return found[0]


def cdns(context: Context) -> None:
    """Every CDN, in front of what stands by then."""
    zoned = {label for _, spec in context.of_kind("zone", ZoneSpec) for label in spec.hosts}
    for block, spec in context.of_kind("cdn", CdnSpec):
        from components.cdn import Cdn, CdnArgs

        assert context.zone is not None
        context.cdns[block.name] = Cdn(
            block.name,
            CdnArgs(
                spec=spec,
                site=context.site_of(block),
                domain=context.config.domain,
                zone_id=context.zone.zone_id,
                target=context.cdn_targets[block.name],
                origins={label: _origins(context, label, origin.block) for label, origin in spec.origins.items()},
                zoned=zoned,
            ),
        )


def _origins(context: Context, label: str, block: str) -> list[CdnOrigin]:
    """Every place of a block that answers a label, home first."""
    from components.cdn import CdnOrigin

    domains = {each.name: spec.domain for each, spec in context.of_kind("bucket", BucketSpec)}
    if block in domains:
        hostname = context.hostname(domains[block] or "@")
        return [CdnOrigin(block, hostname, hostname)]
    found = []
    for place in context.places.values():
        name = place.called(block)
        if name in context.balancers:
            found.append(CdnOrigin(name, context.balancers[name].dns_name, context.hostname(label)))
    return found
