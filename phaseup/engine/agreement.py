"""`python -m phaseup.engine.agreement [-k EXPRESSION]`: run the engine's tests and write what they measured.

The page is docs/agreement.md. With `-k`, only the tests that pytest's expression picks run, and the page says so.
The tests leave a property on their reports (`measured`), which this module collects as a pytest plugin; they know
nothing of the page, and the page holds nothing that a test has not compared.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from phaseup.engine.compare import Comparison
from phaseup.engine.project import EngineError, pulumi_binary

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "agreement.md"
PROPERTY = "agreement"
_SDKS = ("pulumi", "pulumi-aws", "pulumi-cloudflare", "pulumi-fastly", "pulumi-kubernetes", "pulumi-random")

NOTES = """\
## What the engine taught

- A `delete` of a protected resource fails the preview by the *old* state's protection; unprotecting it in the same
  step does not help, nor does a `retain_on_delete` that is first said there.
- `pulumi destroy` refuses protected resources in its preview, before anything is deleted. With `--skip-preview` it
  deletes everything that is neither protected nor needed by what is, and only then fails.
- A replacement that deletes first also takes down what depended on it *in the old state*. A dependant that lets go of
  it in the same step is kept if the program happens to register it earlier: the engine's own answer is a matter of
  timing, unless `depends_on` orders the two. The rehearsal registers in program order.
- `remove-pending-replace` is a step that the engine takes and never shows; it is left out of the comparison.
- SDK 3.272 takes the id of a resource that is only read as unknown in previews under an engine that does not answer
  it, as 3.260 does not: what uses that id shows as changed in every preview.
"""


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
    skipped: int = 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Called for each phase of each test."""
        if report.when == "call":
            self.notes += [json.loads(json.dumps(value)) for key, value in report.user_properties if key == PROPERTY]
        if report.failed:
            self.failed.append(report.nodeid)
        if report.skipped:
            self.skipped += 1


def render(
    notes: Iterable[dict[str, Any]], *, engine: str, day: str, failed: Iterable[str] = (), picked: str = ""
) -> str:
    """The page; `picked` is the expression by which tests were chosen, where not all ran."""
    notes = list(notes)
    failed = list(failed)
    lines = [
        "# Rehearsal and engine, side by side",
        "",
        "Made by `python -m phaseup.engine.agreement`; never edited by hand. The genuine `pulumi` ran the same",
        "programs on the same simulated providers, and for each URN the operations were compared: with the plan from",
        "config (state A recorded), and with the plan from the engine's own `stack export`.",
        "",
        f"- Measured on {day}, Pulumi CLI {engine}, Python {sys.version_info.major}.{sys.version_info.minor}",
        "- SDKs: " + ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _SDKS),
        *(
            [f"- Not all tests ran, but those that `-k '{picked}'` picks; nothing is said of the others"]
            if picked
            else []
        ),
        "",
        "| | steps or cases | URN × step | agree | |",
        "|---|---:|---:|---:|---:|",
    ]
    for kind, source, title in (
        ("ladder", "config", "meal's ladder with every way back, plan from config"),
        ("ladder", "state", "meal's ladder with every way back, plan from the engine's state"),
        ("system", "config", "the other systems' ladders, from the recorded state imported"),
        ("born", "state", "their phases: the state that the engine made, beside the recorded one"),
        ("corner", "config", "corner cases, plan from config"),
        ("corner", "state", "corner cases, plan from the engine's state"),
        ("refusal", "config", "refused steps"),
    ):
        own = [note for note in notes if (note["kind"], note["source"]) == (kind, source)]
        total = sum(note["urns"] for note in own)
        agreed = total - sum(len(note["disagreements"]) for note in own)
        share = f"{100 * agreed / total:.2f} %" if total else "–"
        lines.append(f"| {title} | {len(own)} | {total} | {agreed} | {share} |")
    lines += ["", "## Disagreements", ""]
    lines += [f"- {note['name']} ({note['source']}): {text}" for note in notes for text in note["disagreements"]] or [
        "None."
    ]
    if failed:
        lines += ["", "## Tests that failed", "", *(f"- `{name}`" for name in failed)]
    lines += ["", NOTES]
    for kind, title in (
        ("ladder", "meal's ladder"),
        ("system", "The other systems' ladders"),
        ("born", "Phases made by the engine"),
        ("corner", "Corner cases"),
        ("refusal", "Steps that both refuse"),
    ):
        lines += [f"## {title}", "", "| | URNs | agree from config | agree from state |", "|---|---:|---:|---:|"]
        lines += [_row(name, [note for note in notes if (note["kind"], note["name"]) == (kind, name)])
                  for name in dict.fromkeys(note["name"] for note in notes if note["kind"] == kind)]  # fmt: skip
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _row(name: str, notes: list[dict[str, Any]]) -> str:
    by_source = {note["source"]: note for note in notes}
    agreed = [
        str(by_source[source]["urns"] - len(by_source[source]["disagreements"])) if source in by_source else "–"
        for source in ("config", "state")
    ]
    return f"| {name} | {max(note['urns'] for note in notes)} | {agreed[0]} | {agreed[1]} |"


def main() -> int:
    """0 written and everything agrees, 1 written with disagreements, 2 there is no engine to compare with."""
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
    collector = Collector()
    workers = ["-n", "2", "--dist", "loadgroup"]
    which = ["-k", picked] if picked else []
    tests = str(ROOT / "tests" / "engine")
    pytest.main([tests, "-q", "--whole", "-p", "no:cacheprovider", *workers, *which], plugins=[collector])
    day = datetime.now(UTC).date().isoformat()
    PAGE.write_text(render(collector.notes, engine=version, day=day, failed=collector.failed, picked=picked))
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 1 if collector.failed or any(note["disagreements"] for note in collector.notes) else 0


if __name__ == "__main__":
    sys.exit(main())
