"""`python -m phaseup.engine.agreement [-k EXPRESSION]`: run the engine's tests and write what they measured.

The page is docs/agreement.md, made from agreement.json beside it. With `-k`, only the tests that pytest's expression
picks run, and of the others stands what an earlier run with the same versions measured: the whole takes hours. The
tests leave a property on their reports (`measured`), which this module collects as a pytest plugin; they know nothing
of the page.
"""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from phaseup.engine import noted
from phaseup.engine.agreement_page import render
from phaseup.engine.compare import Comparison
from phaseup.engine.project import EngineError, pulumi_binary

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "agreement.md"
NOTED = PAGE.with_suffix(".json")
PROPERTY = "agreement"
_SDKS = ("pulumi", "pulumi-aws", "pulumi-cloudflare", "pulumi-fastly", "pulumi-kubernetes", "pulumi-random")


def measured(kind: str, name: str, source: str, found: Comparison) -> dict[str, Any]:
    """What a test notes of one comparison; `source` says where the plan's state came from: `config` or `state`."""
    return {
        "kind": kind,
        "name": name,
        "source": source,
        "urns": found.urns,
        "disagreements": [str(entry) for entry in found.disagreements],
    }


@dataclass
class Collector:
    """A pytest plugin that keeps every note and every failure."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    """Every test that was asked, also one that was skipped."""
    skipped: int = 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Called for each phase of each test."""
        test = report.nodeid.partition("@")[0]  # as xdist calls it, with its group
        if report.when == "setup":
            self.ran.append(test)
        if report.when == "call":
            told = [json.loads(json.dumps(value)) for key, value in report.user_properties if key == PROPERTY]
            self.notes += [{**note, "test": test} for note in told]
        if report.failed:
            self.failed.append(test)
        if report.skipped:
            self.skipped += 1


def main() -> int:
    """0 written and everything agrees, 1 written with disagreements, 2 nothing was written: there is no engine to
    compare with, or no test that compares."""
    import argparse

    import pytest

    from phaseup.engine.run import engine_version

    parser = argparse.ArgumentParser(prog="python -m phaseup.engine.agreement", description=main.__doc__)
    parser.add_argument("-k", dest="picked", default="", metavar="EXPRESSION", help="pytest's: only tests that match")
    picked: str = parser.parse_args().picked
    try:
        pulumi_binary()
        version = engine_version()
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    earlier = noted.load(NOTED)  # what cannot be read is told before the hours, not after
    collector = Collector()
    workers = ["-n", "2", "--dist", "loadgroup"]
    which = ["-k", picked] if picked else []
    tests = str(ROOT / "tests" / "engine")
    ended = pytest.main([tests, "-q", "--whole", "-p", "no:cacheprovider", *workers, *which], plugins=[collector])
    day = datetime.now(UTC).date().isoformat()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    sdks = {name: importlib.metadata.version(name) for name in _SDKS}
    notes = [{**note, "day": day} for note in collector.notes]
    ran_out = ended not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    if ran_out or not notes:
        print("nothing was written: " + ("the tests did not run to their end" if ran_out else "no test compared"))
        return 2
    whole = not picked and not collector.skipped
    found = noted.Measured(version, python, sdks, notes, collector.failed, whole)
    if not whole:
        found = found.after(earlier, collector.ran, known_tests(tests))
    noted.save(NOTED, found)
    PAGE.write_text(render(found), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0 if found.agrees else 1


def known_tests(tests: str) -> list[str]:
    """Every test there is, by its id; in a process of its own, as pytest collects but once in one."""
    words = [
        sys.executable,
        "-m",
        "pytest",
        tests,
        "--override-ini=addopts=-q",
        "--collect-only",
        "-p",
        "no:cacheprovider",
    ]
    told = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return [line for line in told.splitlines() if "::" in line]


if __name__ == "__main__":
    sys.exit(main())
