"""foundation: who may take which role, what each may not, and where state is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.foundation import Foundation, FoundationArgs, FoundationSpec
from components.foundation.trust import appliers, planners
from components.site import Site

GIVEN: dict[str, Any] = {
    "repository": "meal/infrastructure",
    "environments": {"dev": {}, "prod": {}},
    "regions": ["eu-west-1"],
    "state_region": "eu-central-1",
}


def build(site: Site, **more: Any) -> Recording:
    spec = FoundationSpec.model_validate({**GIVEN, **more})
    return record(lambda: Foundation("base", FoundationArgs(spec, site, ACCOUNT)))


def policy(recording: Recording, name: str, key: str = "policy") -> dict[str, Any]:
    return {each["Sid"]: each for each in json.loads(recording.one(name).inputs[key])["Statement"]}


def test_each_environment_is_applied_from_its_own_deployment_environment_alone(site: Site) -> None:
    recording = build(site)
    for environment in ("dev", "prod"):
        trusted = policy(recording, f"base-apply-{environment}", "assumeRolePolicy")["Pipelines"]
        assert trusted["Condition"] == {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": ["sts.amazonaws.com"],
                "token.actions.githubusercontent.com:sub": [f"repo:meal/infrastructure:environment:{environment}"],
            }
        }
        assert trusted["Action"] == "sts:AssumeRoleWithWebIdentity"


def test_previews_come_from_the_repository_and_read_no_contents(site: Site) -> None:
    recording = build(site)
    trusted = policy(recording, "base-plan", "assumeRolePolicy")["Pipelines"]["Condition"]
    assert trusted["StringEquals"]["token.actions.githubusercontent.com:sub"] == [
        "repo:meal/infrastructure:environment:plan"
    ]
    assert recording.one("base-plan-policy").inputs["policyArn"].endswith("/ReadOnlyAccess")
    rights = policy(recording, "base-plan-state")
    assert {each for each, of in rights.items() if of["Effect"] == "Deny"} == {
        "NoContents", "NoOtherObjects", "NoOtherKeys",
    }  # fmt: skip
    writes = [
        each for of in rights.values() if of["Effect"] == "Allow" for each in [of["Action"]] if "Put" in str(each)
    ]
    assert writes == [["s3:PutObject", "s3:DeleteObject"]]
    assert rights["Locks"]["Resource"].endswith("/.pulumi/locks/*")


def test_who_applies_cannot_undo_what_let_it_in(site: Site) -> None:
    recording = build(site)
    bounds = policy(recording, "base-apply-prod-bounds")
    assert all(of["Effect"] == "Deny" for of in bounds.values())
    assert bounds["OtherRegions"]["Condition"] == {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1", "us-east-1"]}
    }
    assert f"arn:aws:iam::{ACCOUNT}:role/meal-prod-base-*" in bounds["Foundation"]["Resource"]
    assert recording.one("base-apply-prod").inputs["name"] == "meal-prod-base-apply-prod"
    assert {"iam:CreateUser", "iam:CreateAccessKey"} <= set(bounds["LongLived"]["Action"])
    assert "s3:DeleteObjectVersion" in bounds["StateStays"]["Action"]
    assert len(bounds["OtherSecrets"]["Resource"]) == 1
    assert "dev-secrets" in bounds["OtherSecrets"]["Resource"][0]


def test_one_environment_has_no_others_to_be_kept_from(site: Site) -> None:
    recording = build(site, environments={"prod": {}})
    assert "OtherSecrets" not in policy(recording, "base-apply-prod-bounds")


def test_state_and_its_keys_are_in_a_region_of_their_own_and_guarded(site: Site) -> None:
    recording = build(site, state_days=400)
    for name in ("base-state-bucket", "base-prod-secrets", "base-dev-secrets", "base-state-key"):
        made = recording.one(name)
        assert made.inputs["region"] == "eu-central-1", name
        assert made.protect, name
    assert recording.one("base-prod-secrets").inputs["multiRegion"] is True
    rules = {each["id"]: each for each in recording.one("base-state-lifecycle").inputs["rules"]}
    assert rules["leftovers"]["noncurrentVersionExpiration"] == {"noncurrentDays": 400}


def test_quotas_and_tags_by_name(site: Site) -> None:
    recording = build(site, quotas={"eu-west-1": {"ec2/L-1216C47A": {"value": 256}}}, cost_tags=["system", "block"])
    quota = recording.one("base-quota-eu-west-1-ec2-L-1216C47A").inputs
    assert quota == {"region": "eu-west-1", "serviceCode": "ec2", "quotaCode": "L-1216C47A", "value": 256}
    tags = recording.by_type("aws:costexplorer/costAllocationTag:CostAllocationTag")
    assert {each.inputs["tagKey"]: each.inputs["status"] for each in tags} == {"system": "Active", "block": "Active"}


def test_gitlab_applies_from_a_protected_branch() -> None:
    spec = FoundationSpec.model_validate(
        {**GIVEN, "issuer": "gitlab", "repository": "meal/platform/infrastructure",
         "environments": {"prod": {"branch": "release"}}}
    )  # fmt: skip
    assert appliers(spec, "prod") == ["project_path:meal/platform/infrastructure:ref_type:branch:ref:release"]
    assert planners(spec) == ["project_path:meal/platform/infrastructure:ref_type:branch:ref:*"]


@pytest.mark.parametrize(
    ("more", "key", "allowed"),
    [
        ({"state_region": "eu-west-1"}, "state_region", "a region that no stack stands in"),
        ({"repository": "meal"}, "repository", "owner/name"),
        ({"repository": "a/b/c"}, "repository", "owner/name"),
        ({"quotas": {"us-east-1": {"ec2/L-1216C47A": {"value": 1}}}}, "quotas.us-east-1", "one of regions"),
        ({"quotas": {"eu-west-1": {"ec2:vcpus": {"value": 1}}}}, "quotas", "pattern"),
        ({"environments": {}}, "environments", "at least 1"),
        ({"environments": {"test": {}}}, "environments", "'dev', 'staging' or 'prod'"),
    ],
)
def test_bad_input(more: dict[str, Any], key: str, allowed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        FoundationSpec.model_validate({**GIVEN, **more})
    assert key.split(".")[0] in str(caught.value)
    assert allowed in str(caught.value)
