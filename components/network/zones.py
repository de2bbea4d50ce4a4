"""Three availability-zone ids for each region, pinned for ever: a subnet is named by its zone id and never moves.

Ids and not letters, because a letter means another zone in another account. Left out are the zones where the EKS
control plane refuses subnets (use1-az3, usw1-az2, cac1-az3: EKS user guide, "Subnet requirements for clusters"; MSK
refuses use1-az3 too) and zones closed to new accounts (apne1-az3). us-west-1 is missing, as only two usable zones
remain there. Source: AWS Global Infrastructure, "AWS Availability Zones" (2026-11).
"""

from __future__ import annotations

from typing import Final

ZONE_IDS: Final[dict[str, tuple[str, str, str]]] = {
    "af-south-1": ("afs1-az1", "afs1-az2", "afs1-az3"),
    "ap-east-1": ("ape1-az1", "ape1-az2", "ape1-az3"),
    "ap-northeast-1": ("apne1-az1", "apne1-az2", "apne1-az4"),
    "ap-northeast-2": ("apne2-az1", "apne2-az2", "apne2-az3"),
    "ap-northeast-3": ("apne3-az1", "apne3-az2", "apne3-az3"),
    "ap-south-1": ("aps1-az1", "aps1-az2", "aps1-az3"),
    "ap-southeast-1": ("apse1-az1", "apse1-az2", "apse1-az3"),
    "ap-southeast-2": ("apse2-az1", "apse2-az2", "apse2-az3"),
    "ca-central-1": ("cac1-az1", "cac1-az2", "cac1-az4"),
    "eu-central-1": ("euc1-az1", "euc1-az2", "euc1-az3"),
    "eu-central-2": ("euc2-az1", "euc2-az2", "euc2-az3"),
    "eu-north-1": ("eun1-az1", "eun1-az2", "eun1-az3"),
    "eu-south-1": ("eus1-az1", "eus1-az2", "eus1-az3"),
    "eu-south-2": ("eus2-az1", "eus2-az2", "eus2-az3"),
    "eu-west-1": ("euw1-az1", "euw1-az2", "euw1-az3"),
    "eu-west-2": ("euw2-az1", "euw2-az2", "euw2-az3"),
    "eu-west-3": ("euw3-az1", "euw3-az2", "euw3-az3"),
    "il-central-1": ("ilc1-az1", "ilc1-az2", "ilc1-az3"),
    "me-central-1": ("mec1-az1", "mec1-az2", "mec1-az3"),
    "me-south-1": ("mes1-az1", "mes1-az2", "mes1-az3"),
    "sa-east-1": ("sae1-az1", "sae1-az2", "sae1-az3"),
    "us-east-1": ("use1-az1", "use1-az2", "use1-az4"),
    "us-east-2": ("use2-az1", "use2-az2", "use2-az3"),
    "us-west-2": ("usw2-az1", "usw2-az2", "usw2-az3"),
}


def zone_ids(region: str) -> tuple[str, str, str]:
    """The region's three zone ids, in the order in which they are filled; `ValueError` where none are pinned."""
    try:
        return ZONE_IDS[region]
    except KeyError:
        raise ValueError(
            f"no three availability zones are pinned for region {region}; known: {', '.join(ZONE_IDS)}"
        ) from None
