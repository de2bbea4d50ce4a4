"""Who lets requests into a REST API: a function of ours, or a pool of users with the programs that sign them in."""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from components.gateway.document import Doorman
from components.gateway.rest_spec import AuthorizerSpec, ClientSpec, CognitoSpec
from components.policy import service_trust
from components.site import Site, child_options

HEADER: Final = "method.request.header.Authorization"
MFA: Final = {"off": "OFF", "optional": "OPTIONAL", "on": "ON"}


def doorman(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    spec: AuthorizerSpec | None,
    *,
    function_arn: pulumi.Input[str] | None,
    domain: str,
) -> Doorman | None:
    """The authorizer, of whichever kind; None where no route asks for one."""
    if spec is None:
        return None
    if spec.cognito is not None:
        return _cognito(parent, name, site, spec.cognito, domain=domain)
    if function_arn is None:
        raise ValueError(f"{name}.authorizer.function: found {spec.function}; allowed: a function's ARN beside it")
    role = _caller(parent, name, site, function_arn)
    return Doorman(
        {
            "type": "request",
            "identitySource": HEADER,
            "authorizerUri": pulumi.Output.format(
                "arn:aws:apigateway:{0}:lambda:path/2015-03-31/functions/{1}/invocations", site.region, function_arn
            ),
            "authorizerCredentials": role.arn,
            "authorizerResultTtlInSeconds": spec.ttl,
        },
        "custom",
    )


def _caller(parent: pulumi.Resource, name: str, site: Site, function_arn: pulumi.Input[str]) -> aws.iam.Role:
    """Who calls the function. Not a permission of the function's: that would need the function before the gateway."""
    role = aws.iam.Role(
        f"{name}-caller",
        description=f"{site.prefix} {name}: asks who may pass",
        assume_role_policy=service_trust("apigateway.amazonaws.com"),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    aws.iam.RolePolicy(
        f"{name}-caller-rights",
        role=role.id,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function_arn}],
            }
        ),
        opts=child_options(parent),
    )
    return role


def _cognito(parent: pulumi.Resource, name: str, site: Site, spec: CognitoSpec, *, domain: str) -> Doorman:
    pool = aws.cognito.UserPool(
        f"{name}-users",
        region=site.region,
        name=f"{site.prefix}-{name}",
        # Both are for ever: users sign in by email, and Ann@ is ann@.
        username_attributes=["email"],
        username_configuration={"case_sensitive": False},
        auto_verified_attributes=["email"],
        mfa_configuration=MFA[spec.mfa],
        software_token_mfa_configuration={"enabled": True} if spec.mfa != "off" else None,
        password_policy={
            "minimum_length": spec.password_length,
            "require_lowercase": True,
            "require_uppercase": True,
            "require_numbers": True,
            "require_symbols": False,
            "temporary_password_validity_days": 7,
        },
        admin_create_user_config={"allow_admin_create_user_only": not spec.sign_up},
        account_recovery_setting={"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
        deletion_protection="ACTIVE" if site.guards_data else "INACTIVE",
        tags=site.tagged(),
        # Armed, it leaves the state with its users: passwords cannot be taken along.
        opts=child_options(parent, protect=site.guards_data, retain_on_delete=site.retiring or None),
    )
    aws.cognito.UserPoolDomain(
        f"{name}-sign-in",
        region=site.region,
        domain=f"{site.prefix}-{name}",
        user_pool_id=pool.id,
        opts=child_options(parent, retain_on_delete=site.retiring or None),
    )
    for client, given in sorted(spec.clients.items()):
        _client(parent, f"{name}-client-{client}", site, given, spec, pool=pool, domain=domain)
    extension = {"type": "cognito_user_pools", "providerARNs": [pool.arn]}
    return Doorman(extension, "cognito_user_pools", spec.scopes)


def _client(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    spec: ClientSpec,
    cognito: CognitoSpec,
    *,
    pool: aws.cognito.UserPool,
    domain: str,
) -> None:
    aws.cognito.UserPoolClient(
        name,
        region=site.region,
        name=f"{site.prefix}-{name}",
        user_pool_id=pool.id,
        # A program in a browser or on a phone keeps no secret: code with PKCE instead.
        generate_secret=False,
        allowed_oauth_flows=["code"],
        allowed_oauth_flows_user_pool_client=True,
        allowed_oauth_scopes=list(cognito.scopes),
        supported_identity_providers=["COGNITO"],
        explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
        callback_urls=[url.replace("@", domain) for url in spec.callbacks],
        logout_urls=[url.replace("@", domain) for url in spec.logouts],
        access_token_validity=spec.access_minutes,
        id_token_validity=spec.access_minutes,
        refresh_token_validity=spec.refresh_days,
        token_validity_units={"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"},
        prevent_user_existence_errors="ENABLED",
        enable_token_revocation=True,
        opts=child_options(parent, retain_on_delete=site.retiring or None),
    )
