"""The rules of package `cloudflare`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

from phaseup.graph.values import UNKNOWN, Secret, Value
from phaseup.simulate.context import Context, Surroundings
from phaseup.simulate.provider import CheckFailure
from phaseup.simulate.rules import IdRule, Rules
from phaseup.simulate.seed import canonical, digest, letters, uuid

_SERVERS: Final = [
    "ada",
    "amir",
    "anna",
    "beau",
    "cora",
    "dana",
    "elle",
    "finn",
    "gina",
    "hank",
    "iris",
    "jack",
    "kara",
    "liam",
    "maya",
    "nick",
    "opal",
    "pete",
    "rita",
    "seth",
    "tara",
    "vera",
]

# Cloudflare's published ranges (https://www.cloudflare.com/ips, 2026).
_IPV4: Final = [
    "173.245.48.0/20",
    "103.21.244.0/22",
    "103.22.200.0/22",
    "103.31.4.0/22",
    "141.101.64.0/18",
    "108.162.192.0/18",
    "190.93.240.0/20",
    "188.114.96.0/20",
    "197.234.240.0/22",
    "198.41.128.0/17",
    "162.158.0.0/15",
    "104.16.0.0/13",
    "104.24.0.0/14",
    "172.64.0.0/13",
    "131.0.72.0/22",
]
_IPV6: Final = [
    "2400:cb00::/32",
    "2606:4700::/32",
    "2803:f800::/32",
    "2405:b500::/32",
    "2405:8100::/32",
    "2a06:98c0::/29",
    "2c0f:f248::/32",
]


def _by_input(key: str) -> IdRule:
    return lambda context: context.text(key)


_IDS: Final[dict[str, IdRule]] = {
    "cloudflare:index/r2Bucket:R2Bucket": _by_input("name"),
    "cloudflare:index/zoneSetting:ZoneSetting": _by_input("settingId"),
    "cloudflare:index/tieredCache:TieredCache": _by_input("zoneId"),
    "cloudflare:index/regionalTieredCache:RegionalTieredCache": _by_input("zoneId"),
    "cloudflare:index/argoSmartRouting:ArgoSmartRouting": _by_input("zoneId"),
    "cloudflare:index/zoneDnssec:ZoneDnssec": _by_input("zoneId"),
    "cloudflare:index/zoneSubscription:ZoneSubscription": _by_input("zoneId"),
    "cloudflare:index/botManagement:BotManagement": _by_input("zoneId"),
    "cloudflare:index/managedTransforms:ManagedTransforms": _by_input("zoneId"),
    "cloudflare:index/imageVariant:ImageVariant": _by_input("imageVariantId"),
    "cloudflare:index/workersScript:WorkersScript": _by_input("scriptName"),
    "cloudflare:index/workersCronTrigger:WorkersCronTrigger": _by_input("scriptName"),
    "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": _by_input("scriptName"),
    "cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared": lambda context: context.uuid("id"),
    "cloudflare:index/zeroTrustTunnelCloudflaredConfig:ZeroTrustTunnelCloudflaredConfig": _by_input("tunnelId"),
    "cloudflare:index/certificatePack:CertificatePack": lambda context: context.uuid("id"),
}


def _id(context: Context) -> str:
    return context.hex(32, "id")


def _common(context: Context) -> dict[str, Value]:
    return {
        "accountTag": context.text("accountId"),
        "createdOn": "2026-01-01T00:00:00Z",
        "modifiedOn": "2026-01-01T00:00:00Z",
        "createdAt": "2026-01-01T00:00:00Z",
        "deletedAt": "",
        "editable": True,
    }


def _zone(context: Context) -> dict[str, Value]:
    first = int(context.hex(4, "ns"), 16) % len(_SERVERS)
    second = (first + 1 + int(context.hex(4, "ns2"), 16) % (len(_SERVERS) - 1)) % len(_SERVERS)
    return {
        "nameServers": [f"{_SERVERS[first]}.ns.cloudflare.com", f"{_SERVERS[second]}.ns.cloudflare.com"],
        "status": "pending",
        "originalNameServers": [],
        "originalDnshost": "",
        "originalRegistrar": "",
        "activatedOn": "",
        "cnameSuffix": "",
        "developmentMode": 0,
        "permissions": [],
        "vanityNameServers": [],
        "verificationKey": "",
    }


def _tunnel(_context: Context) -> dict[str, Value]:
    return {
        "status": "inactive",
        "tunType": "cfd_tunnel",
        "remoteConfig": True,
        "connections": [],
        "connsActiveAt": "",
        "connsInactiveAt": "",
        "metadata": "{}",
    }


def _record(context: Context) -> dict[str, Value]:
    return {"proxiable": context.text("type") in ("A", "AAAA", "CNAME"), "meta": "{}", "tags": []}


def _certificate(context: Context) -> dict[str, Value]:
    body = base64.b64encode(bytes.fromhex(context.hex(64, "certificate"))).decode()
    return {
        "certificate": f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n",
        "expiresOn": "2041-01-01T00:00:00Z",
    }


def _ruleset(_context: Context) -> dict[str, Value]:
    return {"version": "1", "lastUpdated": "2026-01-01T00:00:00Z"}


def _check_ruleset(inputs: Mapping[str, Value]) -> list[CheckFailure]:
    account, zone = inputs.get("accountId"), inputs.get("zoneId")
    if account is not None and zone is not None:
        return [CheckFailure("zoneId", 'exactly one of "accountId" and "zoneId" may be set')]
    if account is None and zone is None:
        return [CheckFailure("zoneId", 'one of "accountId" and "zoneId" must be set')]
    return []


def _check_record(inputs: Mapping[str, Value]) -> list[CheckFailure]:
    ttl, proxied = inputs.get("ttl"), inputs.get("proxied")
    if proxied is True and ttl is not None and ttl is not UNKNOWN and ttl != 1:
        return [CheckFailure("ttl", f"a proxied record's ttl must be 1 (automatic), not {ttl}")]
    return []


def _ip_ranges(_args: Mapping[str, Value], _around: Surroundings) -> dict[str, Value]:
    return {"ipv4Cidrs": list(_IPV4), "ipv6Cidrs": list(_IPV6), "etag": digest(*_IPV4)[:32], "jdcloudCidrs": []}


def _get_zone(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    wanted = args.get("filter")
    name = str((wanted or {}).get("name") or "example.com") if isinstance(wanted, dict) else "example.com"
    id_ = str(args.get("zoneId") or digest("zone", canonical(dict(args)), around.account)[:32])
    return {
        "id": id_,
        "zoneId": id_,
        "name": name,
        "account": {"id": digest("account")[:32], "name": "account"},
        "status": "active",
        "type": "full",
        "paused": False,
        "nameServers": ["ada.ns.cloudflare.com", "beau.ns.cloudflare.com"],
    }


def _tunnel_token(args: Mapping[str, Value], _around: Surroundings) -> dict[str, Value]:
    """The token that cloudflared runs with: base64 of account, tunnel and secret, as Cloudflare issues it."""
    account, tunnel = str(args.get("accountId")), str(args.get("tunnelId"))
    key = base64.b64encode(letters(32, account, tunnel, "secret").encode()).decode()
    body = f'{{"a":"{account}","t":"{tunnel}","s":"{key}"}}'
    return {
        "accountId": account,
        "tunnelId": tunnel,
        "token": Secret(base64.b64encode(body.encode()).decode()),
        "id": uuid(account, tunnel),
    }


RULES: Final = Rules(
    "cloudflare",
    autonames_by_default=False,
    records_defaults=False,
    ids=_IDS,
    default_id=_id,
    default_outputs=_common,
    outputs={
        "cloudflare:index/zone:Zone": _zone,
        "cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared": _tunnel,
        "cloudflare:index/dnsRecord:DnsRecord": _record,
        "cloudflare:index/originCaCertificate:OriginCaCertificate": _certificate,
        "cloudflare:index/ruleset:Ruleset": _ruleset,
    },
    secrets={
        "cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared": ("tunnelSecret",),
        "cloudflare:index/accountToken:AccountToken": ("value",),
        "cloudflare:index/apiToken:ApiToken": ("value",),
    },
    checks={
        "cloudflare:index/ruleset:Ruleset": _check_ruleset,
        "cloudflare:index/dnsRecord:DnsRecord": _check_record,
    },
    calls={
        "cloudflare:index/getIpRanges:getIpRanges": _ip_ranges,
        "cloudflare:index/getZone:getZone": _get_zone,
        "cloudflare:index/getZeroTrustTunnelCloudflaredToken:getZeroTrustTunnelCloudflaredToken": _tunnel_token,
    },
)
