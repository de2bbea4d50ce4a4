"""What is kept on the way down says which rung closed the way: one that the block went over to fill its role; and it is
watched on."""

from __future__ import annotations

from typing import Any

import pytest

from components.alarms.spec import AlarmsSpec
from components.postgres.spec import PostgresSpec
from phaseup.climb.ladder import legs
from phaseup.climb.phases import stack_of
from stacks.models import Block, StackConfig, load_blueprint, load_stack
from stacks.models.load_blueprint import systems
from stacks.models.paths import stack_file
from stacks.moves import effective, steps
from stacks.moves.kept import keep


def refusals(system: str, high: str, low: str) -> dict[str, tuple[str | None, str, str]]:
    """Block → (rung, reason, what may be done by hand) on the way down in prod."""
    from phaseup.climb.phases import born

    config = born(load_stack(stack_file(f"{system}-prod")), high)
    found = {}
    for step in steps(config, load_blueprint(system), low):
        if step.refused is not None:
            found[step.block or ""] = (step.stage, step.refused.reason, step.refused.manual)
    return found


def test_a_cache_that_took_a_server_s_data_over_is_kept_since_it_is_live() -> None:
    """Not for its cluster mode, which it has not got in this phase."""
    found = refusals("listing", "startup", "mvp")
    for block, role in (("redis", "cache"), ("broker", "queue")):
        rung, reason, manual = found[block]
        assert rung == "live"
        assert reason == (
            f"nothing leads the data of {block} back to {role}: the rung live of the ladder “a cache takes over a "
            "server's data” is behind it, and what was written since is nowhere else"
        )
        assert "copy-snapshot --target-bucket" in manual
        assert "several shards leave a file each, so then copy the keys instead" in manual


def test_a_database_is_kept_for_the_rung_that_cannot_be_gone_back_over() -> None:
    rung, reason, manual = refusals("listing", "startup", "mvp")["rds"]
    assert rung == "live"
    assert reason.endswith("the rung live of the ladder “postgres takes over a server's data” is irrevocable")
    assert "dump the instance" in manual


def walked(config: StackConfig, to: str) -> dict[str, StackConfig]:
    """The config that each step leaves, by its kind."""
    return {step.kind: step.config for step in steps(config, load_blueprint(config.system), to) if not step.refused}


def watching(config: StackConfig, block: str) -> set[tuple[str, object, str | None]]:
    """What watches a block: (metric or event, threshold, severity)."""
    spec = effective(config, load_blueprint(config.system)).blocks["alarms"].spec
    alarms = [each for each in spec.alarms.values() if each.block == block]  # type: ignore[attr-defined]
    events = [each for each in spec.events.values() if each.block == block]  # type: ignore[attr-defined]
    return {(each.metric, each.above or each.below, each.severity) for each in alarms} | {
        (each.event, None, each.severity) for each in events
    }


@pytest.mark.parametrize(
    ("system", "high", "low", "blocks"),
    [
        ("listing", "startup", "mvp", {"rds": "db", "redis": "", "broker": ""}),
        ("pareto", "geography", "verticals", {"db-fr": "db", "db-de": "", "redis": ""}),
    ],
)
def test_what_is_kept_is_watched_as_before(system: str, high: str, low: str, blocks: dict[str, str]) -> None:
    """Also where the lower phase has an alarm of the same name, on what stands blank under the role's."""
    from phaseup.climb.phases import born

    up = born(load_stack(stack_file(f"{system}-prod")), high)
    down = walked(up, low)
    there = walked(down["contract"], high)
    for block, lower in blocks.items():
        before = watching(up, block)
        assert before
        for each in (down["expand"], down["contract"], there["expand"], there["contract"]):
            assert watching(each, block) >= before
        if lower:
            own = watching(born(up, low), lower)
            assert own
            for each in (down["expand"], down["contract"]):
                assert watching(each, lower) >= own
    assert there["contract"].overrides["alarms"] == down["contract"].overrides["alarms"]


def test_a_kept_alarm_that_a_composite_told_of_tells_by_itself() -> None:
    alarm = {"block": "core", "metric": "samples", "below": 1}
    high = alarms_of(
        {"silent": alarm, "other": {**alarm, "block": "app"}},
        composites={"away": {"any_of": ["silent", "other"], "severity": "critical"}},
    )
    low = alarms_of({"silent": {**alarm, "block": "db"}}, composites={"silent-core": {"any_of": ["silent", "silent"],
                                                                                       "severity": "low"}})  # fmt: skip
    core = Block("core", "postgres", PostgresSpec(instance="db.t4g.medium", storage=20))
    keeping = keep({"core": core, "alarms": high}, {"alarms": low})
    # Not under the name of a composite either.
    assert keeping.overrides["alarms"] == {"alarms": {"silent-core-2": {**alarm, "severity": "critical"}}}


def alarms_of(alarms: dict[str, Any], **more: Any) -> Block:
    return Block("alarms", "alarms", AlarmsSpec.model_validate({"alarms": alarms, **more}))


@pytest.mark.parametrize("system", systems())
def test_a_way_back_that_is_asked_for_anew_after_each_step_ends_the_same(system: str) -> None:
    """What the fall of traffic hides is written down with it: which blocks were live."""
    blueprint, stack = load_blueprint(system), stack_of(system, "prod")
    asked = 0
    for leg in legs(stack, blueprint, down=True, aborts=False):
        here = leg.after
        if here.moving is None or here.moving.traffic == 0:
            continue
        way = steps(here, blueprint, here.moving.from_)
        if way[0].refused:
            continue
        for step in way[:-1]:
            asked += 1
            assert steps(step.config, blueprint, here.moving.from_)[-1].config.values == way[-1].config.values
    assert asked > 3
