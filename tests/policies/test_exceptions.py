"""Exceptions hold until their day, say so when it is over, and cover no more than they name."""

from __future__ import annotations

from datetime import date

import pytest

from policies.guard.exceptions import Exempt, parse, weighed
from policies.guard.today import TODAY, today

URN = "urn:pulumi:meal-prod::phaseup::phaseup:index:Postgres$aws:rds/instance:Instance::db-primary"
LAST = date(2026, 12, 31)


def exempt(urn: str = "*::db-primary", *unless: str) -> Exempt:
    return Exempt(urn, "why", LAST, unless)


def test_it_holds_on_its_last_day_and_not_after() -> None:
    assert weighed(["broken"], URN, [exempt()], LAST) == []
    assert weighed(["broken"], URN, [exempt()], date(2027, 1, 1)) == [
        "broken (its exception expired on 2026-12-31: why)"
    ]


def test_one_that_is_renewed_holds_beside_the_old_one() -> None:
    renewed = Exempt("*::db-primary", "again", date(2027, 6, 30))
    assert weighed(["broken"], URN, [exempt(), renewed], date(2027, 1, 1)) == []
    assert weighed(["broken"], URN, [exempt(), renewed], date(2027, 7, 1)) == [
        "broken (its exception expired on 2027-06-30: again)"
    ]


@pytest.mark.parametrize(
    ("pattern", "unless", "held"),
    [
        (URN, (), True),
        ("*::db-*", (), True),
        ("*::db-", (), False),
        ("*::DB-primary", (), False),
        ("db-primary", (), False),
        ("*::db-*", ("*::db-primary*",), False),
        ("*::db-*", ("*::db-archive-*",), True),
    ],
)
def test_whom_it_concerns(pattern: str, unless: tuple[str, ...], held: bool) -> None:
    assert (weighed(["broken"], URN, [exempt(pattern, *unless)], LAST) == []) is held


def test_what_is_not_broken_is_no_message_whatever_has_expired() -> None:
    assert weighed([], URN, [exempt()], date(2030, 1, 1)) == []


def test_from_the_pack_s_config() -> None:
    given = [{"urn": "*::a", "reason": "b", "until": "2026-12-31", "unless": ["*::a-b"]}]
    assert parse(given) == (Exempt("*::a", "b", LAST, ("*::a-b",)),)
    assert parse(None) == ()


def test_the_day_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY, "2026-02-28")
    assert today() == date(2026, 2, 28)
    monkeypatch.delenv(TODAY)
    assert today() >= date(2026, 11, 22)
