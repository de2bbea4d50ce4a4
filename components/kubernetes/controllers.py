"""Controllers inside the cluster, each as one Helm release of an exact chart version, with the rights that it needs.

The load-balancer controller binds pods to target groups and nothing more: balancers belong to the program, so it may
make none. One KEDA serves the cluster's external metrics, of which a cluster can have one source only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components.kubernetes.identity import ClusterName, associate, pod_role
from components.kubernetes.spec import AUTOSCALERS
from components.site import Site, child_options

SYSTEM: Final = "kube-system"


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
    entrance: kubernetes.Provider,
    needs: Sequence[pulumi.Resource],
) -> dict[str, kubernetes.helm.v3.Release]:
    """All releases by role. `needs` are the nodes and add-ons that they run on."""
    balancing = _identity(parent, f"{name}-balancing", site, named, cluster, BALANCING.name, _may_bind(named))
    nodes = _identity(parent, f"{name}-autoscaler", site, named, cluster, NODES.name, _may_scale(named))
    made = {
        "balancing": _release(
            parent, f"{name}-balancing", BALANCING, SYSTEM, _balancing(named, vpc_id), entrance, [*needs, *balancing]
        ),
        "autoscaler": _release(
            parent, f"{name}-autoscaler", NODES, SYSTEM, _autoscaler(named, version), entrance, [*needs, *nodes]
        ),
        "secrets": _release(parent, f"{name}-secrets", SECRETS, SYSTEM, _secrets(named), entrance, needs),
    }
    # The balancing controller's webhook answers for every new Service: what brings Services of its own comes after it.
    made["scaling"] = _release(
        parent, f"{name}-scaling", SCALING, "keda", _scaling(named), entrance, [*needs, made["balancing"]]
    )
    return made


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


def _scaling(named: ClusterName) -> dict[str, Any]:
    apart = {"maxUnavailable": 1}
    return {
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
        "secrets-store-csi-driver": {
            "install": True,
            "syncSecret": {"enabled": True},
            "enableSecretRotation": True,
            "rotationPollInterval": "2m",
        },
    }


def _may_bind(named: ClusterName) -> list[dict[str, Any]]:
    """To find and fill target groups, and to open the cluster's security group to a balancer's; no more of what the
    controller's own policy lists (docs/install/iam_policy.json, v3.5.0)."""
    return [
        {
            "Sid": "Find",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeInstances",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "elasticloadbalancing:DescribeTargetGroupAttributes",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            "Resource": "*",
        },
        {
            "Sid": "Fill",
            "Effect": "Allow",
            "Action": ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            "Resource": pulumi.Output.format(
                "arn:aws:elasticloadbalancing:{0}:{1}:targetgroup/*/*", named.region, named.account_id
            ),
        },
        {
            "Sid": "Open",
            "Effect": "Allow",
            "Action": ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"],
            "Resource": pulumi.Output.format("arn:aws:ec2:{0}:{1}:security-group/*", named.region, named.account_id),
            "Condition": {"StringEquals": {f"aws:ResourceTag/kubernetes.io/cluster/{named.name}": "owned"}},
        },
    ]


def _may_scale(named: ClusterName) -> list[dict[str, Any]]:
    """To see every group, and to size those of this cluster (cluster-autoscaler, cloudprovider/aws/README.md)."""
    return [
        {
            "Sid": "See",
            "Effect": "Allow",
            "Action": [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "autoscaling:DescribeTags",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ],
            "Resource": "*",
        },
        {
            "Sid": "SeeEmptyGroups",
            "Effect": "Allow",
            "Action": "eks:DescribeNodegroup",
            "Resource": pulumi.Output.format(
                "arn:aws:eks:{0}:{1}:nodegroup/{2}/*", named.region, named.account_id, named.name
            ),
        },
        {
            "Sid": "Size",
            "Effect": "Allow",
            "Action": ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            "Resource": "*",
            "Condition": {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{named.name}": "owned"}},
        },
    ]
