"""The collectors as Kubernetes objects: pure functions, so that what they say can be held against the schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from components.kubernetes.manifests import (
    account_of,
    disruption_budget,
    frozen_config,
    locked_container,
    locked_pod,
    named_by,
    spread,
)
from components.kubernetes.namespaces import MANAGED_BY, Manifest, network_policy
from components.kubernetes.workload import cores
from components.kubernetes.workload_network import ways_out
from components.telemetry.pipeline import GRPC_PORT, HEALTH_PORT, HTTP_PORT, KUBELET_PORT, RULES_PORT, Config

GATEWAY: Final = "collector"
WATCHER: Final = "cluster-watcher"
TAKEN: Final = {"otlp-grpc": GRPC_PORT, "otlp-http": HTTP_PORT, "rules": RULES_PORT}
"""Ports that services send to, by name."""
USER: Final = 10001
"""The distribution's own user."""
CONFIG_PATH: Final = "/etc/otelcol"


@dataclass(frozen=True)
class Collector:
    """One of the two: the gateway that services send to, or the watcher of the cluster."""

    role: Literal["collector", "cluster-watcher"]
    namespace: str
    image: str
    """With its digest."""
    config: Config
    replicas: int
    cpu: float
    memory: int
    nodes: Sequence[str] = ()
    """CIDRs of the subnets in which the cluster's nodes stand; the watcher asks each of them."""

    @property
    def gateway(self) -> bool:
        """Whether services send to it."""
        return self.role == GATEWAY

    @property
    def selector(self) -> dict[str, str]:
        """What marks its pods, for ever."""
        return {"app.kubernetes.io/name": self.role}

    @property
    def text(self) -> str:
        """Its configuration: JSON, which is YAML too."""
        return json.dumps(self.config, sort_keys=True, indent=1)

    @property
    def config_name(self) -> str:
        """Ends in what is in it: pods that are there keep the one they know until they are rolled."""
        return named_by(self.role, self.text)

    def metadata(self, name: str | None = None) -> Manifest:
        """Of one of its objects."""
        return {"name": name or self.role, "namespace": self.namespace, "labels": {**MANAGED_BY, **self.selector}}


def address(namespace: str) -> str:
    """Where services of the same cluster send OTLP over HTTP."""
    return f"http://{GATEWAY}.{namespace}.svc.cluster.local:{HTTP_PORT}"


def account(of: Collector) -> Manifest:
    """Only the watcher gets a token for the cluster itself."""
    return account_of(of, token=not of.gateway)


def deployment(of: Collector) -> Manifest:
    """Its pods. Two watchers would count everything twice, so the old one goes before the new one comes."""
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": of.metadata(),
        "spec": {
            "replicas": of.replicas,
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": of.selector},
            "strategy": rolling if of.gateway else {"type": "Recreate"},
            "template": {"metadata": {"labels": {**MANAGED_BY, **of.selector}}, "spec": _pod(of)},
        },
    }


def _pod(of: Collector) -> Manifest:
    ask = {"httpGet": {"path": "/", "port": "health"}, "timeoutSeconds": 5}
    ports = {**(TAKEN if of.gateway else {}), "health": HEALTH_PORT}
    return {
        "serviceAccountName": of.role,
        "automountServiceAccountToken": not of.gateway,
        "enableServiceLinks": False,
        # Longer than a batch waits and is sent.
        "terminationGracePeriodSeconds": 30,
        "securityContext": locked_pod(USER),
        "topologySpreadConstraints": spread(of),
        "containers": [
            {
                "name": of.role,
                "image": of.image,
                "imagePullPolicy": "IfNotPresent",
                "args": [f"--config={CONFIG_PATH}/config.yaml"],
                "env": [
                    {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                    # A memory limit that Go does not know of ends in a kill instead of a collection.
                    {"name": "GOMEMLIMIT", "value": f"{of.memory * 4 // 5}MiB"},
                ],
                "ports": [
                    {"name": name, "containerPort": port, "protocol": "TCP"} for name, port in sorted(ports.items())
                ],
                "resources": {
                    "requests": {"cpu": cores(of.cpu), "memory": f"{of.memory}Mi"},
                    "limits": {"memory": f"{of.memory}Mi"},
                },
                "securityContext": locked_container(),
                "startupProbe": {**ask, "periodSeconds": 5, "failureThreshold": 12},
                "readinessProbe": {**ask, "periodSeconds": 10, "failureThreshold": 3},
                "livenessProbe": {**ask, "periodSeconds": 10, "failureThreshold": 6},
                "volumeMounts": [{"name": "config", "mountPath": CONFIG_PATH, "readOnly": True}],
            }
        ],
        "volumes": [{"name": "config", "configMap": {"name": of.config_name}}],
    }


def service(of: Collector) -> Manifest:
    """The gateway's name inside the cluster."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": of.metadata(),
        "spec": {
            "type": "ClusterIP",
            "selector": of.selector,
            "ports": [
                {"name": name, "port": port, "targetPort": name, "protocol": "TCP"}
                for name, port in sorted(TAKEN.items())
            ],
        },
    }


def traffic(of: Collector, senders: Sequence[str]) -> Manifest:
    """In: from pods of the `senders`' namespaces to the gateway. Out: HTTPS to AWS and to the API server, the Pod
    Identity agent, and from the watcher to the nodes' kubelets. The namespace allows DNS."""
    spec: Manifest = {
        "podSelector": {"matchLabels": of.selector},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": ways_out(),
    }
    if not of.gateway and of.nodes:
        spec["egress"].append(
            {
                "to": [{"ipBlock": {"cidr": cidr}} for cidr in of.nodes],
                "ports": [{"protocol": "TCP", "port": KUBELET_PORT}],
            }
        )
    if of.gateway and senders:
        spec["ingress"] = [
            {
                "from": [
                    {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
                    for namespace in sorted(senders)
                ],
                "ports": _ports(),
            }
        ]
    return network_policy(of.role, of.namespace, spec)


def way_out(of: Collector, namespace: str) -> Manifest:
    """Lets all pods of another namespace, which denies by default, reach the gateway."""
    return network_policy(
        f"allow-{of.role}",
        namespace,
        {
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [
                {
                    "to": [
                        {
                            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": of.namespace}},
                            "podSelector": {"matchLabels": of.selector},
                        }
                    ],
                    "ports": _ports(),
                }
            ],
        },
    )


def _ports() -> list[Manifest]:
    return [{"protocol": "TCP", "port": port} for port in sorted(TAKEN.values())]


def cluster_role(of: Collector) -> Manifest:
    """What the watcher may see: objects' state, and no secret or config (k8sclusterreceiver, README, "RBAC"); of
    kubelets what their nodes use (kubeletstatsreceiver, README, "Role-based access control")."""
    rules: Mapping[str, Sequence[str]] = {
        "": ("events", "namespaces", "nodes", "pods", "replicationcontrollers", "resourcequotas", "services"),
        "apps": ("daemonsets", "deployments", "replicasets", "statefulsets"),
        "batch": ("cronjobs", "jobs"),
        "autoscaling": ("horizontalpodautoscalers",),
    }
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": f"{of.namespace}-{of.role}", "labels": {**MANAGED_BY, **of.selector}},
        "rules": [
            *(
                {"apiGroups": [group], "resources": list(resources), "verbs": ["get", "list", "watch"]}
                for group, resources in rules.items()
            ),
            {"apiGroups": [""], "resources": ["nodes/stats"], "verbs": ["get"]},
        ],
    }


def cluster_role_binding(of: Collector) -> Manifest:
    """Gives it to the watcher."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"{of.namespace}-{of.role}", "labels": {**MANAGED_BY, **of.selector}},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": f"{of.namespace}-{of.role}",
        },
        "subjects": [{"kind": "ServiceAccount", "name": of.role, "namespace": of.namespace}],
    }


def manifests(of: Collector, others: list[str]) -> Iterator[tuple[str, Manifest]]:
    """A collector's objects by role, in the order in which they are made; `others` are the namespaces of services."""
    yield "account", account(of)
    yield "config", frozen_config(of, of.config_name, {"config.yaml": of.text})
    yield "traffic", traffic(of, others)
    if of.gateway:
        yield "service", service(of)
        yield "disruptions", disruption_budget(of)
        for namespace in others:
            yield f"from-{namespace}", way_out(of, namespace)
    else:
        yield "sight", cluster_role(of)
        yield "sight-given", cluster_role_binding(of)
    yield "deployment", deployment(of)
