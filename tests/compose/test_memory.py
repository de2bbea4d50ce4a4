"""What lies on a host shares its memory with containers: they fit, in each phase and move, and as triggers ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from building import stack

from stacks.compose import site_of
from stacks.compose.check import check
from stacks.compose.check_memory import RULES, room
from stacks.compose.context import Context
from stacks.compose.places import Place
from stacks.models import BadInput, Blueprint, StackConfig, load_blueprint
from stacks.moves import effective

SYSTEMS = ("listing", "meal", "pareto", "smartcart", "wholesale")


def context(config: StackConfig, blueprint: Blueprint) -> Context:
    """As `compose` makes it, before it builds anything."""
    given, site = effective(config, blueprint), site_of(config)
    places = {
        region: Place(region=region, home=region == config.region, site=replace(site, region=region), cidr=cidr)
        for region, cidr in given.cidrs.items()
    }
    return Context(config=config, effective=given, site=site, budget=None, places=places)


def fits(name: str, changes: dict[str, Any]) -> None:
    config = stack(changes, name)
    for rule in RULES:
        rule(context(config, load_blueprint(config.system)))


def test_an_instance_has_less_than_its_name_says() -> None:
    assert room("t4g.small") == 1638  # 2048 * 0.925 - 256
    assert room("t4g.large") == 7321
    assert room("z9.huge") is None


def test_more_than_the_host_has_is_refused() -> None:
    overrides = {"app": {"instance": "t4g.small"}}
    with pytest.raises(BadInput) as caught:
        fits("pareto-prod", {"phaseup:overrides": overrides})
    assert str(caught.value) == (
        "stacks/blueprints/pareto.yaml: app.instance: found t4g.small, of whose memory containers may take 7126 MiB "
        "(api 512, beat 256, cache 1366, celery 1536, cloudflared 128, db 2048, queue 256, web 1024); "
        "allowed: 1638 MiB at most, as a database lies there: a larger instance, or less memory for some of them"
    )
    # Nothing lies on hosts of the third phase any more.
    fits("pareto-prod", {"phaseup:phase": "geography", "phaseup:overrides": overrides})


def walks(system: str) -> Iterator[dict[str, Any]]:
    names = load_blueprint(system).names
    yield from ({"phaseup:phase": name} for name in names)
    for lower, upper in pairwise(names):
        for start, end in ((lower, upper), (upper, lower)):
            yield {"phaseup:phase": end, "phaseup:moving": {"from": start, "traffic": 0}}


@pytest.mark.parametrize("environment", ["prod", "staging", "dev"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_phase_and_move_fits(system: str, environment: str) -> None:
    for changes in walks(system):
        fits(f"{system}-{environment}", changes)


ASKED = [
    (system, phase, name)
    for system in SYSTEMS
    for phase, of in load_blueprint(system).phases.items()
    for name, trigger in of.leave.items()
    if trigger.asks
]


@pytest.mark.parametrize(("system", "phase", "name"), ASKED, ids=["-".join(each) for each in ASKED])
def test_what_a_trigger_asks_for_can_be_given(system: str, phase: str, name: str) -> None:
    """The spec alone is checked when the blueprint is read; here beside the other blocks."""
    blueprint = load_blueprint(system)
    asks = blueprint.phases[phase].leave[name].asks
    check(context(stack({"phaseup:phase": phase, "phaseup:overrides": asks}, f"{system}-prod"), blueprint))
