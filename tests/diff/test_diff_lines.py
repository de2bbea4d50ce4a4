"""Lines of a stack file as a pull request may show them: whatever is secret is masked, and another secret shows."""

from __future__ import annotations

import pytest

from phaseup.diff.lines import CONTEXT, GAP, UNREADABLE, config_lines

SECRETS = [
    "a: {secure: TOPSECRET}",
    "a:\n  secure: TOPSECRET",
    "a: [1, {secure: TOPSECRET}]",
    "a:\n  secure: |\n    TOPSECRET\n    TOPSECRET\n  b: 1",
    "a:\n  secure: >-\n    TOP\n    SECRET TOPSECRET",
    'a:\n  secure: "TOPSECRET\n    TOPSECRET"',
    "cloudflare:apiToken: TOPSECRET",
    "aws:secretKey: 'TOPSECRET'",
    "x:dbPassword: TOPSECRET",
    "x:password: [TOPSECRET, {b: TOPSECRET}]",
    "encryptionsalt: v1:TOPSECRET",
    "encryptedkey: TOPSECRET",
    "phaseup:alerts: {pagerduty: TOPSECRET}",
    "a: &x {secure: TOPSECRET}\nb: *x",
    "# cloudflare:apiToken: TOPSECRET",
    "a: 1  # was x:token: TOPSECRET",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    for before, after in ((None, text), (text, None), (text, text.replace("TOPSECRET", "OTHERSECRET"))):
        lines = config_lines(before, after)
        shown = "\n".join(line.text for line in lines)
        assert "SECRET" not in shown
        assert "[secret]" in shown or (text.startswith(("#", "a: 1")) and before and after)
        assert "\ue000" not in shown


def test_another_secret_is_a_changed_line_and_the_same_is_none() -> None:
    text = "a: 1\nb: {secure: one}\n"
    assert [(line.sign, line.text) for line in config_lines(text, text.replace("one", "two"))] == [
        (" ", "a: 1"),
        ("-", "b: {secure: [secret]}"),
        ("+", "b: {secure: [secret]}"),
    ]
    assert config_lines(text, text) == ()


def test_what_only_sounds_secret_is_shown() -> None:
    text = "phaseup:overrides: {api: {secrets: {KEY: x}, tokens: 3, keyspace: k}}"
    assert [line.text for line in config_lines(None, text)] == [text]


def test_a_file_that_is_no_yaml_shows_none_of_its_lines() -> None:
    for before, after in (("a: [TOPSECRET", "a: 1"), ("a: 1", "a: [TOPSECRET"), (None, "\x00TOPSECRET")):
        assert [line.text for line in config_lines(before, after)] == [UNREADABLE]


def test_far_changes_are_parted_and_ends_of_lines_are_no_change() -> None:
    text = "".join(f"k{number}: 1\n" for number in range(40))
    lines = config_lines(text, text.replace("k3: 1", "k3: 2").replace("k30: 1", "k30: 2").replace("\n", "\r\n"))
    assert [line.text for line in lines if line.sign != " "] == ["k3: 1", "k3: 2", "k30: 1", "k30: 2"]
    assert [line.text for line in lines].count(GAP) == 1
    assert len(lines) == 2 * (2 + 2 * CONTEXT) + 1
