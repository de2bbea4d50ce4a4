"""How a host runs an engine: its container, which has nothing of its own but what is on the volume."""

from __future__ import annotations

from typing import Final

from components.cache.access import ACCESS, USER
from components.hosted.spec import IMAGES, HostedSpec
from components.service.component import log_group_name
from components.service.endpoint import parameter_name
from components.service.unit import ContainerUnit
from components.site import Site

INSIDE: Final = "/data"
"""Where the volume is in the container."""
STOP_SECONDS: Final = 90
"""Time to write everything down."""

# What a host finds on a volume is what it was when its last one stopped, or what a snapshot has: the password is set
# before the engine answers, so a rotated one, and that of a restored copy, need no hand. In single-user mode, as
# nobody can come in there; a failing statement is not written to the log, for it holds the password.
_POSTGRES: Final = """\
set -e
if [ -s "$PGDATA/PG_VERSION" ]; then
echo "ALTER ROLE \\"$POSTGRES_USER\\" PASSWORD '$POSTGRES_PASSWORD'" |
postgres --single -D "$PGDATA" -c log_min_error_statement=panic postgres >/dev/null
fi
exec docker-entrypoint.sh postgres """
# Only the hash of the password is ever written down.
_VALKEY: Final = """\
set -e
hash=$(printf %s "$PASSWORD" | sha256sum | cut -d ' ' -f 1)
printf 'user default off\\nuser {user} {access} #%s\\n' "$hash" >/tmp/users
exec valkey-server """


def unit_of(
    name: str,
    spec: HostedSpec,
    site: Site,
    *,
    image: str | None = None,
    record: str,
    role: str,
    server: str,
    dumps_to: str = "",
) -> ContainerUnit:
    """The part of the unit that is text, known before anything is built. `record` is the name of ours under which the
    host is found, `role` what it fills or is to fill, `dumps_to` the parameter of the bucket that gets dumps."""
    postgres = spec.engine == "postgres"
    data: dict[str, object] = {"name": record, "port": spec.listens, "host": f"{site.prefix}-{server}"}
    if dumps_to:
        data["dump"] = {"at": spec.dump_time, "to": dumps_to}
    if postgres:
        data |= {"user": spec.admin, "database": spec.database, "role": parameter_name(site, role)}
    env = {
        "PGDATA": f"{INSIDE}/postgres",
        "POSTGRES_DB": spec.database,
        "POSTGRES_USER": spec.admin,
        "POSTGRES_INITDB_ARGS": "--data-checksums",
    }
    shared = max(64, spec.memory // 4)
    return ContainerUnit(
        name=name,
        image=image or IMAGES[spec.engine, spec.major],
        command=("bash", "-c", _postgres(spec) if postgres else _valkey(spec)),
        env=env if postgres else {},
        parameters={"": own_parameter(site, name)},
        memory=spec.memory,
        shm=shared if postgres else None,
        options=("--tmpfs", "/var/run/postgresql:uid=999,gid=999") if postgres else (),
        read_only=True,
        stop_seconds=STOP_SECONDS,
        data=data,
        log_group=log_group_name(site, name),
    )


def own_parameter(site: Site, name: str) -> str:
    """The parameter that tells a host which volume is whose, and where its password is."""
    return f"/{site.prefix}/hosted/{name}"


def _postgres(spec: HostedSpec) -> str:
    settings = {
        "hba_file": f"{INSIDE}/tls/pg_hba.conf",
        "ssl": "on",
        "ssl_cert_file": f"{INSIDE}/tls/cert.pem",
        "ssl_key_file": f"{INSIDE}/tls/key.pem",
        "port": str(spec.listens),
        "max_connections": str(spec.connections),
        "shared_buffers": f"{spec.memory // 4}MB",
        "log_min_duration_statement": "1000",
        "idle_in_transaction_session_timeout": "600000",
    }
    return _POSTGRES + " ".join(f"-c {key}={value}" for key, value in settings.items())


def _valkey(spec: HostedSpec) -> str:
    settings = {
        "port": "0",
        "tls-port": str(spec.listens),
        "tls-cert-file": f"{INSIDE}/tls/cert.pem",
        "tls-key-file": f"{INSIDE}/tls/key.pem",
        "tls-ca-cert-file": f"{INSIDE}/tls/cert.pem",
        "tls-auth-clients": "no",
        "aclfile": "/tmp/users",
        "dir": f"{INSIDE}/valkey",
        "appendonly": "yes",
        "maxmemory": f"{spec.memory * 3 // 4}mb",
        "maxmemory-policy": "noeviction" if spec.use == "queue" else "allkeys-lru",
    }
    started = _VALKEY.format(user=USER, access=ACCESS)
    return started + " ".join(f"--{key} {value}" for key, value in settings.items())
