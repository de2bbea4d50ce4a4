"""What a graph can carry, reckoned by hand; and what of it fell."""

from __future__ import annotations

from typing import Any

import pytest

from phaseup.capacity import Capacity, capacity, fallen, total
from phaseup.graph.resource import State


def one(type_: str, name: str, **inputs: Any) -> State:
    return State(f"urn:pulumi:s::p::{type_}::{name}", type_, True, id=f"id-{name}", inputs=inputs, outputs=inputs)


def test_what_falls_is_seen() -> None:
    high = {"db": Capacity(8, 32, 800), "app": Capacity(4, 8), "gone": Capacity(2, 4)}
    low = {"db": Capacity(4, 32, 400), "app": Capacity(4, 16), "new": Capacity(6, 8)}
    assert sorted(fallen(high, low)) == [("connections", 800, 400), ("connections.db", 800, 400), ("vcpu.db", 8, 4)]
    assert total(high) == Capacity(14, 44, 800)
    assert list(fallen(low, low)) == []


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([one("aws:rds/instance:Instance", "db", instanceClass="db.m7g.large", multiAz=True)], Capacity(4, 16, 901)),
        ([one("aws:elasticache/replicationGroup:ReplicationGroup", "c", nodeType="cache.r7g.large", numNodeGroups=3,
              replicasPerNodeGroup=1)], Capacity(12, 96)),
        ([one("aws:opensearch/domain:Domain", "s", clusterConfig={
              "instanceType": "m7g.large.search", "instanceCount": 3, "dedicatedMasterEnabled": True,
              "dedicatedMasterType": "c7g.large.search", "dedicatedMasterCount": 3})],
         Capacity(12, 36)),
        ([one("aws:mq/broker:Broker", "q", hostInstanceType="mq.m7g.large", deploymentMode="CLUSTER_MULTI_AZ")],
         Capacity(6, 24)),
        ([one("aws:msk/cluster:Cluster", "k", brokerNodeGroupInfo={"instanceType": "kafka.m7g.large"},
              numberOfBrokerNodes=3)], Capacity(6, 24)),
        ([one("aws:eks/nodeGroup:NodeGroup", "n", instanceTypes=["m7g.xlarge", "c7g.xlarge"],
              scalingConfig={"minSize": 1, "maxSize": 5})], Capacity(20, 40)),
        ([one("aws:rds/cluster:Cluster", "a", serverlessv2ScalingConfiguration={"maxCapacity": 16}),
          one("aws:rds/clusterInstance:ClusterInstance", "a-one", instanceClass="db.serverless",
              clusterIdentifier="id-a")],
         Capacity(4, 32, 3604)),
        ([one("aws:rds/parameterGroup:ParameterGroup", "p", parameters=[{"name": "max_connections", "value": "400"}]),
          one("aws:rds/instance:Instance", "db", instanceClass="db.t4g.micro", parameterGroupName="id-p")],
         Capacity(2, 1, 400)),
    ],
)  # fmt: skip
def test_capacity_by_hand(states: list[State], expected: Capacity) -> None:
    assert total(capacity(states)) == expected


def test_a_class_of_unknown_size_is_an_error_and_not_nothing() -> None:
    with pytest.raises(ValueError, match=r"the size of db\.z9\.huge is not known"):
        capacity([one("aws:rds/instance:Instance", "db", instanceClass="db.z9.huge")])
    with pytest.raises(ValueError, match="no instance type, or no maximum"):
        capacity([one("aws:eks/nodeGroup:NodeGroup", "n", scalingConfig={"maxSize": 5})])
