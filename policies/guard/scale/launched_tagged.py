"""What a launch template starts is tagged like what stands in the program: instances and their disks are the bill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import items, table, text
from ..resource import Resource
from ..rule import Rule
from .tagged import CONFIG, carried, missing, wanted

LAUNCHED: Final = ("instance", "volume")


def check(resource: Resource) -> Iterator[str]:
    """A template's own tags do not go to what it starts."""
    told = {text(each.get("resourceType")): each for each in map(table, items(resource.props.get("tagSpecifications")))}
    for kind in LAUNCHED:
        absent = missing(wanted(resource), carried(told[kind].get("tags")) if kind in told else {})
        if absent:
            yield f"tagSpecifications.{kind}: found none of {', '.join(absent)}; allowed: a value for each"


RULE = Rule(
    name="scale-launched-tagged",
    severity="low",
    description="Launch templates tag the instances and volumes that they start.",
    remedy="Add `tagSpecifications` for `instance` and `volume` with the same tags.",
    types=("aws:ec2/launchTemplate:LaunchTemplate",),
    check=check,
    config=CONFIG,
)
