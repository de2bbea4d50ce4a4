"""What a host does with data of its own, run here against a stand-in for AWS, the kernel and Docker."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from components.hosted.spec import HostedSpec
from components.hosted.unit import unit_of
from components.server.cloud_init import shortened, user_data
from components.service.unit import ContainerUnit
from components.site import Site

SITE = Site("p", "eu-west-1")
DB = unit_of(
    "db", HostedSpec(engine="postgres", on="app", size=20, dumps="exports"), SITE, record="db-on-app.prod.p.internal",
    role="db", server="app", dumps_to="/p/roles/exports",
)  # fmt: skip
REDIS = unit_of(
    "redis",
    HostedSpec(engine="valkey", use="queue", on="app", size=4),
    SITE,
    record="r.internal",
    role="redis",
    server="app",
)
RESTORED = unit_of(
    "db-two", HostedSpec(engine="postgres", on="app", size=20), SITE, record="r.internal", role="db", server="app"
)
API = ContainerUnit("api", "ghcr.io/meal/api@sha256:0", parameters={"DB_": "/p/roles/db"})
VALUES = {"VOLUME_ID": "vol-1", "ZONE_ID": "Z1", "POSTGRES_PASSWORD": "pa55"}


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, f"components/server/files/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Account:
    """EC2's volumes, and what was asked of anybody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[tuple[str, ...]] = []
        self.held_by: str | None = None
        self.turns_until_free = 0
        self.mounted: set[str] = set()
        self.blkid = 2
        self.raw = b"\0" * 4096
        self.docker: list[list[str]] = []
        self.around: list[dict[str, str]] = []
        self.answers: dict[str, str] = {}
        self.failing: set[str] = set()

    def aws(self, *words: str) -> dict[str, object]:
        self.said.append(words)
        if words[1] == "describe-volumes":
            if "--filters" in words:
                return {"Volumes": [{"Attachments": [{"Device": "/dev/sdf"}]}]}
            held = [{"InstanceId": self.held_by, "State": "attached"}] if self.held_by else []
            return {"Volumes": [{"State": "in-use" if held else "available", "Attachments": held}]}
        if words[1] == "attach-volume":
            assert self.held_by is None, "EC2 refuses a volume that another host has"
            self.held_by = words[words.index("--instance-id") + 1]
        if words[1] == "detach-volume":
            assert not self.mounted, "a mounted volume is never detached"
            self.held_by = None
        return {}

    def sleep(self, _: float) -> None:
        self.turns_until_free -= 1
        if self.turns_until_free == 0:
            self.held_by = None
        assert self.turns_until_free > -20, "waits for ever"

    def command(self, *words: str, **_: object) -> str:
        self.said.append(words)
        if words[0].endswith("/mount"):
            self.mounted.add(words[-1])
        if words[0].endswith("umount"):
            self.mounted.discard(words[-1])
        if words[0].endswith("openssl"):
            for flag in ("-keyout", "-out"):
                Path(words[words.index(flag) + 1]).write_text("pem")
        return ""

    def run(self, words: list[str], **more: object) -> SimpleNamespace:
        if "blkid" in words[0]:
            return SimpleNamespace(returncode=self.blkid)
        self.docker.append(words)
        self.around.append(dict(more.get("env") or {}))  # type: ignore[call-overload]
        text = words[-1]
        failed = any(word in " ".join(words) for word in self.failing)
        key = ("there " if "PGPASSWORD" in words else "here ") + text
        return SimpleNamespace(returncode=int(failed), stdout=self.answers.get(key, ""), stderr="refused")

    def verbs(self) -> list[str]:
        """Commands by their program, AWS's by their verb."""
        return [words[1] if words[0] in ("ec2", "route53") else Path(words[0]).name for words in self.said]


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


@pytest.fixture
def store(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = loaded("store")
    device = tmp_path / "nvme-vol1"
    monkeypatch.setattr(module, "MOUNTS", tmp_path / "data")
    monkeypatch.setattr(module, "BY_ID", f"{tmp_path}/nvme-")
    monkeypatch.setattr(module.time, "sleep", account.sleep)
    monkeypatch.setattr(module.os.path, "ismount", lambda path: str(path) in account.mounted)
    monkeypatch.setattr(module, "subprocess", SimpleNamespace(run=account.run, PIPE=subprocess.PIPE))
    device.write_bytes(account.raw)
    return module


@pytest.fixture
def host(account: Account) -> SimpleNamespace:
    about = {"instance-id": "i-1", "local-ipv4": "10.0.1.7"}
    return SimpleNamespace(aws=account.aws, command=account.command, metadata=about.__getitem__)


def hold(store: ModuleType, host: SimpleNamespace) -> list[str]:
    return store.hold(host, "db", DB.manifest(), VALUES)


def test_a_blank_volume_is_attached_formatted_once_and_mounted(
    store: ModuleType, host: SimpleNamespace, account: Account, tmp_path: Path
) -> None:
    words = hold(store, host)
    assert account.verbs() == [
        "describe-volumes", "describe-volumes", "attach-volume", "describe-volumes", "mkfs.xfs", "mount", "xfs_growfs",
        "openssl", "chown", "change-resource-record-sets",
    ]  # fmt: skip
    attach = next(each for each in account.said if "attach-volume" in each)
    assert attach[attach.index("--device") + 1] == "/dev/sdg"  # sdf is taken
    assert words == [
        "--user", "999:999", "--mount", f"type=bind,source={tmp_path}/data/db,target=/data",
        # On the VPC's address alone, whatever other addresses the host has.
        "--publish", "10.0.1.7:5432:5432",
    ]  # fmt: skip
    batch = json.loads(account.said[-1][-1])["Changes"][0]
    assert batch["Action"] == "UPSERT"
    assert batch["ResourceRecordSet"]["Name"] == "db-on-app.prod.p.internal"
    assert batch["ResourceRecordSet"]["ResourceRecords"] == [{"Value": "10.0.1.7"}]
    assert (tmp_path / "data/db/tls/pg_hba.conf").read_text() == (
        "local all all trust\nhostssl all all all scram-sha-256\n"
    )


def test_what_has_a_file_system_is_never_formatted(store: ModuleType, host: SimpleNamespace, account: Account) -> None:
    account.blkid = 0
    hold(store, host)
    assert "mkfs.xfs" not in account.verbs()
    assert "mount" in account.verbs()


@pytest.mark.parametrize(("blkid", "raw"), [(2, b"\0" * 100 + b"data"), (8, b"\0" * 4096), (4, b"\0" * 4096)])
def test_what_is_neither_known_nor_blank_is_left_alone(
    store: ModuleType, host: SimpleNamespace, account: Account, tmp_path: Path, blkid: int, raw: bytes
) -> None:
    account.blkid = blkid
    (tmp_path / "nvme-vol1").write_bytes(raw)
    with pytest.raises(RuntimeError, match="neither a file system nor blank"):
        hold(store, host)
    assert not {"mkfs.xfs", "mount"} & set(account.verbs())


def test_it_waits_for_the_host_before_and_takes_nothing_by_force(
    store: ModuleType, host: SimpleNamespace, account: Account
) -> None:
    account.held_by, account.turns_until_free = "i-0", 3
    hold(store, host)
    attached = account.verbs().index("attach-volume")
    assert account.verbs()[:attached].count("describe-volumes") >= 4
    assert account.held_by == "i-1"
    assert not any("--force" in words for words in account.said)


def test_a_restart_finds_it_mounted_and_makes_no_new_certificate(
    store: ModuleType, host: SimpleNamespace, account: Account
) -> None:
    hold(store, host)
    account.said.clear()
    hold(store, host)
    assert account.verbs() == ["xfs_growfs", "chown", "change-resource-record-sets"]


def test_letting_go_unmounts_first_and_takes_only_its_own_away(
    store: ModuleType, host: SimpleNamespace, account: Account
) -> None:
    hold(store, host)
    account.said.clear()
    store.release(host, "db", "vol-1")
    assert account.verbs() == ["umount", "describe-volumes", "detach-volume"]
    account.said.clear()
    account.held_by = "i-2"
    store.release(host, "db", "vol-1")
    assert account.verbs() == ["describe-volumes"]


# --- through the program on every host -------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path, store: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = loaded("host")
    for name in ("etc", "systemd"):
        (tmp_path / name).mkdir()
    units = {unit.name: unit.manifest() for unit in (API, DB, REDIS)}
    (tmp_path / "etc" / "units.json").write_text(json.dumps(units))
    about = {"region": "eu-west-1", "group": "p-app", "hook": "drain", "ready": "ready", "registries": None}
    (tmp_path / "etc" / "host.json").write_text(json.dumps({**about, "stagger": 60}))
    for name, value in {
        "ETC": tmp_path / "etc", "SYSTEMD": tmp_path / "systemd", "SEEN": tmp_path / "seen",
        "aws": account.aws, "command": account.command, "store": lambda: store, "fetch": lambda _: None,
        "metadata": {"instance-id": "i-1", "local-ipv4": "10.0.1.7"}.get,
        "subprocess": SimpleNamespace(run=account.run),
    }.items():  # fmt: skip
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module.time, "sleep", account.sleep)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def told(module: ModuleType, monkeypatch: pytest.MonkeyPatch, *, fenced: bool = False, released: bool = False) -> None:
    """The parameters as they stand."""
    role = {"env": {"HOST": "db.internal"}, "secrets": {}, **({"fenced": True} if fenced else {})}
    own = {"env": VALUES, "secrets": {}, **({"fenced": True} if released else {})}
    known = {"/p/roles/db": role, "/p/hosted/db": own, "/p/hosted/redis": {"env": VALUES, "secrets": {}}}
    monkeypatch.setattr(module, "parameters", lambda names: {name: json.dumps(known[name]) for name in names})


def test_an_engine_starts_only_on_its_volume(
    program: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(program, monkeypatch)
    ran: list[list[str]] = []
    monkeypatch.setattr(program.os, "execve", lambda _, words, __: ran.append(words))
    program.run("db", "1")
    (words,) = ran
    assert account.held_by == "i-1"
    assert "--read-only" in words
    assert words[words.index("--memory") + 1] == "512m"
    assert "5432:5432" not in words
    assert "pa55" not in " ".join(words)
    account.failing = set()
    account.mounted.clear()
    account.blkid = 8
    ran.clear()
    with pytest.raises(RuntimeError):
        program.run("db", "1")
    assert ran == []


def test_a_fence_stops_who_uses_the_role_at_once_and_holds_them(
    program: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(program, monkeypatch)
    known = {"api": API.manifest()}
    program.SEEN.mkdir()
    (program.SEEN / "api").write_text(program.mark(program.environment(known["api"], program.told([known["api"]]))))
    state: dict[str, dict[str, int]] = {"failures": {}, "due": {}, "in": True}  # type: ignore[dict-item]
    told(program, monkeypatch, fenced=True)
    program.tend(known, state, 6)
    assert account.docker[-1] == ["/usr/bin/systemctl", "try-restart", "phaseup-api@1.service"]

    waited: list[str] = []

    def sleep(_: float) -> None:
        waited.append((program.SEEN / "api").read_text())
        if len(waited) == 3:
            told(program, monkeypatch)

    monkeypatch.setattr(program.time, "sleep", sleep)
    ran: list[object] = []
    monkeypatch.setattr(program.os, "execve", lambda _, words, __: ran.append(words))
    program.run("api", "1")
    assert waited == ["fenced"] * 3
    assert len(ran) == 1
    assert (program.SEEN / "api").read_text() != "fenced"


def test_who_waits_behind_a_fence_is_neither_restarted_nor_missing(
    program: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(program, monkeypatch, fenced=True)
    program.SEEN.mkdir()
    (program.SEEN / "api").write_text("fenced")
    known = {"api": API.manifest()}
    assert program.serves("api", known["api"])
    program.tend(known, {"failures": {}, "due": {}, "in": True}, 6)
    assert account.docker == []


def test_once_something_else_fills_the_role_the_engine_stops_and_lets_go(
    program: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.held_by = "i-1"
    account.mounted.add(str(account.folder / "data" / "db"))
    told(program, monkeypatch, released=True)

    class Stopped(Exception):  # noqa: N818
        pass

    def sleep(_: float) -> None:
        raise Stopped

    monkeypatch.setattr(program.time, "sleep", sleep)
    with pytest.raises(Stopped):
        program.run("db", "1")
    assert (account.mounted, account.held_by) == (set(), None)


def test_a_host_that_goes_stops_engines_last_and_hands_their_volumes_on(
    program: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(program, monkeypatch)
    account.held_by = "i-1"
    account.mounted.add(str(account.folder / "data" / "db"))
    known = {unit.name: unit.manifest() for unit in (DB, API)}
    assert program.drain(known)
    assert [words[2:] for words in account.docker] == [
        ["phaseup-*.timer"], ["phaseup-api@*.service"], ["phaseup-db@*.service"],
    ]  # fmt: skip
    assert account.verbs()[-4:] == ["umount", "describe-volumes", "detach-volume", "autoscaling"]
    assert "complete-lifecycle-action" in account.said[-1]


# --- dumps, and the load of a move -----------------------------------------------------------------------------------


def test_a_dump_is_timed_and_goes_to_the_bucket(
    program: ModuleType, store: ModuleType, tmp_path: Path, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.install(program, tmp_path / "systemd") == ["phaseup-db-dump.timer"]
    assert "OnCalendar=*-*-* 02:30:00 UTC\n" in (tmp_path / "systemd/phaseup-db-dump.timer").read_text()
    bucket = {"env": {"BUCKET": "b", "ENDPOINT": "https://r2"}, "secrets": {"SECRET_ACCESS_KEY": ["arn:k", ""]}}
    monkeypatch.setattr(program, "parameters", lambda names: {name: json.dumps(bucket) for name in names})
    monkeypatch.setattr(program, "secret", lambda *_: "s3cret")
    ended = {"pg_dump": 0}

    class Source:
        stdout = None

        def __init__(self, words: list[str], **_: object) -> None:
            account.docker.append(words)

        def wait(self) -> int:
            return ended["pg_dump"]

        def kill(self) -> None:
            ended["pg_dump"] = -9

    store.subprocess.Popen = Source
    store.dump(program, "db")
    dumped, copied = account.docker
    assert dumped[2:] == ["phaseup-db-1", "pg_dump", "--format=custom", "--username", "dbadmin", "app"]
    assert copied[:4] == ["/usr/bin/aws", "s3", "cp", "-"]
    assert copied[4].startswith("s3://b/dumps/db/")
    assert copied[-2:] == ["--endpoint-url", "https://r2"]
    assert account.around[-1]["AWS_SECRET_ACCESS_KEY"] == "s3cret"
    assert "s3cret" not in " ".join([*dumped, *copied])
    ended["pg_dump"] = 1
    with pytest.raises(RuntimeError, match="dump failed"):
        store.dump(program, "db")
    assert account.docker[-1][:4] == ["/usr/bin/aws", "s3", "rm", account.docker[-2][4]]


RDS = {
    "env": {"TLS_NAME": "rds.aws", "PORT": "5432", "NAME": "app"},
    "secrets": {"USER": ["arn:r", "username"], "PASSWORD": ["arn:r", "password"]},
}


def load(program: ModuleType, store: ModuleType, monkeypatch: pytest.MonkeyPatch, *, fenced: bool = True) -> None:
    role = {"env": {}, "secrets": {}, **({"fenced": True} if fenced else {})}
    known = {"/p/roles/db": role, "/p/roles/rds": RDS}
    monkeypatch.setattr(program, "parameters", lambda names: {name: json.dumps(known[name]) for name in names})
    monkeypatch.setattr(program, "secret", lambda _, key: f"s3cret-{key}")
    store.load(program, "db", "rds")


def test_a_load_dumps_loads_and_compares(
    program: ModuleType, store: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "public.meals|12\npublic.users|3"
    account.answers = {f"here {store.OTHERS}": "0", f"here {store.COUNTS}": rows}
    run = account.run

    def loading(words: list[str], **more: object) -> SimpleNamespace:
        done = run(words, **more)
        if "pg_restore" in words[-1]:
            account.answers[f"there {store.COUNTS}"] = rows
        return done

    store.subprocess.run = loading
    load(program, store, monkeypatch)
    pipe = next(words for words in account.docker if "pg_restore" in words[-1])
    assert "--single-transaction" in pipe[-1]
    assert "set -o pipefail" in pipe[-1]
    assert "--host=/var/run/postgresql --username=dbadmin --dbname=app --port=5432 | " in pipe[-1]
    assert "s3cret" not in " ".join(word for words in account.docker for word in words)
    assert {around["PGPASSWORD"] for around in account.around} == {"s3cret-password"}
    assert {around["PGHOST"] for around in account.around} == {"rds.aws"}
    assert {around["PGSSLMODE"] for around in account.around} == {"require"}


@pytest.mark.parametrize(
    ("fenced", "answers", "why"),
    [
        (False, {}, "not fenced"),
        (True, {"here OTHERS": "2"}, "others are still connected"),
        (True, {"here OTHERS": "0", "here COUNTS": "a|1", "there COUNTS": "a|1"}, "has tables already"),
        (True, {"here OTHERS": "0", "here COUNTS": "a|1"}, "not the same rows"),
    ],
)
def test_a_load_refuses(
    program: ModuleType, store: ModuleType, account: Account, monkeypatch: pytest.MonkeyPatch,
    fenced: bool, answers: dict[str, str], why: str,
) -> None:  # fmt: skip
    texts = {"OTHERS": store.OTHERS, "COUNTS": store.COUNTS}
    account.answers = {f"{key.split()[0]} {texts[key.split()[1]]}": text for key, text in answers.items()}
    with pytest.raises(RuntimeError, match=why):
        load(program, store, monkeypatch, fenced=fenced)
    loaded_it = any("pg_restore" in words[-1] for words in account.docker)
    assert loaded_it == (why == "not the same rows")


def test_what_ends_badly_says_why_and_fails_the_document(
    program: ModuleType, store: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "parameters", lambda names: dict.fromkeys(names, '{"env": {}, "secrets": {}}'))
    with pytest.raises(SystemExit) as ended:
        store.main(program, "load", "db", "rds")
    assert ended.value.code == 1
    assert "the rung fence comes first" in capsys.readouterr().err


# --- how it gets there -----------------------------------------------------------------------------------------------


def test_only_hosts_with_data_carry_the_program() -> None:
    about = {"block": "app", "region": "eu-west-1", "group": "p-app", "hook": "drain", "ready": "ready"}
    with_data = b64decode(user_data([API, DB, REDIS], **about)).decode()  # type: ignore[arg-type]
    without = b64decode(user_data([API], **about)).decode()  # type: ignore[arg-type]
    assert "/opt/phaseup/store.py.bz2" in with_data
    assert "store.py" not in without
    assert '"resources":["/","/data/db","/data/redis"]' in with_data
    assert '["AutoScalingGroupName","path"]' in with_data
    program = shortened(Path("components/server/files/store.py").read_text())
    # What is on the host is the same program, and Python 3.9, which AL2023 has, can read it.
    ours = ast.parse(Path("components/server/files/store.py").read_text())
    assert ast.dump(ast.parse(program, feature_version=(3, 9))) == ast.dump(ours)


@pytest.mark.parametrize("unit", [DB, REDIS])
def test_the_shell_that_starts_an_engine_reads_as_shell(unit: ContainerUnit) -> None:
    shell, flag, text = unit.command
    assert (shell, flag) == ("bash", "-c")
    assert subprocess.run(["/bin/bash", "-n", "-c", text], check=False, capture_output=True).returncode == 0


def test_valkey_gets_the_hash_of_its_password_and_nobody_else_a_way_in(tmp_path: Path) -> None:
    """The script up to the engine, run as it stands."""
    text = REDIS.command[2].replace("/tmp/users", str(tmp_path / "users")).replace("exec valkey-server", "echo")
    done = subprocess.run(
        ["/bin/bash", "-c", text], env={**os.environ, "PASSWORD": "pa55"}, capture_output=True, text=True, check=True
    )
    mark = hashlib.sha256(b"pa55").hexdigest()
    assert (tmp_path / "users").read_text() == (
        f"user default off\nuser app on ~* &* +@all -@admin +client|list #{mark}\n"
    )
    assert "--port 0 --tls-port 6379" in done.stdout
    assert "--maxmemory-policy noeviction" in done.stdout
    assert "pa55" not in done.stdout


def test_a_restored_one_asks_whether_the_role_that_it_fills_is_fenced() -> None:
    for unit in (DB, RESTORED):
        assert unit.data["role"] == "/p/roles/db"
