"""Ways to break networks."""

from __future__ import annotations

from tests.policies.mutation import Mutation

MEAL = "meal/enterprise/prod"
WHOLESALE = "wholesale/enterprise/prod"
PARETO = "pareto/kubernetes/prod"

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
DEFAULT = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
DATABASE = "aws:rds/instance:Instance"
PLAN = "aws:backup/plan:Plan"

HOME = {"regions": ["eu-west-1", "eu-central-1"]}

MUTATIONS = {
    "world to a database": Mutation(
        "network-no-open-ingress", MEAL, INGRESS, "db-from-process-scrape-batch", ("cidrIpv4",), "0.0.0.0/0"
    ),
    "half the world": Mutation(
        "network-no-open-ingress", MEAL, INGRESS, "db-from-process-scrape-batch", ("cidrIpv4",), "128.0.0.0/1"
    ),
    "world by IPv6": Mutation(
        "network-no-open-ingress", MEAL, INGRESS, "db-from-process-scrape-batch", ("cidrIpv6",), "::/0"
    ),
    "world inline": Mutation(
        "network-no-open-ingress",
        MEAL,
        "aws:ec2/securityGroup:SecurityGroup",
        "db-sg",
        ("ingress",),
        [{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["10.0.0.0/8", "0.0.0.0/0"]}],
    ),
    "default group": Mutation(
        "network-default-group-closed", MEAL, DEFAULT, "net-default-group", ("egress",), [{"protocol": "-1"}]
    ),
    "default group left to AWS": Mutation(
        "network-default-group-closed", MEAL, DEFAULT, "net-default-group", urn_name="net-vpc"
    ),
    "database of no network": Mutation("network-no-default-vpc", MEAL, DATABASE, "db-primary", ("dbSubnetGroupName",)),
    "group of no network": Mutation(
        "network-no-default-vpc", MEAL, "aws:ec2/securityGroup:SecurityGroup", "cache-sg", ("vpcId",)
    ),
    "address of a node": Mutation(
        "network-no-public-address",
        MEAL,
        TEMPLATE,
        "cluster-general-template",
        ("networkInterfaces",),
        [{"associatePublicIpAddress": "true"}],
    ),
    "address by a subnet": Mutation(
        "network-no-public-address",
        MEAL,
        "aws:ec2/subnet:Subnet",
        "net-app-euw1-az1",
        ("mapPublicIpOnLaunch",),
        True,
    ),
    "flow log": Mutation("network-flow-logs", MEAL, "aws:ec2/flowLog:FlowLog", "net-flow", urn_name="net-vpc"),
    "flow log of what is accepted": Mutation(
        "network-flow-logs",
        MEAL,
        "aws:ec2/flowLog:FlowLog",
        "net-flow",
        ("trafficType",),
        "ACCEPT",
        urn_name="net-vpc",
    ),
    "IMDSv1": Mutation(
        "network-imds-v2", MEAL, TEMPLATE, "cluster-general-template", ("metadataOptions", "httpTokens"), "optional"
    ),
    "IMDS not said": Mutation("network-imds-v2", MEAL, TEMPLATE, "cluster-general-template", ("metadataOptions",)),
    "IMDS from afar": Mutation(
        "network-imds-v2",
        MEAL,
        TEMPLATE,
        "cluster-general-template",
        ("metadataOptions", "httpPutResponseHopLimit"),
        3,
    ),
    "S3 over the internet": Mutation("network-s3-endpoint", MEAL, ENDPOINT, "net-s3", urn_name="net-vpc"),
    "endpoint without routes": Mutation(
        "network-s3-endpoint", MEAL, ENDPOINT, "net-s3", ("routeTableIds",), urn_name="net-vpc"
    ),
    "region": Mutation(
        "network-regions",
        MEAL,
        "aws:sqs/queue:Queue",
        "update-price-history-queue",
        ("region",),
        "ap-south-1",
        config=HOME,
    ),
    "data where only global parts are": Mutation(
        "network-regions",
        MEAL,
        "aws:sqs/queue:Queue",
        "update-price-history-queue",
        ("region",),
        "us-east-1",
        config=HOME,
    ),
    "region of a copy": Mutation(
        "network-regions",
        MEAL,
        "aws:secretsmanager/secret:Secret",
        "api-session-secret",
        ("replicas",),
        [{"region": "us-west-2"}],
        config=HOME,
    ),
    "region of a backup": Mutation(
        "network-regions",
        MEAL,
        PLAN,
        "safe-plan",
        ("rules", 0, "copyActions"),
        [{"destinationVaultArn": "arn:aws:backup:us-west-2:333333333333:backup-vault:elsewhere"}],
        config=HOME,
    ),
    "seat": Mutation("network-residency", PARETO, DATABASE, "db-de-primary", ("region",), "eu-west-3"),
    "seat of a replica": Mutation("network-residency", PARETO, DATABASE, "db-uk-replica-a", ("region",), "eu-west-3"),
    "seat of a backup": Mutation(
        "network-residency",
        PARETO,
        PLAN,
        "safe-plan",
        ("rules", 0, "copyActions"),
        [{"destinationVaultArn": "arn:aws:backup:eu-central-1:333333333333:backup-vault:elsewhere"}],
        config={"residency": {"db-fr": ["eu-west-3"]}},
    ),
    "TLS of a listener": Mutation(
        "network-tls-version", MEAL, LISTENER, "lb-https", ("sslPolicy",), "ELBSecurityPolicy-2016-08"
    ),
    "TLS of a listener not said": Mutation("network-tls-version", MEAL, LISTENER, "lb-https", ("sslPolicy",)),
    "TLS of an API": Mutation(
        "network-tls-version",
        MEAL,
        "aws:apigatewayv2/domainName:DomainName",
        "gateway-api-domain",
        ("domainNameConfiguration", "securityPolicy"),
        "TLS_1_0",
    ),
    "TLS of a distribution": Mutation(
        "network-tls-version",
        WHOLESALE,
        DISTRIBUTION,
        "cdn-static",
        ("viewerCertificate", "minimumProtocolVersion"),
        "TLSv1.1_2016",
    ),
    "TLS to an origin": Mutation(
        "network-tls-version",
        WHOLESALE,
        DISTRIBUTION,
        "front-app",
        ("origins", 0, "customOriginConfig", "originSslProtocols"),
        ["TLSv1", "TLSv1.2"],
    ),
    "plain HTTP": Mutation(
        "network-https-only",
        MEAL,
        LISTENER,
        "lb-http",
        ("defaultActions", 0),
        {"type": "forward", "targetGroupArn": "x"},
    ),
    "redirect to plain HTTP": Mutation(
        "network-https-only", MEAL, LISTENER, "lb-http", ("defaultActions", 0, "redirect", "protocol")
    ),
    "plain HTTP to viewers": Mutation(
        "network-https-only",
        WHOLESALE,
        DISTRIBUTION,
        "cdn-static",
        ("defaultCacheBehavior", "viewerProtocolPolicy"),
        "allow-all",
    ),
    "plain HTTP to an origin": Mutation(
        "network-https-only",
        WHOLESALE,
        DISTRIBUTION,
        "front-app",
        ("origins", 0, "customOriginConfig", "originProtocolPolicy"),
        "http-only",
    ),
    "invalid headers": Mutation("network-balancer-headers", MEAL, BALANCER, "lb-lb", ("dropInvalidHeaderFields",)),
    "smuggling": Mutation("network-balancer-headers", MEAL, BALANCER, "lb-lb", ("desyncMitigationMode",), "monitor"),
    "access logs": Mutation("network-balancer-logs", MEAL, BALANCER, "lb-lb", ("accessLogs", "enabled"), False),
    "access logs not said": Mutation("network-balancer-logs", MEAL, BALANCER, "lb-lb", ("accessLogs",)),
    "deletion of a balancer": Mutation(
        "network-balancer-protected", MEAL, BALANCER, "lb-lb", ("enableDeletionProtection",), False
    ),
}
