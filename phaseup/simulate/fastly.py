"""The rules of package `fastly`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.context import Context, Surroundings
from phaseup.simulate.provider import CheckFailure
from phaseup.simulate.rules import Rules
from phaseup.simulate.seed import digest

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_VCL: Final = "fastly:index/serviceVcl:ServiceVcl"
_TLS: Final = "fastly:index/tlsSubscription:TlsSubscription"
_VALIDATION: Final = "fastly:index/tlsSubscriptionValidation:TlsSubscriptionValidation"
_UNIQUE: Final = ("backends", "rateLimiters", "snippets")


def _id(context: Context) -> str:
    return context.letters(22, "id", _ALPHABET)


def _service(_context: Context) -> dict[str, Value]:
    return {"activeVersion": 1, "clonedVersion": 1, "stagedVersion": 0, "forceRefresh": False, "imported": False}


def _subscription(context: Context) -> dict[str, Value]:
    """As right after the order: a challenge for each name, no certificate yet."""
    domains = context.inputs.get("domains")
    names = [str(name) for name in domains] if isinstance(domains, list) else []
    return {
        "state": "pending",
        "certificateId": "",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "managedDnsChallenges": [
            {
                "recordName": f"_acme-challenge.{name}",
                "recordType": "CNAME",
                "recordValue": f"{context.letters(20, name)}.fastly-validations.com",
            }
            for name in sorted(names)
        ],
        "managedHttpChallenges": [],
    }


def _validation(context: Context) -> dict[str, Value]:
    return {"certificateId": context.letters(22, "certificate", _ALPHABET)}


def _check_service(inputs: Mapping[str, Value]) -> list[CheckFailure]:
    """What the provider's CustomizeDiff and ConflictsWith refuse (v9.5.1 fastly/base_fastly_service.go)."""
    failures = []
    if inputs.get("forceDestroy") is True and inputs.get("reuse") is True:
        failures.append(CheckFailure("forceDestroy", '"force_destroy": conflicts with reuse'))
    for block in _UNIQUE:
        given = inputs.get(block)
        names = [each.get("name") for each in given if isinstance(each, dict)] if isinstance(given, list) else []
        for name in sorted({str(name) for name in names if names.count(name) > 1}):
            failures.append(CheckFailure(block, f"multiple {block} with the same name {name!r}"))
    return failures


def _check_subscription(inputs: Mapping[str, Value]) -> list[CheckFailure]:
    name, domains = inputs.get("commonName"), inputs.get("domains")
    if isinstance(name, str) and isinstance(domains, list) and name not in domains:
        return [CheckFailure("commonName", f"domain specified as common_name ({name}) must also be in domains")]
    return []


def _refuse_service(outputs: Mapping[str, Value]) -> str | None:
    if outputs.get("forceDestroy") is True or outputs.get("reuse") is True or outputs.get("activate") is False:
        return None
    return "Cannot delete service with active version: set force_destroy first"


def _refuse_subscription(outputs: Mapping[str, Value]) -> str | None:
    return (
        None if outputs.get("forceDestroy") is True else "TLS subscription has active domains: set force_destroy first"
    )


def _tls_configuration(args: Mapping[str, Value], around: Surroundings) -> dict[str, Value]:
    """The account's configuration of TLS: where its customers' names point."""
    id_ = str(args.get("id") or digest("tls configuration", around.account)[:22])
    letter = "jkmnptvwxyz"[int(digest(id_)[:4], 16) % 11]
    return {
        "id": id_,
        "name": "HTTP/3 & TLS v1.3",
        "default": True,
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "tlsService": "CUSTOM",
        "httpProtocols": ["http/1.1", "http/2", "http/3"],
        "tlsProtocols": ["1.2", "1.3"],
        "dnsRecords": [
            {"recordType": "CNAME", "recordValue": f"{letter}.sni.global.fastly.net", "region": "global"},
            {"recordType": "A", "recordValue": "151.101.2.132", "region": "global"},
        ],
    }


RULES: Final = Rules(
    "fastly",
    fills_defaults=True,
    ids={_VALIDATION: lambda context: context.text("subscriptionId")},
    default_id=_id,
    outputs={_VCL: _service, _TLS: _subscription, _VALIDATION: _validation},
    checks={_VCL: _check_service, _TLS: _check_subscription},
    refusals={_VCL: _refuse_service, _TLS: _refuse_subscription},
    calls={"fastly:index/getTlsConfiguration:getTlsConfiguration": _tls_configuration},
)
