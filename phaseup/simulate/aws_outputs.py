"""What AWS fills in: endpoints, names, versions and all else that programs read back."""

from __future__ import annotations

import base64
from typing import Final

from phaseup.graph.values import UNKNOWN, Value, has_unknown
from phaseup.simulate import aws_brokers, aws_clusters, aws_network, aws_stores
from phaseup.simulate.aws_arns import arn_of
from phaseup.simulate.aws_regions import dns_suffix
from phaseup.simulate.aws_stores import BIRTHDAY
from phaseup.simulate.context import Context
from phaseup.simulate.rules import OutputRule
from phaseup.simulate.seed import digest


def common(context: Context) -> dict[str, Value]:
    """What almost every AWS resource reports."""
    return {"arn": arn_of(context), "ownerId": context.account, "createDate": BIRTHDAY, "createTime": BIRTHDAY}


def derived(context: Context) -> dict[str, Value]:
    """What follows from the inputs alone, and so is known in a preview too: the region and all tags."""
    tags = context.inputs.get("tags")
    merged: Value = {}
    if has_unknown(tags):
        merged = UNKNOWN
    elif isinstance(tags, dict) or tags is None:
        merged = {**_default_tags(context), **(tags or {})}
    return {"region": context.region, "tagsAll": merged}


def _default_tags(context: Context) -> dict[str, Value]:
    block = context.around.config.get("defaultTags")
    tags = block.get("tags") if isinstance(block, dict) else None
    return dict(tags) if isinstance(tags, dict) else {}


def _http_api(context: Context) -> dict[str, Value]:
    return {
        "apiEndpoint": f"https://{context.id}.execute-api.{context.region}.{dns_suffix(context.region)}",
        "executionArn": f"arn:aws:execute-api:{context.region}:{context.account}:{context.id}",
    }


def _api_domain(context: Context) -> dict[str, Value]:
    target = f"d-{context.letters(10, 'target')}.execute-api.{context.region}.{dns_suffix(context.region)}"
    return {
        "apiMappingSelectionExpression": "$request.basepath",
        "domainNameConfiguration": {
            "hostedZoneId": f"Z{context.letters(13, 'zone').upper()}",
            "ipAddressType": "ipv4",
            "ownershipVerificationCertificateArn": "",
            "targetDomainName": target,
        },
        "routingMode": "API_MAPPING_ONLY",
    }


def _certificate(context: Context) -> dict[str, Value]:
    main = context.text("domainName")
    others = context.inputs.get("subjectAlternativeNames")
    names = dict.fromkeys([main, *(others if isinstance(others, list) else [])])
    options = []
    for name in names:
        bare = str(name).removeprefix("*.")
        # The record proves an account's right to a domain, so it is the same for every certificate in every region.
        proof = digest("acm", context.account, bare)
        options.append(
            {
                "domainName": name,
                "resourceRecordName": f"_{proof[:32]}.{bare}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{proof[32:64]}.jkddzztszm.acm-validations.aws.",
            }
        )
    return {
        "domainValidationOptions": options,
        "status": "PENDING_VALIDATION",
        "type": "AMAZON_ISSUED",
        "keyAlgorithm": "RSA_2048",
        "notBefore": "",
        "notAfter": "",
        "pendingRenewal": False,
        "renewalEligibility": "INELIGIBLE",
        "renewalSummaries": [],
        "validationEmails": [],
        "subjectAlternativeNames": list(names),
    }


def _role(context: Context) -> dict[str, Value]:
    letters = context.letters(16, "unique", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    return {"uniqueId": f"AROA{letters}", "managedPolicyArns": [], "inlinePolicies": []}


def _profile(context: Context) -> dict[str, Value]:
    return {"uniqueId": "AIPA" + context.letters(16, "unique", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}


def _policy(context: Context) -> dict[str, Value]:
    return {
        "policyId": "ANPA" + context.letters(16, "unique", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        "attachmentCount": 0,
    }


def _parameter(_context: Context) -> dict[str, Value]:
    return {"version": 1, "dataType": "text", "tier": "Standard", "hasValueWo": False}


def _document(context: Context) -> dict[str, Value]:
    return {
        "createdDate": BIRTHDAY,
        "defaultVersion": "1",
        "documentVersion": "1",
        "latestVersion": "1",
        "hash": context.hex(64, "hash"),
        "hashType": "Sha256",
        "owner": context.account,
        "schemaVersion": "2.2",
        "status": "Active",
        "platformTypes": ["Linux"],
        "parameters": [],
    }


def _topic(context: Context) -> dict[str, Value]:
    return {"owner": context.account, "beginningArchiveTime": ""}


def _subscription(context: Context) -> dict[str, Value]:
    pending = context.text("protocol") in ("email", "email-json", "http", "https")
    return {"confirmationWasAuthenticated": not pending, "pendingConfirmation": pending, "filterPolicyScope": ""}


def _zone(context: Context) -> dict[str, Value]:
    servers = []
    for end in ("com", "net", "org", "co.uk"):
        number, host = int(context.hex(3, f"number {end}"), 16) % 2048, int(context.hex(2, f"host {end}"), 16) % 64
        servers.append(f"ns-{number}.awsdns-{host:02d}.{end}")
    return {"zoneId": context.id, "nameServers": servers, "primaryNameServer": servers[0]}


def _record(context: Context) -> dict[str, Value]:
    return {"fqdn": context.text("name").rstrip(".")}


def _web_acl(context: Context) -> dict[str, Value]:
    return {"capacity": 100, "lockToken": context.uuid("lock"), "applicationIntegrationUrl": ""}


def _scaling_group(context: Context) -> dict[str, Value]:
    minimum = context.inputs.get("minSize")
    return {
        "desiredCapacity": minimum if isinstance(minimum, int) else 0,
        "predictedCapacity": 0,
        "warmPoolSize": 0,
        "defaultCooldown": 300,
        "healthCheckType": "EC2",
        "serviceLinkedRoleArn": f"arn:aws:iam::{context.account}:role/aws-service-role/autoscaling.amazonaws.com/"
        "AWSServiceRoleForAutoScaling",
    }


def _kubernetes_cluster(context: Context) -> dict[str, Value]:
    authority = base64.b64encode(f"certificate of {context.hex(32, 'authority')}".encode()).decode()
    return {
        "endpoint": f"https://{context.hex(32, 'endpoint').upper()}.gr7.{context.region}.eks.amazonaws.com",
        "certificateAuthority": {"data": authority},
        "status": "ACTIVE",
        "vpcConfig": {
            "clusterSecurityGroupId": f"sg-0{context.hex(16, 'group')}",
            "vpcId": f"vpc-0{context.hex(16, 'vpc')}",
        },
    }


def _node_group(context: Context) -> dict[str, Value]:
    name = f"eks-{context.text('nodeGroupName', context.name)}-{context.uuid('group')}"
    return {
        "status": "ACTIVE",
        "resources": [{"autoscalingGroups": [{"name": name}], "remoteAccessSecurityGroupId": ""}],
    }


def _canary(context: Context) -> dict[str, Value]:
    function = f"cwsyn-{context.text('name', context.name)}-{context.uuid('function')}"
    arn = f"arn:aws:lambda:{context.region}:{context.account}"
    return {
        "engineArn": f"{arn}:function:{function}:1",
        "sourceLocationArn": f"{arn}:layer:{function}:1",
        "status": "RUNNING" if context.inputs.get("startCanary") is True else "READY",
        "timelines": [{"created": BIRTHDAY, "lastModified": BIRTHDAY, "lastStarted": BIRTHDAY, "lastStopped": ""}],
    }


def _slack(context: Context) -> dict[str, Value]:
    return {"chatConfigurationArn": context.id, "slackChannelName": "channel", "slackTeamName": "team"}


def _queue(context: Context) -> dict[str, Value]:
    return {"url": context.id}


RULES: Final[dict[str, OutputRule]] = {
    **aws_network.RULES,
    "aws:autoscaling/group:Group": _scaling_group,
    "aws:eks/cluster:Cluster": _kubernetes_cluster,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:synthetics/canary:Canary": _canary,
    "aws:acm/certificate:Certificate": _certificate,
    "aws:apigatewayv2/api:Api": _http_api,
    "aws:apigatewayv2/domainName:DomainName": _api_domain,
    "aws:apigatewayv2/stage:Stage": lambda c: {"deploymentId": c.letters(6, "deployment"), "executionArn": ""},
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "aws:iam/role:Role": _role,
    "aws:iam/instanceProfile:InstanceProfile": _profile,
    "aws:iam/policy:Policy": _policy,
    "aws:rds/instance:Instance": aws_stores.database,
    "aws:rds/cluster:Cluster": aws_clusters.cluster,
    "aws:rds/clusterInstance:ClusterInstance": aws_clusters.instance,
    "aws:rds/globalCluster:GlobalCluster": aws_clusters.bound,
    "aws:rds/proxy:Proxy": aws_clusters.proxy,
    "aws:rds/subnetGroup:SubnetGroup": lambda c: {
        "supportedNetworkTypes": ["IPV4"],
        "vpcId": f"vpc-0{c.hex(16, 'vpc')}",
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": aws_stores.cache,
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": aws_stores.datastore,
    "aws:opensearch/outboundConnection:OutboundConnection": aws_stores.connection,
    "aws:opensearch/inboundConnectionAccepter:InboundConnectionAccepter": aws_stores.connection,
    "aws:s3/bucket:Bucket": aws_stores.bucket,
    "aws:kms/key:Key": aws_stores.key,
    "aws:kms/replicaKey:ReplicaKey": aws_stores.key,
    "aws:kms/alias:Alias": aws_stores.alias,
    "aws:secretsmanager/secret:Secret": lambda _: {"replicas": []},
    "aws:secretsmanager/secretVersion:SecretVersion": aws_stores.secret_version,
    "aws:ssm/parameter:Parameter": _parameter,
    "aws:ssm/document:Document": _document,
    "aws:ssm/association:Association": lambda c: {"associationId": c.id, "documentVersion": "$DEFAULT"},
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:route53/zone:Zone": _zone,
    "aws:route53/record:Record": _record,
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": _slack,
    "aws:sqs/queue:Queue": _queue,
    "aws:mq/broker:Broker": aws_brokers.rabbitmq,
    "aws:msk/cluster:Cluster": aws_brokers.kafka,
    "aws:msk/configuration:Configuration": lambda _: {"latestRevision": 1},
}
