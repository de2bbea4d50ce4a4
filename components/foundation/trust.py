"""Who may take a deploying role: pipelines of one repository, by OIDC, without any key of long life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi

from components.foundation.spec import FoundationSpec

AUDIENCE: Final = "sts.amazonaws.com"


@dataclass(frozen=True)
class Issuer:
    """An issuer of tokens; `host` is its URL without the scheme, as conditions name it."""

    host: str
    client_ids: tuple[str, ...]

    @property
    def url(self) -> str:
        """As the provider is registered."""
        return f"https://{self.host}"


# GitHub: "Configuring OpenID Connect in Amazon Web Services"; GitLab: "Configure OpenID Connect in AWS" (both 2026-10).
ISSUERS: Final = {
    "github": Issuer("token.actions.githubusercontent.com", (AUDIENCE,)),
    "gitlab": Issuer("gitlab.com", ("https://gitlab.com",)),
}


def planners(spec: FoundationSpec) -> list[str]:
    """Subjects that may preview. At GitHub the jobs in the environment `plan`, which somebody agrees to: who may push a
    branch may write its workflow too. A fork's runs get no token at all."""
    if spec.issuer == "github":
        return [f"repo:{spec.repository}:environment:plan"]
    return [f"project_path:{spec.repository}:ref_type:branch:ref:*"]


def appliers(spec: FoundationSpec, environment: str) -> list[str]:
    """Subjects that may apply one environment."""
    if spec.issuer == "github":
        return [f"repo:{spec.repository}:environment:{environment}"]
    branch = next(given.branch for name, given in spec.environments.items() if name == environment)
    return [f"project_path:{spec.repository}:ref_type:branch:ref:{branch}"]


def trust(spec: FoundationSpec, provider_arn: pulumi.Input[str], subjects: list[str]) -> pulumi.Output[str]:
    """The trust policy of a role that `subjects` take; `*` in a subject is the only wildcard."""
    issuer = ISSUERS[spec.issuer]
    audience, subject = {f"{issuer.host}:aud": list(issuer.client_ids)}, {f"{issuer.host}:sub": subjects}
    exact = not any("*" in each for each in subjects)
    condition = (
        {"StringEquals": {**audience, **subject}} if exact else {"StringEquals": audience, "StringLike": subject}
    )
    statement = {
        "Sid": "Pipelines",
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": provider_arn},
        "Condition": condition,
    }
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)
