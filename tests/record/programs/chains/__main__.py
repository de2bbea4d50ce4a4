"""Outputs of typed resources in every form in which programs use them."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_random as random

pet = random.RandomPet("pet", length=2)
bucket = aws.s3.Bucket("data", bucket=pet.id.apply(lambda name: f"data-{name}"), tags={"owner": "team"})
certificate = aws.acm.Certificate("site", domain_name="example.org", validation_method="DNS")
option = certificate.domain_validation_options[0]
record = aws.route53.Record(
    "check",
    zone_id="Z1",
    name=option.resource_record_name,
    type=option["resource_record_type"],
    records=[option.resource_record_value],
    ttl=60,
)
role = aws.iam.Role(
    "role",
    assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": []}),
)
policy = aws.iam.RolePolicy(
    "policy",
    role=role.name,
    policy=pulumi.Output.json_dumps({"Resource": [bucket.arn, bucket.arn.apply(lambda arn: f"{arn}/*")]}),
)
group = aws.ec2.SecurityGroup(
    "group",
    ingress=[aws.ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=port, to_port=port) for port in (80, 443)],
)
both = pulumi.Output.all(bucket=bucket.id, ports=group.ingress.apply(lambda rules: [rule.from_port for rule in rules]))
pulumi.export("both", both)
pulumi.export("text", pulumi.Output.concat("s3://", bucket.bucket, "/", role.name))
pulumi.export("format", pulumi.Output.format("{0}-{1}", pet.id, role.unique_id))
pulumi.export("tags", bucket.tags)
pulumi.export("none", bucket.bucket_prefix)
pulumi.export("whole", record)
pulumi.export("nested", {"list": [bucket.region, {"deep": policy.name}]})
pulumi.export("branch", bucket.id.apply(lambda id_: role.arn if id_ else None))
pulumi.export("upper", role.name.apply(str.upper))
pulumi.export("lifted", certificate.domain_validation_options.apply(lambda options: len(options)))
