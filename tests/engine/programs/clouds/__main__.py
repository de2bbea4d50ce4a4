"""A small estate on the real SDKs and the simulated clouds, in two steps: what the fake provider cannot show."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare
import pulumi_random as random
from pulumi import ResourceOptions as Options

step = pulumi.Config().require_int("step")
second = step > 1

# Two regions by explicit providers; one of them states a default tag that comes later.
west = aws.Provider("west", region="eu-west-1")
north = aws.Provider("north", region="eu-north-1", **({"default_tags": {"tags": {"team": "x"}}} if second else {}))
topic = aws.sns.Topic("topic", opts=Options(provider=west))
aws.sns.Topic("northern", display_name="n", opts=Options(provider=north))
# Autonamed until the second step states a name: replaced. Named from the start: its replacement deletes first.
aws.sns.Topic("renamed", **({"name": "by-hand"} if second else {}))
queue = aws.sqs.Queue("queue", name=f"queue-{step}")
aws.sqs.QueuePolicy(
    "policy",
    queue_url=queue.url,
    policy=queue.arn.apply(lambda arn: json.dumps({"Version": "2012-10-17", "Statement": [{"Resource": arn}]})),
)
# Computed when not stated: stating what it is already, and no longer stating it, change nothing.
aws.sqs.Queue("visible", **({"visibility_timeout_seconds": 30} if second else {}))
aws.sqs.Queue("hidden", **({} if second else {"visibility_timeout_seconds": 30}))
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"step": str(step)})
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.1.0/24" if second else "10.0.0.0/24")
aws.ec2.RouteTableAssociation("way", subnet_id=subnet.id, route_table_id=vpc.main_route_table_id)
group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id, description=f"of step {step}")
aws.vpc.SecurityGroupIngressRule(
    "rule", security_group_id=group.id, ip_protocol="tcp", from_port=443, to_port=443, cidr_ipv4="10.0.0.0/8"
)
template = aws.ec2.LaunchTemplate("template", instance_type="t4g.small" if second else "t4g.micro")
aws.autoscaling.Group(
    "servers",
    min_size=1,
    max_size=step,
    desired_capacity=step,
    vpc_zone_identifiers=[subnet.id],
    launch_template={"id": template.id, "version": template.latest_version.apply(str)},
    opts=Options(ignore_changes=["desiredCapacity"]),
)
password = random.RandomPassword("password", length=20 if second else 16)
aws.ssm.Parameter("secret", type="SecureString", value=password.result)
bucket = aws.s3.Bucket("bucket", opts=Options(protect=True))
aws.s3.BucketVersioning("versions", bucket=bucket.bucket, versioning_configuration={"status": "Enabled"})
zone = cloudflare.Zone("zone", account={"id": "0123456789abcdef0123456789abcdef"}, name="example.com")
cloudflare.DnsRecord(
    "www", zone_id=zone.id, name="www", type="CNAME", ttl=1, proxied=True, content=f"origin{step}.example.com"
)
if not second:
    cloudflare.DnsRecord("old", zone_id=zone.id, name="old", type="A", ttl=300, content="192.0.2.1")
pulumi.export("topic", topic.arn)
pulumi.export("password", password.result)
