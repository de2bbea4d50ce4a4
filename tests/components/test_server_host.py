"""The program on every host, run here against a stand-in for AWS, Docker and systemd."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from components.service.unit import ContainerUnit, UnitHealth

UNIT = ContainerUnit(
    "api",
    "ghcr.io/meal/api@sha256:0",
    port=3000,
    command=("serve",),
    env={"LEVEL": "info"},
    parameters={"": "/p/services/api", "DB_": "/p/roles/db"},
    secure={"TOKEN": "/p/token"},
    cpus=0.5,
    memory=512,
    shm=64,
    capabilities=("NET_BIND_SERVICE",),
    read_only=True,
    health=UnitHealth(3000, "/health", 5, 3, 90),
    log_group="/p/api/app",
)
WORKER = ContainerUnit("worker", "ghcr.io/meal/worker@sha256:0", count=2, restart="on-failure")
NIGHTLY = ContainerUnit("nightly", "ghcr.io/meal/nightly@sha256:0", timer="*-*-* 03:00:00")


CONNECTOR = ContainerUnit(
    "cloudflared", "cloudflared@sha256:0", behind=("api",), health=UnitHealth(20241, "/ready", 5, 6, 60)
)


class World:
    """What the host would find around it."""

    def __init__(self) -> None:
        self.parameters = {
            "/p/services/api": '{"secrets": {"KEY": ["arn:key", ""]}}',
            "/p/roles/db": '{"env": {"HOST": "db.internal"}, "secrets": {"PASSWORD": ["arn:db", "password"]}}',
            "/p/token": "t0ken",
            "/p/registries": '{"ghcr.io": "arn:login"}',
        }
        self.secrets = {
            "arn:key": "k3y",
            "arn:db": '{"username": "dbadmin", "password": "pa55"}',
            "arn:login": '{"username": "bot", "password": "l0gin"}',
        }
        self.commands: list[tuple[str, ...]] = []
        self.inputs: list[str] = []
        self.asked: list[tuple[str, ...]] = []
        self.metadata = {"instance-id": "i-1"}
        self.waiting = {"ready", "drain"}
        """Lifecycle hooks whose wait has begun."""
        self.answering: set[str] = set()
        """URLs that answer 200."""
        self.images: set[str] = set()

    def aws(self, *words: str) -> dict[str, object]:
        self.asked.append(words)
        if words[:2] == ("ssm", "get-parameters"):
            names = words[words.index("--names") + 1 :]
            assert len(names) <= 10
            return {"Parameters": [{"Name": n, "Value": self.parameters[n]} for n in names if n in self.parameters]}
        if words[0] == "secretsmanager":
            if words[-1] not in self.secrets:
                raise RuntimeError(f"no value: {words[-1]}")
            return {"SecretString": self.secrets[words[-1]]}
        self.commands.append(words)
        if words[0] == "autoscaling" and words[words.index("--lifecycle-hook-name") + 1] not in self.waiting:
            raise RuntimeError("aws: (ValidationError) No active Lifecycle Action found with instance ID i-1")
        return {}

    def process(self, words: list[object], **_: object) -> SimpleNamespace:
        said = tuple(str(word) for word in words)
        if said[1:3] == ("image", "inspect"):
            return SimpleNamespace(returncode=int(said[3] not in self.images))
        self.commands.append(said)
        return SimpleNamespace(returncode=0)

    def urlopen(self, url: str, timeout: float) -> SimpleNamespace:
        assert timeout > 0
        if url not in self.answering:
            raise ConnectionRefusedError
        return SimpleNamespace(status=200)

    def verbs(self) -> list[str]:
        """What was asked of the scaling group and of systemd, in order."""
        return [" ".join(words[1:3]) if words[0] != "autoscaling" else words[1] for words in self.commands]

    def command(self, *words: str, **options: str) -> str:
        self.commands.append(words)
        self.inputs.append(options.get("input", ""))
        return ""


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def host(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("host", "components/server/files/host.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("etc", "systemd"):
        (tmp_path / name).mkdir()
    about = {"region": "eu-west-1", "group": "p-app", "hook": "drain", "ready": "ready", "stagger": 60}
    about["registries"] = "/p/registries"
    (tmp_path / "etc" / "host.json").write_text(json.dumps(about))
    units = {unit.name: unit.manifest() for unit in (UNIT, WORKER, NIGHTLY)}
    (tmp_path / "etc" / "units.json").write_text(json.dumps(units))
    monkeypatch.setattr(module, "ETC", tmp_path / "etc")
    monkeypatch.setattr(module, "SYSTEMD", tmp_path / "systemd")
    monkeypatch.setattr(module, "SEEN", tmp_path / "seen")
    monkeypatch.setattr(module, "aws", world.aws)
    monkeypatch.setattr(module, "command", world.command)
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    monkeypatch.setattr(module, "metadata", lambda path: world.metadata.get(path, ""))
    monkeypatch.setattr(module.random, "randrange", lambda bound: bound - 1)
    monkeypatch.setattr(module, "subprocess", SimpleNamespace(run=world.process))
    monkeypatch.setattr(module, "urllib", SimpleNamespace(request=SimpleNamespace(urlopen=world.urlopen)))
    return module


def started(host: ModuleType, unit: ContainerUnit, *, seconds_ago: float = 1000) -> None:
    """As `run` leaves it: the container's mark, so old."""
    host.SEEN.mkdir(exist_ok=True)
    mark = host.SEEN / unit.name
    mark.write_text(host.mark(host.environment(unit.manifest(), host.told([unit.manifest()]))))
    os.utime(mark, (time.time() - seconds_ago,) * 2)


def tending(*units: ContainerUnit) -> tuple[dict[str, object], dict[str, object]]:
    return {unit.name: unit.manifest() for unit in units}, {"failures": {}, "due": {}, "in": True}


def test_variables_come_from_settings_roles_and_secrets(host: ModuleType) -> None:
    unit = UNIT.manifest()
    assert host.environment(unit, host.told([unit])) == {
        "LEVEL": "info",
        "KEY": "k3y",
        "DB_HOST": "db.internal",
        "DB_PASSWORD": "pa55",
        "TOKEN": "t0ken",
    }


def test_no_secret_reaches_a_command_line_or_a_file(
    host: ModuleType, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(host.os, "execve", lambda _, words, environment: ran.append((words, environment)))
    host.run("api", "1")
    ((words, environment),) = ran
    assert environment["DB_PASSWORD"] == "pa55"
    assert environment["KEY"] == "k3y"
    everything = " ".join([*words, *(word for command in world.commands for word in command)])
    files = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    for value in ("pa55", "k3y", "t0ken", "l0gin"):
        assert value not in everything
        assert value not in files
    assert "l0gin" in world.inputs  # handed to docker login on its standard input
    assert [words[i + 1] for i, word in enumerate(words) if word == "--env"] == [
        "DB_HOST", "DB_PASSWORD", "KEY", "LEVEL", "TOKEN",
    ]  # fmt: skip
    assert words[-2:] == ["ghcr.io/meal/api@sha256:0", "serve"]


def test_a_container_gets_its_limits_and_loses_its_capabilities(host: ModuleType) -> None:
    words = " ".join(host.options(UNIT.manifest()))
    for expected in (
        "--cap-drop ALL --cap-add NET_BIND_SERVICE",
        "--security-opt no-new-privileges",
        "--read-only --tmpfs /tmp",
        "--cpus 0.5",
        "--memory 512m --memory-swap 512m",
        "--shm-size 64m",
        "--publish 3000:3000",
        "--log-driver awslogs --log-opt mode=non-blocking",
        "awslogs-group=/p/api/app",
    ):
        assert expected in words
    bare = host.options(WORKER.manifest())
    assert bare == [
        "--init", "--security-opt", "no-new-privileges", "--cap-drop", "ALL",
        # Docker's own log file has no end; the journal, which has one, gets the lines anyway.
        "--log-driver", "none",
    ]  # fmt: skip


def test_units_timers_and_starts(host: ModuleType, world: World, tmp_path: Path) -> None:
    host.install()
    started = [words[-1] for words in world.commands if words[1] == "enable"]
    assert started == [
        "phaseup-watch.service",
        "phaseup-api@1.service",
        "phaseup-worker@1.service",
        "phaseup-worker@2.service",
        "phaseup-nightly.timer",
    ]
    made = {path.name: path.read_text() for path in (tmp_path / "systemd").iterdir()}
    assert "Restart=always\n" in made["phaseup-api@.service"]
    assert "TimeoutStopSec=45\n" in made["phaseup-api@.service"]
    assert "Restart=on-failure\n" in made["phaseup-worker@.service"]
    assert "Type=oneshot\n" in made["phaseup-nightly@.service"]
    assert "OnCalendar=*-*-* 03:00:00\n" in made["phaseup-nightly.timer"]


def test_systemd_takes_the_units_and_stops_what_brings_requests_first(host: ModuleType, tmp_path: Path) -> None:
    units = {unit.name: unit.manifest() for unit in (UNIT, NIGHTLY, CONNECTOR)}
    (tmp_path / "etc" / "units.json").write_text(json.dumps(units))
    host.install()
    connector = (tmp_path / "systemd" / "phaseup-cloudflared@.service").read_text()
    assert "After=docker.service network-online.target phaseup-api@1.service\n" in connector
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here")
    for name in ("docker.service", "phaseup-api@1.service", "phaseup-cloudflared@1.service", "phaseup-nightly.timer"):
        folder = tmp_path / "systemd"
        (folder / "docker.service").write_text("[Service]\nExecStart=/bin/true\n")
        told = subprocess.run(
            [analyze, "verify", "--man=no", str(folder / name)],
            env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        # What is installed on a host is not installed here.
        ours = [line for line in told.stderr.splitlines() if "phaseup" in line and "not executable" not in line]
        assert ours == []


def test_what_does_not_run_here_now_is_not_started(host: ModuleType, world: World, tmp_path: Path) -> None:
    units = {"api": {**UNIT.manifest(), "count": 0}, "nightly": {**NIGHTLY.manifest(), "count": 0}}
    (tmp_path / "etc" / "units.json").write_text(json.dumps(units))
    host.install()
    assert [words[-1] for words in world.commands if words[1] == "enable"] == ["phaseup-watch.service"]


def test_a_restart_needs_no_registry(host: ModuleType, world: World) -> None:
    world.images.add(UNIT.image)
    host.fetch(UNIT.image)
    assert (world.commands, world.asked) == ([], [])
    host.fetch(WORKER.image)
    assert [words[1] for words in world.commands] == ["login", "pull"]


def test_what_brings_requests_in_waits_for_what_answers_them(
    host: ModuleType, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    units = {unit.name: unit.manifest() for unit in (UNIT, CONNECTOR)}
    (tmp_path / "etc" / "units.json").write_text(json.dumps(units))
    started(host, UNIT)
    waited: list[int] = []

    def sleep(seconds: int) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            world.answering.add("http://127.0.0.1:3000/health")

    ran: list[list[str]] = []
    monkeypatch.setattr(host.time, "sleep", sleep)
    monkeypatch.setattr(host.os, "execve", lambda _, words, __: ran.append(words))
    host.run("cloudflared", "1")
    assert (waited, len(ran)) == ([2, 2, 2], 1)


def test_a_host_is_let_in_once_everything_on_it_serves(host: ModuleType, world: World) -> None:
    known, state = tending(UNIT, WORKER, NIGHTLY, CONNECTOR)
    state["in"] = False
    for unit in (UNIT, CONNECTOR):
        started(host, unit)
    world.answering |= {"http://127.0.0.1:3000/health", "http://127.0.0.1:20241/ready"}
    host.tend(known, state, 1)
    assert not world.commands  # the worker's image is still on its way
    started(host, WORKER)
    world.answering.remove("http://127.0.0.1:20241/ready")
    host.tend(known, state, 2)
    assert not world.commands
    world.answering.add("http://127.0.0.1:20241/ready")
    host.tend(known, state, 3)
    (complete,) = world.commands
    assert complete[:2] == ("autoscaling", "complete-lifecycle-action")
    assert complete[complete.index("--lifecycle-hook-name") + 1] == "ready"
    assert complete[-2:] == ("--lifecycle-action-result", "CONTINUE")
    host.tend(known, state, 4)
    assert len(world.commands) == 1


def test_a_host_that_nobody_waits_for_stops_asking(host: ModuleType, world: World) -> None:
    world.waiting.clear()
    known, state = tending(NIGHTLY)
    state["in"] = False
    for turn in range(1, 100):
        host.tend(known, state, turn)
    assert (len(world.commands), state["in"]) == (61, True)


def test_a_rotated_secret_or_a_moved_endpoint_restarts_within_the_stagger(host: ModuleType, world: World) -> None:
    started(host, UNIT)
    world.answering.add("http://127.0.0.1:3000/health")
    known, state = tending(UNIT)
    for turn in range(1, 12):
        if turn == 7:
            world.secrets["arn:db"] = '{"password": "rotated"}'
        host.tend(known, state, turn)
    assert world.commands == []
    host.tend(known, state, 12)
    assert state["due"] == {"api": 17}
    for turn in range(13, 18):
        assert world.commands == []
        host.tend(known, state, turn)
    assert world.commands == [("/usr/bin/systemctl", "try-restart", "phaseup-api@1.service")]
    assert state["due"] == {}


def test_what_cannot_be_read_leaves_its_container_and_the_others_alone(
    host: ModuleType, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    other = ContainerUnit("other", UNIT.image, secure={"TOKEN": "/p/token"})
    for unit in (UNIT, other):
        started(host, unit)
    world.answering.add("http://127.0.0.1:3000/health")
    del world.parameters["/p/roles/db"]
    world.parameters["/p/token"] = "another"
    known, state = tending(UNIT, other)
    host.tend(known, state, 6)
    assert state["due"] == {"other": 11}
    assert capsys.readouterr().err == "watch: api: not there\n"


def test_one_round_asks_for_each_thing_once(host: ModuleType, world: World) -> None:
    """The CLI takes most of a second of a small host: sixteen scrapers that each ask for all would keep it busy."""
    many = [
        ContainerUnit(f"worker-{i}", UNIT.image, parameters={"DB_": "/p/roles/db", "": "/p/services/api"})
        for i in range(16)
    ]
    for unit in many:
        started(host, unit)
    world.asked.clear()
    host.tend(*tending(*many), 6)
    assert sorted(words[1] for words in world.asked) == ["get-parameters", "get-secret-value", "get-secret-value"]


def test_what_never_answers_is_restarted_after_its_grace_and_given_it_again(host: ModuleType, world: World) -> None:
    known, state = tending(UNIT)
    for age, expected in ((0, 0), (80, 0), (100, 0), (110, 0), (120, 1), (130, 1), (140, 1), (150, 2)):
        started(host, UNIT, seconds_ago=age)
        host.tend(known, state, 1)
        assert len(world.commands) == expected, age
    started(host, UNIT, seconds_ago=5)
    for _ in range(9):
        host.tend(known, state, 1)
    assert len(world.commands) == 2


def test_an_image_that_is_still_on_its_way_is_not_started_anew(host: ModuleType, world: World) -> None:
    """A restart would break off the download, for ever where that takes longer than the grace."""
    known, state = tending(UNIT)
    for turn in range(1, 50):
        host.tend(known, state, turn)
    assert world.commands == []


def test_draining_waits_for_the_balancer_then_stops_what_brings_requests_first(host: ModuleType, world: World) -> None:
    known, _ = tending(UNIT, CONNECTOR, WORKER)
    world.waiting.clear()
    assert host.drain(known) is False
    assert world.verbs() == ["record-lifecycle-action-heartbeat"]
    world.commands.clear()
    world.waiting.add("drain")
    assert host.drain(known) is True
    assert world.verbs() == [
        "record-lifecycle-action-heartbeat",
        "stop phaseup-*.timer",
        "stop phaseup-cloudflared@*.service",
        "stop phaseup-api@*.service",
        "complete-lifecycle-action",
    ]
    assert world.commands[3][2:] == ("phaseup-api@*.service", "phaseup-worker@*.service")
    assert "p-app" in world.commands[-1]
    assert world.commands[-1][world.commands[-1].index("--instance-id") + 1] == "i-1"


def test_what_the_spot_market_takes_back_stops_at_once(host: ModuleType, world: World) -> None:
    world.metadata["spot/instance-action"] = '{"action": "terminate"}'
    world.waiting.clear()
    assert host.leaving()
    known, _ = tending(WORKER)
    assert host.drain(known) is True
    assert "stop phaseup-worker@*.service" in world.verbs()


def test_a_host_leaves_when_its_group_says_so(host: ModuleType, world: World) -> None:
    for state, leaves in (("", False), ("InService", False), ("Terminated", True)):
        world.metadata["autoscaling/target-lifecycle-state"] = state
        assert host.leaving() is leaves


def test_a_command_that_fails_says_why() -> None:
    spec = importlib.util.spec_from_file_location("fresh", "components/server/files/host.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(RuntimeError, match=r"^/bin/sh -c echo denied >&2; exit 3: denied$"):
        module.command("/bin/sh", "-c", "echo denied >&2; exit 3", "t0ken")
