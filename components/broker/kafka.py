"""Kafka on MSK: brokers in three zones, over TLS, who may do what decided by IAM.

IAM and not passwords (SCRAM): servers, pods and functions have roles, so no login has to be made, kept or renewed, and
rights are by topic; a client needs AWS's signer for its language. Topics are the application's: it makes them with as
many partitions as it has consumers, in three copies by default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.broker.made import Made, Statements
from components.broker.spec import PORTS, ZONES, BrokerSpec
from components.emitter import Emitter
from components.firewall import firewall
from components.keys import own_key
from components.site import Site, child_options

NAME_LIMIT = 64
"""Characters of a cluster's name (CreateCluster, MSK API reference)."""
FULL_AT = 60
"""Per cent of a broker's storage at which MSK gives it more."""
VOLUME = "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"
MONITORING = {"default": "DEFAULT", "per_broker": "PER_BROKER", "per_topic": "PER_TOPIC_PER_BROKER"}


def make_kafka(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    spec: BrokerSpec,
    *,
    account_id: pulumi.Input[str],
    logs_key_arn: pulumi.Input[str],
    vpc_id: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
    clients: Mapping[str, pulumi.Input[str]],
    networks: Mapping[str, str],
) -> Made:
    """The cluster with its key, firewall, configuration, log and growing storage."""
    assert spec.brokers is not None
    assert spec.instance is not None
    called = f"{site.prefix}-{name}"
    key = own_key(parent, f"{name}-key", site, account_id, purpose=f"{name}: messages at rest")
    group = firewall(
        parent,
        name,
        site,
        vpc_id=vpc_id,
        what=f"{called}: Kafka",
        tag=called,
        port=PORTS["kafka"],
        speaks="Kafka",
        clients=clients,
        networks=networks,
    )
    logs = aws.cloudwatch.LogGroup(
        f"{name}-logs",
        region=site.region,
        name=f"/aws/msk/{called}",
        retention_in_days=spec.log_days,
        kms_key_id=logs_key_arn,
        tags=site.tagged(),
        opts=child_options(parent),
    )
    configuration = aws.msk.Configuration(
        f"{name}-configuration",
        region=site.region,
        name=called,
        description=f"{called}: its brokers",
        kafka_versions=[spec.runs],
        server_properties=properties(spec),
        opts=child_options(parent),
    )
    cluster = aws.msk.Cluster(
        f"{name}-cluster",
        region=site.region,
        cluster_name=called,
        kafka_version=spec.runs,
        number_of_broker_nodes=spec.brokers,
        broker_node_group_info={
            "instance_type": spec.instance,
            "client_subnets": subnet_ids,
            "security_groups": [group.id],
            "storage_info": {"ebs_storage_info": {"volume_size": spec.storage}},
        },
        client_authentication={"sasl": {"iam": True}, "unauthenticated": False},
        encryption_info={
            "encryption_at_rest_kms_key_arn": key.arn,
            "encryption_in_transit": {"client_broker": "TLS", "in_cluster": True},
        },
        configuration_info={"arn": configuration.arn, "revision": configuration.latest_revision},
        enhanced_monitoring=MONITORING[spec.monitoring],
        logging_info={"broker_logs": {"cloudwatch_logs": {"enabled": True, "log_group": logs.name}}},
        tags=site.tagged(Name=called),
        opts=child_options(
            parent, protect=site.guards_data, ignore_changes=None if spec.max_storage is None else [VOLUME]
        ),
    )
    if spec.max_storage is not None:
        _grows(parent, name, site, cluster, spec.max_storage)
    return Made(
        emitter=_emitter(cluster.cluster_name, spec),
        env={"BOOTSTRAP": cluster.bootstrap_brokers_sasl_iam, "TLS": "true", "AUTH": "iam"},
        statements=lambda gives: _may(cluster.arn, gives),
        key=key,
    )


def properties(spec: BrokerSpec) -> str:
    """The brokers' own settings: three copies, none of them lost by a hasty election, no topic by a typing mistake."""
    values = {
        "auto.create.topics.enable": "false",
        "default.replication.factor": str(ZONES),
        "log.retention.hours": str(spec.retention_hours),
        "min.insync.replicas": str(spec.min_insync),
        "unclean.leader.election.enable": "false",
        **spec.parameters,
    }
    return "".join(f"{key}={value}\n" for key, value in sorted(values.items()))


def _grows(parent: pulumi.Resource, name: str, site: Site, cluster: aws.msk.Cluster, most: int) -> None:
    target = aws.appautoscaling.Target(
        f"{name}-storage",
        region=site.region,
        service_namespace="kafka",
        scalable_dimension="kafka:broker-storage:VolumeSize",
        resource_id=cluster.arn,
        # Storage shrinks never, and MSK wants 1 here (MSK developer guide, "Set up automatic scaling").
        min_capacity=1,
        max_capacity=most,
        tags=site.tagged(),
        opts=child_options(parent),
    )
    aws.appautoscaling.Policy(
        f"{name}-storage-grows",
        region=site.region,
        name=f"{site.prefix}-{name}-storage",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "predefined_metric_specification": {"predefined_metric_type": "KafkaBrokerStorageUtilization"},
            "target_value": FULL_AT,
            "disable_scale_in": True,
        },
        opts=child_options(parent),
    )


def _emitter(called: pulumi.Output[str], spec: BrokerSpec) -> Emitter:
    cluster = {"Cluster Name": called}
    return Emitter(
        "broker",
        members={"cluster": cluster},
        parts={
            "brokers": {
                str(number): {**cluster, "Broker ID": str(number)} for number in range(1, broker_count(spec) + 1)
            },
            "lag": {name: {**cluster, "Consumer Group": of.group, "Topic": of.topic} for name, of in spec.lag.items()},
        },
    )


def broker_count(spec: BrokerSpec) -> int:
    """Brokers, each with metrics of its own."""
    return spec.brokers or 0


def _may(cluster_arn: pulumi.Output[str], gives: bool) -> Statements:
    """By action and kind of resource (MSK developer guide, "IAM access control", actions and resources)."""

    def inside(kind: str) -> pulumi.Output[str]:
        return cluster_arn.apply(lambda arn: f"{arn.replace(':cluster/', f':{kind}/')}/*")

    def allow(sid: str, actions: Sequence[str], resource: pulumi.Output[str]) -> dict[str, Any]:
        named = [f"kafka-cluster:{action}" for action in actions]
        return {"Sid": sid, "Effect": "Allow", "Action": named, "Resource": resource}

    takes = ["DescribeTopic", "DescribeTopicDynamicConfiguration", "ReadData"]
    makes = ["AlterTopic", "AlterTopicDynamicConfiguration", "CreateTopic", "WriteData"]
    statements = [
        allow("Cluster", ["Connect", "DescribeCluster", *(["WriteDataIdempotently"] if gives else [])], cluster_arn),
        allow("Topics", [*takes, *(makes if gives else [])], inside("topic")),
        allow("Groups", ["AlterGroup", "DescribeGroup"], inside("group")),
    ]
    if gives:
        statements.append(
            allow("Transactions", ["AlterTransactionalId", "DescribeTransactionalId"], inside("transactional-id"))
        )
    return statements
