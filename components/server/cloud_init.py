"""User data: the cloud-config that turns a plain AL2023 image into a host of container units.

It holds no secret and no endpoint: only names of ours, from which the host asks for both when a container starts.
"""

from __future__ import annotations

import base64
import bz2
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import jinja2

from components.service.unit import ContainerUnit

LIMIT: Final = 16 * 1024
"""Bytes of user data before base64 (EC2 user guide, "Run commands when you launch an EC2 instance")."""

METRICS_NAMESPACE: Final = "CWAgent"
STAGGER_SECONDS: Final = 60
"""Hosts that see a rotated secret at the same time restart their containers within this time, not all at once; until
then a password that no longer holds opens no new connection."""

_FILES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("files")),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    # Shell and YAML block scalars, never HTML.
    autoescape=False,
)


def user_data(
    units: Sequence[ContainerUnit],
    *,
    block: str,
    region: str,
    group: str,
    hook: str,
    ready: str,
    registries: str | None = None,
    address: str | None = None,
) -> str:
    """Base64 user data of a host in scaling group `group`, which ends the lifecycle hooks `ready` and `hook` (before it
    is let in, and before it goes).

    `registries` and `address` are names of parameters: where each registry's login is, and which elastic address to
    claim at boot. Raises `ValueError` where EC2 would refuse the size.
    """
    host = {
        "region": region,
        "group": group,
        "hook": hook,
        "ready": ready,
        "registries": registries,
        "stagger": STAGGER_SECONDS,
    }
    files = [
        ("/opt/phaseup/boot", "0755", _render("boot.sh", region=region, address=address)),
        ("/etc/phaseup/host.json", "0600", _compact(host)),
        ("/etc/phaseup/agent.json", "0644", _compact(agent_config([unit.name for unit in units if unit.data]))),
        ("/root/.docker/config.json", "0600", _compact({"credHelpers": _ecr_helpers(units)})),
        ("/etc/systemd/system/phaseup-watch.service", "0644", _source("watch.service")),
    ]
    manifests = _compact({unit.name: unit.manifest() for unit in units})
    packs = {"/opt/phaseup/host": packed(shortened(_source("host.py"))), "/etc/phaseup/units.json": packed(manifests)}
    if any(unit.data for unit in units):
        packs["/opt/phaseup/store.py"] = packed(shortened(_source("store.py")))
    text = _render("cloud-config.yaml", files=files, packs=packs)
    size = len(text.encode())
    if size > LIMIT:
        raise ValueError(
            f"{block}: user data of its {len(units)} services has {size} bytes; EC2 allows {LIMIT}: "
            "put some of them on a server of their own"
        )
    return base64.b64encode(text.encode()).decode()


def agent_config(volumes: Sequence[str] = ()) -> dict[str, object]:
    """CloudWatch agent: what EC2 itself does not see, memory and disk, summed up by scaling group; and
    each of `volumes`, the units that keep data, by itself."""
    places = [f"/data/{volume}" for volume in volumes]
    return {
        "agent": {"metrics_collection_interval": 60, "run_as_user": "cwagent"},
        "metrics": {
            "namespace": METRICS_NAMESPACE,
            "append_dimensions": {"AutoScalingGroupName": "${aws:AutoScalingGroupName}"},
            "aggregation_dimensions": [
                ["AutoScalingGroupName"],
                *([["AutoScalingGroupName", "path"]] if places else []),
            ],
            "metrics_collected": {
                "mem": {"measurement": ["mem_used_percent"]},
                "disk": {"measurement": ["disk_used_percent"], "resources": ["/", *places], "drop_device": True},
            },
        },
    }


def packed(text: str) -> str:
    """The host's program, or what it runs, in half its size, for more units. bzip2, as its output is the same whatever
    builds it: that of zlib differs between its makes, and each other byte would be a new launch template and new
    hosts."""
    return base64.b64encode(bz2.compress(text.encode())).decode()


def shortened(source: str) -> str:
    """Python with one space an indent and no comment lines."""
    lines = [line for line in source.splitlines() if not line.lstrip().startswith("# ")]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    return "\n".join(" " * (i // 4) + line.lstrip() for i, line in zip(indents, lines, strict=True)) + "\n"


def _ecr_helpers(units: Sequence[ContainerUnit]) -> dict[str, str]:
    hosts = {unit.image.split("/")[0] for unit in units}
    return {host: "ecr-login" for host in sorted(hosts) if ".dkr.ecr." in host}


def _source(name: str) -> str:
    return Path(__file__).with_name("files").joinpath(name).read_text(encoding="utf-8")


def _render(template: str, **values: object) -> str:
    return _FILES.get_template(template).render(**values)


def _compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
