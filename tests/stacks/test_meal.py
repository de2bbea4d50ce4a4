"""meal's own files: they load, their schemas are current, and its moves go through."""

from __future__ import annotations

import json
from datetime import date

import pytest

from stacks.models import load_addresses, load_blueprint, load_stack
from stacks.models.kinds import INSTALLED, NAMES
from stacks.models.paths import STACKS
from stacks.models.schemas import schemas, stale
from stacks.models.stack import PHASEUP_KEYS
from stacks.moves import effective, steps

STACKS_OF_MEAL = ("meal-dev", "meal-staging", "meal-prod")


def test_schemas_are_current() -> None:
    assert stale() == [], "run: python -m stacks.models.schemas"


def test_a_changed_model_makes_its_schema_stale(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name, schema in schemas().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
    assert stale(tmp_path) == []
    cache = tmp_path / "kinds" / "cache.schema.json"
    cache.write_text(cache.read_text().replace("nodes", "nodez"))
    (tmp_path / "kinds" / "gone.schema.json").write_text("{}")
    (tmp_path / "addresses.schema.json").unlink()
    assert stale(tmp_path) == ["addresses.schema.json", "kinds/cache.schema.json", "kinds/gone.schema.json"]


def test_schemas_say_what_the_models_say() -> None:
    stack = schemas()["stack.schema.json"]["properties"]["config"]
    assert set(PHASEUP_KEYS) <= set(stack["properties"])
    assert stack["additionalProperties"] is False
    for kind in NAMES:
        fields = set(schemas()[f"kinds/{kind}.schema.json"]["properties"])
        assert fields == {"kind", "takes_over", *INSTALLED.spec(kind).model_fields}


@pytest.mark.parametrize("path", sorted(STACKS.rglob("*.yaml")), ids=lambda p: p.name)
def test_every_file_names_its_schema(path) -> None:  # type: ignore[no-untyped-def]
    first = path.read_text().splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.partition("$schema=")[2]).resolve().is_file()


@pytest.mark.parametrize("name", STACKS_OF_MEAL)
def test_stacks(name: str) -> None:
    stack = load_stack(name)
    assert (stack.system, stack.phase, stack.settled) == ("meal", "mvp", True)
    assert name == stack.prefix


def test_each_stack_has_its_own_domain_and_account() -> None:
    loaded = [load_stack(name) for name in STACKS_OF_MEAL]
    assert len({stack.domain for stack in loaded}) == len({stack.allowed_account_ids for stack in loaded}) == 3
    assert load_stack("meal-prod").domain == "mealplanner.es"


def test_the_address_plan() -> None:
    golden = {
        "pareto": (["eu-west-3", "eu-central-1", "eu-south-2", "eu-west-2", "eu-south-1"], 0),
        "wholesale": (["us-east-1", "us-west-2", "eu-central-1", "ap-southeast-1"], 48),
        "smartcart": (["eu-west-1", "us-east-1"], 96),
        "listing": (["eu-west-1", "us-east-1"], 144),
        "meal": (["eu-west-1", "eu-central-1"], 192),
    }
    expected = {
        (system, environment, region): f"10.{first + 16 * i + j}.0.0/16"
        for system, (regions, first) in golden.items()
        for i, environment in enumerate(("dev", "staging", "prod"))
        for j, region in enumerate(regions)
    }
    assert {key: str(network) for key, network in load_addresses().networks.items()} == expected


@pytest.mark.parametrize("name", STACKS_OF_MEAL)
def test_up_and_down_and_back_at_every_point(name: str) -> None:
    blueprint, today = load_blueprint("meal"), date(2026, 11, 22)
    here = load_stack(name)
    seen: list[str] = []
    for to, back in (("growth", "mvp"), ("mvp", "growth")):
        for step in steps(here, blueprint, to, today=today):
            assert step.refused is None
            seen.append(step.kind)
            effective(step.config, blueprint, today=today)
            if step.config.moving:
                for way_back in steps(step.config, blueprint, back, today=today):
                    assert way_back.refused is None
                    effective(way_back.config, blueprint, today=today)
            here = step.config
    assert seen[0] == "expand"
    assert seen.count("contract") == 2
    assert here.phase == "mvp"
