"""function: versions behind an alias, a role with no more than it needs, queue and events that wait where told."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import Recording, record
from whole import LAMBDA, network

from components.function import Function, FunctionArgs, FunctionSpec
from components.function.component import CodeBucket
from components.site import Site
from components.spec import Refused

ZIP = {"package": "zip", "bucket": "code", "handler": "index.handler", "runtime": "nodejs22.x"}
BATCH = {"memory": 1024, "timeout": 900, "concurrency": 100}


def build(site: Site, name: str = "job", *, runs: bool = True, code: str = LAMBDA, **spec: object) -> Recording:
    given = FunctionSpec(**spec)
    bucket = CodeBucket("meal-code") if given.bucket else None
    env = {"AWS_REGION": "eu-west-1", "ENVIRONMENT": "prod"}
    return record(lambda: Function(name, FunctionArgs(given, site, network(site), code, bucket, env, runs)))


def rights(recording: Recording) -> dict[str, dict[str, object]]:
    statements = json.loads(recording.one("job-rights").inputs["policy"])["Statement"]
    return {each["Sid"]: each for each in statements}


def test_an_image_by_digest_on_arm(site: Site) -> None:
    inputs = build(site, **BATCH).one("job-function").inputs
    wanted = {
        "region": "eu-west-1",
        "name": "meal-prod-job",
        "packageType": "Image",
        "imageUri": LAMBDA,
        "architectures": ["arm64"],
        "memorySize": 1024,
        "timeout": 900,
        "reservedConcurrentExecutions": 100,
        "ephemeralStorage": {"size": 512},
        "publish": True,
        "tracingConfig": {"mode": "Active"},
        "environment": {"variables": {"ENVIRONMENT": "prod"}},
    }
    assert {key: inputs[key] for key in wanted} == wanted
    assert inputs["loggingConfig"] == {
        "logFormat": "JSON",
        "logGroup": "/aws/lambda/meal-prod-job",
        "applicationLogLevel": "INFO",
        "systemLogLevel": "INFO",
    }
    assert not {"vpcConfig", "handler", "runtime", "s3Key", "deadLetterConfig"} & inputs.keys()


def test_a_zip_is_named_by_its_digest_and_lambda_says_the_same(site: Site) -> None:
    digest = "ab" * 32
    inputs = build(site, code=f"functions/job@sha256:{digest}", **ZIP).one("job-function").inputs
    assert (inputs["packageType"], inputs["s3Bucket"]) == ("Zip", "meal-code")
    assert inputs["s3Key"] == f"functions/job/{digest}.zip"
    assert base64.b64decode(inputs["sourceCodeHash"]).hex() == digest
    assert (inputs["handler"], inputs["runtime"]) == ("index.handler", "nodejs22.x")
    assert "imageUri" not in inputs


def test_unreserved_is_said_so_that_a_reservation_can_be_taken_away(site: Site) -> None:
    assert build(site).one("job-function").inputs["reservedConcurrentExecutions"] == -1
    assert build(site, concurrency=0).one("job-function").inputs["reservedConcurrentExecutions"] == 0


def test_everything_invokes_the_alias_and_never_a_version(site: Site) -> None:
    recording = build(site, queue={}, events={"uploaded": {"pattern": {"source": ["aws.s3"]}}})
    alias = recording.one("job-alias")
    assert (alias.inputs["name"], alias.inputs["functionVersion"]) == ("live", "1")
    arn = recording.one("job-from-queue").inputs["functionName"]
    assert arn == recording.one("job-on-uploaded-to").inputs["arn"]
    assert arn.startswith("arn:aws:lambda:::job-alias-")
    assert recording.one("job-on-uploaded-may").inputs["qualifier"] == "live"
    assert recording.one("job-async").inputs["qualifier"] == "live"


def test_it_may_write_its_logs_and_dead_letters_and_nothing_else(site: Site) -> None:
    recording = build(site, tracing=False)
    may = rights(recording)
    assert may.keys() == {"Logs", "DeadLetters"}
    assert may["Logs"]["Resource"].startswith("arn:aws:cloudwatch:::job-logs-")
    assert may["DeadLetters"]["Action"] == "sqs:SendMessage"
    trust = json.loads(recording.one("job-role").inputs["assumeRolePolicy"])["Statement"]
    assert trust == [{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]
    assert recording.by_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == []


def test_what_it_uses_is_named_and_may_be_looked_up_one_by_one(site: Site) -> None:
    recording = build(site, vpc=True, uses=["db", "archive-old"])
    variables = recording.one("job-function").inputs["environment"]["variables"]
    assert variables["DB_PARAMETER"] == "/meal-prod/roles/db"
    assert variables["ARCHIVE_OLD_PARAMETER"] == "/meal-prod/roles/archive-old"
    resources = rights(recording)["Roles"]["Resource"]
    assert [each.rsplit(":parameter", 1)[1] for each in resources] == [
        "/meal-prod/roles/archive-old",
        "/meal-prod/roles/db",
    ]


def test_in_the_vpc_its_code_cannot_touch_interfaces(site: Site) -> None:
    recording = build(site, vpc=True)
    place = recording.one("job-function").inputs["vpcConfig"]
    assert [each.rsplit("-", 1)[0] for each in place["subnetIds"]] == [f"net-app-euw1-az{i}" for i in (1, 2, 3)]
    may = rights(recording)
    assert may["InterfacesNotByCode"]["Effect"] == "Deny"
    assert may["InterfacesNotByCode"]["Action"] == may["Interfaces"]["Action"]
    (source,) = may["InterfacesNotByCode"]["Condition"]["ArnEquals"].values()
    assert source.endswith(":function:meal-prod-job")
    assert [each.name for each in recording.by_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")] == []
    waits = {urn.rsplit("::", 1)[1] for urn in recording.one("job-function").depends_on}
    assert "job-rights" in waits


def test_failed_work_is_kept(site: Site) -> None:
    recording = build(site, queue={"attempts": 3}, retries=1, max_age=600)
    dead = recording.one("job-dead-letters")
    assert dead.inputs["messageRetentionSeconds"] == 14 * 86400
    assert dead.protect
    given = recording.one("job-async").inputs
    assert (given["maximumRetryAttempts"], given["maximumEventAgeInSeconds"]) == (1, 600)
    assert given["destinationConfig"]["onFailure"]["destination"].startswith("arn:aws:sqs:::job-dead-letters-")
    redrive = json.loads(recording.one("job-queue").inputs["redrivePolicy"])
    assert redrive["maxReceiveCount"] == 3
    assert redrive["deadLetterTargetArn"] == given["destinationConfig"]["onFailure"]["destination"]


def test_a_message_stays_hidden_for_six_timeouts(site: Site) -> None:
    hidden = build(site, timeout=900, queue={"window": 30, "batch": 100}).one("job-queue").inputs
    assert hidden["visibilityTimeoutSeconds"] == 6 * 900 + 30
    assert hidden["sqsManagedSseEnabled"] is True
    policy = json.loads(build(site, queue={}).one("job-queue-policy").inputs["policy"])["Statement"]
    assert [each["Sid"] for each in policy] == ["TlsOnly"]


def test_queue_figures(site: Site) -> None:
    given = build(site, concurrency=50, queue={"batch": 5, "parallel": 20}).one("job-from-queue").inputs
    assert (given["batchSize"], given["scalingConfig"]) == (5, {"maximumConcurrency": 20})
    assert given["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "scalingConfig" not in build(site, queue={}).one("job-from-queue").inputs


def test_on_the_side_that_does_not_work_queue_and_events_wait_and_nothing_else_changes(site: Site) -> None:
    spec = {"queue": {}, "events": {"uploaded": {"pattern": {"source": ["aws.s3"]}}}}
    on, off = build(site, **spec), build(site, runs=False, **spec)
    assert on.urns() == off.urns()
    inputs = {each.urn: each.inputs for each in off.resources}
    changed = {each.name for each in on.resources if each.inputs != inputs[each.urn]}
    assert changed == {"job-from-queue", "job-on-uploaded"}
    assert off.one("job-from-queue").inputs["enabled"] is False
    assert off.one("job-on-uploaded").inputs["state"] == "DISABLED"


def test_only_its_own_rules_leave_undelivered_events(site: Site) -> None:
    recording = build(site, events={"uploaded": {"pattern": {"source": ["aws.s3"]}}})
    statements = json.loads(recording.one("job-dead-letters-policy").inputs["policy"])["Statement"]
    (undelivered,) = [each for each in statements if each["Sid"] == "UndeliveredEvents"]
    pattern = undelivered["Condition"]["ArnLike"]["aws:SourceArn"]
    assert pattern == "arn:aws:events:eu-west-1:*:rule/meal-prod-job-*"
    assert recording.one("job-on-uploaded").inputs["name"] == "meal-prod-job-uploaded"
    assert json.loads(recording.one("job-on-uploaded").inputs["eventPattern"]) == {"source": ["aws.s3"]}


def test_retiring_lifts_every_protection(site: Site) -> None:
    assert not any(
        each.protect for each in build(replace(site, retiring=True), queue={}).resources if "job" in each.urn
    )


def test_a_name_that_lambda_refuses_is_refused_here(site: Site) -> None:
    with pytest.raises(Exception, match="64 characters"):
        build(site, name="j" * 55)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"package": "zip"}, "bucket: found null; allowed: a bucket with package zip"),
        ({**ZIP, "runtime": None}, "runtime: found null"),
        ({**ZIP, "command": ["x"]}, "command: found"),
        ({"handler": "index.handler"}, "handler: found index.handler; allowed: null with package image"),
        ({"memory": 127}, "greater than or equal to 128"),
        ({"timeout": 901}, "less than or equal to 900"),
        ({"concurrency": 10, "queue": {"parallel": 11}}, "queue.parallel: found 11"),
        ({"queue": {"batch": 11}}, "window: found 0; allowed: at least 1"),
        ({"queue": {"parallel": 1}}, "greater than or equal to 2"),
        ({"env": {"AWS_REGION": "x"}}, "not Lambda's own"),
        ({"env": {"lower": "x"}}, "env.lower: found lower"),
        ({"events": {"Upper": {"pattern": {"source": ["x"]}}}}, "events.Upper"),
        ({"events": {"none": {"pattern": {}}}}, "at least 1 item"),
        ({"runtime": "cobol74"}, "match pattern"),
        ({"architecture": "mips"}, "'arm64' or 'x86_64'"),
        ({"retries": 3}, "0, 1 or 2"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        FunctionSpec(**wrong)


KINDS = {"db": "postgres", "edge": "zone", "code": "bucket", "job": "function"}


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"uses": ["edge"]}, r"uses\.edge: found edge; allowed: a postgres or .*: code, db, job"),
        ({"uses": ["db"]}, "vpc: found False; allowed: true where it uses db"),
        ({**ZIP, "bucket": "db"}, "bucket: found db; allowed: a bucket: code"),
    ],
)
def test_refused_among_its_blocks(spec: dict[str, object], told: str) -> None:
    with pytest.raises(Refused, match=told):
        FunctionSpec(**spec).check_among(KINDS)
    FunctionSpec(vpc=True, uses=["db", "code", "job"]).check_among(KINDS)
    FunctionSpec(**ZIP).check_among(KINDS)
