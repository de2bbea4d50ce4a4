"""Ids of AWS resources, in the form in which the provider reports them."""

from __future__ import annotations

from typing import Final

from phaseup.simulate.aws_arns import arn_of
from phaseup.simulate.context import Context
from phaseup.simulate.rules import IdRule
from phaseup.simulate.seed import digest

_EC2: Final[dict[str, str]] = {
    "aws:ec2/vpc:Vpc": "vpc",
    "aws:ec2/subnet:Subnet": "subnet",
    "aws:ec2/internetGateway:InternetGateway": "igw",
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": "eigw",
    "aws:ec2/routeTable:RouteTable": "rtb",
    "aws:ec2/defaultRouteTable:DefaultRouteTable": "rtb",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc",
    "aws:ec2/natGateway:NatGateway": "nat",
    "aws:ec2/eip:Eip": "eipalloc",
    "aws:ec2/eipAssociation:EipAssociation": "eipassoc",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
    "aws:ec2/securityGroup:SecurityGroup": "sg",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "sg",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr",
    "aws:ec2/networkAcl:NetworkAcl": "acl",
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": "acl",
    "aws:ec2/flowLog:FlowLog": "fl",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "pcx",
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": "vpc-cidr-assoc",
    "aws:ec2/launchTemplate:LaunchTemplate": "lt",
    "aws:ec2/instance:Instance": "i",
    "aws:ec2/networkInterface:NetworkInterface": "eni",
    "aws:ec2/managedPrefixList:ManagedPrefixList": "pl",
    "aws:ebs/volume:Volume": "vol",
    "aws:ebs/snapshot:Snapshot": "snap",
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": "policy",
    "aws:ec2transitgateway/transitGateway:TransitGateway": "tgw",
    "aws:efs/fileSystem:FileSystem": "fs",
    "aws:efs/mountTarget:MountTarget": "fsmt",
}

# What the provider uses as id is one of the inputs.
_BY_INPUT: Final[dict[str, str]] = {
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": "vpcPeeringConnectionId",
    "aws:ec2/keyPair:KeyPair": "keyName",
    "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
    "aws:elasticache/cluster:Cluster": "clusterId",
    "aws:elasticache/user:User": "userId",
    "aws:opensearch/inboundConnectionAccepter:InboundConnectionAccepter": "connectionId",
    "aws:elasticache/userGroup:UserGroup": "userGroupId",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:kms/keyPolicy:KeyPolicy": "keyId",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "secretArn",
    "aws:secretsmanager/secretRotation:SecretRotation": "secretId",
    "aws:sns/topicPolicy:TopicPolicy": "arn",
    "aws:sqs/queuePolicy:QueuePolicy": "queueUrl",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "queueUrl",
    "aws:appautoscaling/target:Target": "resourceId",
    "aws:apigatewayv2/domainName:DomainName": "domainName",
    "aws:apigatewayv2/stage:Stage": "name",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmName",
    "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyName",
    "aws:autoscaling/schedule:Schedule": "scheduledActionName",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "resourceArn",
    "aws:rds/clusterInstance:ClusterInstance": "identifier",
    "aws:rds/cluster:Cluster": "clusterIdentifier",
    "aws:rds/globalCluster:GlobalCluster": "globalClusterIdentifier",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": "dbProxyName",
    "aws:ssm/association:Association": "associationId",
    "aws:xray/samplingRule:SamplingRule": "ruleName",
}
_UUID: Final = frozenset(
    {
        "aws:wafv2/webAcl:WebAcl",
        "aws:wafv2/ipSet:IpSet",
        "aws:ssm/association:Association",
        "aws:backup/plan:Plan",
        "aws:backup/selection:Selection",
        "aws:route53/healthCheck:HealthCheck",
    }
)
_ARN_IS_ID: Final = frozenset(
    {
        "aws:iam/policy:Policy",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/listener:Listener",
        "aws:lb/listenerRule:ListenerRule",
        "aws:lb/targetGroup:TargetGroup",
        "aws:acm/certificate:Certificate",
        "aws:secretsmanager/secret:Secret",
        "aws:sns/topic:Topic",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:costexplorer/anomalyMonitor:AnomalyMonitor",
        "aws:costexplorer/anomalySubscription:AnomalySubscription",
        "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
        "aws:msk/cluster:Cluster",
        "aws:msk/configuration:Configuration",
        "aws:xray/group:Group",
    }
)
_BUCKET_PARTS: Final = "aws:s3/bucket"


# service, resource part; `{id}` and the inputs by name. A leading `:` leaves the region out, `::` region and account.
def id_of(context: Context) -> str:
    """The id of a resource about to be created."""
    special = _ID_RULES.get(context.type)
    if special is not None:
        return special(context)
    prefix = _EC2.get(context.type)
    if prefix is not None:
        return f"{prefix}-0{context.hex(16, 'id')}"
    if context.type in _ARN_IS_ID:
        return arn_of(context)
    if context.type in _UUID:
        return context.uuid("id")
    given = context.text(_BY_INPUT[context.type]) if context.type in _BY_INPUT else ""
    if given:
        return given
    if context.type.startswith(_BUCKET_PARTS) and context.text("bucket"):
        return context.text("bucket")
    return context.text("name") or f"{context.name}-{context.hex(7, 'id')}"


def _joined(*keys: str, between: str = "/") -> IdRule:
    return lambda context: between.join(context.text(key, context.name) for key in keys)


def _record_id(context: Context) -> str:
    parts = [context.text("zoneId"), context.text("name"), context.text("type"), context.text("setIdentifier")]
    return "_".join(part for part in parts if part)


def _key_id(context: Context) -> str:
    if context.inputs.get("multiRegion") is True or context.type.endswith("ReplicaKey"):
        return f"mrk-{context.hex(32, 'id')}"
    return context.uuid("id")


_ID_RULES: Final[dict[str, IdRule]] = {
    "aws:ec2/route:Route": lambda context: (
        f"r-{context.text('routeTableId')}{int(digest(context.urn, context.text('destinationCidrBlock'))[:8], 16)}"
    ),
    "aws:ec2/volumeAttachment:VolumeAttachment": lambda context: f"vai-{int(context.hex(8, 'id'), 16)}",
    "aws:ec2/securityGroupRule:SecurityGroupRule": lambda context: f"sgrule-{int(context.hex(8, 'id'), 16)}",
    "aws:ec2/defaultRouteTable:DefaultRouteTable": lambda context: context.text("defaultRouteTableId"),
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": lambda context: context.text("defaultNetworkAclId"),
    "aws:iam/rolePolicy:RolePolicy": _joined("role", "name", between=":"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _joined("role", "policyArn"),
    "aws:autoscaling/attachment:Attachment": lambda context: (
        f"{context.text('autoscalingGroupName')}-{context.hex(26, 'id')}"
    ),
    "aws:lb/listenerCertificate:ListenerCertificate": _joined("listenerArn", "certificateArn", between="_"),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": lambda context: (
        f"{context.text('targetGroupArn')}-{context.hex(26, 'id')}"
    ),
    "aws:acm/certificateValidation:CertificateValidation": lambda context: (
        f"{context.text('certificateArn')}#{context.hex(8, 'id')}"
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": _joined("webAclArn", "resourceArn", between=","),
    "aws:rds/instance:Instance": lambda context: "db-" + context.letters(26, "id", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "aws:kms/key:Key": _key_id,
    "aws:kms/replicaKey:ReplicaKey": _key_id,
    "aws:secretsmanager/secretVersion:SecretVersion": lambda context: (
        f"{context.text('secretId')}|{context.uuid('id')}"
    ),
    "aws:sqs/queue:Queue": lambda context: (
        f"https://sqs.{context.region}.amazonaws.com/{context.account}/{context.text('name')}"
    ),
    "aws:budgets/budget:Budget": lambda context: f"{context.account}:{context.text('name')}",
    "aws:route53/zone:Zone": lambda context: "Z0" + context.letters(19, "id", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    "aws:route53/record:Record": _record_id,
    "aws:eks/nodeGroup:NodeGroup": _joined("clusterName", "nodeGroupName", between=":"),
    "aws:eks/addon:Addon": _joined("clusterName", "addonName", between=":"),
    "aws:mq/broker:Broker": lambda context: f"b-{context.uuid('id')}",
    # The cloud puts five letters before the suffix, by the region of the primary.
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": lambda context: (
        f"{context.letters(5, 'id')}-{context.text('globalReplicationGroupIdSuffix', context.name)}"
    ),
    "aws:opensearch/outboundConnection:OutboundConnection": lambda context: context.letters(32, "id"),
}
