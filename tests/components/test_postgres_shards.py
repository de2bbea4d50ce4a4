"""postgres: what each shard has of its own and what all share, the pooler before them, and copies in other regions."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.emitter import Emitter
from components.postgres import Postgres, PostgresArgs, PostgresCopies, PostgresCopiesArgs, PostgresSpec, Surroundings
from components.postgres.spec import LARGEST
from components.site import Site
from phaseup.facts import stateful
from phaseup.graph.values import Secret
from stacks.models.merge import merged

FAR = "eu-central-1"
INSTANCE = "aws:rds/instance:Instance"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SHARDED: dict[str, Any] = {
    "instance": "db.m7g.xlarge",
    "storage": 100,
    "replicas": {"a": {"instance": "db.m7g.large"}, "b": {}},
    "shards": {"one": {}, "two": {}, "three": {"instance": "db.r7g.large", "storage": 400, "replicas": {"c": {}}}},
    "holds": {"mercadona": "one", "lidl": "two"},
}


def spec_of(**changes: Any) -> PostgresSpec:
    return PostgresSpec.model_validate({**SHARDED, **changes})


def args_of(site: Site, spec: PostgresSpec, **more: Any) -> PostgresArgs:
    subnets = ["subnet-a", "subnet-b", "subnet-c"]
    return PostgresArgs(spec, site, Surroundings(ACCOUNT, "arn:logs-key", "vpc-1", subnets, {"app": "sg-app"}, **more))


def build(site: Site, **changes: Any) -> Recording:
    return record(lambda: Postgres("db", args_of(site, spec_of(**changes))))


def build_away(site: Site, retiring: bool = False, **changes: Any) -> Recording:
    spec = spec_of(regions={FAR: {}}, **changes)
    networks = {FAR: "10.225.0.0/16"}

    def program() -> None:
        home = Postgres("db", args_of(site, spec, networks=networks))
        there = replace(site, region=FAR, retiring=retiring)
        args = PostgresCopiesArgs(
            spec,
            spec.regions[FAR],
            home,
            there,
            Surroundings(ACCOUNT, "arn:far-logs-key", "vpc-2", ["subnet-x"], networks=networks),
        )
        PostgresCopies(f"db-{FAR}", args)

    return record(program)


def instances(recording: Recording) -> dict[str, dict[str, Any]]:
    return {each.inputs["identifier"]: each.inputs for each in recording.by_type(INSTANCE)}


def test_every_shard_has_its_own_instances_logins_and_logs(site: Site) -> None:
    recording = build(site)
    assert {name: (of["instanceClass"], of.get("replicateSourceDb")) for name, of in instances(recording).items()} == {
        "meal-prod-db": ("db.m7g.xlarge", None),
        "meal-prod-db-a": ("db.m7g.large", "meal-prod-db"),
        "meal-prod-db-b": ("db.m7g.xlarge", "meal-prod-db"),
        "meal-prod-db-two": ("db.m7g.xlarge", None),
        "meal-prod-db-two-a": ("db.m7g.large", "meal-prod-db-two"),
        "meal-prod-db-two-b": ("db.m7g.xlarge", "meal-prod-db-two"),
        "meal-prod-db-three": ("db.r7g.large", None),
        "meal-prod-db-three-a": ("db.m7g.large", "meal-prod-db-three"),
        "meal-prod-db-three-b": ("db.r7g.large", "meal-prod-db-three"),
        "meal-prod-db-three-c": ("db.r7g.large", "meal-prod-db-three"),
    }
    passwords = {each.name for each in recording.by_type("random:index/randomPassword:RandomPassword")}
    assert passwords == {"db-password", "db-two-password", "db-three-password"}
    values = [recording.one(f"{stem}-secret-value").inputs["secretString"] for stem in ("db", "db-two", "db-three")]
    assert all(isinstance(value, Secret) for value in values)
    assert len({json.loads(value.value)["password"] for value in values}) == 3
    groups = {each.inputs["name"] for each in recording.by_type("aws:cloudwatch/logGroup:LogGroup")}
    assert groups == {
        f"/aws/rds/instance/{name}/{log}" for name in instances(recording) for log in ("postgresql", "upgrade")
    }


def test_shards_share_what_the_block_has_once(site: Site) -> None:
    recording = build(site)
    for key in ("kmsKeyId", "dbSubnetGroupName", "parameterGroupName", "vpcSecurityGroupIds", "monitoringRoleArn"):
        given = {json.dumps(of[key]) for of in instances(recording).values() if key in of}
        assert len(given) == 1, key
    assert len(recording.by_type("aws:kms/key:Key")) == 1
    assert {each.name for each in recording.by_type(RULE)} == {"db-from-app"}


def test_every_shard_is_guarded_and_copied_as_the_first(site: Site) -> None:
    recording = build(site)
    for stem in ("db", "db-two", "db-three"):
        primary = recording.one(f"{stem}-primary")
        assert primary.protect
        assert primary.inputs["deletionProtection"] is True
        assert primary.inputs["finalSnapshotIdentifier"] == f"meal-prod-{stem}-final"
        assert primary.inputs["backupRetentionPeriod"] == 7
        assert recording.one(f"{stem}-secret").protect
    assert not any(each.protect for each in build(replace(site, retiring=True)).resources)


@pytest.mark.parametrize(
    ("block", "shard", "size"),
    [
        ({"storage": 100, "max_storage": None}, {}, (100, 200)),
        ({"storage": 100, "max_storage": 300}, {}, (100, 300)),
        ({"storage": 100, "max_storage": 300}, {"storage": 500}, (500, 1000)),
        ({"storage": 100, "max_storage": 300}, {"max_storage": 700}, (100, 700)),
        ({"storage": 100, "max_storage": 300}, {"storage": 59578}, (59578, LARGEST)),
    ],
)
def test_a_shard_has_its_own_room_or_the_block_s(
    block: dict[str, Any], shard: dict[str, Any], size: tuple[int, int]
) -> None:
    shape = spec_of(**block, shards={"one": {}, "two": shard}, holds={}).shape("two")
    assert (shape.storage, shape.ceiling) == size


def test_alarms_see_each_shard_under_its_name_and_the_first_as_before(site: Site) -> None:
    seen: list[Emitter] = []
    record(lambda: seen.extend((Postgres("db", args_of(site, spec_of())).emitter,)))
    (emitter,) = seen
    assert list(emitter.members) == ["primary", "three", "two"]
    assert set(emitter.followers) == {"a", "b", "two-a", "two-b", "three-a", "three-b", "three-c"}
    assert set(emitter.figures) == {"allocated_gib", "two.allocated_gib", "three.allocated_gib"}


def test_a_proxy_stands_before_each_primary_and_opens_its_own_connections(site: Site) -> None:
    recording = build(site, pooler={"max_percent": 80, "borrow_seconds": 5}, through="pooler")
    proxies = {each.inputs["name"]: each for each in recording.by_type("aws:rds/proxy:Proxy")}
    assert set(proxies) == {"meal-prod-db", "meal-prod-db-two", "meal-prod-db-three"}
    for name, proxy in proxies.items():
        assert (proxy.inputs["engineFamily"], proxy.inputs["requireTls"]) == ("POSTGRESQL", True)
        assert proxy.inputs["vpcSubnetIds"] == ["subnet-a", "subnet-b", "subnet-c"]
        (login,) = proxy.inputs["auths"]
        stem = name.removeprefix("meal-prod-")
        assert login["secretArn"].startswith(f"arn:aws:secretsmanager:::{stem}-secret-")
        assert (login["authScheme"], login["iamAuth"]) == ("SECRETS", "DISABLED")
        pool = recording.one(f"{stem}-proxy-pool").inputs["connectionPoolConfig"]
        assert pool == {"maxConnectionsPercent": 80, "maxIdleConnectionsPercent": 50, "connectionBorrowTimeout": 5}
        assert recording.one(f"{stem}-proxy-target").inputs["dbInstanceIdentifier"] == name
        logs = recording.one(f"{stem}-proxy-logs")
        assert logs.inputs["name"] == f"/aws/rds/proxy/{name}"
        # Made first, or RDS makes it, to be kept for ever; and a proxy without its login's right never comes up.
        assert {logs.urn, recording.one("db-pooler-rights").urn} <= set(proxy.depends_on)
    out = recording.one("db-pooler-to-instances").inputs
    assert (out["fromPort"], out["toPort"], out["ipProtocol"]) == (5432, 5432, "tcp")
    group, pooler = (recording.one(name).urn.rsplit("::", 1)[1] for name in ("db-sg", "db-pooler-sg"))
    assert out["referencedSecurityGroupId"].startswith(group)
    into = recording.one("db-pooler-into-instances").inputs
    assert into["securityGroupId"].startswith(group)
    assert into["referencedSecurityGroupId"].startswith(pooler)
    assert recording.one("db-pooler-from-app").inputs["securityGroupId"].startswith(pooler)


def test_the_pooler_reads_the_logins_and_nothing_else(site: Site) -> None:
    rights = json.loads(build(site, pooler={}).one("db-pooler-rights").inputs["policy"])["Statement"]
    logins, key = rights
    assert (logins["Action"], key["Action"]) == ("secretsmanager:GetSecretValue", "kms:Decrypt")
    assert [arn.split(":::")[1].rsplit("-", 1)[0] for arn in logins["Resource"]] == [
        "db-secret", "db-three-secret", "db-two-secret",
    ]  # fmt: skip
    assert key["Resource"].startswith("arn:aws:kms:::db-key-")
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}


def test_a_pooler_changes_no_instance(site: Site) -> None:
    without, with_one = build(site), build(site, pooler={}, through="pooler")
    assert set(without.urns()) < set(with_one.urns())
    for each in without.by_type(INSTANCE):
        assert with_one.one(each.name).inputs == each.inputs


def test_addresses_are_the_instances_until_the_role_goes_through_the_pooler(site: Site) -> None:
    def addresses(**changes: Any) -> dict[str, str]:
        found: dict[str, str] = {}

        def program() -> None:
            for shard, address in Postgres("db", args_of(site, spec_of(**changes))).addresses.items():
                address.apply(lambda known, shard=shard: found.update({shard: known}))

        record(program)
        return found

    direct, beside, through = addresses(), addresses(pooler={}), addresses(pooler={}, through="pooler")
    assert direct == beside
    assert set(direct) == set(through) == {"one", "two", "three"}
    assert not set(direct.values()) & set(through.values())


def test_copies_are_of_every_shard_under_their_region_s_own_key(site: Site) -> None:
    recording = build_away(site)
    copies = {each.name: each for each in recording.by_type(INSTANCE) if each.inputs["region"] == FAR}
    assert set(copies) == {f"db-{FAR}-a-copy", f"db-{FAR}-two-a-copy", f"db-{FAR}-three-a-copy"}
    three = copies[f"db-{FAR}-three-a-copy"].inputs
    assert three["identifier"] == f"meal-prod-db-{FAR}-three-a"
    assert three["replicateSourceDb"].startswith("arn:aws:rds:::db-three-primary-")
    assert (three["instanceClass"], three["maxAllocatedStorage"]) == ("db.r7g.large", 800)
    for each in copies.values():
        assert each.inputs["kmsKeyId"].startswith(f"arn:aws:kms:::db-{FAR}-key-")
        assert each.inputs["dbSubnetGroupName"].startswith(f"db-{FAR}-subnets-")
        assert each.inputs["parameterGroupName"].startswith(f"db-{FAR}-pg17-")
        # RDS refuses what the source says, and makes no final snapshot of a replica.
        assert not {
            "allocatedStorage",
            "username",
            "password",
            "dbName",
            "engineVersion",
            "finalSnapshotIdentifier",
        } & (each.inputs.keys())
        assert each.ignore_changes == ("replicateSourceDb",)
    keys = {each.name: each.inputs["region"] for each in recording.by_type("aws:kms/key:Key")}
    assert keys == {"db-key": "eu-west-1", f"db-{FAR}-key": FAR}
    assert len(recording.by_type("aws:iam/role:Role")) == 1, "IAM has no regions: one role watches all"


def test_what_a_lost_region_leaves_is_guarded_as_a_primary(site: Site) -> None:
    recording = build_away(site)
    for each in recording.by_type(INSTANCE):
        if each.inputs["region"] == FAR:
            assert stateful(each.type, each.inputs) is not None
            assert each.protect
            assert (each.inputs["deletionProtection"], each.inputs["backupRetentionPeriod"]) == (True, 7)
            assert each.inputs["deleteAutomatedBackups"] is False


def test_a_region_that_is_left_is_armed_alone(site: Site) -> None:
    recording = build_away(site, retiring=True)
    guarded = {each.inputs["region"] for each in recording.by_type(INSTANCE) if each.protect}
    assert guarded == {"eu-west-1"}


def test_other_regions_are_let_in_by_address_and_have_copies_of_the_logins(site: Site) -> None:
    recording = build_away(site, pooler={})
    rules = {each.name: each.inputs for each in recording.by_type(RULE)}
    for name in (f"db-from-{FAR}", f"db-pooler-from-{FAR}", f"db-{FAR}-from-{FAR}"):
        assert rules[name]["cidrIpv4"] == "10.225.0.0/16"
        assert "referencedSecurityGroupId" not in rules[name]
    assert rules[f"db-{FAR}-from-{FAR}"]["region"] == FAR
    for stem in ("db", "db-two", "db-three"):
        assert recording.one(f"{stem}-secret").inputs["replicas"] == [{"region": FAR}]
    assert "replicas" not in build(site).one("db-secret").inputs


def test_the_copies_lag_is_what_their_region_tells(site: Site) -> None:
    seen: list[Emitter] = []

    def program() -> None:
        spec = spec_of(regions={FAR: {"replicas": {"a": {}, "b": {"instance": "db.m7g.large"}}}})
        home = Postgres("db", args_of(site, spec))
        there = replace(site, region=FAR)
        args = PostgresCopiesArgs(
            spec, spec.regions[FAR], home, there, Surroundings(ACCOUNT, "arn:k", "vpc-2", ["subnet-x"])
        )
        seen.append(PostgresCopies(f"db-{FAR}", args).emitter)

    record(program)
    assert set(seen[0].followers) == {"a", "b", "two-a", "two-b", "three-a", "three-b"}
    assert not seen[0].members


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"shards": {"two": {}, "three": {}}, "holds": {}}, "shards: found three, two; allowed: one among them"),
        ({"shards": {"one": {"storage": 200}}, "holds": {}}, "shards.one.storage: found 200; allowed: nothing"),
        ({"shards": {"one": {}, "read": {}}, "holds": {}}, "shards.read: found read; allowed: another name"),
        ({"shards": {"one": {}, "replica": {}}, "holds": {}}, "shards.replica: found replica"),
        ({"shards": {"one": {}, "Two": {}}, "holds": {}}, "match pattern"),
        ({"shards": {"one": {}, "b": {}}, "holds": {}}, "replicas.b: found b; allowed: a name that does not begin"),
        ({"replicas": {"two-a": {}}}, "replicas.two-a: found two-a; allowed: a name that does not begin"),
        ({"holds": {"dia": "four"}}, "holds.dia: found four; allowed: one, three, two"),
        ({"shards": {}, "holds": {"dia": "two"}}, "holds.dia: found two; allowed: one"),
        ({"shards": {f"s{chr(97 + i)}": {} for i in range(8)} | {"one": {}}, "holds": {}}, "at most 8 items"),
        ({"shards": {"one": {}, "two": {"storage": 100, "max_storage": 105}}, "holds": {}}, "shards.two.max_storage"),
        ({"through": "pooler"}, "through: found pooler; allowed: instance, or a pooler"),
        ({"pooler": {"max_percent": 30}}, "pooler.idle_percent: found 50; allowed: at most max_percent"),
        ({"regions": {"europe": {}}}, "match pattern"),
        ({"regions": {FAR: {"replicas": {}}}}, "at least 1 item"),
    ],
)
def test_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        spec_of(**wrong)


NAMES = st.sampled_from(["two", "three", "four", "five"])
SHARD = st.fixed_dictionaries({}, optional={"storage": st.integers(20, 3000), "max_storage": st.integers(4000, 6000)})
SPEC = st.builds(
    lambda storage, shards: PostgresSpec.model_validate(
        {"instance": "db.m7g.large", "storage": storage, "shards": {"one": {}, **shards} if shards else {}}
    ),
    st.integers(20, 2000),
    st.dictionaries(NAMES, SHARD, max_size=4),
)


@given(high=SPEC, low=SPEC)
@settings(max_examples=200, deadline=None)
def test_what_is_kept_loses_no_shard_and_no_room(high: PostgresSpec, low: PostgresSpec) -> None:
    """The lower spec with what it keeps is valid; the block's own storage is kept beside this, in stacks.moves."""
    kept = high.keeps(low)
    lower = low.model_dump(mode="json", exclude_defaults=True) | {"storage": max(high.storage, low.storage)}
    joined = PostgresSpec.model_validate(merged(lower, dict(kept.fields)) if kept else lower)
    assert set(high.others) <= set(joined.others)
    for shard in high.others:
        assert joined.shape(shard).storage >= high.shape(shard).storage
    if set(high.others) - set(low.others):
        assert kept is not None
        assert "do not merge" in kept.why
