"""Names that have a minimum of their own, which goes before the zone's: customers' hostnames, R2 domains, hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at
from ..resource import Resource
from ..rule import Rule

CUSTOMER: Final = "cloudflare:index/customHostname:CustomHostname"
R2: Final = "cloudflare:index/r2CustomDomain:R2CustomDomain"
HOST: Final = "cloudflare:index/hostnameTlsSetting:HostnameTlsSetting"
ALLOWED: Final = ("1.2", "1.3")


def check(resource: Resource) -> Iterator[str]:
    """Left out, it is 1.0 (provider's documentation, version 6.23); a customer's name without `ssl` has no
    certificate, and a domain that is switched off answers nobody."""
    props = resource.props
    if resource.type == HOST:
        if props.get("settingId") != "min_tls_version":
            return
        path, found = "value", props.get("value")
    elif resource.type == R2:
        if props.get("enabled") is False:
            return
        path, found = "minTls", props.get("minTls")
    elif props.get("ssl") is None:
        return
    else:
        path, found = "ssl.settings.minTlsVersion", at(props, "ssl", "settings", "minTlsVersion")
    if found not in ALLOWED:
        yield f"{path}: found {found}; allowed: {' or '.join(ALLOWED)}"


RULE = Rule(
    name="cloudflare-names-minimum-tls",
    severity="high",
    description="Customers' hostnames, R2 domains and hosts with a setting of their own take no TLS below 1.2.",
    remedy="Set `minTls`, `ssl.settings.minTlsVersion` or the host's `min_tls_version` to `1.2`.",
    types=(CUSTOMER, R2, HOST),
    check=check,
)
