"""A made-up system that grows functions, schedules, a registry, a domain and backups: wiring, a move, and what compose
refuses before it registers anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from recording import Recording, record

from phaseup.climb.announce import announced
from stacks.compose import compose
from stacks.models import BadInput, Blueprint, load_blueprint, resolve
from stacks.moves import effective, steps
from stacks.moves.work import work_of

ECR = "111111111111.dkr.ecr.eu-west-1.amazonaws.com"
IMAGES = {
    "phaseup:images": {
        "api": "ghcr.io/meal/api@sha256:" + "a" * 64,
        "batch": f"{ECR}/batch@sha256:" + "b" * 64,
        "again": f"{ECR}/again@sha256:" + "d" * 64,
        "zipped": "functions/zipped@sha256:" + "e" * 64,
    }
}
SMALL = {
    "net": {"kind": "network", "azs": 2, "nat": "one"},
    "app": {
        "kind": "server",
        "instance": "t4g.medium",
        "subnets": "public",
        "count": {"min": 1, "max": 1},
        "registries": {"ghcr.io": {}},
    },
    "api": {"kind": "service", "on": "app", "takes": "queue", "uses": ["db", "batch", "archive"]},
    "db": {"kind": "postgres", "instance": "db.t4g.medium", "storage": 20},
    "archive": {"kind": "bucket", "store": "s3"},
    "batch": {
        "kind": "function",
        "memory": 1024,
        "timeout": 900,
        "concurrency": 100,
        "vpc": True,
        "uses": {"db": {}, "archive": {"access": "read"}},
        "queue": {},
    },
    "nightly": {"kind": "schedule", "target": "batch", "every": "cron(0 3 * * ? *)", "timezone": "Europe/Madrid"},
    "images": {"kind": "registry", "repositories": {"batch": {"lambdas": True}}},
    "backup": {"kind": "backup", "blocks": ["db"]},
}
LARGE = {
    "api": {"uses": {"search": {}}},
    "batch": None,
    "again": {
        "kind": "function",
        "vpc": True,
        "uses": ["search"],
        "queue": {},
        "events": {"made": {"pattern": {"source": ["meal"]}}},
    },
    "zipped": {
        "kind": "function",
        "package": "zip",
        "bucket": "archive",
        "handler": "index.handler",
        "runtime": "nodejs22.x",
        "uses": ["again"],
    },
    "nightly": {"target": "again"},
    "hourly": {"kind": "schedule", "target": "zipped", "every": "rate(1 hour)"},
    "search": {"kind": "search", "instance": "r7g.large.search", "nodes": 3, "zones": 3},
    "images": {"replicas": ["eu-central-1"]},
    "backup": {"rules": {"daily": {"copies": {"eu-central-1": {}}}}},
}
Phases = dict[str, dict[str, Any]]


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    """Two phases under the name of meal, whose stacks are there; `change` may spoil their blocks."""
    small, large = json.loads(json.dumps(SMALL)), json.loads(json.dumps(LARGE))
    # What no phase after may miss stays: a role in use cannot go.
    large["api"]["uses"] |= {"db": {}, "archive": {}}
    change({"small": small, "large": large})
    budget = {"low": None, "high": None, "breakdown": None}
    phases = {
        name: {"serves": {}, "budget": budget, "blocks": blocks}
        for name, blocks in (("small", small), ("large", large))
    }
    (folder / "meal.yaml").write_text(json.dumps({"system": "meal", "title": "Made up", "phases": phases}))
    return load_blueprint("meal", folder)


def settled(phase: str) -> dict[str, Any]:
    return {**IMAGES, "phaseup:phase": phase}


def moving(traffic: int) -> dict[str, Any]:
    return {**settled("large"), "phaseup:moving": {"from": "small", "traffic": traffic}}


def state(recording: Recording, name: str, key: str) -> object:
    return recording.one(name).inputs[key]


def statements(recording: Recording, name: str) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in json.loads(recording.one(name).inputs["policy"])["Statement"]}


def test_who_uses_a_database_reaches_it_and_reads_its_login(tmp_path: Path) -> None:
    recording = build(stack(settled("small")), made_up(tmp_path))
    groups = {
        name: recording.one(name).inputs["referencedSecurityGroupId"] for name in ("db-from-app", "db-from-batch")
    }
    assert {name: group.rsplit("-", 1)[0] for name, group in groups.items()} == {
        "db-from-app": "app-sg",
        "db-from-batch": "batch-sg",
    }
    assert statements(recording, "db-for-batch").keys() == {"Login", "LoginKey"}
    assert recording.one("db-for-batch").inputs["role"].startswith("batch-role-")
    variables = recording.one("batch-function").inputs["environment"]["variables"]
    assert variables["DB_PARAMETER"] == recording.one("db-parameter").inputs["name"]
    assert variables["ENVIRONMENT"] == "prod"


def test_each_user_of_a_bucket_has_its_own_rights(tmp_path: Path) -> None:
    recording = build(stack(settled("small")), made_up(tmp_path))
    assert "s3:PutObject" in statements(recording, "archive-for-app")["Objects"]["Action"]
    assert statements(recording, "archive-for-batch")["Objects"]["Action"] == ["s3:GetObject", "s3:GetObjectVersion"]


def test_who_uses_a_function_may_invoke_it_and_fill_its_queue(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    recording = build(stack(settled("small")), blueprint)
    assert statements(recording, "batch-for-app").keys() == {"Invoke", "Send"}
    said = json.loads(recording.one("batch-parameter").inputs["insecureValue"])["env"]
    assert said["FUNCTION"].startswith("arn:aws:lambda:::batch-alias-")
    assert said["QUEUE_URL"].startswith("https://sqs.")
    large = build(stack(settled("large")), blueprint)
    assert statements(large, "again-for-zipped").keys() == {"Invoke", "Send"}
    assert "zipped-parameter" not in large.names(), "nothing uses it"


def test_a_zip_comes_from_the_stack_s_bucket(tmp_path: Path) -> None:
    inputs = build(stack(settled("large")), made_up(tmp_path)).one("zipped-function").inputs
    assert inputs["s3Bucket"].startswith("archive-bucket-")
    assert inputs["s3Key"] == f"functions/zipped/{'e' * 64}.zip"


def test_a_domain_has_a_name_of_ours_and_lets_in_who_uses_it(tmp_path: Path) -> None:
    recording = build(stack(settled("large")), made_up(tmp_path))
    assert recording.one("search-name").inputs["name"] == "search.prod.meal.internal"
    assert {"search-from-app", "search-from-again", "search-for-app", "search-for-again"} <= recording.names()
    assert "search-from-zipped" not in recording.names()
    said = json.loads(recording.one("search-parameter").inputs["insecureValue"])
    assert said["env"]["PORT"] == "443"
    assert said["env"]["HOST"] == "search.prod.meal.internal"
    assert set(said["secrets"]) == {"USER", "PASSWORD"}
    subnets = recording.one("search-domain").inputs["vpcOptions"]["subnetIds"]
    assert [each.rsplit("-", 1)[0] for each in subnets] == [f"net-data-euw1-az{i}" for i in (1, 2, 3)]


def test_one_side_works_at_a_time(tmp_path: Path) -> None:
    """Exactly one of the two queues is worked off, and one schedule's state never has both sides on."""
    blueprint = made_up(tmp_path)
    before, started, shifted = (
        build(stack(change), blueprint) for change in (settled("small"), moving(0), moving(100))
    )
    assert state(before, "batch-from-queue", "enabled") is True
    for recording, old, new in ((started, True, False), (shifted, False, True)):
        assert state(recording, "batch-from-queue", "enabled") is old
        assert state(recording, "again-from-queue", "enabled") is new
        assert state(recording, "again-on-made", "state") == ("ENABLED" if new else "DISABLED")
        assert state(recording, "hourly-schedule", "state") == ("ENABLED" if new else "DISABLED")
        # In both phases, so it never pauses; what it invokes switches with the work.
        assert state(recording, "nightly-schedule", "state") == "ENABLED"
        target = recording.one("nightly-schedule").inputs["target"]["arn"]
        assert target.startswith(f"arn:aws:lambda:::{'batch' if old else 'again'}-alias-")


@pytest.mark.parametrize(("idempotent", "both"), [(True, True), (False, False)])
def test_between_the_two_only_idempotent_work_runs_on_both_sides(tmp_path: Path, idempotent: bool, both: bool) -> None:
    def weighed(phases: Phases) -> None:
        for name, phase in (("batch", "small"), ("again", "large")):
            phases[phase][name]["idempotent"] = idempotent

    blueprint = made_up(tmp_path, weighed)
    between = stack(moving(0))
    work = effective(between, blueprint).work
    assert (work["batch"].runs, work["again"].runs) == ({"batch": True}, {"again": False})
    # Traffic between the ends needs a carrier, which this system has not.
    old, new = (resolve(blueprint, phase, stack(settled(phase))) for phase in ("small", "large"))
    half = work_of(old, new, 50)
    assert (half["batch"].runs["batch"], half["again"].runs["again"]) == (True, both)
    assert (half["nightly"].runs["nightly"], half["hourly"].runs["hourly"]) == (True, False)


def test_expand_only_adds_and_a_shift_touches_what_it_is_allowed_to(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    before, started, shifted = (
        build(stack(change), blueprint) for change in (settled("small"), moving(0), moving(100))
    )
    assert set(before.urns()) <= set(started.urns())
    assert started.urns() == shifted.urns()
    then = {each.urn: each.inputs for each in shifted.resources}
    changed = {each.name for each in started.resources if then[each.urn] != each.inputs}
    assert changed == {
        "batch-from-queue", "again-from-queue", "again-on-made", "hourly-schedule", "nightly-schedule",
        "nightly-rights",
    }  # fmt: skip
    (shift,) = [each for each in steps(stack(moving(0)), blueprint, "large") if each.kind == "shift"]
    assert {"batch", "again", "hourly", "nightly"} <= shift.allows.only


def test_a_function_that_leaves_is_armed_and_drained_first(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    todo = steps(stack(settled("small")), blueprint, "large")
    assert [(each.kind, each.block) for each in todo] == [
        ("expand", None), ("shift", None), ("arm", "batch"), ("contract", None),
    ]  # fmt: skip
    assert "batch" in todo[-1].allows.deletes
    armed = build(todo[2].config, blueprint)
    before = build(todo[1].config, blueprint)
    lifted = {
        each.name
        for each in before.resources
        if each.protect and not next(a for a in armed.resources if a.urn == each.urn).protect
    }
    assert lifted == {"batch-queue", "batch-dead-letters"}


def test_on_the_way_down_the_domain_is_kept_and_functions_go(tmp_path: Path) -> None:
    todo = steps(stack(settled("large")), made_up(tmp_path), "small")
    kept = {each.block for step in todo for each in step.kept}
    assert "search" in kept
    assert not {"again", "zipped", "hourly"} & kept
    assert {each.block for each in todo if each.kind == "arm"} == {"again", "zipped", "hourly"}


def test_what_stays_announces_that_it_loses_a_user(tmp_path: Path) -> None:
    """The kept domain's rule for the host goes with the service's use of it, and nothing else of the domain does."""
    blueprint = made_up(tmp_path)
    todo = steps(stack(settled("large")), blueprint, "small")
    before, after = (effective(step.config, blueprint) for step in todo[-2:])
    assert "search" in todo[-1].allows.narrows
    said = announced(todo[-1], before, after)
    assert said.keys["search"] == {"app", "again"}
    assert "search" not in said.fields
    gone = set(build(todo[-2].config, blueprint).urns()) - set(build(todo[-1].config, blueprint).urns())
    assert {urn.rsplit("::", 1)[1] for urn in gone if "::search-" in urn} == {
        "search-from-app", "search-for-app", "search-from-again", "search-for-again",
    }  # fmt: skip


def test_on_the_way_down_and_back_out_regions_with_copies_stay(tmp_path: Path) -> None:
    """A vault or a repository that holds something cannot be deleted: nothing of theirs is missing once settled."""
    blueprint = made_up(tmp_path)
    for start, to in ((settled("large"), "small"), (moving(0), "small"), (moving(100), "small")):
        todo = steps(stack(start), blueprint, to)
        told = {each.block: each.why for step in todo for each in step.kept if each.block in ("images", "backup")}
        assert told["images"].startswith("replicas.eu-central-1: ECR deletes no repository")
        assert told["backup"].startswith("copies in eu-central-1: AWS Backup deletes no vault")
        before, after = build(stack(start), blueprint), build(todo[-1].config, blueprint)
        gone = set(before.urns()) - set(after.urns())
        assert [urn for urn in gone if "Registry" in urn or "Backup" in urn] == []
        assert todo[-1].config.values["phaseup:overrides"]["images"] == {"replicas": {"eu-central-1": {}}}
    assert all(not step.kept for step in steps(stack(settled("small")), blueprint, "large"))


def test_outputs_name_what_is_there_and_nothing_else(tmp_path: Path) -> None:
    def given(phase: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        config = stack(settled(phase))
        resolved = effective(config, made_up(tmp_path))
        record(lambda: made.update(compose(resolved, config)))
        return made

    small, large = given("small"), given("large")
    assert set(small["functions"]) == set(small["queues"]) == {"batch"}
    assert set(small["registries"]["images"]) == {"batch"}
    assert "searches" not in small
    assert large["searches"] == {"search": "meal-prod-search"}
    assert "## From eu-central-1" in large["drills"]["backup"]
    assert "## From eu-central-1" not in small["drills"]["backup"]


def _foreign_registry(phases: Phases) -> None:
    phases["small"]["batch"]["image"] = "api"


def _no_image(phases: Phases) -> None:
    phases["small"]["batch"]["image"] = "gone"


def _zip_on_r2(phases: Phases) -> None:
    phases["large"]["files"] = {"kind": "bucket", "store": "r2"}
    phases["large"]["zipped"]["bucket"] = "files"


def _no_way_out(phases: Phases) -> None:
    phases["small"]["net"]["nat"] = "none"


def _copy_at_home(phases: Phases) -> None:
    phases["small"]["images"]["replicas"] = ["eu-west-1"]


def _backup_at_home(phases: Phases) -> None:
    phases["small"]["backup"]["rules"] = {"daily": {"copies": {"eu-west-1": {}}}}


def _two_sets_of_rules(phases: Phases) -> None:
    phases["large"]["other"] = {"kind": "registry", "repositories": ["x"], "replicas": ["eu-central-1"]}


def _long_domain(phases: Phases) -> None:
    phases["small"]["search-of-everything"] = {"kind": "search", "instance": "t3.small.search"}


def _class_that_is_not_sold(phases: Phases) -> None:
    phases["small"]["search"] = {"kind": "search", "instance": "m2g.large.search"}


def _schedule_of_a_service(phases: Phases) -> None:
    phases["small"]["nightly"]["target"] = "api"


def _vpc_left_out(phases: Phases) -> None:
    del phases["small"]["batch"]["vpc"]


@pytest.mark.parametrize(
    ("phase", "change", "told"),
    [
        ("small", _foreign_registry, "phaseup:images.api: found ghcr.io/meal/api@sha256:"),
        ("small", _no_image, "phaseup:images: found no gone"),
        ("large", _zip_on_r2, "zipped.bucket: found files on r2; allowed: a bucket with store s3"),
        ("small", _no_way_out, "batch.vpc: found true in a network without a way out"),
        ("small", _copy_at_home, "images.replicas.eu-west-1: found eu-west-1; allowed: another region"),
        ("small", _backup_at_home, "backup.rules.daily.copies.eu-west-1: found eu-west-1; allowed: another region"),
        ("large", _two_sets_of_rules, "other.replicas: found eu-central-1; allowed: none: images has the rules"),
        ("small", _long_domain, "found meal-prod-search-of-everything, 30 characters"),
        ("small", _class_that_is_not_sold, "found m2g.large.search, which AWS does not offer in eu-west-1"),
        ("small", _schedule_of_a_service, "nightly.target: found api; allowed: a function: batch"),
        ("small", _vpc_left_out, "batch.vpc: found false; allowed: true where it uses db"),
    ],
)
def test_refused(tmp_path: Path, phase: str, change: Callable[[Phases], None], told: str) -> None:
    with pytest.raises(BadInput) as caught:
        build(stack(settled(phase)), made_up(tmp_path, change))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
