"""The same stack from the file and from the engine; and nothing secret in what is printed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.models import READ_KEYS, BadInput, load_stack, stack_from_values, values_for_engine
from stacks.models.paths import ROOT
from tests.stacks.sample import STACK

FULL = (
    STACK.replace("{email: oncall@example.org}", "{email: oncall@example.org, pagerduty: {secure: v1:CIPHER}}")
    + """\
  phaseup:moving: {from: growth, traffic: 0, data: {cache: replicated}}
  phaseup:retire: {lb: {reason: gone, until: 2027-01-31}}
  phaseup:overrides: {db: {storage: 200}}
  cloudflare:apiToken: {secure: v1:TOKEN}
encryptionsalt: v1:salt
secretsprovider: awskms://alias/x
encryptedkey: abc
environment: [shared]
"""
)


def test_both_ways_in_are_one(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.meal-prod.yaml"
    path.write_text(FULL)
    from_file = load_stack(path)
    passed = values_for_engine(from_file)
    assert all(isinstance(value, str) for value in passed.values())
    assert json.loads(passed["phaseup:overrides"]) == {"db": {"storage": 200}}
    from_engine = stack_from_values("meal-prod", passed)
    skipped = {"document", "file", "values"}
    assert {k: v for k, v in dict(from_engine).items() if k not in skipped} == {
        k: v for k, v in dict(from_file).items() if k not in skipped
    }
    read = {key: from_file.values[key] for key in READ_KEYS if key in from_file.values}
    assert {key: from_engine.values[key] for key in READ_KEYS if key in from_engine.values} == read
    assert from_engine.file == "stacks/Pulumi.meal-prod.yaml"
    assert (from_file.prefix, from_file.guarded, from_file.settled) == ("meal-prod", True, False)


def test_the_engine_passes_secrets_in_plain_and_dates_as_timestamps(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.meal-prod.yaml"
    path.write_text(FULL)
    passed = values_for_engine(load_stack(path))
    passed["phaseup:alerts"] = json.dumps({"email": "a@b.c", "pagerduty": "https://events.example.org/KEY"})
    passed["phaseup:retire"] = json.dumps({"lb": {"reason": "gone", "until": "2027-01-31T00:00:00Z"}})
    stack = stack_from_values("meal-prod", passed)
    assert stack.alerts.pagerduty is not None
    assert stack.alerts.pagerduty.get_secret_value() == "https://events.example.org/KEY"
    assert stack.retire["lb"].until.isoformat() == "2027-01-31"
    assert "KEY" not in repr(stack)
    assert "KEY" not in str(stack)


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("phaseup:moving", "{", "phaseup:moving: found {; allowed: a mapping"),
        ("aws:allowedAccountIds", "1, 2", "aws:allowedAccountIds: found 1, 2; allowed: a list"),
        ("phaseup:moving", "[]", "phaseup:moving: found []; allowed: a mapping"),
    ],
)
def test_what_the_engine_cannot_have_passed(key: str, text: str, expected: str) -> None:
    with pytest.raises(BadInput) as caught:
        stack_from_values("meal-prod", {"phaseup:system": "meal", key: text})
    if "[]" not in text:
        assert str(caught.value) == f"stacks/Pulumi.meal-prod.yaml: {expected}"


def test_without_a_system_the_engine_has_not_read_the_file() -> None:
    with pytest.raises(BadInput) as caught:
        stack_from_values("meal-prod", {"aws:region": "eu-west-1"})
    assert str(caught.value) == (
        "stacks/Pulumi.meal-prod.yaml: phaseup:system: found nothing; allowed: the system's name; the engine skips the "
        "file where stackConfigDir in Pulumi.yaml is no relative path"
    )


def test_models_and_moves_import_no_sdk() -> None:
    program = (
        "import sys, stacks.models, stacks.moves, stacks.moves.transition, stacks.models.schemas\n"
        "from stacks.models import load_stack\n"
        "load_stack('meal-prod')\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0].startswith('pulumi')))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
