"""How a workload is reached, what it may reach, and where its secrets come from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from components.kubernetes.namespaces import Manifest, network_policy
from components.kubernetes.workload import Workload

METADATA = "169.254.169.254/32"
POD_IDENTITY = "169.254.170.23/32"
"""Where the Pod Identity agent answers, on port 80 (EKS user guide, "Set up the Amazon EKS Pod Identity Agent")."""


def service(of: Workload) -> Manifest:
    """Its name inside the cluster, which target groups are bound to."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": of.metadata(),
        "spec": {
            "type": "ClusterIP",
            "selector": of.selector,
            "ports": [{"name": "main", "port": of.service.port, "targetPort": "main", "protocol": "TCP"}],
        },
    }


def target_group_binding(of: Workload, *, target_group_arn: str, balancer_group_id: str) -> Manifest:
    """Fills a target group of a balancer that the program owns with the pods' addresses, and lets its security group in
    on their port."""
    return {
        "apiVersion": "elbv2.k8s.aws/v1beta1",
        "kind": "TargetGroupBinding",
        "metadata": of.metadata(),
        "spec": {
            "targetGroupARN": target_group_arn,
            "targetType": "ip",
            "ipAddressType": "ipv4",
            "serviceRef": {"name": of.name, "port": of.service.port},
            "networking": {
                "ingress": [
                    {
                        "from": [{"securityGroup": {"groupID": balancer_group_id}}],
                        "ports": [{"protocol": "TCP", "port": of.service.port}],
                    }
                ]
            },
        },
    }


def traffic(of: Workload, *, balancers: Sequence[str], data: Sequence[str], data_ports: Sequence[int]) -> Manifest:
    """In: from the balancers' subnets to its port. Out: HTTPS to the world, `data_ports` to the data subnets, and roles
    from the Pod Identity agent; the node's metadata service is for nobody. The namespace allows DNS."""
    egress: list[Manifest] = [
        {
            "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [METADATA]}}],
            "ports": [{"protocol": "TCP", "port": 443}],
        },
        {"to": [{"ipBlock": {"cidr": POD_IDENTITY}}], "ports": [{"protocol": "TCP", "port": 80}]},
    ]
    if data_ports:
        egress.append(
            {
                "to": [{"ipBlock": {"cidr": cidr}} for cidr in data],
                "ports": [{"protocol": "TCP", "port": port} for port in sorted(data_ports)],
            }
        )
    spec: Manifest = {"podSelector": {"matchLabels": of.selector}, "policyTypes": ["Egress"], "egress": egress}
    if of.service.port is not None and balancers:
        spec["policyTypes"] = ["Ingress", "Egress"]
        spec["ingress"] = [
            {
                "from": [{"ipBlock": {"cidr": cidr}} for cidr in balancers],
                "ports": [{"protocol": "TCP", "port": of.service.port}],
            }
        ]
    return network_policy(of.name, of.placed.namespace, spec)


def secret_provider(of: Workload, *, region: str, objects: str) -> Manifest:
    """What the driver mounts, with the pod's own role, and copies into the workload's Secret; `objects` is
    `secret_objects` of the same variables."""
    return {
        "apiVersion": "secrets-store.csi.x-k8s.io/v1",
        "kind": "SecretProviderClass",
        "metadata": of.metadata(of.secret),
        "spec": {
            "provider": "aws",
            "parameters": {"region": region, "usePodIdentity": "true", "objects": objects},
            "secretObjects": [
                {
                    "secretName": of.secret,
                    "type": "Opaque",
                    "data": [{"objectName": name, "key": name} for name in sorted(of.secret_variables)],
                }
            ],
        },
    }


def secret_objects(variables: Mapping[str, tuple[str, str]]) -> str:
    """Variables as the AWS provider reads them: each is a secret's ARN and a key of its JSON, or "" for all its text.

    A secret is listed once, with all of its keys. JSON, which is YAML too.
    """
    whole = [
        {"objectName": arn, "objectType": "secretsmanager", "objectAlias": variable}
        for variable, (arn, key) in sorted(variables.items())
        if not key
    ]
    by_arn: dict[str, list[dict[str, str]]] = {}
    for variable, (arn, key) in sorted(variables.items()):
        if key:
            by_arn.setdefault(arn, []).append({"path": json.dumps(key), "objectAlias": variable})
    # An alias of its own for the secret as a whole, so that it cannot be the name of one of its keys.
    parts = [
        {"objectName": arn, "objectType": "secretsmanager", "objectAlias": f"secret-{number}", "jmesPath": paths}
        for number, (arn, paths) in enumerate(sorted(by_arn.items()))
    ]
    return json.dumps([*whole, *parts], sort_keys=True)
