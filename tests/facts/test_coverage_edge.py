"""Facts for every property that a worker, CDN, gateway, zone or broker sets, with all that its spec can switch on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from phaseup.facts import facts_for
from phaseup.graph.values import leaves

sys.path.append(str(Path(__file__).parents[1] / "components"))

from recording import record
from whole import WHOLE

from components.site import Site

SITE = Site(prefix="meal-prod", region="eu-west-1", protect_data=True, protect_anchors=True)


@pytest.mark.parametrize("cls", ["Worker", "Cdn", "Gateway", "Zone", "Broker"])
def test_every_property_that_is_set_has_a_fact(cls: str) -> None:
    resources = [each for each in record(lambda: WHOLE[cls](SITE)).resources if each.custom]
    assert len(resources) > 5
    without = set()
    for each in resources:
        facts = facts_for(each.type)
        for path, _ in leaves(each.inputs):
            fact = facts.property(path) if facts is not None else None
            if fact is None or fact.effect == "unknown":
                without.add((each.type, path))
    assert without == set()
