"""What the pack is told of a stack: by its environment, its blueprint and its file."""

from __future__ import annotations

from datetime import date
from typing import Any

import jsonschema
import pytest

from phaseup.climb.ladder import legs
from phaseup.climb.phases import born, stack_of
from phaseup.policy.ceiling import ceiling_of
from phaseup.policy.config import pack_config
from phaseup.policy.let_off import PROTECTION, SURROUNDINGS
from policies.guard.catalogue import RULES
from policies.guard.exceptions import KEY, SCHEMA, parse
from stacks.models import BadInput, StackConfig, changed, load_blueprint
from stacks.models.load_blueprint import systems
from stacks.moves import steps


def told(config: StackConfig) -> Any:
    return pack_config(config, load_blueprint(config.system))


def stack(phase: str, environment: str = "prod", system: str = "meal", **keys: Any) -> StackConfig:
    settled = born(stack_of(system, environment), phase)
    return changed(settled, {f"phaseup:{key}": value for key, value in keys.items()})


@pytest.mark.parametrize(
    ("environment", "level"), [("dev", "advisory"), ("staging", "mandatory"), ("prod", "mandatory")]
)
def test_the_environment_sets_the_level(environment: str, level: str) -> None:
    assert told(stack("mvp", environment))["all"] == level


def test_the_file_s_levels_go_before() -> None:
    given = told(stack("mvp", policies={"levels": {"all": "advisory", "data-backups": "disabled"}}))
    assert (given["all"], given["data-backups"]) == ("advisory", {"enforcementLevel": "disabled"})


def test_the_file_s_exceptions_are_the_rule_s() -> None:
    known = {"rule": "data-backups", "urn": "*::db-primary", "reason": "why", "until": "2027-01-31"}
    given = told(stack("mvp", policies={"exceptions": [known, {**known, "urn": "*::x"}]}))
    assert [(each.urn, each.until) for each in parse(given["data-backups"][KEY])] == [
        ("*::db-primary", date(2027, 1, 31)),
        ("*::x", date(2027, 1, 31)),
    ]


def test_an_exception_of_a_phase_holds_there_and_on_the_way() -> None:
    known = {"rule": "data-backups", "urn": "*", "reason": "why", "until": "2027-01-31", "phases": ["mvp"]}
    policies = {"exceptions": [known]}
    assert KEY in told(stack("mvp", policies=policies))["data-backups"]
    assert "data-backups" not in told(stack("growth", policies=policies))
    between = stack("growth", policies=policies, moving={"from": "mvp", "traffic": 0})
    assert KEY in told(between)["data-backups"]


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        (
            {"levels": {"data-backup": "advisory"}},
            r"phaseup:policies\.levels\.data-backup: found data-backup; .*data-backups",
        ),
        (
            {"exceptions": [{"rule": "nope", "urn": "*", "reason": "r", "until": "2027-01-01"}]},
            r"phaseup:policies\.exceptions\.0\.rule: found nope; allowed: a rule of the pack",
        ),
        (
            {"levels": {"data-backups": "loud"}},
            r"phaseup:policies\.levels\.data-backups: found loud; allowed: .*advisory",
        ),
        ({"exceptions": [{"rule": "data-backups", "urn": "*", "until": "2027-01-01"}]}, r"exceptions\.0\.reason"),
        (
            {"exceptions": [{"rule": "data-backups", "urn": "*", "reason": "r", "until": "soon"}]},
            r"exceptions\.0\.until",
        ),
        (
            {
                "exceptions": [
                    {"rule": "data-backups", "urn": "*", "reason": "r", "until": "2027-01-01", "phases": ["x"]}
                ]
            },
            r"exceptions\.0\.phases: found x; allowed: .*mvp",
        ),
        ({"exception": []}, r"phaseup:policies\.exception: found"),
    ],
)
def test_what_the_pack_does_not_know_is_bad_input(policies: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        told(stack("mvp", policies=policies))


def test_a_ceiling_is_the_phase_s_own_else_its_budget_s_else_the_range_s() -> None:
    meal, pareto = load_blueprint("meal"), load_blueprint("pareto")
    assert ceiling_of(stack("mvp"), meal) == 220
    assert ceiling_of(stack("scale"), meal) == 5000
    assert ceiling_of(stack("mvp", overrides={"budget": {"monthly": 90}}), meal) == 90
    assert ceiling_of(stack("mvp", system="pareto"), pareto) == 100
    between = stack("growth", moving={"from": "mvp", "traffic": 0})
    assert ceiling_of(between, meal) == 220 + 1250
    assert ceiling_of(stack("mvp", "staging"), meal) is None


def test_what_is_kept_on_the_way_down_costs_what_its_phase_costs() -> None:
    meal = load_blueprint("meal")
    down = [leg for leg in legs(stack_of("meal", "prod"), meal, down=True, aborts=False) if leg.direction == "down"]
    last = down[-1].after
    assert (last.phase, last.moving) == ("mvp", None)
    assert last.overrides
    assert ceiling_of(last, meal) == 20000
    assert ceiling_of(stack("mvp", overrides={"edge": {"plan": "business"}}), meal) == 5000
    assert ceiling_of(stack("mvp", overrides={"db": {"storage": 777}}), meal) == 220


RESTORED = {"db-two": {"of": "db", "snapshot": "rds:meal-prod-db-2026-11-21-01-31"}}


def test_while_a_snapshot_is_restored_two_stores_may_stand() -> None:
    """From its expand until its contract; a settled stack has one of each again."""
    meal = load_blueprint("meal")
    coming = stack("mvp", restore=RESTORED, moving={"from": "mvp", "traffic": 0, "restore": "db-two"})
    way = [coming, *(step.config for step in steps(coming, meal, "mvp", today=date(2026, 11, 22)))]
    assert len(way) > 3
    assert [ceiling_of(each, meal) for each in way] == [*[2 * 220] * (len(way) - 1), 220]


def test_a_restored_block_has_the_ceiling_of_what_it_stands_in_for() -> None:
    """On a move to a phase that has no such block, and kept in one that has none."""
    wholesale, listing = load_blueprint("wholesale"), load_blueprint("listing")
    other = {**RESTORED["db-two"], "of": "rds"}
    for keys in ({}, {"overrides": {"db-two": {"storage": 777}}}):
        plain = stack("scale", system="wholesale")
        assert ceiling_of(stack("scale", system="wholesale", restore=RESTORED, **keys), wholesale) == ceiling_of(
            plain, wholesale
        )
    moving = {"from": "scale", "traffic": 0}
    up = stack("enterprise", system="wholesale", restore=RESTORED, moving=moving)
    assert ceiling_of(up, wholesale) == ceiling_of(stack("enterprise", system="wholesale", moving=moving), wholesale)
    kept = {"kind": "postgres", "takes_over": "db"}
    known = ceiling_of(stack("mvp", system="listing", overrides={"rds": kept}), listing)
    assert known != ceiling_of(stack("mvp", system="listing"), listing)
    assert (
        ceiling_of(stack("mvp", system="listing", restore={"rds-two": other}, overrides={"rds-two": kept}), listing)
        == known
    )


def test_on_the_way_to_a_phase_that_promises_more_no_more_is_asked_yet() -> None:
    blueprint = load_blueprint("wholesale")
    promised = {name: blueprint.phases[name].serves["availability"] for name in blueprint.names}
    assert promised["mvp"] < promised["growth"]
    between = stack("growth", system="wholesale", moving={"from": "mvp", "traffic": 0})
    assert told(between)["data-standby"]["availability"] == promised["mvp"]
    assert told(stack("growth", system="wholesale"))["data-standby"]["availability"] == promised["growth"]


def test_a_jurisdiction_s_data_stays_where_it_stands() -> None:
    given = told(stack("geography", system="pareto"))
    assert given["network-residency"]["residency"]["db-de"] == ["eu-central-1"]
    assert set(given["network-regions"]["regions"]) >= {"eu-west-3", "eu-central-1"}
    assert "network-residency" not in told(stack("mvp"))


def test_what_may_be_lost_need_not_be_guarded_until_its_day_and_nothing_else() -> None:
    """Names begin with their block's, and so may another block's: `scraper` goes, `scraper-dia` comes."""
    moving = {"from": "mvp", "traffic": 100, "data": {"cache": "replicated", "queue": "replicated"}}
    given = told(stack("growth", moving=moving, retire={"scraper": {"reason": "moved", "until": "2027-03-01"}}))
    assert {*PROTECTION, *SURROUNDINGS} <= {rule.name for rule in RULES}
    for rule in PROTECTION:
        (known,) = parse(given[rule][KEY])
        assert (known.reason, known.until) == ("retire: moved", date(2027, 3, 1))
        start = "urn:pulumi:meal-prod::phaseup::t::"
        assert known.covers(f"{start}scraper-logs")
        assert not known.covers(f"{start}scraper-dia-logs")
        assert not known.covers(f"{start}scrapers-group")


@pytest.mark.parametrize("system", systems())
def test_the_engine_would_take_it(system: str) -> None:
    """It holds each rule's part against the schema that the rule gives, and knows every name."""
    schemas = {rule.name: {**rule.config, KEY: SCHEMA} for rule in RULES}
    for environment in ("dev", "prod"):
        for phase in load_blueprint(system).names:
            given = dict(told(stack(phase, environment, system)))
            assert given.pop("all") in ("advisory", "mandatory")
            for rule, properties in given.items():
                plain = {key: value for key, value in properties.items() if key != "enforcementLevel"}
                schema = {"type": "object", "properties": schemas[rule], "additionalProperties": False}
                jsonschema.validate(plain, schema)
