"""Rules on identities and secrets."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from policies.guard.identity import (
    hosts_have_roles,
    no_full_rights,
    no_long_lived_keys,
    no_plain_secrets,
    no_public_principal,
    node_roles_bare,
    oidc_subject,
    pass_role,
    secret_recovery,
    trust_confined,
)
from policies.guard.identity.secret_shapes import names_secret
from policies.guard.resource import Resource
from policies.guard.rule import Rule
from tests.policies.asking import UNKNOWN, ask, ask_stack, resource

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
KEY = "aws:kms/key:Key"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INSTANCE = "aws:ec2/instance:Instance"
NODES = "aws:eks/nodeGroup:NodeGroup"
SECRET = "aws:secretsmanager/secret:Secret"
MANAGED = "arn:aws:iam::aws:policy/"
GITHUB = "token.actions.githubusercontent.com"
PASSWORD = "correct-horse-battery"
CERTIFICATE = "-----BEGIN RSA " + "PRIVATE KEY-----\nMII\n-----END RSA " + "PRIVATE KEY-----"


def document(**statement: Any) -> str:
    """A policy of one statement."""
    return json.dumps({"Statement": [{"Effect": "Allow", **statement}]})


def of_policy(rule: Rule, **statement: Any) -> list[str]:
    """What a rule says of a policy with one statement."""
    return ask(rule, POLICY, {"policy": document(**statement)})


def trusting(rule: Rule, **statement: Any) -> list[str]:
    """What a rule says of a role's trust."""
    return ask(rule, ROLE, {"assumeRolePolicy": document(Action="sts:AssumeRole", **statement)})


@pytest.mark.parametrize(
    ("statement", "breached"),
    [
        ({"Action": "*", "Resource": "*"}, True),
        ({"Action": "*:*", "Resource": ["*"]}, True),
        ({"Action": ["s3:GetObject", "sqs:*"], "Resource": "*"}, True),
        ({"Action": "S3:*", "Resource": "arn:aws:s3:::*"}, True),
        ({"Action": "dynamodb:**", "Resource": "arn:aws:dynamodb:*:*:*"}, True),
        ({"NotAction": "iam:*", "Resource": "*"}, True),
        ({"Action": "s3:*", "NotResource": "arn:aws:s3:::private/*"}, True),
        ({"Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, True),
        ({"Action": "ec2:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}}}, False),
        ({"Action": "s3:*", "Resource": ["arn:aws:s3:::one", "arn:aws:s3:::one/*"]}, False),
        ({"Action": "s3:Get*", "Resource": "*"}, False),
        ({"Action": ["ec2:DescribeVolumes"], "Resource": "*"}, False),
        ({"NotAction": "s3:DeleteObject", "Resource": "arn:aws:s3:::one/*"}, False),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, False),
    ],
)
def test_nobody_may_do_everything_to_everything(statement: dict[str, Any], breached: bool) -> None:
    assert bool(of_policy(no_full_rights.RULE, **statement)) is breached


def test_full_rights_are_found_wherever_they_are_given() -> None:
    everything = document(Action="*", Resource="*")
    rule = no_full_rights.RULE
    assert ask(rule, ROLE_POLICY, {"policy": json.dumps({"Statement": json.loads(everything)["Statement"][0]})})
    inline = {"inlinePolicies": [{"policy": UNKNOWN}, {"policy": everything}]}
    assert ask(rule, ROLE, inline)[0].startswith("inlinePolicies[1].policy.Statement[0].Action: found *")
    assert ask(rule, ROLE, {"managedPolicyArns": [f"{MANAGED}AdministratorAccess"]})
    for name in ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess"):
        assert ask(rule, ATTACHMENT, {"policyArn": MANAGED + name})
    for arn in (f"{MANAGED}ReadOnlyAccess", "arn:aws:iam::1:policy/AdministratorAccess"):
        assert not ask(rule, ATTACHMENT, {"policyArn": arn})
    assert ask(rule, POLICY, {"policy": UNKNOWN}) == ["unknown: policy"]
    assert not ask(rule, ROLE, {})


@pytest.mark.parametrize(
    ("statement", "breached"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": ["arn:aws:iam::1:root", "*"]}}, True),
        ({"NotPrincipal": {"AWS": "arn:aws:iam::1:root"}}, True),
        ({"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Principal": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}, True),
        ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceAccount": "1"}}}, True),
        ({"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "1"}}}, True),
        ({"Principal": "*", "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o"}}}, True),
        ({"Principal": "*", "Condition": {"StringLike": {"aws:SourceArn": "*"}}}, True),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}}, True),
        ({"Principal": "*", "Condition": {"Null": {"aws:SourceAccount": "true"}}}, True),
        ({"Principal": "*", "Condition": {"StringEquals": {"kms:CallerAccount": "1"}}}, False),
        ({"Principal": "*", "Condition": {"StringEquals": {"AWS:PrincipalOrgId": "o"}}}, False),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
        ({"Principal": {"AWS": "arn:aws:iam::1:root"}}, False),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({"Effect": "Deny", "Principal": "*"}, False),
    ],
)
def test_everybody_is_let_in_nowhere(statement: dict[str, Any], breached: bool) -> None:
    policy = document(Action="kms:*", Resource="*", **statement)
    assert bool(ask(no_public_principal.RULE, KEY, {"policy": policy})) is breached


def test_a_function_is_called_by_named_principals_and_a_domain_within_its_network() -> None:
    rule, permission = no_public_principal.RULE, "aws:lambda/permission:Permission"
    assert ask(rule, permission, {"principal": "*"})
    assert not ask(rule, permission, {"principal": "*", "sourceAccount": "1"})
    assert not ask(rule, permission, {"principal": "events.amazonaws.com"})
    domain = "aws:opensearch/domain:Domain"
    open_to_all = {"accessPolicies": document(Principal={"AWS": "*"}, Action="es:*", Resource="*")}
    assert ask(rule, domain, open_to_all)
    assert not ask(rule, domain, {**open_to_all, "vpcOptions": {"subnetIds": [UNKNOWN]}})
    assert trusting(rule, Principal={"AWS": "*"})
    assert not ask(rule, KEY, {})


def test_nobody_has_keys_that_last() -> None:
    rule = no_long_lived_keys.RULE
    for type_ in (
        "aws:iam/accessKey:AccessKey",
        "aws:iam/userLoginProfile:UserLoginProfile",
        "aws:ec2/keyPair:KeyPair",
    ):
        assert ask(rule, type_)
    for nothing in ({}, {"keyName": None}, {"keyName": ""}):
        assert not ask(rule, TEMPLATE, nothing)
    assert ask(rule, TEMPLATE, {"keyName": "laptop"})
    assert ask(rule, NODES, {"remoteAccess": {"ec2SshKey": "laptop"}})
    assert not ask(rule, NODES, {"remoteAccess": {"sourceSecurityGroupIds": ["sg-1"]}})
    assert ask(rule, INSTANCE, {"keyName": UNKNOWN}) == ["unknown: keyName"]


def test_hosts_have_a_role() -> None:
    rule = hosts_have_roles.RULE
    assert ask_stack(rule, resource(TEMPLATE))
    assert not ask_stack(rule, resource(TEMPLATE, {"iamInstanceProfile": {"name": "host"}}))
    assert not ask_stack(rule, resource(INSTANCE, {"iamInstanceProfile": "host"}))
    assert ask_stack(rule, resource(INSTANCE))
    assert not ask_stack(rule, resource(INSTANCE, {"launchTemplate": {"id": "lt-1"}}))
    given = {"iamInstanceProfile": ("urn:pulumi:a::b::aws:iam/instanceProfile:InstanceProfile::c",)}
    assert not ask_stack(rule, resource(INSTANCE, {"iamInstanceProfile": UNKNOWN}, depends_on=given))
    template = resource(TEMPLATE)
    nodes = resource(NODES, name="nodes", depends_on={"launchTemplate": (template.urn,)})
    assert not ask_stack(rule, template, nodes)


def test_a_nodes_role_has_what_a_node_needs() -> None:
    rule, role = node_roles_bare.RULE, resource(ROLE, name="role")
    nodes = resource(NODES, name="nodes", depends_on={"nodeRoleArn": (role.urn,)})

    def given(type_: str, **props: Any) -> Resource:
        return resource(type_, props, name="given", depends_on={"role": (role.urn,)})

    assert not ask_stack(rule, role, nodes, given(ATTACHMENT, policyArn=f"{MANAGED}AmazonEKSWorkerNodePolicy"))
    assert set(ask_stack(rule, role, nodes, given(ATTACHMENT, policyArn=f"{MANAGED}AmazonS3FullAccess"))) == {"given"}
    assert set(ask_stack(rule, role, nodes, given(ROLE_POLICY, policy=UNKNOWN))) == {"given"}
    assert not ask_stack(rule, role, given(ROLE_POLICY, policy="{}"))
    managed = resource(ROLE, {"managedPolicyArns": [UNKNOWN, f"{MANAGED}AmazonS3FullAccess"]}, name="role")
    assert ask_stack(rule, managed, nodes)["role"][0].startswith("managedPolicyArns[1]: found AmazonS3FullAccess")
    inline = resource(ROLE, {"inlinePolicies": [{"name": "more"}]}, name="role")
    assert set(ask_stack(rule, inline, nodes)) == {"role"}


def test_a_service_says_on_whose_behalf_it_comes() -> None:
    rule, service = trust_confined.RULE, {"Service": ["backup.amazonaws.com"]}
    assert trusting(rule, Principal=service)
    assert trusting(rule, Principal=service, Condition={"StringLike": {"aws:SourceArn": "*"}})
    assert trusting(rule, Principal=service, Condition={"StringEquals": {"aws:PrincipalTag/a": "b"}})
    assert not trusting(rule, Principal=service, Condition={"StringEquals": {"aws:sourceAccount": "1"}})
    assert not trusting(rule, Principal=service, Condition={"ArnLike": {"aws:SourceArn": "arn:aws:backup:*:1:*"}})
    for other in ("ec2.amazonaws.com", "lambda.amazonaws.com"):
        assert not trusting(rule, Principal={"Service": other})
    assert ask(rule, ROLE, {"assumeRolePolicy": UNKNOWN}) == ["unknown: assumeRolePolicy"]


@pytest.mark.parametrize(
    ("condition", "breached"),
    [
        ({}, True),
        ({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, True),
        ({"StringLike": {f"{GITHUB}:sub": "*"}}, True),
        ({"StringLike": {f"{GITHUB}:sub": "repo:*"}}, True),
        ({"StringLike": {f"{GITHUB}:sub": "repo:owner*:ref:refs/heads/main"}}, True),
        ({"StringLike": {f"{GITHUB}:sub": ["repo:owner/one:*", "repo:*/*"]}}, True),
        ({"StringNotEquals": {f"{GITHUB}:sub": "repo:owner/one:ref:refs/heads/main"}}, True),
        ({"StringLike": {"oidc.eks.eu-west-1.amazonaws.com/id/A:sub": "system:serviceaccount:*:*"}}, True),
        ({"StringLike": {f"{GITHUB}:sub": "repo:owner/*"}}, False),
        ({"StringEquals": {f"{GITHUB}:sub": "repo:owner/one:ref:refs/heads/main"}}, False),
        ({"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/A:sub": "system:serviceaccount:app:api"}}, False),
    ],
)
def test_a_token_names_its_subject(condition: dict[str, Any], breached: bool) -> None:
    statement = {
        "Principal": {"Federated": f"arn:aws:iam::1:oidc-provider/{GITHUB}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    found = ask(oidc_subject.RULE, ROLE, {"assumeRolePolicy": document(**statement)})
    assert bool(found) is breached


def test_an_identity_pool_is_an_audience() -> None:
    pool = {"Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}
    audience = {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"}}
    assert ask(oidc_subject.RULE, ROLE, {"assumeRolePolicy": document(**pool)})
    assert not ask(oidc_subject.RULE, ROLE, {"assumeRolePolicy": document(**pool, Condition=audience)})
    assert not trusting(oidc_subject.RULE, Principal={"Federated": "arn:aws:iam::1:saml-provider/office"})


def test_roles_are_handed_on_by_name() -> None:
    rule, to = pass_role.RULE, {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert of_policy(rule, Action=["ecs:RunTask", "iam:PassRole"], Resource="*")
    assert of_policy(rule, Action="sts:AssumeRole", Resource="*", Condition=to)
    assert not of_policy(rule, Action="iam:PassRole", Resource="*", Condition=to)
    assert not of_policy(rule, Action="iam:PassRole", Resource="arn:aws:iam::1:role/task-*")
    assert not of_policy(rule, Effect="Deny", Action="iam:PassRole", Resource="*")


def test_a_secret_can_be_had_back() -> None:
    rule = secret_recovery.RULE
    for days in (None, 7, "30"):
        assert not ask(rule, SECRET, {"recoveryWindowInDays": days})
    assert not ask(rule, SECRET)
    assert ask(rule, SECRET, {"recoveryWindowInDays": 0}) == ["recoveryWindowInDays: found 0; allowed: at least 7"]
    assert ask(rule, SECRET, {"recoveryWindowInDays": 0.0}, stack="meal-staging")
    assert not ask(rule, SECRET, {"recoveryWindowInDays": 0}, stack="meal-dev")


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD",
        "DB_PASSWORD",
        "db.password",
        "dbPassword",
        "API_KEY",
        "apiKey",
        "private-key",
        "GITHUB_TOKEN",
        "CLIENT_SECRET",
        "PASSWORD_2",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD_FILE",
        "SECRET_ARN",
        "SECRET_NAME",
        "TOKEN_ID",
        "KEY_PATH",
        "TOKEN_URL",
        "KEY",
        "CACHE_KEY",
        "PUBLIC_KEY",
        "KEY_HEADER",
        "MAX_TOKENS",
        "SECRETARY",
        "TOKENIZER",
        "PASSWORDLESS",
        "",
    ],
)
def test_names_of_what_only_has_to_do_with_secrets(name: str) -> None:
    assert not names_secret(name)


def container(*env: dict[str, Any]) -> dict[str, Any]:
    """A deployment's properties."""
    return {"spec": {"template": {"spec": {"containers": [{"env": list(env)}]}}}}


@pytest.mark.parametrize(
    ("name", "value", "breached"),
    [
        ("DB_PASSWORD", PASSWORD, True),
        ("DB_PASSWORD", "[secret]", True),
        ("DB_PASSWORD", "123456", True),
        ("NOTE", "AKIA" + "Q" * 16, True),
        ("NOTE", CERTIFICATE, True),
        ("DATABASE_URL", f"postgres://app:{PASSWORD}@db/app", True),
        ("CACHE", f"rediss://:{PASSWORD}@cache:6379", True),
        ("NOTE", "ghp_" + "a1" * 20, True),
        ("DATABASE_URL", "postgres://app@db/app", False),
        ("DATABASE_URL", "postgres://app:$(DB_PASSWORD)@db/app", False),
        ("DATABASE_URL", "https://example.com:8443/a@b", False),
        ("DB_PASSWORD", "", False),
        ("DB_PASSWORD", "$(FROM_STORE)", False),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:1:secret:db", False),
        ("DB_PASSWORD", "/run/secrets/db", False),
        ("CSRF_TOKEN", "true", False),
        ("SESSION_TOKEN", "3600", False),
        ("DB_PASSWORD_FILE", PASSWORD, False),
    ],
)
def test_plain_secrets_in_a_container(name: str, value: str, breached: bool) -> None:
    found = ask(no_plain_secrets.RULE, "kubernetes:apps/v1:Deployment", container({"name": name, "value": value}))
    assert bool(found) is breached
    assert not any(value in message for message in found if value)


def test_a_secret_by_reference_and_an_unknown_beside_a_plain_one() -> None:
    reference = {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
    unknown, plain = {"name": "HOST", "value": UNKNOWN}, {"name": "API_KEY", "value": PASSWORD}
    rule, type_ = no_plain_secrets.RULE, "kubernetes:apps/v1:StatefulSet"
    assert not ask(rule, type_, container(reference))
    assert ask(rule, type_, container(unknown))[0].startswith("unknown: ")
    (message,) = ask(rule, type_, container(reference, unknown, plain))
    assert message.startswith("spec.template.spec.containers[0].env.API_KEY: found a secret by its name")
    job = {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"initContainers": [{"env": [plain]}]}}}}}}
    assert ask(rule, "kubernetes:batch/v1:CronJob", job)


@pytest.mark.parametrize(
    ("type_", "props", "breached"),
    [
        ("aws:lambda/function:Function", {"environment": {"variables": {"A": UNKNOWN, "API_KEY": PASSWORD}}}, True),
        ("aws:lambda/function:Function", {"environment": {"variables": {"API_KEY_PARAMETER": "/app/key"}}}, False),
        ("aws:lambda/function:Function", {}, False),
        ("aws:synthetics/canary:Canary", {"runConfig": {"environmentVariables": {"TOKEN": PASSWORD}}}, True),
        ("aws:ssm/parameter:Parameter", {"name": "/a/db/password", "type": "String", "value": PASSWORD}, True),
        ("aws:ssm/parameter:Parameter", {"name": "/a/db/password", "type": "String", "insecureValue": PASSWORD}, True),
        ("aws:ssm/parameter:Parameter", {"name": "/a/db/password", "type": "SecureString", "value": PASSWORD}, False),
        (
            "aws:ssm/parameter:Parameter",
            {"name": "/a/api", "type": "String", "value": '{"secrets": {"TOKEN_SECRET": ["arn:aws:x", "password"]}}'},
            False,
        ),
        (
            "aws:ssm/parameter:Parameter",
            {"name": "/a", "type": "String", "value": f'{{"password": "{PASSWORD}"}}'},
            True,
        ),
        ("kubernetes:core/v1:ConfigMap", {"data": {"password": PASSWORD}}, True),
        ("kubernetes:core/v1:ConfigMap", {"data": {"a.yaml": f"db:\n  host: db\n  password: {PASSWORD}\n"}}, True),
        ("kubernetes:core/v1:ConfigMap", {"data": {"a.yaml": "db:\n  password: ${env:DB_PASSWORD}\n"}}, False),
        (
            "cloudflare:index/workersScript:WorkersScript",
            {"bindings": [{"type": "plain_text", "name": "API_KEY", "text": PASSWORD}]},
            True,
        ),
        (
            "cloudflare:index/workersScript:WorkersScript",
            {"bindings": [{"type": "secret_text", "name": "API_KEY", "text": PASSWORD}]},
            False,
        ),
        (
            "cloudflare:index/workersScript:WorkersScript",
            {"bindings": [{"type": "plain_text", "name": "COOKIE", "text": "session_token"}]},
            False,
        ),
        (
            "aws:codebuild/project:Project",
            {"environment": {"environmentVariables": [{"name": "NPM_TOKEN", "value": PASSWORD}]}},
            True,
        ),
        (
            "aws:codebuild/project:Project",
            {
                "environment": {
                    "environmentVariables": [{"name": "NPM_TOKEN", "type": "PARAMETER_STORE", "value": "npm"}]
                }
            },
            False,
        ),
        (
            "aws:ecs/taskDefinition:TaskDefinition",
            {"containerDefinitions": json.dumps([{"environment": [{"name": "API_KEY", "value": PASSWORD}]}])},
            True,
        ),
    ],
)
def test_plain_secrets_elsewhere(type_: str, props: dict[str, Any], breached: bool) -> None:
    assert bool(ask(no_plain_secrets.RULE, type_, props)) is breached


def test_user_data_is_read_behind_its_packing() -> None:
    script = f"#!/bin/sh\nexport DB_PASSWORD={PASSWORD}\n".encode()
    rule = no_plain_secrets.RULE
    for packed in (base64.b64encode(script), base64.b64encode(gzip.compress(script)), script):
        (message,) = ask(rule, TEMPLATE, {"userData": packed.decode()})
        assert message.startswith("userData: found a secret by its name (DB_PASSWORD)")
    fetched = b'#!/bin/sh\nDB_PASSWORD="$(aws secretsmanager get-secret-value)"\nTOKEN=$(curl -X PUT http://169.254.169.254)\n'
    assert not ask(rule, TEMPLATE, {"userData": base64.b64encode(fetched).decode()})
    assert ask(rule, INSTANCE, {"userDataBase64": base64.b64encode(CERTIFICATE.encode()).decode(), "userData": UNKNOWN})
    assert not ask(rule, TEMPLATE, {})
