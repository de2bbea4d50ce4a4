"""backup: AWS Backup."""

from __future__ import annotations

from components.backup.component import Backup, BackupArgs
from components.backup.spec import BackupSpec, CopySpec, LockSpec, RuleSpec, SelectedSpec
from components.backup.starts import refuse_maintenance

__all__ = [
    "Backup",
    "BackupArgs",
    "BackupSpec",
    "CopySpec",
    "LockSpec",
    "RuleSpec",
    "SelectedSpec",
    "refuse_maintenance",
]
