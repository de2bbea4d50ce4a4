"""Commands on this project's own stacks: shapes, exit codes, and each way to name what is not there."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from programs import parsed, phaseup, refused

from stacks.models.load_blueprint import load_blueprint
from stacks.models.paths import stack_file


def test_systems_lists_every_phase_with_what_it_serves() -> None:
    result = phaseup("systems", "--json")
    assert result.exit_code == 0
    (meal,) = [entry for entry in parsed(result) if entry["system"] == "meal"]
    assert [phase["phase"] for phase in meal["phases"]] == load_blueprint("meal").names
    first = meal["phases"][0]
    assert first["serves"]["users"] == 1000
    assert first["budget"] == {"low": 50, "high": 100}
    assert 0 < first["cost"] < meal["phases"][1]["cost"]
    assert 0 < first["resources"] < meal["phases"][1]["resources"]


def test_show_has_blocks_resources_roles_and_quotas(tmp_path: Path) -> None:
    picture = tmp_path / "growth.svg"
    document = parsed(phaseup("show", "meal", "growth", "--svg", picture, "--json"))
    assert (document["system"], document["phase"]) == ("meal", "growth")
    assert document["blocks"]["db"]["kind"] == "postgres"
    urns = [resource["urn"] for resource in document["resources"]]
    assert len(urns) == len(set(urns))
    for resource in document["resources"]:
        assert {"urn", "type", "inputs", "stateful", "protect"} <= resource.keys()
    held = [resource for resource in document["resources"] if resource["stateful"]]
    assert any(resource["type"] == "aws:rds/instance:Instance" for resource in held)
    assert all(resource["protect"] for resource in held), "in prod all that holds data is protected"
    assert {quota["name"] for quota in document["quotas"]} >= {"on-demand standard vCPUs", "DB instances"}
    shown = "".join(ElementTree.fromstring(picture.read_text()).itertext())
    assert all(name in shown for name in document["blocks"])


def test_show_of_a_stack_is_its_phase_and_reads_as_text() -> None:
    result = phaseup("show", "meal-prod")
    assert result.exit_code == 0
    assert result.stdout.startswith("meal · mvp  prod, settled\n")
    for part in ("Blocks", "Roles", "resources", "Quotas", "holds data", "protected"):
        assert part in result.stdout


def test_the_environments_differ_only_by_their_file() -> None:
    document = parsed(phaseup("show", "meal", "mvp", "--environment", "dev", "--json"))
    assert document["environment"] == "dev"
    assert not any(resource["protect"] for resource in document["resources"])


def test_plan_to_the_next_phase_is_the_expand_and_says_what_to_write() -> None:
    result = phaseup("plan", "meal-prod", "--to", "growth", "--json")
    document = parsed(result)
    assert result.exit_code == 0
    assert document["verdict"] == "safe"
    assert document["counts"]["delete"] == document["counts"]["replace"] == 0
    assert document["step"]["kind"] == "expand"
    assert document["step"]["changes"]["phaseup:phase"] == "growth"
    assert document["step"]["changes"]["phaseup:moving"] == {"from": "mvp", "traffic": 0}


def test_plan_of_a_changed_value_goes_into_a_mapping() -> None:
    document = parsed(phaseup("plan", "meal-prod", "--set", "phaseup:overrides.db.storage=80", "--json"))
    changed = [step for step in document["steps"] if step["op"] not in {"same", "create"}]
    assert any(
        (reason["path"], reason["new"]) == ("allocatedStorage", 80) for step in changed for reason in step["reasons"]
    )
    assert document["counts"]["delete"] == 0


def test_a_bare_key_is_the_project_s_as_for_pulumi_config_set() -> None:
    result = phaseup("plan", "meal-prod", "--set", "versions.db='18'", "--json")
    document = parsed(result)
    assert (result.exit_code, document["verdict"]) == (3, "needs-approval")
    assert document["reasons"] == ["db goes from 17 to 18, which has no way back but a restored snapshot"]


TRAFFIC = "phaseup:phase: growth\n  phaseup:moving: {from: mvp, traffic: 33}"


@pytest.mark.parametrize("command", ["plan", "cost", "show", "check"])
def test_a_mistake_of_a_file_elsewhere_names_it_with_the_line(command: str, tmp_path: Path) -> None:
    """`plan` and `cost` hear of it from the program, which the engine passes values only."""
    file = tmp_path / "Pulumi.meal-prod.yaml"
    file.write_text(stack_file("meal-prod").read_text().replace("phaseup:phase: mvp", TRAFFIC))
    line = file.read_text().splitlines().index("  phaseup:moving: {from: mvp, traffic: 33}") + 1
    assert refused(command, file).startswith(
        f"error: {file}:{line}: phaseup:moving.traffic: found 33; allowed: 0 or 100;"
    )


@pytest.mark.parametrize("command", ["plan", "cost", "show", "check"])
def test_a_system_that_is_not_there_is_told_with_file_and_line(command: str, tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.meal-prod.yaml"
    file.write_text(stack_file("meal-prod").read_text().replace("system: meal", "system: meel"))
    assert f"{file}:5: phaseup:system: found meel; allowed: listing, meal, " in refused(command, file)


def test_a_forgotten_moving_is_bad_input() -> None:
    message = refused("plan", "meal-prod", "--set", "phaseup:phase=growth")
    assert "phaseup:moving" in message
    assert "{from: mvp, traffic: 0}" in message


def test_a_step_that_changes_what_it_may_not_says_so() -> None:
    arguments = ("--set", "phaseup:phase=growth", "--set", "phaseup:moving={from: mvp, traffic: 0}")
    document = parsed(phaseup("plan", "meal-prod", *arguments, "--json"))
    assert (document["step"]["kind"], document["verdict"]) == ("expand", "safe")
    widened = ("--set", "phaseup:moving={from: mvp, traffic: 100}")
    assert "0" in refused("plan", "meal-prod", "--set", "phaseup:phase=growth", *widened)


BAD = {
    "climb an unknown system": (("climb", "nosuch"), ("nosuch", "meal")),
    "climb an unknown environment": (("climb", "meal", "--environment", "moon"), ("moon", "prod")),
    "show an unknown stack": (("show", "meal-moon"), ("meal-moon",)),
    "show an unknown system": (("show", "nosuch", "mvp"), ("nosuch", "meal")),
    "show an unknown phase": (("show", "meal", "moon"), ("moon", "mvp, growth")),
    "show a system without a phase": (("show", "meal"), ("meal: found a system alone", "mvp, growth", "meal-prod")),
    "cost a system without a phase": (("cost", "meal"), ("meal: found a system alone", "mvp, growth", "meal-prod")),
    "show a stack with a phase": (("show", "meal-prod", "growth"), ("a stack with a phase, growth", "meal growth")),
    "cost a stack with a phase": (("cost", "meal-prod", "growth"), ("a stack with a phase, growth", "meal growth")),
    "check a system": (("check", "meal"), ("meal: found a system", "meal-prod")),
    "plan a system": (("plan", "meal"), ("meal: found a system", "meal-prod")),
    "show into a folder that is not there": (("show", "meal", "mvp", "--svg", "/nonexistent/x.svg"), ("x.svg",)),
    "plan an unknown stack": (("plan", "nosuch-prod", "--to", "growth"), ("nosuch-prod",)),
    "plan an unknown phase": (("plan", "meal-prod", "--to", "moon"), ("moon", "growth")),
    "plan to where it is": (("plan", "meal-prod", "--to", "mvp"), ("mvp",)),
    "plan a settled stack without saying B": (("plan", "meal-prod"), ("--to", "--set")),
    "plan an unknown key": (("plan", "meal-prod", "--set", "phaseup:fase=x"), ("phaseup:fase", "phaseup:phase")),
    "plan an unknown block": (("plan", "meal-prod", "--set", "phaseup:overrides.moon.x=1"), ("moon",)),
    "plan a move that begins in its middle": (
        ("plan", "meal-prod", "--set", "phaseup:phase=growth", "--set", "phaseup:moving={from: mvp, traffic: 50}"),
        ("phaseup:moving.traffic", "50"),
    ),
    "plan traffic beyond all": (
        ("plan", "meal-prod", "--set", "phaseup:phase=growth", "--set", "phaseup:moving={from: mvp, traffic: 101}"),
        ("traffic",),
    ),
    "set inside what is no mapping": (("plan", "meal-prod", "--set", "phaseup:phase.x=1"), ("phaseup:phase",)),
    "a stack option beside a stack": (("plan", "meal-prod", "--stack", "x", "--to", "growth"), ("--stack",)),
    "this folder without a stack": (("plan", ".", "--set", "a=1"), ("--stack",)),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_message(case: str) -> None:
    arguments, told = BAD[case]
    message = refused(*arguments)
    for part in told:
        assert part in message, message
