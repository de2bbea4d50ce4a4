"""telemetry: collectors the API server takes, pipelines that keep what is named, checks that tell good from bad."""

from __future__ import annotations

import base64
import http.server
import importlib.util
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from k8s_schemas import validate
from pydantic import ValidationError
from recording import ACCOUNT, record
from whole import IMAGE, telemetry

from components.alarms.catalogue import CATALOGUE, CLUSTER_NAMESPACE
from components.alarms.metrics import readings
from components.kubernetes.spec import AUTOSCALERS
from components.site import Site
from components.spec import Refused
from components.telemetry import TelemetryArgs, TelemetrySpec, objects
from components.telemetry.checks import SCRIPT, package
from components.telemetry.component import collectors
from components.telemetry.objects import Collector, manifests
from components.telemetry.pipeline import SEEN

CANARY = "aws:synthetics/canary:Canary"


def pair(site: Site, **spec: Any) -> dict[str, Collector]:
    given = TelemetrySpec(**{"on": {"k8s": {}}, "metrics": {"http.server.request.duration": {}}, **spec})
    args = TelemetryArgs(given, site, ACCOUNT, "arn:key", "example.com", IMAGE)
    return {each.role: each for each in collectors("telemetry", args, "meal-prod-k8s", given.on["k8s"])}


def objects_of(of: Collector) -> dict[str, Any]:
    return dict(manifests(of, ["app", "scrapers"]))


@pytest.mark.parametrize("version", sorted(AUTOSCALERS))
def test_every_object_is_valid(site: Site, version: str) -> None:
    for of in pair(site).values():
        for manifest in objects_of(of).values():
            validate(manifest, version)


def test_the_gateway_has_no_sight_of_the_cluster_and_the_watcher_no_door(site: Site) -> None:
    made = {role: objects_of(of) for role, of in pair(site).items()}
    assert set(made["collector"]) == {
        "account",
        "config",
        "traffic",
        "service",
        "disruptions",
        "from-app",
        "from-scrapers",
        "deployment",
    }
    assert set(made["cluster-watcher"]) == {"account", "config", "traffic", "sight", "sight-given", "deployment"}
    assert made["collector"]["account"]["automountServiceAccountToken"] is False
    assert made["cluster-watcher"]["account"]["automountServiceAccountToken"] is True
    assert made["cluster-watcher"]["traffic"]["spec"]["ingress"] == []
    verbs = {verb for rule in made["cluster-watcher"]["sight"]["rules"] for verb in rule["verbs"]}
    seen = {resource for rule in made["cluster-watcher"]["sight"]["rules"] for resource in rule["resources"]}
    assert verbs == {"get", "list", "watch"}
    assert not {"secrets", "configmaps", "*"} & seen
    (kubelets,) = [rule for rule in made["cluster-watcher"]["sight"]["rules"] if "nodes/stats" in rule["resources"]]
    assert kubelets == {"apiGroups": [""], "resources": ["nodes/stats"], "verbs": ["get"]}


def test_the_watcher_asks_each_node_for_its_memory_and_may(site: Site) -> None:
    spec = TelemetrySpec(on={"k8s": {}})
    args = TelemetryArgs(spec, site, ACCOUNT, "arn:key", "example.com", IMAGE, nodes=["10.0.0.0/19", "10.0.32.0/19"])
    made = {of.role: of for of in collectors("telemetry", args, "meal-prod-k8s", spec.on["k8s"])}
    config = made["cluster-watcher"].config
    creator = config["receivers"]["receiver_creator"]
    asked = creator["receivers"]["kubelet_stats"]
    assert creator["watch_observers"] == ["k8s_observer"]
    assert config["extensions"]["k8s_observer"]["observe_nodes"] is True
    assert (asked["rule"], asked["config"]["endpoint"]) == ('type == "k8s.node"', "`endpoint`:10250")
    assert asked["config"]["metric_groups"] == ["node"]
    assert "insecure_skip_verify" not in asked["config"]
    out = objects_of(made["cluster-watcher"])["traffic"]["spec"]["egress"]
    assert out[-1] == {
        "to": [{"ipBlock": {"cidr": "10.0.0.0/19"}}, {"ipBlock": {"cidr": "10.0.32.0/19"}}],
        "ports": [{"protocol": "TCP", "port": 10250}],
    }
    elsewhere = objects_of(made["collector"])["traffic"]["spec"]["egress"]
    assert all(port["port"] != 10250 for rule in elsewhere for port in rule["ports"])


def test_a_cluster_s_memory_is_that_of_all_its_nodes(site: Site) -> None:
    made = []
    record(lambda: made.append(telemetry(site)))
    (reading,) = readings(made[0].emitter, "node_memory", None, 60).values()
    used, free, value = reading.queries
    assert (used.metric.metric_name, used.metric.stat) == ("k8s.node.memory.working_set", "Average")
    assert (free.metric.metric_name, free.metric.stat) == ("k8s.node.memory.available", "Average")
    assert value.expression == "100 * SUM([a0]) / (SUM([a0]) + SUM([b0]))"


def test_there_is_never_a_second_watcher(site: Site) -> None:
    spec = objects_of(pair(site, on={"k8s": {"replicas": 9}})["cluster-watcher"])["deployment"]["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_pods_run_as_the_restricted_profile_wants(site: Site) -> None:
    for of in pair(site, on={"k8s": {"replicas": 3, "cpu": 0.5, "memory": 1024}}).values():
        pod = objects_of(of)["deployment"]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
    (container,) = objects_of(pair(site, on={"k8s": {"memory": 1000}})["collector"])["deployment"]["spec"]["template"][
        "spec"
    ]["containers"]
    env = {each["name"]: each.get("value") for each in container["env"]}
    assert env["GOMEMLIMIT"] == "800MiB"


def test_only_services_of_the_cluster_reach_the_gateway_and_they_can(site: Site) -> None:
    made = objects_of(pair(site)["collector"])
    (into,) = made["traffic"]["spec"]["ingress"]
    assert [each["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for each in into["from"]] == [
        "app",
        "scrapers",
    ]
    ports = [each["port"] for each in made["service"]["spec"]["ports"]]
    assert sorted(ports) == [each["port"] for each in into["ports"]] == [2000, 4317, 4318]
    for namespace in ("app", "scrapers"):
        out = made[f"from-{namespace}"]
        assert (out["metadata"]["namespace"], out["spec"]["podSelector"]) == (namespace, {})
        (rule,) = out["spec"]["egress"]
        assert rule["ports"] == into["ports"]
        assert rule["to"][0]["podSelector"]["matchLabels"] == made["deployment"]["spec"]["selector"]["matchLabels"]
        assert rule["to"][0]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "telemetry"}
    assert objects.address("telemetry") == "http://collector.telemetry.svc.cluster.local:4318"


def test_another_configuration_is_another_map_and_so_a_rollout(site: Site) -> None:
    before, after = pair(site)["collector"], pair(site, keep_percent=50)["collector"]
    assert before.config_name != after.config_name
    for of in (before, after):
        made = objects_of(of)
        assert made["config"]["metadata"]["name"] == of.config_name
        assert made["deployment"]["spec"]["template"]["spec"]["volumes"][0]["configMap"] == {"name": of.config_name}
        assert json.loads(made["config"]["data"]["config.yaml"]) == of.config


def test_every_part_of_a_pipeline_is_defined_and_used(site: Site) -> None:
    for spec in ({}, {"metrics": {}}):
        for of in pair(site, **spec).values():
            pipelines = of.config["service"]["pipelines"].values()
            for kind in ("receivers", "processors", "exporters"):
                used = {name for pipeline in pipelines for name in pipeline[kind]}
                assert used == set(of.config[kind]), (of.role, kind)
            assert set(of.config["service"]["extensions"]) == set(of.config["extensions"])
            for pipeline in pipelines:
                assert pipeline["processors"][0] == "memory_limiter"
                assert pipeline["processors"][-1] == "batch"


def test_traces_are_kept_by_the_ratio_and_go_to_x_ray(site: Site) -> None:
    config = pair(site, keep_percent=12.5)["collector"].config
    assert config["processors"]["probabilistic_sampler"]["sampling_percentage"] == 12.5
    assert "probabilistic_sampler" in config["service"]["pipelines"]["traces"]["processors"]
    assert config["exporters"]["awsxray"] == {"region": "eu-west-1"}


def test_of_metrics_only_those_that_are_named_are_kept(site: Site) -> None:
    given = {"http.server.request.duration": {"by": ["service.name", "http.route"]}, "jobs": {}}
    config = pair(site, metrics=given)["collector"].config
    emf = config["exporters"]["awsemf"]
    assert emf["metric_declarations"] == [
        {
            "dimensions": [["service.name", "http.route"]],
            "metric_name_selectors": [r"^http\.server\.request\.duration$"],
        },
        {"dimensions": [["service.name"]], "metric_name_selectors": ["^jobs$"]},
    ]
    assert emf["dimension_rollup_option"] == "NoDimensionRollup"
    assert config["processors"]["filter"]["metrics"]["metric"] == [
        'name != "http.server.request.duration" and name != "jobs"'
    ]
    assert "metrics" not in pair(site, metrics={})["collector"].config["service"]["pipelines"]


def test_what_alarms_read_of_a_cluster_is_what_the_watcher_writes(site: Site) -> None:
    emf = pair(site)["cluster-watcher"].config["exporters"]["awsemf"]
    read = {
        name
        for metric in CATALOGUE["telemetry"].values()
        if metric.namespace == CLUSTER_NAMESPACE
        for name in metric.names
    }
    assert read == set(SEEN)
    (declared,) = emf["metric_declarations"]
    assert emf["namespace"] == CLUSTER_NAMESPACE
    assert declared["dimensions"] == [["ClusterName"]]
    assert declared["metric_name_selectors"] == [f"^{name.replace('.', chr(92) + '.')}$" for name in SEEN]
    attributes = pair(site)["cluster-watcher"].config["processors"]["resource"]["attributes"]
    assert attributes == [{"key": "ClusterName", "value": "meal-prod-k8s", "action": "upsert"}]


def test_its_emitter_names_the_same_cluster_and_the_checks(site: Site) -> None:
    made = []
    record(lambda: made.append(telemetry(site)))
    emitter = made[0].emitter
    assert emitter.members == {"k8s": {"ClusterName": "meal-prod-k8s"}}
    assert set(emitter.followers) == {"api", "home"}
    for metric in CATALOGUE["telemetry"]:
        assert readings(emitter, metric, None, 60)


def test_each_collector_has_a_role_that_may_write_its_own_lines(site: Site) -> None:
    recording = record(lambda: telemetry(site))
    sids = {}
    for role in ("collector", "cluster-watcher"):
        statements = json.loads(recording.one(f"telemetry-on-k8s-{role}-policy").inputs["policy"])["Statement"]
        sids[role] = {each["Sid"] for each in statements}
        (logs,) = [each for each in statements if each["Sid"] == "Metrics"]
        assert all(arn.startswith("arn:aws:cloudwatch:::telemetry-metrics-") for arn in logs["Resource"])
        identity = recording.one(f"telemetry-on-k8s-{role}-identity").inputs
        assert (identity["namespace"], identity["serviceAccount"]) == ("telemetry", role)
        deployed = recording.one(f"telemetry-on-k8s-{role}-deployment")
        assert recording.one(f"telemetry-on-k8s-{role}-identity").urn in deployed.depends_on
    assert sids == {"collector": {"Metrics", "Traces"}, "cluster-watcher": {"Metrics"}}


def test_rules_and_groups_of_x_ray(site: Site) -> None:
    recording = record(lambda: telemetry(site))
    rule = recording.one("telemetry-sampling-health").inputs
    wanted = {
        "ruleName": "meal-prod-health",
        "priority": 1,
        "fixedRate": 0,
        "reservoirSize": 0,
        "urlPath": "/health",
        "serviceName": "*",
        "version": 1,
        "region": "eu-west-1",
    }
    assert {key: rule[key] for key in wanted} == wanted
    group = recording.one("telemetry-group-failed").inputs
    assert (group["groupName"], group["filterExpression"]) == ("meal-prod-failed", "fault OR error")
    assert group["insightsConfiguration"] == {"insightsEnabled": True, "notificationsEnabled": False}


def test_a_check_asks_as_a_user_would(site: Site) -> None:
    recording = record(lambda: telemetry(site))
    api, home = (recording.one(f"telemetry-check-{check}").inputs for check in ("api", "home"))
    assert api["runConfig"]["environmentVariables"] == {
        "CHECK_URL": "https://api.example.com/health",
        "CHECK_METHOD": "GET",
        "CHECK_STATUS": "200",
        "CHECK_LATENCY_MS": "1000",
    }
    assert home["runConfig"]["environmentVariables"]["CHECK_URL"] == "https://example.com/"
    assert home["runConfig"]["environmentVariables"]["CHECK_CONTAINS"] == "Meal"
    assert (api["schedule"], home["schedule"]) == ({"expression": "rate(5 minutes)"}, {"expression": "rate(1 minute)"})
    assert (api["name"], api["startCanary"], api["deleteLambda"]) == ("meal-prod-api", True, True)
    assert api["artifactS3Location"].startswith("s3://telemetry-checks-")
    assert api["artifactS3Location"].endswith("/runs/api")
    for given in (api, home):
        assert given["runConfig"]["timeoutInSeconds"] <= 60
        assert (given["s3Key"], given["handler"]) == (package().key, "check.handler")


def test_what_runs_leave_behind_is_private_and_goes_in_time_and_the_script_stays(site: Site) -> None:
    recording = record(lambda: telemetry(site, artifact_days=7))
    assert recording.one("telemetry-checks").protect
    (rule,) = recording.one("telemetry-checks-expiry").inputs["rules"]
    assert (rule["filter"], rule["expiration"]) == ({"prefix": "runs/"}, {"days": 7})
    assert recording.one("telemetry-checks-private").inputs["restrictPublicBuckets"] is True
    assert not recording.one("telemetry-checks-script").inputs["key"].startswith("runs/")


def test_the_bucket_is_there_without_checks_and_nothing_else_of_them(site: Site) -> None:
    recording = record(lambda: telemetry(site, checks={}))
    assert recording.by_type(CANARY) == []
    assert {"telemetry-checks", "telemetry-checks-policy"} <= recording.names()
    assert not {"telemetry-checks-script", "telemetry-checks-role"} & recording.names()


def test_in_another_region_there_are_collectors_and_no_checks(site: Site) -> None:
    recording = record(lambda: telemetry(replace(site, region="eu-central-1"), home=False))
    assert recording.by_type(CANARY) == []
    assert "telemetry-checks" not in recording.names()
    assert "telemetry-on-k8s-collector-deployment" in recording.names()
    assert recording.one("telemetry-sampling-health").inputs["region"] == "eu-central-1"


def test_armed_its_bucket_may_go_with_what_is_in_it(site: Site) -> None:
    recording = record(lambda: telemetry(replace(site, retiring=True)))
    for name in ("telemetry-checks", "telemetry-checks-script"):
        assert not recording.one(name).protect
        assert recording.one(name).retain


# --- the script ------------------------------------------------------------------------------------------------------


def test_the_package_is_the_script_and_the_same_whenever_it_is_made() -> None:
    once, again = package(), package()
    assert once.content == again.content
    with zipfile.ZipFile(io.BytesIO(once.content)) as archive:
        (entry,) = archive.infolist()
        assert (entry.filename, entry.date_time) == ("python/check.py", (1980, 1, 1, 0, 0, 0))
        assert archive.read(entry) == SCRIPT.read_bytes()


def test_another_script_is_another_object(tmp_path: Any) -> None:
    other = tmp_path / "check.py"
    other.write_text(SCRIPT.read_text() + "\n")
    assert package(other).key != package().key
    assert package(other).key.startswith("scripts/")


def test_what_is_uploaded_is_the_package(site: Site) -> None:
    script = record(lambda: telemetry(site)).one("telemetry-checks-script").inputs
    assert base64.b64decode(script["contentBase64"]) == package().content


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = {"/gone": 404, "/moved": 302, "/broken": 500}.get(self.path.partition("?")[0], 200)
        body = f"path {self.path}".encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/health")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 the protocol's name

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()


def run(script: ModuleType, monkeypatch: pytest.MonkeyPatch, url: str, **given: str) -> str:
    told = {"METHOD": "GET", "STATUS": "200", "LATENCY_MS": "30000", "URL": url, **given}
    for key in ("CONTAINS", *told):
        monkeypatch.delenv(f"CHECK_{key}", raising=False)
    for key, value in told.items():
        monkeypatch.setenv(f"CHECK_{key}", value)
    return script.handler(None, None)


def test_a_right_answer_in_time_goes_well(script: ModuleType, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(script, monkeypatch, f"{origin}/v1/products?q=a", CONTAINS="path /v1/products?q=a").endswith(" ms")
    assert run(script, monkeypatch, f"{origin}/gone", STATUS="404")
    assert run(script, monkeypatch, f"{origin}/health", METHOD="HEAD")


@pytest.mark.parametrize(
    ("path", "given", "said"),
    [
        ("/gone", {}, "status 404, not 200"),
        ("/broken", {}, "status 500, not 200"),
        # A redirect is not followed: the page it leads to would hide that this one is gone.
        ("/moved", {}, "status 302, not 200"),
        ("/health", {"STATUS": "204"}, "status 200, not 204"),
        ("/health", {"CONTAINS": "Meal"}, "does not hold 'Meal'"),
        ("/health", {"LATENCY_MS": "-1"}, "more than -1"),
    ],
)
def test_a_wrong_or_late_answer_fails(
    script: ModuleType, origin: str, monkeypatch: pytest.MonkeyPatch, path: str, given: dict[str, str], said: str
) -> None:
    with pytest.raises(script.WrongAnswerError, match=said):
        run(script, monkeypatch, f"{origin}{path}", **given)


def test_no_answer_fails(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="refused"):
        run(script, monkeypatch, "http://127.0.0.1:9/")


# --- the spec --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"keep_percent": 0}, "greater than 0"),
        ({"checks": {"Api": {"host": "api"}}}, "checks.Api: found Api; allowed: a short name"),
        ({"checks": {"api": {"host": "api", "path": "health"}}}, "match pattern"),
        ({"checks": {"api": {"host": "api", "every": 3}}}, "1, 2, 5, 10, 15, 30 or 60"),
        ({"checks": {"api": {"host": "api", "latency": 0}}}, "greater than or equal to 1"),
        ({"metrics": {"http requests": {}}}, "metrics.http requests: found http requests"),
        ({"metrics": {'x" or true': {}}}, "a name that matches"),
        ({"sampling": {"a": {}, "b": {}}}, "sampling.a.priority: found 1000; allowed: one that no other rule has"),
        ({"sampling": {"a": {"percent": 101}}}, "less than or equal to 100"),
        ({"groups": {"a": {"filter": ""}}}, "at least 1 character"),
        ({"on": {"k8s": {"replicas": 0}}}, "greater than or equal to 1"),
        ({"regions": {"Europe": {}}}, "match pattern"),
    ],
)
def test_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TelemetrySpec(**wrong)


def test_a_collector_stands_on_a_cluster() -> None:
    with pytest.raises(Refused, match=r"on\.app: found app; allowed: a kubernetes: k8s"):
        TelemetrySpec(on={"app": {}}).check_among({"app": "server", "k8s": "kubernetes"})
    TelemetrySpec(on={"k8s": {}}).check_among({"app": "server", "k8s": "kubernetes"})


def test_a_collector_without_its_image_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whole.IMAGE", None)
    with pytest.raises(Exception, match="telemetry: a collector needs its image"):
        record(lambda: telemetry(site))
