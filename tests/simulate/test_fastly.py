"""fastly: what the provider fills in, what it refuses, and what a change does to a service and to a certificate."""

from __future__ import annotations

import re

import pytest

from phaseup.simulate.simulators import Simulators

SERVICE = "urn:pulumi:meal-prod::phaseup::fastly:index/serviceVcl:ServiceVcl::cdn-service"
TLS = "urn:pulumi:meal-prod::phaseup::fastly:index/tlsSubscription:TlsSubscription::cdn-tls-api"
VALID = "urn:pulumi:meal-prod::phaseup::fastly:index/tlsSubscriptionValidation:TlsSubscriptionValidation::cdn-valid-api"
BACKENDS = [{"name": "a", "address": "a.example.com"}, {"name": "b", "address": "b.example.com", "port": 443}]
INPUTS = {"name": "meal-prod-cdn", "domains": [{"name": "api.example.com"}], "backends": BACKENDS}
ORDER = {"certificateAuthority": "certainly", "domains": ["api.example.com"], "commonName": "api.example.com"}

fastly = Simulators().get("fastly", {})


def made(urn: str, inputs: dict) -> tuple[str, dict, dict]:
    checked = fastly.check(urn, {}, inputs, b"seed")
    assert checked.failures == ()
    result = fastly.create(urn, checked.inputs, preview=False)
    return result.id, dict(checked.inputs), dict(result.outputs)


def diff(urn: str, before: dict, after: dict, **state: object) -> dict[str, str]:
    id_, inputs, outputs = made(urn, before)
    news = fastly.check(urn, inputs, after, b"seed").inputs
    return {each.path: each.effect for each in fastly.diff(urn, id_, inputs, {**outputs, **state}, news).properties}


def test_a_service_has_an_id_and_a_version() -> None:
    id_, inputs, outputs = made(SERVICE, INPUTS)
    assert re.fullmatch(r"[A-Za-z0-9]{22}", id_)
    assert outputs["activeVersion"] == outputs["clonedVersion"] == 1
    assert inputs["defaultTtl"] == 3600
    assert made(SERVICE, INPUTS)[0] == id_


def test_the_order_of_what_comes_by_name_means_nothing() -> None:
    assert diff(SERVICE, INPUTS, {**INPUTS, "backends": BACKENDS[::-1]}) == {}


def test_a_default_that_is_stated_is_no_change() -> None:
    stated = [{**BACKENDS[0], "weight": 100, "sslCheckCert": True}, BACKENDS[1]]
    assert diff(SERVICE, {**INPUTS, "backends": stated}, INPUTS) == {}
    assert diff(SERVICE, INPUTS, {**INPUTS, "activate": True, "defaultTtl": 3600}) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"domains": [{"name": "api.example.com"}, {"name": "cdn.example.com"}]},
        {"backends": [{**BACKENDS[0], "address": "c.example.com"}, BACKENDS[1]]},
        {"forceDestroy": True},
        {"defaultTtl": 0},
    ],
)
def test_nothing_replaces_a_service(change: dict) -> None:
    effects = diff(SERVICE, INPUTS, {**INPUTS, **change})
    assert set(effects.values()) == {"update"}


def test_a_version_is_made_for_what_is_versioned() -> None:
    from phaseup.graph.values import UNKNOWN

    id_, inputs, outputs = made(SERVICE, INPUTS)
    for change, known in (({"comment": "x"}, True), ({"name": "x"}, True), ({"defaultTtl": 0}, False)):
        news = fastly.check(SERVICE, inputs, {**INPUTS, **change}, b"seed").inputs
        after = fastly.update(SERVICE, id_, inputs, outputs, news, preview=True).outputs
        assert (after["activeVersion"] is not UNKNOWN) is known, change


def test_an_order_has_a_challenge_for_its_name() -> None:
    _, _, outputs = made(TLS, ORDER)
    (challenge,) = outputs["managedDnsChallenges"]
    assert challenge["recordName"] == "_acme-challenge.api.example.com"
    assert challenge["recordType"] == "CNAME"
    assert challenge["recordValue"].endswith(".fastly-validations.com")
    assert outputs["state"] == "pending"


@pytest.mark.parametrize(("state", "effect"), [("pending", "update"), ("issued", "update"), ("processing", "replace")])
def test_an_order_changes_unless_it_is_being_worked_on(state: str, effect: str) -> None:
    after = {**ORDER, "domains": ["api.example.com", "app.example.com"]}
    assert set(diff(TLS, ORDER, after, state=state).values()) == {effect}
    assert diff(TLS, ORDER, {**ORDER, "certificateAuthority": "lets-encrypt"}, state=state) == {
        "certificateAuthority": "replace"
    }


def test_a_validation_is_its_order_s() -> None:
    id_, _, outputs = made(VALID, {"subscriptionId": "abc"})
    assert id_ == "abc"
    assert outputs["certificateId"]
    assert diff(VALID, {"subscriptionId": "abc"}, {"subscriptionId": "def"}) == {"subscriptionId": "replace"}


@pytest.mark.parametrize(
    ("urn", "wrong", "told"),
    [
        (SERVICE, {**INPUTS, "backends": [BACKENDS[0], BACKENDS[0]]}, "multiple backends with the same name 'a'"),
        (SERVICE, {**INPUTS, "forceDestroy": True, "reuse": True}, "conflicts with reuse"),
        (TLS, {**ORDER, "commonName": "app.example.com"}, "must also be in domains"),
        (TLS, {"domains": ["api.example.com"]}, "'certificateAuthority'"),
    ],
)
def test_refused(urn: str, wrong: dict, told: str) -> None:
    assert any(told in failure.reason for failure in fastly.check(urn, {}, wrong, b"seed").failures)


@pytest.mark.parametrize(("urn", "inputs"), [(SERVICE, INPUTS), (TLS, ORDER)])
def test_what_serves_is_deleted_only_by_force(urn: str, inputs: dict) -> None:
    id_, _, outputs = made(urn, inputs)
    assert "force_destroy" in (fastly.delete(urn, id_, outputs) or "")
    id_, _, outputs = made(urn, {**inputs, "forceDestroy": True})
    assert fastly.delete(urn, id_, outputs) is None


def test_where_names_point() -> None:
    answer = fastly.invoke("fastly:index/getTlsConfiguration:getTlsConfiguration", {"default": True})
    names = [each["recordValue"] for each in answer["dnsRecords"] if each["recordType"] == "CNAME"]
    assert len(names) == 1
    assert names[0].endswith(".sni.global.fastly.net")
