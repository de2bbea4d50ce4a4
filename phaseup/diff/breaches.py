"""What the policy pack says of the head, beside what it said of the base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phaseup.diff.report import Breach

if TYPE_CHECKING:
    from phaseup.diff.side import Recorded
    from phaseup.policy.judge import Violation


def breaches_of(found: tuple[Violation, ...], base: Recorded | None) -> tuple[Breach, ...]:
    """New ones first; where the base's are not known, all count as new."""
    if not found:
        return ()
    from policies.guard.catalogue import RULES

    remedies = {rule.name: rule.remedy for rule in RULES}
    known = base.violations if base is not None and base.violations is not None else frozenset()
    breaches = [
        Breach(
            each.policy,
            each.urn,
            each.level,
            each.severity,
            each.message,
            remedies.get(each.policy, ""),
            (each.policy, each.urn) not in known,
        )
        for each in found
    ]
    return tuple(sorted(breaches, key=lambda each: not each.new))
