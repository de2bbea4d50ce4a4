"""What only shows between blocks: one message each, before anything is registered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import build, edited, stack
from pulumi.runtime import mocks

from stacks.compose import compose
from stacks.models import BadInput, load_addresses, load_blueprint
from stacks.moves import effective

Blocks = dict[str, Any]


def refused(config: Any, blueprint: Any = None) -> str:
    registered: list[str] = []
    original = mocks.MockMonitor.RegisterResource

    def counted(self: Any, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            registered.append(request.name)
        return original(self, request)

    mocks.MockMonitor.RegisterResource = counted  # type: ignore[method-assign]
    try:
        with pytest.raises(BadInput) as caught:
            build(config, blueprint)
    finally:
        mocks.MockMonitor.RegisterResource = original  # type: ignore[method-assign]
    assert registered == [], "half a stack was registered before the mistake was found"
    assert "\n" not in str(caught.value)
    return str(caught.value)


def _second_network(mvp: Blocks) -> None:
    mvp["net2"] = {"kind": "network"}


def _second_balancer(mvp: Blocks) -> None:
    mvp["lb2"], mvp["lb3"] = {"kind": "balancer"}, {"kind": "balancer"}


def _name_without_service(mvp: Blocks) -> None:
    mvp["api"]["hosts"] = ["api"]


def _name_of_two_services(mvp: Blocks) -> None:
    mvp["web"] = {**mvp["api"], "image": "api"}


def _bucket_under_a_service_s_name(mvp: Blocks) -> None:
    mvp["images"]["domain"] = "api"


def _server_without_tunnel(mvp: Blocks) -> None:
    del mvp["app"]["tunnel"]


def _name_elsewhere(mvp: Blocks) -> None:
    mvp["scrapers"]["tunnel"] = True
    mvp["edge"]["hosts"]["api"]["to"] = "scrapers"


def _schedule_on_many_hosts(mvp: Blocks) -> None:
    mvp["scheduler"]["on"] = "app"
    mvp["app"]["count"]["max"] = 3


def _queue_nobody_measures(mvp: Blocks) -> None:
    mvp["spare"] = {
        "kind": "server", "instance": "t4g.small", "count": {"min": 1, "max": 3}, "subnets": "public",
        "queue": {"metric": "jobs_waiting", "above": 100, "below": 10},
    }  # fmt: skip


def _backup_in_maintenance(mvp: Blocks) -> None:
    mvp["db"]["maintenance_window"] = "sun:04:30-sun:05:30"
    mvp["safe"] = {"kind": "backup", "blocks": ["db"]}


def _image_nobody_built(mvp: Blocks) -> None:
    mvp["api"]["image"] = "backend"


def _too_much_for_a_host(mvp: Blocks) -> None:
    for i in range(30):
        worker = f"worker{chr(97 + i // 26)}{chr(97 + i % 26)}"
        # Packed, only what has no pattern takes room.
        env = {f"HASH_{n}": hashlib.sha512(f"{worker} {n}".encode()).hexdigest() for n in range(6)}
        mvp[worker] = {"kind": "service", "on": "app", "takes": "queue", "image": "api", "uses": ["db"], "env": env}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_second_network, "phases.mvp.blocks: found 2 of kind network; allowed: exactly one block of kind network"),
        (_second_balancer, "phases.mvp.blocks: found 2 of kind balancer; allowed: at most one block of kind balancer"),
        (_name_without_service, "edge.hosts.app: found app; allowed: a name among a service's hosts: api"),
        (_name_of_two_services, "web.hosts.api: found api; allowed: a name that api does not answer"),
        (_bucket_under_a_service_s_name, "images.domain: found api; allowed: a name of its own, not a service's"),
        (_server_without_tunnel, "edge.hosts.app.to: found app; allowed: a server with tunnel: true, a balancer, or"),
        (_name_elsewhere, "edge.hosts.api.to: found scrapers; allowed: where api runs, which answers it"),
        (_schedule_on_many_hosts, "scheduler.on.app: found a schedule on up to 3 hosts; allowed: idempotent: true"),
        (_queue_nobody_measures, "spare.queue.metric: found jobs_waiting; allowed: one of the alarms' metrics: "),
        (_backup_in_maintenance, "safe.rules.daily.schedule: found cron(0 5 * * ? *); allowed: a start whose"),
        (_image_nobody_built, "phaseup:images: found no backend; allowed: backend: <name>@sha256:<digest>, which api"),
        # The tunnel's connector takes its part, too.
        (_too_much_for_a_host, "app.kind: found app: user data of its 32 services has"),
    ],
)  # fmt: skip
def test_blocks_that_do_not_fit(tmp_path: Path, change: Callable[[Blocks], None], message: str) -> None:
    assert message in refused(stack(), edited(tmp_path, change))


def test_a_region_without_pinned_zones(tmp_path: Path) -> None:
    register = tmp_path / "addresses.yaml"
    register.write_text("meal: {prod: {us-west-1: 10.224.0.0/16}}")
    config, blueprint = stack({"aws:region": "us-west-1"}), load_blueprint("meal")
    resolved = effective(config, blueprint, addresses=load_addresses(register))
    with pytest.raises(BadInput, match=r"aws:region: found us-west-1; allowed: a region with three zones"):
        compose(resolved, config)
