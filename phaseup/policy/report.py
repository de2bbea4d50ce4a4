"""What a check found, stack by stack, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from phaseup.climb.report import allowed_seconds
from phaseup.policy.judge import Judgement, Violation
from phaseup.policy.standing import Standing
from policies.guard.catalogue import RULES
from policies.guard.rule import Rule

MORE = 1.25
"""How much longer than the same recordings alone a check may take."""


@dataclass(frozen=True, slots=True)
class StackVerdict:
    """One stack as configured, judged."""

    stack: str
    file: str
    system: str
    phase: str
    environment: str
    resources: int
    judgement: Judgement
    exceptions: tuple[Standing, ...] = ()
    registrations: int = 0
    declared: Mapping[str, str] = field(default_factory=dict)
    """By URN, where in the code a resource is declared."""

    def to_json(self) -> dict[str, Any]:
        """One entry of `check --json`'s `stacks`."""
        return {
            "stack": self.stack,
            "phase": self.phase,
            "environment": self.environment,
            "resources": self.resources,
            "checks": self.judgement.checks,
            "mandatory": len(self.judgement.mandatory),
            "violations": [each.to_json() for each in self.judgement.violations],
            "exceptions": [each.to_json() for each in self.exceptions],
            "unjudged": [{"policy": e.policy, "urn": e.urn, "path": e.path} for e in self.judgement.unjudged],
            "not_applicable": dict(self.judgement.not_applicable),
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A whole check and what it took."""

    stacks: tuple[StackVerdict, ...]
    seconds: float
    import_seconds: float
    registrations: int
    cores: int

    @property
    def mandatory(self) -> tuple[Violation, ...]:
        """Violations that stop an apply."""
        return tuple(each for stack in self.stacks for each in stack.judgement.mandatory)

    @property
    def allowed_seconds(self) -> float:
        """The limit of `climb` and `plan`, and a quarter more."""
        return MORE * allowed_seconds(self.import_seconds, self.registrations, self.cores)

    def to_json(self) -> dict[str, Any]:
        """The whole of `check --json`."""
        return {
            "rules": len(RULES),
            "seconds": round(self.seconds, 3),
            "import_seconds": round(self.import_seconds, 3),
            "registrations": self.registrations,
            "cores": self.cores,
            "allowed_seconds": round(self.allowed_seconds, 3),
            "mandatory": len(self.mandatory),
            "stacks": [stack.to_json() for stack in self.stacks],
        }


def rules_json() -> list[dict[str, Any]]:
    """`check --rules --json`."""
    return [
        {
            "name": rule.name,
            "severity": rule.severity,
            "description": rule.description,
            "remedy": rule.remedy,
            "frameworks": [str(each) for each in rule.frameworks],
            "types": list(rule.types),
            "scope": "stack" if rule.needs_stack else "resource",
            "config": {name: dict(schema) for name, schema in rule.config.items()},
            "url": rule.url or None,
        }
        for rule in RULES
    ]


def rule_of(name: str) -> Rule:
    """The rule of a name."""
    return next(rule for rule in RULES if rule.name == name)
