#!/usr/bin/python3
# This host's containers: `install` makes their units, `run` becomes one container, `watch` keeps them right.
#
# What a container needs to know comes from three places: its manifest (plain settings), the parameters of the roles
# it uses (where they answer today) and Secrets Manager. Values reach the container through the environment of
# `docker run`, never through an argument or a file.

import functools
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
SYSTEMCTL = "/usr/bin/systemctl"
UNIT = """[Unit]
Description={name} %i
After=docker.service network-online.target {after}
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
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        # For the journal: no value is among the first words, nor in what AWS and Docker complain of.
        raise RuntimeError(" ".join(words[:3]) + ": " + done.stderr.strip())
    return done.stdout


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


def parameters(names):
    found, names = {}, sorted(set(names))
    for start in range(0, len(names), 10):  # as many as one call takes
        said = aws("ssm", "get-parameters", "--with-decryption", "--names", *names[start : start + 10])
        found.update({each["Name"]: each["Value"] for each in said["Parameters"]})
    return found


@functools.cache
def text(arn):
    return aws("secretsmanager", "get-secret-value", "--secret-id", arn)["SecretString"]


def secret(arn, key):
    return str(json.loads(text(arn))[key]) if key else text(arn)


# What a unit reads when it starts; each call of the CLI costs most of a second of a small host, so all at once.
def told(of):
    return parameters(name for unit in of for key in ("parameters", "secure") for name in unit.get(key, {}).values())


def environment(unit, said):
    values = dict(unit.get("env", {}))
    for prefix, name in unit.get("parameters", {}).items():
        role = json.loads(said[name])
        values.update({prefix + key: value for key, value in role.get("env", {}).items()})
        values.update({prefix + key: secret(*where) for key, where in role.get("secrets", {}).items()})
    values.update({key: said[name] for key, name in unit.get("secure", {}).items()})
    return values


# A role that is fenced has its data on its way elsewhere: whoever uses it waits until it is said no more.
def fenced(unit, said):
    return any(json.loads(said[name]).get("fenced") for name in unit.get("parameters", {}).values())


# How a unit may use its data, of the few that keep some.
def store():
    import store as module  # beside this file

    return module


def mark(values):
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def options(unit):
    words = ["--init", "--security-opt", "no-new-privileges", "--cap-drop", "ALL", *unit.get("options", [])]
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
        # Never blocking: where CloudWatch is away, lines are lost and not the service.
        words += ["--log-driver", "awslogs", "--log-opt", "mode=non-blocking", "--log-opt", "max-buffer-size=8m"]
        words += ["--log-opt", "awslogs-group=" + unit["logs"], "--log-opt", "awslogs-region=" + host()["region"]]
        words += ["--log-opt", "tag={{.Name}}/{{.ID}}"]
    else:
        # The journal has the lines and an end; Docker's own file would grow until the disk is full.
        words += ["--log-driver", "none"]
    return words


# Only what is not here yet is asked for: a restart needs neither the registry nor its login.
def fetch(image):
    if subprocess.run([DOCKER, "image", "inspect", image], capture_output=True, check=False).returncode:
        registry, where = image.split("/")[0], host()["registries"]
        logins = json.loads(parameters([where])[where]) if where else {}
        if registry in logins:
            given = json.loads(text(logins[registry]))
            words = ("login", "--username", given["username"], "--password-stdin", registry)
            command(DOCKER, *words, input=given["password"])
        command(DOCKER, "pull", "--quiet", image)


def run(name, instance):
    known = units()
    unit = known[name]
    SEEN.mkdir(mode=0o700, exist_ok=True)
    while fenced(unit, said := told([unit])):
        (SEEN / name).write_text("fenced")
        if "data" in unit:
            store().release(sys.modules[__name__], name, environment(unit, said)["VOLUME_ID"])
        time.sleep(10)
    values = environment(unit, said)
    fetch(unit["image"])
    # What brings requests in waits for what answers them.
    while not all(serves(other, known[other]) for other in unit.get("behind", [])):
        time.sleep(2)
    container = f"phaseup-{name}-{instance}"
    subprocess.run([DOCKER, "rm", "--force", container], capture_output=True, check=False)
    own = options(unit) + (store().hold(sys.modules[__name__], name, unit, values) if "data" in unit else [])
    (SEEN / name).write_text(mark(values))
    names = [word for key in sorted(values) for word in ("--env", key)]
    words = ["docker", "run", "--rm", "--name", container, *own, *names]
    os.execve(DOCKER, [*words, unit["image"], *unit.get("command", [])], {**os.environ, **values})


def install():
    starts = ["phaseup-watch.service"]
    for name, unit in units().items():
        timer, stop = unit.get("timer"), unit["stop"]
        kind = "Type=oneshot" if timer else f"Restart={unit['restart']}\nRestartSec=5"
        # Started later and stopped earlier than what it brings requests to.
        after = " ".join(f"phaseup-{other}@1.service" for other in unit.get("behind", []))
        unit_text = UNIT.format(name=name, kind=kind, stop=stop, grace=stop + 15, after=after)
        (SYSTEMD / f"phaseup-{name}@.service").write_text(unit_text)
        if timer and unit["count"]:
            (SYSTEMD / f"phaseup-{name}.timer").write_text(TIMER.format(name=name, timer=timer))
            starts.append(f"phaseup-{name}.timer")
        elif not timer:
            starts += [f"phaseup-{name}@{instance}.service" for instance in range(1, unit["count"] + 1)]
    if any("data" in unit for unit in units().values()):
        starts += store().install(sys.modules[__name__], SYSTEMD)
    command(SYSTEMCTL, "daemon-reload")
    for service in starts:
        command(SYSTEMCTL, "enable", "--now", "--no-block", service)


def restart(name, count):
    for instance in range(1, count + 1):
        subprocess.run([SYSTEMCTL, "try-restart", f"phaseup-{name}@{instance}.service"], check=False)


# Whether a unit does what it is here for; with nothing to ask, whether it got as far as its container.
def serves(name, unit):
    if unit.get("timer") or not unit["count"]:
        return True
    health, seen = unit.get("health"), SEEN / name
    if not seen.exists() or seen.read_text() == "fenced":
        return seen.exists()
    if "data" in unit:
        return store().answers(sys.modules[__name__], unit)
    if not health:
        return True
    try:
        url = f"http://127.0.0.1:{health['port']}{health['path']}"
        return urllib.request.urlopen(url, timeout=health["timeout"]).status == 200
    except Exception:
        return False


def lifecycle(verb, hook, *words):
    here = host()
    group = ("--auto-scaling-group-name", here["group"], "--lifecycle-hook-name", here[hook])
    try:
        aws("autoscaling", verb, *group, "--instance-id", metadata("instance-id"), *words)
    except RuntimeError as error:
        if "No active Lifecycle Action" in str(error):
            return False
        raise
    return True


def go_on(hook):
    return lifecycle("complete-lifecycle-action", hook, "--lifecycle-action-result", "CONTINUE")


# Stop the containers, each within its own time, then let the scaling group go on. The group says `Terminated` before
# the balancer has drained this host: until its wait begins, which takes a heartbeat, the containers serve on. What the
# spot market takes back is gone in two minutes and waits for nothing.
def drain(known):
    if not metadata("spot/instance-action") and not lifecycle("record-lifecycle-action-heartbeat", "hook"):
        return False
    first = [name for name, unit in known.items() if unit.get("behind")]
    last = [name for name, unit in known.items() if "data" in unit]
    stop = ["phaseup-*.timer"], first, [name for name in known if name not in first + last], last
    for names in stop:
        patterns = [name if "*" in name else f"phaseup-{name}@*.service" for name in names]
        if patterns:
            subprocess.run([SYSTEMCTL, "stop", *patterns], check=False)
    # The next host takes the volume as soon as it is free, long before this one is gone.
    for name in last:
        values = environment(known[name], told([known[name]]))
        store().release(sys.modules[__name__], name, values["VOLUME_ID"])
    go_on("hook")
    return True


def leaving():
    return metadata("autoscaling/target-lifecycle-state") == "Terminated" or bool(metadata("spot/instance-action"))


def watch():
    known, state, turn = units(), {"failures": {}, "due": {}, "in": False}, 0
    while True:
        time.sleep(10)
        turn += 1
        try:
            if leaving():
                if drain(known):
                    return
            else:
                tend(known, state, turn)
        except Exception as error:
            # A command says what went wrong; of anything else only the kind, which can hold no value.
            said = error if isinstance(error, RuntimeError) else type(error).__name__
            print(f"watch: {said}", file=sys.stderr, flush=True)


def tend(known, state, turn):
    serving = {name: serves(name, unit) for name, unit in known.items()}
    for name, up in serving.items():
        revive(name, known[name], up, state["failures"])
    # A new host is let in once all of it serves. Nobody may be waiting: the first of its group, or one that rebooted.
    if not state["in"] and all(serving.values()):
        state["in"] = go_on("ready") or turn > 60
    if turn % 6 == 0:
        compare({name: unit for name, unit in known.items() if not unit.get("timer")}, state["due"], turn)
    for name in [name for name, at in state["due"].items() if turn >= at]:
        del state["due"][name]
        restart(name, known[name]["count"])


def revive(name, unit, up, failures):
    health, seen = unit.get("health"), SEEN / name
    if up or not health or not seen.exists() or time.time() - seen.stat().st_mtime < health["grace"]:
        failures[name] = 0
        return
    failures[name] = failures.get(name, 0) + 1
    if failures[name] >= health["failures"]:
        failures[name] = 0
        restart(name, unit["count"])


# Restart what was told other secrets or another endpoint; the other hosts of the group see it too, and not all restart
# at once. What cannot be read just now goes on with what it has.
def compare(known, due, turn):
    text.cache_clear()
    said = told(known.values())
    for name, unit in known.items():
        seen = SEEN / name
        try:
            wanted = "fenced" if fenced(unit, said) else mark(environment(unit, said))
            changed = seen.exists() and seen.read_text() not in (wanted, "fenced")
        except (KeyError, RuntimeError, ValueError) as error:
            print(f"watch: {name}: {error if isinstance(error, RuntimeError) else 'not there'}", file=sys.stderr)
            continue
        if changed and name not in due:
            # All at once where it is a fence: what still writes holds up the move.
            due[name] = turn + (0 if wanted == "fenced" else random.randrange(max(1, host()["stagger"] // 10)))
        if "data" in unit and seen.exists() and seen.read_text() == wanted:
            store().grow(sys.modules[__name__], name)


if __name__ == "__main__":
    verbs = {"install": install, "run": run, "watch": watch}
    if sys.argv[1] in verbs:
        verbs[sys.argv[1]](*sys.argv[2:])
    else:
        store().main(sys.modules[__name__], *sys.argv[1:])
