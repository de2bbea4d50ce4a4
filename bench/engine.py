"""The genuine engine's preview of a step with plugins that do nothing, beside the rehearsal's plan of the same step."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from bench.cold import measure as measure_cold

PROGRAM: Final = Path(__file__).parent / "program"


class Beside(NamedTuple):
    """Wall seconds of both for the same program and step."""

    resources: int
    engine: float
    ours: float
    version: str


def measure() -> Beside | None:
    """None where there is no `pulumi` on PATH."""
    if shutil.which("pulumi") is None:
        return None
    from phaseup.engine.project import make_project
    from phaseup.engine.run import Engine

    with tempfile.TemporaryDirectory(prefix="phaseup-bench-") as folder:
        project = make_project(Path(folder), PROGRAM, plugin="bench.noop")
        engine = Engine(project, "dev")
        project.configure("dev", {"bench:groups": 10, "bench:round": "old"})
        engine.init()
        engine.up()
        project.configure("dev", {"bench:groups": 10, "bench:round": "new"})
        started = time.perf_counter()
        preview = engine.preview()
        seconds = time.perf_counter() - started
    version = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True).stdout.strip()
    ours = measure_cold(["plan", str(PROGRAM), "--set", "round=new"])
    return Beside(sum(preview.summary.values()), seconds, ours.wall, version)
