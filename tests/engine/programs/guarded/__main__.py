"""A database, a bucket that is retained, a volume, and a topic that holds nothing; `step` says what becomes of them."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
step = config.require("step")

net = pulumi.ComponentResource("guarded:index:Net", "net")


def inside(**options):
    return pulumi.ResourceOptions(parent=net, **options)


if step != "refused":
    aws.rds.Instance(
        "db",
        identifier="orders",
        engine="postgres",
        instance_class="db.t4g.large" if step == "update" else "db.t4g.medium",
        allocated_storage=20,
        availability_zone="eu-west-1b" if step == "replace" else "eu-west-1a",
        username="app",
        password=config.require_secret("password"),
        skip_final_snapshot=True,
        deletion_protection=step != "open",
        opts=inside(protect=step not in ("unprotect", "replace")),
    )
if step != "retain":
    aws.s3.Bucket("files", bucket="orders-files", opts=inside(retain_on_delete=True))
if step != "delete":
    aws.ebs.Volume("disk", availability_zone="eu-west-1a", size=10, opts=inside())
aws.sns.Topic("told", name="told-again" if step == "rename" else "told", opts=inside())
pulumi.export("phaseup", {"config": "c" * 64, "code": "d" * 64})
