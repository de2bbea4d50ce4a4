"""Instance classes: what AWS offers in a region, and which of two holds more memory."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("classes")

SERVICE_OF_KIND: Final = {
    "server": "ec2",
    "postgres": "rds-postgres",
    "aurora": "rds-aurora",
    "cache": "elasticache",
    "search": "opensearch",
}
"""Which list a kind's `instance` fields are checked against."""
SERVICE_OF_ENGINE: Final = {"rabbitmq": "mq"}
"""The same for a kind of several engines; no list says where MSK offers which class."""

# GiB of memory per vCPU, by the family's first letter, and vCPU by size; t classes are given whole. The pattern holds
# for every current-generation general purpose, compute and memory optimised type (Amazon EC2 Instance Types guide,
# "Specifications", 2026-10). RDS and ElastiCache sell the same shapes as db.* and cache.*; a cache node keeps back a
# fixed share, which leaves the order as it is.
_GIB_PER_VCPU: Final = {"c": 2.0, "m": 4.0, "r": 8.0, "x": 16.0}
_T_GIB: Final = {"nano": 0.5, "micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}
_FAMILY: Final = re.compile(r"(?:(?P<letter>[cmr])(?:[5-9]|[1-9]\d)[a-z-]*|(?P<x>x)(?:2gd?|8g))\Z")
_PREFIX: Final = re.compile(r"\A(db|cache|mq|kafka)\.")
_SIZE: Final = re.compile(r"(?P<times>\d*)xl(?:arge)?\Z")


def memory_gib(name: str) -> float | None:
    """Nominal GiB of `t4g.medium`, `db.m7g.xlarge`, `mq.m7g.2xl` or `r7g.large.search`; None where the formula knows
    none."""
    family, _, size = _PREFIX.sub("", name).removesuffix(".search").partition(".")
    if re.fullmatch(r"t[34](?:a|g)?", family):
        return _T_GIB.get(size)
    match = _FAMILY.match(family)
    if not match:
        return None
    vcpus: float | None = {"medium": 1.0, "large": 2.0}.get(size)
    if times := _SIZE.match(size):
        vcpus = 4.0 * int(times["times"] or 1)
    return vcpus * _GIB_PER_VCPU[match["letter"] or match["x"]] if vcpus else None


def is_offered(service: str, name: str, region: str) -> bool | None:
    """Whether AWS offers a class in a region; None where the lists do not know the region."""
    regions, offered = _lists(service)
    return name in offered.get(region, ()) if region in regions else None


def offered_like(service: str, name: str, region: str) -> list[str]:
    """The classes of the same family that the region offers; all families there where it has none of this one."""
    _, offered = _lists(service)
    family = family_of(name)
    names = offered.get(region, frozenset())
    same = [each for each in names if family_of(each) == family]
    if same:
        return sorted(same, key=lambda each: (memory_gib(each) or 0, each))
    return sorted({family_of(each) + ".*" for each in names})


def family_of(name: str) -> str:
    """A class without its size: `db.m7g` of `db.m7g.xlarge`, `r7g` of `r7g.large.search`."""
    return name.removesuffix(".search").rpartition(".")[0]


def source(service: str) -> str:
    """Where the list comes from and of when it is."""
    content = _content(service)
    return f"{content['source']}, {content['date']}"


@cache
def _content(service: str) -> dict:
    return json.loads((FOLDER / f"{service}.json").read_text())


@cache
def _lists(service: str) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    content = _content(service)
    names: dict[str, set[str]] = {region: set() for region in content["regions"]}
    for family, variants in content["offered"].items():
        for sizes, regions in variants.items():
            for region in regions.split():
                names[region].update(f"{family}.{size}" for size in sizes.split())
    return frozenset(names), {region: frozenset(each) for region, each in names.items()}
