"""Whole climbs, each rehearsed once a worker: what tests of the ladder and of the pages made from it both look at."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import pytest

from phaseup.climb.climb import Climb, climb_whole
from phaseup.docs.pages import pages


@cache
def whole(system: str) -> Climb:
    """A system's ladder in prod, up and down, with every way back."""
    return climb_whole([system], down=True)


@cache
def told(system: str) -> Mapping[str, str]:
    """The pages made from it: path under `docs/` → text."""
    return MappingProxyType(pages(whole(system)))


def shared(system: str) -> pytest.MarkDecorator:
    """The mark of tests that use `whole(system)` or `told(system)`: one worker runs them all."""
    return pytest.mark.xdist_group(f"{system}-climb")
