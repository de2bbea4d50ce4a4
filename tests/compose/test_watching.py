"""What watches a system, as it grows onto a cluster and into a second region."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from host_files import host_files
from recording import Recording
from watched import FAR, IMAGES, Phases, made_up, moving, settled

from stacks.models import BadInput, Blueprint

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
OTEL = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.telemetry.svc.cluster.local:4318",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
}


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    return made_up(tmp_path)


def pod_settings(recording: Recording) -> dict[str, dict[str, str]]:
    return {
        each.name: each.inputs["data"]
        for each in recording.by_type("kubernetes:core/v1:ConfigMap")
        if each.name.startswith("api-on-") or each.name.startswith(f"api-{FAR}-on-")
    }


def host_units(recording: Recording) -> str:
    return host_files(recording.one("app-template").inputs["userData"])["/etc/phaseup/units.json"]


def test_pods_are_told_where_their_collector_is(blueprint: Blueprint) -> None:
    for state in (settled("large"), settled("two")):
        told = pod_settings(build(stack(state), blueprint))
        assert len(told) == (1 if state["phaseup:phase"] == "large" else 2)
        for data in told.values():
            assert OTEL.items() <= data.items()


def test_a_collector_on_a_cluster_restarts_no_host(blueprint: Blueprint) -> None:
    before = json.loads(host_units(build(stack(settled("small")), blueprint)))
    after = json.loads(host_units(build(stack(moving(0, "small", "large")), blueprint)))
    assert before["clock"] == after["clock"]
    assert "OTEL" not in json.dumps(after)


def test_without_a_collector_pods_are_told_nothing(tmp_path: Path) -> None:
    def bare(phases: Phases) -> None:
        phases["large"]["telemetry"]["on"] = {}
        del phases["large"]["alarms"]["alarms"]["restarts"]

    for data in pod_settings(build(stack(settled("large")), made_up(tmp_path, bare))).values():
        assert not OTEL.keys() & data.keys()


def test_each_region_has_its_own_collector_alarms_and_topics(blueprint: Blueprint) -> None:
    recording = build(stack(settled("two")), blueprint)
    assert recording.one(f"telemetry-{FAR}-on-cluster-collector-deployment").type == "kubernetes:apps/v1:Deployment"
    assert recording.one(f"telemetry-{FAR}-sampling-all").inputs["region"] == FAR
    assert [each.name for each in recording.by_type("aws:synthetics/canary:Canary")] == ["telemetry-check-api"]
    far = {each.name: each.inputs for each in recording.by_type(ALARM) if each.inputs["region"] == FAR}
    assert far.keys() == {
        f"alarms-{alarm}-{FAR}" for alarm in ("latency", "latency-escalated", "pending", "node-main", "restarts")
    }
    names = {each.inputs["name"] for each in recording.by_type("aws:eks/cluster:Cluster")}
    assert len(names) == 2
    for alarm in ("pending", "restarts"):
        assert far[f"alarms-{alarm}-{FAR}"].get("dimensions", {}).get("ClusterName", "") in {*names, ""}
    topics = {arn for inputs in far.values() for arn in inputs["alarmActions"]}
    assert topics
    assert all(f"-{FAR}-" in arn for arn in topics)
    filters = [each.name for each in recording.by_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")]
    assert sorted(filters) == ["alarms-latency-api", f"alarms-latency-api-{FAR}"]


def test_a_cluster_s_nodes_that_come_or_go_are_told_of(blueprint: Blueprint) -> None:
    recording = build(stack(settled("large")), blueprint)
    pattern = json.loads(recording.one("alarms-on-nodes").inputs["eventPattern"])
    assert pattern["source"] == ["aws.autoscaling"]
    assert len(pattern["detail"]["AutoScalingGroupName"]) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda at: at["large"]["telemetry"]["on"].update(cluster={"namespace": "gone"}),
            r"telemetry\.on\.cluster\.namespace: found gone; allowed: a namespace of cluster: app, telemetry",
        ),
        (
            lambda at: at["large"].update(
                other={"kind": "telemetry", "on": {"cluster": {}}, "checks": {}},
            ),
            r"other\.on\.cluster: found cluster; allowed: a cluster without a collector; telemetry has one",
        ),
        (
            lambda at: at["large"]["telemetry"]["on"].update(app={}),
            r"telemetry\.on\.app: found app; allowed: a kubernetes: cluster",
        ),
        (
            lambda at: at["large"]["alarms"]["objectives"]["availability"].update(check="login"),
            r"alarms\.objectives\.availability\.check: found login; allowed: a check of telemetry: api",
        ),
        (
            lambda at: at["large"]["telemetry"]["checks"]["api"].update(every=5),
            r"telemetry\.checks\.api\.every: found 5; allowed: 1 at most: of an objective of 99\.9 % one failed run",
        ),
        (
            lambda at: at["large"]["alarms"]["objectives"]["availability"].update(block="cluster"),
            r"alarms\.objectives\.availability\.block: found cluster; allowed: a telemetry: telemetry",
        ),
        (
            lambda at: (
                at["large"]["job"].pop("queue"),
                at["large"]["alarms"]["alarms"].update(
                    old={"block": "job", "metric": "queue_age", "above": 1, "severity": "low"}
                ),
            ),
            r"alarms\.alarms\.old\.metric: found queue_age; allowed: of a function that has a queue",
        ),
        (
            lambda at: at["two"]["telemetry"].update(regions={"eu-south-1": {}}),
            r"telemetry\.regions\.eu-south-1: found eu-south-1",
        ),
    ],
)
def test_refused(tmp_path: Path, change: Callable[[Phases], object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        build(stack(settled("two")), made_up(tmp_path, change))


def test_a_collector_s_image_is_pinned_by_the_stack(blueprint: Blueprint) -> None:
    images = {key: image for key, image in IMAGES["phaseup:images"].items() if key != "collector"}
    state: dict[str, Any] = {**settled("large"), "phaseup:images": images}
    with pytest.raises(BadInput, match=r"phaseup:images: found no collector; allowed: collector: <name>@sha256"):
        build(stack(state), blueprint)


def test_what_x_ray_knows_by_name_fits_its_limit_in_every_environment(tmp_path: Path) -> None:
    def longer(phases: Phases) -> None:
        phases["large"]["telemetry"]["groups"] = {"a-name-that-is-so-long": {"filter": "fault"}}

    def long(phases: Phases) -> None:
        phases["large"]["telemetry"]["groups"] = {"a-name-that-is-long": {"filter": "fault"}}

    recording = build(stack(settled("large"), "meal-staging"), made_up(tmp_path, long))
    assert recording.one("telemetry-group-a-name-that-is-long").inputs["groupName"] == (
        "meal-staging-a-name-that-is-long"
    )
    with pytest.raises(
        BadInput, match=r"telemetry\.groups\.a-name-that-is-so-long: found .*, 35 characters; allowed: "
    ):
        build(stack(settled("large"), "meal-staging"), made_up(tmp_path, longer))
