"""The rules on scale and cost, one by one: what they let pass, what they find, and what tempts them."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import date
from typing import Any

import pytest

from policies.guard.resource import Resource
from policies.guard.scale import (
    budget,
    current_generation,
    environment_tag,
    group_number,
    images_expire,
    launched_tagged,
    log_retention,
    no_extended_support,
    not_spot_alone,
    supported_version,
    tagged,
    target_number,
    unfinished_uploads,
    volumes,
)
from policies.guard.scale.tables import lines, rows
from policies.guard.today import TODAY
from tests.policies.asking import UNKNOWN, ask, ask_stack, resource

RDS = "aws:rds/instance:Instance"
AURORA = "aws:rds/cluster:Cluster"
GLOBAL = "aws:rds/globalCluster:GlobalCluster"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
SEARCH = "aws:opensearch/domain:Domain"
RABBIT = "aws:mq/broker:Broker"
KAFKA = "aws:msk/cluster:Cluster"
LAMBDA = "aws:lambda/function:Function"
GROUP = "aws:autoscaling/group:Group"
NODES = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TABLE = "aws:dynamodb/table:Table"
STACK = "pulumi:pulumi:Stack"
BUDGET = "aws:budgets/budget:Budget"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
TAGS = {"system": "meal", "environment": "prod", "owner": "platform", "block": "db"}
OFF = "open-source-rds-extended-support-disabled"


@pytest.fixture(autouse=True)
def _on_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY, "2026-11-22")


@pytest.mark.parametrize(
    ("type_", "props", "found"),
    [
        (RDS, {"instanceClass": "db.m7g.large"}, 0),
        (RDS, {"instanceClass": "db.t2.micro"}, 1),
        (RDS, {}, 0),
        (CACHE, {"nodeType": "cache.r4.large"}, 1),
        (CACHE, {"nodeType": "cache.t4g.micro"}, 0),
        (SEARCH, {"clusterConfig": {"instanceType": "m4.large.search", "dedicatedMasterType": "t2.small.search"}}, 2),
        (SEARCH, {"clusterConfig": {"instanceType": "or1.large.search"}}, 0),
        (RABBIT, {"hostInstanceType": "mq.m4.large"}, 1),
        (KAFKA, {"brokerNodeGroupInfo": {"instanceType": "express.m7g.large"}}, 0),
        (NODES, {"instanceTypes": ["m7g.large", "m4.large"]}, 1),
        (GROUP, {"mixedInstancesPolicy": {"launchTemplate": {"overrides": [{"instanceType": "c4.large"}]}}}, 1),
        (TEMPLATE, {"instanceType": "m5.large"}, 0),
        (TEMPLATE, {"instanceType": UNKNOWN}, 1),
    ],
)
def test_hardware_is_of_a_current_generation(type_: str, props: dict[str, Any], found: int) -> None:
    assert len(ask(current_generation.RULE, type_, props)) == found


def test_a_message_says_where_and_what_instead() -> None:
    props = {"instanceTypes": ["m7g.large", "m4.large"]}
    assert ask(current_generation.RULE, NODES, props) == [
        "instanceTypes[1]: found m4.large; allowed: a current generation, e.g. m7g"
    ]


@pytest.mark.parametrize(
    ("type_", "props", "found"),
    [
        (RDS, {"engine": "postgres", "engineVersion": "17"}, 0),
        (RDS, {"engine": "postgres", "engineVersion": "13.20"}, 1),
        (RDS, {"engine": "postgres"}, 0),
        (RDS, {"engine": "mysql", "engineVersion": "8.0.44"}, 1),
        (RDS, {"engine": "mysql", "engineVersion": "8.4.8"}, 0),
        (RDS, {"engine": "sqlserver-ex", "engineVersion": "13.00"}, 0),
        (AURORA, {"engine": "aurora-postgresql", "engineVersion": "12.22"}, 1),
        (CACHE, {"engine": "redis", "engineVersion": "5.0.6"}, 1),
        (CACHE, {"engineVersion": "5.0.6"}, 1),
        (CACHE, {"engine": "redis", "engineVersion": "7.1"}, 0),
        (CACHE, {"engine": "valkey", "engineVersion": "8.1"}, 0),
        (SEARCH, {"engineVersion": "OpenSearch_2.19"}, 0),
        (SEARCH, {"engineVersion": "OpenSearch_1.2"}, 1),
        (SEARCH, {"engineVersion": "Elasticsearch_7.8"}, 1),
        (SEARCH, {"engineVersion": "Elasticsearch_7.10"}, 0),
        (RABBIT, {"engineType": "RabbitMQ", "engineVersion": "3.12.13"}, 1),
        (RABBIT, {"engineType": "RabbitMQ", "engineVersion": "4.2"}, 0),
        (KAFKA, {"kafkaVersion": "3.7.x.kraft"}, 1),
        (KAFKA, {"kafkaVersion": "3.9.x"}, 0),
        (LAMBDA, {"runtime": "nodejs20.x"}, 1),
        (LAMBDA, {"runtime": "nodejs22.x"}, 0),
        (LAMBDA, {"packageType": "Image"}, 0),
        (RDS, {"engine": "postgres", "engineVersion": UNKNOWN}, 1),
    ],
)
def test_versions_are_in_standard_support(type_: str, props: dict[str, Any], found: int) -> None:
    assert len(ask(supported_version.RULE, type_, props)) == found


def test_the_last_day_of_support_is_one_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    props = {"engine": "postgres", "engineVersion": "14.24"}
    for day, found in (("2027-02-28", 0), ("2027-03-01", 1)):
        monkeypatch.setenv(TODAY, day)
        assert len(ask(supported_version.RULE, RDS, props)) == found
    monkeypatch.setenv(TODAY, "2027-01-01")
    assert ask(supported_version.RULE, RDS, props, config={"days": 90}) == [
        "engineVersion: found postgres 14.24, supported until 2027-02-28; allowed: a version in standard support"
    ]


@pytest.mark.parametrize("file", ["ends.csv", "generations.csv"])
def test_each_row_of_a_table_says_where_it_is_from_and_of_when(file: str) -> None:
    read = rows(file)
    for row in read:
        assert all(row.values()), row
        assert None not in row
        date.fromisoformat(f"{row['date']}-01" if len(row["date"]) == 7 else row["date"])
    keys = [tuple(list(row.values())[: 2 if file == "ends.csv" else 1]) for row in read]
    assert len(keys) == len(set(keys))


def test_the_taggable_types_are_those_of_the_sdk_in_use() -> None:
    """Of all that the SDK can make, which its arguments say may be tagged."""
    told = lines("taggable.csv")
    assert len(told) == len(set(told))
    assert list(told) == sorted(told)
    known: dict[str, bool] = {}
    for package in ("autoscaling", "iam", "kms", "rds", "s3"):
        for found in pkgutil.iter_modules(importlib.import_module(f"pulumi_aws.{package}").__path__):
            if found.name.startswith(("_", "get_", "outputs")):
                continue
            module = importlib.import_module(f"pulumi_aws.{package}.{found.name}")
            for name in module.__all__:
                token = getattr(getattr(module, name), "pulumi_type", None)
                if token is not None:
                    known[token] = hasattr(getattr(module, f"{name}Args"), "tags")
    assert known
    assert {token for token, may in known.items() if may} <= set(told)
    assert not {token for token, may in known.items() if not may} & set(told)


@pytest.mark.parametrize(
    ("type_", "props", "breaks"),
    [
        (RDS, {"engine": "postgres", "engineLifecycleSupport": OFF}, False),
        (RDS, {"engine": "postgres"}, True),
        (RDS, {"engine": "postgres", "engineLifecycleSupport": "open-source-rds-extended-support"}, True),
        (RDS, {"engine": "oracle-se2"}, False),
        (RDS, {"replicateSourceDb": UNKNOWN}, False),
        (AURORA, {"engine": "aurora-mysql"}, True),
        (GLOBAL, {"engine": "aurora-postgresql"}, True),
        (GLOBAL, {"sourceDbClusterIdentifier": UNKNOWN}, False),
    ],
)
def test_nobody_is_enrolled_in_extended_support(type_: str, props: dict[str, Any], breaks: bool) -> None:
    assert bool(ask(no_extended_support.RULE, type_, props)) is breaks


@pytest.mark.parametrize(
    ("props", "ignored", "breaks"),
    [
        ({"desiredCapacity": 1}, ("desiredCapacity",), False),
        ({"desiredCapacity": 1}, (), True),
        ({"desiredCapacity": 0, "minSize": 0}, (), True),
        ({"desiredCapacity": 4, "minSize": 4}, (), False),
        ({}, (), False),
    ],
)
def test_a_group_that_may_grow_keeps_its_number(props: dict[str, Any], ignored: tuple[str, ...], breaks: bool) -> None:
    group = {"minSize": 1, "maxSize": 4, **props}
    assert bool(ask(group_number.RULE, GROUP, group, ignore_changes=ignored)) is breaks


@pytest.mark.parametrize(
    ("most", "ignored", "breaks"),
    [
        (4, ("scalingConfig.desiredSize",), False),
        (4, ("scalingConfig",), False),
        (4, ("scalingConfig.desired_size",), True),
        (4, (), True),
        (2, (), False),
        ("4", (), True),
    ],
)
def test_a_node_group_that_may_grow_keeps_its_number(most: Any, ignored: tuple[str, ...], breaks: bool) -> None:
    scaling = {"minSize": 2, "maxSize": most, "desiredSize": 2}
    assert bool(ask(group_number.RULE, NODES, {"scalingConfig": scaling}, ignore_changes=ignored)) is breaks


def test_a_table_keeps_the_capacity_that_is_scaled() -> None:
    def table(*ignored: str) -> Resource:
        return resource(TABLE, {"readCapacity": 5}, name="table", ignore_changes=ignored)

    def target(dimension: str) -> Resource:
        props = {"scalableDimension": dimension, "resourceId": UNKNOWN}
        return resource(
            "aws:appautoscaling/target:Target", props, name=dimension, depends_on={"resourceId": (table().urn,)}
        )

    reads = target("dynamodb:table:ReadCapacityUnits")
    assert list(ask_stack(target_number.RULE, table(), reads)) == ["table"]
    assert list(ask_stack(target_number.RULE, table("writeCapacity"), reads)) == ["table"]
    assert ask_stack(target_number.RULE, table("readCapacity"), reads) == {}
    assert ask_stack(target_number.RULE, table(), target("dynamodb:index:ReadCapacityUnits")) == {}


@pytest.mark.parametrize(
    ("type_", "props", "found"),
    [
        ("aws:ebs/volume:Volume", {"type": "gp3"}, 0),
        ("aws:ebs/volume:Volume", {"type": "st1"}, 0),
        ("aws:ebs/volume:Volume", {}, 1),
        ("aws:ebs/volume:Volume", {"snapshotId": UNKNOWN}, 0),
        (RDS, {"storageType": "gp3"}, 0),
        (RDS, {"storageType": "io2", "iops": 20000}, 0),
        (RDS, {"storageType": "io1", "iops": 20000}, 1),
        (RDS, {}, 1),
        (RDS, {"iops": 3000}, 0),
        (RDS, {"replicateSourceDb": UNKNOWN}, 0),
        (SEARCH, {"ebsOptions": {"ebsEnabled": True, "volumeType": "gp2"}}, 1),
        (SEARCH, {}, 0),
        (TEMPLATE, {"blockDeviceMappings": [{"ebs": {"volumeType": "gp3"}}, {"ebs": {"volumeType": "standard"}}]}, 1),
        (TEMPLATE, {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 30}}]}, 0),
        ("aws:ec2/instance:Instance", {"rootBlockDevice": {"volumeType": "gp2"}}, 1),
        ("aws:ec2/instance:Instance", {}, 0),
    ],
)
def test_disks_are_gp3(type_: str, props: dict[str, Any], found: int) -> None:
    assert len(ask(volumes.RULE, type_, props)) == found


def test_tags_say_whose_a_resource_is() -> None:
    assert ask(tagged.RULE, RDS, {"tags": TAGS}) == []
    without = {key: value for key, value in TAGS.items() if key not in ("owner", "block")}
    assert ask(tagged.RULE, RDS, {"tags": without}) == ["tags: found none of owner, block; allowed: a value for each"]
    assert ask(tagged.RULE, RDS, {"tags": {**TAGS, "owner": ""}})
    assert ask(tagged.RULE, RDS, {})
    assert ask(tagged.RULE, RDS, {"tags": {"system": UNKNOWN}}) == [
        "tags: found none of environment, owner, block; allowed: a value for each"
    ]
    assert ask(tagged.RULE, RDS, {"tags": {**TAGS, "owner": UNKNOWN}}) == ["unknown: tags.owner"]
    assert ask(tagged.RULE, RDS, {"tags": {"team": "a"}}, config={"keys": ["team"]}) == []
    assert ask(tagged.RULE, RDS, {"tags": TAGS}, config={"keys": ["team"]})
    assert not tagged.RULE.applies("aws:iam/rolePolicy:RolePolicy")


def test_a_group_has_its_tags_as_a_list() -> None:
    listed = [{"key": key, "value": value, "propagateAtLaunch": True} for key, value in TAGS.items()]
    assert ask(tagged.RULE, GROUP, {"tags": listed}) == []
    assert ask(tagged.RULE, GROUP, {"tags": listed[1:]}) == ["tags: found none of system; allowed: a value for each"]
    assert ask(environment_tag.RULE, GROUP, {"tags": listed}, stack="meal-dev")


def test_what_is_launched_is_tagged() -> None:
    def template(*kinds: str) -> dict[str, Any]:
        return {"tagSpecifications": [{"resourceType": kind, "tags": TAGS} for kind in kinds]}

    assert ask(launched_tagged.RULE, TEMPLATE, template("instance", "volume")) == []
    assert len(ask(launched_tagged.RULE, TEMPLATE, template("instance"))) == 1
    assert len(ask(launched_tagged.RULE, TEMPLATE, {})) == 2


@pytest.mark.parametrize(
    ("stack", "environment", "breaks"),
    [("meal-prod", "prod", False), ("meal-prod", "dev", True), ("meal-dev", "dev", False), ("shop", "live", False)],
)
def test_the_environment_is_the_stacks(stack: str, environment: str, breaks: bool) -> None:
    assert bool(ask(environment_tag.RULE, RDS, {"tags": {"environment": environment}}, stack=stack)) is breaks
    assert ask(environment_tag.RULE, RDS, {}, stack=stack) == []


@pytest.mark.parametrize(
    ("props", "breaks"),
    [
        ({"retentionInDays": 30}, False),
        ({"retentionInDays": "30"}, False),
        ({"retentionInDays": 0}, True),
        ({}, True),
        ({"retentionInDays": 3653}, True),
        ({"logGroupClass": "DELIVERY"}, False),
    ],
)
def test_logs_are_kept_for_a_time(props: dict[str, Any], breaks: bool) -> None:
    assert bool(ask(log_retention.RULE, LOGS, props)) is breaks


def test_how_long_logs_are_kept_may_be_said() -> None:
    assert ask(log_retention.RULE, LOGS, {"retentionInDays": 3653}, config={"days": 3653}) == []
    assert ask(log_retention.RULE, LOGS, {"retentionInDays": 90}, config={"days": 30})


def test_unfinished_uploads_go() -> None:
    aborts = {"status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}
    assert ask(unfinished_uploads.RULE, LIFECYCLE, {"rules": [{"status": "Enabled"}, aborts]}) == []
    assert ask(unfinished_uploads.RULE, LIFECYCLE, {"rules": [{**aborts, "status": "Disabled"}]})
    assert ask(unfinished_uploads.RULE, LIFECYCLE, {})


def test_images_expire() -> None:
    repository = resource("aws:ecr/repository:Repository", {"name": UNKNOWN}, name="images")
    policy = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    assert list(ask_stack(images_expire.RULE, repository)) == ["images"]
    own = resource(policy, {"policy": UNKNOWN}, name="policy", depends_on={"repository": (repository.urn,)})
    assert ask_stack(images_expire.RULE, repository, own) == {}


def test_a_stack_has_a_budget_that_tells_somebody() -> None:
    def of(stack: str, *budgets: dict[str, Any]) -> dict[str, list[str]]:
        made = [resource(BUDGET, props, name="budget", stack=stack) for props in budgets]
        database = resource(RDS, {}, name="db", stack=stack)
        return ask_stack(budget.RULE, resource(STACK, {}, name="stack", stack=stack), database, *made)

    mail = {"notifications": [{"threshold": 80, "subscriberEmailAddresses": ["ops@shop.example"]}]}
    assert of("meal-prod", mail) == {}
    assert of("meal-prod", {"notifications": [{"threshold": 80, "subscriberEmailAddresses": "[secret]"}]}) == {}
    assert of("meal-prod", {"notifications": [{"threshold": 80}]})
    assert of("meal-staging")
    assert of("meal-dev") == {}
    alone = resource(STACK, {}, name="stack")
    assert ask_stack(budget.RULE, alone, resource("cloudflare:index/zone:Zone", {}, name="zone")) == {}


def spot_group(base: Any, above: Any, *, serves: bool = True, stack: str = "meal-prod") -> Resource:
    distribution = {"onDemandBaseCapacity": base, "onDemandPercentageAboveBaseCapacity": above}
    return resource(
        GROUP,
        {"mixedInstancesPolicy": {"instancesDistribution": {k: v for k, v in distribution.items() if v is not None}}},
        stack=stack,
        depends_on={"targetGroupArns": ("urn",)} if serves else {},
    )


@pytest.mark.parametrize(
    ("base", "above", "breaks"), [(0, 0, True), (None, 0, True), (1, 0, False), (0, 50, False), (0, None, False)]
)
def test_a_group_that_serves_is_not_all_spot(base: Any, above: Any, breaks: bool) -> None:
    assert bool(ask_stack(not_spot_alone.RULE, spot_group(base, above))) is breaks
    assert ask_stack(not_spot_alone.RULE, spot_group(base, above, serves=False)) == {}
    assert ask_stack(not_spot_alone.RULE, spot_group(base, above, stack="meal-dev")) == {}


def test_a_cluster_is_not_all_spot() -> None:
    cluster = resource("aws:eks/cluster:Cluster", {}, name="cluster")

    def nodes(kind: str) -> Resource:
        return resource(NODES, {"capacityType": kind}, name=kind, depends_on={"clusterName": (cluster.urn,)})

    assert list(ask_stack(not_spot_alone.RULE, cluster, nodes("SPOT"))) == ["cluster"]
    assert ask_stack(not_spot_alone.RULE, cluster, nodes("SPOT"), nodes("ON_DEMAND")) == {}
    assert ask_stack(not_spot_alone.RULE, cluster) == {}
