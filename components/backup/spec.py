"""The spec of the kind backup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from components.spec import REGION, BlockName, Join, Keeps, Refused, Spec, joined

ABLE = ("postgres", "aurora", "bucket")
"""Kinds whose resources AWS Backup copies and that carry the tag `block`."""
COLD_LEAST = 90
"""Days that a recovery point stays cold at least (CreateBackupPlan, Lifecycle, AWS Backup API reference)."""
CONTINUOUS_MOST = 35
"""Days that point-in-time recovery reaches back at most (AWS Backup developer guide, "Continuous backups")."""


class CopySpec(Spec):
    """Copies of a rule's recovery points in one more region."""

    days: int = joined(Join.MAX, 35, ge=1, le=36500)
    """How long they are kept there."""
    cold_days: int | None = joined(Join.MAX, None, ge=1)
    """Days after which they go to cold storage; null never."""


class RuleSpec(Spec):
    """How often, and how long."""

    schedule: str = joined(Join.NOW, "cron(0 5 * * ? *)", pattern=r"^cron\(\S+( \S+){5}\)$")
    """EventBridge cron expression; once a day, not in a database's maintenance nor in the hour before."""
    timezone: str = joined(Join.NOW, "UTC", pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$")
    """IANA name that the expression is read in."""
    days: int = joined(Join.MAX, 35, ge=1, le=36500)
    """How long recovery points are kept."""
    cold_days: int | None = joined(Join.MAX, None, ge=1)
    """Days after which they go to cold storage, where a type supports it; null never."""
    continuous: bool = joined(Join.MAX, False)
    """Point-in-time recovery instead of daily copies, for RDS and S3; for at most 35 days."""
    start_minutes: int = joined(Join.NOW, 60, ge=60, le=10080)
    """Time in which a job must have started."""
    completion_minutes: int = joined(Join.NOW, 720, ge=120, le=10080)
    """Time in which it must have ended; longer than `start_minutes`."""
    copies: dict[str, CopySpec] = joined(Join.UNION, dict)
    """Copies by region."""

    @model_validator(mode="after")
    def _consistent(self) -> RuleSpec:
        for prefix, kept in (("", self), *((f"copies.{region}.", copy) for region, copy in self.copies.items())):
            if kept.cold_days is not None and kept.days < kept.cold_days + COLD_LEAST:
                least = kept.cold_days + COLD_LEAST
                raise Refused(f"{prefix}days", kept.days, f"at least {least}: cold_days and {COLD_LEAST} more")
        if self.continuous and (self.days > CONTINUOUS_MOST or self.cold_days is not None):
            raise Refused("continuous", self.continuous, f"false with more than {CONTINUOUS_MOST} days, or cold_days")
        if self.completion_minutes <= self.start_minutes:
            raise Refused(
                "completion_minutes", self.completion_minutes, f"more than start_minutes ({self.start_minutes})"
            )
        for region in self.copies:
            if not re.fullmatch(REGION, region):
                raise Refused(f"copies.{region}", region, "a region, e.g. eu-central-1")
        return self


class LockSpec(Spec):
    """Nobody deletes a recovery point before its time. Chosen at birth: the provider replaces a lock that changes, and
    one past its grace cannot be taken away by anyone."""

    min_days: int = joined(Join.FIXED, ge=1, le=36500)
    """No recovery point may be kept shorter."""
    max_days: int = joined(Join.FIXED, 36500, ge=1, le=36500)
    """No recovery point may be kept longer."""
    compliance_after_days: int | None = joined(Join.FIXED, None, ge=3, le=36500)
    """Days of grace after which not even the account's root can lift it; null is governance: who has the right may."""


class SelectedSpec(Spec):
    """One block that is backed up, found by its tags."""


def _by_name(value: object) -> object:
    """`blocks: [db, archive]` is short for a map by name."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    return value


class BackupSpec(Spec):
    """A vault, a plan and what it covers, with copies in other regions."""

    blocks: Annotated[dict[BlockName, SelectedSpec], BeforeValidator(_by_name)] = joined(Join.UNION, min_length=1)
    """The blocks whose resources are backed up, by the tags that every resource carries."""
    rules: dict[str, RuleSpec] = joined(Join.UNION, lambda: {"daily": RuleSpec()}, min_length=1)
    """When and for how long, by name."""
    lock: LockSpec | None = joined(Join.FIXED, None)
    """Locks every vault; null locks none."""

    @model_validator(mode="after")
    def _within_lock(self) -> BackupSpec:
        for name, rule in self.rules.items():
            if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name):
                raise Refused(f"rules.{name}", name, "a short name in small letters")
            if self.lock is None:
                continue
            kept = {"": rule.days, **{f"copies.{region}.": copy.days for region, copy in rule.copies.items()}}
            for where, days in kept.items():
                if not self.lock.min_days <= days <= self.lock.max_days:
                    allowed = f"{self.lock.min_days} to {self.lock.max_days}, as the lock says"
                    raise Refused(f"rules.{name}.{where}days", days, allowed)
        if self.lock and self.lock.min_days > self.lock.max_days:
            raise Refused("lock.min_days", self.lock.min_days, f"at most max_days, {self.lock.max_days}")
        return self

    @property
    def regions(self) -> list[str]:
        """Where there are copies."""
        return sorted({region for rule in self.rules.values() for region in rule.copies})

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """It backs up what AWS Backup can copy; other kinds keep their own snapshots."""
        able = sorted(block for block, kind in kinds.items() if kind in ABLE)
        for name in self.blocks:
            if name in kinds and name not in able:
                raise Refused(f"blocks.{name}", name, f"a {' or '.join(ABLE)}: {', '.join(able) or 'none here'}")

    def keeps(self, lower: Spec) -> Keeps | None:
        """A vault with recovery points cannot be deleted, so a region that has copies goes on having them."""
        assert isinstance(lower, BackupSpec)
        lost = [region for region in self.regions if region not in lower.regions]
        rules: dict[str, Any] = {}
        for name, rule in self.rules.items():
            copies = {
                region: copy.model_dump(exclude_defaults=True) for region, copy in rule.copies.items() if region in lost
            }
            if copies:
                rules[name] = {"copies": copies} if name in lower.rules else rule.model_dump(exclude_defaults=True)
        why = "AWS Backup deletes no vault with recovery points in it (DeleteBackupVault, AWS Backup API reference)"
        return Keeps({"rules": rules}, f"copies in {', '.join(lost)}", why) if lost else None
