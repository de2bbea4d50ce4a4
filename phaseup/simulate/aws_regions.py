"""Regions, zones and the hosted zones of load balancers, as AWS names them.

Sources: AWS General Reference "Regional endpoints" and "Elastic Load Balancing endpoints"; zone ids as in the EC2 user
guide. An account's zone letters are its own; here zone `a` has the first id.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Zone(NamedTuple):
    """One availability zone."""

    name: str
    id: str


_CODES: Final[dict[str, tuple[str, str]]] = {
    "us-east-1": ("use1", "abcdef"),
    "us-east-2": ("use2", "abc"),
    "us-west-1": ("usw1", "ac"),
    "us-west-2": ("usw2", "abcd"),
    "ca-central-1": ("cac1", "abd"),
    "ca-west-1": ("caw1", "abc"),
    "mx-central-1": ("mxc1", "abc"),
    "sa-east-1": ("sae1", "abc"),
    "eu-west-1": ("euw1", "abc"),
    "eu-west-2": ("euw2", "abc"),
    "eu-west-3": ("euw3", "abc"),
    "eu-central-1": ("euc1", "abc"),
    "eu-central-2": ("euc2", "abc"),
    "eu-north-1": ("eun1", "abc"),
    "eu-south-1": ("eus1", "abc"),
    "eu-south-2": ("eus2", "abc"),
    "ap-south-1": ("aps1", "abc"),
    "ap-south-2": ("aps2", "abc"),
    "ap-southeast-1": ("apse1", "abc"),
    "ap-southeast-2": ("apse2", "abc"),
    "ap-southeast-3": ("apse3", "abc"),
    "ap-southeast-4": ("apse4", "abc"),
    "ap-northeast-1": ("apne1", "acd"),
    "ap-northeast-2": ("apne2", "abcd"),
    "ap-northeast-3": ("apne3", "abc"),
    "ap-east-1": ("ape1", "abc"),
    "me-south-1": ("mes1", "abc"),
    "me-central-1": ("mec1", "abc"),
    "il-central-1": ("ilc1", "abc"),
    "af-south-1": ("afs1", "abc"),
}
_IDS: Final[dict[str, tuple[int, ...]]] = {
    "us-west-1": (1, 3),
    "ca-central-1": (1, 2, 4),
    "ap-northeast-1": (4, 1, 2),
    "us-east-1": (6, 1, 2, 4, 3, 5),
}
_BALANCER_ZONES: Final[dict[str, str]] = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "ca-central-1": "ZQSVJUPU6J1EY",
    "sa-east-1": "Z2P70J7HTTTPLU",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
    "eu-west-3": "Z3Q77PNBQS71R4",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-north-1": "Z23TAZ6LKFMNIO",
    "ap-south-1": "ZP97RAFLXTNZK",
    "ap-southeast-1": "Z1LMS91P8CMLE5",
    "ap-southeast-2": "Z1GM3OXH4ZPM65",
    "ap-northeast-1": "Z14GRHDCWA56QT",
    "ap-northeast-2": "ZWKZPGTI48KDX",
}
DEFAULT_REGION: Final = "us-east-1"
REGIONS: Final = tuple(_CODES)


def code(region: str) -> str:
    """The short code that zone ids and cache endpoints carry: `euw1`."""
    known = _CODES.get(region)
    if known is not None:
        return known[0]
    parts = region.split("-")
    return "".join([parts[0], *(part[0] for part in parts[1:-1]), parts[-1]]) if len(parts) > 2 else region


def zones(region: str) -> tuple[Zone, ...]:
    """A region's zones in the order of their names; three for a region that the table does not know."""
    short, letters = _CODES.get(region, (code(region), "abc"))
    numbers = _IDS.get(region, tuple(range(1, len(letters) + 1)))
    return tuple(
        Zone(f"{region}{letter}", f"{short}-az{number}") for letter, number in zip(letters, numbers, strict=True)
    )


def partition(region: str) -> str:
    """`aws`, `aws-cn` or `aws-us-gov`."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def dns_suffix(region: str) -> str:
    """`amazonaws.com`, in China with `.cn`."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def balancer_zone(region: str) -> str:
    """The hosted zone of the region's application load balancers, for alias records."""
    return _BALANCER_ZONES.get(region, "Z35SXDOTRQ7X7K")
