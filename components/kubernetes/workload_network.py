"""How a workload is reached, and what it may reach."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network

import pulumi

from components.kubernetes.namespaces import Manifest, network_policy
from components.kubernetes.workload import Workload

WORLD = "0.0.0.0/0"
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


def target_group_binding(of: Workload, target_group_arn: pulumi.Input[str]) -> Manifest:
    """Fills a target group of a balancer that the program owns with the pods' addresses. The way in between their
    security groups is the program's, too: without `networking` the controller opens nothing."""
    return {
        "apiVersion": "elbv2.k8s.aws/v1beta1",
        "kind": "TargetGroupBinding",
        "metadata": of.metadata(),
        "spec": {
            "targetGroupARN": target_group_arn,
            "targetType": "ip",
            "ipAddressType": "ipv4",
            "serviceRef": {"name": of.name, "port": of.service.port},
        },
    }


def traffic(of: Workload, *, balancers: Sequence[str], data: Sequence[str], data_ports: Sequence[int]) -> Manifest:
    """In: from the balancers' subnets to its port. Out: HTTPS to the world, `data_ports` to the data subnets, roles
    from the Pod Identity agent, and what it `reaches`; the node's metadata service is for nobody. The namespace allows
    DNS."""
    egress = ways_out()
    if data_ports:
        egress.append(
            {
                "to": [{"ipBlock": {"cidr": cidr}} for cidr in data],
                "ports": [{"protocol": "TCP", "port": port} for port in sorted(data_ports)],
            }
        )
    egress += [
        {"to": [_block(reached.cidr)], "ports": [{"protocol": "TCP", "port": reached.port}]}
        for _, reached in sorted(of.placed.reaches.items())
    ]
    spec: Manifest = {"podSelector": {"matchLabels": of.selector}, "policyTypes": ["Egress"], "egress": egress}
    if of.service.port is not None and balancers:
        spec["policyTypes"] = ["Ingress", "Egress"]
        spec["ingress"] = [
            {
                "from": [{"ipBlock": {"cidr": cidr}} for cidr in balancers],
                "ports": [{"protocol": "TCP", "port": of.service.port}],
            }
        ]
    return network_policy(of.name, of.namespace, spec)


def ways_out() -> list[Manifest]:
    """What every pod of ours may reach: HTTPS anywhere but the node's metadata service, and the Pod Identity agent."""
    return [
        {"to": [_block(WORLD)], "ports": [{"protocol": "TCP", "port": 443}]},
        {"to": [{"ipBlock": {"cidr": POD_IDENTITY}}], "ports": [{"protocol": "TCP", "port": 80}]},
    ]


def _block(cidr: str) -> Manifest:
    inside = IPv4Network(METADATA).subnet_of(IPv4Network(cidr))
    return {"ipBlock": {"cidr": cidr, **({"except": [METADATA]} if inside else {})}}
