"""The data and the pictures of a climb's page: what each step has, where each tread stands, what a month costs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from page_kit import Parsed, component, small_climb, state, steps_of, told

from phaseup.climb.climb import Climb
from phaseup.climb.report import ClimbReport, ClimbStep
from phaseup.page import climb_page
from phaseup.page.chart import chart
from phaseup.page.climb_data import climb_data
from phaseup.page.ladder import LANDING_HEIGHT, ladder
from phaseup.page.resources import Resources, ranges
from phaseup.plan.steps import Reason, Step


def present(data: dict, step: int) -> dict[str, str]:
    """Name → operation, as the page's script reads it."""
    (system,) = data["systems"]
    found = system["steps"][step]
    strings = data["strings"]
    ops = {change[0]: data["ops"][change[1]] for change in found["changes"]}
    pairs = zip(found["same"][::2], found["same"][1::2], strict=True)
    ops |= {number: "same" for first, last in pairs for number in range(first, last + 1)}
    return {strings[system["resources"][number][0]]: op for number, op in ops.items()}


def test_each_step_has_every_resource_once() -> None:
    data = Parsed(climb_page(small_climb())).data()
    assert present(data, 0) == {"net": "create", "net-vpc": "create", "db": "create", "db-instance": "create"}
    assert present(data, 1) == {
        **{"net": "same", "net-vpc": "same", "db": "same", "db-instance": "update"},
        **{"app": "create", "app-group": "create"},
    }
    assert present(data, 3) == {
        **{"net": "same", "net-vpc": "same", "app": "same", "app-group": "update"},
        **{"db": "delete", "db-instance": "delete"},
    }


def test_a_refused_step_has_what_stands_before_it() -> None:
    data = climb_data([small_climb()])
    assert present(data, 2) == dict.fromkeys(["net", "net-vpc", "db", "db-instance"], "same")


def test_a_change_keeps_its_reasons_and_a_create_has_none() -> None:
    data = climb_data([small_climb()])
    strings, step = data["strings"], data["systems"][0]["steps"][1]
    (update,) = [change for change in step["changes"] if data["ops"][change[1]] == "update"]
    assert update[2] == 1
    assert strings[update[3]] == "a.py:3"
    told_ = [[strings[number] for number in data["reasons"][reason]] for reason in update[4]]
    assert told_[0] == ["instanceClass", '"db.t4g.medium"', '"db.m7g.large"', "update_reboot", "aws_db_instance, 7.51"]
    assert told_[1][1] == ""
    assert [urn.rpartition("::")[2] for urn in told_[1][5:]] == ["net-vpc", "db-instance"]
    assert [change[4] for change in step["changes"] if data["ops"][change[1]] == "create"] == [[], []]


def test_protection_that_is_lifted_is_told_by_name() -> None:
    """The engine counts it as same; to whoever reads the page it is the whole step."""
    one = small_climb()
    lifted = [
        replace(step, op="same", reasons=(Reason("<protect>", True, False, "option", "protect"),)) for step in arm()
    ]
    climbed = replace(one.climbed[1], run=replace_run(one.climbed[1].run, lifted))
    data = climb_data([Climb(ClimbReport((climbed.step,), 1, 1, 1, 1), (climbed,), {})])
    (system,) = data["systems"]
    assert [(data["ops"][change[1]], len(change[4])) for change in system["steps"][0]["changes"]] == [("same", 1)]
    assert system["steps"][0]["same"] == []


def arm() -> list[Step]:
    return steps_of("same", state(component("db"), "db-instance"))


def test_dependencies_are_those_of_the_step() -> None:
    data = climb_data([small_climb()])
    (system,) = data["systems"]
    names = [data["strings"][row[0]] for row in system["resources"]]
    group = names.index("app-group")

    def needs(step: int) -> set[str]:
        variant = dict(system["steps"][step]["needs"]).get(group, 0)
        return {names[number] for number in system["resources"][group][7][variant]}

    assert needs(1) == {"db-instance", "net-vpc"}
    assert needs(3) == {"net-vpc"}


def test_blocks_stand_on_those_before_them() -> None:
    assert climb_data([small_climb()])["systems"][0]["blocks"] == [
        ["net", "Network", 0],
        ["db", "Postgres", 1],
        ["app", "Server", 2],
    ]


def test_numbers_do_not_follow_the_programs_order() -> None:
    net, db = component("net", "Network"), component("db")
    parts = [net, db, *(state(db, f"d{number}") for number in range(4)), state(net, "n")]

    def numbered(states: list) -> dict[str, int]:
        resources = Resources()
        resources.of_steps(steps_of("create", *states))
        resources.settle()
        return {each.urn: resources.number(each.urn) for each in parts}

    assert numbered(parts) == numbered([net, db, *reversed(parts[2:])])


def test_the_stack_and_default_providers_are_nobodys() -> None:
    provider = replace(state(component("x"), "default_7_51_1", "pulumi:providers:aws"), parent="")
    resources = Resources()
    assert [each.urn for each in resources.of_steps(steps_of("create", provider))] == []
    assert resources.number(provider.urn) == -1


@pytest.mark.parametrize(
    ("numbers", "found"),
    [([], []), ([3], [3, 3]), ([2, 1, 0], [0, 2]), ([0, 2, 3, 5], [0, 0, 2, 3, 5, 5])],
)
def test_ranges(numbers: list[int], found: list[int]) -> None:
    assert ranges(numbers) == found


def long_way(direction: str) -> list[ClimbStep]:
    phases = ["mvp", "growth", "a phase with a name that is much longer than others", "global"]
    steps: list[ClimbStep] = []
    cost = 40.0
    for old, new in zip(["", *phases], phases, strict=False):
        for kind in ("expand", "rung", "shift", "contract") if old else ("apply",):
            where = {"from_phase": old, "to_phase": new}
            steps.append(told(len(steps) + 1, kind, phases=where, direction=direction, cost=(cost, cost * 1.5)))
            cost *= 1.5
            for _ in range(9 if kind == "rung" else 2 if kind == "expand" else 0):
                back = {"from_phase": new, "to_phase": old}
                steps.append(told(len(steps) + 1, "abort", phases=back, direction=direction, backing_out=True))
    return steps


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_ladder_has_every_step_and_phase_and_nothing_overlaps(direction: str) -> None:
    steps = long_way(direction)
    picture = ladder(steps)
    assert [tread.step.index for tread in picture.treads] == [step.index for step in steps]
    assert [landing.phase for landing in picture.landings] == [
        "mvp",
        "growth",
        "a phase with a name that is much longer than others",
        "global",
    ]
    boxes = [
        (t.x - 9.9, t.y - 9.9, t.x + 9.9, t.y + 9.9) if t.back else (t.x - 19, t.y - 13, t.x + 19, t.y + 13)
        for t in picture.treads
    ]
    boxes += [(each.x, each.y, each.x + each.width, each.y + LANDING_HEIGHT) for each in picture.landings]
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1], (one, other)
    assert all(
        left >= 0 and right <= picture.width and top >= 0 and bottom <= picture.height
        for left, top, right, bottom in boxes
    )
    heights = [landing.y for landing in picture.landings]
    assert heights == sorted(heights, reverse=direction == "up")


def test_a_move_that_is_refused_reaches_no_landing() -> None:
    steps = [
        told(1, "contract", phases={"from_phase": "growth", "to_phase": "mvp"}, direction="down", verdict="refused")
    ]
    assert [landing.phase for landing in ladder(steps).landings] == ["growth"]


def test_a_chart_is_logarithmic_where_phases_are_far_apart() -> None:
    far = chart(long_way("up"))
    assert far is not None
    assert far.logarithmic
    assert far.ticks[0][0] <= far.points[0].cost
    assert far.ticks[-1][0] >= far.points[-1].cost
    heights = [point.y for point in far.points]
    assert heights == sorted(heights, reverse=True)
    assert [phase for phase, _ in far.phases] == [
        step.to_phase for step in long_way("up") if step.step in ("apply", "contract")
    ]
    assert far.path.count("H") == len(far.points) - 1


def test_a_chart_of_like_costs_begins_at_nothing() -> None:
    steps = [told(n, "rung", cost=(None, cost)) for n, cost in enumerate([100.0, 130.0, 0.0, 90.0], 1)]
    even = chart(steps)
    assert even is not None
    assert not even.logarithmic
    assert [tick for tick, _ in even.ticks] == [0.0, 50.0, 100.0, 150.0]


@pytest.mark.parametrize("costs", [[], [5.0], [None, None, 3.0]])
def test_less_than_two_costs_are_no_chart(costs: list[float | None]) -> None:
    assert chart([told(n, "rung", cost=(None, cost)) for n, cost in enumerate(costs, 1)]) is None


def test_costs_of_nothing_are_a_chart() -> None:
    free = chart([told(n, "rung", cost=(0.0, 0.0)) for n in (1, 2)])
    assert free is not None
    assert {point.y for point in free.points} == {210.0}


def test_ways_back_and_refused_steps_cost_nothing_on_the_way() -> None:
    steps = [
        told(1, "apply", cost=(0.0, 5.0)),
        told(2, "abort", backing_out=True, cost=(5.0, 9.0)),
        told(3, "expand", "refused", cost=(5.0, 5.0)),
        told(4, "rung", cost=(5.0, 7.0)),
    ]
    drawn = chart(steps)
    assert drawn is not None
    assert [point.step.index for point in drawn.points] == [1, 4]


def test_a_breach_is_told_once_with_where_it_begins() -> None:
    page = Parsed(climb_page(small_climb()))
    cells = [text.strip() for tag, text in page.texts if tag in {"td", "a", "code", "span"} and text.strip()]
    assert cells.count("cost-tagged") == 1
    assert cells.count("data-encrypted") == 1
    assert cells.index("data-encrypted") < cells.index("cost-tagged")


def test_an_empty_climb_is_a_page() -> None:
    page = Parsed(climb_page(Climb(ClimbReport((), 0.0, 0.0, 0, 1), (), {})))
    assert page.data()["systems"] == []
    assert page.open_ == []


def test_two_systems_have_numbers_of_their_own() -> None:
    one = small_climb()
    climbed = (
        *one.climbed,
        *(replace(c, step=replace(c.step, system="pareto", index=c.step.index + 4)) for c in one.climbed),
    )
    both = Climb(replace(one.report, steps=tuple(c.step for c in climbed)), climbed, one.states)
    page = Parsed(climb_page(both))
    assert [system["name"] for system in page.data()["systems"]] == ["meal", "pareto"]
    assert [system["steps"][0]["n"] for system in page.data()["systems"]] == [1, 5]
    tabs = [attributes for _, attributes in page.elements if attributes.get("role") == "tab"]
    assert [tab["data-first"] for tab in tabs] == ["1", "5"]


def test_a_ladder_of_a_thousand_resources_stays_small() -> None:
    """130 steps of 1,300 resources in which thirty change: what stays the same must not be written again each time."""
    block = component("app", "Server")
    states = [state(block, f"app-part-{number}", "aws:sqs/queue:Queue") for number in range(1300)]
    one = small_climb().climbed[1]
    changed = [*steps_of("same", block, *states[30:]), *steps_of("update", *states[:30])]
    run = replace_run(one.run, changed)
    climbed = tuple(replace(one, step=replace(one.step, index=number), run=run) for number in range(1, 131))
    html = climb_page(Climb(ClimbReport(tuple(c.step for c in climbed), 1, 1, 1, 1), climbed, {}))
    assert len(html) < 1_000_000


def replace_run(run: object, steps: list) -> object:
    from phaseup.graph.resource import Snapshot
    from phaseup.plan.steps import Outcome
    from phaseup.record.run import Run

    assert isinstance(run, Run)
    return Run(Outcome(steps, Snapshot("meal-prod", "phaseup", [step.new for step in steps])), {}, 1, 0.0)
