# Units that keep data: the volume is claimed, formatted once, mounted and let go of here; dumps and the load of a move.
#
# Two hosts never have one volume: a host takes it when it is free and waits until it is, and never by force.

import json
import os
import pathlib
import subprocess
import sys
import time

MOUNTS = pathlib.Path("/data")
BY_ID = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_"
OWNER = "999:999"
BLANK = 1 << 20
HBA = "local all all trust\nhostssl all all all scram-sha-256\n"
SERVICE = """[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /opt/phaseup/host dump {name}
SyslogIdentifier=phaseup-{name}-dump
"""
TIMER = """[Timer]
OnCalendar=*-*-* {at}:00 UTC
Persistent=true

[Install]
WantedBy=timers.target
"""
COUNTS = """select format('%I.%I', table_schema, table_name), (xpath('/row/c/text()', query_to_xml(
format('select count(*) as c from %I.%I', table_schema, table_name), false, true, '')))[1]::text
from information_schema.tables where table_type = 'BASE TABLE'
and table_schema not in ('pg_catalog', 'information_schema') order by 1"""
OTHERS = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"


# The volume is here and mounted when this returns: what docker needs to know.
def hold(host, name, unit, values):
    data, place = unit["data"], MOUNTS / name
    if not os.path.ismount(place):
        device = attached(host, values["VOLUME_ID"])
        format_once(host, device)
        place.mkdir(parents=True, exist_ok=True)
        # A restored copy has its original's UUID, and may stand beside it.
        host.command("/usr/bin/mount", "-o", "noatime,nouuid", device, str(place))
    grow(host, name)
    ready(host, place, data)
    address = host.metadata("local-ipv4")
    record = {"Name": data["name"], "Type": "A", "TTL": 10, "ResourceRecords": [{"Value": address}]}
    batch = json.dumps({"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]})
    zone = ("--hosted-zone-id", values["ZONE_ID"], "--change-batch", batch)
    host.aws("route53", "change-resource-record-sets", *zone)
    mount = f"type=bind,source={place},target=/data"
    return ["--user", OWNER, "--mount", mount, "--publish", f"{address}:{data['port']}:{data['port']}"]


def attached(host, volume):
    me = host.metadata("instance-id")
    while True:
        seen = host.aws("ec2", "describe-volumes", "--volume-ids", volume)["Volumes"][0]
        held = [each for each in seen["Attachments"] if each["State"] != "detached"]
        if not held and seen["State"] == "available":
            where = ("--instance-id", me, "--device", letter(host, me))
            host.aws("ec2", "attach-volume", "--volume-id", volume, *where)
        elif held and held[0]["InstanceId"] == me and held[0]["State"] == "attached":
            break
        time.sleep(5)
    device = BY_ID + volume.replace("-", "")
    while not os.path.exists(device):
        time.sleep(1)
    return device


def letter(host, me):
    mine = ("--filters", "Name=attachment.instance-id,Values=" + me)
    seen = host.aws("ec2", "describe-volumes", *mine)["Volumes"]
    taken = {each["Device"] for of in seen for each in of["Attachments"]}
    return next(free for free in ("/dev/sd" + at for at in "fghijklmnop") if free not in taken)


# Only what holds nothing at all: blkid knows no content, and the first MiB is as EC2 hands out a new volume. mkfs.xfs
# itself refuses to write over what it knows.
def format_once(host, device):
    known = subprocess.run(["/usr/sbin/blkid", "--probe", device], capture_output=True, check=False).returncode
    if known == 0:
        return
    with open(device, "rb") as raw:
        if known != 2 or raw.read(BLANK).strip(b"\0"):
            raise RuntimeError(f"{device}: neither a file system nor blank")
    host.command("/usr/sbin/mkfs.xfs", device)


def grow(host, name):
    host.command("/usr/sbin/xfs_growfs", str(MOUNTS / name))


# The certificate is the host name's own: it hides what is said, and proves nothing to who does not know it.
def ready(host, place, data):
    tls = place / "tls"
    for folder in (place / "postgres", place / "valkey", tls):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not (tls / "cert.pem").exists():
        subject = ("-subj", "/CN=" + data["name"], "-addext", "subjectAltName=DNS:" + data["name"])
        files = ("-keyout", str(tls / "key.pem"), "-out", str(tls / "new.pem"))
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650")
        host.command("/usr/bin/openssl", "req", "-x509", *key, *subject, *files)
        (tls / "new.pem").rename(tls / "cert.pem")
    (tls / "pg_hba.conf").write_text(HBA)
    places = [str(place / "postgres"), str(place / "valkey"), str(tls)]
    host.command("/usr/bin/chown", OWNER, *places, *(str(each) for each in sorted(tls.iterdir())))


# After its container has stopped: nobody waits for a volume that nothing writes to.
def release(host, name, volume):
    place = MOUNTS / name
    if os.path.ismount(place):
        host.command("/usr/bin/umount", str(place))
    me = host.metadata("instance-id")
    seen = host.aws("ec2", "describe-volumes", "--volume-ids", volume)["Volumes"][0]
    if any(each["InstanceId"] == me and each["State"] == "attached" for each in seen["Attachments"]):
        host.aws("ec2", "detach-volume", "--volume-id", volume, "--instance-id", me)


# Whether the engine answers; what it says is its users' business.
def answers(host, unit):
    import socket

    try:
        socket.create_connection((host.metadata("local-ipv4"), unit["data"]["port"]), timeout=5).close()
    except OSError:
        return False
    return True


def install(host, systemd):
    made = []
    for name, unit in host.units().items():
        dump = unit.get("data", {}).get("dump")
        if dump:
            (systemd / f"phaseup-{name}-dump.service").write_text(SERVICE.format(name=name))
            (systemd / f"phaseup-{name}-dump.timer").write_text(TIMER.format(at=dump["at"]))
            made.append(f"phaseup-{name}-dump.timer")
    return made


# Passwords are in the environment alone, which `docker exec --env NAME` hands on.
def docker(name, words, values):
    whole = ["/usr/bin/docker", "exec", *words]
    done = subprocess.run(whole, capture_output=True, text=True, check=False, env=values)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip()}")
    return done.stdout.strip()


def role(host, where):
    said = json.loads(host.parameters([where])[where])
    found = dict(said["env"])
    found.update({key: host.secret(*at) for key, at in said["secrets"].items()})
    return found, bool(said.get("fenced"))


# The bucket's own rules say how long a dump is kept. One that breaks off is taken away: half a dump looks like one.
def dump(host, name):
    data = host.units()[name]["data"]
    to, _ = role(host, data["dump"]["to"])
    stamp = time.strftime("%Y-%m-%dT%H%MZ", time.gmtime())
    target = f"s3://{to['BUCKET']}/dumps/{name}/{stamp}.dump"
    end = ["--endpoint-url", to["ENDPOINT"]] if "ENDPOINT" in to else ["--region", host.host()["region"]]
    keys = {"AWS_" + key: to[key] for key in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY") if key in to}
    around = {**os.environ, **keys}
    words = ["pg_dump", "--format=custom", "--username", data["user"], data["database"]]
    source = subprocess.Popen(["/usr/bin/docker", "exec", f"phaseup-{name}-1", *words], stdout=subprocess.PIPE)
    sent = subprocess.run(["/usr/bin/aws", "s3", "cp", "-", target, *end], stdin=source.stdout, env=around, check=False)
    if sent.returncode:
        source.kill()  # nobody reads any more
    if source.wait() or sent.returncode:
        subprocess.run(["/usr/bin/aws", "s3", "rm", target, *end], env=around, check=False)
        raise RuntimeError(f"{name}: dump failed")
    print(f"{name}: dumped to {target}", flush=True)


# What is hosted into what takes its role over. It loads only while nobody may write, only into what has no tables, all
# of it or nothing, and ends well only where both have the same rows.
def load(host, name, block):
    data = host.units()[name]["data"]
    _, fenced = role(host, data["role"])
    if not fenced:
        raise RuntimeError(f"{name}: not fenced; the rung fence comes first")
    there, _ = role(host, data["role"].rpartition("/")[0] + "/" + block)
    keys = {"PGHOST": "TLS_NAME", "PGPORT": "PORT", "PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    values = {**os.environ, **{key: there[of] for key, of in keys.items()}, "PGSSLMODE": "require"}
    container = f"phaseup-{name}-1"
    target = [*(word for key in (*keys, "PGSSLMODE") for word in ("--env", key)), container]
    own = [f"--username={data['user']}", f"--dbname={data['database']}", f"--port={data['port']}"]

    def ask(words, text, more=()):
        flags = ("--no-psqlrc", "--tuples-only", "--no-align", "--command", text)
        return docker(name, [*words, "psql", *more, *flags], values)

    if ask([container], OTHERS, own) != "0":
        raise RuntimeError(f"{name}: others are still connected")
    rows = ask([container], COUNTS, own)
    if ask(target, COUNTS):
        raise RuntimeError(f"{block}: has tables already")
    plain = "--no-owner --no-privileges"
    # The target's variables are for pg_restore; what pg_dump asks is said outright.
    dumped = f"pg_dump --format=custom {plain} --host=/var/run/postgresql " + " ".join(own)
    loaded = f'pg_restore {plain} --exit-on-error --single-transaction --dbname="$PGDATABASE"'
    docker(name, [*target, "bash", "-c", f"set -o pipefail; PGSSLMODE=disable {dumped} | {loaded}"], values)
    if ask(target, COUNTS) != rows:
        raise RuntimeError(f"{block}: not the same rows as {name}")
    ask(target, "analyze")
    print(f"{name}: {len(rows.splitlines())} tables are in {block}, row for row", flush=True)


def main(host, verb, *words):
    try:
        {"dump": dump, "load": load}[verb](host, *words)
    except RuntimeError as error:
        print(error, file=sys.stderr, flush=True)
        sys.exit(1)
