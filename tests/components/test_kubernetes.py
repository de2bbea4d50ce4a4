"""The kind kubernetes: the cluster as an EKS expert would have it, and what may change about it in place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from k8s_schemas import validate
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.kubernetes import Kubernetes, KubernetesArgs, KubernetesSpec
from components.kubernetes.addons import AFTER_NODES, BEFORE_NODES
from components.kubernetes.spec import ADD_ONS, AUTOSCALERS
from components.site import Site
from phaseup.facts import facts_for
from phaseup.graph.resource import PROVIDER_PREFIX
from phaseup.graph.values import leaves
from phaseup.record.program import load_program
from phaseup.record.run import run
from tests.record.harness import in_child, write_program

BASE: dict[str, Any] = {
    "nodes": {"main": {"instance": "m7g.large", "count": {"min": 3, "max": 10}}},
    "access": {"apply": {"role": "deploy/apply", "level": "cluster-admin"}},
    "namespaces": {"app": {}},
}


def made(site: Site, make_network: Any, **spec: Any) -> Recording:
    def build() -> None:
        Kubernetes("k8s", KubernetesArgs(KubernetesSpec(**{**BASE, **spec}), site, make_network(nat="one")))

    return record(build)


def cluster(site: Site, make_network: Any, **spec: Any) -> Mapping[str, Any]:
    return made(site, make_network, **spec).one("k8s-cluster").inputs


def test_what_can_never_change_is_right_from_the_first_day(site: Site, make_network: Any) -> None:
    inputs = cluster(site, make_network)
    assert inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    assert inputs["bootstrapSelfManagedAddons"] is False
    assert len(inputs["vpcConfig"]["subnetIds"]) == 3
    assert inputs["kubernetesNetworkConfig"] == {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"}
    assert inputs["encryptionConfig"]["resources"] == ["secrets"]
    assert inputs["encryptionConfig"]["provider"]["keyArn"].startswith("arn:aws:kms")
    assert inputs["upgradePolicy"] == {"supportType": "STANDARD"}
    assert inputs["deletionProtection"] is True
    assert inputs["name"] == "meal-prod-k8s"
    assert inputs["version"] == "1.35"


def test_its_role_is_ready_for_auto_mode(site: Site, make_network: Any) -> None:
    recording = made(site, make_network)
    trust = json.loads(recording.one("k8s-cluster-role").inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    attached = {
        each.inputs["policyArn"].rsplit("/", 1)[-1]
        for each in recording.by_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if each.inputs["role"].startswith("k8s-cluster-role")
    }
    assert attached == {
        "AmazonEKSClusterPolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
    }


def test_the_endpoint_is_private_unless_ranges_are_named(site: Site, make_network: Any) -> None:
    closed = cluster(site, make_network)["vpcConfig"]
    assert closed["endpointPrivateAccess"] is True
    assert closed["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in closed
    opened = cluster(site, make_network, public={"b": {"cidr": "203.0.113.0/24"}, "a": {"cidr": "198.51.100.0/24"}})
    assert opened["vpcConfig"]["endpointPublicAccess"] is True
    assert opened["vpcConfig"]["publicAccessCidrs"] == ["198.51.100.0/24", "203.0.113.0/24"]


def test_logs_have_our_retention_before_the_cluster_writes_any(site: Site, make_network: Any) -> None:
    recording = made(site, make_network, log_days=180)
    logs, its = recording.one("k8s-logs"), recording.one("k8s-cluster")
    assert logs.inputs["name"] == "/aws/eks/meal-prod-k8s/cluster"
    assert logs.inputs["retentionInDays"] == 180
    assert logs.inputs["kmsKeyId"]
    assert logs.urn in its.depends_on
    assert set(its.inputs["enabledClusterLogTypes"]) == {
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    }


def test_only_who_is_named_gets_in(site: Site, make_network: Any) -> None:
    access = {**BASE["access"], "team": {"role": "team", "level": "edit", "namespaces": ["app"]}}
    recording = made(site, make_network, access=access)
    given = {
        each.name: each.inputs for each in recording.by_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    }
    assert set(given) == {"k8s-access-apply-policy", "k8s-access-team-policy"}
    assert given["k8s-access-apply-policy"]["principalArn"] == f"arn:aws:iam::{ACCOUNT}:role/deploy/apply"
    assert given["k8s-access-apply-policy"]["accessScope"] == {"type": "cluster"}
    assert given["k8s-access-apply-policy"]["policyArn"].endswith("/AmazonEKSClusterAdminPolicy")
    assert given["k8s-access-team-policy"]["accessScope"] == {"type": "namespace", "namespaces": ["app"]}


def test_nodes_are_made_by_a_template_of_their_own(site: Site, make_network: Any) -> None:
    recording = made(site, make_network)
    template, group = recording.one("k8s-main-template").inputs, recording.one("k8s-main-nodes")
    assert template["instanceType"] == "m7g.large"
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    (disk,) = template["blockDeviceMappings"]
    assert disk["ebs"]["encrypted"] == "true"
    assert disk["ebs"]["volumeType"] == "gp3"
    assert "k8s-volumes-key" in disk["ebs"]["kmsKeyId"]
    for absent in ("imageId", "userData", "networkInterfaces", "keyName"):
        assert absent not in template
    inputs = group.inputs
    for replacing in ("instanceTypes", "diskSize", "remoteAccess", "nodeGroupName"):
        assert replacing not in inputs
    assert inputs["amiType"] == "AL2023_ARM_64_STANDARD"
    assert inputs["scalingConfig"] == {"minSize": 3, "maxSize": 10, "desiredSize": 3}
    assert group.ignore_changes == ("scalingConfig.desiredSize",)
    assert len(inputs["subnetIds"]) == 3
    assert inputs["launchTemplate"]["version"] == "1"
    assert group.protect


def test_spot_nodes_have_a_pool_of_types(site: Site, make_network: Any) -> None:
    spot = {
        "pool": {"c7i.xlarge": {}, "m7i.xlarge": {}},
        "capacity": "spot",
        "architecture": "x86_64",
        "image": "bottlerocket",
        "taints": {"spot": {}},
        "labels": {"work": "scrape"},
        "disk": 80,
    }
    recording = made(site, make_network, nodes={**BASE["nodes"], "spot": spot})
    inputs, template = recording.one("k8s-spot-nodes").inputs, recording.one("k8s-spot-template").inputs
    assert inputs["instanceTypes"] == ["c7i.xlarge", "m7i.xlarge"]
    assert inputs["capacityType"] == "SPOT"
    assert inputs["amiType"] == "BOTTLEROCKET_x86_64"
    assert inputs["taints"] == [{"key": "spot", "value": "true", "effect": "NO_SCHEDULE"}]
    assert inputs["labels"] == {"node-group": "spot", "work": "scrape"}
    assert "instanceType" not in template
    assert {disk["deviceName"]: disk["ebs"]["volumeSize"] for disk in template["blockDeviceMappings"]} == {
        "/dev/xvda": 4,
        "/dev/xvdb": 80,
    }


def test_add_ons_come_in_the_order_that_nodes_need(site: Site, make_network: Any) -> None:
    recording = made(site, make_network, addons={"coredns": {"version": "v1.12.4-eksbuild.1"}})
    nodes = recording.one("k8s-main-nodes")
    addons = {each.inputs["addonName"]: each for each in recording.by_type("aws:eks/addon:Addon")}
    assert set(addons) == {*BEFORE_NODES, *AFTER_NODES} == set(ADD_ONS)
    for name in BEFORE_NODES:
        assert addons[name].urn in nodes.depends_on
    for name in AFTER_NODES:
        assert nodes.urn in addons[name].depends_on
    for each in addons.values():
        assert each.inputs["resolveConflictsOnCreate"] == "OVERWRITE"
        assert each.inputs["resolveConflictsOnUpdate"] == "PRESERVE"
    assert addons["coredns"].inputs["addonVersion"] == "v1.12.4-eksbuild.1"
    assert "addonVersion" not in addons["vpc-cni"].inputs
    assert json.loads(addons["vpc-cni"].inputs["configurationValues"])["enableNetworkPolicy"] == "true"
    (identity,) = addons["vpc-cni"].inputs["podIdentityAssociations"]
    assert identity["serviceAccount"] == "aws-node"


def test_nodes_may_not_do_what_pods_do(site: Site, make_network: Any) -> None:
    recording = made(site, make_network)
    attached = {
        each.inputs["policyArn"].rsplit("/", 1)[-1]
        for each in recording.by_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if each.inputs["role"].startswith("k8s-node-role")
    }
    assert attached == {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    }


@pytest.mark.parametrize("role", ["k8s-cni-role", "k8s-volumes-role", "k8s-balancing-role", "k8s-autoscaler-role"])
def test_roles_of_pods_are_for_this_cluster_alone(role: str, site: Site, make_network: Any) -> None:
    (statement,) = json.loads(made(site, make_network).one(role).inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceArn": f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/meal-prod-k8s"},
    }


def test_controllers_write_only_what_is_theirs(site: Site, make_network: Any) -> None:
    recording = made(site, make_network)
    for name in ("k8s-balancing-policy", "k8s-autoscaler-policy", "k8s-logging-policy"):
        for statement in json.loads(recording.one(name).inputs["policy"])["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            writing = [a for a in actions if not a.split(":")[1].startswith(("Describe", "Get"))]
            assert not writing or statement["Resource"] != "*" or "Condition" in statement, statement["Sid"]
            assert not any("*" in action or "CreateLoadBalancer" in action for action in actions)


def test_controllers_are_pinned_and_let_in_first(site: Site, make_network: Any) -> None:
    recording = made(site, make_network, version="1.36")
    releases = {each.name: each for each in recording.by_type("kubernetes:helm.sh/v3:Release")}
    assert set(releases) == {
        "k8s-balancing-release",
        "k8s-autoscaler-release",
        "k8s-scaling-release",
        "k8s-secrets-release",
        "k8s-logging-release",
        "k8s-reloading-release",
    }
    for each in releases.values():
        assert each.inputs["version"].count(".") == 2
        assert each.inputs["repositoryOpts"]["repo"].startswith("https://")
        assert recording.one("k8s-main-nodes").urn in each.depends_on
    values = releases["k8s-autoscaler-release"].inputs["values"]
    assert values["image"]["tag"] == AUTOSCALERS["1.36"] == "v1.36.1"
    accounts = {
        each.inputs["serviceAccount"]: each
        for each in recording.by_type("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    }
    assert set(accounts) == {"aws-load-balancer-controller", "cluster-autoscaler", "aws-for-fluent-bit"}
    # A pod gets its role when it is made: the association comes first.
    assert accounts["cluster-autoscaler"].urn in releases["k8s-autoscaler-release"].depends_on
    assert values["rbac"]["serviceAccount"]["name"] == "cluster-autoscaler"


def test_lines_go_to_log_groups_that_the_program_has_made(site: Site, make_network: Any) -> None:
    recording = made(site, make_network, log_days=30)
    group, release = recording.one("k8s-pods-logs"), recording.one("k8s-logging-release")
    assert (group.inputs["name"], group.inputs["retentionInDays"]) == ("/meal-prod/k8s", 30)
    assert group.inputs["kmsKeyId"]
    assert group.urn in release.depends_on
    output = release.inputs["values"]["cloudWatchLogs"]
    # A service's pods carry its name, and its log group on servers is `/meal-prod/<service>`.
    assert output["logGroupTemplate"] == "/meal-prod/$kubernetes['labels']['phaseup/service']"
    assert (output["logGroupName"], output["logKey"], output["autoCreateGroup"]) == ("/meal-prod/k8s", "log", False)
    (statement,) = json.loads(recording.one("k8s-logging-policy").inputs["policy"])["Statement"]
    assert statement["Resource"] == f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/meal-prod/*"
    assert "logs:CreateLogGroup" not in statement["Action"]


def test_what_runs_on_every_node_puts_up_with_every_taint(site: Site, make_network: Any) -> None:
    recording = made(site, make_network)
    secrets, logs = (recording.one(f"k8s-{each}-release").inputs["values"] for each in ("secrets", "logging"))
    anything = [{"operator": "Exists"}]
    assert secrets["tolerations"] == secrets["secrets-store-csi-driver"]["linux"]["tolerations"] == anything
    assert logs["tolerations"] == anything


def test_a_private_registry_s_login_is_an_operator_s_and_reaches_every_namespace(site: Site, make_network: Any) -> None:
    recording = made(site, make_network, registries={"ghcr.io": {}}, namespaces={"app": {}, "scrapers": {}})
    login = recording.one("k8s-registry-ghcr.io")
    assert login.protect
    assert "secretString" not in login.inputs
    for namespace in ("app", "scrapers"):
        mounted = recording.one(f"k8s-{namespace}-registry-ghcr.io")
        validate(dict(mounted.inputs), "1.35")
        assert mounted.inputs["metadata"]["namespace"] == namespace
        (said,) = json.loads(mounted.inputs["spec"]["parameters"]["objects"])
        assert said["objectName"].startswith("arn:aws:secretsmanager:::k8s-registry-ghcr.io")
        assert mounted.inputs["spec"]["secretObjects"][0]["type"] == "kubernetes.io/dockerconfigjson"
        # The definition of its kind comes with the driver.
        assert recording.one("k8s-secrets-release").urn in mounted.depends_on


def test_the_entrance_asks_for_a_token_and_is_replaced_with_the_cluster_only(site: Site, make_network: Any) -> None:
    recording = made(site, make_network)
    entrance = recording.one("k8s-entrance")
    config = json.loads(entrance.inputs["kubeconfig"])
    execute = config["users"][0]["user"]["exec"]
    assert execute["command"] == "aws"
    assert execute["args"] == ["--region", "eu-west-1", "eks", "get-token", "--cluster-name", "meal-prod-k8s"]
    assert "token" not in config["users"][0]["user"]
    assert entrance.inputs["clusterIdentifier"] == config["clusters"][0]["cluster"]["server"]
    assert recording.one("k8s-access-apply-policy").urn in entrance.depends_on


def test_everything_inside_is_valid(site: Site, make_network: Any) -> None:
    recording = made(site, make_network)
    inside = [e for e in recording.resources if e.type.startswith("kubernetes:") and "helm.sh" not in e.type]
    assert {each.inputs["kind"] for each in inside} == {
        "LimitRange",
        "Namespace",
        "NetworkPolicy",
        "ResourceQuota",
        "StorageClass",
    }
    for each in inside:
        validate(dict(each.inputs), "1.35")


def test_a_namespace_is_closed(site: Site, make_network: Any) -> None:
    recording = made(site, make_network)
    labels = recording.one("k8s-app-namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert labels["phaseup/system"] == "meal"
    deny = recording.one("k8s-app-deny")
    assert deny.inputs["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert recording.one("k8s-app-namespace").urn in deny.depends_on
    hard = recording.one("k8s-app-quota").inputs["spec"]["hard"]
    assert (hard["requests.cpu"], hard["services.loadbalancers"]) == ("16", "0")


def test_volumes_outlive_their_claims(site: Site, make_network: Any) -> None:
    gp3 = made(site, make_network).one("k8s-storage-gp3").inputs
    assert gp3["reclaimPolicy"] == "Retain"
    assert gp3["parameters"]["encrypted"] == "true"
    assert "k8s-volumes-key" in gp3["parameters"]["kmsKeyId"]
    assert gp3["allowVolumeExpansion"] is True


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"version": "1.29"}, "version: found 1.29"),
        ({"nodes": {"main": {"instance": "m7g.large", "taints": {"a": {}}}}}, "a group without taints"),
        ({"nodes": {"main": {}}}, "either an instance or a pool"),
        ({"nodes": {"main": {"instance": "m7i.large"}}}, "architecture: found arm64"),
        ({"nodes": {"main": {"instance": "m7g.large", "capacity": "spot"}}}, "spot needs a pool"),
        ({"nodes": {"main": {"pool": {"m7g.large": {}}}}}, "two types or more"),
        ({"nodes": {"cluster": {"instance": "m7g.large"}}}, "none of the cluster's own"),
        ({"access": {"team": {"role": "team"}}}, "a cluster-admin"),
        ({"access": {"a": {"role": "r", "level": "cluster-admin", "namespaces": ["app"]}}}, "a cluster-admin"),
        ({"public": {"world": {"cidr": "0.0.0.0/0"}}}, "not for the world"),
        ({"public": {"office": {"cidr": "198.51.100.1/24"}}}, "an IPv4 network"),
        ({"service_cidr": "8.8.0.0/16"}, "a private /12 to /24"),
        ({"service_cidr": "10.0.0.0/8"}, "a private /12 to /24"),
        ({"namespaces": {"kube-system": {}}}, "none of the cluster's own"),
        ({"addons": {"istio": {}}}, "addons.istio"),
        ({"addons": {"coredns": {"version": "latest"}}}, "version"),
    ],
)
def test_what_would_not_work_is_refused(spec: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        KubernetesSpec(**{**BASE, **spec})


def test_service_addresses_are_not_the_network_s(site: Site, make_network: Any) -> None:
    with pytest.raises(ValueError, match=r"overlaps the network's 10\.0\.0\.0/16"):
        made(site, make_network, service_cidr="10.0.128.0/20")


# --- what a change does ----------------------------------------------------------------------------------------------

PROGRAM = """
import json, pulumi
from components.kubernetes import Kubernetes, KubernetesArgs, KubernetesSpec
from components.network import Network, NetworkArgs, NetworkSpec
from components.site import Site

site = Site("meal-prod", "eu-west-1", {"system": "meal"}, protect_data=True, protect_anchors=True)
network = Network("net", NetworkArgs(NetworkSpec(nat="one"), site, "10.0.0.0/16"))
spec = KubernetesSpec(**json.loads(pulumi.Config().require("spec")))
Kubernetes("k8s", KubernetesArgs(spec, site, network))
"""


def outcome(folder: Path, spec: Mapping[str, Any], **how: Any) -> Any:
    """The program run on a spec against the simulated clouds."""
    write_program(folder, PROGRAM, head=False)
    program = load_program(folder, "dev", settings={"demo:spec": json.dumps(spec)})
    return in_child(lambda: run(program, **how)).outcome


def planned(folder: Path, **change: Any) -> dict[str, str]:
    """What a change of the spec does to an existing cluster: op by logical name, without `same`."""
    before = outcome(folder, BASE)
    after = outcome(folder, {**BASE, **change}, old=before.snapshot, preview=True)
    assert not [each for each in after.diagnostics if each.severity == "error"]
    return {step.urn.rsplit("::", 1)[-1]: step.op for step in after.steps if step.op != "same"}


def test_every_property_that_is_set_has_a_fact(tmp_path: Path) -> None:
    nodes = {
        **BASE["nodes"],
        "spot": {"pool": {"c7g.large": {}, "m7g.large": {}}, "capacity": "spot", "taints": {"a": {}}},
    }
    states = [
        state
        for state in outcome(tmp_path, {**BASE, "nodes": nodes, "public": {"a": {"cidr": "198.51.100.0/24"}}}).snapshot
        if state.custom and not state.type.startswith(PROVIDER_PREFIX)
    ]
    assert len([state for state in states if state.type.startswith("aws:eks/")]) > 10
    without: set[tuple[str, str]] = set()
    for state in states:
        facts = facts_for(state.type)
        for path, _ in leaves({key: value for key, value in state.inputs.items() if not key.startswith("__")}):
            fact = facts.property(path) if facts is not None else None
            if fact is None or fact.effect == "unknown":
                without.add((state.type, path))
    assert without == set()


def test_a_preview_before_the_cluster_exists_knows_every_resource(tmp_path: Path) -> None:
    made = outcome(tmp_path, BASE, preview=True)
    assert not [each for each in made.diagnostics if each.severity == "error"]
    assert {step.op for step in made.steps} == {"create"}
    assert len(made.steps) == len(outcome(tmp_path, BASE).steps)


def test_the_same_spec_changes_nothing(tmp_path: Path) -> None:
    assert planned(tmp_path) == {}


def test_another_instance_type_is_a_new_template_version(tmp_path: Path) -> None:
    nodes = {"main": {**BASE["nodes"]["main"], "instance": "m7g.xlarge", "disk": 100}}
    assert planned(tmp_path, nodes=nodes) == {"k8s-main-template": "update", "k8s-main-nodes": "update"}


def test_more_nodes_and_another_group(tmp_path: Path) -> None:
    nodes = {
        "main": {"instance": "m7g.large", "count": {"min": 5, "max": 20}},
        "spot": {"pool": {"c7g.large": {}, "m7g.large": {}}, "capacity": "spot", "taints": {"spot": {}}},
    }
    assert planned(tmp_path, nodes=nodes) == {
        "k8s-main-nodes": "update",
        "k8s-spot-template": "create",
        "k8s-spot-nodes": "create",
    }


def test_another_minor_replaces_nothing(tmp_path: Path) -> None:
    changed = planned(tmp_path, version="1.36", log_days=365, public={"office": {"cidr": "198.51.100.0/24"}})
    assert changed == {
        "k8s-logs": "update",
        "k8s-pods-logs": "update",
        "k8s-cluster": "update",
        "k8s-main-nodes": "update",
        "k8s-autoscaler-release": "update",
        "k8s-app-namespace": "update",
    }


def test_a_region_may_have_some_of_the_node_groups() -> None:
    groups = {"general": {"instance": "m7g.large"}, "batch": {"instance": "m7g.large", "taints": {"batch": {}}}}
    given = {
        "nodes": groups,
        "access": {"deploy": {"role": "deploy", "level": "cluster-admin"}},
        "namespaces": {"a": {}},
    }
    spec = KubernetesSpec(**given, regions={"eu-central-1": {"nodes": {"general": {}}}, "eu-west-2": {}})
    assert set(spec.there("eu-central-1").nodes) == {"general"}
    assert set(spec.there("eu-west-2").nodes) == {"general", "batch"}
    assert set(spec.there("eu-west-1").nodes) == {"general", "batch"}


@pytest.mark.parametrize(("nodes", "message"), [({"gone": {}}, "regions.eu-central-1.nodes.gone: found gone"),
                                                ({"batch": {}}, "a group without taints among them")])  # fmt: skip
def test_a_region_s_node_groups_are_the_cluster_s_and_carry_its_own_pods(nodes: dict, message: str) -> None:
    groups = {"general": {"instance": "m7g.large"}, "batch": {"instance": "m7g.large", "taints": {"batch": {}}}}
    given = {
        "nodes": groups,
        "access": {"deploy": {"role": "deploy", "level": "cluster-admin"}},
        "namespaces": {"a": {}},
    }
    with pytest.raises(ValidationError, match=message):
        KubernetesSpec(**given, regions={"eu-central-1": {"nodes": nodes}})
