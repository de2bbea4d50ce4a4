"""Pods get a token of the cluster's API only where they are given rights there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at, items, table, text
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from .pods import WITH_PODS, pod
from .workloads import among, namespace, together

ACCOUNT: Final = "kubernetes:core/v1:ServiceAccount"
BINDINGS: Final = (
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
)


def check(workload: Resource, stack: Stack) -> Iterator[str]:
    """The pod's word goes before its account's, and without either it gets one. Roles for AWS need no such token: Pod
    Identity and IRSA bring their own."""
    path, spec = pod(workload)
    if not spec:
        return
    given = spec.get("automountServiceAccountToken")
    account = text(spec.get("serviceAccountName")) or "default"
    if given is None:
        for each in among(
            stack.of(ACCOUNT),
            lambda other: together(other, workload) and at(other.props, "metadata", "name") == account,
        ):
            given = each.props.get("automountServiceAccountToken")
    if given is not False and not among(stack.of(*BINDINGS), lambda each: _binds(each, workload, account)):
        yield (
            f"{path}.automountServiceAccountToken: found {given}; "
            f"allowed: false, as no role is bound to the service account {account}"
        )


def _binds(binding: Resource, workload: Resource, account: str) -> bool:
    if binding.provider != workload.provider:
        return False
    home = namespace(workload)
    for subject in map(table, items(binding.props.get("subjects"))):
        kind, name = subject.get("kind"), subject.get("name")
        if (
            kind == "ServiceAccount"
            and name == account
            and (text(subject.get("namespace")) or namespace(binding)) == home
        ):
            return True
        if kind == "Group" and name in ("system:serviceaccounts", f"system:serviceaccounts:{home}"):
            return True
    return False


RULE = Rule(
    name="kubernetes-account-token",
    severity="medium",
    description="A pod whose service account has no role in the cluster gets no token for its API.",
    remedy="Set `automountServiceAccountToken: false` on the pod or its ServiceAccount, or bind the role that it "
    "needs in the same stack.",
    types=WITH_PODS,
    check=check,
    frameworks=(Framework("CIS Kubernetes", "1.10", "5.1.6"),),
    needs_stack=True,
)
