"""Where pods learn what a role is now: for each namespace that uses it, what the secrets driver mounts there.

It belongs to the role and not to who uses it: whichever block fills the role can change, and no consumer's object does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.kubernetes.component import Kubernetes
from components.kubernetes.objects import put
from components.kubernetes.workload import role_secret
from components.kubernetes.workload_secrets import provider_class, role_objects
from components.service.endpoint import Endpoint
from components.service.spec import variables


@dataclass(frozen=True)
class Mount:
    """One namespace of one cluster whose pods use the role."""

    host: str
    """The cluster block."""
    cluster: Kubernetes
    namespace: str


@dataclass(frozen=True)
class MountsArgs:
    """`endpoint` says where the role is; its own name may end in a region, `role` does not."""

    role: str
    endpoint: Endpoint
    mounts: Sequence[Mount]


class Mounts(pulumi.ComponentResource):
    """One role, as pods find it."""

    made: dict[tuple[str, str], pulumi.Resource]
    """By cluster block and namespace."""

    def __init__(self, name: str, args: MountsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Mounts", name, None, opts)
        endpoint, start = args.endpoint, variables(args.role)
        where, plain = endpoint.parameter_name, {f"{start}{key}": key for key in endpoint.variables}
        logins = {
            f"{start}{variable}": (login.secret_arn, key)
            for login in endpoint.logins
            for variable, key in login.variables.items()
        }
        arns = pulumi.Output.all(*(arn for arn, _ in logins.values()))
        objects = arns.apply(
            lambda found: role_objects(
                where, plain, {name: (arn, key) for (name, (_, key)), arn in zip(logins.items(), found, strict=True)}
            )
        )
        self.made = {
            (mount.host, mount.namespace): put(
                self,
                f"{name}-on-{mount.host}-in-{mount.namespace}",
                provider_class(
                    role_secret(args.role),
                    mount.namespace,
                    region=mount.cluster.named.region,
                    objects=objects,
                    keys=[*plain, *logins],
                ),
                mount.cluster.entrance,
                [*mount.cluster.ready, endpoint.parameter],
            )
            for mount in args.mounts
        }
        self.register_outputs({"namespaces": [list(key) for key in self.made]})
