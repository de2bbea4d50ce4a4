"""Rules on Kubernetes: what each lets pass, what it stops, and where an absent field, a 0 or an unknown tempts it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from policies.guard.kubernetes import (
    access_entries,
    account_token,
    capabilities,
    closed_endpoint,
    cluster_protected,
    control_plane_logs,
    default_deny,
    disruption_budget,
    disruption_possible,
    host_namespaces,
    host_path,
    host_ports,
    image_digest,
    liveness,
    liveness_patience,
    memory_limit,
    namespace_quota,
    node_image,
    non_root,
    one_autoscaler,
    privilege_escalation,
    privileged,
    read_only_root,
    readiness,
    replicas_left,
    requests_stated,
    scaling_range,
    seccomp,
    secrets_encrypted,
    standard_support,
    supported_version,
    two_replicas,
    zone_spread,
)
from policies.guard.kubernetes.pods import TEMPLATES
from policies.guard.resource import Resource
from policies.guard.rule import Rule
from policies.guard.today import TODAY
from tests.policies.asking import UNKNOWN, ask, ask_stack, resource

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"
HPA = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
CLUSTER = "aws:eks/cluster:Cluster"
LABELS = {"app": "api"}
IMAGE = f"registry.example/api@sha256:{'0a' * 32}"

CONTAINER: dict[str, Any] = {
    "name": "main",
    "image": IMAGE,
    "ports": [{"name": "http", "containerPort": 8080}],
    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    },
    "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
    "livenessProbe": {"httpGet": {"path": "/", "port": "http"}, "failureThreshold": 6},
}
POD: dict[str, Any] = {
    "automountServiceAccountToken": False,
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [CONTAINER],
}


def changed(value: Mapping[str, Any], *path: str | int, to: Any) -> dict[str, Any]:
    """A deep copy with one thing set, or with `None` taken out."""
    made = copy.deepcopy(dict(value))
    inner: Any = made
    for step in path[:-1]:
        inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner[step]
    if to is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return made


def holding(pod: Mapping[str, Any], type_: str = DEPLOYMENT, namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    """The properties of an object of a type around a pod."""
    inner: dict[str, Any] = {"metadata": {"labels": LABELS}, "spec": pod}
    for step in reversed(TEMPLATES[type_]):
        inner = {step: inner}
    made = {**inner, "metadata": {"name": "api", "namespace": namespace, **inner.get("metadata", {})}}
    made.setdefault("spec", {})
    made["spec"] = {**made["spec"], **spec}
    return made


def container(rule: Rule, *path: str | int, to: Any, type_: str = DEPLOYMENT, **options: Any) -> list[str]:
    """What a rule says of a workload whose one container has one thing changed."""
    return ask(rule, type_, holding(changed(POD, "containers", 0, *path, to=to), type_), **options)


def pod(rule: Rule, *path: str | int, to: Any, type_: str = DEPLOYMENT, **options: Any) -> list[str]:
    """What a rule says of a workload whose pod has one thing changed."""
    namespace = options.pop("namespace", "shop")
    return ask(rule, type_, holding(changed(POD, *path, to=to), type_, namespace), **options)


OF_PODS = (
    requests_stated,
    memory_limit,
    liveness_patience,
    non_root,
    read_only_root,
    capabilities,
    privilege_escalation,
    privileged,
    host_namespaces,
    host_ports,
    host_path,
    seccomp,
    image_digest,
)


@pytest.mark.parametrize("module", OF_PODS, ids=lambda module: module.RULE.name)
@pytest.mark.parametrize("type_", TEMPLATES)
def test_a_careful_pod_passes_everywhere(module: Any, type_: str) -> None:
    assert ask(module.RULE, type_, holding(POD, type_)) == []


@pytest.mark.parametrize("type_", TEMPLATES)
def test_every_kind_is_looked_into_and_init_containers_too(type_: str) -> None:
    careless = {"name": "first", "image": "busybox:1.37"}
    spec = {**POD, "initContainers": [careless]}
    for module in (requests_stated, memory_limit, read_only_root, capabilities, privilege_escalation, image_digest):
        said = ask(module.RULE, type_, holding(spec, type_))
        assert said, module.RULE.name
        assert all("spec.initContainers[0]." in each for each in said)


def test_requests_may_come_from_limits_and_from_the_pod() -> None:
    rule = requests_stated.RULE
    assert container(rule, "resources", "requests", "memory", to=None) == []
    assert len(container(rule, "resources", "requests", "cpu", to=None)) == 1
    assert len(container(rule, "resources", to={"limits": {"memory": "1Gi"}})) == 1
    assert container(rule, "resources", to={"limits": {"memory": "1Gi", "cpu": 1}}) == []
    assert container(rule, "resources", "requests", "cpu", to=0.5) == []
    bare = changed(POD, "containers", 0, "resources", to={})
    assert ask(rule, DEPLOYMENT, holding({**bare, "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}})) == []


@pytest.mark.parametrize("nothing", ["0", "0m", 0, "0Mi", ""])
def test_a_request_of_nothing_is_none(nothing: Any) -> None:
    assert len(container(requests_stated.RULE, "resources", "requests", "cpu", to=nothing)) == 1
    assert len(container(memory_limit.RULE, "resources", "limits", "memory", to=nothing)) == 1


def test_a_limit_on_cpu_is_nobodys_business() -> None:
    assert container(memory_limit.RULE, "resources", "limits", "cpu", to="2") == []
    assert container(requests_stated.RULE, "resources", "limits", "cpu", to="2") == []


def test_the_pods_memory_limit_holds_for_its_containers() -> None:
    bare = changed(POD, "containers", 0, "resources", "limits", to={})
    assert len(ask(memory_limit.RULE, DEPLOYMENT, holding(bare))) == 1
    assert ask(memory_limit.RULE, DEPLOYMENT, holding({**bare, "resources": {"limits": {"memory": "1Gi"}}})) == []


def test_an_unknown_hides_no_breach_beside_it() -> None:
    second = changed(CONTAINER, "image", to="api:latest")
    both = {**POD, "containers": [changed(CONTAINER, "image", to=UNKNOWN), second]}
    said = ask(image_digest.RULE, DEPLOYMENT, holding(both))
    assert said == [
        "spec.template.spec.containers[1].image: found api:latest; allowed: an image by its digest, name@sha256:…"
    ]
    assert container(image_digest.RULE, "image", to=UNKNOWN) == ["unknown: spec.template.spec.containers.0.image"]


def test_an_unknown_elsewhere_does_not_matter() -> None:
    env = changed(POD, "containers", 0, "env", to=[{"name": "A", "value": UNKNOWN}])
    for module in OF_PODS:
        assert ask(module.RULE, DEPLOYMENT, holding(env)) == [], module.RULE.name


@pytest.mark.parametrize(
    "image", ["api", "api:1.2.3", "registry.example:5000/api", "api@sha256:abc", f"api@sha256:{'0A' * 32}", ""]
)
def test_images_without_a_whole_digest(image: str) -> None:
    assert len(container(image_digest.RULE, "image", to=image)) == 1


def test_a_digest_beside_a_tag_and_a_secret_image() -> None:
    assert container(image_digest.RULE, "image", to=f"registry.example:5000/api:1.2@sha256:{'0a' * 32}") == []
    assert container(image_digest.RULE, "image", to="[secret]") == []


def test_non_root_is_said_by_the_container_or_its_pod() -> None:
    rule = non_root.RULE
    loose = changed(POD, "securityContext", to={})
    assert len(ask(rule, DEPLOYMENT, holding(loose))) == 1
    said_inside = changed(loose, "containers", 0, "securityContext", "runAsNonRoot", to=True)
    assert ask(rule, DEPLOYMENT, holding(said_inside)) == []
    assert len(container(rule, "securityContext", "runAsNonRoot", to=False)) == 1
    assert len(container(rule, "securityContext", "runAsUser", to=0)) == 1
    assert len(pod(rule, "securityContext", "runAsUser", to=0)) == 1
    assert pod(rule, "securityContext", "runAsUser", to=10001) == []
    named = changed(POD, "securityContext", "runAsUser", to=0)
    assert ask(rule, DEPLOYMENT, holding(changed(named, "containers", 0, "securityContext", "runAsUser", to=5))) == []


def test_read_only_root_is_the_containers_own() -> None:
    assert len(container(read_only_root.RULE, "securityContext", "readOnlyRootFilesystem", to=None)) == 1
    assert len(container(read_only_root.RULE, "securityContext", "readOnlyRootFilesystem", to=False)) == 1
    assert len(container(read_only_root.RULE, "securityContext", to=None)) == 1


def test_capabilities() -> None:
    rule = capabilities.RULE
    assert len(container(rule, "securityContext", "capabilities", to=None)) == 1
    assert len(container(rule, "securityContext", "capabilities", "drop", to=["NET_RAW"])) == 1
    assert container(rule, "securityContext", "capabilities", "drop", to=["all"]) == []
    assert container(rule, "securityContext", "capabilities", "add", to=["NET_BIND_SERVICE"]) == []
    assert len(container(rule, "securityContext", "capabilities", "add", to=["CAP_SYS_ADMIN"])) == 1


def test_privileged_is_told_once() -> None:
    loose = {"privileged": True, "readOnlyRootFilesystem": True}
    spec = changed(POD, "containers", 0, "securityContext", to=loose)
    said = {m.RULE.name for m in OF_PODS if ask(m.RULE, DEPLOYMENT, holding(spec))}
    assert said == {"kubernetes-privileged"}
    assert container(privileged.RULE, "securityContext", "privileged", to=False) == []
    assert len(pod(privileged.RULE, "securityContext", "windowsOptions", to={"hostProcess": True})) == 1


def test_escalation_is_on_unless_it_is_off() -> None:
    rule = privilege_escalation.RULE
    assert len(container(rule, "securityContext", "allowPrivilegeEscalation", to=None)) == 1
    assert len(container(rule, "securityContext", "allowPrivilegeEscalation", to=True)) == 1


@pytest.mark.parametrize("key", ["hostNetwork", "hostPID", "hostIPC"])
def test_namespaces_of_the_node(key: str) -> None:
    assert len(pod(host_namespaces.RULE, key, to=True)) == 1
    assert pod(host_namespaces.RULE, key, to=False) == []


def test_agents_reach_into_their_nodes() -> None:
    """A DaemonSet of kube-system, or of a namespace that the config names; no other kind, and none elsewhere."""
    rule = host_namespaces.RULE
    assert pod(rule, "hostPID", to=True, type_=DAEMON_SET, namespace="kube-system") == []
    assert len(pod(rule, "hostPID", to=True, namespace="kube-system")) == 1
    assert len(pod(rule, "hostPID", to=True, type_=DAEMON_SET, namespace="sensors")) == 1
    given = {"agentNamespaces": ["sensors"]}
    assert pod(rule, "hostPID", to=True, type_=DAEMON_SET, namespace="sensors", config=given) == []
    none: dict[str, Any] = {"agentNamespaces": []}
    assert len(pod(rule, "hostPID", to=True, type_=DAEMON_SET, namespace="kube-system", config=none)) == 1
    assert pod(non_root.RULE, "securityContext", to={}, type_=DAEMON_SET, namespace="kube-system") == []


def test_ports_of_the_node() -> None:
    rule = host_ports.RULE
    assert len(container(rule, "ports", 0, "hostPort", to=80)) == 1
    assert container(rule, "ports", 0, "hostPort", to=0) == []
    shared = changed(changed(POD, "hostNetwork", to=True), "containers", 0, "ports", 0, "hostPort", to=8080)
    assert ask(rule, DEPLOYMENT, holding(shared)) == []


def test_directories_of_the_node() -> None:
    rule = host_path.RULE
    volumes = [{"name": "logs", "hostPath": {"path": "/var/log"}}, {"name": "tmp", "emptyDir": {}}]
    reads = [{"name": "logs", "mountPath": "/logs", "readOnly": True}, {"name": "tmp", "mountPath": "/tmp"}]
    reading = changed({**POD, "volumes": volumes}, "containers", 0, "volumeMounts", to=reads)
    writing = changed(reading, "containers", 0, "volumeMounts", 0, "readOnly", to=False)
    assert len(ask(rule, DEPLOYMENT, holding(reading))) == 1
    assert ask(rule, DAEMON_SET, holding(reading, DAEMON_SET)) == []
    assert len(ask(rule, DAEMON_SET, holding(writing, DAEMON_SET))) == 1
    assert ask(rule, DAEMON_SET, holding(writing, DAEMON_SET, "kube-system")) == []


def test_seccomp() -> None:
    assert len(pod(seccomp.RULE, "securityContext", "seccompProfile", to=None)) == 1
    assert len(container(seccomp.RULE, "securityContext", "seccompProfile", to={"type": "Unconfined"})) == 1
    local = {"type": "Localhost", "localhostProfile": "api.json"}
    assert pod(seccomp.RULE, "securityContext", "seccompProfile", to=local) == []


def test_windows_has_none_of_it() -> None:
    bare = {"os": {"name": "windows"}, "containers": [{"name": "main", "image": IMAGE}]}
    for module in (read_only_root, capabilities, privilege_escalation, seccomp):
        assert ask(module.RULE, DEPLOYMENT, holding(bare)) == [], module.RULE.name


def test_liveness_waits_longer_than_readiness() -> None:
    rule = liveness_patience.RULE
    assert len(container(rule, "livenessProbe", "failureThreshold", to=3)) == 1
    assert len(container(rule, "livenessProbe", "failureThreshold", to=None)) == 1
    assert container(rule, "livenessProbe", "httpGet", "path", to="/alive") == []
    other = {"tcpSocket": {"port": "http"}}
    assert container(rule, "livenessProbe", to=other) == []


# What needs the stack.


def service(**spec: Any) -> Resource:
    stated = {"selector": LABELS, "ports": [{"port": 80, "targetPort": "http"}], **spec}
    metadata = {"name": "api", "namespace": "shop"}
    return resource("kubernetes:core/v1:Service", {"metadata": metadata, "spec": stated}, name="service")


def workload(spec: Mapping[str, Any] = POD, type_: str = DEPLOYMENT, **options: Any) -> Resource:
    stated = {key: options.pop(key) for key in ("replicas",) if key in options}
    return resource(type_, holding(spec, type_, **stated), **{"name": "workload", **options})


def scaler(type_: str = HPA, name: str = "scaler", target: str = "api", provider: str = "", **spec: Any) -> Resource:
    ref = {"kind": "Deployment", "name": target}
    metadata = {"name": name, "namespace": "shop"}
    options: dict[str, Any] = {"provider": provider}
    if "stack" in spec:
        options["stack"] = spec.pop("stack")
    return resource(type_, {"metadata": metadata, "spec": {"scaleTargetRef": ref, **spec}}, name=name, **options)


def budget(**spec: Any) -> Resource:
    stated = {"selector": {"matchLabels": LABELS}, "maxUnavailable": 1, **spec}
    metadata = {"name": "api", "namespace": "shop"}
    return resource("kubernetes:policy/v1:PodDisruptionBudget", {"metadata": metadata, "spec": stated}, name="budget")


@pytest.mark.parametrize(
    ("rule", "probe"), [(readiness.RULE, "readinessProbe"), (liveness.RULE, "livenessProbe")], ids=["ready", "live"]
)
def test_probes_are_for_what_a_service_sends_to(rule: Rule, probe: str) -> None:
    without = changed(POD, "containers", 0, probe, to=None)
    assert ask_stack(rule, workload(), service()) == {}
    assert list(ask_stack(rule, workload(without), service())) == ["workload"]
    assert ask_stack(rule, workload(without)) == {}, "a worker"
    assert ask_stack(rule, workload(without), service(selector={"app": "web"})) == {}
    assert ask_stack(rule, workload(without), service(selector={})) == {}
    sidecar = {"name": "sidecar", "image": IMAGE}
    beside = {**POD, "containers": [sidecar, CONTAINER]}
    assert ask_stack(rule, workload(beside), service()) == {}
    by_number = service(ports=[{"port": 8080}])
    assert list(ask_stack(rule, workload(without), by_number)) == ["workload"]
    unnamed = changed(without, "containers", 0, "ports", to=None)
    assert list(ask_stack(rule, workload(unnamed), service())) == ["workload"], "no container states the port"
    assert ask_stack(rule, workload(without), service(publishNotReadyAddresses=True)) == {}


def test_a_service_of_another_cluster_sends_nothing() -> None:
    without = changed(POD, "containers", 0, "readinessProbe", to=None)
    assert ask_stack(readiness.RULE, workload(without, provider="east"), service()) == {}


def test_a_token_goes_with_a_role() -> None:
    rule = account_token.RULE
    asks = {**POD, "automountServiceAccountToken": True, "serviceAccountName": "watcher"}
    silent = changed(asks, "automountServiceAccountToken", to=None)
    binding = resource(
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        {"subjects": [{"kind": "ServiceAccount", "name": "watcher", "namespace": "shop"}]},
        name="binding",
    )
    account = {"metadata": {"name": "watcher", "namespace": "shop"}, "automountServiceAccountToken": False}
    closed = resource("kubernetes:core/v1:ServiceAccount", account, name="account")
    assert ask_stack(rule, workload()) == {}
    assert list(ask_stack(rule, workload(asks))) == ["workload"]
    assert list(ask_stack(rule, workload(silent))) == ["workload"], "it gets one by default"
    assert ask_stack(rule, workload(asks), binding) == {}
    assert ask_stack(rule, workload(silent), closed) == {}
    assert list(ask_stack(rule, workload(asks), closed)) == ["workload"], "the pod's word goes first"


def test_a_budget_for_what_may_be_several() -> None:
    rule = disruption_budget.RULE
    assert list(ask_stack(rule, workload(replicas=2))) == ["workload"]
    assert ask_stack(rule, workload(replicas=2), budget()) == {}
    assert ask_stack(rule, workload(replicas=1)) == {}
    assert ask_stack(rule, workload(replicas=0)) == {}
    assert ask_stack(rule, workload()) == {}, "one by default"
    assert list(ask_stack(rule, workload(), scaler(minReplicas=2, maxReplicas=8))) == ["workload"]
    assert list(ask_stack(rule, workload(), scaler(SCALED_OBJECT))) == ["workload"], "100 at most by default"
    others = budget(selector={"matchLabels": {"app": "web"}})
    assert list(ask_stack(rule, workload(replicas=2), others)) == ["workload"]
    assert ask_stack(rule, workload(replicas=2), budget(selector={})) == {}, "an empty selector takes in all"
    expressions = [{"key": "app", "operator": "In", "values": ["api", "web"]}]
    assert ask_stack(rule, workload(replicas=2), budget(selector={"matchExpressions": expressions})) == {}
    outside = [{"key": "app", "operator": "NotIn", "values": ["api"]}]
    assert ask_stack(rule, workload(replicas=2), budget(selector={"matchExpressions": outside})) != {}


@pytest.mark.parametrize("wrong", [{"maxUnavailable": 0}, {"maxUnavailable": "0%"}, {"minAvailable": "100%"}])
def test_a_budget_that_lets_nothing_go(wrong: dict[str, Any]) -> None:
    stated = {"maxUnavailable": None, **wrong}
    assert list(ask_stack(disruption_possible.RULE, budget(**stated))) == ["budget"]


def test_a_budget_leaves_one_when_there_are_fewest() -> None:
    rule = disruption_possible.RULE
    two = budget(maxUnavailable=None, minAvailable=2)
    assert list(ask_stack(rule, two, workload(), scaler(minReplicas=2, maxReplicas=8))) == ["budget"]
    assert ask_stack(rule, two, workload(), scaler(minReplicas=3, maxReplicas=8)) == {}
    assert ask_stack(rule, two, workload(), scaler(SCALED_OBJECT, minReplicaCount=0)) == {}
    assert ask_stack(rule, two) == {}
    assert ask_stack(rule, budget(), workload(replicas=1)) == {}


CPU = [{"type": "Resource", "resource": {"name": "cpu"}}]
OUTSIDE = [{"type": "External", "external": {"metric": {"name": "queue"}}}]


def test_two_pods_answer_in_prod() -> None:
    rule = two_replicas.RULE
    assert list(ask_stack(rule, scaler(minReplicas=1, maxReplicas=4, metrics=CPU))) == ["scaler"]
    assert list(ask_stack(rule, scaler(maxReplicas=4, metrics=CPU))) == ["scaler"], "1 by default"
    assert ask_stack(rule, scaler(minReplicas=2, maxReplicas=4, metrics=CPU)) == {}
    assert ask_stack(rule, scaler(minReplicas=1, maxReplicas=4, stack="meal-staging")) == {}
    assert list(ask_stack(rule, workload(replicas=1), service())) == ["workload"]
    assert list(ask_stack(rule, workload(), service())) == ["workload"]
    assert ask_stack(rule, workload(replicas=0), service()) == {}, "paused"
    assert ask_stack(rule, workload(replicas=1)) == {}, "nobody asks it"
    assert ask_stack(rule, workload(replicas=2), service()) == {}


@pytest.mark.parametrize("least", [0, 1])
def test_workers_on_a_queue_may_be_one_or_none(least: int) -> None:
    rule = two_replicas.RULE
    queue = scaler(SCALED_OBJECT, minReplicaCount=least, triggers=[{"type": "redis"}, {"type": "cpu"}])
    assert ask_stack(rule, workload(), queue) == {}
    assert list(ask_stack(rule, workload(), queue, service())) == ["scaler"], "it answers requests"
    own = scaler(SCALED_OBJECT, minReplicaCount=least, triggers=[{"type": "cpu"}])
    assert list(ask_stack(rule, workload(), own)) == ["scaler"]
    assert ask_stack(rule, workload(), scaler(minReplicas=1, maxReplicas=4, metrics=OUTSIDE)) == {}


def test_a_least_below_the_most() -> None:
    rule = scaling_range.RULE
    assert ask(rule, HPA, {"spec": {"minReplicas": 2, "maxReplicas": 3}}) == []
    assert len(ask(rule, HPA, {"spec": {"minReplicas": 3, "maxReplicas": 3}})) == 1
    assert len(ask(rule, HPA, {"spec": {"maxReplicas": 1}})) == 1, "1 by default"
    assert ask(rule, SCALED_OBJECT, {"spec": {}}) == [], "0 and 100 by default"
    assert len(ask(rule, SCALED_OBJECT, {"spec": {"maxReplicaCount": 0}})) == 1
    assert ask(rule, HPA, {"spec": {"minReplicas": UNKNOWN, "maxReplicas": 3}}) == ["unknown: spec.minReplicas"]


def test_one_autoscaler_for_a_workload() -> None:
    rule = one_autoscaler.RULE
    first, second = scaler(name="first"), scaler(name="second")
    keda = scaler(SCALED_OBJECT, name="keda")
    assert list(ask_stack(rule, first, keda)) == ["first"], "KEDA makes an HPA of its own"
    assert list(ask_stack(rule, keda, first)) == ["first"]
    assert list(ask_stack(rule, first, second)) == ["second"]
    assert ask_stack(rule, first, scaler(SCALED_OBJECT, name="keda", target="worker")) == {}
    assert ask_stack(rule, first, scaler(name="second", provider="another cluster")) == {}


def test_a_scaled_count_is_not_stated() -> None:
    rule = replicas_left.RULE
    scaled = scaler(minReplicas=2, maxReplicas=8)
    assert list(ask_stack(rule, workload(replicas=3), scaled)) == ["workload"]
    assert ask_stack(rule, workload(replicas=3)) == {}
    assert ask_stack(rule, workload(), scaled) == {}
    assert ask_stack(rule, workload(replicas=0), scaled) == {}, "paused"
    assert ask_stack(rule, workload(replicas=3), scaler(SCALED_OBJECT)) != {}
    for path in ("spec.replicas", 'spec["replicas"]', "spec", "spec.*"):
        assert ask_stack(rule, workload(replicas=3, ignore_changes=(path,)), scaled) == {}, path
    assert ask_stack(rule, workload(replicas=3, ignore_changes=("spec.template",)), scaled) != {}


def test_a_count_that_came_back_from_the_cluster_is_not_the_programs() -> None:
    """There the field is always filled in; whose it is stands in `managedFields`."""
    mine = {"manager": "pulumi-kubernetes", "operation": "Apply", "fieldsV1": {"f:spec": {"f:template": {}}}}
    mine_too = changed(mine, "fieldsV1", "f:spec", "f:replicas", to={})
    other = {"manager": "kube-controller-manager", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    scaled = scaler(minReplicas=2, maxReplicas=8)

    def live(**metadata: Any) -> Resource:
        props = holding(POD, replicas=5)
        return resource(DEPLOYMENT, {**props, "metadata": {**props["metadata"], **metadata}}, name="workload")

    assert ask_stack(replicas_left.RULE, live(managedFields=[mine, other]), scaled) == {}
    assert ask_stack(replicas_left.RULE, live(managedFields=[mine_too]), scaled) != {}
    applied = {replicas_left.APPLIED: '{"spec": {"replicas": 5}}'}
    assert ask_stack(replicas_left.RULE, live(managedFields=[other], annotations=applied), scaled) != {}


def test_several_pods_in_several_zones() -> None:
    rule = zone_spread.RULE
    zone = {"topologyKey": "topology.kubernetes.io/zone", "labelSelector": {"matchLabels": LABELS}}
    assert list(ask_stack(rule, workload(replicas=2))) == ["workload"]
    assert ask_stack(rule, workload(replicas=1)) == {}
    assert ask_stack(rule, workload(replicas=2, stack="meal-staging")) == {}
    assert ask_stack(rule, workload({**POD, "topologySpreadConstraints": [zone]}, replicas=2)) == {}
    host = {**zone, "topologyKey": "kubernetes.io/hostname"}
    assert ask_stack(rule, workload({**POD, "topologySpreadConstraints": [host]}, replicas=2)) != {}
    blind = {"topologyKey": "topology.kubernetes.io/zone"}
    assert ask_stack(rule, workload({**POD, "topologySpreadConstraints": [blind]}, replicas=2)) != {}
    preferred = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": zone}]}
    assert ask_stack(rule, workload({**POD, "affinity": {"podAntiAffinity": preferred}}, replicas=2)) == {}
    assert ask_stack(rule, workload(), scaler(minReplicas=2, maxReplicas=4)) != {}
    assert ask_stack(rule, workload(), scaler(SCALED_OBJECT, minReplicaCount=1)) == {}


def space(name: str = "shop", provider: str = "") -> Resource:
    return resource("kubernetes:core/v1:Namespace", {"metadata": {"name": name}}, name="space", provider=provider)


def within(type_: str, spec: Mapping[str, Any], name: str = "it", **options: Any) -> Resource:
    namespace = options.pop("namespace", "shop")
    return resource(type_, {"metadata": {"name": name, "namespace": namespace}, "spec": spec}, name=name, **options)


def test_namespaces_deny_by_default() -> None:
    rule = default_deny.RULE
    policy = default_deny.POLICY
    deny = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert ask_stack(rule, space(), within(policy, deny)) == {}
    assert "Ingress and Egress" in ask_stack(rule, space())["space"][0]
    assert ask_stack(rule, space("kube-system")) == {}
    implied = ask_stack(rule, space(), within(policy, {"podSelector": {}}))["space"][0]
    assert "denies Egress" in implied, "Ingress alone is implied"
    out = within(policy, {"podSelector": {}, "policyTypes": ["Egress"]}, "out")
    assert ask_stack(rule, space(), within(policy, {"podSelector": {}}, "in"), out) == {}
    allowing = {**deny, "ingress": [{}]}
    assert "denies Ingress" in ask_stack(rule, space(), within(policy, allowing))["space"][0]
    one_app = {**deny, "podSelector": {"matchLabels": LABELS}}
    assert ask_stack(rule, space(), within(policy, one_app)) != {}
    assert ask_stack(rule, space(), within(policy, deny, provider="another cluster")) != {}
    assert ask_stack(rule, space(), within(policy, deny, namespace="other")) != {}


def test_a_namespace_with_a_name_to_come_is_known_by_what_comes_from_it() -> None:
    home = space(UNKNOWN)
    quota = {"hard": {"requests.cpu": "4", "requests.memory": "8Gi"}}
    mine = within(namespace_quota.QUOTA, quota, namespace=UNKNOWN, depends_on={"metadata": (home.urn,)})
    assert ask_stack(namespace_quota.RULE, home, mine) == {}


def test_namespaces_have_a_ceiling_of_both() -> None:
    rule, quota = namespace_quota.RULE, namespace_quota.QUOTA
    assert ask_stack(rule, space(), within(quota, {"hard": {"cpu": "4", "limits.memory": "8Gi"}})) == {}
    assert ask_stack(rule, space(), within(quota, {"hard": {"cpu": "4"}}, "a"), within(quota, {"hard": {}}, "b")) != {}
    assert ask_stack(rule, space(), within(quota, {"hard": {"pods": "10"}})) != {}
    assert ask_stack(rule, space("kube-node-lease")) == {}


# EKS.


@pytest.mark.parametrize(
    ("version", "day", "passes"),
    [
        ("1.34", "2026-12-02", True),
        ("1.34", "2026-12-03", False),
        ("1.35", "2026-12-03", True),
        ("1.32", "2026-11-22", False),
        ("1.9", "2026-11-22", False),
        ("1.40", "2026-11-22", True),
        ("1.31", "2025-11-26", True),
        ("", "2026-11-22", True),
    ],
)
def test_versions_by_their_day(monkeypatch: pytest.MonkeyPatch, version: str, day: str, passes: bool) -> None:
    monkeypatch.setenv(TODAY, day)
    cluster = resource(CLUSTER, {"version": version}, name="cluster")
    assert (ask_stack(supported_version.RULE, cluster) == {}) is passes


def test_images_of_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    rule, nodes = node_image.RULE, "aws:eks/nodeGroup:NodeGroup"
    monkeypatch.setenv(TODAY, "2026-11-22")
    assert len(ask(rule, nodes, {"amiType": "AL2_x86_64_GPU"})) == 1
    for passing in ("AL2023_x86_64_STANDARD", "BOTTLEROCKET_ARM_64", "CUSTOM"):
        assert ask(rule, nodes, {"amiType": passing}) == []
    assert ask(rule, nodes, {}) == []
    monkeypatch.setenv(TODAY, "2025-11-26")
    assert ask(rule, nodes, {"amiType": "AL2_x86_64"}) == []


def test_support_is_standard() -> None:
    assert ask(standard_support.RULE, CLUSTER, {"upgradePolicy": {"supportType": "STANDARD"}}) == []
    assert len(ask(standard_support.RULE, CLUSTER, {"upgradePolicy": {"supportType": "EXTENDED"}})) == 1
    assert len(ask(standard_support.RULE, CLUSTER, {})) == 1


def test_secrets_have_a_key() -> None:
    rule = secrets_encrypted.RULE
    given = {"encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": UNKNOWN}}}
    assert ask(rule, CLUSTER, given) == [], "that there is a key is known before which"
    assert len(ask(rule, CLUSTER, {})) == 1
    assert ask(rule, CLUSTER, {"encryptionConfig": UNKNOWN}) == ["unknown: encryptionConfig"]


def test_the_control_plane_logs() -> None:
    rule = control_plane_logs.RULE
    assert ask(rule, CLUSTER, {"enabledClusterLogTypes": ["authenticator", "audit", "api"]}) == []
    assert len(ask(rule, CLUSTER, {"enabledClusterLogTypes": ["api", "audit"]})) == 1
    assert len(ask(rule, CLUSTER, {})) == 1


@pytest.mark.parametrize(
    ("config", "passes"),
    [
        ({"endpointPublicAccess": False}, True),
        ({"endpointPublicAccess": False, "publicAccessCidrs": ["0.0.0.0/0"]}, True),
        ({}, False),
        ({"endpointPublicAccess": True}, False),
        ({"publicAccessCidrs": []}, False),
        ({"publicAccessCidrs": ["203.0.113.7/32"]}, True),
        ({"publicAccessCidrs": ["203.0.113.7/32", "0.0.0.0/0"]}, False),
        ({"publicAccessCidrs": ["0.0.0.0/1", "128.0.0.0/1"]}, False),
        ({"publicAccessCidrs": ["::/0"]}, False),
    ],
)
def test_the_endpoint_is_closed(config: dict[str, Any], passes: bool) -> None:
    assert (ask(closed_endpoint.RULE, CLUSTER, {"vpcConfig": config}) == []) is passes


def test_a_private_endpoint_is_judged_whatever_is_unknown() -> None:
    config = {"endpointPublicAccess": False, "publicAccessCidrs": UNKNOWN, "subnetIds": UNKNOWN}
    assert ask(closed_endpoint.RULE, CLUSTER, {"vpcConfig": config}) == []


def test_clusters_in_prod_are_protected() -> None:
    rule = cluster_protected.RULE
    assert ask(rule, CLUSTER, {"deletionProtection": True}) == []
    assert len(ask(rule, CLUSTER, {"deletionProtection": False})) == 1
    assert len(ask(rule, CLUSTER, {})) == 1
    assert len(ask(rule, CLUSTER, {}, stack="unnamed")) == 1
    assert ask(rule, CLUSTER, {}, stack="meal-staging") == []


@pytest.mark.parametrize(("mode", "passes"), [("API", True), ("API_AND_CONFIG_MAP", False), ("CONFIG_MAP", False)])
def test_access_is_by_entries(mode: str, passes: bool) -> None:
    assert (ask(access_entries.RULE, CLUSTER, {"accessConfig": {"authenticationMode": mode}}) == []) is passes
    assert len(ask(access_entries.RULE, CLUSTER, {})) == 1
