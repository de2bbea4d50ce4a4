"""Quotas are counted from the graph: vCPUs at a group's maximum by market, NAT gateways by zone."""

from __future__ import annotations

import pytest

from phaseup.cli.quotas import quotas, vcpus
from phaseup.graph.resource import State
from phaseup.graph.values import Secret


def state(type_: str, name: str, **inputs: object) -> State:
    return State(f"urn:pulumi:s::p::{type_}::{name}", type_, True, id=f"id-{name}", inputs=dict(inputs))


def needed(*states: State) -> dict[str, int]:
    return {quota.name: quota.needed for quota in quotas(states)}


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        ("t4g.nano", 2),
        ("t4g.medium", 2),
        ("t3.large", 2),
        ("t2.micro", 1),
        ("t2.medium", 2),
        ("m7g.medium", 1),
        ("m7g.large", 2),
        ("m7g.xlarge", 4),
        ("c7g.16xlarge", 64),
        ("m7g.metal", None),
        ("nonsense", None),
        ("", None),
        (".large", None),
        ("m7g.axlarge", None),
    ],
)
def test_vcpus_of_an_instance_type(instance: str, expected: int | None) -> None:
    assert vcpus(instance) == expected


TEMPLATE = state("aws:ec2/launchTemplate:LaunchTemplate", "t", instanceType="m7g.xlarge")


def group(**inputs: object) -> State:
    return state("aws:autoscaling/group:Group", "g", **inputs)


def mixed(base: int, percent: int | None, *types: str) -> dict[str, object]:
    split: dict[str, object] = {"onDemandBaseCapacity": base}
    if percent is not None:
        split["onDemandPercentageAboveBaseCapacity"] = percent
    return {
        "instancesDistribution": split,
        "launchTemplate": {
            "launchTemplateSpecification": {"launchTemplateId": "id-t"},
            "overrides": [{"instanceType": name} for name in types],
        },
    }


def test_a_group_counts_at_its_maximum() -> None:
    assert needed(TEMPLATE, group(maxSize=5, launchTemplate={"id": "id-t"})) == {"on-demand standard vCPUs": 20}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (mixed(0, 100), {"on-demand standard vCPUs": 20}),
        (mixed(0, None), {"on-demand standard vCPUs": 20}),
        (mixed(0, 0), {"spot standard vCPUs": 20}),
        (mixed(2, 0), {"on-demand standard vCPUs": 8, "spot standard vCPUs": 12}),
        (mixed(1, 50), {"on-demand standard vCPUs": 12, "spot standard vCPUs": 8}),
        (mixed(9, 0), {"on-demand standard vCPUs": 20}),
        (mixed(0, 100, "m7g.large", "m7g.2xlarge"), {"on-demand standard vCPUs": 40}),
    ],
)
def test_a_mixed_group_is_split_by_market_and_counts_its_largest_type(
    policy: dict[str, object], expected: dict[str, int]
) -> None:
    assert needed(TEMPLATE, group(maxSize=5, mixedInstancesPolicy=policy)) == expected


def test_an_unknown_size_is_said_and_not_guessed() -> None:
    (quota,) = quotas([group(maxSize=5, launchTemplate={"id": "another"})])
    assert quota.needed == 0
    assert "g" in quota.note


def test_families_with_a_quota_of_their_own_do_not_count() -> None:
    assert needed(state("aws:ec2/instance:Instance", "i", instanceType="g5.xlarge")) == {}


def test_nat_gateways_count_by_zone_and_secrets_are_seen_through() -> None:
    states = [
        state("aws:ec2/subnet:Subnet", "a1", availabilityZone="eu-west-1a"),
        state("aws:ec2/subnet:Subnet", "a2", availabilityZone=Secret("eu-west-1a")),
        state("aws:ec2/subnet:Subnet", "b1", availabilityZone="eu-west-1b"),
        *(
            state("aws:ec2/natGateway:NatGateway", f"n{number}", subnetId=f"id-{subnet}")
            for number, subnet in enumerate(("a1", "a2", "b1"))
        ),
    ]
    assert needed(*states) == {"NAT gateways per zone": 2}


def test_nothing_chargeable_needs_nothing() -> None:
    assert quotas([]) == []


def function(name: str, reserved: object, region: str = "eu-west-1") -> State:
    given = {"region": region} if reserved is None else {"region": region, "reservedConcurrentExecutions": reserved}
    return state("aws:lambda/function:Function", name, **given)


@pytest.mark.parametrize(
    ("functions", "expected"),
    [
        # The source's three jobs.
        ([function("batch", 100), function("embeddings", 50), function("prices", 200)], 450),
        # -1 reserves nothing; 0 keeps a function from running, and takes nothing from others.
        ([function("free", -1), function("off", 0), function("unsaid", None)], 100),
        # Each region has a quota of its own.
        ([function("a", 100), function("b", 300, "eu-central-1"), function("c", 150)], 400),
    ],
)
def test_lambda_keeps_a_hundred_executions_that_nobody_reserves(functions: list[State], expected: int) -> None:
    assert needed(*functions) == {"Lambda executions at a time": expected}


def test_without_functions_nothing_is_asked_of_lambda() -> None:
    assert needed(TEMPLATE) == {}


def test_balancers_by_type_and_requests_through_gateways() -> None:
    kind, stage = "aws:lb/loadBalancer:LoadBalancer", "aws:apigatewayv2/stage:Stage"
    methods = "aws:apigateway/methodSettings:MethodSettings"
    found = needed(
        state(kind, "a", loadBalancerType="application"),
        state(kind, "b"),
        state(kind, "c", loadBalancerType="network"),
        state(stage, "here", region="eu-west-1", defaultRouteSettings={"throttlingRateLimit": 12000}),
        state(stage, "too", region="eu-west-1", defaultRouteSettings={"throttlingRateLimit": 500}),
        state(methods, "every", region="eu-west-1", methodPath="*/*", settings={"throttlingRateLimit": 100}),
        state(methods, "one", region="eu-west-1", methodPath="~1v1/GET", settings={"throttlingRateLimit": 7}),
        state(stage, "there", region="eu-central-1", defaultRouteSettings={"throttlingRateLimit": 12000}),
        state(stage, "open", region="eu-central-1"),
    )
    assert found == {
        "application load balancers": 2,
        "network load balancers": 1,
        "API Gateway requests a second": 12600,
    }


def test_nodes_of_a_cluster_count_at_their_maximum_by_market() -> None:
    scaling = {"minSize": 0, "maxSize": 10, "desiredSize": 0}
    main = state("aws:eks/nodeGroup:NodeGroup", "main", scalingConfig=scaling, launchTemplate={"id": "id-t"})
    spot = state(
        "aws:eks/nodeGroup:NodeGroup",
        "spot",
        scalingConfig={**scaling, "maxSize": 3},
        instanceTypes=["m7g.large", "c7g.2xlarge"],
        capacityType="SPOT",
    )
    cluster = state("aws:eks/cluster:Cluster", "k8s")
    found = needed(TEMPLATE, main, spot, cluster)
    assert found["EKS clusters per region"] == 1
    assert found["on-demand standard vCPUs"] == 40
    assert found["spot standard vCPUs"] == 24


def test_a_node_group_whose_size_is_not_known_is_named() -> None:
    group = state("aws:eks/nodeGroup:NodeGroup", "main", scalingConfig={"maxSize": 3}, launchTemplate={"id": "other"})
    (quota,) = [each for each in quotas([TEMPLATE, group]) if "vCPU" in each.name]
    assert quota.note == "not counted, size not known: main"


def test_brokers_are_counted_by_node_in_the_region_that_has_most() -> None:
    states = [
        state("aws:mq/broker:Broker", "a", region="eu-west-1"),
        state("aws:mq/broker:Broker", "b", region="eu-west-1"),
        state("aws:mq/broker:Broker", "c", region="eu-central-1"),
        state("aws:msk/cluster:Cluster", "d", region="eu-west-1", numberOfBrokerNodes=6),
        state("aws:msk/cluster:Cluster", "e", region="eu-west-1", numberOfBrokerNodes=3),
    ]
    found = {each.name: (each.needed, each.default) for each in quotas(states)}
    assert found == {"Amazon MQ brokers per region": (2, 50), "MSK brokers per account": (9, 90)}
