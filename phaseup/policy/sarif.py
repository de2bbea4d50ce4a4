"""A check as SARIF 2.1.0 (OASIS standard, 27 March 2020), as code scanning takes it."""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import version
from typing import Any, Final

from phaseup.policy.judge import Violation
from phaseup.policy.report import CheckReport, StackVerdict
from policies.guard.catalogue import RULES
from policies.guard.rule import Rule, Severity

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
SECURITY: Final[dict[Severity, str]] = {"low": "3.0", "medium": "5.0", "high": "8.0", "critical": "9.5"}
"""`security-severity`: CVSS-like, and read in bands of low < 4, medium < 7, high < 9, critical (GitHub's documentation
of SARIF support, 2026)."""
_POSITION: Final = re.compile(r"project:///(?P<file>[^#]+)#(?P<line>\d+)(?:,\d+)?")


def sarif(report: CheckReport) -> dict[str, Any]:
    """One run; a result for each violation, at the line that declares the resource, with its stack's file beside."""
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "phaseup check",
                        "version": version("phaseup"),
                        "rules": [_rule(rule) for rule in RULES],
                    }
                },
                "results": [_result(stack, each) for stack in report.stacks for each in stack.judgement.violations],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    asks = "; ".join(map(str, rule.frameworks))
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.description},
        "fullDescription": {"text": f"{rule.description} ({asks})" if asks else rule.description},
        "help": {"text": rule.remedy},
        **({"helpUri": rule.url} if rule.url else {}),
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["security", rule.name.split("-", 1)[0]],
            "security-severity": SECURITY[rule.severity],
        },
    }


def _result(stack: StackVerdict, violation: Violation) -> dict[str, Any]:
    said = f"{stack.stack} ({stack.phase}): {violation.urn.rsplit('::', 1)[-1]}: {violation.message}"
    return {
        "ruleId": violation.policy,
        "ruleIndex": next(index for index, rule in enumerate(RULES) if rule.name == violation.policy),
        "level": "error" if violation.level == "mandatory" else "note",
        "message": {"text": said},
        "locations": [_declared(stack, violation.urn)],
        "relatedLocations": [{**_at(stack.file, 1), "message": {"text": f"stack {stack.stack}"}}],
        "partialFingerprints": {"policyUrn/v1": _fingerprint(stack.phase, violation)},
        "properties": {"urn": violation.urn, "stack": stack.stack, "phase": stack.phase},
    }


def _declared(stack: StackVerdict, urn: str) -> dict[str, Any]:
    found = _POSITION.match(stack.declared.get(urn, ""))
    return _at(found["file"], int(found["line"])) if found else _at(stack.file, 1)


def _at(file: str, line: int) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line}}}


def _fingerprint(phase: str, violation: Violation) -> str:
    """The same breach in a later run is the same alert; its message may have other figures."""
    return hashlib.sha256(f"{phase} {violation.policy} {violation.urn}".encode()).hexdigest()[:32]
