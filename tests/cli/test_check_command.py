"""`phaseup check`: what a person reads, what CI reads, and what the engine is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.guard.catalogue import RULES
from tests.cli.programs import parsed, phaseup, refused


@pytest.fixture(scope="module")
def passing() -> Any:
    return parsed(phaseup("check", "pareto-prod", "--json"))


def broken_stack(folder: Path, name: str = "Pulumi.pareto-prod.yaml") -> str:
    """pareto-prod with a budget that its phase is above."""
    text = Path("stacks", name).read_text()
    where = "config:\n"
    more = "  phaseup:overrides: {budget: {monthly: 20}}\n"
    path = folder / name
    path.write_text(text.replace(where, where + more, 1))
    return str(path)


def test_a_stack_that_passes(passing: Any) -> None:
    assert passing["rules"] == len(RULES)
    assert passing["mandatory"] == 0
    (stack,) = passing["stacks"]
    assert (stack["stack"], stack["phase"], stack["environment"]) == ("pareto-prod", "mvp", "prod")
    assert stack["violations"] == stack["unjudged"] == stack["exceptions"] == []
    assert stack["checks"] > stack["resources"]
    assert {"seconds", "import_seconds", "registrations", "cores", "allowed_seconds"} <= passing.keys()


def unwrapped(text: str) -> str:
    """Without the line breaks that a narrow terminal makes."""
    return " ".join(text.split())


def test_a_stack_that_does_not_is_told_with_how_to_mend_it(tmp_path: Path) -> None:
    done = phaseup("check", broken_stack(tmp_path))
    assert done.exit_code == 1
    for said in (
        "✗ pareto-prod",
        "✗ cost-within-ceiling medium A stack's estimated month stays under the ceiling of its phase.",
        "phaseup-pareto-prod pulumi:pulumi:Stack",
        "allowed: at most 20",
        "mend: See `phaseup cost STACK`",
        "1 mandatory violation, 0 advisory",
    ):
        assert said in unwrapped(done.stdout), said


def test_sarif_names_the_rule_the_resource_and_the_file(tmp_path: Path) -> None:
    out = tmp_path / "check.sarif"
    done = phaseup("check", broken_stack(tmp_path), "--sarif", "--output", str(out))
    assert done.exit_code == 1
    (run,) = json.loads(out.read_text())["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [rule.name for rule in RULES]
    (result,) = run["results"]
    assert result["ruleId"] == "cost-within-ceiling"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert (result["level"], result["properties"]["phase"]) == ("error", "mvp")
    assert result["properties"]["urn"].endswith("::phaseup-pareto-prod")
    assert len(result["partialFingerprints"]["policyUrn/v1"]) == 32
    related = result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert related.endswith("Pulumi.pareto-prod.yaml")


def test_the_config_for_the_engine_is_written(tmp_path: Path) -> None:
    out = tmp_path / "policy.json"
    done = phaseup("check", "--write-config", "wholesale-prod", "--output", str(out))
    assert (done.exit_code, done.stdout) == (0, f"{out}: written\n")
    told = json.loads(out.read_text())
    assert told == parsed(phaseup("check", "--write-config", "wholesale-prod"))
    assert told["all"] == "mandatory"
    assert told["cost-within-ceiling"]["ceiling"] == 500
    assert parsed(phaseup("check", "--write-config", "wholesale-dev"))["all"] == "advisory"


def test_every_rule_is_listed() -> None:
    listed = parsed(phaseup("check", "--rules", "--json"))
    assert [each["name"] for each in listed] == [rule.name for rule in RULES]
    assert {each["scope"] for each in listed} == {"resource", "stack"}
    text = phaseup("check", "--rules").stdout
    assert all(rule.name in text for rule in RULES)
    assert text.endswith(f"\n{len(RULES)} rules\n")


def test_a_phase_can_be_asked_for_ahead() -> None:
    (stack,) = parsed(phaseup("check", "pareto-dev", "--phase", "verticals", "--json"))["stacks"]
    assert (stack["phase"], stack["violations"]) == ("verticals", [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope"], "stacks/Pulumi.nope.yaml"),
        (["pareto-dev", "--phase", "nope"], "stacks/blueprints/pareto.yaml: phase: found nope; allowed: mvp"),
        (["pareto-dev", "--rules"], "--rules checks nothing: name no stack beside it"),
        (["pareto-dev", "--write-config", "meal-dev"], "--write-config checks nothing"),
        (["--rules", "--write-config", "meal-dev"], "--rules and --write-config exclude each other"),
        (["pareto-dev", "--json", "--sarif"], "--sarif and --json exclude each other"),
    ],
)
def test_mistakes_are_one_message(arguments: list[str], said: str) -> None:
    assert said in refused("check", *arguments)


def test_an_exception_that_has_expired_fails_and_says_so(tmp_path: Path) -> None:
    path = Path(broken_stack(tmp_path))
    known = "{rule: cost-within-ceiling, urn: '*::phaseup-pareto-prod', reason: a trial, until: %s}"
    text = path.read_text()
    path.write_text(text + f"  phaseup:policies: {{exceptions: [{known % '2026-12-31'}]}}\n")
    held = phaseup("check", str(path))
    assert (held.exit_code, "until 2026-12-31" in held.stdout) == (0, True)
    path.write_text(text + f"  phaseup:policies: {{exceptions: [{known % '2026-11-21'}]}}\n")
    over = phaseup("check", str(path))
    assert over.exit_code == 1
    assert "(its exception expired on 2026-11-21: a trial)" in unwrapped(over.stdout)
