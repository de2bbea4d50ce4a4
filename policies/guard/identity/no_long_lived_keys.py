"""No key that works until somebody takes it back: people come by single sign-on, machines by roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..reading import at
from ..resource import Resource
from ..rule import Rule

KEYS: Final[Mapping[str, str]] = {
    "aws:iam/accessKey:AccessKey": "an access key",
    "aws:iam/userLoginProfile:UserLoginProfile": "a user's password",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": "a user's credential for a service",
    "aws:iam/sshKey:SshKey": "a user's SSH key",
    "aws:iam/signingCertificate:SigningCertificate": "a user's certificate",
    "aws:ec2/keyPair:KeyPair": "an SSH key for hosts",
}
HOSTS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:ec2/instance:Instance": ("keyName",),
    "aws:ec2/launchTemplate:LaunchTemplate": ("keyName",),
    "aws:ec2/launchConfiguration:LaunchConfiguration": ("keyName",),
    "aws:eks/nodeGroup:NodeGroup": ("remoteAccess", "ec2SshKey"),
}
"""By type, where an SSH key is put on a host."""


def check(resource: Resource) -> Iterator[str]:
    """A user without any of these can do nothing, and is left alone."""
    if resource.type in KEYS:
        yield f"type: found {KEYS[resource.type]}; allowed: a role that is taken when needed"
    elif at(resource.props, *HOSTS[resource.type]):
        yield f"{'.'.join(HOSTS[resource.type])}: found an SSH key; allowed: none, but Session Manager"


RULE = Rule(
    name="identity-no-long-lived-keys",
    severity="high",
    description="No IAM user's access key, password or certificate, and no SSH key on a host.",
    remedy="Use a role: IAM Identity Center for people, OIDC for CI, instance profiles and Pod Identity for workloads, "
    "Session Manager for shells.",
    types=(*KEYS, *HOSTS),
    check=check,
)
