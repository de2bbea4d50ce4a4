"""Branches of this project's own program: moves, images, overrides, components, blueprints and models."""

from __future__ import annotations

import json

import pytest

from phaseup.cli.target import resolve
from phaseup.climb.clock import Clock
from phaseup.climb.rehearse import Wanted, run_all
from phaseup.diff.compare import diff
from phaseup.diff.moving import SPLIT
from phaseup.diff.report import DiffReport, StackDiff
from phaseup.render.words import count_ops
from stacks.models.load_blueprint import load_blueprint
from stacks.moves import next_step
from tests.diff.repos import Repo, phaseup, project

PROD = "stacks/Pulumi.listing-prod.yaml"
DEV = "stacks/Pulumi.listing-dev.yaml"
SETTLED = "  phaseup:phase: mvp\n"
EXPAND = "  phaseup:phase: startup\n  phaseup:moving: {from: mvp, traffic: 0}\n"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return project(tmp_path_factory.mktemp("project") / "r")


@pytest.fixture(autouse=True)
def _as_it_was(repo: Repo) -> None:
    repo.git("checkout", "-q", "-f", "main")
    repo.git("clean", "-q", "-f", "-d", "-x")


def of(report: DiffReport, name: str) -> StackDiff:
    return next(stack for stack in report.stacks if stack.stack == name)


def test_a_phase_change_is_told_as_the_step_that_it_is(repo: Repo) -> None:
    repo.edit(PROD, SETTLED, EXPAND)
    before = repo.traces()
    result = phaseup(repo, "diff", "main", "--json")
    assert repo.traces() == before
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert (told["verdict"], told["unchanged"]) == ("safe", ["listing-dev"])
    (stack,) = told["stacks"]
    assert (stack["system"], stack["environment"], stack["causes"]) == ("listing", "prod", ["config"])
    assert stack["phase"] == {"before": "mvp", "after": "startup"}
    assert [line["text"] for line in stack["config"] if line["sign"] == "+"] == EXPAND.splitlines()
    move = stack["move"]
    assert (move["kind"], move["title"]) == ("expand", "expand mvp → startup")
    assert move["next_step"].splitlines()[-1] == "+  phaseup:moving: {from: mvp, traffic: 0, data: {rds: empty}}"
    assert {"users", "products"} <= {each["name"] for each in stack["triggers"]}
    assert "memory-more" not in {each["name"] for each in stack["triggers"]}, "it asks for a larger server, no phase"
    assert stack["cost"]["after"] > stack["cost"]["before"] > 0
    assert stack["cost"]["delta"] == round(stack["cost"]["after"] - stack["cost"]["before"], 2)
    assert (stack["at_risk"], stack["error"], stack["plan_hash"] != "") == ([], "", True)
    assert stack["binding"].keys() == {"plan", "config", "code", "ops", "base"}
    assert stack["binding"]["plan"] == stack["plan_hash"]
    # The same as `phaseup plan` makes of it, one process, no git.
    target = resolve("listing-prod")
    assert target.config is not None
    step = next_step(target.config, load_blueprint("listing"), "startup")
    assert step is not None
    (base,) = run_all([Wanted(target.program)], Clock())
    (planned,) = run_all(
        [Wanted(target.with_config(step.config).program, base.outcome.snapshot, preview=True)], Clock()
    )
    assert stack["counts"] == count_ops(planned.outcome.steps)
    assert told["registrations"] == base.registrations + planned.registrations


def test_a_phase_change_with_new_images_is_refused_and_planned_all_the_same(repo: Repo) -> None:
    repo.edit(PROD, SETTLED, EXPAND).edit(PROD, "sha256:22a7", "sha256:33b8")
    stack = of(diff("main", folder=repo.path), "listing-prod")
    assert (stack.verdict, stack.reasons[0]) == ("blocked", SPLIT)
    assert stack.counts["create"] > 50
    assert phaseup(repo, "diff", "main", "--json").exit_code == 1


def test_new_images_alone_are_no_move(repo: Repo) -> None:
    repo.edit(PROD, "sha256:22a7", "sha256:33b8")
    stack = of(diff("main", folder=repo.path), "listing-prod")
    assert (stack.move, stack.triggers, stack.phase) == (None, (), ("mvp", "mvp"))
    assert SPLIT not in stack.reasons
    assert {change.op for change in stack.changes} == {"update"}


def test_an_override_is_told_by_its_setting_and_block(repo: Repo) -> None:
    repo.edit(DEV, SETTLED, f"{SETTLED}  phaseup:overrides: {{budget: {{monthly: 77}}}}\n")
    report = diff("main", folder=repo.path)
    stack = of(report, "listing-dev")
    assert [(each.block, each.key, each.new) for each in stack.settings] == [("budget", "monthly", 77.0)]
    (change,) = stack.changes
    assert (change.op, change.block, change.stateful) == ("update", "budget", False)
    assert [(each.path, each.new) for each in change.reasons] == [("limitAmount", "77.00")]
    assert report.unchanged == ("listing-prod",)


def test_what_is_no_single_step_is_bad_input_with_the_lines_that_say_it(repo: Repo) -> None:
    repo.edit(PROD, SETTLED, "  phaseup:phase: growth\n")
    stack = of(diff("main", folder=repo.path), "listing-prod")
    assert (stack.verdict, stack.error_side, stack.changes) == ("blocked", "head", ())
    assert stack.error.startswith(f"{PROD}:7: phaseup:phase: found growth; allowed: mvp, startup")
    assert ("+", "  phaseup:phase: growth") in [(line.sign, line.text) for line in stack.config]
    assert phaseup(repo, "diff", "main", "--json").exit_code == 2


def test_a_resource_that_a_component_renames_is_replaced_in_every_stack(repo: Repo) -> None:
    source = "components/budget.py"
    repo.edit(source, '-monthly"', '-month"')
    report = diff("main", folder=repo.path)
    assert [stack.causes for stack in report.stacks] == [("component",), ("component",)]
    for stack in report.stacks:
        ops = sorted((change.op, change.urn.rpartition("::")[2], change.block) for change in stack.changes)
        assert ops == [("create", "budget-month", "budget"), ("delete", "budget-monthly", "budget")]
        assert (stack.settings, stack.config, stack.move) == ((), (), None)


def test_a_blueprint_concerns_the_stacks_of_its_system_and_models_run_on_their_own_side(repo: Repo) -> None:
    """The base has a field's old name, which the head's models refuse, and the other way round."""
    repo.git("checkout", "-q", "-B", "old")
    renamed = {path: path.read_text() for path in (repo.path / "components").rglob("budget.py")}
    assert renamed
    spec = repo.path / "components" / "budget.py"
    spec.write_text(spec.read_text().replace("monthly", "per_month"))
    blueprint = repo.path / "stacks" / "blueprints" / "listing.yaml"
    blueprint.write_text(blueprint.read_text().replace("monthly:", "per_month:"))
    for path in (repo.path / "stacks").rglob("*.py"):
        path.write_text(path.read_text().replace("spec.monthly", "spec.per_month"))
    repo.commit()
    report = diff("main", "old", folder=repo.path)
    for stack in report.stacks:
        assert stack.error == "", stack.error
        keys = {(each.block, each.key) for each in stack.settings}
        assert keys == {("budget", "monthly"), ("budget", "per_month")}
    assert {cause for stack in report.stacks for cause in stack.causes} == {"blueprint", "component"}


def test_a_blueprint_that_is_broken_is_told_with_its_own_file(repo: Repo) -> None:
    repo.edit("stacks/blueprints/listing.yaml", "\n  mvp:\n", "\n  mvp:\n    serve: {users: 1}\n")
    report = diff("main", folder=repo.path)
    assert {stack.error_side for stack in report.stacks} == {"head"}
    assert {stack.causes for stack in report.stacks} == {("blueprint",)}
    assert all(stack.error.startswith("stacks/blueprints/listing.yaml:") for stack in report.stacks)


def test_a_stack_that_is_new_is_a_first_apply_and_one_that_goes_keeps_running(repo: Repo) -> None:
    text = (repo.path / DEV).read_text()
    repo.write(
        **{DEV: None, "stacks/Pulumi.listing-staging.yaml": text.replace("environment: dev", "environment: staging")}
    )
    report = diff("main", folder=repo.path)
    gone, new = of(report, "listing-dev"), of(report, "listing-staging")
    assert (gone.verdict, gone.phase, gone.changes) == ("needs-approval", ("mvp", ""), ())
    assert gone.cost is not None
    assert gone.cost.before == gone.cost.after > 0
    assert {risk.op for risk in gone.at_risk} == {"unmanaged"}
    assert any("kms" in risk.urn for risk in gone.at_risk)
    assert "hold data" in gone.reasons[0]
    assert new.error == "", new.error
    assert (new.verdict, new.phase, {change.op for change in new.changes}) == ("safe", ("", "mvp"), {"create"})
    assert new.cost is not None
    assert (new.cost.before, new.cost.after > 0) == (0.0, True)
    assert report.verdict == "needs-approval"


def test_a_branch_whose_models_are_older_than_this_phaseup_is_planned_but_not_called_safe(repo: Repo) -> None:
    """What the pack is told of a stack it reads off a config that has it not yet."""
    repo.edit(
        "stacks/models/stack.py",
        '    policies: Policies = Field(default_factory=Policies, alias="phaseup:policies")\n',
        "",
    )
    repo.edit("stacks/models/load_stack.py", '    "phaseup:policies",\n', "")
    repo.edit(DEV, SETTLED, f"{SETTLED}  phaseup:overrides: {{budget: {{monthly: 77}}}}\n")
    stack = of(diff("main", folder=repo.path), "listing-dev")
    assert (stack.error, stack.verdict) == ("", "needs-approval")
    assert stack.reasons == ("what the policy pack says is not known",)
    assert [note for note in stack.notes if "of another time than this phaseup" in note]
    assert stack.counts["update"] == 1
