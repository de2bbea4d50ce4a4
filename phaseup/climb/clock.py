"""What a command took, printed beside the limit that the design sets for it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

from phaseup.climb.sdk_modules import import_seconds


@dataclass(slots=True)
class Clock:
    """`started` is the `time.perf_counter` at which the command began; `registrations` are counted by whoever runs."""

    started: float = field(default_factory=time.perf_counter)
    registrations: int = 0
    _before: float = field(default_factory=import_seconds)

    @property
    def seconds(self) -> float:
        """Since the command began to work."""
        return time.perf_counter() - self.started

    @property
    def import_seconds(self) -> float:
        """What SDK modules took to import since this clock was made, in this process."""
        return import_seconds() - self._before


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
