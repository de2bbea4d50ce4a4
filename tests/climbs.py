"""Whole climbs, each rehearsed once a worker: what tests of the ladder and of the pages made from it both look at."""

from __future__ import annotations

from functools import cache

import pytest

from phaseup.climb.climb import Climb, climb_whole


@cache
def whole(system: str) -> Climb:
    """A system's ladder in prod, up and down, with every way back."""
    return climb_whole([system], down=True)


def shared(system: str) -> pytest.MarkDecorator:
    """The mark of tests that use `whole(system)`: one worker runs them all."""
    return pytest.mark.xdist_group(f"{system}-climb")
