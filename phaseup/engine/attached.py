"""Plugins that outlive a command: the engine attaches to them instead of starting one process each, every time.

What a simulator has imported stays imported, which halves the cost of many short runs in a row. All instances of a
package share one plugin, so this is for programs without explicit providers and for one command at a time.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path


@contextlib.contextmanager
def attached(packages: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """Serve each package in a process of its own; yields the environment that makes the engine attach to them."""
    with contextlib.ExitStack() as stack:
        ports = {package: stack.enter_context(_serving(package)) for package in packages}
        yield {"PULUMI_DEBUG_PROVIDERS": ",".join(f"{package}:{port}" for package, port in ports.items())}


@contextlib.contextmanager
def _serving(package: str) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "phaseup.engine.plugin", "--package", package],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
