"""The same step for both: security groups whose tags change with the config value `round`."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
for number in range(config.require_int("groups")):
    net = aws.ec2.Vpc(f"net-{number}", cidr_block=f"10.{number // 250}.{number % 250}.0/24", region="eu-west-1")
    group = aws.ec2.SecurityGroup(
        f"sg-{number}", vpc_id=net.id, region="eu-west-1", tags={"round": config.require("round")}
    )
    for port in range(8000, 8008):
        aws.ec2.SecurityGroupRule(
            f"rule-{number}-{port}",
            type="ingress",
            protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_blocks=["10.0.0.0/8"],
            security_group_id=group.id,
            region="eu-west-1",
        )
