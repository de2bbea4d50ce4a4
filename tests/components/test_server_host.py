"""The program on every host, run here against a stand-in for AWS, Docker and systemd."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from components.service_unit import ContainerUnit, UnitHealth

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

    def aws(self, *words: str) -> dict[str, object]:
        if words[:2] == ("ssm", "get-parameter"):
            return {"Parameter": {"Value": self.parameters[words[-1]]}}
        if words[0] == "secretsmanager":
            return {"SecretString": self.secrets[words[-1]]}
        self.commands.append(words)
        return {}

    def command(self, *words: str, **options: str) -> str:
        self.commands.append(words)
        self.inputs.append(options.get("input", ""))
        return ""


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def host(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("host", "components/server_files/host.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("etc", "systemd"):
        (tmp_path / name).mkdir()
    about = {"region": "eu-west-1", "group": "p-app", "hook": "drain", "registries": "/p/registries", "stagger": 120}
    (tmp_path / "etc" / "host.json").write_text(json.dumps(about))
    units = {unit.name: unit.manifest() for unit in (UNIT, WORKER, NIGHTLY)}
    (tmp_path / "etc" / "units.json").write_text(json.dumps(units))
    monkeypatch.setattr(module, "ETC", tmp_path / "etc")
    monkeypatch.setattr(module, "SYSTEMD", tmp_path / "systemd")
    monkeypatch.setattr(module, "SEEN", tmp_path / "seen")
    monkeypatch.setattr(module, "aws", world.aws)
    monkeypatch.setattr(module, "command", world.command)
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    monkeypatch.setattr(
        module.subprocess, "run", lambda words, **_: world.commands.append(tuple(str(word) for word in words))
    )
    return module


def test_variables_come_from_settings_roles_and_secrets(host: ModuleType) -> None:
    assert host.environment(UNIT.manifest()) == {
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
        "awslogs-group=/p/api/app",
    ):
        assert expected in words
    bare = host.options(WORKER.manifest())
    assert bare == ["--init", "--security-opt", "no-new-privileges", "--cap-drop", "ALL"]


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


def test_what_does_not_run_here_now_is_not_started(host: ModuleType, world: World, tmp_path: Path) -> None:
    units = {"api": {**UNIT.manifest(), "count": 0}, "nightly": {**NIGHTLY.manifest(), "count": 0}}
    (tmp_path / "etc" / "units.json").write_text(json.dumps(units))
    host.install()
    assert [words[-1] for words in world.commands if words[1] == "enable"] == ["phaseup-watch.service"]


def test_a_rotated_secret_or_a_moved_endpoint_restarts_once_a_minute(host: ModuleType, world: World) -> None:
    unit, failures = {**UNIT.manifest(), "health": None}, {"api": 0}
    host.SEEN.mkdir()
    (host.SEEN / "api").write_text(host.mark(host.environment(unit)))
    host.tend("api", unit, failures, 6)
    assert world.commands == []
    world.secrets["arn:db"] = '{"password": "rotated"}'
    host.tend("api", unit, failures, 7)
    assert world.commands == []
    host.tend("api", unit, failures, 12)
    assert world.commands == [("/usr/bin/systemctl", "try-restart", "phaseup-api@1.service")]


def test_what_never_answers_is_restarted_after_its_grace_and_given_it_again(
    host: ModuleType, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(host.urllib.request, "urlopen", refuse)
    failures = {"api": 0}
    restarts = []
    for turn in range(1, 40):
        if turn % 6:  # the turns in between ask for secrets, which is another test
            host.tend("api", UNIT.manifest(), failures, turn)
        if world.commands:
            restarts.append(turn)
            world.commands.clear()
    # Nine turns of grace; three failures, of which every sixth turn is left out; then grace once more.
    assert restarts == [13, 27]


def test_draining_stops_every_unit_then_lets_the_group_go_on(
    host: ModuleType, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "metadata", lambda _: "i-1")
    host.drain(["api", "worker"])
    stop, complete = world.commands
    assert stop == ("/usr/bin/systemctl", "stop", "phaseup-api@*.service", "phaseup-worker@*.service")
    assert complete[:2] == ("autoscaling", "complete-lifecycle-action")
    assert complete[-1] == "i-1"
    assert "p-app" in complete
