"""Who a service's pods are: a role on each cluster, made before anything that lets it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.kubernetes.component import Kubernetes
from components.kubernetes.identity import associate, pod_role
from components.site import Site

READS = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
"""What the secrets driver asks for, to read a secret and to see whether it has changed
(secrets-store-csi-driver-provider-aws, README)."""


@dataclass(frozen=True)
class PodIdentityHost:
    """One cluster that the service is placed on, and the namespace."""

    cluster: Kubernetes
    namespace: str
    registry: str | None = None
    """The private registry of its image."""


@dataclass(frozen=True)
class PodIdentityArgs:
    """`hosts` are by cluster block."""

    service: str
    """The service's own name, which its service account has in every region."""
    site: Site
    hosts: Mapping[str, PodIdentityHost]
    parameters: Sequence[str] = ()
    """Names of the parameters that say where its roles are."""
    secrets: Sequence[pulumi.Input[str]] = ()
    """ARNs of its own secrets."""


class PodIdentity(pulumi.ComponentResource):
    """The rights of a service's pods beside what each role that it uses adds: to read where roles are, its own secrets
    and its registry's login."""

    roles: dict[str, aws.iam.Role]
    """By cluster block."""
    ready: dict[str, list[pulumi.Resource]]
    """What must exist before a pod starts, by cluster block: a pod gets its role when it is made."""

    def __init__(self, name: str, args: PodIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:PodIdentity", name, None, opts)
        self.roles, self.ready = {}, {}
        for host, of in sorted(args.hosts.items()):
            role, policies = pod_role(
                self,
                f"{name}-on-{host}",
                args.site,
                of.cluster.named,
                purpose=f"{name} on {host}",
                statements=_statements(args, of),
            )
            association = associate(
                self,
                f"{name}-on-{host}",
                args.site,
                of.cluster.cluster.name,
                namespace=of.namespace,
                service_account=args.service,
                role=role,
                needs=policies,
            )
            self.roles[host], self.ready[host] = role, [*policies, association]
        self.register_outputs({"roles": {host: role.name for host, role in self.roles.items()}})


def _statements(args: PodIdentityArgs, of: PodIdentityHost) -> list[dict[str, Any]]:
    named = of.cluster.named
    statements: list[dict[str, Any]] = []
    if args.parameters:
        statements.append(
            {
                "Sid": "OwnParameters",
                "Effect": "Allow",
                "Action": "ssm:GetParameters",
                "Resource": [
                    pulumi.Output.format("arn:aws:ssm:{0}:{1}:parameter{2}", named.region, named.account_id, parameter)
                    for parameter in sorted(args.parameters)
                ],
            }
        )
    secrets = [*args.secrets, *([of.cluster.registries[of.registry].arn] if of.registry else [])]
    if secrets:
        statements.append({"Sid": "OwnSecrets", "Effect": "Allow", "Action": READS, "Resource": secrets})
    return statements
