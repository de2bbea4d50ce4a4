"""worker: the script as Cloudflare takes it, bindings in their places, routes and crons of one side, and data kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from recording import Recording, record

from components.site import Site
from components.worker import Worker, WorkerArgs, WorkerSpec
from components.worker.bindings import R2Name, counter

ACCOUNT = "a" * 32
SCRIPT = "export default { fetch: () => new Response('ok') };\n"
ROUTE = "cloudflare:index/workersRoute:WorkersRoute"
EVERYTHING: dict[str, Any] = {
    "env": {"RULES": "[]", "ABOUT": "x"},
    "secrets": {
        "SESSION_KEY": {"generate": 32},
        "TOKEN": {"store": "b" * 32, "secret": "token"},
        "PASSAGE_KEY": {"of": "api"},
    },
    "kv": {"FLAGS": {}},
    "databases": {"COUNTS": {"location": "weur"}},
    "datasets": {"SEEN": {}},
    "queues": {"JOBS": {"consume": {"batch": 50}}, "LATER": {}},
    "buckets": {"IMAGES": {"block": "images"}, "EU": {"block": "eu"}},
    "limits": {"LIMIT": {"requests": 100}},
    "services": {"API": {"block": "other"}},
}


def build(site: Site, script: str = SCRIPT, args: dict[str, Any] | None = None, **spec: object) -> Recording:
    return record(
        lambda: Worker(
            "edge-api",
            WorkerArgs(
                spec=WorkerSpec(**{"compatibility_date": "2026-04-01", **spec}),
                site=site,
                account_id=ACCOUNT,
                script=script,
                domain="example.com",
                **{
                    "zone_id": "zone",
                    "buckets": {"images": R2Name("r2-images"), "eu": R2Name("r2-eu", "eu")},
                    "workers": {"other": "meal-prod-other"},
                    "shared": {"PASSAGE_KEY": "made by the service"},
                    **(args or {}),
                },
            ),
        )
    )


def test_the_script_as_it_is_in_the_repository(site: Site) -> None:
    inputs = build(site).one("edge-api-script").inputs
    assert inputs == {
        "accountId": ACCOUNT,
        "scriptName": "meal-prod-edge-api",
        "content": SCRIPT,
        "mainModule": "worker.js",
        "compatibilityDate": "2026-04-01",
        "compatibilityFlags": [],
        "bindings": [],
        "observability": {
            "enabled": True,
            "headSamplingRate": 1.0,
            "logs": {"enabled": True, "headSamplingRate": 1.0, "invocationLogs": True},
        },
        "usageModel": "standard",
    }
    assert build(site).one("edge-api-subdomain").inputs == {
        "accountId": ACCOUNT, "scriptName": "meal-prod-edge-api", "enabled": False, "previewsEnabled": False,
    }  # fmt: skip


def test_what_is_asked_for_and_nothing_else(site: Site) -> None:
    inputs = (
        build(
            site,
            placement="smart",
            cpu_ms=50,
            logs={"sampling": 0.1, "invocations": False},
            compatibility_flags=["nodejs_compat", "global_navigator"],
        )
        .one("edge-api-script")
        .inputs
    )
    assert inputs["placement"] == {"mode": "smart"}
    assert inputs["limits"] == {"cpuMs": 50}
    assert inputs["compatibilityFlags"] == ["global_navigator", "nodejs_compat"]
    assert inputs["observability"]["logs"] == {"enabled": True, "headSamplingRate": 0.1, "invocationLogs": False}


def test_bindings_by_name(site: Site) -> None:
    recording = build(site, **EVERYTHING)
    given = recording.one("edge-api-script").inputs["bindings"]
    assert [each["name"] for each in given] == sorted(each["name"] for each in given)
    by_name = {each.pop("name"): each for each in given}
    assert by_name.pop("SESSION_KEY")["text"].startswith("secret-edge-api-secret-session-key-")
    assert by_name.pop("FLAGS") == {
        "type": "kv_namespace", "namespaceId": by_id(recording, "edge-api-kv-flags"),
    }  # fmt: skip
    assert by_name == {
        "PASSAGE_KEY": {"type": "secret_text", "text": "made by the service"},
        "COUNTS": {"type": "d1", "id": by_id(recording, "edge-api-database-counts")},
        "SEEN": {"type": "analytics_engine", "dataset": "meal_prod_edge_api_seen"},
        "RULES": {"type": "plain_text", "text": "[]"},
        "ABOUT": {"type": "plain_text", "text": "x"},
        "TOKEN": {"type": "secrets_store_secret", "storeId": "b" * 32, "secretName": "token"},
        "JOBS": {"type": "queue", "queueName": "meal-prod-edge-api-jobs"},
        "LATER": {"type": "queue", "queueName": "meal-prod-edge-api-later"},
        "IMAGES": {"type": "r2_bucket", "bucketName": "r2-images"},
        "EU": {"type": "r2_bucket", "bucketName": "r2-eu", "jurisdiction": "eu"},
        "LIMIT": {
            "type": "ratelimit",
            "namespaceId": counter("meal-prod-edge-api-LIMIT"),
            "simple": {"limit": 100, "period": 60},
        },
        "API": {"type": "service", "service": "meal-prod-other"},
    }


def by_id(recording: Recording, name: str) -> str:
    """The id that the recorder gave."""
    import hashlib

    each = recording.one(name)
    return f"{name}-{hashlib.sha256(f'{each.type} {name}'.encode()).hexdigest()[:8]}"


def test_limits_of_two_workers_count_apart() -> None:
    names = [f"meal-{env}-{worker}-LIMIT" for env in ("dev", "prod") for worker in ("a", "b")]
    assert len({counter(name) for name in names}) == 4
    assert all(0 < int(counter(name)) < 2**31 for name in names)


def test_a_secret_is_one_everywhere(site: Site) -> None:
    recording = build(site, secrets={"KEY": {"generate": 40}})
    password = recording.one("edge-api-secret-key")
    assert password.inputs == {"length": 40, "special": False}


def test_data_is_protected_and_a_namespace_outlives_its_worker(site: Site) -> None:
    recording = build(site, **EVERYTHING)
    assert {each.name for each in recording.resources if each.protect} == {
        "edge-api-kv-flags", "edge-api-queue-jobs", "edge-api-queue-later", "edge-api-database-counts",
    }  # fmt: skip
    armed = build(replace(site, retiring=True), **EVERYTHING)
    assert not any(each.protect for each in armed.resources)
    assert {each.name for each in armed.resources if each.retain} == {
        "edge-api-kv-flags", "edge-api-database-counts",
    }  # fmt: skip


def test_a_queue_is_consumed_where_asked(site: Site) -> None:
    recording = build(site, **EVERYTHING)
    consumer = recording.one("edge-api-consumer-jobs").inputs
    assert consumer["settings"] == {"batchSize": 50, "maxWaitTimeMs": 5000, "maxRetries": 3, "maxConcurrency": 10}
    assert consumer["scriptName"] == "meal-prod-edge-api"
    assert consumer["queueId"] == by_id(recording, "edge-api-queue-jobs")
    assert "edge-api-consumer-later" not in recording.names()
    assert recording.one("edge-api-queue-jobs").inputs["settings"] == {"messageRetentionPeriod": 345600}


def test_routes_and_crons_of_the_side_that_has_the_requests(site: Site) -> None:
    given: dict[str, Any] = {
        "routes": {"api": {"host": "api"}, "apex": {"host": "@", "path": "/about*"}},
        "crons": {"hourly": "0 * * * *", "daily": "0 3 * * *"},
    }
    on = build(site, **given)
    assert {each.name: each.inputs for each in on.by_type(ROUTE)} == {
        "edge-api-route-api": {"zoneId": "zone", "pattern": "api.example.com/*", "script": "meal-prod-edge-api"},
        "edge-api-route-apex": {"zoneId": "zone", "pattern": "example.com/about*", "script": "meal-prod-edge-api"},
    }
    assert on.one("edge-api-crons").inputs["schedules"] == [{"cron": "0 3 * * *"}, {"cron": "0 * * * *"}]
    off = build(site, args={"idle_routes": {"api"}, "idle_crons": {"daily", "hourly"}}, **given)
    assert off.one("edge-api-route-api").inputs == {"zoneId": "zone", "pattern": "api.example.com/*"}
    assert off.one("edge-api-route-apex").inputs["script"] == "meal-prod-edge-api"
    assert off.one("edge-api-crons").inputs["schedules"] == []
    assert off.urns() == on.urns()


def test_a_route_for_each_customer_s_own_name(site: Site) -> None:
    given: dict[str, Any] = {"routes": {"shops": {"host": "*", "path": "/cart*"}, "api": {"host": "api"}}}
    names = ["shop.acme.org", "buy.globex.net"]
    on = build(site, args={"custom_hostnames": names}, **given)
    assert {each.name: each.inputs["pattern"] for each in on.by_type(ROUTE)} == {
        "edge-api-route-api": "api.example.com/*",
        "edge-api-route-shops-buy.globex.net": "buy.globex.net/cart*",
        "edge-api-route-shops-shop.acme.org": "shop.acme.org/cart*",
    }
    off = build(site, args={"custom_hostnames": names, "idle_routes": {"shops"}}, **given)
    assert {each.name for each in off.by_type(ROUTE) if "script" not in each.inputs} == {
        "edge-api-route-shops-buy.globex.net", "edge-api-route-shops-shop.acme.org",
    }  # fmt: skip
    assert WorkerSpec(compatibility_date="2026-04-01", **given).answers_customers
    assert not build(site, **{"routes": {"shops": {"host": "*"}}}).by_type(ROUTE)


def test_one_more_of_anything_leaves_the_rest(site: Site) -> None:
    before = {each.urn: each.inputs for each in build(site, kv={"A": {}}, routes={"a": {"host": "api"}}).resources}
    more = build(site, kv={"A": {}, "B": {}}, routes={"a": {"host": "api"}, "b": {"host": "app"}})
    after = {each.urn: each.inputs for each in more.resources}
    changed = {urn for urn, inputs in before.items() if after[urn] != inputs}
    assert {urn.rsplit("::", 1)[1] for urn in changed} == {"edge-api-script"}


def test_a_route_needs_a_zone(site: Site) -> None:
    with pytest.raises(Exception, match=r"edge-api\.routes\.api: found api/\*; allowed: a block of kind zone"):
        build(site, args={"zone_id": None}, routes={"api": {"host": "api"}})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"compatibility_date": "2026-13-01"}, "match pattern"),
        ({"compatibility_date": "latest"}, "match pattern"),
        ({"env": {"A": "x"}, "kv": {"A": {}}}, r"kv\.A: found A; allowed: another variable: env has it"),
        ({"env": {"a": "x"}}, "match pattern"),
        ({"secrets": {"A": {}}}, r"generate: found None; allowed: either generate, or store and secret"),
        ({"secrets": {"A": {"generate": 32, "secret": "x"}}}, "either generate, or store and secret"),
        ({"secrets": {"A": {"store": "b" * 32}}}, "either generate, or store and secret"),
        ({"secrets": {"A": {"of": "api", "generate": 32}}}, "either generate, or store and secret, or of"),
        ({"secrets": {"A": {"of": "api", "secret": "x"}}}, "either generate, or store and secret, or of"),
        ({"databases": {"A": {"location": "weur", "jurisdiction": "eu"}}}, "nothing with a jurisdiction"),
        ({"secrets": {"A": {"generate": 8}}}, "greater than or equal to 16"),
        ({"secrets": {"A": "value in plain text"}}, "valid dictionary"),
        ({"limits": {"A": {"requests": 5, "period": 30}}}, "10 or 60"),
        ({"crons": {"a": "* * * *"}}, r"crons\.a: found \* \* \* \*"),
        ({"crons": {"a": "every day"}}, r"crons\.a"),
        ({"routes": {"a": {"host": "api", "path": "/*/x"}}}, "match pattern"),
        ({"routes": {"a": {"host": "api", "path": "x"}}}, "match pattern"),
        ({"routes": {"a": {"host": "api"}, "b": {"host": "api"}}}, r"routes\.b: found api/\*; allowed: another host"),
        ({"placement": "near"}, "'edge' or 'smart'"),
        ({"logs": {"sampling": 2}}, "less than or equal to 1"),
        ({"script": "../secrets"}, "match pattern"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        WorkerSpec(**{"compatibility_date": "2026-04-01", **wrong})


def test_bindings_name_blocks_of_their_kind() -> None:
    spec = WorkerSpec(compatibility_date="2026-04-01", **EVERYTHING)
    spec.check_among({"images": "bucket", "eu": "bucket", "other": "worker"})
    with pytest.raises(ValueError, match=r"services\.API\.block: found other; allowed: a worker: none here"):
        spec.check_among({"images": "bucket", "eu": "bucket", "other": "service"})
    with pytest.raises(ValueError, match=r"buckets\.EU\.block: found eu; allowed: a bucket: images"):
        spec.check_among({"images": "bucket", "eu": "cache", "other": "worker"})


def test_what_a_lower_phase_must_keep() -> None:
    high = WorkerSpec(compatibility_date="2026-04-01", kv={"A": {}, "B": {}}, queues={"Q": {"retention": 60}})
    low = WorkerSpec(compatibility_date="2026-04-01", kv={"A": {}})
    held = high.keeps(low)
    assert held is not None
    assert (held.fields, held.what) == ({"kv": {"B": {}}, "queues": {"Q": {"retention": 60}}}, "kv.B, queues.Q")
    assert low.keeps(high) is None
