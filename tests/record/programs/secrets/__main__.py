"""Secrets from config, made secrets, secret outputs, and what becomes of values made from them."""

import pulumi
import pulumi_aws as aws
import pulumi_random as random

config = pulumi.Config()
password = config.require_secret("password")
made = random.RandomPassword("made", length=20, opts=pulumi.ResourceOptions(additional_secret_outputs=["length"]))
parameter = aws.ssm.Parameter(
    "dsn", type="SecureString", value=pulumi.Output.concat("pg://u:", password, "@", made.result)
)
open_ = aws.ssm.Parameter("open", type="String", value=pulumi.Output.unsecret(password))
aws.ec2.Instance(
    "box",
    ami="ami-1",
    instance_type="t4g.small",
    user_data=password.apply(lambda text: f"#!/bin/sh\necho {len(text)}"),
    tags={"plain": "1", "hidden": pulumi.Output.secret("2")},
    opts=pulumi.ResourceOptions(replacement_trigger=password),
)
pulumi.export("dsn", parameter.value)
pulumi.export("open", open_.value)
pulumi.export("login", config.require_secret_object("login"))
pulumi.export("nested", {"a": [pulumi.Output.secret("x")], "b": "y"})
pulumi.export("is-secret", pulumi.Output.from_input(made.result.is_secret()))
