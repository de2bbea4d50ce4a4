"""Where resources stand, and where they put copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from ..patience import over
from ..reading import text
from ..resource import Resource

COPIES: Final = {
    "aws:dynamodb/table:Table": ("replicas", "regionName"),
    "aws:secretsmanager/secret:Secret": ("replicas", "region"),
    "aws:acmpca/certificateAuthority:CertificateAuthority": ("replicas", "region"),
}
"""By type, the property that lists copies, and where in each of them the region is."""


def arn_region(arn: object) -> str:
    """The region that an ARN names; empty where it names none, as a bucket's."""
    parts = text(arn).split(":")
    return parts[3] if len(parts) > 5 and parts[0] == "arn" else ""


def seat(resource: Resource) -> str:
    """The region that a resource stands in: as it says, or by its zone or ARN; empty where none of them is there."""
    props = resource.props
    return text(props.get("region")) or text(props.get("availabilityZone"))[:-1] or arn_region(props.get("arn"))


Say = Callable[[str, str], Iterator[str]]


def copies(resource: Resource, say: Say) -> Iterator[str]:
    """What `say(path, region)` says of each copy that the resource itself puts into another region."""
    props = resource.props
    if resource.type in COPIES:
        key, inner = COPIES[resource.type]
        yield from over(props.get(key), lambda index, copy: say(f"{key}[{index}].{inner}", text(copy.get(inner))))
    elif resource.type == "aws:backup/plan:Plan":
        yield from over(props.get("rules"), partial(_copy_actions, say))
    elif resource.type == "aws:ecr/replicationConfiguration:ReplicationConfiguration":
        rules = (props.get("replicationConfiguration") or {}).get("rules")
        yield from over(rules, partial(_destinations, say))


def _copy_actions(say: Say, index: int, rule: Mapping[str, Any]) -> Iterator[str]:
    path = f"rules[{index}].copyActions"
    yield from over(
        rule.get("copyActions"),
        lambda at, action: say(f"{path}[{at}].destinationVaultArn", arn_region(action.get("destinationVaultArn"))),
    )


def _destinations(say: Say, index: int, rule: Mapping[str, Any]) -> Iterator[str]:
    path = f"replicationConfiguration.rules[{index}].destinations"
    yield from over(
        rule.get("destinations"),
        lambda at, to: say(f"{path}[{at}].region", text(to.get("region"))),
    )
