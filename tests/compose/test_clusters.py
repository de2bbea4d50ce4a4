"""Services on a cluster, and the way there from servers behind the same balancer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from host_files import host_files
from k8s_schemas import validate
from on_clusters import SCALING, Phases, in_two_regions, made_up, moving, settled
from recording import Recording

from components.kubernetes.spec import AUTOSCALERS
from stacks.models import BadInput, Blueprint
from stacks.moves import steps, transition

RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
STATES: dict[str, dict[str, Any]] = {
    "small": settled("small"),
    "up at 0": moving(0),
    "up at 50": moving(50),
    "up at 100": moving(100),
    "large": settled("large"),
    "down at 0": moving(0, "large", "small"),
    "down at 50": moving(50, "large", "small"),
    "down at 100": moving(100, "large", "small"),
}


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    return made_up(tmp_path)


def units(recording: Recording, server: str) -> dict[str, dict[str, Any]]:
    if f"{server}-template" not in recording.names():
        return {}
    files = host_files(recording.one(f"{server}-template").inputs["userData"])
    return json.loads(files["/etc/phaseup/units.json"])


def statements(recording: Recording, name: str) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in json.loads(recording.one(name).inputs["policy"])["Statement"]}


def weights(recording: Recording) -> dict[str, int]:
    (action,) = recording.one("lb-api-rule").inputs["actions"]
    return {group["arn"].split("-on-")[1].split("-")[0]: group["weight"] for group in action["forward"]["targetGroups"]}


def inside(recording: Recording) -> list[dict[str, Any]]:
    """Every object of the cluster that is no release of a chart."""
    return [
        dict(each.inputs)
        for each in recording.resources
        if each.type.startswith("kubernetes:") and "helm.sh" not in each.type
    ]


@pytest.mark.parametrize("version", sorted(AUTOSCALERS))
@pytest.mark.parametrize("state", ["up at 0", "large"])
def test_every_object_is_valid_for_the_cluster_s_version(tmp_path: Path, state: str, version: str) -> None:
    def at(phases: Phases) -> None:
        phases["large"]["cluster"]["version"] = version

    objects = inside(build(stack(STATES[state]), made_up(tmp_path, at)))
    for manifest in objects:
        validate(manifest, version)
    kinds = {manifest["kind"] for manifest in objects}
    assert {
        "ConfigMap", "CronJob", "Deployment", "HorizontalPodAutoscaler", "LimitRange", "Namespace", "NetworkPolicy",
        "PodDisruptionBudget", "ResourceQuota", "ScaledObject", "SecretProviderClass", "Service", "ServiceAccount",
        "StorageClass", "TargetGroupBinding", "TriggerAuthentication",
    } == kinds  # fmt: skip


def test_everything_inside_goes_through_the_cluster_s_own_entrance(blueprint: Blueprint) -> None:
    recording = build(stack(settled("large")), blueprint)
    within = [each for each in recording.resources if each.type.startswith("kubernetes:")]
    assert len(within) > 40
    entrance = recording.one("cluster-entrance")
    assert {each.provider.rpartition("::")[0] for each in within} == {entrance.urn}


def test_databases_let_in_the_cluster_whose_services_use_them(blueprint: Blueprint) -> None:
    recording = build(stack(settled("large")), blueprint)
    rules = {each.name: each.inputs.get("referencedSecurityGroupId") for each in recording.by_type(RULE)}
    assert {"db-from-cluster", "queue-from-cluster"} <= rules.keys()
    assert "db-from-app" not in rules
    assert rules["db-from-cluster"] == rules["queue-from-cluster"]
    moved = build(stack(moving(50)), blueprint)
    assert {"db-from-app", "db-from-cluster", "db-from-jobs"} <= moved.names()


def test_pods_have_the_rights_that_hosts_have_and_no_more(blueprint: Blueprint) -> None:
    recording = build(stack(moving(0)), blueprint)
    for role in ("db", "queue"):
        host, pods = (statements(recording, f"{role}-for-{user}") for user in ("app", "api-on-cluster"))
        assert host["LoginKey"] == pods["LoginKey"]
        assert host["Login"]["Resource"] == pods["Login"]["Resource"]
        assert pods["Login"]["Action"] == ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    assert statements(recording, "archive-for-app") == statements(recording, "archive-for-api-on-cluster")
    for user, uses in (("api", {"db", "queue", "archive"}), ("scheduler", {"queue"}), ("report", {"db"})):
        given = {
            each.name.split("-for-")[0]
            for each in recording.by_type("aws:iam/rolePolicy:RolePolicy")
            if each.name.endswith(f"-for-{user}-on-cluster")
        }
        assert given == uses
        own = statements(recording, f"{user}-on-cluster-policy")
        assert {each.rsplit("/", 1)[1] for each in own["OwnParameters"]["Resource"]} == uses
    # Its own secret, and the login of the registry that its image comes from; the report's is in ECR.
    assert len(statements(recording, "api-on-cluster-policy")["OwnSecrets"]["Resource"]) == 2
    assert "OwnSecrets" not in statements(recording, "report-on-cluster-policy")
    association = recording.one("api-on-cluster-identity").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("app", "api")
    assert (
        association["roleArn"].endswith(recording.one("api-on-cluster-role").name)
        or "api-on-cluster-role" in (association["roleArn"])
    )


def test_pods_learn_of_a_role_what_hosts_do(blueprint: Blueprint) -> None:
    recording = build(stack(settled("large")), blueprint)
    said = json.loads(recording.one("queue-parameter").inputs["insecureValue"])
    for namespace in ("app", "scrapers"):
        mounted = recording.one(f"queue-on-cluster-in-{namespace}").inputs
        (copied,) = mounted["spec"]["secretObjects"]
        expected = {f"QUEUE_{key}" for key in [*said["env"], *said["secrets"]]}
        assert {each["key"] for each in copied["data"]} == expected
        assert {"QUEUE_TLS_NAME", "QUEUE_PORT", "QUEUE_USER", "QUEUE_PASSWORD"} <= expected
        where, login = json.loads(mounted["spec"]["parameters"]["objects"])
        assert where["objectName"] == recording.one("queue-parameter").inputs["name"]
        assert login["objectName"] == said["secrets"]["PASSWORD"][0]
    # Nobody uses the database or the bucket from there.
    assert "archive-on-cluster-in-scrapers" not in recording.names()
    deployment = recording.one("scraper-mercadona-on-cluster-deployment")
    waits = {urn.rsplit("::", 1)[1] for urn in deployment.depends_on}
    assert {
        "queue-on-cluster-in-scrapers", "db-on-cluster-in-scrapers", "scraper-mercadona-on-cluster-identity",
        "cluster-secrets-release", "scraper-mercadona-on-cluster-config",
    } <= waits  # fmt: skip


def test_the_scraper_is_the_source_s(blueprint: Blueprint) -> None:
    recording = build(stack(settled("large")), blueprint)
    spec = recording.one("scraper-mercadona-on-cluster-deployment").inputs["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["resources"] == {
        "requests": {"cpu": "500m", "memory": "512Mi"},
        "limits": {"cpu": "2", "memory": "2048Mi"},
    }
    (memory,) = [each["emptyDir"] for each in spec["volumes"] if each["name"] == "shared-memory"]
    assert memory == {"medium": "Memory", "sizeLimit": "2048Mi"}
    assert spec["imagePullSecrets"] == [{"name": "registry-ghcr.io"}]
    scaler = recording.one("scraper-mercadona-on-cluster-scaler").inputs["spec"]
    assert (scaler["minReplicaCount"], scaler["maxReplicaCount"], scaler["cooldownPeriod"]) == (2, 10, 300)
    queue, cpu = scaler["triggers"]
    assert queue["metadata"]["listLength"] == "500"
    assert cpu["metadata"] == {"value": "70"}
    behaviour = scaler["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    up, down = SCALING["up"], SCALING["down"]
    for side, given in (("scaleUp", up), ("scaleDown", down)):
        assert behaviour[side]["stabilizationWindowSeconds"] == given["wait"]
        assert behaviour[side]["policies"] == [
            {"type": "Pods", "value": given["pods"], "periodSeconds": given["every"]}
        ]
    scalers = [each["kind"] for each in inside(recording) if "scraper" in each["metadata"]["name"]]
    assert scalers.count("ScaledObject") == 1
    assert "HorizontalPodAutoscaler" not in scalers


def test_requests_go_over_behind_the_same_balancer(blueprint: Blueprint) -> None:
    seen = {state: build(stack(STATES[state]), blueprint) for state in STATES}
    assert weights(seen["small"]) == {"app": 100}
    assert weights(seen["up at 0"]) == {"app": 100, "cluster": 0}
    assert weights(seen["up at 50"]) == {"app": 50, "cluster": 50}
    assert weights(seen["up at 100"]) == {"app": 0, "cluster": 100}
    assert weights(seen["large"]) == {"cluster": 100}
    assert weights(seen["down at 0"]) == {"app": 0, "cluster": 100}
    assert weights(seen["down at 100"]) == {"app": 100, "cluster": 0}
    balancers = {recording.one("lb-lb").urn for recording in seen.values()}
    assert len(balancers) == 1
    for state in ("up at 0", "large"):
        recording = seen[state]
        group, bound = recording.one("lb-api-on-cluster"), recording.one("api-on-cluster-target")
        assert group.inputs["targetType"] == "ip"
        assert bound.inputs["spec"]["targetGroupARN"].startswith("arn:aws:lb:::lb-api-on-cluster-")
        way = recording.one("api-on-cluster-from-balancer").inputs
        assert way["referencedSecurityGroupId"].startswith("lb-sg-")
        assert (way["fromPort"], way["toPort"]) == (3000, 3000)
        waits = {urn.rsplit("::", 1)[1] for urn in recording.one("api-on-cluster-deployment").depends_on}
        assert {"api-on-cluster-target", "api-on-cluster-from-balancer", "lb-api-rule"} <= waits
        # Pods are there before they are asked, whatever their weight.
        assert "replicas" not in recording.one("api-on-cluster-deployment").inputs["spec"]
    assert seen["up at 0"].one("lb-api-on-app").inputs["targetType"] == "instance"


@pytest.mark.parametrize("state", sorted(STATES))
def test_exactly_one_scheduler_in_every_state(blueprint: Blueprint, state: str) -> None:
    recording = build(stack(STATES[state]), blueprint)
    schedulers, reports = 0, 0
    for server in ("app", "jobs"):
        found = units(recording, server)
        schedulers += found.get("scheduler", {}).get("count", 0)
        reports += found.get("report", {}).get("count", 0)
    if "scheduler-on-cluster-deployment" in recording.names():
        spec = recording.one("scheduler-on-cluster-deployment").inputs["spec"]
        assert spec["strategy"] == {"type": "Recreate"}
        schedulers += int(spec["replicas"])
        reports += 0 if recording.one("report-on-cluster-job").inputs["spec"]["suspend"] else 1
    assert (schedulers, reports) == (1, 1)
    if "jobs-group" in recording.names():
        group = recording.one("jobs-group").inputs
        assert group["instanceMaintenancePolicy"] == {"minHealthyPercentage": 0, "maxHealthyPercentage": 100}
        assert group["maxSize"] == 1
        assert recording.one("app-group").inputs["instanceMaintenancePolicy"]["minHealthyPercentage"] == 100


def consumers(recording: Recording) -> dict[str, bool]:
    """Whether each side of the scraper works."""
    found = {"app": units(recording, "app").get("scraper-mercadona", {}).get("count", 0) > 0}
    if "scraper-mercadona-on-cluster-scaler" in recording.names():
        notes = recording.one("scraper-mercadona-on-cluster-scaler").inputs["metadata"].get("annotations", {})
        replicas = recording.one("scraper-mercadona-on-cluster-deployment").inputs["spec"].get("replicas")
        # Both say it, or neither: a paused scaler alone would let the first pod start.
        assert (notes.get("autoscaling.keda.sh/paused-replicas"), replicas) in (("0", 0), (None, None))
        found["cluster"] = replicas is None
    return found


@pytest.mark.parametrize("idempotent", [False, True])
def test_the_new_side_takes_nothing_from_the_queue_before_its_time(tmp_path: Path, idempotent: bool) -> None:
    def said(phases: Phases) -> None:
        phases["small"]["scraper-mercadona"]["idempotent"] = idempotent

    plan = made_up(tmp_path, said)
    seen = {state: consumers(build(stack(STATES[state]), plan)) for state in STATES}
    assert seen["up at 0"] == {"app": True, "cluster": False}
    assert seen["up at 50"] == {"app": True, "cluster": idempotent}
    assert seen["up at 100"] == {"app": False, "cluster": True}
    assert seen["large"] == {"app": False, "cluster": True}
    assert seen["down at 0"] == {"app": False, "cluster": True}
    assert seen["down at 50"] == {"app": idempotent, "cluster": True}
    assert seen["down at 100"] == {"app": True, "cluster": False}


def test_logs_stay_where_they_are(blueprint: Blueprint) -> None:
    for state in STATES.values():
        recording = build(stack(state), blueprint)
        assert recording.one("api-logs").inputs["name"] == "/meal-prod/api"
    values = recording.one("cluster-logging-release").inputs["values"]["cloudWatchLogs"]
    label = recording.one("api-on-cluster-deployment").inputs["spec"]["template"]["metadata"]["labels"][
        "phaseup/service"
    ]
    assert values["logGroupTemplate"].replace("$kubernetes['labels']['phaseup/service']", label) == "/meal-prod/api"


def test_both_sides_exist_side_by_side_and_a_shift_touches_work_and_weights_only(blueprint: Blueprint) -> None:
    small, started, half, shifted, large = (
        build(stack(STATES[state]), blueprint) for state in ("small", "up at 0", "up at 50", "up at 100", "large")
    )
    assert set(started.urns()) == set(small.urns()) | set(large.urns())
    assert started.urns() == half.urns() == shifted.urns()
    then = {each.urn: each.inputs for each in shifted.resources}
    changed = {each.name for each in started.resources if then[each.urn] != each.inputs}
    assert changed == {
        "lb-api-rule", "app-template", "jobs-template", "scraper-mercadona-on-cluster-deployment",
        "scraper-mercadona-on-cluster-scaler", "scheduler-on-cluster-deployment", "report-on-cluster-job",
    }  # fmt: skip


def test_the_steps_up_and_down(blueprint: Blueprint) -> None:
    up = [(each.kind, each.block, each.traffic) for each in steps(stack(settled("small")), blueprint, "large")]
    assert [kind for kind, _, _ in up] == ["expand", *["shift"] * (len(up) - 4), "arm", "arm", "contract"]
    assert {block for kind, block, _ in up if kind == "arm"} == {"app", "jobs"}
    down = steps(stack(settled("large")), blueprint, "small")
    assert {each.block for each in down if each.kind == "arm"} <= {"cluster"}
    kept = {each.block for step in down for each in step.kept}
    assert "cluster" in kept | {each.block for each in down if each.kind == "arm"}


def test_other_bounds_of_nodes_say_what_to_do_first(tmp_path: Path) -> None:
    """EKS takes bounds and desired count in one call: what the state does not know would be scaled away."""

    def grown(phases: Phases) -> None:
        both = {"main": {**phases["large"]["cluster"]["nodes"]["main"], "count": {"min": 3, "max": 5}}}
        phases["small"]["cluster"] = {**phases["large"].pop("cluster"), "nodes": both}
        phases["large"]["cluster"] = {"nodes": {"main": {"count": {"min": 5, "max": 20}}}}

    plan = made_up(tmp_path, grown)
    up = steps(stack(settled("small")), plan, "large")
    assert "cluster.nodes.main" in up[0].precondition
    assert "pulumi refresh --target" in up[0].check
    assert "cluster.nodes.main" not in up[-1].precondition, "between the phases the larger bounds held already"
    assert "cluster.nodes.main" in steps(stack(settled("large")), plan, "small")[-1].precondition
    assert transition(stack(settled("small")), up[0].config, plan).precondition == up[0].precondition


def test_in_another_region_it_is_the_same_service_with_what_is_there(tmp_path: Path) -> None:
    recording = build(stack(settled("large")), made_up(tmp_path, in_two_regions))
    for manifest in inside(recording):
        validate(manifest, "1.35")
    home, away = recording.one("api-on-cluster-deployment"), recording.one("api-eu-central-1-on-cluster-deployment")
    assert home.inputs["metadata"] == away.inputs["metadata"]
    assert (home.provider, away.provider)[0].rpartition("::")[0] == recording.one("cluster-entrance").urn
    assert away.provider.rpartition("::")[0] == recording.one("cluster-eu-central-1-entrance").urn
    assert recording.one("api-eu-central-1-logs").inputs["name"] == recording.one("api-logs").inputs["name"]
    assert recording.one("api-eu-central-1-on-cluster-config").inputs["data"]["AWS_REGION"] == "eu-central-1"
    bound = recording.one("api-eu-central-1-on-cluster-target").inputs["spec"]
    assert "lb-eu-central-1-api-on-cluster" in bound["targetGroupARN"]
    mounted = recording.one("db-eu-central-1-on-cluster-in-app").inputs["spec"]["parameters"]
    assert mounted["region"] == "eu-central-1"
    assert json.loads(mounted["objects"])[0]["objectName"] == "/meal-prod/roles/db"
    secret = json.loads(recording.one("api-eu-central-1-on-cluster-secrets").inputs["spec"]["parameters"]["objects"])
    assert [each["objectName"].split(":")[3] for each in secret] == ["eu-central-1"]
    assert recording.one("api-session-secret").inputs["replicas"] == [{"region": "eu-central-1"}]
    role = recording.one("api-eu-central-1-on-cluster-role").inputs["assumeRolePolicy"]
    assert "cluster/meal-prod-cluster-eu-central-1" in role
    identity = recording.one("api-eu-central-1-on-cluster-identity").inputs
    assert (identity["serviceAccount"], identity["region"]) == ("api", "eu-central-1")
    policy = recording.one("api-eu-central-1-on-cluster-traffic").inputs["spec"]["egress"]
    cidrs = {to["ipBlock"]["cidr"].split(".")[1] for rule in policy for to in rule["to"]}
    assert {"224", "225"} <= cidrs, "what has no copy there is reached at home"
    assert "scraper-mercadona-eu-central-1-on-cluster-deployment" not in recording.names()


# --- what does not fit -----------------------------------------------------------------------------------------------


def _placed(service: str, **values: Any) -> Callable[[Phases], object]:
    return lambda phases: phases["large"][service]["on"]["cluster"].update(values)


def _without_nat(phases: Phases) -> None:
    phases["small"]["net"]["nat"] = "none"


def _without_nat_there(phases: Phases) -> None:
    in_two_regions(phases)
    phases["large"]["net"]["regions"]["eu-central-1"] = {"nat": "none"}


def _cache_instead_of_queue(phases: Phases) -> None:
    phases["small"]["queue"]["use"] = "cache"


def _long(phases: Phases) -> None:
    phases["large"]["cluster-of-all-the-services-xyz"] = phases["large"].pop("cluster")
    for service in ("api", "scraper-mercadona", "scheduler", "report"):
        on = phases["large"][service]["on"]
        on["cluster-of-all-the-services-xyz"] = on.pop("cluster")
    phases["small"]["edge"]["hosts"] = {}
    phases["small"]["api"]["hosts"] = {}
    phases["small"].pop("lb")


def _calendar(phases: Phases) -> None:
    phases["small"]["report"]["every"] = "2026-*-* 03:00"


def _capability(phases: Phases) -> None:
    phases["small"]["scheduler"]["capabilities"] = {"SYS_ADMIN": {}}


def _cidr(phases: Phases) -> None:
    phases["large"]["cluster"]["service_cidr"] = "10.224.0.0/20"


def _peer(phases: Phases) -> None:
    phases["small"]["net"]["peers"] = {"old": {"vpc": "vpc-12345678", "cidr": "172.20.0.0/20", "number": 1}}


def _region_without_cluster(phases: Phases) -> None:
    in_two_regions(phases)
    del phases["large"]["cluster"]["regions"]


def _address_of_the_other_region(phases: Phases) -> None:
    in_two_regions(phases)
    phases["large"]["cluster"]["service_cidr"] = "10.225.0.0/20"


def _schedule_in_two_regions(phases: Phases) -> None:
    in_two_regions(phases)
    phases["large"]["scheduler"]["regions"] = {"eu-central-1": {}}


def _schedule_on_two_hosts(phases: Phases) -> None:
    phases["small"]["scheduler"]["on"] = {"jobs": {}, "app": {}}
    phases["large"]["jobs"] = {}
    phases["large"]["scheduler"]["on"]["app"] = None


def _old_version(phases: Phases) -> None:
    phases["large"]["cluster"]["version"] = "1.31"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_without_nat, "cluster.kind: found a cluster in a network with nat none; allowed: nat one or per_az"),
        (_without_nat_there, "cluster.regions.eu-central-1: found a network with nat none there; allowed: nat same"),
        (_cidr, "cluster.service_cidr: found 10.224.0.0/20; allowed: a range that does not overlap 10.224.0.0/16"),
        (_peer, "cluster.service_cidr: found 172.20.0.0/16; allowed: a range that does not overlap 172.20.0.0/20"),
        (_old_version, "cluster.version: found 1.31; allowed: 1.35, 1.36"),
        (_placed("api", namespace="web"), "api.on.cluster.namespace: found web; allowed: one of the namespaces of"),
        (_placed("api", memory=4096), "api.memory: found 4096; allowed: at most the service's own memory"),
        (_placed("api", on_nodes={"node-group": "gpu"}), "api.on.cluster.on_nodes.node-group: found gpu; allowed: a"),
        (_placed("scheduler", replicas=2), "scheduler.scaling: found more than one replica; allowed: one"),
        (_cache_instead_of_queue, "on.cluster.scaling.queue.role: found queue; allowed: the role of a cache with use"),
        (_long, "scraper-mercadona.on.cluster-of-all-the-services-xyz: found scraper-mercadona-on-cluster-of-all"),
        (
            _region_without_cluster,
            "api.regions.eu-central-1: found eu-central-1; allowed: a region of a cluster that it",
        ),
        (_address_of_the_other_region, "10.225.0.0/20; allowed: a range that does not overlap 10.225.0.0/16 of eu-ce"),
        (
            _schedule_in_two_regions,
            "scheduler.regions: found a schedule in eu-central-1 too; allowed: idempotent: true",
        ),
        (_schedule_on_two_hosts, "scheduler.on: found a schedule on cluster and jobs; allowed: idempotent: true"),
        (_calendar, "report.every: found 2026-*-* 03:00; allowed: a time as"),
        (_capability, "scheduler.capabilities: found SYS_ADMIN; allowed: NET_BIND_SERVICE"),
    ],
)
def test_refused(tmp_path: Path, change: Callable[[Phases], object], told: str) -> None:
    with pytest.raises(BadInput) as caught:
        build(stack(settled("large")), made_up(tmp_path, change))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
