"""bucket: S3 and R2, each with all it needs, copies, and what the spec refuses."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.bucket import Bucket, BucketArgs, BucketSpec
from components.site import Site
from phaseup.graph.values import Secret

S3 = "aws:s3/bucket:Bucket"


def build(site: Site, readers: dict[str, str] | None = None, zone: bool = True, **spec: object) -> Recording:
    return record(
        lambda: Bucket(
            "archive",
            BucketArgs(
                spec=BucketSpec(**spec),
                site=site,
                account_id=ACCOUNT,
                cloudflare_account_id="cf-account",
                zone_id="zone-1" if zone else None,
                apex="example.com" if zone else None,
                readers=readers or {},
            ),
        )
    )


def test_s3_is_private_versioned_and_under_its_own_key(site: Site) -> None:
    recording = build(site, store="s3")
    bucket = recording.one("archive-bucket")
    assert bucket.protect
    assert "bucket" not in bucket.inputs
    assert bucket.inputs["forceDestroy"] is False
    assert recording.one("archive-versions").inputs["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = recording.one("archive-encryption").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"].startswith("arn:aws:kms:::archive-key-")
    assert rule["bucketKeyEnabled"] is True
    private = recording.one("archive-private").inputs
    assert {private[key] for key in private if key.startswith(("block", "ignore", "restrict"))} == {True}
    assert recording.one("archive-ownership").inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    assert recording.one("archive-key").inputs["multiRegion"] is True
    assert {each.inputs["region"] for each in recording.resources if each.custom} == {"eu-west-1"}


def test_s3_refuses_what_is_not_tls_12(site: Site) -> None:
    policy = json.loads(build(site, store="s3", readers={"app": "arn:role"}).one("archive-policy").inputs["policy"])
    by_sid = {each["Sid"]: each for each in policy["Statement"]}
    assert by_sid["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert by_sid["Tls12"]["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    assert {each["Effect"] for sid, each in by_sid.items() if sid.startswith("Tls")} == {"Deny"}
    assert by_sid["ReadApp"]["Principal"] == {"AWS": "arn:role"}
    assert set(by_sid["ReadApp"]["Action"]) == {"s3:GetObject", "s3:ListBucket"}


def test_s3_lifecycle_cools_and_cleans(site: Site) -> None:
    recording = build(site, store="s3", tiers={"DEEP_ARCHIVE": 365, "GLACIER_IR": 30}, expire_days=3650)
    rules = {each["id"]: each for each in recording.one("archive-lifecycle").inputs["rules"]}
    assert rules["leftovers"]["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert rules["leftovers"]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert rules["tiers"]["transitions"] == [
        {"storageClass": "GLACIER_IR", "days": 30},
        {"storageClass": "DEEP_ARCHIVE", "days": 365},
    ]
    assert rules["expire"]["expiration"] == {"days": 3650}
    assert recording.one("archive-versions").urn in recording.one("archive-lifecycle").depends_on


def test_s3_access_logs_go_to_another_bucket(site: Site) -> None:
    assert len(build(site, store="s3").by_type(S3)) == 1
    recording = build(site, store="s3", access_logs=True)
    logging = recording.one("archive-logging").inputs
    assert logging["targetBucket"] != logging["bucket"]
    policy = json.loads(recording.one("archive-access-logs-policy").inputs["policy"])
    (allowed,) = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


def test_s3_copies_have_their_own_region_key_and_versions(site: Site) -> None:
    recording = build(site, store="s3", replicas={"eu-central-1": {"storage_class": "GLACIER_IR"}, "us-east-1": {}})
    for region in ("eu-central-1", "us-east-1"):
        for role in ("bucket", "key", "versions", "encryption", "private", "policy", "ownership"):
            assert recording.one(f"archive-{region}-{role}").inputs["region"] == region
        assert recording.one(f"archive-{region}-bucket").protect
    replication = recording.one("archive-replication")
    assert replication.inputs["region"] == "eu-west-1"
    assert [
        (each["id"], each["priority"], each["destination"]["storageClass"]) for each in replication.inputs["rules"]
    ] == [
        ("eu-central-1", 0, "GLACIER_IR"),
        ("us-east-1", 1, "STANDARD_IA"),
    ]
    for rule in replication.inputs["rules"]:
        key = rule["destination"]["encryptionConfiguration"]["replicaKmsKeyId"]
        assert key.startswith(f"arn:aws:kms:::archive-{rule['id']}-key-")
    needed = {recording.one(f"archive{where}-versions").urn for where in ("", "-eu-central-1", "-us-east-1")}
    assert needed <= replication.depends_on


def test_s3_cannot_copy_to_where_it_is(site: Site) -> None:
    with pytest.raises(Exception, match="the bucket's own region"):
        build(site, store="s3", replicas={"eu-west-1": {}})


def test_r2_is_named_placed_and_served(site: Site) -> None:
    recording = build(site, store="r2", location="weur", domain="images", cors={"origins": ["https://app.@"]})
    bucket = recording.one("archive-r2")
    assert bucket.inputs["name"] == "meal-prod-archive"
    assert (bucket.inputs["location"], bucket.inputs["jurisdiction"]) == ("weur", "default")
    assert bucket.ignore_changes == ("location",)
    assert bucket.protect
    domain = recording.one("archive-domain").inputs
    assert (domain["domain"], domain["zoneId"], domain["minTls"], domain["enabled"]) == (
        "images.example.com",
        "zone-1",
        "1.2",
        True,
    )
    (cors,) = recording.one("archive-cors").inputs["rules"]
    assert cors["allowed"] == {"methods": ["GET", "HEAD"], "origins": ["https://app.example.com"]}
    assert not recording.by_type(S3)


def test_r2_lifecycle_counts_in_seconds(site: Site) -> None:
    rules = {
        each["id"]: each
        for each in build(site, store="r2", tiers={"InfrequentAccess": 30}, expire_days=365)
        .one("archive-lifecycle")
        .inputs["rules"]
    }
    day = 86400
    assert rules["abandoned-uploads"]["abortMultipartUploadsTransition"]["condition"] == {
        "type": "Age",
        "maxAge": 7 * day,
    }
    (cooled,) = rules["tiers"]["storageClassTransitions"]
    assert (cooled["storageClass"], cooled["condition"]["maxAge"]) == ("InfrequentAccess", 30 * day)
    assert rules["expire"]["deleteObjectsTransition"]["condition"]["maxAge"] == 365 * day


def test_r2_keys_reach_one_bucket_and_stay_secret(site: Site) -> None:
    assert not build(site, store="r2").by_type("cloudflare:index/accountToken:AccountToken")
    recording = build(site, store="r2", jurisdiction="eu", keys=True)
    (policy,) = recording.one("archive-token").inputs["policies"]
    assert policy["effect"] == "allow"
    assert json.loads(policy["resources"]) == {"com.cloudflare.edge.r2.bucket.cf-account_eu_meal-prod-archive": "*"}
    assert [each["id"] for each in policy["permissionGroups"]] == [
        "2efd5506f9c8494dacb1fa10a3e7d5b6",
        "6a018a9f2fc74eb6b293b0c548f38b39",
    ]
    written = recording.one("archive-keys-value").inputs["secretString"]
    assert isinstance(written, Secret)
    given = json.loads(written.value)
    assert given["access_key_id"].startswith("archive-token-")
    assert given["secret_access_key"] == hashlib.sha256(b"token value").hexdigest()
    assert recording.one("archive-keys").protect


def test_r2_domain_needs_a_zone(site: Site) -> None:
    with pytest.raises(Exception, match=r"archive\.domain: images"):
        build(site, zone=False, store="r2", domain="images")


@pytest.mark.parametrize("spec", [{"store": "s3", "replicas": {"us-east-1": {}}}, {"store": "r2"}])
def test_retiring_lifts_protection(site: Site, spec: dict[str, object]) -> None:
    assert any(each.protect for each in build(site, **spec).resources)
    assert not any(each.protect for each in build(replace(site, retiring=True), **spec).resources)


@pytest.mark.parametrize("spec", [{"store": "s3", "access_logs": True}, {"store": "r2", "domain": "images"}])
def test_outputs_are_registered_once_and_children_are_its_own(site: Site, spec: dict[str, object]) -> None:
    recording = build(site, **spec)
    (component,) = [each for each in recording.resources if each.type == "phaseup:index:Bucket"]
    assert len(recording.outputs[component.urn]) == 1
    assert {each.parent for each in recording.resources if each.custom} == {component.urn}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"store": "gcs"}, "'s3' or 'r2'"),
        ({"store": "s3", "domain": "images"}, "domain: found images; allowed: nothing with store s3"),
        ({"store": "s3", "location": "weur"}, "location: found weur"),
        ({"store": "s3", "keys": True}, "keys: found True; allowed: nothing with store s3"),
        ({"store": "r2", "access_logs": True}, "access_logs: found True; allowed: nothing with store r2"),
        ({"store": "r2", "replicas": {"us-east-1": {}}}, "replicas: found"),
        ({"store": "r2", "tiers": {"GLACIER": 90}}, "with store r2: InfrequentAccess"),
        ({"store": "s3", "tiers": {"STANDARD_IA": 29}}, "30 days or more"),
        (
            {"store": "s3", "tiers": {"STANDARD_IA": 30, "GLACIER": 59}},
            "tiers.GLACIER: found 59; allowed: 60 days",
        ),
        (
            {"store": "s3", "tiers": {"STANDARD_IA": 40, "DEEP_ARCHIVE": 60}},
            "DEEP_ARCHIVE: found 60; allowed: 70 days",
        ),
        ({"store": "s3", "tiers": {"GLACIER_IR": 90}, "expire_days": 90}, "fewer days than expire_days"),
        ({"store": "s3", "tiers": {"GLACIER_IR": 90, "DEEP_ARCHIVE": 60}}, "each colder class later"),
        ({"store": "r2", "domain": "Images"}, "match pattern"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        BucketSpec(**wrong)


def test_a_region_with_copies_goes_on_having_them() -> None:
    high = BucketSpec(store="s3", replicas={"eu-central-1": {"storage_class": "GLACIER"}, "eu-west-2": {}})
    low = BucketSpec(store="s3", replicas={"eu-west-2": {}})
    kept = high.keeps(low)
    assert kept is not None
    assert kept.fields == {"replicas": {"eu-central-1": {"storage_class": "GLACIER"}}}
    assert kept.what == "replicas.eu-central-1"
    assert kept.why == "S3 deletes no bucket with objects in it (DeleteBucket, Amazon S3 API reference)"
    assert low.keeps(high) is None
    assert high.keeps(high) is None


def test_a_copy_s_region_is_a_region() -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        BucketSpec(store="s3", replicas={"frankfurt": {}})
