"""Rules on what a stack costs."""

from __future__ import annotations

from . import within_ceiling

RULES = (within_ceiling.RULE,)
