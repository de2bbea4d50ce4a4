"""The page is what the tests noted, and nothing else."""

from __future__ import annotations

from phaseup.engine.agreement import PROPERTY, Collector, known_tests, measured
from phaseup.engine.agreement_page import render
from phaseup.engine.compare import compare, refusals
from phaseup.engine.noted import Measured, load, save

URN = "urn:pulumi:dev::corner::fake:index:Thing::x"
STACK = "urn:pulumi:dev::corner::pulumi:pulumi:Stack::corner-dev"


class Report:
    def __init__(self, notes=(), when="call", failed=False, skipped=False):
        self.user_properties = [(PROPERTY, note) for note in notes] + [("other", 1)]
        self.when, self.failed, self.skipped = when, failed, skipped
        self.nodeid = "tests/engine/test_x.py::test_y@group"


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


def noted(*notes, day="2026-01-02", engine="v1.2.3", **more):
    return Measured(
        engine,
        "3.11",
        {"pulumi": "3.0"},
        [{"test": f"t::{note['name']}", **note, "day": day} for note in notes],
        **more,
    )


def test_a_page_of_some_tests_says_so():
    assert "In parts" not in render(noted())
    assert "In parts" in render(noted(whole=False))


def test_a_part_stands_beside_what_an_earlier_run_measured_with_the_same_versions():
    good, bad = compare({URN: ("same",)}, {URN: ("same",)}), compare({URN: ("same",)}, {URN: ("update",)})
    one, two = measured("corner", "one", "config", good), measured("corner", "two", "config", bad)
    before = noted(one, two, day="2026-01-01", failed=["t::three", "t::gone"])
    known = ["t::one", "t::two", "t::three"]
    again = noted(measured("corner", "two", "config", good), whole=False).after(before, ["t::two"], known)
    assert [(note["name"], note["day"], note["disagreements"]) for note in again.notes] == [
        ("one", "2026-01-01", []),
        ("two", "2026-01-02", []),
    ]
    assert list(again.failed) == ["t::three"]
    assert not again.agrees
    assert "Measured from 2026-01-01 to 2026-01-02" in render(again)
    newer = noted(one, engine="v2", whole=False)
    assert newer.after(before, ["t::one"], known) == newer


def test_what_failed_before_it_noted_anything_is_not_told_to_agree():
    one = measured("corner", "one", "config", compare({URN: ("same",)}, {URN: ("same",)}))
    now = noted(whole=False, failed=["t::one"]).after(noted(one), ["t::one"], ["t::one"])
    assert (list(now.notes), list(now.failed), now.agrees) == ([], ["t::one"], False)


def test_what_is_noted_is_read_back(tmp_path):
    path = tmp_path / "agreement.json"
    assert load(path) is None
    note = measured("corner", "g: ü", "config", compare({URN: ("same",)}, {URN: ("update",)}))
    for found in (noted(), noted(note, note, failed=["a", "b"], whole=False)):
        save(path, found)
        read = load(path)
        assert read is not None
        assert (read.engine, read.whole, list(read.notes), list(read.failed)) == (
            found.engine,
            found.whole,
            list(found.notes),
            list(found.failed),
        )


def test_the_collector_keeps_notes_of_calls_and_names_of_failures():
    collector = Collector()
    note = measured("corner", "g: c", "config", compare({URN: ("same",)}, {URN: ("same",)}))
    collector.pytest_runtest_logreport(Report([note]))
    collector.pytest_runtest_logreport(Report([note], when="teardown"))
    collector.pytest_runtest_logreport(Report(failed=True))
    test = "tests/engine/test_x.py::test_y"
    assert collector.notes == [{**note, "test": test}]
    assert collector.failed == [test]


def test_the_page_counts_and_lists():
    good = compare({URN: ("same",)}, {URN: ("same",)})
    bad = compare({URN: ("same",)}, {URN: ("update",)})
    page = render(
        noted(
            measured("corner", "g: one", "config", good),
            measured("corner", "g: one", "state", bad),
            measured("ladder", "s: expand", "config", good),
            failed=["tests/engine/test_x.py::test_y"],
        )
    )
    assert "Measured on 2026-01-02, Pulumi CLI v1.2.3" in page
    assert "| corner cases, plan from config | 1 | 1 | 1 | 100.00 % |" in page
    assert "| corner cases, plan from the engine's state | 1 | 1 | 0 | 0.00 % |" in page
    assert f"- g: one (state): {URN}: engine same, plan update" in page
    assert "| g: one | 1 | 1 | 0 | 2026-01-02 |" in page
    assert "| s: expand | 1 | 1 | – | 2026-01-02 |" in page
    assert "- `tests/engine/test_x.py::test_y`" in page


def test_without_disagreements_the_page_says_so():
    assert "## Disagreements\n\nNone.\n" in render(noted())


def test_the_tests_there_are_are_known_by_their_ids():
    """As reports call them, so that a part of them can be run again."""
    ids = known_tests(__file__)
    assert f"tests/engine/test_agreement.py::{test_the_tests_there_are_are_known_by_their_ids.__name__}" in ids
    assert len(ids) > 5
