"""Which key of the book a product of AWS's price list is, if any: told by its attributes, strictly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

Found = tuple[str, str, float]
"""Key, unit, dollars."""
_HOURS: Final = ("Hrs", "Hours", "hours")
_MONTHS: Final = ("GB-Mo", "GB-month")
_DATABASES: Final = {"PostgreSQL": "rds:postgres", "Aurora PostgreSQL": "aurora:postgres", "MySQL": "rds:mysql"}
_VOLUMES: Final = {"General Purpose-GP3": "gp3", "General Purpose": "gp2", "Provisioned IOPS": "io1"}


class Offer(NamedTuple):
    """One on-demand price with its product's attributes."""

    attributes: Mapping[str, str]
    unit: str
    usd: float


def key_of(offer: Offer) -> Found | None:
    """The book's key, unit and price; None for what the book does not know or does not want."""
    if offer.usd == 0:
        return None
    rule = _RULES.get(offer.attributes.get("productFamily", ""))
    key = rule(offer) if rule is not None else ""
    if not key:
        return None
    unit = "h" if offer.unit in _HOURS else "GB-month" if offer.unit in _MONTHS else _UNITS.get(offer.unit, "")
    return (key, unit, offer.usd) if unit else None


def _usage(offer: Offer) -> str:
    """The usage type without its region: `EU-NatGateway-Hours` → `NatGateway-Hours`."""
    first, _, rest = offer.attributes.get("usagetype", "").partition("-")
    return rest if rest and first.isupper() and first.isalnum() and len(first) <= 5 else f"{first}-{rest}".rstrip("-")


def _host(offer: Offer) -> str:
    """Linux, shared, without software or licence, and used: a reserved but idle slot is priced apart."""
    of = offer.attributes
    plain = (
        of.get("operatingSystem") == "Linux"
        and of.get("tenancy") == "Shared"
        and of.get("preInstalledSw") in ("NA", "")
        and of.get("capacitystatus") in ("Used", "")
        and of.get("operation") == "RunInstances"
    )
    return f"ec2:{of.get('instanceType')}" if plain else ""


def _database(offer: Offer) -> str:
    of = offer.attributes
    service = _DATABASES.get(of.get("databaseEngine", ""))
    if service is None or not _usage(offer).startswith(("InstanceUsage:", "Multi-AZUsage:")):
        return ""
    if "IOOptimized" in of.get("usagetype", "") or "IO Optimization Mode" in of.get("storage", ""):
        return ""
    multi = {"Single-AZ": "", "Multi-AZ": "multi-az:"}.get(of.get("deploymentOption", ""))
    return "" if multi is None else f"{service}:{multi}{of.get('instanceType')}"


def _database_storage(offer: Offer) -> str:
    of = offer.attributes
    kind = _VOLUMES.get(of.get("volumeType", ""))
    multi = {"Single-AZ": "", "Multi-AZ": "multi-az:"}.get(of.get("deploymentOption", ""))
    if kind is None or multi is None or of.get("databaseEngine") not in ("PostgreSQL", "Any"):
        return ""
    return f"rds:{multi}{kind}"


def _cache(offer: Offer) -> str:
    """Nodes by engine. Add-ons for extended support or several zones carry the same type and are no node's price."""
    of = offer.attributes
    engine = of.get("cacheEngine", "").lower()
    whole = _usage(offer) == f"NodeUsage:{of.get('instanceType')}"
    return f"elasticache:{engine}:{of.get('instanceType')}" if engine in ("redis", "valkey") and whole else ""


def _search(offer: Offer) -> str:
    whole = _usage(offer).startswith("ESInstance:")
    return f"opensearch:{offer.attributes.get('instanceType')}" if whole else ""


def _balancer(offer: Offer) -> str:
    kind = "alb" if offer.attributes["productFamily"].endswith("Application") else "nlb"
    return {"LoadBalancerUsage": f"{kind}:hour", "LCUUsage": f"{kind}:lcu"}.get(_usage(offer), "")


def _nat(offer: Offer) -> str:
    return {"NatGateway-Hours": "nat:hour", "NatGateway-Bytes": "nat:gb"}.get(_usage(offer), "")


def _volume(offer: Offer) -> str:
    kind = offer.attributes.get("volumeApiName", "")
    return f"ebs:{kind}" if kind in ("gp3", "gp2", "io2") and _usage(offer).startswith("EBS:VolumeUsage") else ""


_RULES: Final[Mapping[str, Callable[[Offer], str]]] = {
    "Compute Instance": _host,
    "Database Instance": _database,
    "Database Storage": _database_storage,
    "Cache Instance": _cache,
    "Elastic Search Instance": _search,
    "Amazon OpenSearch Service Instance": _search,
    "Load Balancer-Application": _balancer,
    "Load Balancer-Network": _balancer,
    "NAT Gateway": _nat,
    "Storage": _volume,
}
_UNITS: Final = {"LCU-Hrs": "LCU-h", "GB": "GB", "Quantity": "GB"}
