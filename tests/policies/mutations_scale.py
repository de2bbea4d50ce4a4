"""One property of a recorded phase broken for each rule on scale and cost."""

from __future__ import annotations

from typing import Final

from tests.policies.mutation import Mutation

RDS: Final = "aws:rds/instance:Instance"
AURORA: Final = "aws:rds/cluster:Cluster"
CACHE: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
GROUP: Final = "aws:autoscaling/group:Group"
NODES: Final = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
LOGS: Final = "aws:cloudwatch/logGroup:LogGroup"
BUDGET: Final = "aws:budgets/budget:Budget"
KAFKA: Final = "aws:msk/cluster:Cluster"
RABBIT: Final = "aws:mq/broker:Broker"

GROWTH: Final = "meal/growth/prod"
WORLD: Final = "wholesale/enterprise/prod"

MUTATIONS: dict[str, Mutation] = {
    "a database of 2014": Mutation(
        "scale-current-generation", GROWTH, RDS, "db-primary", ("instanceClass",), "db.m4.xlarge"
    ),
    "hosts of 2014": Mutation(
        "scale-current-generation", GROWTH, TEMPLATE, "app-template", ("instanceType",), "t2.large"
    ),
    "another choice of 2015": Mutation(
        "scale-current-generation",
        GROWTH,
        GROUP,
        "scrapers-group",
        ("mixedInstancesPolicy", "launchTemplate", "overrides", 0, "instanceType"),
        "m4.xlarge",
    ),
    "search on r4": Mutation(
        "scale-current-generation",
        WORLD,
        "aws:opensearch/domain:Domain",
        "search-domain",
        ("clusterConfig", "dedicatedMasterType"),
        "r4.large.search",
    ),
    "PostgreSQL 13": Mutation("scale-supported-version", GROWTH, RDS, "db-primary", ("engineVersion",), "13.20"),
    "Aurora PostgreSQL 12": Mutation(
        "scale-supported-version", WORLD, AURORA, "aurora-cluster", ("engineVersion",), "12.22"
    ),
    "Kafka 3.7": Mutation("scale-supported-version", WORLD, KAFKA, "stream-cluster", ("kafkaVersion",), "3.7.x.kraft"),
    "RabbitMQ 3.12": Mutation("scale-supported-version", WORLD, RABBIT, "work-broker", ("engineVersion",), "3.12.13"),
    "OpenSearch 2.9": Mutation(
        "scale-supported-version",
        WORLD,
        "aws:opensearch/domain:Domain",
        "search-domain",
        ("engineVersion",),
        "OpenSearch_2.9",
    ),
    "paid extended support by default": Mutation(
        "scale-no-extended-support", GROWTH, RDS, "db-primary", ("engineLifecycleSupport",)
    ),
    "a group's number is set back": Mutation("scale-group-number", GROWTH, GROUP, "app-group", ignore_changes=()),
    "a node group's number is set back": Mutation(
        "scale-group-number", WORLD, NODES, "cluster-general-nodes", ignore_changes=()
    ),
    "a volume that grew is set back": Mutation(
        "scale-target-number", WORLD, KAFKA, "stream-cluster", ignore_changes=()
    ),
    "a database on gp2": Mutation("scale-volumes-gp3", GROWTH, RDS, "db-replica-a", ("storageType",), "gp2"),
    "hosts on gp2": Mutation(
        "scale-volumes-gp3",
        GROWTH,
        TEMPLATE,
        "app-template",
        ("blockDeviceMappings", 0, "ebs", "volumeType"),
        "gp2",
    ),
    "a database without an owner": Mutation("scale-tagged", GROWTH, RDS, "db-primary", ("tags", "owner")),
    "a group without a tag": Mutation("scale-tagged", GROWTH, GROUP, "app-group", ("tags",), []),
    "disks without tags": Mutation("scale-launched-tagged", GROWTH, TEMPLATE, "app-template", ("tagSpecifications", 1)),
    "a database of another environment": Mutation(
        "scale-environment-tag", GROWTH, RDS, "db-primary", ("tags", "environment"), "dev"
    ),
    "logs for ever": Mutation("scale-log-retention", GROWTH, LOGS, "api-logs", ("retentionInDays",), 0),
    "logs for ten years": Mutation("scale-log-retention", GROWTH, LOGS, "api-logs", ("retentionInDays",), 3653),
    "uploads that were never finished": Mutation(
        "scale-unfinished-uploads",
        WORLD,
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "static-lifecycle",
        ("rules", 0, "abortIncompleteMultipartUpload"),
    ),
    "images for ever": Mutation(
        "scale-images-expire",
        WORLD,
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "registry-jobs-expiry",
        urn_name="registry-jobs",
    ),
    "no budget": Mutation("scale-budget", GROWTH, BUDGET, "budget-monthly", urn_name="phaseup-meal-prod"),
    "a budget that tells nobody": Mutation(
        "scale-budget", GROWTH, BUDGET, "budget-monthly", ("notifications",), [], urn_name="phaseup-meal-prod"
    ),
    "hosts on spot alone": Mutation(
        "scale-not-spot-alone",
        GROWTH,
        GROUP,
        "app-group",
        ("mixedInstancesPolicy", "instancesDistribution", "onDemandPercentageAboveBaseCapacity"),
        0,
    ),
}
