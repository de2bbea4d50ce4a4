"""Versions of stores and clusters, raised between moves: one block and one step an apply, planned by the program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import stack
from rehearsing import onward, standing

from phaseup.climb.verdict import Judged, judge_apply
from phaseup.plan.steps import net_ops
from phaseup.record.run import Run
from stacks.models import BadInput, Blueprint, StackConfig, load_blueprint
from stacks.moves import steps, transition

BLOCKS: dict[str, Any] = {
    "net": {"kind": "network", "azs": 3, "nat": "one"},
    "app": {
        "kind": "server", "instance": "t4g.medium", "subnets": "public", "count": {"min": 1, "max": 1},
        "registries": {"ghcr.io": {}},
    },
    "api": {"kind": "service", "on": "app", "takes": "queue", "uses": ["db", "cache", "search"]},
    "db": {"kind": "postgres", "instance": "db.m7g.large", "storage": 50, "replicas": {"a": {}}},
    "cache": {"kind": "cache", "use": "cache", "instance": "cache.t4g.small", "version": "8.0"},
    "search": {"kind": "search", "instance": "m7g.large.search", "nodes": 3, "zones": 3, "storage": 50,
               "version": "2.17"},
    "k8s": {"kind": "kubernetes", "access": {"ci": {"role": "deploy/apply", "level": "cluster-admin"}},
            "namespaces": {"app": {}}, "nodes": {"general": {"instance": "m7g.large", "count": {"min": 2, "max": 4}}}},
}  # fmt: skip
IMAGES = {"phaseup:images": {"api": "ghcr.io/meal/api@sha256:" + "a" * 64}}


def made_up(folder: Path, blocks: dict[str, Any]) -> Blueprint:
    phases = {
        "one": {"serves": {}, "budget": {"low": None, "high": None, "breakdown": None}, "blocks": blocks},
        "two": {"serves": {}, "budget": {"low": None, "high": None, "breakdown": None}, "blocks": {}},
    }
    (folder / "meal.yaml").write_text(json.dumps({"system": "meal", "title": "Made up", "phases": phases}))
    return load_blueprint("meal", folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("versions")


@pytest.fixture(scope="module")
def bp(folder: Path) -> Blueprint:
    return made_up(folder, BLOCKS)


def at(versions: dict[str, str] | None = None, **more: Any) -> StackConfig:
    given = {"phaseup:versions": versions} if versions else {}
    return stack(
        {**IMAGES, "phaseup:phase": "one", **given, **{f"phaseup:{key}": value for key, value in more.items()}}
    )


def planned(folder: Path, bp: Blueprint, before: StackConfig, after: StackConfig) -> tuple[Run, Judged]:
    state = standing(folder, before)
    run = onward(folder, state, after)
    move = transition(before, after, bp)
    return run, judge_apply(run, state, configs=(before, after), move=move, blueprint=bp)


def changed(run: Run) -> dict[str, dict[str, set[str]]]:
    """op → name → properties."""
    ops = net_ops(run.outcome.steps)
    out: dict[str, dict[str, set[str]]] = {}
    for step in run.outcome.steps:
        op = ops.get(step.urn, "same")
        if op not in ("same", "read") and step.op != "same":
            found = out.setdefault(op, {}).setdefault(step.urn.rsplit("::", 1)[1], set())
            found |= {reason.path for reason in step.reasons}
    return out


def test_a_database_takes_its_replicas_along_and_its_old_parameters_go(folder: Path, bp: Blueprint) -> None:
    run, judged = planned(folder, bp, at(), at({"db": "18"}))
    found = changed(run)
    assert found.keys() == {"create", "update", "delete"}
    assert found["create"].keys() == {"db-pg18"}
    assert found["delete"].keys() == {"db-pg17"}
    assert found["update"]["db-primary"] == {"engineVersion", "parameterGroupName"}
    assert found["update"]["db-replica-a"] == {"parameterGroupName"}
    assert judged.verdict == "needs-approval", judged.reasons
    assert judged.reasons[-1] == "db goes from 17 to 18, which has no way back but a restored snapshot"


def test_a_cache_s_nodes_are_exchanged_in_place(folder: Path, bp: Blueprint) -> None:
    run, judged = planned(folder, bp, at(), at({"cache": "8.1"}))
    assert "replace" not in changed(run)
    assert changed(run)["update"]["cache-group"] == {"engineVersion"}
    assert judged.verdict == "safe"


def test_a_cluster_goes_one_minor_with_its_nodes(folder: Path, bp: Blueprint) -> None:
    run, judged = planned(folder, bp, at(), at({"k8s": "1.36"}))
    found = changed(run)
    assert found.keys() <= {"update", "create"}
    assert "version" in found["update"]["k8s-cluster"]
    assert "version" in found["update"]["k8s-general-nodes"], sorted(found["update"])
    assert judged.verdict == "needs-approval"


@pytest.mark.parametrize(
    ("before", "after", "found", "allowed"),
    [
        ({}, {"db": "19"}, "19", "18 or a minor of it: one major an apply"),
        ({"db": "18"}, {}, "17", "18 or above: no version goes down"),
        ({}, {"db": "16"}, "16", "17 or above"),
        ({}, {"k8s": "1.34"}, "1.34", "1.35"),
        ({}, {"db": "18", "cache": "8.1"}, "changes of db, cache in one apply", "one block an apply"),
        ({}, {"net": "2"}, "net", "app"),
        ({}, {"db": "eighteen"}, "eighteen", "1[4-9]"),
    ],
)
def test_what_is_no_step(
    bp: Blueprint, before: dict[str, str], after: dict[str, str], found: str, allowed: str
) -> None:
    with pytest.raises(BadInput) as caught:
        transition(at(before), at(after), bp)
    if "net" in after:
        assert caught.value.allowed == "db, cache, search, k8s"
        return
    assert (caught.value.found, allowed in caught.value.allowed) == (found, True), str(caught.value)
    assert caught.value.key.startswith("phaseup:versions")


def test_a_version_is_no_part_of_a_move_and_of_no_other_change(bp: Blueprint) -> None:
    expanded = steps(at(), bp, "two")[0].config
    with pytest.raises(BadInput, match="until the move is over"):
        transition(expanded, StackConfig.model_validate({**expanded.values, "phaseup:versions": {"db": "18"},
                                                         "values": {**expanded.values}}), bp)  # fmt: skip
    with pytest.raises(BadInput, match="the version alone in an apply"):
        transition(at(), at({"db": "18"}, owner="sre"), bp)


def test_a_minor_may_be_said_and_left_to_aws_again(bp: Blueprint) -> None:
    said = transition(at(), at({"db": "17.6"}), bp)
    assert (said.kind, said.block, said.consent) == ("apply", "db", "")
    assert transition(at({"db": "17.6"}), at(), bp).consent == ""


def test_copies_in_other_regions_are_not_taken_along(tmp_path: Path) -> None:
    blocks = {**BLOCKS, "net": {**BLOCKS["net"], "regions": {"eu-central-1": {}}},
              "db": {**BLOCKS["db"], "regions": {"eu-central-1": {}}}}  # fmt: skip
    with pytest.raises(BadInput, match="RDS does not take copies in other regions along"):
        transition(at(), at({"db": "18"}), made_up(tmp_path, blocks))


def test_without_quotes_it_is_refused() -> None:
    from stacks.models.load_stack import stack_from_section
    from stacks.models.yaml_file import parse

    given = json.dumps({**at().values, "phaseup:versions": {"k8s": "VERSION"}}).replace('"VERSION"', "1.36")
    document = parse(f"config: {given}", "stacks/Pulumi.meal-prod.yaml")
    with pytest.raises(BadInput, match=r"phaseup:versions.k8s: found 1.36 without quotes"):
        stack_from_section("meal-prod", document.data["config"], document)
