"""The table of what holds data, and of what only serves."""

from __future__ import annotations

import pytest
import yaml

from phaseup.facts import anchor, stateful
from phaseup.facts.stateful import TABLE
from phaseup.graph.values import UNKNOWN, Secret
from phaseup.simulate.schema import schema_for

ROWS = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
DATABASE = "aws:rds/instance:Instance"
_KEYS = {"holds", "final_copy", "protection", "copy_inputs", "unless", "if"}


@pytest.mark.parametrize("type_", ROWS["data"])
def test_a_row_is_whole_and_its_inputs_are_the_sdk_s(type_: str) -> None:
    row = ROWS["data"][type_]
    assert row.keys() <= _KEYS
    assert row["holds"]
    assert row["final_copy"]
    schema = schema_for(type_)
    assert schema is not None, "the SDK has no such type"
    for key in ("protection", "copy_inputs"):
        assert set(row.get(key, ())) <= schema.inputs
    for case in [*row.get("unless", ()), *row.get("if", ())]:
        assert case["input"].split(".")[0] in schema.inputs
        assert case["why"]
        assert case.keys() <= {"input", "why", "equals", "not_prefix"}


@pytest.mark.parametrize("type_", ROWS["anchors"])
def test_an_anchor_is_a_type_of_the_sdk(type_: str) -> None:
    assert schema_for(type_) is not None
    assert anchor(type_)


@pytest.mark.parametrize(
    ("type_", "inputs", "expected"),
    [
        (DATABASE, {}, True),
        (DATABASE, {"replicateSourceDb": ""}, True),
        (DATABASE, {"replicateSourceDb": "main"}, False),
        (DATABASE, {"replicateSourceDb": Secret("main")}, False),
        (DATABASE, {"replicateSourceDb": UNKNOWN}, False),
        (DATABASE, {"replicateSourceDb": "arn:aws:rds:eu-west-1:1:db:main"}, True),
        ("aws:elasticache/replicationGroup:ReplicationGroup", {}, True),
        ("aws:s3/bucket:Bucket", {}, True),
        ("aws:kms/key:Key", {}, True),
        ("aws:secretsmanager/secret:Secret", {}, True),
        ("aws:ebs/volume:Volume", {}, True),
        ("aws:ec2/eip:Eip", {}, False),
        ("aws:ec2/eip:Eip", {"tags": {"allow-listed": "true"}}, True),
        ("aws:ec2/eip:Eip", {"tags": {"allow-listed": "false"}}, False),
        ("aws:ec2/eip:Eip", {"tags": UNKNOWN}, False),
        ("cloudflare:index/zone:Zone", {}, True),
        ("cloudflare:index/r2Bucket:R2Bucket", {}, True),
        ("cloudflare:index/workersScript:WorkersScript", {}, False),
        ("cloudflare:index/workersScript:WorkersScript", {"migrations": {"newTag": "v1"}}, True),
        ("kubernetes:apps/v1:StatefulSet", {"spec": {}}, False),
        ("kubernetes:apps/v1:StatefulSet", {"spec": {"volumeClaimTemplates": [{}]}}, True),
        ("aws:ec2/launchTemplate:LaunchTemplate", {}, False),
        ("aws:rds/parameterGroup:ParameterGroup", {}, False),
        ("aws:lb/loadBalancer:LoadBalancer", {}, False),
        ("acme:index/thing:Thing", {}, False),
    ],
)
def test_what_holds_data(type_: str, inputs: dict, expected: bool) -> None:
    assert (stateful(type_, inputs) is not None) is expected


def test_a_database_says_how_it_is_copied_and_protected() -> None:
    row = stateful(DATABASE, {})
    assert row is not None
    assert row.final_copy == "final DB snapshot"
    assert row.protection == ("deletionProtection",)
    assert row.copy_inputs == ("skipFinalSnapshot", "finalSnapshotIdentifier", "deleteAutomatedBackups")


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("aws:lb/loadBalancer:LoadBalancer", True),
        ("aws:autoscaling/group:Group", True),
        ("aws:eks/cluster:Cluster", True),
        ("cloudflare:index/zone:Zone", True),
        ("aws:lb/targetGroup:TargetGroup", False),
        (DATABASE, False),
    ],
)
def test_anchors(type_: str, expected: bool) -> None:
    assert anchor(type_) is expected
