"""One thing broken in a recorded phase, for each rule on Kubernetes."""

from __future__ import annotations

from typing import Any, Final

from tests.policies.mutation import GONE, Mutation

DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
CRON_JOB: Final = "kubernetes:batch/v1:CronJob"
HPA: Final = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SCALED_OBJECT: Final = "kubernetes:keda.sh/v1alpha1:ScaledObject"
CLUSTER: Final = "aws:eks/cluster:Cluster"
NODES: Final = "aws:eks/nodeGroup:NodeGroup"

POD: Final = ("spec", "template", "spec")
FIRST: Final = (*POD, "containers", 0)
JOB: Final = ("spec", "jobTemplate", "spec", "template", "spec")


def _api(rule: str, *path: str | int, value: Any = GONE, **more: Any) -> Mutation:
    return Mutation(
        f"kubernetes-{rule}", "meal/enterprise/prod", DEPLOYMENT, "api-on-cluster-deployment", path, value, **more
    )


def _archiver(rule: str, *path: str | int, value: Any = GONE) -> Mutation:
    return Mutation(f"kubernetes-{rule}", "meal/enterprise/prod", CRON_JOB, "archiver-on-cluster-job", path, value)


def _cluster(rule: str, *path: str | int, value: Any = GONE) -> Mutation:
    return Mutation(f"kubernetes-{rule}", "meal/enterprise/prod", CLUSTER, "cluster-cluster", path, value)


MUTATIONS: Final[dict[str, Mutation]] = {
    "request of CPU": _api("requests", *FIRST, "resources", "requests", "cpu"),
    "request of CPU is 0": _api("requests", *FIRST, "resources", "requests", "cpu", value="0"),
    "request of a job": _archiver("requests", *JOB, "containers", 0, "resources", "requests", "cpu"),
    "memory limit": _api("memory-limit", *FIRST, "resources", "limits", "memory"),
    "memory limit of a job": _archiver("memory-limit", *JOB, "containers", 0, "resources", "limits", "memory"),
    "readiness": _api("readiness", *FIRST, "readinessProbe"),
    "liveness": _api("liveness", *FIRST, "livenessProbe"),
    "liveness in a hurry": _api("liveness-patience", *FIRST, "livenessProbe", "failureThreshold", value=1),
    "may be root": _api("non-root", *POD, "securityContext", "runAsNonRoot"),
    "container may be root": _api("non-root", *FIRST, "securityContext", "runAsNonRoot", value=False),
    "user 0": _api("non-root", *POD, "securityContext", "runAsUser", value=0),
    "writable root": _api("read-only-root", *FIRST, "securityContext", "readOnlyRootFilesystem"),
    "writable root of a job": _archiver(
        "read-only-root", *JOB, "containers", 0, "securityContext", "readOnlyRootFilesystem", value=False
    ),
    "capabilities kept": _api("capabilities", *FIRST, "securityContext", "capabilities", "drop", value=["NET_RAW"]),
    "capability added": _api("capabilities", *FIRST, "securityContext", "capabilities", "add", value=["SYS_ADMIN"]),
    "escalation": _api("privilege-escalation", *FIRST, "securityContext", "allowPrivilegeEscalation"),
    "privileged": _api("privileged", *FIRST, "securityContext", "privileged", value=True),
    "network of the node": _api("host-namespaces", *POD, "hostNetwork", value=True),
    "processes of the node": _archiver("host-namespaces", *JOB, "hostPID", value=True),
    "port of the node": _api("host-ports", *FIRST, "ports", 0, "hostPort", value=8080),
    "directory of the node": _api("host-path", *POD, "volumes", 0, value={"name": "tmp", "hostPath": {"path": "/"}}),
    "seccomp": _api("seccomp", *POD, "securityContext", "seccompProfile"),
    "unconfined": _api("seccomp", *FIRST, "securityContext", "seccompProfile", value={"type": "Unconfined"}),
    "image by tag": _api("image-digest", *FIRST, "image", value="ghcr.io/mealplanner/api:1.4.2"),
    "image of a job": _archiver("image-digest", *JOB, "containers", 0, "image", value="ghcr.io/mealplanner/api"),
    "token": _api("account-token", *POD, "automountServiceAccountToken", value=True),
    "token without its role": Mutation(
        "kubernetes-account-token",
        "meal/scale/prod",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        "watch-on-cluster-cluster-watcher-sight-given",
        urn_name="watch-on-cluster-cluster-watcher-deployment",
    ),
    "no budget": Mutation(
        "kubernetes-disruption-budget",
        "meal/enterprise/prod",
        "kubernetes:policy/v1:PodDisruptionBudget",
        "api-on-cluster-disruptions",
        urn_name="api-on-cluster-deployment",
    ),
    "budget of others": Mutation(
        "kubernetes-disruption-budget",
        "listing/scale/staging",
        "kubernetes:policy/v1:PodDisruptionBudget",
        "worker-on-cluster-disruptions",
        ("spec", "selector", "matchLabels", "app.kubernetes.io/name"),
        "nobody",
        urn_name="worker-on-cluster-deployment",
    ),
    "budget of nothing": Mutation(
        "kubernetes-disruption-possible",
        "meal/enterprise/prod",
        "kubernetes:policy/v1:PodDisruptionBudget",
        "api-on-cluster-disruptions",
        ("spec", "maxUnavailable"),
        0,
    ),
    "one pod": Mutation(
        "kubernetes-two-replicas",
        "meal/enterprise/prod",
        HPA,
        "api-on-cluster-scaler",
        ("spec", "minReplicas"),
        1,
    ),
    "one pod by default": Mutation(
        "kubernetes-two-replicas",
        "meal/enterprise/prod",
        HPA,
        "api-on-cluster-scaler",
        ("spec", "minReplicas"),
    ),
    "one collector": Mutation(
        "kubernetes-two-replicas",
        "meal/enterprise/prod",
        DEPLOYMENT,
        "watch-on-cluster-collector-deployment",
        ("spec", "replicas"),
        1,
    ),
    "no room": Mutation(
        "kubernetes-scaling-range",
        "meal/enterprise/prod",
        HPA,
        "api-on-cluster-scaler",
        ("spec", "maxReplicas"),
        10,
    ),
    "no room for workers": Mutation(
        "kubernetes-scaling-range",
        "listing/scale/prod",
        SCALED_OBJECT,
        "worker-on-cluster-scaler",
        ("spec", "minReplicaCount"),
        5,
    ),
    "two autoscalers": Mutation(
        "kubernetes-one-autoscaler",
        "listing/enterprise/prod",
        SCALED_OBJECT,
        "worker-on-cluster-scaler",
        ("spec", "scaleTargetRef", "name"),
        "web",
        urn_name="web-on-cluster-scaler",
    ),
    "count stated": _api("replicas-left", "spec", "replicas", value=3),
    "no spread": _api("zone-spread", *POD, "topologySpreadConstraints"),
    "spread over nodes alone": _api(
        "zone-spread", *POD, "topologySpreadConstraints", 0, "topologyKey", value="kubernetes.io/hostname"
    ),
    "spread of others": _api("zone-spread", *POD, "topologySpreadConstraints", 0, "labelSelector"),
    "no default deny": Mutation(
        "kubernetes-default-deny",
        "meal/enterprise/prod",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "cluster-meal-deny",
        urn_name="cluster-meal-namespace",
    ),
    "out is open": Mutation(
        "kubernetes-default-deny",
        "pareto/kubernetes/prod",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "cluster-telemetry-deny",
        ("spec", "policyTypes"),
        ["Ingress"],
        urn_name="cluster-telemetry-namespace",
    ),
    "no quota": Mutation(
        "kubernetes-namespace-quota",
        "meal/enterprise/prod",
        "kubernetes:core/v1:ResourceQuota",
        "cluster-meal-quota",
        urn_name="cluster-meal-namespace",
    ),
    "quota of pods": Mutation(
        "kubernetes-namespace-quota",
        "meal/enterprise/prod",
        "kubernetes:core/v1:ResourceQuota",
        "cluster-meal-quota",
        ("spec", "hard"),
        {"pods": "100"},
        urn_name="cluster-meal-namespace",
    ),
    "version": _cluster("supported-version", "version", value="1.32"),
    "version before the table": _cluster("supported-version", "version", value="1.9"),
    "version of nodes": Mutation(
        "kubernetes-supported-version",
        "meal/enterprise/prod",
        NODES,
        "cluster-general-nodes",
        ("version",),
        "1.33",
    ),
    "extended support": _cluster("standard-support", "upgradePolicy"),
    "Amazon Linux 2": Mutation(
        "kubernetes-node-image",
        "meal/enterprise/prod",
        NODES,
        "cluster-general-nodes",
        ("amiType",),
        "AL2_ARM_64",
    ),
    "secrets": _cluster("secrets-encrypted", "encryptionConfig"),
    "audit log": _cluster("control-plane-logs", "enabledClusterLogTypes", value=["api", "scheduler"]),
    "open endpoint": _cluster("closed-endpoint", "vpcConfig", "endpointPublicAccess"),
    "endpoint for half the world": _cluster(
        "closed-endpoint",
        "vpcConfig",
        value={"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/1", "128.0.0.0/1"]},
    ),
    "deletion": _cluster("cluster-protected", "deletionProtection", value=False),
    "config map": _cluster("access-entries", "accessConfig", "authenticationMode", value="API_AND_CONFIG_MAP"),
}
