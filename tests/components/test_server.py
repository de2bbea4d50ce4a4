"""server: how hosts are made, how their number changes, and what they may do."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from host_files import host_files, unpacked
from pydantic import ValidationError
from recording import Recording, record
from whole import IMAGE, ROUTES, network, service

from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.server import Server, ServerArgs
from components.server.cloud_init import LIMIT, packed, shortened, user_data
from components.server.spec import ServerSpec, architecture
from components.server.tunnel import Tunnel, TunnelArgs
from components.service.unit import ContainerUnit
from components.site import Site
from phaseup.graph.values import Secret, unwrap

PLAIN = {"instance": "t4g.medium"}


def build(
    site: Site, *, behind: bool = False, units: bool = True, health: str = "EC2", alone: bool = False, **spec: object
) -> Recording:
    def program() -> None:
        made = network(site)
        running = [service(site, made).units["app"]] if units else []
        tunnel = Tunnel("app", TunnelArgs(site, "a" * 32, {"api.example.com": 3000})) if spec.get("tunnel") else None
        targets = {}
        if behind:
            balancer = Balancer("lb", BalancerArgs(BalancerSpec(), site, made, ROUTES))
            targets = {"api": balancer.target("api", "app")}
        args = ServerArgs(ServerSpec(**{**PLAIN, **spec}), site, made, running, targets, health, tunnel, alone)
        Server("app", args)

    return record(program)


def config_of(recording: Recording) -> dict[str, str]:
    return host_files(recording.one("app-template").inputs["userData"])


def test_a_host_is_hardened(site: Site) -> None:
    template = build(site).one("app-template").inputs
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["metadataOptions"]["httpPutResponseHopLimit"] == 2
    assert template["imageId"] == ("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64")
    (disk,) = template["blockDeviceMappings"]
    assert disk["ebs"]["encrypted"] == "true"
    assert disk["ebs"]["volumeType"] == "gp3"
    assert "app-disk-key" in disk["ebs"]["kmsKeyId"]
    assert "keyName" not in template
    assert template["networkInterfaces"][0]["associatePublicIpAddress"] == "false"
    assert {each["resourceType"] for each in template["tagSpecifications"]} == {
        "instance",
        "volume",
        "network-interface",
    }
    assert "vpcSecurityGroupIds" not in template  # EC2 refuses both it and interfaces


def test_no_port_is_open_but_to_the_balancer(site: Site) -> None:
    assert not build(site).by_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    rules = [
        each for each in build(site, behind=True).by_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if each.name.startswith("app-")
    ]  # fmt: skip
    assert [each.name for each in rules] == ["app-from-balancer-api"]
    assert (rules[0].inputs["fromPort"], rules[0].inputs["toPort"]) == (3000, 3000)
    assert rules[0].inputs["referencedSecurityGroupId"].startswith("lb-sg-")


def test_the_group_keeps_its_name_and_its_number_is_scaling_s(site: Site) -> None:
    small, large = build(site), build(site, count={"min": 2, "max": 5}, instance="m7g.large")
    for recording, least, most in ((small, 1, 1), (large, 2, 5)):
        group = recording.one("app-group")
        assert group.inputs["name"] == "meal-prod-app"
        assert (group.inputs["minSize"], group.inputs["maxSize"]) == (least, most)
        assert group.ignore_changes == ("desiredCapacity",)
        assert group.protect
        assert group.inputs["instanceMaintenancePolicy"] == {"minHealthyPercentage": 100, "maxHealthyPercentage": 200}
        assert group.inputs["instanceRefresh"]["preferences"]["minHealthyPercentage"] == 100
        # EC2 Auto Scaling refuses both where the image is a parameter.
        assert not {"autoRollback", "skipMatching"} & group.inputs["instanceRefresh"]["preferences"].keys()
    assert small.one("app-group").urn == large.one("app-group").urn


def test_where_two_hosts_would_do_the_same_the_old_one_goes_first(site: Site) -> None:
    group = build(site, alone=True).one("app-group").inputs
    assert group["instanceMaintenancePolicy"] == {"minHealthyPercentage": 0, "maxHealthyPercentage": 100}
    refresh = group["instanceRefresh"]["preferences"]
    assert (refresh["minHealthyPercentage"], refresh["maxHealthyPercentage"]) == (0, 100)


def test_a_new_template_version_reaches_the_group(site: Site) -> None:
    policy = build(site).one("app-group").inputs["mixedInstancesPolicy"]
    assert policy["launchTemplate"]["launchTemplateSpecification"]["version"] == "1"  # the number, never $Latest


def test_hosts_wait_for_their_rights_logs_and_way_out(site: Site) -> None:
    waits = {urn.rsplit("::", 1)[1] for urn in build(site).one("app-group").depends_on}
    assert {"app-may-api", "app-host", "api-logs", "api-secrets"} <= waits
    assert "net-public-routes-internet" in waits


def test_scaling_policies_only_where_there_is_something_to_scale(site: Site) -> None:
    assert not build(site).by_type("aws:autoscaling/policy:Policy")
    recording = build(site, behind=True, count={"min": 2, "max": 5}, request_target=600)
    assert {each.name for each in recording.by_type("aws:autoscaling/policy:Policy")} == {
        "app-track-cpu",
        "app-track-requests-api",
    }
    metric = recording.one("app-track-requests-api").inputs["targetTrackingConfiguration"]
    label = metric["predefinedMetricSpecification"]["resourceLabel"]
    # EC2 Auto Scaling refuses a label whose target group is not attached yet.
    waits = {urn.rsplit("::", 1)[1] for urn in recording.one("app-track-requests-api").depends_on}
    assert "app-serves-api" in waits
    assert label.startswith("app/lb-lb-")
    assert "/targetgroup/lb-api-on-app-" in label
    assert metric["targetValue"] == 600


def test_hosts_by_the_length_of_a_queue_as_its_two_marks_say(site: Site) -> None:
    queue = {"metric": "queue_length", "above": 100, "below": 10, "minutes": 3}
    recording = build(site, count={"min": 3, "max": 5}, queue=queue)
    steps = {"long": (5, {"metricIntervalLowerBound": "0"}), "short": (3, {"metricIntervalUpperBound": "0"})}
    marks = {"long": ("GreaterThanThreshold", 100), "short": ("LessThanThreshold", 10)}
    for side, (hosts, bound) in steps.items():
        policy = recording.one(f"app-queue-{side}")
        assert (policy.inputs["policyType"], policy.inputs["adjustmentType"]) == ("StepScaling", "ExactCapacity")
        assert policy.inputs["stepAdjustments"] == [{"scalingAdjustment": hosts, **bound}]
        alarm = recording.one(f"app-queue-{side}-alarm").inputs
        assert (alarm["comparisonOperator"], alarm["threshold"]) == marks[side]
        assert (alarm["namespace"], alarm["metricName"]) == ("meal-prod/services", "queue_length")
        assert (alarm["period"], alarm["evaluationPeriods"], alarm["statistic"]) == (60, 3, "Maximum")
        assert (alarm["treatMissingData"], len(alarm["alarmActions"])) == ("missing", 1)
        assert f"app-queue-{side}" in str(alarm["alarmActions"][0])
    # CPU adds hosts; those that only wait are not taken away from a long queue.
    assert recording.one("app-track-cpu").inputs["targetTrackingConfiguration"]["disableScaleIn"] is True
    plain = build(site, count={"min": 3, "max": 5}).one("app-track-cpu").inputs
    assert "disableScaleIn" not in plain["targetTrackingConfiguration"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"count": {"min": 3, "max": 5}, "queue": {"metric": "q", "above": 10, "below": 20}},
            "at most above, which is 10",
        ),
        ({"count": {"min": 3, "max": 3}, "queue": {"metric": "q", "above": 100, "below": 10}}, "queue: found set"),
    ],
)
def test_marks_that_no_number_of_hosts_fits(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ServerSpec(**{**PLAIN, **given})


def test_spot_keeps_a_base_on_demand(site: Site) -> None:
    plain = build(site).one("app-group").inputs
    assert plain["mixedInstancesPolicy"]["instancesDistribution"]["onDemandPercentageAboveBaseCapacity"] == 100
    assert plain["capacityRebalance"] is False
    spot = build(site, spot={"on_demand_base": 1}, alternatives={"t4g.large": {}}).one("app-group").inputs
    distribution = spot["mixedInstancesPolicy"]["instancesDistribution"]
    assert (distribution["onDemandBaseCapacity"], distribution["onDemandPercentageAboveBaseCapacity"]) == (1, 0)
    assert [each["instanceType"] for each in spot["mixedInstancesPolicy"]["launchTemplate"]["overrides"]] == [
        "t4g.medium",
        "t4g.large",
    ]
    assert spot["capacityRebalance"] is True


def test_hosts_drain_before_they_go(site: Site) -> None:
    recording = build(site, drain=300)
    hook = recording.one("app-drain").inputs
    assert (hook["name"], hook["heartbeatTimeout"], hook["defaultResult"]) == ("drain", 300, "CONTINUE")
    assert json.loads(config_of(recording)["/etc/phaseup/host.json"])["hook"] == hook["name"]
    statement = next(
        each
        for each in json.loads(recording.one("app-host").inputs["policy"])["Statement"]
        if each["Sid"] == "OwnHooks"
    )
    assert statement["Resource"].endswith(":autoScalingGroupName/meal-prod-app")
    assert statement["Action"] == [
        "autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat",
    ]  # fmt: skip


def test_a_new_host_that_does_not_serve_is_never_let_in(site: Site) -> None:
    """Nor, then, does it take the place of the only one that does."""
    recording = build(site)
    hook = recording.one("app-ready").inputs
    assert hook["lifecycleTransition"] == "autoscaling:EC2_INSTANCE_LAUNCHING"
    assert (hook["name"], hook["heartbeatTimeout"], hook["defaultResult"]) == ("ready", 1800, "ABANDON")
    assert json.loads(config_of(recording)["/etc/phaseup/host.json"])["ready"] == hook["name"]
    group = recording.one("app-group").inputs
    assert group["waitForCapacityTimeout"] == "35m"  # no apply gives up before the hook does
    # The group's first hosts come before the hook: nothing is there that they could take over from.
    assert "initialLifecycleHooks" not in group


def test_no_right_is_wider_than_its_unit(site: Site) -> None:
    recording = build(site)
    for name in ("app-host", "app-may-api"):
        for statement in json.loads(recording.one(name).inputs["policy"])["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not any("*" in action for action in actions)
            if statement["Resource"] == "*":
                # Actions that know no resource; the metrics are held to their namespace.
                assert statement["Sid"] in ("SessionManager", "OwnMetrics", "OwnDimensions")
                assert not {"ssm:GetParameter", "ssm:GetParameters"} & set(actions)
    unit = json.loads(recording.one("app-may-api").inputs["policy"])["Statement"]
    parameters = next(each["Resource"] for each in unit if each["Action"] == "ssm:GetParameters")
    assert [each.split(":parameter")[1] for each in parameters] == ["/meal-prod/roles/db", "/meal-prod/services/api"]


def test_no_managed_policy_lets_a_host_read_what_others_own(site: Site) -> None:
    """AmazonSSMManagedInstanceCore reads every parameter of the account, the tunnel tokens of other hosts too."""
    assert not build(site).by_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    statements = json.loads(build(site).one("app-host").inputs["policy"])["Statement"]
    session = next(each for each in statements if each["Sid"] == "SessionManager")
    assert session["Action"] == [
        "ssm:UpdateInstanceInformation",
        *(f"ssmmessages:{verb}{kind}Channel" for verb in ("Create", "Open") for kind in ("Control", "Data")),
    ]


def test_ecr_rights_only_where_an_image_is_there(site: Site) -> None:
    assert "ecr:" not in build(site).one("app-host").inputs["policy"]

    def program() -> None:
        made = network(site)
        unit = ContainerUnit("api", "111111111111.dkr.ecr.eu-west-1.amazonaws.com/api@sha256:" + "0" * 64)
        Server("app", ServerArgs(ServerSpec(**PLAIN), site, made, [unit]))

    recording = record(program)
    assert "ecr:BatchGetImage" in recording.one("app-host").inputs["policy"]
    assert json.loads(config_of(recording)["/root/.docker/config.json"]) == {
        "credHelpers": {"111111111111.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login"}
    }


def test_user_data_holds_names_only(site: Site) -> None:
    """No secret, no endpoint, no ARN: whatever fills a role can change without a new host."""
    recording = build(site, tunnel=True, subnets="public", registries={"ghcr.io": {}})
    text = base64.b64decode(recording.one("app-template").inputs["userData"]).decode()
    for forbidden in ("arn:aws", "amazonaws.com", "secret-api", "c2VjcmV0", "cfargotunnel"):
        assert forbidden not in text
    units = json.loads(config_of(recording)["/etc/phaseup/units.json"])
    assert units["api"]["parameters"] == {"": "/meal-prod/services/api", "DB_": "/meal-prod/roles/db"}
    assert units["cloudflared"]["secure"] == {"TUNNEL_TOKEN": "/meal-prod/app/tunnel-token"}
    assert (units["cloudflared"]["memory"], units["cloudflared"]["env"]) == (128, {"GOMEMLIMIT": "96MiB"})


def test_user_data_is_the_same_in_every_run_and_order() -> None:
    units = [ContainerUnit("b", IMAGE, env={"Z": "1", "A": "2"}), ContainerUnit("a", IMAGE)]
    given = {"block": "app", "region": "eu-west-1", "group": "g", "hook": "drain", "ready": "ready"}
    assert user_data(units, **given) == user_data(units[::-1], **given)


def test_too_many_units_for_one_host_are_refused() -> None:
    # What cannot be packed smaller, as images' digests cannot.
    units = [
        ContainerUnit(
            f"worker-{i}", IMAGE, env={f"HASH_{n}": hashlib.sha512(bytes([i, n])).hexdigest() for n in range(4)}
        )
        for i in range(60)
    ]
    with pytest.raises(ValueError, match=rf"app: user data of its 60 services has \d+ bytes; EC2 allows {LIMIT}"):
        user_data(units, block="app", region="eu-west-1", group="g", hook="drain", ready="ready")


def test_shortening_changes_no_meaning() -> None:
    source = Path("components/server/files/host.py").read_text()
    assert ast.dump(ast.parse(shortened(source))) == ast.dump(ast.parse(source))
    assert len(shortened(source)) < len(source) - 500
    assert unpacked(packed(source)) == source


def test_the_host_s_program_has_the_same_bytes_wherever_it_is_packed() -> None:
    """Any other byte is a new launch template, and with it new hosts: of this text, bzip2 1.0 made these."""
    assert packed("import os\n") == ("QlpoOTFBWSZTWWa//7IAAAFRgAAQQAAAItwAIAAiAaekIMmIHei4h+LuSKcKEgzX//ZA")
    # Amazon Linux 2023's own Python runs it.
    ast.parse(Path("components/server/files/host.py").read_text(), feature_version=(3, 9))


def test_a_host_boots_by_a_sound_script(site: Site) -> None:
    check = shutil.which("shellcheck")
    if check is None:
        pytest.skip("no shellcheck here")
    boot = config_of(build(site, subnets="public", address=True))["/opt/phaseup/boot"]
    found = subprocess.run([check, "-"], input=boot, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_the_way_to_metrics_cannot_keep_containers_from_starting(site: Site) -> None:
    lines = config_of(build(site))["/opt/phaseup/boot"].splitlines()
    start = lines.index("/usr/bin/python3 /opt/phaseup/host install")
    assert "amazon-cloudwatch-agent-ctl" in lines[-1]
    assert start < len(lines) - 1


def test_rights_that_are_not_there_yet_do_not_end_the_boot(site: Site) -> None:
    """IAM is eventually consistent: under `set -e` one refusal would leave a host that never runs anything."""
    boot = config_of(build(site, subnets="public", address=True))["/opt/phaseup/boot"]
    for line in boot.splitlines():
        if "aws " in line and not line.startswith("ask=("):
            assert line.startswith("until "), line
    assert 'until address=$("${ask[@]}"); do sleep 5; done' in boot


def test_a_public_host_has_an_address_and_still_no_open_port(site: Site) -> None:
    recording = build(site, subnets="public", tunnel=True)
    assert recording.one("app-template").inputs["networkInterfaces"][0]["associatePublicIpAddress"] == "true"
    assert all(s.startswith("net-public-") for s in recording.one("app-group").inputs["vpcZoneIdentifiers"])
    assert not recording.by_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")


def test_a_claimed_address_is_kept_and_asked_for_by_name(site: Site) -> None:
    recording = build(site, subnets="public", address=True)
    address = recording.one("app-address")
    assert address.protect
    assert address.inputs["tags"]["allow-listed"] == "true"
    assert "--names /meal-prod/app/address" in config_of(recording)["/opt/phaseup/boot"]
    assert "ec2:AssociateAddress" in recording.one("app-host").inputs["policy"]


def test_the_tunnel_s_token_is_a_secret_and_has_cloudflare_s_form(site: Site) -> None:
    recording = build(site, tunnel=True)
    token = recording.one("app-tunnel-token").inputs
    assert token["type"] == "SecureString"
    assert isinstance(token["value"], Secret)
    parts = json.loads(base64.b64decode(unwrap(token["value"])))
    assert set(parts) == {"a", "t", "s"}
    assert parts["a"] == "a" * 32
    assert isinstance(recording.one("app-tunnel").inputs["tunnelSecret"], Secret)
    # Asked for by its bytes, not by a tag that can be moved.
    image = json.loads(config_of(recording)["/etc/phaseup/units.json"])["cloudflared"]["image"]
    assert re.fullmatch(r"docker\.io/cloudflare/cloudflared:[0-9.]+@sha256:[0-9a-f]{64}", image)
    routes = recording.one("app-tunnel-routes").inputs["config"]["ingresses"]
    assert routes == [
        {"hostname": "api.example.com", "service": "http://127.0.0.1:3000"},
        {"service": "http_status:404"},
    ]


def test_a_tunnel_takes_requests_only_where_they_are_answered(site: Site) -> None:
    def program() -> None:
        made = network(site)
        args = TunnelArgs(site, "a" * 32, {"api.example.com": 3000}, behind=["api"])
        units = [service(site, made).units["app"]]
        Server("app", ServerArgs(ServerSpec(**PLAIN, tunnel=True), site, made, units, tunnel=Tunnel("app", args)))

    unit = json.loads(config_of(record(program))["/etc/phaseup/units.json"])["cloudflared"]
    assert unit["behind"] == ["api"]
    assert unit["health"] == {"port": 20241, "path": "/ready", "timeout": 5, "failures": 6, "grace": 60}
    assert "127.0.0.1:20241" in unit["command"]


def test_a_tunnel_that_hosts_still_use_leaves_the_state_and_not_the_apply_in_an_error(site: Site) -> None:
    def made(*, leaves: bool) -> Recording:
        return record(lambda: Tunnel("app", TunnelArgs(site, "a" * 32, {}, leaves_hosts=leaves)))

    settled, moving = made(leaves=False), made(leaves=True)
    assert not any(each.retain for each in settled.resources)
    assert [each.name for each in moving.resources if each.retain] == ["app-tunnel"]
    assert settled.urns() == moving.urns()
    # One that was left behind keeps its name, and Cloudflare refuses a second of that name.
    assert settled.one("app-tunnel").inputs["name"] == "meal-prod-app-5eed5eed"
    assert "name" not in settled.one("app-tunnel-mark").inputs


def test_a_private_registry_s_login_is_a_secret_that_an_operator_fills_in(site: Site) -> None:
    recording = build(site, registries={"ghcr.io": {}})
    assert recording.one("app-registry-ghcr.io").protect
    assert not [e for e in recording.by_type("aws:secretsmanager/secretVersion:SecretVersion") if "registry" in e.name]
    told = recording.one("app-registries-parameter").inputs
    assert set(json.loads(told["insecureValue"])) == {"ghcr.io"}


def test_disks_can_be_opened_by_the_scaling_group_of_a_fresh_account(site: Site) -> None:
    policy = json.loads(build(site).one("app-disk-key").inputs["policy"])
    volumes = next(each for each in policy["Statement"] if each["Sid"] == "Volumes")
    assert volumes["Condition"]["StringEquals"] == {
        "kms:CallerAccount": "111111111111",
        "kms:ViaService": "ec2.eu-west-1.amazonaws.com",
    }
    assert "kms:CreateGrant" in volumes["Action"]
    assert "AWSServiceRoleForAutoScaling" not in json.dumps(policy)


def test_a_retired_group_gives_up_its_protection_only(site: Site) -> None:
    before, armed = build(site), build(replace(site, retiring=True))
    assert before.urns() == armed.urns()
    assert not any(each.protect for each in armed.resources if each.name.startswith("app"))


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        ("t4g.medium", "arm64"), ("m7g.xlarge", "arm64"), ("c6gn.large", "arm64"), ("x2gd.large", "arm64"),
        ("a1.large", "arm64"), ("m7i-flex.large", "x86_64"), ("g5.xlarge", "x86_64"), ("g5g.xlarge", "arm64"),
        ("t3a.small", "x86_64"), ("m7i.large", "x86_64"), ("hpc7g.4xlarge", "arm64"), ("u7i-12tb.224xlarge", "x86_64"),
    ],
)  # fmt: skip
def test_architecture_of_a_type(instance: str, expected: str) -> None:
    assert architecture(instance) == expected


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"count": {"min": 3, "max": 2}}, "min: found 3; allowed: at most max, which is 2"),
        ({"alternatives": {"m7i.large": {}}}, "alternatives.m7i.large: found x86_64; allowed: arm64, as t4g.medium"),
        ({"address": True}, "address: found true; allowed: only with subnets: public"),
        ({"subnets": "data"}, "Input should be 'app' or 'public'"),
        ({"nonsense": 1}, "Extra inputs are not permitted"),
        ({"drain": 10}, "greater than or equal to 30"),
    ],
)
def test_what_the_spec_refuses(spec: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ServerSpec(**{**PLAIN, **spec})
    assert message in str(caught.value)
