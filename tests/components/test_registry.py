"""registry: tags that never move, own keys, rules, and copies into repositories that are there before."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.registry import Registry, RegistryArgs, RegistrySpec
from components.site import Site

REPOSITORY = "aws:ecr/repository:Repository"


def build(site: Site, **spec: object) -> Recording:
    args = RegistryArgs(RegistrySpec(**{"repositories": ["api", "web"], **spec}), site, ACCOUNT)
    return record(lambda: Registry("images", args))


def test_a_repository(site: Site) -> None:
    recording = build(site)
    made = recording.one("images-api")
    key = made.inputs["encryptionConfigurations"][0].pop("kmsKey")
    assert key.startswith("arn:aws:kms:::images-key-")
    assert made.inputs == {
        "region": "eu-west-1",
        "name": "meal-prod-images/api",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "KMS"}],
        "forceDelete": False,
        "tags": {**site.tags, "Name": "meal-prod-images/api"},
    }
    assert made.protect
    assert recording.by_type("aws:ecr/replicationConfiguration:ReplicationConfiguration") == []
    assert recording.by_type("aws:ecr/repositoryPolicy:RepositoryPolicy") == []


def test_untagged_images_go_first_and_then_the_oldest(site: Site) -> None:
    recording = build(site, repositories={"api": {"keep": 50, "untagged_days": 3}})
    rules = json.loads(recording.one("images-api-expiry").inputs["policy"])["rules"]
    assert [each["rulePriority"] for each in rules] == [1, 2]
    assert rules[0]["selection"] == {
        "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 3,
    }  # fmt: skip
    assert rules[1]["selection"] == {
        "tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan", "countNumber": 50,
    }  # fmt: skip
    assert {each["action"]["type"] for each in rules} == {"expire"}


def test_only_named_accounts_and_lambda_pull(site: Site) -> None:
    recording = build(
        site, repositories={"api": {}, "job": {"lambdas": True}}, accounts=["333333333333", "222222222222"]
    )
    api = json.loads(recording.one("images-api-pullers").inputs["policy"])["Statement"]
    assert [each["Sid"] for each in api] == ["Accounts"]
    assert api[0]["Principal"] == {"AWS": ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"]}
    assert not any(action.startswith("ecr:Put") for action in api[0]["Action"])
    job = json.loads(recording.one("images-job-pullers").inputs["policy"])["Statement"]
    assert [each["Sid"] for each in job] == ["Lambda", "Accounts"]
    source = job[0]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert source == f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:*"


def test_copies_land_in_repositories_of_the_same_shape(site: Site) -> None:
    recording = build(site, replicas=["eu-central-1"])
    here, there = recording.one("images-api").inputs, recording.one("images-eu-central-1-api").inputs
    assert there["region"] == "eu-central-1"
    assert there["name"] == here["name"]
    assert there["imageTagMutability"] == "IMMUTABLE"
    assert there["encryptionConfigurations"][0]["kmsKey"].startswith("arn:aws:kms:::images-eu-central-1-key-")
    assert recording.one("images-eu-central-1-key").inputs["region"] == "eu-central-1"
    given = recording.one("images-replication")
    assert given.inputs["replicationConfiguration"] == {
        "rules": [
            {
                "destinations": [{"region": "eu-central-1", "registryId": ACCOUNT}],
                "repositoryFilters": [{"filter": "meal-prod-images/", "filterType": "PREFIX_MATCH"}],
            }
        ]
    }
    waits = {urn.rsplit("::", 1)[1] for urn in given.depends_on}
    assert {"images-eu-central-1-api", "images-eu-central-1-web"} <= waits


def test_one_more_region_or_repository_only_adds(site: Site) -> None:
    before = build(site)
    after = build(site, repositories=["api", "web", "job"], replicas=["eu-central-1"])
    later = {each.urn: each.inputs for each in after.resources}
    assert all(later[each.urn] == each.inputs for each in before.resources)


def test_armed_images_stay_with_their_key(site: Site) -> None:
    recording = build(replace(site, retiring=True))
    assert not any(each.protect for each in recording.resources)
    assert {each.name for each in recording.resources if each.retain} == {
        "images-key", "images-api", "images-api-expiry", "images-web", "images-web-expiry",
    }  # fmt: skip


def test_a_copy_in_the_own_region_is_refused(site: Site) -> None:
    with pytest.raises(Exception, match=r"images\.replicas\.eu-west-1"):
        build(site, replicas=["eu-west-1"])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"repositories": []}, "at least 1 item"),
        ({"repositories": ["Api"]}, r"repositories\.Api: found Api"),
        ({"repositories": ["api-"]}, r"repositories\.api-"),
        ({"replicas": ["europe"]}, r"replicas\.europe: found europe"),
        ({"accounts": ["42"]}, "accounts: found 42"),
        ({"accounts": [222222222222]}, "valid string"),
        ({"repositories": {"api": {"keep": 0}}}, "greater than or equal to 1"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        RegistrySpec(**{"repositories": ["api"], **wrong})


def test_what_a_lower_phase_must_keep() -> None:
    high = RegistrySpec(repositories={"api": {}, "job": {"lambdas": True}}, replicas=["eu-central-1"])
    low = RegistrySpec(repositories=["api", "web"])
    held = high.keeps(low)
    assert held is not None
    assert held.fields == {
        "repositories": {"api": {}, "job": {"lambdas": True}, "web": {}},
        "replicas": {"eu-central-1": {}},
    }
    assert held.what == "repositories.job, replicas.eu-central-1"
    assert low.keeps(RegistrySpec(**{**low.model_dump(), **held.fields})) is None
    assert high.keeps(RegistrySpec(**{**low.model_dump(), **held.fields})) is None
