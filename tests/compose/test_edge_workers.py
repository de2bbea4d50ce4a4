"""A made-up system that grows workers and a CDN: bindings, which side of a move answers, failing over by one line, and
what compose refuses before it registers anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from recording import Recording

from components.balancer.sources import FASTLY_RANGES
from stacks.models import BadInput, Blueprint, load_blueprint, resolve
from stacks.moves import effective
from stacks.moves.holds import guarded, holds_data
from stacks.moves.kept import keep

SMALL: dict[str, Any] = {
    "net": {"kind": "network", "azs": 3, "nat": "none"},
    "app": {
        "kind": "server",
        "instance": "t4g.medium",
        "subnets": "public",
        "count": {"min": 2, "max": 4},
        "registries": {"ghcr.io": {}},
    },
    "api": {"kind": "service", "on": "app", "takes": "requests", "port": 3000, "hosts": ["api", "app"], "health": {}},
    "lb": {"kind": "balancer"},
    "images": {"kind": "bucket", "store": "r2", "domain": "images", "jurisdiction": "eu"},
    "logs": {"kind": "bucket", "store": "s3"},
    "edge": {"kind": "zone", "plan": "pro", "hosts": {"api": {"to": "lb"}, "app": {"to": "lb"}}},
    "resizer": {
        "kind": "worker",
        "script": "images",
        "compatibility_date": "2026-04-01",
        "routes": {"images": {"host": "images"}},
        "crons": {"hourly": "0 * * * *"},
    },
}
LARGE: dict[str, Any] = {
    "lb": {"beside": {"fastly": {}}},
    "resizer": {
        "routes": {"images": None, "thumbs": {"host": "images", "path": "/thumbs/*"}},
        "crons": {"hourly": None, "daily": "0 3 * * *"},
    },
    "edge-api": {
        "kind": "worker",
        "compatibility_date": "2026-04-01",
        "routes": {"api": {"host": "api"}},
        "crons": {"nightly": "0 4 * * *"},
        "env": {"RULES": "[]"},
        "kv": {"FLAGS": {}},
        "buckets": {"IMAGES": {"block": "images"}},
        "services": {"RESIZER": {"block": "resizer"}},
    },
    "cdn": {
        "kind": "cdn",
        "provider": "fastly",
        "origins": {"api": {"block": "lb", "health": "/health"}, "pictures": {"block": "images"}},
        "hosts": {"api": {"origin": "api"}, "cdn": {"origin": "pictures"}},
    },
}
ROUTE = "cloudflare:index/workersRoute:WorkersRoute"
Phases = dict[str, dict[str, Any]]


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    """Two phases under the name of meal, whose stacks are there; `change` may spoil their blocks."""
    small, large = json.loads(json.dumps(SMALL)), json.loads(json.dumps(LARGE))
    change({"small": small, "large": large})
    budget = {"low": None, "high": None, "breakdown": None}
    phases = {
        name: {"serves": {}, "budget": budget, "blocks": blocks}
        for name, blocks in (("small", small), ("large", large))
    }
    (folder / "meal.yaml").write_text(json.dumps({"system": "meal", "title": "Made up", "phases": phases}))
    return load_blueprint("meal", folder)


def settled(phase: str, **overrides: Any) -> dict[str, Any]:
    images = {"phaseup:images": {"api": "ghcr.io/meal/api@sha256:" + "a" * 64}}
    return {**images, "phaseup:phase": phase, **({"phaseup:overrides": overrides} if overrides else {})}


def moving(traffic: int, to: str = "large") -> dict[str, Any]:
    other = "small" if to == "large" else "large"
    return {**settled(to), "phaseup:moving": {"from": other, "traffic": traffic}}


def routes(recording: Recording) -> dict[str, str | None]:
    return {each.name: each.inputs.get("script") for each in recording.by_type(ROUTE)}


def crons(recording: Recording) -> dict[str, list[str]]:
    names = [name for name in ("resizer-crons", "edge-api-crons") if name in recording.names()]
    return {name: [each["cron"] for each in recording.one(name).inputs["schedules"]] for name in names}


def test_a_worker_is_built_from_the_repository(tmp_path: Path) -> None:
    recording = build(stack(settled("large")), made_up(tmp_path))
    script = recording.one("edge-api-script").inputs
    assert script["content"] == Path("workers/edge-api/worker.js").read_text()
    assert recording.one("resizer-script").inputs["content"] == Path("workers/images/worker.js").read_text()
    by_name = {each["name"]: each for each in script["bindings"]}
    assert by_name["IMAGES"]["jurisdiction"] == "eu"
    assert by_name["IMAGES"]["bucketName"] == recording.one("images-r2").inputs["name"]
    assert by_name["RESIZER"]["service"] == "meal-prod-resizer"
    order = {each.name: each.order for each in recording.resources}
    assert order["resizer-script"] < order["edge-api-script"]
    assert recording.one("edge-api-route-api").inputs["pattern"].startswith("api.")


@pytest.mark.parametrize(("traffic", "new"), [(0, False), (100, True)])
def test_routes_and_crons_answer_on_one_side(tmp_path: Path, traffic: int, new: bool) -> None:
    """Up: what arrives stays out of the way below 100, what goes stays until then; down it is the other way round."""
    blueprint = made_up(tmp_path)
    resizer, api = "meal-prod-resizer", "meal-prod-edge-api"
    for to, on_large in (("large", new), ("small", not new)):
        recording = build(stack(moving(traffic, to)), blueprint)
        assert routes(recording) == {
            "resizer-route-images": None if on_large else resizer,
            "resizer-route-thumbs": resizer if on_large else None,
            "edge-api-route-api": api if on_large else None,
        }
        assert crons(recording) == {
            "resizer-crons": ["0 3 * * *"] if on_large else ["0 * * * *"],
            "edge-api-crons": ["0 4 * * *"] if on_large else [],
        }


def test_a_shift_changes_what_routes_and_crons_say_and_nothing_else(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    before = {each.urn: each for each in build(stack(moving(0)), blueprint).resources}
    after = {each.urn: each for each in build(stack(moving(100)), blueprint).resources}
    assert before.keys() == after.keys()
    changed = {
        (each.name, key)
        for urn, each in before.items()
        for key in each.inputs.keys() | after[urn].inputs.keys()
        if each.inputs.get(key) != after[urn].inputs.get(key)
    }
    assert changed == {
        ("resizer-route-images", "script"),
        ("resizer-route-thumbs", "script"),
        ("edge-api-route-api", "script"),
        ("resizer-crons", "schedules"),
        ("edge-api-crons", "schedules"),
    }


def test_a_cdn_stands_ready_and_nothing_points_at_it(tmp_path: Path) -> None:
    recording = build(stack(settled("large")), made_up(tmp_path))
    service = recording.one("cdn-service").inputs
    domain = recording.one("edge-zone").inputs["name"]
    assert [each["name"] for each in service["domains"]] == [f"api.{domain}", f"cdn.{domain}"]
    backends = {each["name"]: each for each in service["backends"]}
    assert backends["api-lb"]["overrideHost"] == f"api.{domain}"
    assert backends["api-lb"]["address"].endswith(".elb.amazonaws.com")
    assert backends["pictures-images"]["address"] == f"images.{domain}"
    api = recording.one("edge-host-api").inputs
    assert api["proxied"] is True
    assert api["content"] == backends["api-lb"]["address"]
    assert "cdn-host-api" not in recording.names()
    assert recording.one("cdn-host-cdn").inputs["content"] == "j.sni.global.fastly.net"


def test_one_line_sends_a_name_to_the_cdn(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    before = build(stack(settled("large")), blueprint)
    after = build(stack(settled("large", edge={"hosts": {"api": {"cdn": "cdn"}}})), blueprint)
    assert before.urns() == after.urns()
    changed = {each.name: each.inputs for each in after.resources if each.inputs != before_of(before, each.urn)}
    assert set(changed) == {"edge-host-api"}
    assert changed["edge-host-api"]["content"] == "j.sni.global.fastly.net"
    assert changed["edge-host-api"]["proxied"] is False


def before_of(recording: Recording, urn: str) -> dict[str, Any]:
    return next(each.inputs for each in recording.resources if each.urn == urn)


def test_a_balancer_lets_in_only_who_stands_before_it(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    small, large = build(stack(settled("small")), blueprint), build(stack(settled("large")), blueprint)
    assert "lb-fastly" not in small.names()
    entries = large.one("lb-fastly").inputs
    assert [each["cidr"] for each in entries["entries"]] == list(FASTLY_RANGES)
    assert entries["maxEntries"] == len(FASTLY_RANGES)
    rule = large.one("lb-https-from-fastly").inputs
    assert (rule["fromPort"], rule["toPort"]) == (443, 443)
    assert "lb-http-from-fastly" not in large.names()
    # The security group's limit of rules counts each list's entries for each rule (Amazon VPC quotas).
    lists = {each.name: each.inputs["maxEntries"] for each in large.resources if "maxEntries" in each.inputs}
    assert 2 * lists["lb-cloudflare"] + lists["lb-fastly"] <= 59


def test_what_holds_data_is_armed_and_kept(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    config = stack(settled("large"))
    high, low = resolve(blueprint, "large", config), resolve(blueprint, "small", config)
    assert holds_data(high["edge-api"])
    assert not holds_data(high["resizer"])
    assert not guarded(high["resizer"])
    assert guarded(high["cdn"])
    assert not holds_data(high["cdn"])
    assert keep(high, low).overrides["edge-api"] == {"kind": "worker"}


def test_a_worker_s_work_is_a_schedule_s(tmp_path: Path) -> None:
    work = effective(stack(moving(0)), made_up(tmp_path)).work
    assert work["edge-api"].runs == {"edge-api": False}
    assert work["resizer"].runs == {"resizer": True}


@pytest.mark.parametrize(
    ("spoil", "key", "told"),
    [
        (
            lambda p: p["small"]["resizer"].update(script="nothing"),
            "resizer.script",
            "found nothing; allowed: a script at workers/nothing/worker.js; there are api-keys, edge-api, images",
        ),
        (
            lambda p: p["small"]["resizer"]["routes"].update(a={"host": "www"}),
            "resizer.routes.a.host",
            "found www; allowed: a host of the zone, or a bucket's domain: api, app, images",
        ),
        (
            lambda p: p["large"]["edge-api"]["routes"].update(t={"host": "images", "path": "/thumbs/*"}),
            "edge-api.routes.t",
            "allowed: a route that resizer does not have",
        ),
        (
            lambda p: p["large"]["edge-api"]["buckets"].update(LOGS={"block": "logs"}),
            "edge-api.buckets.LOGS.block",
            "found logs on s3; allowed: a bucket with store r2",
        ),
        (
            lambda p: p["large"]["resizer"].update(services={"API": {"block": "edge-api"}}),
            "services.",
            "allowed: a worker that does not call this one",
        ),
        (
            lambda p: p["large"]["cdn"]["origins"].update(pictures={"block": "logs"}),
            "cdn.origins.pictures.block",
            "allowed: a bucket on R2 with a domain",
        ),
        (
            lambda p: (
                p["large"]["cdn"]["origins"].update(www={"block": "lb"}),
                p["large"]["cdn"]["hosts"].update(www={"origin": "www"}),
            ),
            "cdn.origins.www",
            "allowed: a name among a service's hosts: api, app",
        ),
        (
            lambda p: p["large"].pop("lb"),
            "cdn.origins.api.block",
            "found lb; allowed: a balancer with beside: {fastly: {}}, as it lets nobody else in but Cloudflare",
        ),
        (
            lambda p: p["large"]["cdn"]["hosts"].update(images={"origin": "pictures"}),
            "cdn.hosts.images",
            "allowed: a host of the zone, or a name of its own",
        ),
        (
            lambda p: p["large"].update(edge={"hosts": {"app": {"cdn": "cdn"}}}),
            "edge.hosts.app.cdn",
            "found cdn; allowed: a cdn that answers app: it has api, cdn",
        ),
    ],
)
def test_refused(tmp_path: Path, spoil: Callable[[Phases], object], key: str, told: str) -> None:
    with pytest.raises(BadInput) as error:
        build(stack(settled("large")), made_up(tmp_path, spoil))
    assert key in str(error.value)
    assert told in str(error.value)


def test_a_name_s_cdn_is_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"edge\.hosts\.api\.cdn: found lb; allowed: a cdn: cdn"):
        made_up(tmp_path, lambda p: p["large"].update(edge={"hosts": {"api": {"cdn": "lb"}}}))


def test_a_worker_may_transform_images_in_the_rule_s_place(tmp_path: Path) -> None:
    """The zone goes on allowing it; its own rewrites go at contract."""
    by_rule = {"images": {"host": "images"}}
    by_worker = {"images": {"host": "images", "by": "worker"}}

    def change(phases: Phases) -> None:
        phases["small"]["edge"] |= by_rule
        phases["large"]["edge"] = by_worker

    blueprint = made_up(tmp_path, change)
    settings = "edge-setting-image-resizing"
    for config, rewrites in (
        (settled("small"), True),
        (moving(0), True),
        (moving(100), True),
        (settled("large"), False),
    ):
        recording = build(stack(config), blueprint)
        assert ("edge-rewrites" in recording.names()) is rewrites
        assert recording.one(settings).inputs["value"] == "on"
