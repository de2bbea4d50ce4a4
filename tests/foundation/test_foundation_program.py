"""The foundation's own program, recorded as any Pulumi program is; and its mistakes, each one message."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from phaseup.record.errors import RecordError
from phaseup.record.program import Program, load_program
from phaseup.record.run import run

FOLDER = Path(__file__).resolve().parents[2] / "foundation"


@pytest.fixture
def program() -> Program:
    return load_program(FOLDER, "main")


def test_states_and_roles_are_told(program: Program) -> None:
    recorded = run(program)
    assert recorded.outputs["backend"].endswith("?region=eu-north-1")
    assert set(recorded.outputs["secrets_providers"]) == set(recorded.outputs["apply_roles"]) == {
        "dev", "staging", "prod",
    }  # fmt: skip
    assert all(
        each.startswith("awskms:///arn:aws:kms:eu-north-1:") for each in recorded.outputs["secrets_providers"].values()
    )
    assert recorded.outputs["plan_role"].endswith(":role/main-foundation-plan")


def test_a_second_apply_changes_nothing(program: Program) -> None:
    state = run(program).outcome.snapshot
    again = run(program, old=state, preview=True).outcome
    assert {step.op for step in again.steps} <= {"same", "read"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state_region": "eu-west-1"}, "foundation:account.state_region: found eu-west-1; allowed: a region that no"),
        ({"repositry": "a/b"}, "foundation:account.repositry: found unknown key repositry; allowed: "),
        ({"repository": None}, "foundation:account.repository: found nothing"),
    ],
)
def test_a_mistake_is_one_message(program: Program, change: dict[str, object], said: str) -> None:
    keys = {**json.loads(program.config["foundation:account"]), **change}
    wrong = replace(program, config={**program.config, "foundation:account": json.dumps(keys)})
    with pytest.raises(RecordError) as caught:
        run(wrong)
    assert f"foundation/Pulumi.main.yaml: {said}" in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_nothing_given_is_one_message(program: Program) -> None:
    config = {key: value for key, value in program.config.items() if key != "foundation:owner"}
    with pytest.raises(RecordError, match=r"foundation:owner: found nothing; allowed: a value"):
        run(replace(program, config=config))
