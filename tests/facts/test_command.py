"""`python -m phaseup.facts`."""

from __future__ import annotations

from pathlib import Path

import pytest

from phaseup.facts.__main__ import disagreements, main

PAGE = Path(__file__).parents[2] / "docs" / "facts-disagreements.md"


def test_one_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["aws:rds/instance:Instance"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (storage,) = [line for line in lines if line.startswith("storageEncrypted ")]
    assert storage == (
        "storageEncrypted  replace  "
        "[terraform-provider-aws internal/service/rds/instance.go v5.85.0-dev e00409b2 (2025-01)]"
    )
    (size,) = [line for line in lines if line.startswith("allocatedStorage ")]
    assert "conditional (storage_grown_by_autoscaling: same, decreases: refused, otherwise: update)" in size
    assert size.endswith("computed")


@pytest.mark.parametrize("arguments", [[], ["acme:index/x:Y"], ["--nonsense"], ["a", "b"]])
def test_bad_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "allowed: " in capsys.readouterr().err


def test_the_page_of_disagreements_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == "\n".join(disagreements()) + "\n"


def test_what_has_no_known_effect_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--unknown"]) == 0
    assert "cloudflare:index/r2Bucket:R2Bucket  jurisdiction" in capsys.readouterr().out.splitlines()
