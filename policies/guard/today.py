"""The day that exceptions and ends of support are held against."""

from __future__ import annotations

import os
from datetime import date
from typing import Final

TODAY: Final = "PHASEUP_TODAY"
"""Environment variable: that day, YYYY-MM-DD, in place of today."""


def today() -> date:
    """Today, or the day that the environment names: so that a verdict can be had again later."""
    given = os.environ.get(TODAY)
    return date.fromisoformat(given) if given else date.today()
