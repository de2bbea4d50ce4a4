"""A REST API and customers' own names that arrive, change and stay: each step planned by the program itself, judged as
the move; and what customers were given, which goes by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from on_clusters import DIGEST
from rehearsing import Rehearsed, between, climbed

from phaseup.climb.verdict import judge_apply
from phaseup.plan.steps import net_ops
from stacks.models import BadInput, Blueprint, StackConfig, load_blueprint
from stacks.moves import effective, transition

START = {
    "phaseup:images": {"api": "ghcr.io/meal/api" + DIGEST, "cloudflared": "ghcr.io/meal/cloudflared" + DIGEST},
    "phaseup:phase": "plain",
}
Phases = dict[str, dict[str, Any]]
PLAIN: dict[str, Any] = {
    "net": {"kind": "network", "azs": 3, "nat": "one"},
    "app": {"kind": "server", "instance": "m7g.large", "count": {"min": 2, "max": 4}},
    "lb": {"kind": "balancer"},
    "edge": {"kind": "zone", "plan": "business", "hosts": {"api": {"to": "lb"}, "app": {"to": "lb"}}},
    "api": {
        "kind": "service",
        "on": "app",
        "takes": "requests",
        "port": 3000,
        "hosts": ["api", "app"],
        "health": {"path": "/health"},
        "secrets": {"PASSAGE_KEY": {"generate": 64}},
    },
}
PUBLIC: dict[str, Any] = {
    "gate": {
        "kind": "gateway",
        "api": "rest",
        "host": "api",
        "routes": {
            "health": {"method": "GET", "path": "/health", "auth": "none"},
            "v1": {"path": "/v1/{proxy+}", "auth": "none", "key": True},
        },
        "plans": {"free": {"rate": 5, "burst": 10, "quota": {"requests": 10000}}},
    },
    "edge": {"hosts": {"api": {"to": "gate"}}, "fallback": "app", "custom_hostnames": {"shop.acme.org": {}}},
    "shops": {
        "kind": "worker",
        "script": "white-label",
        "compatibility_date": "2026-04-01",
        "routes": {"shops": {"host": "*"}},
        "env": {"HOST": "app.meal.example"},
        "secrets": {"PASSAGE_KEY": {"of": "api"}},
    },
}
KEYED: dict[str, Any] = {
    "gate": {
        "routes": {"v1": None, "v2": {"path": "/v2/{proxy+}", "auth": "none", "key": True}},
        "customers": {"acme": {"plan": "free"}},
    },
}


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    phases = json.loads(json.dumps({"plain": PLAIN, "public": PUBLIC, "keyed": KEYED}))
    change(phases)
    document = {"system": "meal", "title": "Made up", "phases": {key: {"blocks": each} for key, each in phases.items()}}
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


@pytest.fixture(scope="module")
def legs(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder = tmp_path_factory.mktemp("apis")
    return climbed(made_up(folder), folder, START)


def of(legs: list[Rehearsed], kind: str, old: str, new: str) -> list[Rehearsed]:
    return [
        each
        for each in legs
        if each.kind == kind and each.leg.move and (each.move.from_, each.move.to) == (old, new)
    ]  # fmt: skip


def test_no_step_is_blocked(legs: list[Rehearsed]) -> None:
    assert [(each.leg.move, each.judged.reasons) for each in legs if each.judged.verdict == "blocked"] == []
    assert {each.kind for each in legs if each.judged.verdict == "needs-approval"} <= {"arm"}
    assert {each.kind for each in legs} >= {"apply", "expand", "shift", "arm", "contract", "abort"}


def test_it_arrives_whole_and_the_name_goes_over_in_one_step(legs: list[Rehearsed]) -> None:
    (expand,) = of(legs, "expand", "plain", "public")
    assert {
        "gate-api", "gate-deployment", "gate-stage", "gate-link", "gate-plan-free", "gate-usage-stream",
        "gate-waf-on-stage", "edge-fallback", "edge-customer-shop.acme.org", "shops-route-shops-shop.acme.org",
    } <= expand.ops("create")  # fmt: skip
    assert "edge-host-api" not in expand.changes()
    over = next(each for each in of(legs, "shift", "plain", "public") if each.move.traffic == 100)
    assert over.changes() == {"edge-host-api": {"content"}, "shops-route-shops-shop.acme.org": {"script"}}


def test_a_change_of_routes_is_one_new_deployment_and_the_stage_shown_it(legs: list[Rehearsed]) -> None:
    (expand,) = of(legs, "expand", "public", "keyed")
    assert expand.ops("replace") == {"gate-deployment"}
    assert expand.changes() == {"gate-api": {"body"}, "gate-stage": {"deployment"}}
    assert expand.ops("create") == {"gate-key-acme", "gate-key-acme-plan"}
    assert expand.ops("delete") == set()
    # Both routes are there until contract takes the old one, by one more deployment.
    (contract,) = of(legs, "contract", "public", "keyed")
    assert contract.ops("replace") == {"gate-deployment"}
    assert set(contract.changes()) == {"gate-api", "gate-stage"}
    assert contract.ops("delete") == set()
    order = [
        (step.op, step.urn.rsplit("::", 1)[1])
        for step in contract.run.outcome.steps
        if step.urn.rsplit("::", 1)[1] in ("gate-deployment", "gate-stage") and step.op != "replace"
    ]
    made, shown, gone = (
        next(at for at, (op, name) in enumerate(order) if name == wanted and op.startswith(start))
        for start, wanted in (("create", "gate-deployment"), ("update", "gate-stage"), ("delete", "gate-deployment"))
    )
    assert made < shown < gone


def test_what_customers_have_stays_on_every_way_back_and_down(legs: list[Rehearsed]) -> None:
    mine = ("gate-key-", "edge-customer-", "shops-route-shops-")
    gone = {name for each in legs if each.leg.move for name in each.ops("delete") if name.startswith(mine)}
    # The worker that never was live goes with its route at the first abort; the name it was for does not.
    assert gone <= {"shops-route-shops-shop.acme.org"}
    last = of(legs, "contract", "public", "plain")[-1].run.outcome.snapshot
    left = {state.urn.rsplit("::", 1)[1] for state in last if state.custom}
    assert {"gate-key-acme", "gate-api", "edge-customer-shop.acme.org", "shops-route-shops-shop.acme.org"} <= left


def settled(phase: str, **more: object) -> dict[str, Any]:
    return {**START, "phaseup:phase": phase, **{f"phaseup:{key}": value for key, value in more.items()}}


CONSENT = {"reason": "contract ended", "until": "2099-01-01"}
GIVEN = {
    "gate-key-globex": {"gate": {"customers": {"globex": {"plan": "free"}}}},
    "edge-customer-buy.globex.net": {"edge": {"custom_hostnames": {"buy.globex.net": {}}}},
}


@pytest.mark.parametrize("member", sorted(GIVEN))
def test_a_customer_goes_in_two_applies_and_never_in_one(tmp_path: Path, member: str) -> None:
    blueprint = made_up(tmp_path)
    there = stack(settled("public", overrides=GIVEN[member]))
    armed = stack(settled("public", overrides=GIVEN[member], retire={member: CONSENT}))
    gone = stack(settled("public"))

    def verdict(before: StackConfig, after: StackConfig) -> tuple[str, dict[str, Any]]:
        run = between(tmp_path, before, after)
        judged = judge_apply(
            run, None, configs=(before, after), move=transition(before, after, blueprint), blueprint=blueprint
        )
        ops = {
            urn.rsplit("::", 1)[1]: op for urn, op in net_ops(run.outcome.steps).items() if op not in ("same", "read")
        }
        return judged.verdict, ops

    state, ops = verdict(there, gone)
    assert (state, ops[member]) == ("blocked", "delete")
    state, ops = verdict(there, armed)
    assert state == "needs-approval"
    assert set(ops) <= {member}, "a key is switched off, a name keeps answering"
    state, ops = verdict(armed, gone)
    assert state == "safe", "it was consented to"
    assert ops[member] == "delete"
    assert all(name.startswith(member) or member.removeprefix("edge-customer-") in name for name in ops)


def test_a_consent_for_a_customer_has_its_rules(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path)
    late = settled("keyed", retire={"gate-key-acme": {**CONSENT, "until": "2020-01-01"}})
    with pytest.raises(BadInput, match=r"phaseup:retire\.gate-key-acme\.until: found 2020-01-01"):
        effective(stack(late), blueprint)
    nobody = settled("keyed", retire={"gate-key-nobody": CONSENT})
    with pytest.raises(BadInput, match=r"phaseup:retire\.gate-key-nobody: found gate-key-nobody"):
        effective(stack(nobody), blueprint)
    moving = settled("keyed", moving={"from": "public", "traffic": 0}, retire={"gate-key-acme": CONSENT})
    with pytest.raises(BadInput, match=r"found gate-key-acme during a move; allowed: nothing of a block's own"):
        effective(stack(moving), blueprint)


def refused(folder: Path, change: Callable[[Phases], object], phase: str = "public") -> str:
    blueprint = made_up(folder, change)
    with pytest.raises(BadInput) as raised:
        build(stack(settled(phase)), blueprint)
    return str(raised.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda p: p["public"]["edge"]["hosts"].update(app={"to": "gate"}),
            "edge.hosts.app.to: found gate; allowed: another block: gate is a REST API, which answers api alone",
        ),
        (
            lambda p: p["public"]["edge"]["custom_hostnames"].update({"x.DOMAIN": {}}),
            "edge.custom_hostnames.x.DOMAIN: found x.DOMAIN; allowed: a name outside DOMAIN",
        ),
        (
            lambda p: p["public"]["shops"]["secrets"].update(PASSAGE_KEY={"of": "lb"}),
            "shops.secrets.PASSAGE_KEY.of: found lb; allowed: a service: api",
        ),
        (
            lambda p: p["plain"]["api"]["secrets"].update(PASSAGE_KEY={}),
            "shops.secrets.PASSAGE_KEY.of: found api; allowed: a service with a generated secret PASSAGE_KEY",
        ),
        (
            lambda p: p["public"]["edge"]["custom_hostnames"].update({f"shop.c{n}.org": {} for n in range(1000)}),
            "shops.routes.shops: found 1001 routes of workers; allowed: at most 1000 in a zone",
        ),
        (
            lambda p: p["public"]["gate"]["routes"]["health"].update(key=True),
            "",
        ),
    ],
)
def test_bad_input(tmp_path: Path, change: Callable[[Phases], object], message: str) -> None:
    domain = stack(settled("public")).domain

    def with_domain(phases: Phases) -> None:
        change(phases)
        text = json.dumps(phases).replace("DOMAIN", domain)
        phases.clear()
        phases.update(json.loads(text))

    if message:
        assert message.replace("DOMAIN", domain) in refused(tmp_path, with_domain)
    else:
        # Without load balancing nothing probes, so a health path may ask for a key.
        build(stack(settled("public")), made_up(tmp_path, with_domain))
