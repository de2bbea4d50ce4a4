"""A RabbitMQ cluster that takes over a single one, rung by rung with every way back, and the single one that has it
back on the way down; beside them queues that come, and a Kafka that grows and does not shrink."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from brokered import made_up, moving, settled
from building import stack
from rehearsing import Rehearsed, between, climbed

from phaseup.plan.steps import net_ops
from phaseup.record.run import Run
from stacks.models import BadInput, Blueprint
from stacks.moves import effective, transition

ROLE = {"rabbit-parameter", "rabbit-name", "rabbit-for-app"}
"""Where the role is, and who may use what fills it."""


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder: Path = tmp_path_factory.mktemp("brokers")
    return climbed(made_up(folder), folder, settled("one"))


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    return made_up(tmp_path)


def said(each: Rehearsed) -> str:
    move = each.leg.move
    return " ".join(filter(None, (move.kind, move.stage or move.block))) if move else "apply"


def way(walked: list[Rehearsed], direction: str, *, back: bool = False) -> list[Rehearsed]:
    return [each for each in walked if each.leg.direction == direction and each.leg.backing_out == back]


def one(walked: list[Rehearsed], direction: str, what: str, *, back: bool = False) -> Rehearsed:
    return next(each for each in way(walked, direction, back=back) if said(each) == what)


def _stood(each: Rehearsed) -> tuple[dict[str, str], int] | None:
    """Rungs and traffic before a step."""
    moving = each.leg.before.moving if each.leg.before else None
    return (moving.data, moving.traffic) if moving else None


def updated(each: Rehearsed) -> set[str]:
    return {name for name in each.ops("update") if not name.startswith("watch-")}


def test_every_step_does_what_its_kind_may_and_no_more(walked: list[Rehearsed]) -> None:
    for each in walked:
        expected = "needs-approval" if each.kind == "arm" else "safe"
        assert each.judged.verdict == expected, (said(each), each.judged.reasons)
        assert each.ops("replace") == set(), said(each)
        if each.kind not in ("contract", "abort"):
            assert each.ops("delete") == set(), said(each)


def test_up_a_cluster_takes_the_role_over(walked: list[Rehearsed]) -> None:
    assert [said(each) for each in way(walked, "up")] == [
        "apply", "expand", "rung both", "rung produce", "rung drained", "shift", "arm rabbit", "contract",
    ]  # fmt: skip
    expand = one(walked, "up", "expand")
    assert {"rabbits-broker", "rabbits-from-app", "jobs-queue-mails"} <= expand.ops("create")
    assert {"bus-cluster", "jobs-parameter", "jobs-for-app"} <= updated(expand)
    assert not ROLE & updated(expand)
    assert updated(one(walked, "up", "rung both")) == {"rabbit-parameter", "rabbit-for-app"}
    # Who may read both logins still may.
    assert updated(one(walked, "up", "rung produce")) == {"rabbit-parameter", "rabbit-name"}
    assert updated(one(walked, "up", "rung drained")) == {"rabbit-parameter", "rabbit-for-app"}
    contract = one(walked, "up", "contract")
    assert {name for name in contract.ops("delete") if name != "rabbit" and not name.startswith("rabbit-")} == set()
    assert {"rabbit-broker", "rabbit-secret", "rabbit-key"} <= contract.ops("delete")
    assert not ROLE & contract.ops("delete")


def test_each_rung_says_what_must_hold_and_the_last_look_is_at_what_is_left(walked: list[Rehearsed]) -> None:
    rungs = [one(walked, "up", f"rung {name}").move for name in ("both", "produce", "drained")]
    assert [each.precondition for each in rungs] == [
        "the new brokers answer", "consumers read from both", "nothing is produced to the old broker",
    ]  # fmt: skip
    assert rungs[-1].check == "messages ready and unacknowledged there are both 0"
    assert one(walked, "up", "arm rabbit").move.check.startswith("nothing is left in it")


@pytest.mark.parametrize(("now", "before"), [("produce", "both"), ("drained", "produce")])
def test_taken_back_the_role_goes_back_rung_by_rung(walked: list[Rehearsed], now: str, before: str) -> None:
    (rung,) = [each for each in way(walked, "up", back=True) if _stood(each) == ({"rabbits": now}, 0)]
    assert said(rung) == f"rung {before}"
    assert rung.move.precondition.startswith("on the way back: ")
    assert updated(rung) <= ROLE
    assert rung.ops("create") == set()


def test_taken_back_before_it_was_live_the_new_one_is_armed_and_goes(walked: list[Rehearsed]) -> None:
    aborts = [each for each in way(walked, "up", back=True) if each.kind == "abort"]
    assert aborts
    for each in aborts:
        gone = {name for name in each.ops("delete") if not name.startswith("rabbits")}
        assert gone <= {"watch-memory"}
        assert "rabbits-broker" in each.ops("delete")
        assert "jobs-queue-mails" not in each.ops("delete")


def test_down_the_single_one_has_its_role_back(walked: list[Rehearsed]) -> None:
    assert [said(each) for each in way(walked, "down")] == [
        "expand", "rung both", "rung produce", "rung drained", "shift", "arm rabbits", "contract",
    ]  # fmt: skip
    assert "rabbit-broker" in one(walked, "down", "expand").ops("create")
    assert updated(one(walked, "down", "rung produce")) == {"rabbit-parameter", "rabbit-name"}
    contract = one(walked, "down", "contract")
    assert "rabbits-broker" in contract.ops("delete")
    assert not {name for name in contract.ops("delete") if not name.startswith(("rabbits", "watch-"))}


def test_down_queues_and_what_kafka_cannot_give_up_are_kept(walked: list[Rehearsed]) -> None:
    kept = {(each.block, each.why.partition(":")[0]) for each in one(walked, "down", "expand").move.kept}
    assert kept == {("jobs", "queues.mails"), ("bus", "storage"), ("bus", "brokers")}
    settled_down = one(walked, "down", "contract").leg.after
    assert settled_down.overrides == {"jobs": {"queues": {"mails": {}}}, "bus": {"storage": 200, "brokers": 6}}


def test_climbed_or_born_a_phase_is_the_same(walked: list[Rehearsed]) -> None:
    assert one(walked, "up", "contract").leg.after.values == stack(settled("three")).values


def test_the_role_is_never_filled_by_what_goes(walked: list[Rehearsed], blueprint: Blueprint) -> None:
    for each in walked:
        after = effective(each.leg.after, blueprint)
        assert f"{after.roles['rabbit']}-broker" not in each.ops("delete")
        assert not after.blocks[after.roles["rabbit"]].retiring


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [
        (None, "produce", "found produce; allowed: both; one rung an apply"),
        ("both", "drained", "found drained; allowed: both, produce; one rung an apply"),
        ("drained", "both", "found both; allowed: produce, drained; one rung an apply"),
    ],
)
def test_a_rung_out_of_order_is_bad_input(blueprint: Blueprint, now: str | None, then: str, told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)):
        transition(stack(moving(0, now)), stack(moving(0, then)), blueprint)


def test_one_rung_back_is_a_step(blueprint: Blueprint) -> None:
    step = transition(stack(moving(0, "drained")), stack(moving(0, "produce")), blueprint)
    assert (step.kind, step.block, step.stage) == ("rung", "rabbits", "produce")


def test_what_fills_the_role_cannot_be_armed(blueprint: Blueprint) -> None:
    consent = {"reason": "back", "until": "2999-01-01"}
    live = stack({**moving(0, "produce"), "phaseup:retire": {"rabbits": consent}})
    with pytest.raises(BadInput, match=r"retire\.rabbits: found rabbits, which fills a role that it took over"):
        effective(live, blueprint)
    old = stack({**moving(100, "both"), "phaseup:retire": {"rabbit": consent}})
    with pytest.raises(BadInput, match=r"retire\.rabbit: found rabbit, which still fills its role"):
        effective(old, blueprint)


def test_an_empty_queue_goes_by_itself_between_moves(tmp_path: Path, blueprint: Blueprint) -> None:
    consent = {"reason": "nothing sends to it", "until": "2999-01-01"}
    armed = {f"jobs-{part}-mails": consent for part in ("queue", "dead-letters")}
    arm = between(tmp_path, stack(settled("three")), stack({**settled("three"), "phaseup:retire": armed}))
    ops = {name for name, op in names_of(arm).items() if op != "same"}
    assert ops == set()
    freed = {step.urn.rsplit("::", 1)[1] for step in arm.outcome.steps if step.old and step.new
             and step.old.protect and not step.new.protect}  # fmt: skip
    assert freed == set(armed)
    assert effective(stack({**settled("three"), "phaseup:retire": armed}), blueprint).settled


def names_of(run: Run) -> dict[str, str]:
    return {urn.rsplit("::", 1)[1]: op for urn, op in net_ops(run.outcome.steps).items()}
