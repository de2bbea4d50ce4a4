"""A source's figures against the recorded graph, row by row; and no line with a figure is forgotten."""

from __future__ import annotations

import base64
import bz2
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from phaseup.graph.resource import State
from phaseup.graph.values import unwrap
from phaseup.record.program import load_program
from phaseup.record.run import run
from stacks.models import load_blueprint
from stacks.models.classes import memory_gib

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SYSTEMS = sorted(path.stem for path in HERE.glob("*.yaml"))
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


@cache
def source(system: str) -> dict[str, Any]:
    return YAML(typ="safe").load((HERE / f"{system}.yaml").read_text())


@cache
def graph(system: str, phase: str) -> tuple[State, ...]:
    program = load_program(ROOT, f"{system}-prod", settings={"phaseup:phase": phase})
    return tuple(run(program).outcome.snapshot)


@cache
def phase_of(system: str, phase: str) -> dict[str, Any]:
    return load_blueprint(system).phases[phase].model_dump()


def spans(text: str) -> Iterator[int]:
    """`3 5-7` → 3, 5, 6, 7."""
    for part in text.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def at(value: Any, path: str) -> Any:
    """The value at a path such as `rules[ref=api].edgeTtl.default`; KeyError says where it ends."""
    for step in re.findall(r"[^.\[\]]+(?:-[^.\[\]]+)*|\[[^\]]*\]", path):
        if isinstance(value, str):  # JSON that a property holds as text
            value = json.loads(value)
        if step.startswith("["):
            inner = step[1:-1]
            if "=" in inner:
                key, wanted = inner.split("=", 1)
                found = [each for each in value if each.get(key) == wanted]
                if len(found) != 1:
                    raise KeyError(f"{step} of {path}: {len(found)} of {[each.get(key) for each in value]}")
                value = found[0]
            else:
                value = value[int(inner)]
        elif not isinstance(value, dict) or step not in value:
            raise KeyError(f"{step} of {path}: {sorted(value) if isinstance(value, dict) else value}")
        else:
            value = value[step]
    return value


def units(inputs: dict[str, Any]) -> dict[str, Any]:
    """What the user data of a launch template runs, by service."""
    text = base64.b64decode(inputs["userData"]).decode()
    files = {each["path"]: each["content"] for each in YAML(typ="safe").load(text)["write_files"]}
    return json.loads(bz2.decompress(base64.b64decode(files["/etc/phaseup/units.json.bz2"])))


def matching(system: str, phase: str, type_: str, name: str) -> list[State]:
    return [each for each in graph(system, phase) if each.type == type_ and re.fullmatch(name, each.name)]


def inputs_of(system: str, phase: str, type_: str, name: str) -> dict[str, Any]:
    found = matching(system, phase, type_, name)
    assert len(found) == 1, f"{type_} {name}: {[each.name for each in found]}"
    return unwrap(found[0].inputs)


def found(system: str, row: dict[str, Any]) -> Any:
    """What the phase has where the row looks."""
    phase = row["phase"]
    if "blueprint" in row:
        return at(phase_of(system, phase), row["blueprint"])
    if "count" in row:
        return len(matching(system, phase, row["count"]["type"], row["count"]["name"]))
    if "sum" in row:
        each = row["sum"]
        return sum(
            at(unwrap(state.inputs), each["path"]) for state in matching(system, phase, each["type"], each["name"])
        )
    if "workers" in row:
        hosts = inputs_of(system, phase, "aws:autoscaling/group:Group", f"{row['hosts']}-group")["minSize"]
        run_there = units(inputs_of(system, phase, TEMPLATE, f"{row['hosts']}-template"))
        return hosts * sum(unit["count"] for name, unit in run_there.items() if re.fullmatch(row["workers"], name))
    inputs = inputs_of(system, phase, row["type"], row["name"])
    if row["path"].startswith("units:"):
        return at(units(inputs), row["path"].removeprefix("units:"))
    return at(inputs, row["path"])


ROWS = [(system, row) for system in SYSTEMS for row in source(system)["rows"]]


@pytest.mark.parametrize(
    ("system", "row"), ROWS, ids=[f"{system}-{row['line']}-{row['phase']}-{row['says']}" for system, row in ROWS]
)
def test_row(system: str, row: dict[str, Any]) -> None:
    value = found(system, row)
    if "memory_gib" in row:
        assert (memory_gib(value) or 0) >= row["memory_gib"], value
    elif "has" in row:  # words of a command
        assert f" {row['has']} " in f" {value} ", value
    else:
        wanted = row.get("count", row.get("sum", row))["is"]
        assert value == wanted
        assert isinstance(value, bool) == isinstance(wanted, bool)


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_line_with_a_figure_is_forgotten_or_told_twice(system: str) -> None:
    figures = set(spans(source(system)["lines_with_figures"]))
    in_rows = {row["line"] for row in source(system)["rows"]}
    excused = [line for each in source(system)["excused"] for line in spans(each["lines"])]
    assert figures - in_rows - set(excused) == set()
    assert in_rows & set(excused) == set()
    assert len(excused) == len(set(excused))
    assert set(excused) <= figures
    assert all(each["why"] for each in source(system)["excused"])


@pytest.mark.parametrize("system", SYSTEMS)
def test_lines_with_figures_are_those_of_the_source(system: str) -> None:
    for folder in (ROOT / "shared", ROOT.parent / "shared"):
        text = folder / "sources" / f"{system}.md"
        if text.is_file():
            break
    else:
        pytest.skip("the source itself is not beside the checkout")
    lines = text.read_text().splitlines()
    assert {number for number, line in enumerate(lines, 1) if re.search(r"\d", line)} == set(
        spans(source(system)["lines_with_figures"])
    )


@pytest.mark.parametrize("system", SYSTEMS)
def test_both_phases_of_every_row_exist(system: str) -> None:
    phases = set(load_blueprint(system).phases)
    assert {row["phase"] for row in source(system)["rows"]} <= phases


def test_a_wrong_figure_is_seen() -> None:
    """The rows can fail: a path that is not there, a value that differs, a list entry that is missing."""
    value = {"rules": [{"ref": "a", "ttl": 1}], "x": {"y": True}}
    assert at(value, "rules[ref=a].ttl") == 1
    assert at(value, "rules[0].ttl") == 1
    for path in ("rules[ref=b].ttl", "x.z", "x.y.z"):
        with pytest.raises(KeyError):
            at(value, path)
