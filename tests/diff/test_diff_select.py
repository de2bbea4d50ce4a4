"""Which stacks a change of files concerns, and why, without anything being recorded."""

from __future__ import annotations

import pytest

from phaseup.diff.select import select
from phaseup.diff.trees import StackFile

MEAL = "config:\n  phaseup:system: meal\n  phaseup:phase: mvp\n"
PARETO = MEAL.replace("meal", "pareto")


def files(**texts: str) -> dict[str, StackFile]:
    return {name: StackFile(name, f"stacks/Pulumi.{name}.yaml", text) for name, text in texts.items()}


BOTH = files(meal=MEAL, pareto=PARETO)


def causes(*changed: str, own: bool = True, project: str = ".") -> dict[str, tuple[str, ...]]:
    return {each.stack: each.causes for each in select(changed, BOTH, BOTH, own=own, project=project)}


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("components/postgres/spec.py", "component"),
        ("components/server/files/unit.service", "component"),
        ("workers/cache/index.js", "component"),
        ("stacks/compose/check.py", "program"),
        ("stacks/addresses.yaml", "program"),
        ("__main__.py", "program"),
        ("Pulumi.yaml", "program"),
        ("requirements.lock", "program"),
        ("pyproject.toml", "program"),
        ("phaseup/facts/data/aws/x.csv", "tool"),
        ("policies/guard/rules/data.py", "tool"),
    ],
)
def test_what_all_share_concerns_all(path: str, cause: str) -> None:
    assert causes(path) == {"meal": (cause,), "pareto": (cause,)}
    assert causes(f"infra/{path}", project="infra") == {"meal": (cause,), "pareto": (cause,)}
    assert causes(f"infra-two/{path}", project="infra") == {}


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "docs/a.md",
        "tests/stacks/test_a.py",
        "components/README.md",
        "stacks/schemas/stack.schema.json",
        "LICENSE",
        "Makefile",
        ".ci",
        "bench/a.py",
        "foundation/__main__.py",
        "stacks/Pulumi.meal.yaml",
        "package.json",
    ],
)
def test_what_no_stack_is_made_of_concerns_none(path: str) -> None:
    assert causes(path) == {}


def test_a_blueprint_concerns_its_system_on_whichever_side_a_stack_has_it() -> None:
    assert causes("stacks/blueprints/meal.yaml") == {"meal": ("blueprint",)}
    (looked,) = select({"stacks/blueprints/pareto.yaml"}, BOTH, files(meal=PARETO, pareto=PARETO))[:1]
    assert looked.causes == ("config", "blueprint")
    assert causes("stacks/blueprints/none.yaml") == {}


def test_causes_come_together_in_one_order() -> None:
    head = files(meal=MEAL.replace("mvp", "growth"), new=MEAL)
    found = select({"phaseup/a.py", "components/a.py", "stacks/blueprints/meal.yaml", "__main__.py"}, BOTH, head)
    shared = ("component", "program", "tool")
    assert [(each.stack, each.causes) for each in found] == [
        ("meal", ("config", "blueprint", *shared)),
        ("new", ("added", "blueprint", *shared)),
        ("pareto", ("deleted", *shared)),
    ]


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("a: 1", "a: 1 # why", False),
        ("{a: 1, b: 2}", "b: 2\na: 1\n", False),
        ("a: 1.1", "a: 1.10", True),
        ("a: '1'", "a: 1", True),
        ("a: on", "a: 'on'", True),
        ("a: [1, 2]", "a: [2, 1]", True),
        ("a: [", "a: [ ", True),
        ("", "# nothing", True),
    ],
)
def test_comments_and_layout_are_no_change_of_config(old: str, new: str, differs: bool) -> None:
    assert bool(select(set(), files(meal=old), files(meal=new))) is differs


def test_of_another_program_all_but_prose_and_tests_may_belong_to_it() -> None:
    for path in ("app/main.go", "lib/x.json", "infra/__main__.py"):
        assert causes(path, own=False) == {"meal": ("program",), "pareto": ("program",)}
    for path in ("README.md", "docs/x.py", "tests/test_a.py", ".github/workflows/a.yml", "stacks/Pulumi.meal.yaml"):
        assert causes(path, own=False) == {}
