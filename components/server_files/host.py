#!/usr/bin/python3
"""Runs this host's containers: `host run NAME INSTANCE` becomes one container, `host watch` keeps them right.

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

HOST = json.loads(pathlib.Path("/etc/phaseup/host.json").read_text())
UNITS = pathlib.Path("/etc/phaseup/units")
SEEN = pathlib.Path("/run/phaseup")
METADATA = "http://169.254.169.254/latest/"


def aws(*words):
    command = ["/usr/bin/aws", *words, "--region", HOST["region"], "--output", "json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout or "{}")


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
    """Settings, then what each parameter says: plain values and where secrets are."""
    values = dict(unit["env"])
    for prefix, name in unit["parameters"].items():
        said = json.loads(parameter(name))
        values.update({prefix + key: value for key, value in said.get("env", {}).items()})
        values.update({prefix + key: secret(*where) for key, where in said.get("secrets", {}).items()})
    for key, name in unit["secure"].items():
        values[key] = parameter(name)
    return values


def mark(values):
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def login(image):
    registry = image.split("/")[0]
    logins = json.loads(parameter(HOST["registries"])) if HOST["registries"] else {}
    if registry in logins:
        given = json.loads(secret(logins[registry], ""))
        subprocess.run(
            ["/usr/bin/docker", "login", "--username", given["username"], "--password-stdin", registry],
            input=given["password"], text=True, check=True, stdout=subprocess.DEVNULL,
        )


def run(name, instance):
    unit = json.loads((UNITS / (name + ".json")).read_text())
    values = environment(unit)
    SEEN.mkdir(mode=0o700, exist_ok=True)
    (SEEN / name).write_text(mark(values))
    login(unit["image"])
    container = f"phaseup-{name}-{instance}"
    subprocess.run(["/usr/bin/docker", "rm", "--force", container], capture_output=True, check=False)
    names = [word for key in sorted(values) for word in ("--env", key)]
    words = ["docker", "run", "--rm", "--name", container, *unit["options"], *names, unit["image"], *unit["command"]]
    os.execve("/usr/bin/docker", words, {**os.environ, **values})


def restart(name, count):
    for instance in range(1, count + 1):
        subprocess.run(["/usr/bin/systemctl", "try-restart", f"phaseup-{name}@{instance}.service"], check=False)


def drain(units):
    """Stop the containers, each within its own time, then let the scaling group go on."""
    for name in units:
        subprocess.run(["/usr/bin/systemctl", "stop", f"phaseup-{name}@*.service"], check=False)
    aws(
        "autoscaling", "complete-lifecycle-action", "--lifecycle-action-result", "CONTINUE",
        "--auto-scaling-group-name", HOST["group"], "--lifecycle-hook-name", HOST["hook"],
        "--instance-id", metadata("instance-id"),
    )


def watch():
    units = {path.stem: json.loads(path.read_text()) for path in sorted(UNITS.glob("*.json"))}
    failures, turn = dict.fromkeys(units, 0), 0
    while True:
        time.sleep(10)
        turn += 1
        try:
            if metadata("autoscaling/target-lifecycle-state") == "Terminated":
                drain(units)
                return
            for name, unit in units.items():
                tend(name, unit, failures, turn)
        except Exception as error:
            print(f"watch: {type(error).__name__}", file=sys.stderr, flush=True)


def tend(name, unit, failures, turn):
    """Restart what answers no more; once a minute also what was told other secrets or another endpoint."""
    health = unit["health"]
    if health and turn > health["grace"] // 10:
        try:
            address = f"http://127.0.0.1:{health['port']}{health['path']}"
            urllib.request.urlopen(address, timeout=health["timeout"])
            failures[name] = 0
        except Exception:
            failures[name] += 1
        if failures[name] >= health["failures"]:
            failures[name] = -health["grace"] // 10
            restart(name, unit["count"])
    seen = SEEN / name
    if turn % 6 == 0 and seen.exists() and seen.read_text() != mark(environment(unit)):
        time.sleep(random.uniform(0, HOST["stagger"]))  # the other hosts of the group have seen it too
        restart(name, unit["count"])


if __name__ == "__main__":
    watch() if sys.argv[1] == "watch" else run(sys.argv[2], sys.argv[3])
