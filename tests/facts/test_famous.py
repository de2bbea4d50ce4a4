"""The facts that moves hang on, one by one, as the providers' source has them."""

from __future__ import annotations

import pytest

from phaseup.facts import facts_for

DATABASE = "aws:rds/instance:Instance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
BROKER = "aws:mq/broker:Broker"


def effect(type_: str, path: str) -> str:
    facts = facts_for(type_)
    assert facts is not None
    fact = facts.property(path)
    return fact.effect if fact is not None else "unknown"


@pytest.mark.parametrize(
    ("type_", "path", "expected"),
    [
        (DATABASE, "storageEncrypted", "replace"),
        (DATABASE, "kmsKeyId", "replace"),
        (DATABASE, "dbName", "replace"),
        (DATABASE, "username", "replace"),
        (DATABASE, "engine", "replace"),
        (DATABASE, "availabilityZone", "replace"),
        (DATABASE, "snapshotIdentifier", "replace"),
        (DATABASE, "identifier", "update"),
        (DATABASE, "dbSubnetGroupName", "update"),
        (DATABASE, "instanceClass", "update_reboot"),
        (DATABASE, "engineVersion", "conditional"),
        (DATABASE, "port", "update_reboot"),
        (DATABASE, "parameterGroupName", "deferred"),
        (DATABASE, "multiAz", "update"),
        (DATABASE, "storageType", "update"),
        (DATABASE, "iops", "update"),
        (DATABASE, "backupRetentionPeriod", "conditional"),
        (DATABASE, "deletionProtection", "update"),
        (DATABASE, "replicateSourceDb", "update"),
        (DATABASE, "skipFinalSnapshot", "ignored"),
        (DATABASE, "allocatedStorage", "conditional"),
        (DATABASE, "restoreToPointInTime.restoreTime", "update"),
        (DATABASE, "restoreToPointInTime", "replace"),
        (DATABASE, "nothing.of.the.kind", "unknown"),
        (DATABASE, "tags.owner", "update"),
        (DATABASE, "region", "replace"),
        (CACHE, "atRestEncryptionEnabled", "replace"),
        (CACHE, "kmsKeyId", "replace"),
        (CACHE, "subnetGroupName", "replace"),
        (CACHE, "networkType", "replace"),
        (CACHE, "replicationGroupId", "replace"),
        (CACHE, "engine", "conditional"),
        (CACHE, "engineVersion", "conditional"),
        (CACHE, "transitEncryptionEnabled", "conditional"),
        (CACHE, "transitEncryptionMode", "update"),
        (CACHE, "port", "conditional"),
        (CACHE, "nodeType", "update"),
        (CACHE, "numCacheClusters", "update"),
        (CACHE, "numNodeGroups", "update"),
        (CACHE, "replicasPerNodeGroup", "update"),
        (CACHE, "automaticFailoverEnabled", "update"),
        (CACHE, "multiAzEnabled", "update"),
        (CACHE, "clusterMode", "conditional"),
        (CACHE, "userGroupIds", "update"),
        (CACHE, "nodeGroupConfigurations", "replace"),
        (CACHE, "nodeGroupConfigurations[3].slots", "replace"),
        (BROKER, "storageType", "ignored"),
        (BROKER, "authenticationStrategy", "ignored"),
        (BROKER, "deploymentMode", "replace"),
        (BROKER, "hostInstanceType", "deferred"),
        ("aws:ec2/vpc:Vpc", "cidrBlock", "conditional"),
        ("aws:ec2/subnet:Subnet", "availabilityZone", "replace"),
        ("aws:ec2/subnet:Subnet", "cidrBlock", "replace"),
        ("aws:ec2/subnet:Subnet", "mapPublicIpOnLaunch", "update"),
        ("aws:ec2/securityGroup:SecurityGroup", "description", "replace"),
        ("aws:ec2/natGateway:NatGateway", "allocationId", "replace"),
        ("aws:ec2/route:Route", "natGatewayId", "update"),
        ("aws:ec2/route:Route", "destinationCidrBlock", "replace"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cidrIpv4", "update"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "securityGroupId", "replace"),
        ("aws:ec2/launchTemplate:LaunchTemplate", "instanceType", "update"),
        ("aws:ec2/launchTemplate:LaunchTemplate", "name", "replace"),
        ("aws:ec2/launchTemplate:LaunchTemplate", "blockDeviceMappings[0].ebs.volumeSize", "update"),
        ("aws:autoscaling/group:Group", "name", "replace"),
        ("aws:autoscaling/group:Group", "maxSize", "update"),
        ("aws:autoscaling/group:Group", "launchTemplate", "update"),
        ("aws:autoscaling/group:Group", "vpcZoneIdentifiers", "update"),
        ("aws:autoscaling/group:Group", "targetGroupArns", "update"),
        ("aws:lb/loadBalancer:LoadBalancer", "internal", "replace"),
        ("aws:lb/loadBalancer:LoadBalancer", "loadBalancerType", "replace"),
        ("aws:lb/loadBalancer:LoadBalancer", "enableDeletionProtection", "update"),
        ("aws:lb/targetGroup:TargetGroup", "port", "replace"),
        ("aws:lb/targetGroup:TargetGroup", "protocol", "replace"),
        ("aws:lb/targetGroup:TargetGroup", "targetType", "replace"),
        ("aws:lb/targetGroup:TargetGroup", "vpcId", "replace"),
        ("aws:lb/targetGroup:TargetGroup", "deregistrationDelay", "update"),
        ("aws:lb/listener:Listener", "port", "update"),
        ("aws:lb/listener:Listener", "defaultActions[0].forward.targetGroups[0].weight", "update"),
        ("aws:lb/listener:Listener", "loadBalancerArn", "replace"),
        ("aws:acm/certificate:Certificate", "domainName", "replace"),
        ("aws:iam/role:Role", "name", "replace"),
        ("aws:iam/role:Role", "assumeRolePolicy", "update"),
        ("aws:rds/parameterGroup:ParameterGroup", "family", "replace"),
        ("aws:rds/parameterGroup:ParameterGroup", "parameters[0].value", "update"),
        ("aws:rds/subnetGroup:SubnetGroup", "subnetIds", "update"),
        ("aws:s3/bucket:Bucket", "bucket", "replace"),
        ("aws:s3/bucket:Bucket", "forceDestroy", "ignored"),
        ("aws:s3/bucketVersioning:BucketVersioning", "bucket", "replace"),
        ("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "rules[0].status", "update"),
        ("aws:kms/key:Key", "multiRegion", "replace"),
        ("aws:kms/key:Key", "enableKeyRotation", "update"),
        ("aws:secretsmanager/secret:Secret", "name", "replace"),
        ("aws:ssm/parameter:Parameter", "value", "update"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "name", "replace"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "threshold", "update"),
        ("aws:cloudwatch/logGroup:LogGroup", "retentionInDays", "update"),
        ("aws:sns/topicSubscription:TopicSubscription", "endpoint", "replace"),
        ("aws:wafv2/webAcl:WebAcl", "scope", "replace"),
        ("aws:wafv2/webAcl:WebAcl", "rules[0].priority", "update"),
        ("aws:ebs/volume:Volume", "encrypted", "replace"),
        ("aws:ebs/volume:Volume", "size", "conditional"),
        ("cloudflare:index/zone:Zone", "name", "replace"),
        ("cloudflare:index/zone:Zone", "account.id", "replace"),
        ("cloudflare:index/zone:Zone", "paused", "update"),
        ("cloudflare:index/dnsRecord:DnsRecord", "type", "replace"),
        ("cloudflare:index/dnsRecord:DnsRecord", "zoneId", "replace"),
        ("cloudflare:index/dnsRecord:DnsRecord", "content", "update"),
        ("cloudflare:index/dnsRecord:DnsRecord", "name", "update"),
        ("cloudflare:index/ruleset:Ruleset", "name", "replace"),
        ("cloudflare:index/ruleset:Ruleset", "phase", "replace"),
        ("cloudflare:index/ruleset:Ruleset", "rules[0].expression", "update"),
        ("cloudflare:index/zoneSetting:ZoneSetting", "settingId", "replace"),
        ("cloudflare:index/zoneSetting:ZoneSetting", "value", "update"),
        ("cloudflare:index/r2Bucket:R2Bucket", "name", "replace"),
        ("cloudflare:index/r2Bucket:R2Bucket", "storageClass", "update"),
        ("cloudflare:index/r2Bucket:R2Bucket", "jurisdiction", "unknown"),
        ("cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared", "configSrc", "replace"),
        ("cloudflare:index/originCaCertificate:OriginCaCertificate", "hostnames", "replace"),
        ("cloudflare:index/loadBalancer:LoadBalancer", "zoneId", "replace"),
        ("random:index/randomPassword:RandomPassword", "length", "replace"),
        ("random:index/randomPassword:RandomPassword", "keepers.epoch", "replace"),
        ("kubernetes:apps/v1:Deployment", "spec.selector.matchLabels.app", "replace"),
        ("kubernetes:apps/v1:Deployment", "spec.template.spec.containers[0].image", "update"),
        ("kubernetes:apps/v1:Deployment", "metadata.name", "replace"),
        ("kubernetes:core/v1:Service", "spec.clusterIP", "replace"),
        ("kubernetes:core/v1:PersistentVolumeClaim", "spec.resources.requests.storage", "update"),
        ("kubernetes:apps/v1:StatefulSet", "spec.volumeClaimTemplates[0].spec", "replace"),
        ("kubernetes:policy/v1:PodDisruptionBudget", "spec.minAvailable", "update"),
        ("kubernetes:core/v1:ConfigMap", "data.key", "replace"),
        ("kubernetes:example.com/v1:Custom", "metadata.namespace", "replace"),
    ],
)
def test_effect(type_: str, path: str, expected: str) -> None:
    assert effect(type_, path) == expected


def test_cases_are_in_the_order_of_the_source() -> None:
    facts = facts_for(CACHE)
    assert facts is not None
    engine = facts.property("engine")
    assert engine is not None
    assert [(case.name, case.effect) for case in engine.when] == [
        ("in_global_datastore", "same"),
        ("valkey_to_redis", "replace"),
    ]
    assert engine.otherwise == "update"


def test_disagreement_with_the_second_source_stays_visible() -> None:
    facts = facts_for(DATABASE)
    assert facts is not None
    identifier = facts.property("identifier")
    assert identifier is not None
    assert identifier.second_opinion == "cfn-lint 1.58.0 AWS::RDS::DBInstance: DBInstanceIdentifier is createOnly"
    storage = facts.property("storageEncrypted")
    assert storage is not None
    assert storage.second_opinion == ""


def test_what_is_computed_has_a_default_or_neither() -> None:
    facts = facts_for(DATABASE)
    assert facts is not None
    assert facts.properties["backupRetentionPeriod"].computed
    assert facts.properties["multiAz"].computed
    assert not facts.properties["deletionProtection"].computed
    assert facts.properties["autoMinorVersionUpgrade"].default is True
    assert facts.properties["skipFinalSnapshot"].default is False
    assert facts.properties["vpcSecurityGroupIds"].set


def test_a_citation_names_source_version_and_date() -> None:
    facts = facts_for(CACHE)
    assert facts is not None
    assert facts.properties["networkType"].citation == (
        "terraform-provider-aws internal/service/elasticache/replication_group.go 6.x 001b6364 (2026)"
    )


def test_an_unknown_type_has_no_facts() -> None:
    assert facts_for("acme:index/thing:Thing") is None
    assert facts_for("nonsense") is None
