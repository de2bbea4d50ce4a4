"""Every resource type that any phase of any system records is priced, free for a stated reason, or told as unpriced."""

from __future__ import annotations

from pathlib import Path

import pytest

from phaseup.graph.resource import PROVIDER_PREFIX, STACK_TYPE, urn_type
from phaseup.price.handlers import HANDLERS, why_free
from tests.price.making import priced, resource

GOLDEN = Path(__file__).parents[1] / "compose" / "golden"
"""Every URN of every phase (tests/compose/test_urns.py), and so every type."""


def recorded() -> set[str]:
    urns = {line for path in GOLDEN.glob("*.txt") for line in path.read_text().splitlines()}
    types = {urn_type(urn.split()[0]) for urn in urns}
    return {
        type_
        for type_ in types
        if type_ != STACK_TYPE and not type_.startswith((PROVIDER_PREFIX, "phaseup:")) and ":" in type_
    }


def test_the_goldens_hold_the_types_that_are_looked_for() -> None:
    assert {"aws:rds/instance:Instance", "cloudflare:index/zone:Zone", "aws:kms/key:Key"} <= recorded()
    assert len(recorded()) > 100


def test_no_recorded_type_is_unknown() -> None:
    assert sorted(type_ for type_ in recorded() if type_ not in HANDLERS and not why_free(type_)) == []


def test_no_type_is_both_priced_and_free_but_pods_services_and_claims() -> None:
    both = sorted(type_ for type_ in HANDLERS if why_free(type_))
    assert both == ["kubernetes:core/v1:PersistentVolumeClaim", "kubernetes:core/v1:Service"]


def test_an_unknown_type_is_told_and_not_free() -> None:
    made = priced(resource("aws:sagemaker/endpoint:Endpoint", "model", {}))
    assert [each.why for each in made.unpriced] == ["no handler knows this type"]
    assert made.total == 0
    assert made.lines == ()


@pytest.mark.parametrize("type_", sorted(HANDLERS))
def test_a_handler_that_is_told_nothing_never_fails_and_never_keeps_silent(type_: str) -> None:
    made = priced(resource(type_, "bare", {}))
    urn = resource(type_, "bare", {}).urn
    told = {each.urn for each in made.unpriced} | {line.urn for line in made.lines} | set(made.free)
    assert urn in told or made.unstated
