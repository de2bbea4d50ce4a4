"""`__main__.py` as the engine runs it: a whole run offline, and one message for a bad config."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from phaseup.record.errors import RecordError
from phaseup.record.program import load_program
from phaseup.record.run import run

ROOT = Path(__file__).parents[2]


def program(**settings: Any) -> Any:
    return load_program(ROOT, "meal-prod", settings={f"phaseup:{key}": value for key, value in settings.items()})


def test_the_program_is_a_page_at_most() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 50


def test_a_second_apply_changes_nothing() -> None:
    first = run(program())
    again = run(program(), old=first.outcome.snapshot, preview=True)
    assert Counter(step.op for step in again.outcome.steps) == {"same": len(first.outcome.steps)}
    assert first.outputs["phase"] == "mvp"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"phase": "unicorn"}, "phaseup:phase: found unicorn; allowed: mvp, growth"),
        ({"system": "nothing"}, "nothing.yaml"),
        ({"images": {}}, "phaseup:images: found no api"),
    ],
)
def test_a_bad_config_is_one_message_without_a_traceback(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        run(program(**settings))
    assert message in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert len(str(caught.value).strip().splitlines()) == 1
