"""Sizes of instance classes: how many times `large` each is, in AWS's doubling from size to size."""

from __future__ import annotations

import math
import re
from typing import Final

_WEIGHTS: Final = {
    "nano": 1 / 16,
    "micro": 1 / 8,
    "small": 1 / 4,
    "medium": 1 / 2,
    "large": 1.0,
    "xlarge": 2.0,
    **{f"{times}xlarge": 2.0 * times for times in (2, 4, 8, 12, 16, 24, 32, 48)},
}
_CLASS: Final = re.compile(
    r"(?P<start>(?:[a-z0-9-]+:)+)(?P<family>[a-z0-9.-]+?)\.(?P<size>[a-z0-9]+)(?P<end>\.search)?"
)


def split(key: str) -> tuple[str, str, str]:
    """`rds:postgres:db.m7g.xlarge` → (`rds:postgres:`, `db.m7g`, `xlarge`); no size where the key is no class's."""
    found = _CLASS.fullmatch(key)
    if found is None or found["size"] not in _WEIGHTS:
        return "", "", ""
    return found["start"], found["family"], found["size"]


def end(key: str) -> str:
    """What follows the size: `.search` of OpenSearch's classes."""
    found = _CLASS.fullmatch(key)
    return (found["end"] or "") if found is not None else ""


def known() -> tuple[str, ...]:
    """Every size, the smallest first."""
    return tuple(_WEIGHTS)


def weight(size: str) -> float:
    """How many times `large` a size is."""
    return _WEIGHTS[size]


def steps(size: str) -> float:
    """Doublings from `large`."""
    return math.log2(_WEIGHTS[size])
