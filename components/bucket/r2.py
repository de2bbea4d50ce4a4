"""The R2 half of the kind bucket."""

from __future__ import annotations

import pulumi
import pulumi_cloudflare as cloudflare

from components.bucket.spec import BucketSpec
from components.site import Site, child_options

DAY = 86400
ABANDONED_UPLOAD_DAYS = 7


class R2Store:
    """A bucket, its lifecycle, cross-origin rules and public name. R2 encrypts everything at rest by itself."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        spec: BucketSpec,
        site: Site,
        account_id: pulumi.Input[str],
        zone_id: pulumi.Input[str] | None,
        apex: str | None,
    ) -> None:
        self.bucket = cloudflare.R2Bucket(
            f"{name}-r2",
            account_id=account_id,
            name=f"{site.prefix}-{name}",
            location=spec.location,
            jurisdiction=spec.jurisdiction,
            storage_class="Standard",
            # The hint counts at creation only, R2 may answer with another place, and a difference would replace.
            opts=child_options(parent, protect=site.guards_data, ignore_changes=["location"]),
        )
        place = "" if spec.jurisdiction == "default" else f".{spec.jurisdiction}"
        self.endpoint = pulumi.Output.concat("https://", account_id, place, ".r2.cloudflarestorage.com")
        cloudflare.R2BucketLifecycle(
            f"{name}-lifecycle",
            account_id=account_id,
            bucket_name=self.bucket.name,
            jurisdiction=spec.jurisdiction,
            rules=_rules(spec),
            opts=child_options(parent),
        )
        if spec.cors is not None:
            cloudflare.R2BucketCors(
                f"{name}-cors",
                account_id=account_id,
                bucket_name=self.bucket.name,
                jurisdiction=spec.jurisdiction,
                rules=[
                    cloudflare.R2BucketCorsRuleArgs(
                        id="browsers",
                        allowed=cloudflare.R2BucketCorsRuleAllowedArgs(
                            methods=spec.cors.methods,
                            origins=[origin.replace("@", apex or "@") for origin in spec.cors.origins],
                        ),
                        max_age_seconds=spec.cors.max_age,
                    )
                ],
                opts=child_options(parent),
            )
        self.hostname: str | None = None
        if spec.domain is not None and zone_id is not None:
            self.hostname = f"{spec.domain}.{apex}"
            # R2 makes the name's DNS record itself.
            cloudflare.R2CustomDomain(
                f"{name}-domain",
                account_id=account_id,
                bucket_name=self.bucket.name,
                jurisdiction=spec.jurisdiction,
                zone_id=zone_id,
                domain=self.hostname,
                enabled=True,
                min_tls="1.2",
                opts=child_options(parent),
            )


def _rules(spec: BucketSpec) -> list[cloudflare.R2BucketLifecycleRuleArgs]:
    everything = cloudflare.R2BucketLifecycleRuleConditionsArgs(prefix="")
    rules = [
        cloudflare.R2BucketLifecycleRuleArgs(
            id="abandoned-uploads",
            enabled=True,
            conditions=everything,
            abort_multipart_uploads_transition=cloudflare.R2BucketLifecycleRuleAbortMultipartUploadsTransitionArgs(
                condition=cloudflare.R2BucketLifecycleRuleAbortMultipartUploadsTransitionConditionArgs(
                    type="Age", max_age=ABANDONED_UPLOAD_DAYS * DAY
                )
            ),
        )
    ]
    for tier, days in sorted(spec.tiers.items()):
        rules.append(
            cloudflare.R2BucketLifecycleRuleArgs(
                id="tiers",
                enabled=True,
                conditions=everything,
                storage_class_transitions=[
                    cloudflare.R2BucketLifecycleRuleStorageClassTransitionArgs(
                        storage_class=tier,
                        condition=cloudflare.R2BucketLifecycleRuleStorageClassTransitionConditionArgs(
                            type="Age", max_age=days * DAY
                        ),
                    )
                ],
            )
        )
    if spec.expire_days is not None:
        rules.append(
            cloudflare.R2BucketLifecycleRuleArgs(
                id="expire",
                enabled=True,
                conditions=everything,
                delete_objects_transition=cloudflare.R2BucketLifecycleRuleDeleteObjectsTransitionArgs(
                    condition=cloudflare.R2BucketLifecycleRuleDeleteObjectsTransitionConditionArgs(
                        type="Age", max_age=spec.expire_days * DAY
                    )
                ),
            )
        )
    return rules
