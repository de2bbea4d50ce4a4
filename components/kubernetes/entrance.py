"""How the program talks to the cluster: a provider whose kubeconfig may change without replacing what it made."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components.site import Site, child_options


def kubeconfig(cluster: aws.eks.Cluster, name: str, region: str) -> pulumi.Output[str]:
    """A kubeconfig that asks the AWS CLI for a token each time: no secret is in it, and none is in the state."""
    authority = cluster.certificate_authority.apply(lambda given: given.data or "")
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [
                {"name": name, "cluster": {"server": cluster.endpoint, "certificate-authority-data": authority}}
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "users": [
                {
                    "name": name,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1",
                            "command": "aws",
                            "args": ["--region", region, "eks", "get-token", "--cluster-name", name],
                            "interactiveMode": "Never",
                        }
                    },
                }
            ],
        },
        sort_keys=True,
    )


def entrance(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    cluster: aws.eks.Cluster,
    cluster_name: str,
    allowed: Sequence[pulumi.Resource],
) -> kubernetes.Provider:
    """The provider of everything inside. Only another endpoint, and so another cluster, replaces what it made; the rest
    of the kubeconfig may change (pulumi-kubernetes 4.34, `clusterIdentifier`). `allowed` lets this program in."""
    return kubernetes.Provider(
        f"{name}-entrance",
        kubeconfig=kubeconfig(cluster, cluster_name, site.region),
        cluster_identifier=cluster.endpoint,
        enable_server_side_apply=True,
        opts=child_options(parent, depends_on=list(allowed)),
    )
