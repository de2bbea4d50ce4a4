"""Components in components, with outputs, aliases, transforms, a loop over children and an option for all of them."""

import pulumi
import pulumi_aws as aws


class Queue(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("my:index:Queue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.dead = aws.sqs.Queue(f"{name}-dead", opts=child)
        self.main = aws.sqs.Queue(
            f"{name}-main",
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": self.dead.arn, "maxReceiveCount": 5}),
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(aliases=[pulumi.Alias(name="was")])),
        )
        self.url = self.main.url
        self.register_outputs({"url": self.url, "queue": self.main})


class Platform(pulumi.ComponentResource):
    def __init__(self, name, kinds, opts=None):
        super().__init__("my:index:Platform", name, {"kinds": kinds}, opts)
        self.queues = {kind: Queue(f"{name}-{kind}", pulumi.ResourceOptions(parent=self)) for kind in kinds}
        self.register_outputs({"urls": {kind: queue.url for kind, queue in self.queues.items()}})


def tagged(args):
    if args.type_.startswith("aws:"):
        return pulumi.ResourceTransformResult(props={**args.props, "tags": {"made": "here"}}, opts=args.opts)
    return None


pulumi.runtime.register_resource_transform(tagged)
platform = Platform("meal", ["mail", "orders"], pulumi.ResourceOptions(protect=True))
alarm = aws.cloudwatch.MetricAlarm(
    "late",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=2,
    dimensions={"QueueName": platform.queues["mail"].main.name},
    opts=pulumi.ResourceOptions(depends_on=[platform], ignore_changes=["dimensions"]),
)
pulumi.export("urls", {kind: queue.url for kind, queue in platform.queues.items()})
pulumi.export("component", platform.queues["mail"])
