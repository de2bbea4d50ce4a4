"""One provider per region, resources of each, and resources that name their region themselves."""

import pulumi
import pulumi_aws as aws

topics = {}
for region in ("eu-west-1", "us-east-1", "ap-southeast-2"):
    provider = aws.Provider(region, region=region, default_tags={"tags": {"region": region}})
    options = pulumi.ResourceOptions(provider=provider)
    topics[region] = aws.sns.Topic(f"alarms-{region}", opts=options)
    aws.sns.TopicSubscription(
        f"mail-{region}",
        topic=topics[region].arn,
        protocol="email",
        endpoint="ops@example.org",
        opts=pulumi.ResourceOptions(parent=topics[region]),
    )
aws.sqs.Queue("jobs", region="eu-central-1", message_retention_seconds=86400)
pulumi.export("topics", {region: topic.arn for region, topic in topics.items()})
