"""The balancer's web ACL: AWS's managed rules and a rate limit a client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.balancer.secret import Known
from components.site import Site, child_options
from components.spec import Join, Spec, joined

DEFAULT_GROUPS = {
    "AWSManagedRulesAmazonIpReputationList": 10,
    "AWSManagedRulesKnownBadInputsRuleSet": 20,
    "AWSManagedRulesCommonRuleSet": 30,
    "AWSManagedRulesSQLiRuleSet": 40,
}
SOURCE_GROUPS = frozenset({"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesAnonymousIpList"})
"""Groups that look at a request's own source and know no header: behind Cloudflare they would judge Cloudflare."""
COUNTED = {"AWSManagedRulesCommonRuleSet": ["SizeRestrictions_BODY"]}
"""A body above 8 KiB is what an API gets from an honest client as well (AWS WAF developer guide, "Core rule set")."""
RATE_PRIORITY = 1
KNOWN_PRIORITY = 0
CLIENT_HEADER = "CF-Connecting-IP"


class RuleGroupSpec(Spec):
    """One of AWS's managed rule groups; its key is the group's name."""

    priority: int = joined(Join.NOW, ge=10, le=999)
    """Lower is asked first."""
    mode: Literal["block", "count"] = joined(Join.LATE, "block")
    """`count` only reports what it would have blocked."""
    counted: list[str] = joined(Join.NOW, list)
    """Rules of the group that only count, e.g. `SizeRestrictions_BODY` where uploads are large."""


class WafSpec(Spec):
    """What is refused before it reaches a host."""

    groups: dict[str, RuleGroupSpec] = joined(
        Join.UNION,
        lambda: {
            group: RuleGroupSpec(priority=at, counted=COUNTED.get(group, [])) for group, at in DEFAULT_GROUPS.items()
        },
    )
    """Managed rule groups by name."""
    rate: int = joined(Join.NOW, 2000, ge=10, le=2_000_000_000)
    """Requests that one client may make in `rate_window`."""
    rate_window: Literal[60, 120, 300, 600] = joined(Join.NOW, 300)
    """Seconds."""


def web_acl(
    parent: pulumi.Resource,
    name: str,
    spec: WafSpec,
    site: Site,
    *,
    behind_cloudflare: bool,
    before: str = "the balancer",
    scope: Literal["REGIONAL", "CLOUDFRONT"] = "REGIONAL",
    known: Known | None = None,
    own: Sequence[pulumi.Input[str]] | None = None,
) -> aws.wafv2.WebAcl:
    """A web ACL that allows by default. Behind Cloudflare a client is who its header says, as every request's own
    source is Cloudflare. `known` refuses whoever comes past those who are; `own` are the stack's addresses, which the
    rate limit does not count: all its services ask by a handful of them. None where they never come."""
    ours = None if own is None else _own(parent, name, site, own)
    return aws.wafv2.WebAcl(
        name,
        # One for CloudFront stands where all of CloudFront does.
        region=site.region if scope == "REGIONAL" else "us-east-1",
        description=f"{site.prefix}: before {before}",
        scope=scope,
        default_action={"allow": {}},
        rules=[
            *([known.rule(KNOWN_PRIORITY, _seen_as("origin"))] if known else []),
            _rate_rule(spec, behind_cloudflare=behind_cloudflare, ours=ours),
            *(
                _group_rule(group, of, counts=of.mode == "count" or (behind_cloudflare and group in SOURCE_GROUPS))
                for group, of in sorted(spec.groups.items(), key=lambda item: item[1].priority)
            ),
        ],
        visibility_config=_seen_as(name),
        tags=site.tagged(Name=f"{site.prefix}-{name}"),
        opts=child_options(parent),
    )


def _own(parent: pulumi.Resource, name: str, site: Site, addresses: Sequence[pulumi.Input[str]]) -> aws.wafv2.IpSet:
    """There from the start, empty or not, so that it neither comes nor goes with the network's ways out."""
    return aws.wafv2.IpSet(
        f"{name}-own",
        region=site.region,
        description=f"{site.prefix}: the stack's own ways out",
        scope="REGIONAL",
        ip_address_version="IPV4",
        addresses=[pulumi.Output.concat(address, "/32") for address in addresses],
        tags=site.tagged(Name=f"{site.prefix}-{name}-own"),
        opts=child_options(parent),
    )


def _rate_rule(spec: WafSpec, *, behind_cloudflare: bool, ours: aws.wafv2.IpSet | None) -> Any:
    statement: dict[str, Any] = {"limit": spec.rate, "evaluation_window_sec": spec.rate_window}
    forwarded = {"header_name": CLIENT_HEADER, "fallback_behavior": "NO_MATCH"}
    if behind_cloudflare:
        statement["aggregate_key_type"] = "FORWARDED_IP"
        statement["forwarded_ip_config"] = forwarded
    else:
        statement["aggregate_key_type"] = "IP"
    if ours is not None:
        among: dict[str, Any] = {"arn": ours.arn}
        if behind_cloudflare:
            among["ip_set_forwarded_ip_config"] = {**forwarded, "position": "FIRST"}
        statement["scope_down_statement"] = {"not_statement": {"statement": {"ip_set_reference_statement": among}}}
    return {
        "name": "rate",
        "priority": RATE_PRIORITY,
        "action": {"block": {}},
        "statement": {"rate_based_statement": statement},
        "visibility_config": _seen_as("rate"),
    }


def _group_rule(group: str, spec: RuleGroupSpec, *, counts: bool) -> Any:
    return {
        "name": group,
        "priority": spec.priority,
        "override_action": {"count": {}} if counts else {"none": {}},
        "statement": {
            "managed_rule_group_statement": {
                "vendor_name": "AWS",
                "name": group,
                "rule_action_overrides": [
                    {"name": rule, "action_to_use": {"count": {}}} for rule in sorted(spec.counted)
                ],
            }
        },
        "visibility_config": _seen_as(group),
    }


def _seen_as(metric: str) -> Any:
    return {"cloudwatch_metrics_enabled": True, "metric_name": metric, "sampled_requests_enabled": True}
