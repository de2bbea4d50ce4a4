"""Controllers inside the cluster, each as one Helm release of an exact chart version, with the rights that it needs.

The load-balancer controller binds pods to target groups and nothing more: balancers belong to the program, so it may
make none. One KEDA serves the cluster's external metrics, of which a cluster can have one source only. Fluent Bit
carries lines to CloudWatch, and Reloader restarts pods whose secrets or endpoints have changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components.kubernetes.identity import ClusterName, associate, pod_role
from components.kubernetes.namespaces import MANAGED_BY
from components.kubernetes.rights import may_bind, may_log, may_scale
from components.kubernetes.spec import AUTOSCALERS
from components.kubernetes.workload import LOG_LABEL
from components.site import Site, child_options

SYSTEM: Final = "kube-system"
KEDA: Final = "keda"
OPERATOR: Final = "keda-operator"
"""KEDA's service account, as its chart calls it."""


@dataclass(frozen=True)
class Chart:
    """A chart at one version. A newer one is a change of this table, with the schemas in `tests/data/crds`."""

    name: str
    repository: str
    version: str


BALANCING: Final = Chart("aws-load-balancer-controller", "https://aws.github.io/eks-charts", "3.5.0")
SCALING: Final = Chart("keda", "https://kedacore.github.io/charts", "2.20.2")
NODES: Final = Chart("cluster-autoscaler", "https://kubernetes.github.io/autoscaler", "9.59.0")
SECRETS: Final = Chart(
    "secrets-store-csi-driver-provider-aws", "https://aws.github.io/secrets-store-csi-driver-provider-aws", "3.1.1"
)
LOGS: Final = Chart("aws-for-fluent-bit", "https://aws.github.io/eks-charts", "0.2.1")
RELOADS: Final = Chart("reloader", "https://stakater.github.io/stakater-charts", "2.2.16")
EVERYWHERE: Final = [{"operator": "Exists"}]
"""Tolerations of what runs on every node, tainted ones too."""
SERVICES: Final = ",".join(f"{key}={value}" for key, value in MANAGED_BY.items())
"""The namespaces of services, by their label."""
SPREAD: Final = {"topologyKey": "topology.kubernetes.io/zone", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}


def controllers(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    named: ClusterName,
    cluster: aws.eks.Cluster,
    vpc_id: pulumi.Input[str],
    version: str,
    logs: str,
    entrance: kubernetes.Provider,
    needs: Sequence[pulumi.Resource],
    scaler: Sequence[pulumi.Resource] = (),
) -> dict[str, kubernetes.helm.v3.Release]:
    """All releases by role. `needs` are the nodes and add-ons that they run on; `logs` is the log group of pods that
    belong to no service; `scaler` is what makes KEDA's pods somebody in AWS, where they need be."""
    balancing = _identity(parent, f"{name}-balancing", site, named, cluster, BALANCING.name, may_bind(named))
    nodes = _identity(parent, f"{name}-autoscaler", site, named, cluster, NODES.name, may_scale(named))
    writing = _identity(parent, f"{name}-logging", site, named, cluster, LOGS.name, may_log(logs, named))
    made = {
        "balancing": _release(
            parent, f"{name}-balancing", BALANCING, SYSTEM, _balancing(named, vpc_id), entrance, [*needs, *balancing]
        ),
        "autoscaler": _release(
            parent, f"{name}-autoscaler", NODES, SYSTEM, _autoscaler(named, version), entrance, [*needs, *nodes]
        ),
        "secrets": _release(parent, f"{name}-secrets", SECRETS, SYSTEM, _secrets(named), entrance, needs),
        "logging": _release(parent, f"{name}-logging", LOGS, SYSTEM, _logs(named, logs), entrance, [*needs, *writing]),
    }
    # The balancing controller's webhook answers for every new Service: what brings Services of its own comes after it.
    made["scaling"] = _release(
        parent,
        f"{name}-scaling",
        SCALING,
        KEDA,
        _scaling(named, known=bool(scaler)),
        entrance,
        [*needs, *scaler, made["balancing"]],
    )
    made["reloading"] = _release(
        parent, f"{name}-reloading", RELOADS, SYSTEM, _reloads(), entrance, [*needs, made["balancing"]]
    )
    return made


def scaler_identity(
    parent: pulumi.Resource, name: str, site: Site, named: ClusterName, cluster: aws.eks.Cluster
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """Who KEDA's operator is; rights are added to it by the queues that it asks (KEDA 2.20, "AWS (IRSA) Pod Identity":
    without a role of the workload's, the operator's own)."""
    role, policies = pod_role(parent, f"{name}-scaling", site, named, purpose=OPERATOR)
    found = associate(
        parent,
        f"{name}-scaling",
        site,
        cluster.name,
        namespace=KEDA,
        service_account=OPERATOR,
        role=role,
        needs=policies,
    )
    return role, [found]


def _identity(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    named: ClusterName,
    cluster: aws.eks.Cluster,
    account: str,
    statements: Sequence[Mapping[str, Any]],
) -> list[pulumi.Resource]:
    role, policies = pod_role(parent, name, site, named, purpose=account, statements=statements)
    return [
        associate(
            parent, name, site, cluster.name, namespace=SYSTEM, service_account=account, role=role, needs=policies
        )
    ]


def _release(
    parent: pulumi.Resource,
    name: str,
    chart: Chart,
    namespace: str,
    values: Mapping[str, Any],
    entrance: kubernetes.Provider,
    needs: Sequence[pulumi.Resource],
) -> kubernetes.helm.v3.Release:
    return kubernetes.helm.v3.Release(
        f"{name}-release",
        name=chart.name,
        namespace=namespace,
        create_namespace=namespace != SYSTEM,
        chart=chart.name,
        version=chart.version,
        repository_opts={"repo": chart.repository},
        values=dict(values),
        # A version that does not come up is taken back, and the apply fails.
        atomic=True,
        cleanup_on_fail=True,
        timeout=600,
        max_history=10,
        opts=child_options(parent, provider=entrance, depends_on=list(needs)),
    )


def _balancing(named: ClusterName, vpc_id: pulumi.Input[str]) -> dict[str, Any]:
    return {
        "clusterName": named.name,
        "region": named.region,
        "vpcId": vpc_id,
        "replicaCount": 2,
        "serviceAccount": {"create": True, "name": BALANCING.name},
        "createIngressClassResource": False,
        "ingressClassParams": {"create": False},
        "enableServiceMutatorWebhook": False,
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        "defaultTargetType": "ip",
        # The certificate of its webhook is made when a release is first installed, and not anew with each upgrade.
        "keepTLSSecret": True,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
    }


def _autoscaler(named: ClusterName, version: str) -> dict[str, Any]:
    return {
        "cloudProvider": "aws",
        "awsRegion": named.region,
        "autoDiscovery": {"clusterName": named.name},
        "image": {"tag": AUTOSCALERS[version]},
        "replicaCount": 2,
        "rbac": {"serviceAccount": {"create": True, "name": NODES.name}},
        "fullnameOverride": NODES.name,
        "extraArgs": {
            "expander": "least-waste",
            "balance-similar-node-groups": True,
            "skip-nodes-with-system-pods": False,
            # A larger minimum takes effect without pods that wait for it.
            "enforce-node-group-min-size": True,
        },
        "resources": {"requests": {"cpu": "100m", "memory": "300Mi"}, "limits": {"memory": "600Mi"}},
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65534, "seccompProfile": {"type": "RuntimeDefault"}},
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _scaling(named: ClusterName, *, known: bool) -> dict[str, Any]:
    apart = {"maxUnavailable": 1}
    # A pod gets its role when it is made: the annotation makes those that were there before anew.
    identity = {"podAnnotations": {"keda": {"phaseup/identity": KEDA}}} if known else {}
    return {
        **identity,
        "clusterName": named.name,
        "crds": {"install": True},
        "operator": {"replicaCount": 2},
        "metricsServer": {"replicaCount": 2},
        "webhooks": {"replicaCount": 2},
        "podDisruptionBudget": {"operator": apart, "metricServer": apart, "webhooks": apart},
        "topologySpreadConstraints": {
            part: [{**SPREAD, "labelSelector": {"matchLabels": {"app": app}}}]
            for part, app in (
                ("operator", "keda-operator"),
                ("metricsServer", "keda-operator-metrics-apiserver"),
                ("webhooks", "keda-admission-webhooks"),
            )
        },
        "priorityClassName": "system-cluster-critical",
    }


def _secrets(named: ClusterName) -> dict[str, Any]:
    # A pod's environment takes secrets from a Secret that the driver keeps in step with Secrets Manager.
    return {
        "awsRegion": named.region,
        "priorityClassName": "system-node-critical",
        "tolerations": EVERYWHERE,
        "secrets-store-csi-driver": {
            "install": True,
            "linux": {"tolerations": EVERYWHERE},
            "syncSecret": {"enabled": True},
            "enableSecretRotation": True,
            "rotationPollInterval": "2m",
        },
    }


def _logs(named: ClusterName, group: str) -> dict[str, Any]:
    """A service's lines go, as they are, to the log group that the service has on servers too, so that its metric
    filters read them; all others to `group`. No group is made here (Fluent Bit, "Amazon CloudWatch")."""
    prefix = group.rsplit("/", 1)[0]
    return {
        "filter": {"mergeLog": "Off"},
        "cloudWatchLogs": {
            "region": named.region,
            "logGroupName": group,
            "logGroupTemplate": f"{prefix}/$kubernetes['labels']['{LOG_LABEL}']",
            "logStreamTemplate": "$kubernetes['pod_name'].$kubernetes['container_name']",
            "logKey": "log",
            "autoCreateGroup": False,
        },
        "serviceAccount": {"create": True, "name": LOGS.name},
        "tolerations": EVERYWHERE,
        "priorityClassName": "system-node-critical",
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "250Mi"}},
    }


def _reloads() -> dict[str, Any]:
    """Restarts the pods of a Deployment when a Secret that it names changes: a role that moved, a rotated login. A host
    does the same for its containers."""
    return {
        "reloader": {
            "ignoreConfigMaps": True,
            "reloadStrategy": "annotations",
            "enableHA": True,
            "readOnlyRootFileSystem": True,
            "deployment": {
                "replicas": 2,
                "priorityClassName": "system-cluster-critical",
                "containerSecurityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "resources": {"requests": {"cpu": "20m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
            },
            "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
            "namespaceSelector": SERVICES,
        }
    }
