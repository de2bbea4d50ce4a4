"""ARNs of AWS resources, in the form in which the provider reports them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from phaseup.simulate.aws_regions import partition
from phaseup.simulate.context import Context
from phaseup.simulate.rules import IdRule

_ARNS: Final[dict[str, tuple[str, str]]] = {
    "aws:ec2/vpc:Vpc": ("ec2", "vpc/{id}"),
    "aws:ec2/subnet:Subnet": ("ec2", "subnet/{id}"),
    "aws:ec2/internetGateway:InternetGateway": ("ec2", "internet-gateway/{id}"),
    "aws:ec2/routeTable:RouteTable": ("ec2", "route-table/{id}"),
    "aws:ec2/defaultRouteTable:DefaultRouteTable": ("ec2", "route-table/{id}"),
    "aws:ec2/eip:Eip": ("ec2", "elastic-ip/{id}"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("ec2", "vpc-endpoint/{id}"),
    "aws:ec2/securityGroup:SecurityGroup": ("ec2", "security-group/{id}"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ("ec2", "security-group/{id}"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("ec2", "security-group-rule/{id}"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ("ec2", "security-group-rule/{id}"),
    "aws:ec2/networkAcl:NetworkAcl": ("ec2", "network-acl/{id}"),
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": ("ec2", "network-acl/{id}"),
    "aws:ec2/flowLog:FlowLog": ("ec2", "vpc-flow-log/{id}"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("ec2", "launch-template/{id}"),
    "aws:ec2/instance:Instance": ("ec2", "instance/{id}"),
    "aws:ec2/keyPair:KeyPair": ("ec2", "key-pair/{id}"),
    "aws:ec2/managedPrefixList:ManagedPrefixList": ("ec2", "prefix-list/{id}"),
    "aws:ebs/volume:Volume": ("ec2", "volume/{id}"),
    "aws:autoscaling/group:Group": ("autoscaling", "autoScalingGroup:{uuid}:autoScalingGroupName/{name}"),
    "aws:autoscaling/policy:Policy": (
        "autoscaling",
        "scalingPolicy:{uuid}:autoScalingGroupName/{autoscalingGroupName}:policyName/{name}",
    ),
    "aws:autoscaling/schedule:Schedule": (
        "autoscaling",
        "scheduledUpdateGroupAction:{uuid}:autoScalingGroupName/{autoscalingGroupName}"
        ":scheduledActionName/{scheduledActionName}",
    ),
    "aws:lb/targetGroup:TargetGroup": ("elasticloadbalancing", "targetgroup/{name}/{hex16}"),
    "aws:acm/certificate:Certificate": ("acm", "certificate/{uuid}"),
    "aws:iam/role:Role": ("iam", ":role{path}{name}"),
    "aws:iam/policy:Policy": ("iam", ":policy{path}{name}"),
    "aws:iam/instanceProfile:InstanceProfile": ("iam", ":instance-profile{path}{name}"),
    "aws:iam/user:User": ("iam", ":user{path}{name}"),
    "aws:rds/instance:Instance": ("rds", "db:{identifier}"),
    "aws:rds/subnetGroup:SubnetGroup": ("rds", "subgrp:{name}"),
    "aws:rds/parameterGroup:ParameterGroup": ("rds", "pg:{name}"),
    "aws:rds/optionGroup:OptionGroup": ("rds", "og:{name}"),
    "aws:rds/cluster:Cluster": ("rds", "cluster:{id}"),
    "aws:rds/clusterInstance:ClusterInstance": ("rds", "db:{id}"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": ("rds", "cluster-pg:{name}"),
    "aws:rds/proxy:Proxy": ("rds", "db-proxy:prx-{hex17}"),
    "aws:rds/eventSubscription:EventSubscription": ("rds", "es:{name}"),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("elasticache", "replicationgroup:{id}"),
    "aws:elasticache/cluster:Cluster": ("elasticache", "cluster:{id}"),
    "aws:elasticache/subnetGroup:SubnetGroup": ("elasticache", "subnetgroup:{name}"),
    "aws:elasticache/parameterGroup:ParameterGroup": ("elasticache", "parametergroup:{name}"),
    "aws:elasticache/user:User": ("elasticache", "user:{id}"),
    "aws:elasticache/userGroup:UserGroup": ("elasticache", "usergroup:{id}"),
    "aws:s3/bucket:Bucket": ("s3", "::{bucket}"),
    "aws:kms/key:Key": ("kms", "key/{id}"),
    "aws:kms/replicaKey:ReplicaKey": ("kms", "key/{id}"),
    "aws:kms/alias:Alias": ("kms", "{name}"),
    "aws:secretsmanager/secret:Secret": ("secretsmanager", "secret:{name}-{letters6}"),
    "aws:ssm/parameter:Parameter": ("ssm", "parameter{slash}{name}"),
    "aws:ssm/document:Document": ("ssm", "document/{name}"),
    "aws:ssm/association:Association": ("ssm", "association/{id}"),
    "aws:cloudwatch/logGroup:LogGroup": ("logs", "log-group:{name}"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("cloudwatch", "alarm:{name}"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("cloudwatch", "alarm:{alarmName}"),
    "aws:cloudwatch/eventRule:EventRule": ("events", "rule/{name}"),
    "aws:sns/topic:Topic": ("sns", "{name}"),
    "aws:sqs/queue:Queue": ("sqs", "{name}"),
    "aws:budgets/budget:Budget": ("budgets", ":budget/{name}"),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": ("ce", ":anomalymonitor/{uuid}"),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": ("ce", ":anomalysubscription/{uuid}"),
    "aws:route53/zone:Zone": ("route53", "::hostedzone/{id}"),
    "aws:backup/vault:Vault": ("backup", "backup-vault:{name}"),
    "aws:backup/plan:Plan": ("backup", "backup-plan:{id}"),
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": ("dlm", "policy/{id}"),
    "aws:dynamodb/table:Table": ("dynamodb", "table/{name}"),
    "aws:ecr/repository:Repository": ("ecr", "repository/{name}"),
    "aws:lambda/function:Function": ("lambda", "function:{name}"),
    "aws:eks/cluster:Cluster": ("eks", "cluster/{name}"),
    "aws:efs/fileSystem:FileSystem": ("elasticfilesystem", "file-system/{id}"),
    "aws:kinesis/stream:Stream": ("kinesis", "stream/{name}"),
    "aws:msk/cluster:Cluster": ("kafka", "cluster/{clusterName}/{uuid}-1"),
    "aws:msk/configuration:Configuration": ("kafka", "configuration/{name}/{uuid}-1"),
    "aws:mq/broker:Broker": ("mq", "broker:{brokerName}:{id}"),
    "aws:opensearch/domain:Domain": ("es", "domain/{domainName}"),
    "aws:ecs/cluster:Cluster": ("ecs", "cluster/{name}"),
    "aws:synthetics/canary:Canary": ("synthetics", "canary:{name}"),
    "aws:xray/group:Group": ("xray", "group/{groupName}/{letters16}"),
    "aws:xray/samplingRule:SamplingRule": ("xray", "sampling-rule/{ruleName}"),
}


def arn_of(context: Context) -> str:
    """The ARN of a resource whose id is known; a plain one under its module's name where no form is listed."""
    special = _ARN_RULES.get(context.type)
    if special is not None:
        return special(context)
    service, template = _ARNS.get(context.type, (_module(context.type), f"{_kind(context.type)}/{{id}}"))
    return _arn(context, service, template)


def _arn(context: Context, service: str, template: str) -> str:
    region, account = context.region, context.account
    if template.startswith("::"):
        template, region, account = template[2:], "", ""
    elif template.startswith(":"):
        template, region = template[1:], ""
    words: Mapping[str, str] = _Words(context)
    return f"arn:{partition(context.region)}:{service}:{region}:{account}:{template.format_map(words)}"


class _Words(dict[str, str]):
    """What a template may name: the id, drawn characters, and inputs (the logical name where an input is absent)."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def __missing__(self, key: str) -> str:
        context = self._context
        if key == "id":
            return context.id
        if key == "uuid":
            return context.uuid("arn")
        if key.startswith("hex") and key[3:].isdigit():
            return context.hex(int(key[3:]), "arn")
        if key.startswith("letters"):
            return context.letters(int(key[7:]), "arn", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if key == "path":
            return context.text("path", "/")
        if key == "slash":
            return "" if context.text("name", context.name).startswith("/") else "/"
        return context.text(key, context.id or context.name)


def _module(type_: str) -> str:
    return type_.split(":")[1].split("/")[0]


def _kind(type_: str) -> str:
    return type_.rsplit(":", 1)[1].lower()


def _balancer_suffix(context: Context) -> str:
    kind = {"network": "net", "gateway": "gwy"}.get(context.text("loadBalancerType"), "app")
    return f"{kind}/{context.text('name', context.name)}/{context.hex(16, 'arn')}"


def _listener_arn(context: Context) -> str:
    balancer = context.text("loadBalancerArn")
    return f"{balancer.replace(':loadbalancer/', ':listener/')}/{context.hex(16, 'arn')}"


def _rule_arn(context: Context) -> str:
    listener = context.text("listenerArn")
    return f"{listener.replace(':listener/', ':listener-rule/')}/{context.hex(16, 'arn')}"


_ARN_RULES: Final[dict[str, IdRule]] = {
    "aws:lb/loadBalancer:LoadBalancer": lambda context: _arn(
        context, "elasticloadbalancing", f"loadbalancer/{_balancer_suffix(context)}"
    ),
    "aws:lb/listener:Listener": _listener_arn,
    "aws:lb/listenerRule:ListenerRule": _rule_arn,
    "aws:sns/topicSubscription:TopicSubscription": lambda context: f"{context.text('topic')}:{context.uuid('arn')}",
    "aws:wafv2/webAcl:WebAcl": lambda context: _arn(
        context,
        "wafv2",
        f"{'global' if context.text('scope') == 'CLOUDFRONT' else 'regional'}/webacl/{{name}}/{{id}}",
    ),
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": lambda context: _arn(
        context, "chatbot", ":chat-configuration/slack-channel/{configurationName}"
    ),
    "aws:rds/globalCluster:GlobalCluster": lambda context: _arn(context, "rds", ":global-cluster:{id}"),
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": lambda context: _arn(
        context, "elasticache", ":globalreplicationgroup:{id}"
    ),
}
