"""Nobody is let in, and no origin asked, by a TLS older than 1.2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from ..patience import each, over
from ..reading import at, items, table, text
from ..resource import Resource
from ..rule import Framework, Rule

LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
DOMAIN_V1: Final = "aws:apigateway/domainName:DomainName"
DOMAIN_V2: Final = "aws:apigatewayv2/domainName:DomainName"

POLICY: Final = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-")
"""Load balancers' policies from TLS 1.2 on (ELB user guides, "Security policies", 2026)."""
VIEWERS: Final = re.compile(r"TLSv1\.[23]_20\d\d")
"""CloudFront's (developer guide, "Supported protocols and ciphers between viewers and CloudFront", 2026)."""
DOMAINS: Final = re.compile(r"TLS_1_2|SecurityPolicy_TLS1[23]_.*")
"""API Gateway's (developer guide, "Choose a security policy", 2026)."""
OLD: Final = ("SSLv3", "TLSv1", "TLSv1.1")


def check(resource: Resource) -> Iterator[str]:
    """What is not said is the service's oldest, TLS 1.0."""
    props = resource.props
    if resource.type in LISTENERS:
        if props.get("protocol") in ("HTTPS", "TLS"):
            yield from _policy("sslPolicy", props.get("sslPolicy"), POLICY, "a policy from TLS 1.2 on")
    elif resource.type == DOMAIN_V1:
        yield from _policy("securityPolicy", props.get("securityPolicy"), DOMAINS, "TLS_1_2 or newer")
    elif resource.type == DOMAIN_V2:
        path = "domainNameConfiguration.securityPolicy"
        yield from _policy(path, at(props, *path.split(".")), DOMAINS, "TLS_1_2 or newer")
    else:
        yield from each(
            partial(_viewers, table(props.get("viewerCertificate"))), lambda: over(props.get("origins"), _origin)
        )


def _policy(path: str, found: Any, allowed: re.Pattern[str], what: str) -> Iterator[str]:
    if not allowed.match(text(found)):
        yield f"{path}: found {found}; allowed: {what}"


def _viewers(certificate: Mapping[str, Any]) -> Iterator[str]:
    """With CloudFront's own certificate the minimum is TLS 1.0, whatever is asked."""
    if certificate.get("cloudfrontDefaultCertificate") is True:
        yield "viewerCertificate.cloudfrontDefaultCertificate: found true; allowed: a certificate of one's own"
    else:
        path, found = "viewerCertificate.minimumProtocolVersion", certificate.get("minimumProtocolVersion")
        yield from _policy(path, found, VIEWERS, "TLSv1.2_2018 or newer")


def _origin(index: int, origin: Mapping[str, Any]) -> Iterator[str]:
    if old := [text(e) for e in items(at(origin, "customOriginConfig", "originSslProtocols")) if text(e) in OLD]:
        path = f"origins[{index}].customOriginConfig.originSslProtocols"
        yield f"{path}: found {', '.join(old)}; allowed: TLSv1.2 or newer"


RULE = Rule(
    name="network-tls-version",
    severity="high",
    description="Load balancers, distributions and API domains speak TLS 1.2 or newer, origins are asked by it too.",
    remedy="Choose a policy from TLS 1.2 on, e.g. `ELBSecurityPolicy-TLS13-1-2-2021-06`, `TLSv1.2_2021`, `TLS_1_2`.",
    types=(*LISTENERS, DISTRIBUTION, DOMAIN_V1, DOMAIN_V2),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "ELB.17"),
        Framework("AWS FSBP", "", "CloudFront.10"),
        Framework("AWS FSBP", "", "CloudFront.15"),
    ),
)
