"""Cold commands as a user starts them, beside the limit that their own SDK import sets."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Cold(NamedTuple):
    """One command: wall seconds outside the process, and what it says of itself."""

    command: str
    wall: float
    import_seconds: float
    registrations: int
    cores: int

    @property
    def allowed(self) -> float:
        """I × (1 + R ÷ 1000 ÷ cores) + 1."""
        return self.import_seconds * (1 + self.registrations / 1000 / self.cores) + 1

    @property
    def within(self) -> bool:
        """Whether the wall time keeps the limit."""
        return self.wall <= self.allowed


def measure(arguments: Sequence[str]) -> Cold:
    """Run `phaseup ARGUMENTS --json` in a fresh process; its exit code may be any verdict's, but not bad input."""
    command = [sys.executable, "-c", "from phaseup.cli import main; main()", *arguments, "--json"]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    if done.returncode not in {0, 1, 3}:
        raise RuntimeError(f"phaseup {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}")
    told = json.loads(done.stdout)
    return Cold(f"phaseup {' '.join(arguments)}", wall, told["import_seconds"], told["registrations"], told["cores"])
