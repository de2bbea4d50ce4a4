"""Disks are gp3: cheaper than gp2 and with a speed that does not depend on size; io2 where that is not enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..reading import at, items
from ..resource import Resource
from ..rule import Rule

OLD: Final = ("gp2", "io1", "standard")
VOLUME: Final = "aws:ebs/volume:Volume"
INSTANCE: Final = "aws:rds/instance:Instance"
SEARCH: Final = ("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain")
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
HOST: Final = "aws:ec2/instance:Instance"
INHERITS: Final = ("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime", "s3Import")


def check(resource: Resource) -> Iterator[str]:
    """A volume without a type is gp2, and so is a database made anew; a disk of an image is what the image says."""
    props = resource.props
    stated = set(props)
    if resource.type == VOLUME:
        yield from _judged("type", props.get("type") or ("gp2" if "snapshotId" not in stated else None))
    elif resource.type == INSTANCE:
        new = not stated & {*INHERITS, "iops"}
        yield from _judged("storageType", props.get("storageType") or ("gp2" if new else None))
    elif resource.type in SEARCH:
        yield from _judged("ebsOptions.volumeType", at(props, "ebsOptions", "volumeType"))
    elif resource.type == TEMPLATE:
        for position, disk in enumerate(items(props.get("blockDeviceMappings"))):
            yield from _judged(f"blockDeviceMappings[{position}].ebs.volumeType", at(disk, "ebs", "volumeType"))
    else:
        yield from _judged("rootBlockDevice.volumeType", at(props, "rootBlockDevice", "volumeType"))
        for position, disk in enumerate(items(props.get("ebsBlockDevices"))):
            yield from _judged(f"ebsBlockDevices[{position}].volumeType", at(disk, "volumeType"))


def _judged(path: str, found: Any) -> Iterator[str]:
    if found in OLD:
        yield f"{path}: found {found}; allowed: gp3, or io2 where it is not fast enough"


RULE = Rule(
    name="scale-volumes-gp3",
    severity="low",
    description="Disks of hosts, databases and search are not of a type that gp3 or io2 has replaced.",
    remedy="Set the type to `gp3`: volumes and databases change without an outage.",
    types=(VOLUME, INSTANCE, *SEARCH, TEMPLATE, HOST),
    check=check,
    url="https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html",
)
