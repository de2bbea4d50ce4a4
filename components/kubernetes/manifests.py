"""Objects and parts of pods that every workload of ours has alike, whatever runs in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Protocol

from components.kubernetes.namespaces import Manifest


class Marked(Protocol):
    """Something whose pods are told apart by labels that never change."""

    @property
    def selector(self) -> dict[str, str]:
        """What marks its pods, for ever."""
        ...

    def metadata(self, name: str | None = None) -> Manifest:
        """Metadata of one of its objects."""
        ...


def account_of(of: Marked, *, token: bool) -> Manifest:
    """Whose name Pod Identity gives a role to; `token` is one for the cluster itself."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": of.metadata(),
        "automountServiceAccountToken": token,
    }


def frozen_config(of: Marked, name: str, data: Mapping[str, str]) -> Manifest:
    """A ConfigMap that never changes under its name."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": of.metadata(name),
        "immutable": True,
        "data": dict(sorted(data.items())),
    }


def named_by(stem: str, text: str) -> str:
    """A name that ends in what is in it: pods that are there keep the one they know until they are rolled."""
    return f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def disruption_budget(of: Marked) -> Manifest:
    """One pod may always be taken away, so that nodes can be exchanged; a pod that is not ready is none to keep."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": of.metadata(),
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": of.selector},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }


def spread(of: Marked) -> list[Manifest]:
    """Over zones and nodes, and never a reason to leave a pod waiting: with one of them there is nothing to spread
    over."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": of.selector},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def locked_pod(user: int | None) -> Manifest:
    """A pod's security context as the restricted profile wants it; `user` where the image names none by number."""
    identity = {"runAsUser": user, "runAsGroup": user} if user else {}
    return {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}, **identity}


def locked_container() -> Manifest:
    """A container's: nothing of its own to write to, no capability, no way to more."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
