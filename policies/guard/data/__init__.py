"""Rules on what holds data: encryption, copies, protection, reach."""

from __future__ import annotations

from . import rds_encrypted

RULES = (rds_encrypted.RULE,)
