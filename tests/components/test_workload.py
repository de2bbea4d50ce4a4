"""A service as Kubernetes objects: valid for the API server and the controllers, and what they promise."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from k8s_schemas import CRDS, validate

from components.kubernetes import workload_network as network
from components.kubernetes.manifests import disruption_budget
from components.kubernetes.namespaces import namespace_objects, storage_class
from components.kubernetes.spec import AUTOSCALERS, NamespaceSpec
from components.kubernetes.workload import (
    Workload,
    config_map,
    cores,
    deployment,
    pod,
    service_account,
)
from components.kubernetes.workload_cron import cron, cron_job
from components.kubernetes.workload_scaling import autoscalers
from components.kubernetes.workload_secrets import provider_class, role_objects, secret_objects
from components.service.placement import PlacementSpec, QueueSpec, ScalingSpec, label_value
from components.service.spec import ServiceSpec
from components.spec import Refused

IMAGE = "ghcr.io/meal/api@sha256:" + "0" * 64
SUBNETS = {"balancers": ["10.0.224.0/22"], "data": ["10.0.192.0/22"], "data_ports": [6379, 5432]}


def api(**placed: Any) -> Workload:
    service = ServiceSpec(
        on="k8s",
        takes="requests",
        port=3000,
        health={"grace": 62},
        hosts=["api"],
        env={"LOG": "info"},
        memory=1024,
        cpu=2,
        uses=["db", "image-cache"],
        secrets={"SESSION_SECRET": {}},
    )
    size = {"namespace": "app", "cpu": 0.5, "memory": 512, **placed}
    return Workload("api", service, PlacementSpec(**size), IMAGE, {"DOMAIN": "example.com"}, registry="ghcr.io")


def scraper(*, running: bool = True, **placed: Any) -> Workload:
    """The source's figures for a supermarket's scraper."""
    service = ServiceSpec(
        on="k8s", takes="queue", memory=2048, cpu=2, shm=2048, idempotent=True, stop_seconds=120, uses=["queue"]
    )
    scaling = {
        "min": 2,
        "max": 10,
        "cpu": 70,
        "queue": {"role": "queue", "list": "scraper:mercadona", "length": 500},
        "up": {"pods": 2, "every": 60, "wait": 60},
        "down": {"pods": 1, "every": 120, "wait": 300},
    }
    size = {"namespace": "scrapers", "cpu": 0.5, "memory": 512, "scaling": scaling, "tolerates": {"spot": {}}, **placed}
    return Workload("scraper-mercadona", service, PlacementSpec(**size), IMAGE, running=running)


def nightly(**service: Any) -> Workload:
    spec = ServiceSpec(on="k8s", takes="schedule", every="*-*-* 03:00:00", **service)
    return Workload("nightly", spec, PlacementSpec(namespace="app"), IMAGE)


def every_object(of: Workload) -> list[dict[str, Any]]:
    made = [
        service_account(of),
        config_map(of),
        deployment(of),
        disruption_budget(of),
        *autoscalers(of).values(),
    ]
    made.append(network.traffic(of, **SUBNETS))
    made += [
        provider_class(name, of.namespace, region="eu-west-1", objects="[]", keys=["A", "B"]) for name in of.mounts
    ]
    if of.service.port:
        made += [
            network.service(of),
            network.target_group_binding(of, "arn:aws:tg"),
        ]
    return made


WORKLOADS = {
    "api": api(),
    "api scaled": api(scaling={"min": 3, "max": 20, "cpu": 60}, on_nodes={"node-group": "main"}, user=1000),
    "backend": api(
        scaling={"min": 3, "max": 50, "cpu": 70, "memory": 80, "up": {"percent": 50, "wait": 60}},
    ),
    "writes": api(writable={"/var/cache/app": {"size": 100}}),
    "scraper": scraper(),
    "scraper at rest": scraper(running=False),
    "several lists": scraper(scaling={"min": 2, "max": 4, "queue": {"role": "queue", "lists": {"a": 1, "b:c": 2}}}),
    "queue by cpu only": scraper(scaling={"min": 1, "max": 2, "cpu": 60}),
    "scheduler": Workload("clock", ServiceSpec(on="k8s", takes="schedule"), PlacementSpec(namespace="app"), IMAGE),
}


@pytest.mark.parametrize("version", sorted(AUTOSCALERS))
@pytest.mark.parametrize("name", sorted(WORKLOADS))
def test_every_object_is_valid(name: str, version: str) -> None:
    for manifest in every_object(WORKLOADS[name]):
        validate(manifest, version)


@pytest.mark.parametrize("version", sorted(AUTOSCALERS))
def test_jobs_namespaces_and_classes_are_valid(version: str) -> None:
    validate(cron_job(nightly()), version)
    validate(storage_class("arn:key"), version)
    for _, manifest in namespace_objects("app", NamespaceSpec(), version, {"phaseup/system": "meal"}):
        validate(manifest, version)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: deployment(api()), ("spec", "template", "spec", "securityContextt")),
        (lambda: autoscalers(scraper())["scaler"], ("spec", "advanced", "horizontalPodAutoscaler")),
        (lambda: autoscalers(scraper())["scaler-login"], ("spec", "secretTargetRefs")),
        (
            lambda: network.target_group_binding(api(), "arn:aws:tg"),
            ("spec", "targetGroupArn"),
        ),
        (lambda: provider_class("a", "app", region="r", objects="[]", keys=["A"]), ("spec", "secretObject")),
    ],
)
def test_the_schemas_are_strict(make: Any, path: tuple[str, ...]) -> None:
    manifest = make()
    inner = manifest
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = {}
    with pytest.raises(jsonschema.ValidationError):
        validate(manifest, "1.35")


def test_a_crd_s_values_are_checked() -> None:
    manifest = autoscalers(scraper())["scaler"]
    manifest["spec"]["fallback"]["replicas"] = "two"
    with pytest.raises(jsonschema.ValidationError):
        validate(manifest, "1.35")


def test_every_crd_says_where_it_is_from() -> None:
    from components.kubernetes import controllers

    versions = {}
    for file in CRDS.glob("*.json"):
        crd = json.loads(file.read_text(encoding="utf-8"))
        assert file.stem == f"{crd['group']}_{crd['kind']}"
        assert crd["license"] == "Apache-2.0"
        assert len(crd["commit"]) == 40
        versions[crd["kind"]] = crd["version"]
    assert versions["ScaledObject"] == versions["TriggerAuthentication"] == f"v{controllers.SCALING.version}"
    assert versions["TargetGroupBinding"] == f"v{controllers.BALANCING.version}"


def test_replicas_are_stated_only_where_nothing_scales() -> None:
    assert deployment(api(replicas=3))["spec"]["replicas"] == 3
    assert "replicas" not in deployment(api(scaling={"min": 3, "max": 9, "cpu": 60}))["spec"]
    assert "replicas" not in deployment(scraper())["spec"]


def test_a_side_that_does_not_work_has_no_pod() -> None:
    resting = scraper(running=False)
    assert deployment(resting)["spec"]["replicas"] == 0
    scaler = autoscalers(resting)["scaler"]
    assert scaler["metadata"]["annotations"] == {"autoscaling.keda.sh/paused-replicas": "0"}
    assert "annotations" not in autoscalers(scraper())["scaler"]["metadata"]
    assert cron_job(nightly())["spec"]["suspend"] is False


def test_one_autoscaler_only() -> None:
    for of in WORKLOADS.values():
        kinds = [made["kind"] for made in autoscalers(of).values()]
        scalers = [kind for kind in kinds if kind in ("HorizontalPodAutoscaler", "ScaledObject")]
        assert len(scalers) == (1 if of.placed.scaling else 0)


def test_the_scraper_scales_by_the_source_s_figures() -> None:
    spec = autoscalers(scraper())["scaler"]["spec"]
    redis, cpu = spec["triggers"]
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (2, 10)
    assert redis["metadata"]["listLength"] == "500"
    assert redis["metadata"]["listName"] == "scraper:mercadona"
    assert not {"address", "host", "password"} & set(redis["metadata"]), "where the queue is may change, this may not"
    assert redis["metadata"]["enableTLS"] == "true"
    assert cpu == {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "70"}}
    assert spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == {
        "scaleUp": {
            "stabilizationWindowSeconds": 60,
            "selectPolicy": "Max",
            "policies": [{"type": "Pods", "value": 2, "periodSeconds": 60}],
        },
        "scaleDown": {
            "stabilizationWindowSeconds": 300,
            "selectPolicy": "Max",
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
        },
    }
    assert spec["fallback"] == {"failureThreshold": 3, "replicas": 2}
    container = pod(scraper())["containers"][0]
    assert container["resources"] == {
        "requests": {"cpu": "500m", "memory": "512Mi"},
        "limits": {"cpu": "2", "memory": "2048Mi"},
    }


def test_workers_of_several_lists_scale_by_each() -> None:
    """KEDA's trigger sees one list: with one of two, what waits in the other would start no worker."""
    queue = {"role": "queue", "lists": {"prices": 200, "celery:normalize": 50}}
    made = autoscalers(scraper(scaling={"min": 2, "max": 10, "cpu": 80, "queue": queue}))
    *lists, cpu = made["scaler"]["spec"]["triggers"]
    assert [(each["name"], each["metadata"]["listName"], each["metadata"]["listLength"]) for each in lists] == [
        ("prices", "prices", "200"),
        ("celery:normalize", "celery:normalize", "50"),
    ]
    assert {each["authenticationRef"]["name"] for each in lists} == {made["scaler-login"]["metadata"]["name"]}
    assert cpu["type"] == "cpu"
    assert made["scaler"]["metadata"]["labels"]["queue"] == "prices-celery-normalize"
    assert "secretTargetRef" in made["scaler-login"]["spec"]


@pytest.mark.parametrize(
    ("queue", "message"),
    [
        ({}, "list: found neither list nor queue; allowed: one of them"),
        ({"length": 5, "list": "a", "queue": "b"}, "list: found list and queue; allowed: one of them"),
        ({"list": "a", "lists": {"b": 5}}, "list: found list and lists; allowed: one of them"),
        ({"list": "a"}, "length: found null; allowed: entries for each replica"),
        ({"lists": {"a": 5}, "length": 5}, "length: found 5; allowed: null, as each of lists says its own"),
    ],
)
def test_a_queue_is_named_one_way(queue: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        QueueSpec(role="queue", **queue)


def test_keda_logs_in_with_what_the_role_says_now() -> None:
    made = autoscalers(scraper())
    assert list(made) == ["scaler-login", "scaler"], "a scaler without its login fails until it is tried again"
    targets = made["scaler-login"]["spec"]["secretTargetRef"]
    assert {each["name"] for each in targets} == {"role-queue"}
    assert {each["parameter"]: each["key"] for each in targets} == {
        "host": "QUEUE_TLS_NAME",
        "port": "QUEUE_PORT",
        "username": "QUEUE_USER",
        "password": "QUEUE_PASSWORD",
    }


def test_a_share_of_replicas_counts_where_it_is_given() -> None:
    both = api(scaling={"min": 3, "max": 9, "cpu": 60, "up": {"pods": 4, "percent": 100, "every": 15}})
    up = autoscalers(both)["scaler"]["spec"]["behavior"]["scaleUp"]
    assert [each["type"] for each in up["policies"]] == ["Pods", "Percent"]


def test_cpu_and_memory_decide_together() -> None:
    """The wholesale plan's autoscaler, figure by figure."""
    scaling = {
        **{"min": 3, "max": 50, "cpu": 70, "memory": 80},
        "up": {"percent": 50, "every": 60, "wait": 60},
        "down": {"percent": 25, "every": 60, "wait": 300},
    }
    spec = autoscalers(api(scaling=scaling))["scaler"]["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (3, 50)
    assert [(each["resource"]["name"], each["resource"]["target"]) for each in spec["metrics"]] == [
        ("cpu", {"type": "Utilization", "averageUtilization": 70}),
        ("memory", {"type": "Utilization", "averageUtilization": 80}),
    ]
    assert spec["behavior"] == {
        "scaleUp": {
            "stabilizationWindowSeconds": 60,
            "selectPolicy": "Max",
            "policies": [{"type": "Percent", "value": 50, "periodSeconds": 60}],
        },
        "scaleDown": {
            "stabilizationWindowSeconds": 300,
            "selectPolicy": "Max",
            "policies": [{"type": "Percent", "value": 25, "periodSeconds": 60}],
        },
    }
    by_queue = autoscalers(scraper(scaling={**scaling, "queue": {"role": "queue", "list": "l", "length": 9}}))
    assert [each["type"] for each in by_queue["scaler"]["spec"]["triggers"]] == ["redis", "cpu", "memory"]


def test_pods_read_what_they_use_and_are_restarted_when_it_changes() -> None:
    made = deployment(api())
    secrets = ["role-db", "role-image-cache", "api-secrets"]
    assert made["metadata"]["annotations"] == {"secret.reloader.stakater.com/reload": ",".join(secrets)}
    spec = made["spec"]["template"]["spec"]
    sources = spec["containers"][0]["envFrom"]
    assert [each["secretRef"]["name"] for each in sources[1:]] == secrets
    mounted = [each["csi"]["volumeAttributes"]["secretProviderClass"] for each in spec["volumes"] if "csi" in each]
    assert mounted == [*secrets, "registry-ghcr.io"]
    assert spec["imagePullSecrets"] == [{"name": "registry-ghcr.io"}]
    assert {each["name"] for each in spec["volumes"]} == {
        each["name"] for each in spec["containers"][0]["volumeMounts"]
    }
    assert "annotations" not in deployment(WORKLOADS["scheduler"])["metadata"]


def test_the_program_s_zero_wins_over_an_autoscaler_s_count() -> None:
    assert deployment(scraper())["metadata"]["annotations"]["pulumi.com/patchForce"] == "true"
    assert "pulumi.com/patchForce" not in deployment(api())["metadata"]["annotations"]


def test_pods_say_whose_log_group_is_theirs() -> None:
    for of in (api(), scraper()):
        assert deployment(of)["spec"]["template"]["metadata"]["labels"]["phaseup/service"] == of.name
    job = cron_job(nightly())["spec"]["jobTemplate"]["spec"]["template"]
    assert job["metadata"]["labels"]["phaseup/service"] == "nightly"


def test_no_label_has_a_colon() -> None:
    for of in WORKLOADS.values():
        for manifest in every_object(of):
            for value in manifest["metadata"]["labels"].values():
                assert ":" not in value
    assert autoscalers(scraper())["scaler"]["metadata"]["labels"]["queue"] == "scraper-mercadona"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("scraper:mercadona", "scraper-mercadona"),
        (":a:", "a"),
        ("a" * 70, "a" * 63),
        ("a" * 62 + ":b", "a" * 62),
        ("", ""),
    ],
)
def test_label_values(text: str, label: str) -> None:
    assert label_value(text) == label


def test_shared_memory_is_in_memory_and_limited() -> None:
    spec = pod(scraper())
    (volume,) = [each for each in spec["volumes"] if each["name"] == "shared-memory"]
    assert volume["emptyDir"] == {"medium": "Memory", "sizeLimit": "2048Mi"}
    assert {"name": "shared-memory", "mountPath": "/dev/shm"} in spec["containers"][0]["volumeMounts"]
    assert "/dev/shm" not in json.dumps(pod(api()))


def test_pods_are_as_the_restricted_profile_wants_them() -> None:
    for of in WORKLOADS.values():
        spec = pod(of)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["readOnlyRootFilesystem"] is True
            assert context["capabilities"]["drop"] == ["ALL"]
        assert not any("hostPath" in volume for volume in spec["volumes"])


def test_probes_ask_in_their_order() -> None:
    container = pod(api())["containers"][0]
    assert container["startupProbe"]["failureThreshold"] * container["startupProbe"]["periodSeconds"] >= 62
    assert container["livenessProbe"]["failureThreshold"] > container["readinessProbe"]["failureThreshold"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/health", "port": "main"}
    assert "startupProbe" not in pod(scraper())["containers"][0]


def test_a_pod_answers_on_while_its_balancer_lets_go() -> None:
    spec = pod(api())
    assert spec["containers"][0]["lifecycle"] == {"preStop": {"sleep": {"seconds": 15}}}
    assert spec["terminationGracePeriodSeconds"] == 30 + 15
    assert pod(scraper())["terminationGracePeriodSeconds"] == 120
    assert "lifecycle" not in pod(scraper())["containers"][0]


def test_budgets_leave_one_to_evict() -> None:
    for of in WORKLOADS.values():
        assert disruption_budget(of)["spec"]["maxUnavailable"] == 1
        assert "minAvailable" not in disruption_budget(of)["spec"]


def test_selectors_never_change_with_settings() -> None:
    selectors = {json.dumps(deployment(api(cpu=cpu, replicas=n))["spec"]["selector"]) for cpu, n in ((0.5, 1), (1, 3))}
    assert selectors == {'{"matchLabels": {"app.kubernetes.io/name": "api"}}'}


def test_other_settings_are_another_config_map() -> None:
    one, same = api(), api(replicas=2)
    other = Workload(one.name, one.service, one.placed, IMAGE, {"DOMAIN": "elsewhere"})
    assert one.config == same.config
    assert one.config != other.config
    assert config_map(one)["immutable"] is True
    assert config_map(one)["data"] == {"DOMAIN": "example.com", "LOG": "info"}
    assert pod(other)["containers"][0]["envFrom"][0] == {"configMapRef": {"name": other.config}}


def test_two_schedulers_never_overlap() -> None:
    clock = deployment(WORKLOADS["scheduler"])["spec"]
    assert clock["strategy"] == {"type": "Recreate"}
    assert clock["replicas"] == 1
    assert cron_job(nightly())["spec"]["concurrencyPolicy"] == "Forbid"
    assert cron_job(nightly())["spec"]["jobTemplate"]["spec"]["template"]["spec"]["restartPolicy"] == "OnFailure"


def test_secrets_are_listed_once_with_their_keys() -> None:
    given = {"DB_PASSWORD": ("arn:db", "password"), "DB_USER": ("arn:db", "username"), "KEY": ("arn:key", "")}
    assert json.loads(secret_objects(given)) == [
        {"objectName": "arn:key", "objectType": "secretsmanager", "objectAlias": "KEY"},
        {
            "objectName": "arn:db",
            "objectType": "secretsmanager",
            "objectAlias": "secret-0",
            "jmesPath": [
                {"path": '"password"', "objectAlias": "DB_PASSWORD"},
                {"path": '"username"', "objectAlias": "DB_USER"},
            ],
        },
    ]


def test_traffic_is_what_is_listed() -> None:
    spec = network.traffic(api(), **SUBNETS)["spec"]
    assert spec["ingress"] == [
        {"from": [{"ipBlock": {"cidr": "10.0.224.0/22"}}], "ports": [{"protocol": "TCP", "port": 3000}]}
    ]
    world, identity, data = spec["egress"]
    assert world["to"][0]["ipBlock"]["except"] == ["169.254.169.254/32"]
    assert identity["to"] == [{"ipBlock": {"cidr": "169.254.170.23/32"}}]
    assert [port["port"] for port in data["ports"]] == [5432, 6379]
    assert "ingress" not in network.traffic(scraper(), **SUBNETS)["spec"]


def test_pods_are_bound_by_address() -> None:
    spec = network.target_group_binding(api(), "arn:tg")["spec"]
    assert (spec["targetType"], spec["targetGroupARN"]) == ("ip", "arn:tg")
    assert spec["serviceRef"] == {"name": "api", "port": 3000}
    assert "networking" not in spec, "the way in is a rule of the program's own"


def test_a_role_s_variables_come_from_its_parameter_and_its_logins() -> None:
    plain = {"DB_HOST": "HOST", "DB_SHARD_TWO_HOST": "SHARD_TWO_HOST"}
    logins = {"DB_PASSWORD": ("arn:one", "password"), "DB_SHARD_TWO_PASSWORD": ("arn:two", "password")}
    where, one, two = json.loads(role_objects("/meal-prod/roles/db", plain, logins))
    assert where == {
        "objectName": "/meal-prod/roles/db",
        "objectType": "ssmparameter",
        "objectAlias": "where",
        "jmesPath": [
            {"path": 'env."HOST"', "objectAlias": "DB_HOST"},
            {"path": 'env."SHARD_TWO_HOST"', "objectAlias": "DB_SHARD_TWO_HOST"},
        ],
    }
    assert (one["objectName"], one["jmesPath"]) == ("arn:one", [{"path": '"password"', "objectAlias": "DB_PASSWORD"}])
    assert two["objectName"] == "arn:two"
    aliases = [path["objectAlias"] for each in (where, one, two) for path in each["jmesPath"]]
    assert len({*aliases, *(each["objectAlias"] for each in (where, one, two))}) == len(aliases) + 3


def test_a_registry_s_login_has_the_form_that_a_pull_wants() -> None:
    made = provider_class(
        "registry-ghcr.io",
        "app",
        region="eu-west-1",
        objects=secret_objects({".dockerconfigjson": ("arn:login", "")}),
        keys=[".dockerconfigjson"],
        kind="kubernetes.io/dockerconfigjson",
    )
    (secret,) = made["spec"]["secretObjects"]
    assert secret["type"] == "kubernetes.io/dockerconfigjson"
    assert secret["data"] == [{"objectName": "dockerconfigjson", "key": ".dockerconfigjson"}]
    (said,) = json.loads(made["spec"]["parameters"]["objects"])
    assert said["objectAlias"] == "dockerconfigjson"
    validate(made, "1.35")


def test_what_it_calls_beside_https_is_named() -> None:
    egress = network.traffic(
        scraper(reaches={"proxy": {"port": 22225}, "own": {"port": 80, "cidr": "10.9.0.0/16"}}), **SUBNETS
    )
    own, proxy = egress["spec"]["egress"][-2:]
    assert own == {"to": [{"ipBlock": {"cidr": "10.9.0.0/16"}}], "ports": [{"protocol": "TCP", "port": 80}]}
    assert proxy["to"] == [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]


@pytest.mark.parametrize(("count", "text"), [(0.5, "500m"), (2, "2"), (0.25, "250m"), (1.5, "1500m"), (0.001, "1m")])
def test_cores(count: float, text: str) -> None:
    assert cores(count) == text


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        ("*-*-* 03:00:00", "0 3 * * *"),
        ("*-*-* 03:05", "5 3 * * *"),
        ("*:0/15", "*/15 * * * *"),
        ("*:05/15", "5-59/15 * * * *"),
        ("*/6:30", "30 */6 * * *"),
        ("Mon *-*-* 04:30:00", "30 4 * * 1"),
        ("Mon..Fri 8:00", "0 8 * * 1-5"),
        ("sat,sun *:*", "* * * * 6,0"),
        ("*-*-01 00:00:00", "0 0 1 * *"),
        ("hourly", "0 * * * *"),
        ("weekly", "0 0 * * 1"),
    ],
)
def test_calendars_as_cron(calendar: str, expected: str) -> None:
    assert cron(calendar) == expected


@pytest.mark.parametrize(
    "calendar",
    [
        "*-*-* 03:00:30",
        "2026-*-* 03:00",
        "25:00",
        "3:60",
        "*:0/0",
        "mon *-*-13 03:00",
        "fri..mon 3:00",
        "xyz 3:00",
        "",
        "*-*-32 3:00",
        "mon..tue..wed 3:00",
    ],
)
def test_calendars_that_cron_has_not(calendar: str) -> None:
    with pytest.raises(Refused):
        cron(calendar)


def _made(service: dict[str, Any], **placed: Any) -> Workload:
    return Workload("x", ServiceSpec(on="k8s", **service), PlacementSpec(namespace="app", **placed), IMAGE)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: _made({"takes": "queue", "capabilities": {"SYS_ADMIN": {}}}), "capabilities"),
        (lambda: _made({"takes": "schedule"}, replicas=2), "scaling"),
        (lambda: Workload("x", api().service, PlacementSpec(namespace="a"), IMAGE, running=False), "running"),
        (lambda: Workload("x", api().service, PlacementSpec(namespace="a", memory=2048), IMAGE), "memory"),
        (lambda: Workload("x", api().service, PlacementSpec(namespace="a", cpu=4), IMAGE), "cpu"),
        (lambda: cron_job(_made({"takes": "schedule"})), "every"),
    ],
)
def test_what_cannot_run_is_refused(make: Any, key: str) -> None:
    with pytest.raises(Refused) as refused:
        make()
    assert refused.value.key == key


@pytest.mark.parametrize(
    "scaling",
    [
        {"min": 3, "max": 2},
        {"min": 1, "max": 2, "cpu": None},
        {"min": 1, "max": 2, "cpu": 70, "up": {"every": 15}},
        {"min": 1, "max": 2, "queue": {"role": "q", "list": "l", "length": 1, "fallback": 3}},
    ],
)
def test_scaling_that_contradicts_itself_is_refused(scaling: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="allowed"):
        ScalingSpec(**scaling)
