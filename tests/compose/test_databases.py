"""A made-up system whose database grows replicas, then shards and a pooler, then copies in another region: names and
logins of consumers, and every step of the ladder both ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from recording import Recording
from rehearsing import Rehearsed, between, climbed

from stacks.models import BadInput, Blueprint, load_blueprint
from stacks.moves import steps

FAR = "eu-central-1"
HOLDS = {"mercadona": "one", "alcampo": "one", "carrefour": "two", "lidl": "three"}
PHASES: dict[str, dict[str, Any]] = {
    "growth": {
        "net": {"kind": "network", "azs": 2, "nat": "one"},
        "app": {
            "kind": "server",
            "instance": "t4g.medium",
            "subnets": "public",
            "count": {"min": 1, "max": 1},
            "registries": {"ghcr.io": {}},
        },
        "api": {"kind": "service", "on": "app", "takes": "queue", "uses": ["db"]},
        "db": {
            "kind": "postgres",
            "instance": "db.m7g.xlarge",
            "storage": 100,
            "replicas": {"a": {"instance": "db.m7g.large"}, "b": {}},
        },
    },
    "scale": {
        "db": {
            "storage": 200,
            "shards": {"one": {}, "two": {}, "three": {"storage": 400}},
            "holds": HOLDS,
            "pooler": {},
            "through": "pooler",
        }
    },
    "enterprise": {"net": {"regions": {FAR: {}}}, "db": {"regions": {FAR: {}}}},
}
IMAGES = {"phaseup:images": {"api": "ghcr.io/meal/api@sha256:" + "a" * 64}}
Phases = dict[str, dict[str, Any]]


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    phases = json.loads(json.dumps(PHASES))
    change(phases)
    budget = {"low": None, "high": None, "breakdown": None}
    document = {
        "system": "meal",
        "title": "Made up",
        "phases": {name: {"serves": {}, "budget": budget, "blocks": blocks} for name, blocks in phases.items()},
    }
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


def settled(phase: str, **more: Any) -> dict[str, Any]:
    return {**IMAGES, "phaseup:phase": phase, **{f"phaseup:{key}": value for key, value in more.items()}}


def moving(**move: Any) -> dict[str, Any]:
    return settled("scale", moving={"from": "growth", "traffic": 0, **move})


def told(recording: Recording, parameter: str = "db-parameter") -> dict[str, Any]:
    return json.loads(recording.one(parameter).inputs["insecureValue"])


def record(recording: Recording, name: str) -> str:
    """What a name points at, without what the recorder adds."""
    (target,) = recording.one(name).inputs["records"]
    return target


def test_the_first_shard_is_the_instance_that_was_there(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    growth, scale = (build(stack(settled(phase)), blueprint) for phase in ("growth", "scale"))
    assert set(growth.urns()) <= set(scale.urns())
    then = {each.urn: each for each in scale.resources}
    for name in ("db-primary", "db-replica-a", "db-replica-b"):
        old, new = growth.one(name), then[growth.one(name).urn]
        changed = {key for key in old.inputs.keys() | new.inputs.keys() if old.inputs.get(key) != new.inputs.get(key)}
        assert changed <= {"allocatedStorage", "maxAllocatedStorage"}, name


def test_consumers_find_every_shard_by_its_own_name_and_the_first_as_before(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    growth, scale = (told(build(stack(settled(phase)), blueprint)) for phase in ("growth", "scale"))
    assert growth["env"].keys() <= scale["env"].keys()
    assert (scale["env"]["HOST"], scale["env"]["READ_HOST"]) == ("db.prod.meal.internal", "db-read.prod.meal.internal")
    for shard in ("one", "two", "three"):
        assert scale["env"][f"SHARD_{shard.upper()}_HOST"] == f"db-{shard}.prod.meal.internal"
        assert scale["env"][f"SHARD_{shard.upper()}_READ_HOST"] == f"db-{shard}-read.prod.meal.internal"
    assert json.loads(scale["env"]["SHARDS"]) == HOLDS
    assert scale["env"]["SHARD_NAMES"].split(",")[0] == "one"
    assert set(scale["env"]["SHARD_NAMES"].split(",")) == {"one", "two", "three"}
    assert {name for name in growth["env"] if "SHARD" in name} == set()


def test_each_login_is_its_own_shard_s_and_its_readers_may_read_all(tmp_path: Path) -> None:
    recording = build(stack(settled("scale")), made_up(tmp_path))
    secrets = {name: arn.split(":::")[1].rsplit("-", 1)[0] for name, (arn, _) in told(recording)["secrets"].items()}
    assert secrets["PASSWORD"] == secrets["SHARD_ONE_PASSWORD"] == "db-secret"
    assert secrets["SHARD_TWO_PASSWORD"] == "db-two-secret"
    assert secrets["SHARD_THREE_PASSWORD"] == "db-three-secret"
    assert {name for name, (_, key) in told(recording)["secrets"].items() if key == "username"} == {"USER"}
    login, key = json.loads(recording.one("db-for-app").inputs["policy"])["Statement"]
    assert len(login["Resource"]) == 3
    assert isinstance(key["Resource"], str)


def test_the_parameter_has_room_for_as_many_shards_as_there_may_be(tmp_path: Path) -> None:
    def many(phases: Phases) -> None:
        names = ["one", *(f"abcdefghijklmno{chr(97 + i)}" for i in range(7))]
        phases["scale"]["db"]["shards"] = {name: {} for name in names}
        phases["scale"]["db"]["holds"] = {f"{i:02}-supermarket-somewhere": names[i % 8] for i in range(60)}

    parameter = build(stack(settled("scale")), made_up(tmp_path, many)).one("db-parameter").inputs
    text = parameter["insecureValue"]
    # The recorder's ARNs have neither region nor account, and its host names no suffix of RDS's.
    secrets, hosts = text.count("arn:aws:secretsmanager"), text.count("TLS_NAME")
    assert 4096 < len(text) + 30 * secrets + 60 * hosts <= 8192
    assert parameter["tier"] == "Advanced"
    assert "tier" not in build(stack(settled("growth")), made_up(tmp_path)).one("db-parameter").inputs


def test_each_shard_s_readers_are_its_replicas_with_its_primary_standing_by(tmp_path: Path) -> None:
    recording = build(stack(settled("scale")), made_up(tmp_path))
    records = recording.by_type("aws:route53/record:Record")
    weights = {
        each.name: each.inputs["weightedRoutingPolicies"][0]["weight"] for each in records if "-read-" in each.name
    }
    assert weights == {
        f"db-{shard}read-name-{reader}": 0 if reader == "primary" else 1
        for shard in ("", "one-", "two-", "three-")
        for reader in ("primary", "replica-a", "replica-b")
    }
    assert record(recording, "db-two-read-name-replica-a").startswith("db-two-replica-a")
    # The name of the role and that of its first shard are two names of one thing.
    assert record(recording, "db-name") == record(recording, "db-one-name")


def test_through_the_pooler_every_writer_s_name_leads_to_a_proxy(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    direct, through = build(stack(moving()), blueprint), build(stack(moving(traffic=100)), blueprint)
    for name in ("db-name", "db-one-name", "db-two-name", "db-three-name"):
        assert record(direct, name) != record(through, name)
        assert "proxy" in record(through, name)
    assert record(direct, "db-read-name-replica-a") == record(through, "db-read-name-replica-a")


def test_in_another_region_writers_are_led_home_and_readers_to_the_copies(tmp_path: Path) -> None:
    recording = build(stack(settled("enterprise")), made_up(tmp_path))
    here, there = told(recording), told(recording, f"db-{FAR}-parameter")
    assert there["env"].keys() == here["env"].keys()
    assert {name: value for name, value in there["env"].items() if name.endswith("HOST")} == {
        name: value for name, value in here["env"].items() if name.endswith("HOST")
    }
    zones = {recording.one(name).inputs["zoneId"] for name in ("db-name", f"db-{FAR}-name")}
    assert len(zones) == 2
    for shard in ("", "two-", "three-"):
        assert record(recording, f"db-{FAR}-{shard}name") == record(recording, f"db-{shard}name")
        assert record(recording, f"db-{FAR}-{shard}read-name-copy-a").startswith(f"db-{FAR}-{shard}a-copy")
        assert f"db-{FAR}-{shard}read-name-replica-a" not in recording.names()
    assert recording.one(f"db-{FAR}-parameter").inputs["name"] == recording.one("db-parameter").inputs["name"]
    assert recording.one(f"db-{FAR}-parameter").inputs["region"] == FAR


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder = tmp_path_factory.mktemp("ladder")
    return climbed(made_up(folder), folder, settled("growth"))


def of(ladder: list[Rehearsed], kind: str, to: str, *, direction: str = "up", back: bool = False) -> list[Rehearsed]:
    return [
        each
        for each in ladder
        if each.leg.move is not None
        and (each.kind, each.move.to, each.leg.direction, each.leg.backing_out) == (kind, to, direction, back)
    ]


def test_no_step_is_blocked_and_only_an_armed_region_needs_consent(ladder: list[Rehearsed]) -> None:
    assert [(each.kind, each.judged.reasons) for each in ladder if each.judged.verdict == "blocked"] == []
    assert {each.kind for each in ladder if each.judged.verdict != "safe"} == {"arm"}
    assert {risk.urn for each in ladder for risk in each.judged.planner.at_risk} == set()


def test_expand_creates_the_shards_and_changes_little_of_what_was_there(ladder: list[Rehearsed]) -> None:
    (expand,) = of(ladder, "expand", "scale")
    assert expand.ops("delete") == expand.ops("replace") == set()
    assert {"db-two-primary", "db-three-replica-b", "db-two-secret", "db-proxy", "db-two-name"} <= expand.ops("create")
    changes = expand.changes()
    assert changes.pop("db-primary") == {"allocatedStorage", "maxAllocatedStorage"}
    assert changes.keys() == {"db-replica-a", "db-replica-b", "db-for-app", "db-parameter"}


def test_nobody_is_told_of_a_shard_s_rows_before_the_rung(ladder: list[Rehearsed]) -> None:
    (rung,) = of(ladder, "rung", "scale")
    assert _map(rung, before=True) == {}
    assert (rung.move.block, rung.move.stage) == ("db", "rows")
    assert rung.changes() == {"db-parameter": {"insecureValue"}}
    assert _map(rung) == HOLDS
    assert "keeps both in step" in rung.move.precondition


def test_the_role_goes_through_the_pooler_with_the_traffic_and_back_with_it(ladder: list[Rehearsed]) -> None:
    (there,), (back,) = of(ladder, "shift", "scale"), of(ladder, "shift", "scale", back=True)
    for shift in (there, back):
        assert shift.ops("create") == shift.ops("delete") == set()
        names = {
            f"db-{shard}{name}" for shard in ("", "one-", "two-", "three-") for name in ("name", "read-name-primary")
        }
        assert shift.changes().keys() == {*names, "db-parameter"}


def test_contract_deletes_nothing_and_abort_no_shard(ladder: list[Rehearsed]) -> None:
    (contract,) = of(ladder, "contract", "scale")
    assert contract.ops("delete") == contract.ops("update") == set()
    aborts = of(ladder, "abort", "scale", back=True)
    assert len(aborts) == 2, "before the rung, and after it; from traffic 100 the way is the same"
    for abort in aborts:
        assert all("pooler" in name or "proxy" in name for name in abort.ops("delete"))
        assert abort.ops("delete")
        assert "db-two-primary" in abort.ops("same")
    assert [_map(abort) for abort in aborts] == [{}, HOLDS]


def test_on_the_way_down_the_shards_stay_with_their_rows(ladder: list[Rehearsed]) -> None:
    (expand,) = of(ladder, "expand", "growth", direction="down")
    kept = " ".join(each.why for each in expand.move.kept if each.block == "db")
    assert "shards.three, shards.two: shards do not merge" in kept
    assert "the rung rows" in kept
    (contract,) = of(ladder, "contract", "growth", direction="down")
    assert all("pooler" in name or "proxy" in name for name in contract.ops("delete"))
    assert {"db-two-primary", "db-three-replica-a", "db-two-name"} <= contract.ops("same")
    assert _map(contract) == HOLDS


def test_copies_in_another_region_come_with_expand_and_go_armed_alone(ladder: list[Rehearsed]) -> None:
    (expand,) = of(ladder, "expand", "enterprise")
    copies = {f"db-{FAR}-a-copy", f"db-{FAR}-two-a-copy", f"db-{FAR}-three-a-copy"}
    assert copies <= expand.ops("create")
    assert expand.ops("delete") == expand.ops("replace") == set()
    assert {name for name in expand.changes() if "primary" in name or "replica" in name} == set()
    (arm,) = of(ladder, "arm", "scale", direction="down")
    assert arm.move.block == FAR
    assert {name: paths for name, paths in arm.changes().items() if name.startswith("db")} == {
        copy: {"deletionProtection"} for copy in copies
    }
    (contract,) = of(ladder, "contract", "scale", direction="down")
    assert copies <= contract.ops("delete")
    assert f"db-from-{FAR}" in contract.ops("delete")
    assert {name for name in contract.ops("delete") if name.startswith("db-") and FAR not in name} == set()
    assert "db-primary" in contract.ops("same")


def _map(each: Rehearsed, *, before: bool = False) -> dict[str, str]:
    step = each.steps()["db-parameter"]
    state = step.old if before else step.new
    assert state is not None
    return json.loads(json.loads(state.inputs["insecureValue"])["env"]["SHARDS"])


def test_climbed_or_born_there_a_sharded_database_is_the_same(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    last = [step for step in steps(stack(settled("growth")), blueprint, "scale") if step.refused is None][-1].config
    run = between(tmp_path, last, stack(settled("scale")))
    assert {step.op for step in run.outcome.steps} == {"same"}


def test_a_key_is_moved_in_a_settled_stack_by_one_line(tmp_path: Path) -> None:
    made_up(tmp_path)
    before, after = (
        stack(settled("scale", **more)) for more in ({}, {"overrides": {"db": {"holds": {"lidl": "two"}}}})
    )
    run = between(tmp_path, before, after)
    changed = {step.urn.rsplit("::", 1)[1] for step in run.outcome.steps if step.op != "same"}
    assert changed == {"db-parameter"}


def _block_named_as_a_shard(phases: Phases) -> None:
    phases["growth"]["db-two"] = {"kind": "bucket", "store": "s3"}


def _block_that_begins_as_one(phases: Phases) -> None:
    phases["growth"]["db-two-read"] = {"kind": "bucket", "store": "s3"}


def _long_identifier(phases: Phases) -> None:
    phases["growth"]["db"]["replicas"] = {"a" * 45: {}}


def _class_not_sold_there(phases: Phases) -> None:
    phases["enterprise"]["db"]["regions"][FAR] = {"replicas": {"a": {"instance": "db.m2.large"}}}


def _region_without_network(phases: Phases) -> None:
    del phases["enterprise"]["net"]


def _first_left_out(phases: Phases) -> None:
    phases["scale"]["db"]["shards"] = {"two": {}, "three": {}}


def _first_changed(phases: Phases) -> None:
    phases["scale"]["db"]["first"] = "two"


@pytest.mark.parametrize(
    ("phase", "change", "message"),
    [
        ("scale", _block_named_as_a_shard, "db.shards.two: found db-two; allowed: a shard whose name db-two no block"),
        ("scale", _block_that_begins_as_one, "db.shards.two: found db-two-read"),
        ("scale", _long_identifier, "replicas.aaaaa"),
        ("enterprise", _class_not_sold_there, "found db.m2.large, which AWS does not offer in eu-central-1"),
        (
            "enterprise",
            _region_without_network,
            f"db.regions.{FAR}: found {FAR}; allowed: one of the network's regions",
        ),
        ("scale", _first_left_out, "db.shards: found three, two; allowed: one among them"),
        ("scale", _first_changed, "db.first: found two; allowed: one, as in growth: it is fixed in every phase"),
    ],
)
def test_refused(tmp_path: Path, phase: str, change: Callable[[Phases], None], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        build(stack(settled(phase)), made_up(tmp_path, change))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
