"""CDNs: where their names point, and which places of a block they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from components.balancer import BalancerSpec
from components.bucket import BucketSpec
from components.bucket.s3 import S3Store
from components.cdn import CdnSpec
from components.zone import ZoneSpec
from stacks.compose.context import Context
from stacks.compose.workers import WORKERS
from stacks.moves import regions_of

if TYPE_CHECKING:
    import pulumi
    import pulumi_fastly

    from components.cdn import CdnOrigin

SCRIPTS: Final = WORKERS / "cloudfront"
"""What runs at CloudFront's edge."""


def cdn_targets(context: Context) -> None:
    """What names point at, by block and label, before anything of a CDN is there, as the zone comes first. Fastly has
    one such name for all services of an account; at CloudFront each distribution has one of ours."""
    for block, spec in context.of_kind("cdn", CdnSpec):
        if spec.provider == "cloudfront":
            for label in spec.hosts:
                context.cdn_targets[block.name, label] = f"{label}.{block.name}.{context.config.domain}"
            continue
        import pulumi_fastly as fastly

        target = fastly.get_tls_configuration_output(default=True).dns_records.apply(_named)
        for label in spec.hosts:
            context.cdn_targets[block.name, label] = target


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
        at_cloudfront = spec.provider == "cloudfront"
        context.cdns[block.name] = Cdn(
            block.name,
            CdnArgs(
                spec=spec,
                site=context.site_of(block),
                domain=context.config.domain,
                zone_id=context.zone.zone_id,
                target=context.cdn_targets[block.name, next(iter(spec.hosts))],
                origins={label: _origins(context, label, origin.block) for label, origin in spec.origins.items()},
                zoned=zoned,
                account_id=context.network.account_id,
                scripts=scripts() if at_cloudfront else {},
            ),
        )


def scripts() -> dict[str, str]:
    """What runs at CloudFront's edge, by file."""
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(SCRIPTS.iterdir())
        if file.suffix in (".js", ".mjs") and not file.name.endswith(".test.js")
    }


def distributions_of(context: Context, bucket: str) -> pulumi.Output[str] | None:
    """The pattern of the ARNs of those that read a bucket, whose own do not exist yet when its policy is made."""
    import pulumi

    for _, spec in context.of_kind("cdn", CdnSpec):
        if spec.provider == "cloudfront" and any(origin.block == bucket for origin in spec.origins.values()):
            return pulumi.Output.format("arn:aws:cloudfront::{0}:distribution/*", context.network.account_id)
    return None


def _origins(context: Context, label: str, block: str) -> list[CdnOrigin]:
    """Every place of a block that answers a label, home first."""
    from components.cdn import CdnOrigin

    domains = {each.name: spec.domain for each, spec in context.of_kind("bucket", BucketSpec)}
    if block in domains:
        store = context.buckets[block].store
        if isinstance(store, S3Store):
            hostname = context.hostname(label)
            return [CdnOrigin(block, store.bucket.bucket_regional_domain_name, hostname, private=True)]
        hostname = context.hostname(domains[block] or "@")
        return [CdnOrigin(block, hostname, hostname)]
    found = []
    for region in _taking(context, block):
        name = context.places[region].called(block)
        if name in context.balancers:
            balancer = context.balancers[name]
            found.append(
                CdnOrigin(name, balancer.dns_name, context.hostname(label), region=region, secret=balancer.secret)
            )
    return found


def _taking(context: Context, block: str) -> list[str]:
    """The regions that a CDN may ask, home first: one that reaches or leaves the block in a move is asked on that side
    of it, where the block stands as it will; Fastly asks it before only when home is not well."""
    given = context.effective.blocks[block]
    traffic = context.effective.traffic
    fastly = any(spec.provider == "fastly" for _, spec in context.of_kind("cdn", CdnSpec))
    side = given.new if traffic == 100 else given.old
    spec = given.spec if traffic is None or fastly or not isinstance(side, BalancerSpec) else side
    return [region for region, place in context.places.items() if place.home or region in regions_of(spec)]
