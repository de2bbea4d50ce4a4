"""Object stores."""

from __future__ import annotations

from components.bucket import Bucket, BucketArgs, BucketSpec
from stacks.compose.cdns import distributions_of
from stacks.compose.clients import networks_elsewhere
from stacks.compose.context import Context


def buckets(context: Context) -> None:
    """Object stores; R2 ones may have a public name in the zone."""
    zone = context.zone
    for block, spec in context.of_kind("bucket", BucketSpec):
        context.buckets[block.name] = Bucket(
            block.name,
            BucketArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=context.network.account_id,
                cloudflare_account_id=context.config.cloudflare_account_id,
                zone_id=zone.zone_id if zone else None,
                apex=context.config.domain,
                distributions=distributions_of(context, block.name),
                copied_to=sorted(networks_elsewhere(context)),
            ),
        )
