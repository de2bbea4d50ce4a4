"""Exit codes of a climb, its JSON shape, and the limit it prints."""

from __future__ import annotations

import pytest

from phaseup.climb.report import AtRisk, ClimbReport, ClimbStep, Kept, allowed_seconds


def step(kind: str = "expand", verdict: str = "safe", **more: object) -> ClimbStep:
    counts = {"create": 1, "update": 0, "replace": 0, "delete": 0, "same": 4}
    return ClimbStep(1, "meal", "up", "mvp", "growth", kind, counts, 5, verdict, **more)  # type: ignore[arg-type]


def report(*steps: ClimbStep) -> ClimbReport:
    return ClimbReport(steps, 8.0, 4.0, 1000, 2)


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([("expand", "safe")], 0),
        ([("expand", "safe"), ("arm", "needs-approval"), ("contract", "safe")], 0),
        ([("contract", "refused")], 0),
        ([("expand", "needs-approval")], 3),
        ([("arm", "blocked")], 1),
        ([("expand", "needs-approval"), ("contract", "blocked")], 1),
        ([], 0),
    ],
)
def test_exit_code(steps: list[tuple[str, str]], code: int) -> None:
    assert report(*(step(kind, verdict) for kind, verdict in steps)).exit_code == code


def test_the_limit_is_the_design_s_formula() -> None:
    assert allowed_seconds(4.0, 1000, 2) == pytest.approx(4.0 * 1.5 + 1)
    assert report().allowed_seconds == pytest.approx(7.0)


def test_json_has_every_promised_key_and_no_other_meaning() -> None:
    risky = step(at_risk=(AtRisk("urn:x", "delete", "not armed"),), kept=(Kept("db", "storage"),), retired=("urn:y",))
    document = report(risky).to_json()
    assert {"seconds", "import_seconds", "registrations", "steps"} <= document.keys()
    (entry,) = document["steps"]
    assert entry == {
        "index": 1,
        "system": "meal",
        "direction": "up",
        "from": "mvp",
        "to": "growth",
        "step": "expand",
        "traffic": None,
        "block": None,
        "stage": None,
        "counts": {"create": 1, "update": 0, "replace": 0, "delete": 0, "same": 4},
        "resources": 5,
        "stateful_at_risk": [{"urn": "urn:x", "op": "delete", "reason": "not armed"}],
        "retired": ["urn:y"],
        "kept": [{"block": "db", "why": "storage"}],
        "verdict": "safe",
        "reason": "",
        "manual": "",
        "backing_out": False,
        "violations": [],
        "cost": {"before": None, "after": None},
    }
