"""What a CDN is told, whoever runs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_cloudflare as cloudflare

from components.cdn.spec import CdnSpec
from components.site import Site, child_options


@dataclass(frozen=True)
class CdnOrigin:
    """One place of an origin."""

    name: str
    """e.g. `lb`, or `lb-eu-central-1`."""
    address: pulumi.Input[str]
    hostname: str
    """What is asked for there, and the name in its certificate."""
    region: str = ""
    secret: pulumi.Input[str] | None = None
    """What a balancer knows CloudFront's requests by."""
    private: bool = False
    """A bucket on S3, which answers nobody but CloudFront."""


@dataclass(frozen=True)
class CdnArgs:
    """`origins` are by their key, the home region's first."""

    spec: CdnSpec
    site: Site
    domain: str
    zone_id: pulumi.Input[str]
    origins: Mapping[str, Sequence[CdnOrigin]]
    zoned: Collection[str] = ()
    """Labels whose record is the zone's."""
    target: pulumi.Input[str] = ""
    """Fastly: where it has its customers' names point."""
    account_id: pulumi.Input[str] = ""
    """CloudFront: the AWS account."""
    scripts: Mapping[str, str] = field(default_factory=dict)
    """CloudFront: the text of what runs at its edge, by script."""


def record(
    parent: pulumi.Resource, name: str, args: CdnArgs, hostname: pulumi.Input[str], content: pulumi.Input[str]
) -> cloudflare.DnsRecord:
    """A CNAME in the zone that is not proxied: otherwise each request would depend on both networks."""
    return cloudflare.DnsRecord(
        name,
        zone_id=args.zone_id,
        name=hostname,
        type="CNAME",
        content=content,
        ttl=300,
        proxied=False,
        opts=child_options(parent),
    )
