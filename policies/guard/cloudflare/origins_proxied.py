"""No public name leads straight to an origin, past every rule of the zone, and tells its address.

A name that goes to a CDN beside Cloudflare hides its origin as well: it may be unproxied, and has to be, as both would
terminate TLS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from pulumi_policy.proxy import UnknownValueError

from ..reading import items, text
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .serving import BALANCER, RECORDS

ORIGIN: Final = re.compile(
    r"\.(cfargotunnel\.com"
    r"|elb\.amazonaws\.com|elb\.[a-z0-9-]+\.amazonaws\.com"
    r"|execute-api\.[a-z0-9-]+\.amazonaws\.com"
    r"|compute(-1)?\.amazonaws\.com"
    r"|lambda-url\.[a-z0-9-]+\.on\.aws"
    r"|awsglobalaccelerator\.com|awsapprunner\.com|elasticbeanstalk\.com"
    r"|s3[.-][a-z0-9.-]*amazonaws\.com)\.?$"
)
"""Names that AWS and Cloudflare give to what answers requests itself."""

ORIGIN_TYPES: Final = (
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
    "aws:apigatewayv2/domainName:DomainName",
    "aws:apigatewayv2/api:Api",
    "aws:apigateway/domainName:DomainName",
    "aws:ec2/eip:Eip",
    "aws:ec2/instance:Instance",
    "aws:lambda/functionUrl:FunctionUrl",
    "cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared",
)
"""While a preview does not know a name, what it comes from says as much."""

HARMLESS: Final = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:cloudfront/distribution:Distribution",
        "fastly:index/serviceVcl:ServiceVcl",
        "fastly:index/tlsSubscription:TlsSubscription",
    }
)
"""Proofs of certificates, and CDNs."""


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Only addresses and aliases can be proxied. A name with an underscore is a proof, and mail is not HTTP."""
    props = resource.props
    if props.get("proxied") is True:
        return
    if resource.type == BALANCER:
        yield f"proxied: found {props.get('proxied')}; allowed: true"
        return
    if _sources(resource, stack) <= HARMLESS or props.get("type") not in ("A", "AAAA", "CNAME"):
        return
    origin = _origin(resource, stack)
    if not origin:
        return
    name = text(props.get("name"))
    if not (name.startswith("_") or name in items(resource.config.get("direct")) or name in _mail(stack)):
        yield f"proxied: found {props.get('proxied')} for a name of {origin}; allowed: true"


def _sources(resource: Resource, stack: Stack) -> frozenset[str]:
    """The types of what the record's content comes from; one that is text comes from nothing."""
    known = (stack.get(urn) for urn in resource.depends_on.get("content", ()))
    return frozenset(each.type for each in known if each is not None) or frozenset({""})


def _mail(stack: Stack) -> set[str]:
    found = set()
    for each in stack.of(*RECORDS):
        if each.props.get("type") == "MX":
            try:
                found.add(text(each.props.get("content")).rstrip("."))
            except UnknownValueError:
                continue
    return found


def _origin(resource: Resource, stack: Stack) -> str:
    """What the record leads to, if that is an origin."""
    try:
        content = text(resource.props.get("content")) or text(resource.props.get("value"))
    except UnknownValueError:
        for urn in resource.depends_on.get("content", ()):
            known = stack.get(urn)
            if known is not None and known.type in ORIGIN_TYPES:
                return known.name
        raise
    if resource.props.get("type") == "CNAME":
        return content if ORIGIN.search(content.lower()) else ""
    try:
        return content if ip_address(content).is_global else ""
    except ValueError:
        return ""


RULE = Rule(
    name="cloudflare-origins-proxied",
    severity="high",
    description="A record or load balancer that leads to an origin goes through Cloudflare's proxy.",
    remedy="Set `proxied: true`; name it in `direct` if it is not for HTTP.",
    types=(*RECORDS, BALANCER),
    check=check,
    config={
        "direct": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Names that lead to an origin on purpose, e.g. one for SSH.",
        }
    },
    url="https://developers.cloudflare.com/dns/proxy-status/",
    needs_stack=True,
)
