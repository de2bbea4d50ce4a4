"""Everything stands in a region that was decided on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from ..patience import each
from ..reading import items, text
from ..resource import Resource
from ..rule import ANY, Rule
from .places import copies

PROVIDER: Final = "pulumi:providers:aws"
GLOBAL: Final = "us-east-1"
"""Where AWS keeps what belongs to CloudFront, Route 53 and billing, wherever the stack is."""
PARTS: Final = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:cloudwatch/logDelivery:LogDelivery",
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:kms/alias:Alias",
        "aws:kms/key:Key",
        "aws:lambda/function:Function",
        "aws:sns/topic:Topic",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:wafv2/ipSet:IpSet",
        "aws:wafv2/webAcl:WebAcl",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    }
)
"""What such a part can be, none of which holds data: certificates and firewalls of distributions, functions at the
edge, alarms on metrics that are there alone, and their topics."""


def check(resource: Resource) -> Iterator[str]:
    """A resource without a region of its own has its provider's."""
    allowed = [text(region) for region in items(resource.config.get("regions"))]
    if not allowed or not resource.type.startswith(("aws:", PROVIDER)):
        return
    say = partial(_said, resource, allowed)
    yield from each(lambda: say("region", text(resource.props.get("region"))), lambda: copies(resource, say))


def _said(resource: Resource, allowed: list[str], path: str, region: str) -> Iterator[str]:
    if not region or region in allowed:
        return
    if path == "region" and region == GLOBAL and (resource.type in PARTS or resource.type == PROVIDER):
        return
    yield f"{path}: found {region}; allowed: {', '.join(allowed)}"


RULE = Rule(
    name="network-regions",
    severity="high",
    description="AWS resources, their copies and providers stand in the regions of the config's `regions`; without it "
    "nothing is asked. Global services' parts may stand in us-east-1.",
    remedy="Move it, or add the region to `regions` once it is decided on.",
    types=(ANY, PROVIDER),
    check=check,
    config={
        "regions": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "description": "The regions that anything may stand in, e.g. eu-west-1.",
        }
    },
)
