"""Ways to give away rights and secrets."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.policies.mutation import Mutation

MEAL = "meal/enterprise/prod"
LISTING = "listing/mvp/prod"
WHOLESALE = "wholesale/enterprise/prod"

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
CONTAINER = ("spec", "template", "spec", "containers", 0)
GITHUB = "token.actions.githubusercontent.com"


def document(**statement: Any) -> str:
    """A policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def rights(rule: str, **statement: Any) -> Mutation:
    """Of a pod's role."""
    return Mutation(rule, MEAL, POLICY, "api-on-cluster-policy", ("policy",), document(**statement))


def trust(rule: str, **statement: Any) -> Mutation:
    """In a role."""
    return Mutation(rule, MEAL, ROLE, "net-flow-role", ("assumeRolePolicy",), document(**statement))


def environment(name: str, value: str) -> Mutation:
    """Of a container."""
    return Mutation(
        "identity-no-plain-secrets",
        MEAL,
        "kubernetes:apps/v1:Deployment",
        "scheduler-on-cluster-deployment",
        (*CONTAINER, "env"),
        [{"name": "MODE", "value": "fast"}, {"name": name, "value": value}],
    )


MUTATIONS = {
    "everything": rights("identity-no-full-rights", Action="*", Resource="*"),
    "a service": rights("identity-no-full-rights", Action=["sqs:ReceiveMessage", "S3:*"], Resource=["*"]),
    "all of a service's": rights("identity-no-full-rights", Action="s3:*", Resource="arn:aws:s3:::*"),
    "all but one": rights("identity-no-full-rights", NotAction="iam:*", Resource="*"),
    "inline": Mutation(
        "identity-no-full-rights",
        MEAL,
        ROLE,
        "api-on-cluster-role",
        ("inlinePolicies",),
        [{"name": "all", "policy": document(Action="*", Resource="*")}],
    ),
    "administrator": Mutation(
        "identity-no-full-rights",
        MEAL,
        ATTACHMENT,
        "cluster-cni-policy",
        ("policyArn",),
        "arn:aws:iam::aws:policy/AdministratorAccess",
    ),
    "key for everybody": Mutation(
        "identity-no-public-principal",
        MEAL,
        "aws:kms/key:Key",
        "db-key",
        ("policy",),
        document(Principal="*", Action="kms:*", Resource="*"),
    ),
    "key for everybody by a service": Mutation(
        "identity-no-public-principal",
        MEAL,
        "aws:kms/key:Key",
        "db-key",
        ("policy",),
        document(
            Principal={"AWS": "*"},
            Action="kms:Decrypt",
            Resource="*",
            Condition={"StringEquals": {"kms:ViaService": "rds.eu-west-1.amazonaws.com"}},
        ),
    ),
    "images for everybody": Mutation(
        "identity-no-public-principal",
        WHOLESALE,
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "registry-jobs-pullers",
        ("policy",),
        document(
            Principal={"AWS": ["*"]},
            Action="ecr:BatchGetImage",
            Condition={"StringEqualsIfExists": {"aws:SourceAccount": "444444444401"}},
        ),
    ),
    "trust in everybody": trust("identity-no-public-principal", Principal={"AWS": "*"}, Action="sts:AssumeRole"),
    "SSH to a host": Mutation("identity-no-long-lived-keys", LISTING, TEMPLATE, "app-template", ("keyName",), "laptop"),
    "SSH to nodes": Mutation(
        "identity-no-long-lived-keys",
        MEAL,
        "aws:eks/nodeGroup:NodeGroup",
        "cluster-general-nodes",
        ("remoteAccess",),
        {"ec2SshKey": "laptop"},
    ),
    "host without a role": Mutation(
        "identity-hosts-have-roles", LISTING, TEMPLATE, "app-template", ("iamInstanceProfile",)
    ),
    "node's role": Mutation(
        "identity-node-roles-bare",
        MEAL,
        ATTACHMENT,
        "cluster-node-pull",
        ("policyArn",),
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    ),
    "node's role inline": Mutation(
        "identity-node-roles-bare",
        MEAL,
        ROLE,
        "cluster-node-role",
        ("inlinePolicies",),
        [{"name": "more", "policy": document(Action="s3:GetObject", Resource="arn:aws:s3:::a-bucket/*")}],
    ),
    "deputy": trust(
        "identity-trust-confined", Principal={"Service": "vpc-flow-logs.amazonaws.com"}, Action="sts:AssumeRole"
    ),
    "deputy of anybody": trust(
        "identity-trust-confined",
        Principal={"Service": ["vpc-flow-logs.amazonaws.com"]},
        Action="sts:AssumeRole",
        Condition={"ArnLike": {"aws:SourceArn": "*"}},
    ),
    "any token": trust(
        "identity-oidc-subject",
        Principal={"Federated": f"arn:aws:iam::333333333333:oidc-provider/{GITHUB}"},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}},
    ),
    "any repository": trust(
        "identity-oidc-subject",
        Principal={"Federated": f"arn:aws:iam::333333333333:oidc-provider/{GITHUB}"},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={"StringLike": {f"{GITHUB}:sub": "repo:*:ref:refs/heads/main"}},
    ),
    "any role": rights("identity-pass-role", Action=["ecs:RunTask", "iam:PassRole"], Resource="*"),
    "role of any account": rights("identity-pass-role", Action="sts:AssumeRole", Resource="*"),
    "password in a container": environment("DB_PASSWORD", "correct horse"),
    "login in a container": environment("DATABASE_URL", "postgres://app:correct-horse@db.internal/app"),
    "key in a container": environment("NOTE", "AKIA" + "Q" * 16),
    "password in a job": Mutation(
        "identity-no-plain-secrets",
        MEAL,
        "kubernetes:batch/v1:CronJob",
        "archiver-on-cluster-job",
        ("spec", "jobTemplate", *CONTAINER, "env"),
        [{"name": "apiKey", "value": "correct-horse"}],
    ),
    "password in a config map": Mutation(
        "identity-no-plain-secrets",
        MEAL,
        "kubernetes:core/v1:ConfigMap",
        "api-on-cluster-config",
        ("data", "app.properties"),
        "mode=fast\ndb.password=correct-horse\n",
    ),
    "password in a function": Mutation(
        "identity-no-plain-secrets",
        MEAL,
        "aws:lambda/function:Function",
        "process-scrape-batch-function",
        ("environment", "variables", "API_TOKEN"),
        "correct-horse",
    ),
    "password in a parameter": Mutation(
        "identity-no-plain-secrets",
        MEAL,
        "aws:ssm/parameter:Parameter",
        "cache-parameter",
        ("insecureValue",),
        json.dumps({"host": "cache", "auth": {"password": "correct-horse"}}),
    ),
    "password in user data": Mutation(
        "identity-no-plain-secrets",
        LISTING,
        TEMPLATE,
        "app-template",
        ("userData",),
        base64.b64encode(b"#!/bin/sh\nexport DB_PASSWORD=correct-horse\nstart\n").decode(),
    ),
    "secret in a worker": Mutation(
        "identity-no-plain-secrets",
        MEAL,
        "cloudflare:index/workersScript:WorkersScript",
        "edge-api-script",
        ("bindings",),
        [{"type": "plain_text", "name": "PASSAGE_SECRET", "text": "correct-horse"}],
    ),
    "deleted at once": Mutation(
        "identity-secret-recovery",
        MEAL,
        "aws:secretsmanager/secret:Secret",
        "api-session-secret",
        ("recoveryWindowInDays",),
        0,
    ),
}
