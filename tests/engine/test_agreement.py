"""The page is what the tests noted, and nothing else."""

from __future__ import annotations

from phaseup.engine.agreement import PROPERTY, Collector, measured, render
from phaseup.engine.compare import compare, refusals

URN = "urn:pulumi:dev::corner::fake:index:Thing::x"
STACK = "urn:pulumi:dev::corner::pulumi:pulumi:Stack::corner-dev"


class Report:
    def __init__(self, notes=(), when="call", failed=False, skipped=False):
        self.user_properties = [(PROPERTY, note) for note in notes] + [("other", 1)]
        self.when, self.failed, self.skipped = when, failed, skipped
        self.nodeid = "tests/engine/test_x.py::test_y"


def test_a_disagreement_names_both_sides():
    found = compare({URN: ("same",), "u2": ("create",)}, {URN: ("update",), "u3": ("delete",)})
    assert (found.urns, found.agreed) == (3, 0)
    assert [str(entry) for entry in found.disagreements] == [
        "u2: engine create, plan nothing",
        "u3: engine nothing, plan delete",
        f"{URN}: engine same, plan update",
    ]


def test_refusals_lose_the_frame_and_keep_the_message():
    assert refusals(["error: Preview failed: a\n b", "error: preview failed", "error: c"]) == {"a b", "c"}


def test_a_page_of_some_tests_says_which():
    whole, part = (render([], engine="v3", day="2026-11-22", picked=picked) for picked in ("", "not scale"))
    assert "Not all tests ran" not in whole
    assert "those that `-k 'not scale'` picks" in part


def test_the_collector_keeps_notes_of_calls_and_names_of_failures():
    collector = Collector()
    note = measured("corner", "g: c", "config", compare({URN: ("same",)}, {URN: ("same",)}))
    collector.pytest_runtest_logreport(Report([note]))
    collector.pytest_runtest_logreport(Report([note], when="teardown"))
    collector.pytest_runtest_logreport(Report(failed=True))
    assert collector.notes == [note]
    assert collector.failed == ["tests/engine/test_x.py::test_y"]


def test_the_page_counts_and_lists():
    good = compare({URN: ("same",)}, {URN: ("same",)})
    bad = compare({URN: ("same",)}, {URN: ("update",)})
    page = render(
        [
            measured("corner", "g: one", "config", good),
            measured("corner", "g: one", "state", bad),
            measured("ladder", "s: expand", "config", good),
        ],
        engine="v1.2.3",
        day="2026-01-02",
        failed=["tests/engine/test_x.py::test_y"],
    )
    assert "Measured on 2026-01-02, Pulumi CLI v1.2.3" in page
    assert "| corner cases, plan from config | 1 | 1 | 1 | 100.00 % |" in page
    assert "| corner cases, plan from the engine's state | 1 | 1 | 0 | 0.00 % |" in page
    assert f"- g: one (state): {URN}: engine same, plan update" in page
    assert "| g: one | 1 | 1 | 0 |" in page
    assert "| s: expand | 1 | 1 | – |" in page
    assert "- `tests/engine/test_x.py::test_y`" in page


def test_without_disagreements_the_page_says_so():
    assert "## Disagreements\n\nNone.\n" in render([], engine="v1", day="2026-01-02")
