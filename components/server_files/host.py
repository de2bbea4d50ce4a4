#!/usr/bin/python3
"""This host's containers: `install` makes their units, `run` becomes one container, `watch` keeps them right.

What a container needs to know comes from three places: its manifest (plain settings), the parameters of the roles
it uses (where they answer today) and Secrets Manager. Values reach the container through the environment of
`docker run`, never through an argument or a file.
"""

import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request

ETC = pathlib.Path("/etc/phaseup")
SYSTEMD = pathlib.Path("/etc/systemd/system")
SEEN = pathlib.Path("/run/phaseup")
METADATA = "http://169.254.169.254/latest/"
DOCKER = "/usr/bin/docker"
UNIT = """[Unit]
Description={name} %i
After=docker.service network-online.target
Wants=network-online.target
Requires=docker.service
StartLimitIntervalSec=0

[Service]
{kind}
ExecStart=/usr/bin/python3 /opt/phaseup/host run {name} %i
ExecStop=/usr/bin/docker stop --time {stop} phaseup-{name}-%i
TimeoutStartSec=infinity
TimeoutStopSec={grace}
SyslogIdentifier=phaseup-{name}

[Install]
WantedBy=multi-user.target
"""
TIMER = """[Timer]
OnCalendar={timer}
Persistent=true
Unit=phaseup-{name}@1.service

[Install]
WantedBy=timers.target
"""


def host():
    return json.loads((ETC / "host.json").read_text())


def units():
    return json.loads((ETC / "units.json").read_text())


def command(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


def aws(*words):
    return json.loads(command("/usr/bin/aws", *words, "--region", host()["region"], "--output", "json") or "{}")


def metadata(path):
    lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    ask = urllib.request.Request(METADATA + "api/token", method="PUT", headers=lifetime)
    token = urllib.request.urlopen(ask, timeout=2).read().decode()
    ask = urllib.request.Request(METADATA + "meta-data/" + path, headers={"X-aws-ec2-metadata-token": token})
    try:
        return urllib.request.urlopen(ask, timeout=2).read().decode()
    except urllib.error.HTTPError:
        return ""


def parameter(name):
    return aws("ssm", "get-parameter", "--with-decryption", "--name", name)["Parameter"]["Value"]


def secret(arn, key):
    text = aws("secretsmanager", "get-secret-value", "--secret-id", arn)["SecretString"]
    return str(json.loads(text)[key]) if key else text


def environment(unit):
    values = dict(unit.get("env", {}))
    for prefix, name in unit.get("parameters", {}).items():
        said = json.loads(parameter(name))
        values.update({prefix + key: value for key, value in said.get("env", {}).items()})
        values.update({prefix + key: secret(*where) for key, where in said.get("secrets", {}).items()})
    for key, name in unit.get("secure", {}).items():
        values[key] = parameter(name)
    return values


def mark(values):
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def options(unit):
    words = ["--init", "--security-opt", "no-new-privileges", "--cap-drop", "ALL"]
    for capability in unit.get("capabilities", []):
        words += ["--cap-add", capability]
    if unit.get("read_only"):
        words += ["--read-only", "--tmpfs", "/tmp"]
    for option, key, form in (("--cpus", "cpus", "{:g}"), ("--shm-size", "shm", "{}m")):
        if key in unit:
            words += [option, form.format(unit[key])]
    if "memory" in unit:
        # No swap on top: a leak ends in a restart and not in a host that crawls.
        words += ["--memory", f"{unit['memory']}m", "--memory-swap", f"{unit['memory']}m"]
    if unit.get("host_network"):
        words += ["--network", "host"]
    elif "port" in unit:
        # On every interface in every phase; who reaches it is the security group's business.
        words += ["--publish", f"{unit['port']}:{unit['port']}"]
    if unit.get("logs"):
        words += ["--log-driver", "awslogs", "--log-opt", "awslogs-group=" + unit["logs"]]
        words += ["--log-opt", "awslogs-region=" + host()["region"], "--log-opt", "tag={{.Name}}/{{.ID}}"]
    return words


def login(image):
    registry = image.split("/")[0]
    where = host()["registries"]
    logins = json.loads(parameter(where)) if where else {}
    if registry in logins:
        given = json.loads(secret(logins[registry], ""))
        command(DOCKER, "login", "--username", given["username"], "--password-stdin", registry, input=given["password"])


def run(name, instance):
    unit = units()[name]
    values = environment(unit)
    SEEN.mkdir(mode=0o700, exist_ok=True)
    (SEEN / name).write_text(mark(values))
    login(unit["image"])
    container = f"phaseup-{name}-{instance}"
    subprocess.run([DOCKER, "rm", "--force", container], capture_output=True, check=False)
    names = [word for key in sorted(values) for word in ("--env", key)]
    words = ["docker", "run", "--rm", "--name", container, *options(unit), *names]
    os.execve(DOCKER, [*words, unit["image"], *unit.get("command", [])], {**os.environ, **values})


def install():
    starts = ["phaseup-watch.service"]
    for name, unit in units().items():
        timer, stop = unit.get("timer"), unit["stop"]
        kind = "Type=oneshot" if timer else f"Restart={unit['restart']}\nRestartSec=5"
        text = UNIT.format(name=name, kind=kind, stop=stop, grace=stop + 15)
        (SYSTEMD / f"phaseup-{name}@.service").write_text(text)
        if timer and unit["count"]:
            (SYSTEMD / f"phaseup-{name}.timer").write_text(TIMER.format(name=name, timer=timer))
            starts.append(f"phaseup-{name}.timer")
        elif not timer:
            starts += [f"phaseup-{name}@{instance}.service" for instance in range(1, unit["count"] + 1)]
    command("/usr/bin/systemctl", "daemon-reload")
    for service in starts:
        command("/usr/bin/systemctl", "enable", "--now", "--no-block", service)


def restart(name, count):
    for instance in range(1, count + 1):
        service = f"phaseup-{name}@{instance}.service"
        subprocess.run(["/usr/bin/systemctl", "try-restart", service], check=False)


def drain(names):
    """Stop the containers, each within its own time, then let the scaling group go on."""
    subprocess.run(["/usr/bin/systemctl", "stop", *(f"phaseup-{name}@*.service" for name in names)], check=False)
    here = host()
    aws(
        "autoscaling", "complete-lifecycle-action", "--lifecycle-action-result", "CONTINUE",
        "--auto-scaling-group-name", here["group"], "--lifecycle-hook-name", here["hook"],
        "--instance-id", metadata("instance-id"),
    )  # fmt: skip


def watch():
    failures, turn = dict.fromkeys(units(), 0), 0
    while True:
        time.sleep(10)
        turn += 1
        try:
            if metadata("autoscaling/target-lifecycle-state") == "Terminated":
                drain(failures)
                return
            for name, unit in units().items():
                tend(name, unit, failures, turn)
        except Exception as error:
            print(f"watch: {type(error).__name__}", file=sys.stderr, flush=True)


def tend(name, unit, failures, turn):
    """Restart what answers no more; once a minute also what was told other secrets or another endpoint."""
    health = unit.get("health")
    if health and turn > health["grace"] // 10:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{health['port']}{health['path']}", timeout=health["timeout"])
            failures[name] = 0
        except Exception:
            failures[name] += 1
        if failures[name] >= health["failures"]:
            failures[name] = -(health["grace"] // 10)
            restart(name, unit["count"])
    seen = SEEN / name
    if turn % 6 == 0 and seen.exists() and seen.read_text() != mark(environment(unit)):
        time.sleep(random.uniform(0, host()["stagger"]))  # the other hosts of the group have seen it too
        restart(name, unit["count"])


if __name__ == "__main__":
    {"install": install, "run": run, "watch": watch}[sys.argv[1]](*sys.argv[2:])
