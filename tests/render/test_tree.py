"""`show` at the size of a large phase: what holds data by name, the rest by number, nothing lost, no line too wide."""

from __future__ import annotations

import io
import re
from collections import Counter

import pytest
from rich.console import Console

from phaseup.graph.resource import State, urn_name
from phaseup.render import tree
from tests.render.enterprise import BLOCKS

STACK = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"
TYPES = ("aws:ec2/route:Route", "aws:iam/rolePolicy:RolePolicy", "aws:cloudwatch/logGroup:LogGroup")


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:s::p::{type_}::{name}"


def program(blocks: int = 40, each: int = 24) -> list[State]:
    """A component a block, with a database each; every tenth block is a service that is like the others."""
    states = [State(STACK, "pulumi:pulumi:Stack", False)]
    for number in range(blocks):
        service = number % 10 == 0
        type_ = f"phaseup:index:{'Service' if service else f'Kind{number}'}"
        top = urn(type_, f"block-{number}")
        states.append(State(top, type_, False, parent=STACK))
        if not service:
            type_ = "aws:rds/instance:Instance"
            states.append(State(urn(type_, f"db-{number}"), type_, True, parent=top, protect=True))
        for child in range(each):
            type_ = TYPES[child % 3]
            states.append(State(urn(type_, f"child-{number}-{child}"), type_, True, parent=top))
    return states


STATES = program()
STATEFUL = {state.urn: "Instance" in state.type for state in STATES}


def printed(part: object, width: int) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False, markup=False, emoji=False).print(part)
    return stream.getvalue()


def test_a_thousand_resources_fit_a_few_screens_and_add_up() -> None:
    text = printed(tree.resources(STATES, STATEFUL), 120)
    assert text.startswith("1,036 resources")
    assert len(text.splitlines()) < 150
    folded = re.search(r"(\d+) × phaseup:Service  (.+?); each", text, re.DOTALL)
    assert folded is not None
    assert (folded[1], folded[2].split(", ")) == ("4", ["block-0", "block-10", "block-20", "block-30"])
    counted = Counter({type_: text.count(f"8×{type_}") for type_ in ("Route", "RolePolicy", "LogGroup")})
    assert counted == dict.fromkeys(("Route", "RolePolicy", "LogGroup"), 36 + 1)


def test_what_holds_data_is_named_even_among_many() -> None:
    text = printed(tree.resources(STATES, STATEFUL), 120)
    for state in STATES:
        if STATEFUL[state.urn]:
            assert f"{urn_name(state.urn)}  aws:rds:Instance  holds data  protected" in text


def test_all_names_every_resource_once() -> None:
    text = printed(tree.resources(STATES, STATEFUL, whole=True), 120)
    names = re.findall(r"── (\S+)  ", text)
    assert sorted(names) == sorted(urn_name(state.urn) for state in STATES[1:])


def test_services_with_data_of_their_own_are_not_folded() -> None:
    held = {**STATEFUL, urn(TYPES[0], "child-10-0"): True}
    text = printed(tree.resources(STATES, held), 120)
    assert "3 × phaseup:Service  block-0, block-20, block-30; each" in text
    assert "child-10-0  aws:ec2:Route  holds data" in text


def test_components_of_one_block_stand_together() -> None:
    order = ["db", "lb", "db"]
    states = [State(urn(f"phaseup:index:K{i}", name), f"phaseup:index:K{i}", False) for i, name in enumerate(order)]
    assert re.findall(r"── (\S+)", printed(tree.resources(states, {}), 80)) == ["db", "db", "lb"]


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("whole", [False, True])
def test_no_line_is_wider_than_the_screen(width: int, whole: bool) -> None:
    counts = dict.fromkeys(BLOCKS, (1000, 12))
    parts = [
        tree.resources(STATES, STATEFUL, whole=whole),
        tree.fields(BLOCKS, {"lb": "arriving"}) if whole else tree.blocks(BLOCKS, {"lb": "arriving"}, counts),
    ]
    for part in parts:
        assert max(map(len, printed(part, width).splitlines())) <= width


@pytest.mark.parametrize("width", [80, 120, 200])
def test_each_block_has_a_row_with_its_size_and_numbers(width: int) -> None:
    counts = dict.fromkeys(BLOCKS, (7, 0)) | {"db": (1234, 12)}
    lines = printed(tree.blocks(BLOCKS, {"lb": "arriving"}, counts), width).splitlines()
    rows = {line.split()[0]: line for line in lines[1:] if re.match(r"  \S", line)}
    assert rows.keys() == BLOCKS.keys()
    assert re.search(r"postgres +db\.r7g\.2xlarge.* 1,234 +12\s*$", rows["db"])
    assert "arriving" in rows["lb"]
    assert "arriving" not in rows["edge"]
