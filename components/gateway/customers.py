"""What a REST API's customers may do, and their keys. A key is made by AWS, stands in the state as a secret, and is the
customer's: it stays what it is through every change of its plan."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import pulumi
import pulumi_aws as aws

from components.gateway.spec import GatewaySpec
from components.site import Site, child_options

PERIODS: Final = {"day": "DAY", "week": "WEEK", "month": "MONTH"}


def customers(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    spec: GatewaySpec,
    *,
    api_id: pulumi.Input[str],
    stage: pulumi.Input[str],
    retiring: Collection[str],
) -> dict[str, pulumi.Output[str]]:
    """The ids of customers' keys by customer; `retiring` are those keys' logical names that are armed to go: such a key
    opens nothing any more."""
    plans = {
        plan: aws.apigateway.UsagePlan(
            f"{name}-plan-{plan}",
            region=site.region,
            name=f"{site.prefix}-{name}-{plan}",
            description=f"{site.prefix} {name}: plan {plan}",
            api_stages=[{"api_id": api_id, "stage": stage}],
            throttle_settings={"rate_limit": given.rate, "burst_limit": given.burst},
            quota_settings={"limit": given.quota.requests, "period": PERIODS[given.quota.per]} if given.quota else None,
            tags=site.tagged(),
            opts=child_options(parent),
        )
        for plan, given in sorted(spec.plans.items())
    }
    keys = {}
    for customer, given in sorted(spec.customers.items()):
        logical = f"{name}-key-{customer}"
        going = logical in retiring
        key = aws.apigateway.ApiKey(
            logical,
            region=site.region,
            name=f"{site.prefix}-{name}-{customer}",
            description=f"{site.prefix} {name}: {customer}",
            enabled=not going,
            tags=site.tagged(customer=customer),
            opts=child_options(parent, protect=site.guards_data and not going, additional_secret_outputs=["value"]),
        )
        aws.apigateway.UsagePlanKey(
            f"{logical}-plan",
            region=site.region,
            key_id=key.id,
            key_type="API_KEY",
            usage_plan_id=plans[given.plan].id,
            # A key may have one plan of a stage at a time (CreateUsagePlanKey, API Gateway API reference).
            opts=child_options(parent, delete_before_replace=True),
        )
        keys[customer] = key.id
    return keys
