"""One pack, three doors: the engine's preview, `pulumi policy analyze` on a checkpoint, and `phaseup check`."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from phaseup.climb.phases import born, program_of
from phaseup.engine.project import Project, make_project, pulumi_binary
from phaseup.engine.run import CommandError, Engine
from phaseup.graph.resource import Snapshot
from phaseup.policy.config import pack_config
from phaseup.policy.judge import judge
from phaseup.record.checkpoint import dump
from phaseup.record.run import run
from policies.guard.catalogue import RULES
from stacks.models import load_blueprint, load_stack
from stacks.models.paths import ROOT, stack_file

pytestmark = pytest.mark.xdist_group("engine-policy")

STACK = "meal-prod"
PHASE = "growth"
PACK = str(ROOT / "policies")
UNKNOWN = "can't run policy"

Found = set[tuple[str, str, str]]
"""Rule, URN, message."""


@dataclass
class Doors:
    """A project in one phase, what is recorded of it, and what the pack is told: so strict that much is broken."""

    project: Project
    engine: Engine
    snapshot: Snapshot
    told: dict[str, Any]

    def config(self, name: str, **more: Any) -> str:
        path = self.project.root / f"{name}.json"
        path.write_text(json.dumps({**self.told, **more}))
        return str(path)


@pytest.fixture(scope="module")
def doors(engine_root: Path) -> Doors:
    settled = born(load_stack(stack_file(STACK)), PHASE)
    # Without it the CLI does not know --event-log.
    project = make_project(engine_root / "policy", ROOT, environment={"PULUMI_DEBUG_COMMANDS": "true"})
    engine = Engine(project, STACK)
    engine.init()
    engine.configure(settled.values)
    told = dict(pack_config(settled, load_blueprint(settled.system)))
    told["all"] = "advisory"
    told["network-regions"] = {"regions": ["eu-north-1"]}
    told["scale-tagged"] = {"keys": ["system", "cost-centre"]}
    told["cost-within-ceiling"] = {**told["cost-within-ceiling"], "ceiling": 1}
    return Doors(project, engine, run(program_of(settled)).outcome.snapshot, told)


def events(text: str) -> Found:
    """The violations among the engine's events, one JSON object a line."""
    found: Found = set()
    descriptions = {rule.name: rule.description for rule in RULES}
    for line in text.splitlines():
        event = json.loads(line).get("policyEvent")
        if event is None:
            continue
        message = event["message"].replace("<{%reset%}>", "").removeprefix(descriptions[event["policyName"]]).strip()
        found.add((event["policyName"], event.get("resourceUrn", ""), message))
    return found


def checked(doors: Doors) -> Found:
    judged = judge(doors.snapshot, doors.told)
    assert judged.unjudged == ()
    return {(each.policy, each.urn, each.message) for each in judged.violations}


def test_check_finds_much_in_so_strict_a_phase(doors: Doors) -> None:
    found = checked(doors)
    assert len(found) > 100
    assert {"network-regions", "scale-tagged", "cost-within-ceiling"} <= {policy for policy, _, _ in found}


def test_policy_analyze_says_of_the_checkpoint_what_check_says(doors: Doors, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.json"
    checkpoint.write_text(json.dumps(dump(doors.snapshot)))
    command = ["policy", "analyze", "--file", str(checkpoint), "--json", "--policy-pack", PACK]
    done = subprocess.run(
        [pulumi_binary(), *command, "--policy-pack-config", doors.config("analyze")],
        cwd=doors.project.root,
        env=doors.project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert events(done.stdout) == checked(doors)


def test_the_preview_says_what_check_says_but_of_what_it_cannot_know(doors: Doors, tmp_path: Path) -> None:
    log = tmp_path / "events.json"
    doors.engine.preview(
        "--policy-pack", PACK, "--policy-pack-config", doors.config("preview"), "--event-log", str(log)
    )
    said = events(log.read_text())
    silent = {policy for policy, _, message in said if message.startswith(UNKNOWN)}
    heard = {(policy, urn) for policy, urn, message in said if not message.startswith(UNKNOWN)}
    expected = {(policy, urn) for policy, urn, _ in checked(doors)}
    assert heard <= expected
    assert {policy for policy, _ in expected - heard} <= silent
    assert silent == UNSURE, f"a preview cannot run {', '.join(sorted(silent - UNSURE))}"


UNSURE = frozenset(
    {
        "data-tls-only",
        "data-versioned-buckets",
        "identity-no-full-rights",
        "identity-no-plain-secrets",
        "identity-no-public-principal",
        "identity-oidc-subject",
        "identity-pass-role",
        "identity-trust-confined",
        "network-no-open-ingress",
        "network-no-public-address",
    }
)
"""Rules on documents that are made from ARNs, and on what providers fill in: no preview of a first apply knows them."""


def test_a_mandatory_violation_stops_the_engine_and_an_exception_lets_it_go_on(doors: Doors) -> None:
    strict = {**doors.told["cost-within-ceiling"], "enforcementLevel": "mandatory"}
    pack = ["--policy-pack", PACK, "--policy-pack-config"]
    with pytest.raises(CommandError) as stopped:
        doors.engine.up(*pack, doors.config("mandatory", **{"cost-within-ceiling": strict}))
    assert "cost-within-ceiling" in stopped.value.text
    exempt = {**strict, "exceptions": [{"urn": "*::phaseup-meal-prod", "reason": "a test", "until": "9999-12-31"}]}
    doors.engine.preview(*pack, doors.config("exempt", **{"cost-within-ceiling": exempt}))


def test_the_engine_refuses_config_that_no_rule_takes(doors: Doors) -> None:
    wrong = doors.config("wrong", **{"cost-within-ceiling": {"ceiling": "much"}})
    with pytest.raises(CommandError, match="ceiling"):
        doors.engine.preview("--policy-pack", PACK, "--policy-pack-config", wrong)
