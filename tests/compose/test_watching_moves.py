"""What watches a system on its way up and down, rehearsed: nothing that holds anything is at risk but what is armed."""

from __future__ import annotations

import pytest
from rehearsing import Rehearsed, climbed
from watched import FAR, IMAGES, made_up

from phaseup.facts import facts_for
from phaseup.graph.values import leaves

KINDS = ("aws:synthetics/", "aws:xray/", "aws:cloudwatch/", "aws:lambda/", "aws:scheduler/", "aws:sns/", "aws:sqs/")


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder = tmp_path_factory.mktemp("watched")
    return climbed(made_up(folder), folder, IMAGES)


def of(ladder: list[Rehearsed], kind: str, old: str, new: str) -> Rehearsed:
    (found,) = [
        each
        for each in ladder
        if each.leg.move is not None
        and (each.kind, each.leg.move.from_, each.leg.move.to) == (kind, old, new)
        and each.leg.move.block in (None, "telemetry")
        and (kind != "shift" or each.leg.move.traffic == 100)
    ]
    return found


def test_nothing_is_blocked(ladder: list[Rehearsed]) -> None:
    wrong = {(each.kind, each.leg.move and each.leg.move.to): each.judged.reasons for each in ladder if _blocked(each)}
    assert wrong == {}
    assert {each.kind for each in ladder} >= {"expand", "shift", "arm", "contract", "abort"}


def _blocked(each: Rehearsed) -> bool:
    return each.judged.verdict not in ("safe", "needs-approval")


def test_a_region_s_key_of_alarms_goes_only_once_the_region_is_armed(ladder: list[Rehearsed]) -> None:
    (armed,) = [
        each for each in ladder if each.kind == "arm" and each.leg.move is not None and each.leg.move.block == FAR
        and each.leg.move.to == "large"
    ]  # fmt: skip
    assert armed.judged.verdict == "needs-approval"
    assert any(f"alarms-{FAR}-key" in reason for reason in armed.judged.reasons)
    contract = of(ladder, "contract", "two", "large")
    key = contract.steps()[f"alarms-{FAR}-key"]
    assert key.op == "delete"
    assert key.old is not None
    assert not key.old.protect


def test_everything_that_is_set_has_a_fact(ladder: list[Rehearsed]) -> None:
    checked, without = set(), set()
    for each in ladder:
        for state in each.run.outcome.snapshot:
            if not state.type.startswith(KINDS):
                continue
            checked.add(state.type)
            facts = facts_for(state.type)
            stated = {key: value for key, value in state.inputs.items() if not key.startswith("__")}
            for path, _ in leaves(stated):
                fact = facts.property(path) if facts is not None else None
                if fact is None or fact.effect == "unknown":
                    without.add((state.type, path))
    assert {"aws:synthetics/canary:Canary", "aws:xray/group:Group", "aws:xray/samplingRule:SamplingRule"} <= checked
    assert without == set()


def test_expand_creates_what_watches_and_touches_no_alarm_that_was_there(ladder: list[Rehearsed]) -> None:
    expand = of(ladder, "expand", "small", "large")
    assert {"telemetry-check-api", "telemetry-on-cluster-collector-deployment", "alarms-restarts"} <= expand.ops(
        "create"
    )
    assert expand.ops("delete") == expand.ops("replace") == set()
    for name in ("alarms-latency", "alarms-memory", "alarms-on-hosts"):
        assert name not in expand.changes()


def test_the_second_region_s_alarms_arrive_beside_those_at_home(ladder: list[Rehearsed]) -> None:
    expand = of(ladder, "expand", "large", "two")
    created = expand.ops("create")
    assert {f"alarms-restarts-{FAR}", f"alarms-topic-high-{FAR}", f"alarms-{FAR}-key"} <= created
    assert {name for name in expand.changes() if name.startswith("alarms-")} <= {"alarms-dashboard"}
    assert expand.ops("delete") == expand.ops("replace") == set()


def test_on_the_way_down_a_region_s_alarms_go_at_contract(ladder: list[Rehearsed]) -> None:
    contract = of(ladder, "contract", "two", "large")
    assert {f"alarms-restarts-{FAR}", f"telemetry-{FAR}-sampling-all"} <= contract.ops("delete")
    assert not {"alarms-restarts", "telemetry-check-api", "telemetry-checks"} & contract.ops("delete")


def test_what_checks_left_behind_goes_only_once_it_is_armed(ladder: list[Rehearsed]) -> None:
    armed = of(ladder, "arm", "large", "small")
    assert armed.judged.verdict == "needs-approval"
    assert "telemetry-checks" not in armed.ops("delete")
    contract = of(ladder, "contract", "large", "small")
    assert "telemetry-check-api" in contract.ops("delete")
    gone = contract.steps()["telemetry-checks"]
    assert gone.old is not None
    assert not gone.old.protect
    assert gone.old.retain_on_delete
