"""A diff in the terminal: what it says, in which order, at any width, and nothing that a hostile name could do."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from phaseup.diff.report import Change, DiffReport, Reason, Risk
from phaseup.render.diff import diff
from tests.render import diff_reports as made


def printed(report: DiffReport, width: int = 100) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False, markup=False, emoji=False).print(diff(report))
    return stream.getvalue()


def in_order(text: str, *wanted: str) -> None:
    places = [text.index(each) for each in wanted]
    assert places == sorted(places)


def test_a_quiet_stack() -> None:
    in_order(
        printed(made.ONE, 160),
        "8f3a91c20b7d → 1d20ffe9a611",
        "meal-prod  ✓ safe",
        "mvp → growth, expand mvp → growth; changed by: config",
        "-  phaseup:phase: mvp",
        "+  phaseup:phase: growth",
        'db.instance  "db.t4g.medium" → "db.m7g.large"',
        'db.replicas  (none) → ["reader"]',
        "cache.auth   [secret] → [secret]",
        "Changes",
        "cluster",
        "+  create  web-eks  aws:eks:Cluster",
        "~  update  db  aws:rds:Instance",
        "allocatedStorage  100 → 200",
        made.FACT,
        "declared at components/postgres/component.py:88",
        "+ 3 to create   ~ 1 to update   212 unchanged",
        "cost $194.00 → $998.40 a month (+$804.40)",
        "unpriced  zone",
        "concurrent_connections above 5,000 users for 5m; it asks for: move to growth  meal.md, line 120",
        "first  the quota L-1216C47A allows 64 vCPUs",
        "check  aws service-quotas",
        "next  shift to 25 %",
        "+  phaseup:moving: {from: mvp, traffic: 25}",
        "plan 5d1c0a9be3f24d77",
        "Unchanged: meal-dev, pareto-prod",
        "✓ safe  1 stack changed",
        "9.5 s for 1,800 registrations",
    )


def test_what_is_dangerous_comes_first_worst_first() -> None:
    in_order(
        printed(made.SEVERAL, 160),
        "listing-prod  ✗ blocked",
        "vol: protect is lifted, but nothing retires it",
        "Look at these first",
        "+- replace db",
        "data at risk  holds a database",
        "storageEncrypted  false → true  forces replacement",
        "port  5432 → 5433",
        "-  delete  old-db",
        "holds data",
        "leaves the state, stays billed",
        "same    vol",
        "protection lifted  <protect>",
        "~  update  cache",
        "downtime  nodes restart one by one",
        "takes effect later  parameters, backupWindow",
        "waits for the maintenance window  follows from db",
        "Retired by name",
        "old-db  leaves the state, stays billed",
        "All other changes",
        "in no block",
        "old-rule",
        "✗ network-open  sg: port 22 is open to 0.0.0.0/0",
        "mend: name the networks that may reach it",
        "! rds-backups  db: keeps backups 3 days  as before",
        "pareto-dev  ✗ blocked",
        "found gigantic; allowed: mvp, growth, scale",
        "steps not known",
        "meal-prod  ✓ safe",
        "✗ blocked  3 stacks changed",
    )


def test_nothing_changed_is_one_line() -> None:
    assert printed(made.NOTHING) == "Nothing changes in 2 stacks: 8f3a91c20b7d → working tree\n"


def test_a_base_that_cannot_be_read_is_said() -> None:
    stack = replace(made.BROKEN, error_side="base", verdict="needs-approval")
    text = printed(DiffReport("a", "b", (stack,)), 160)
    assert "the base cannot be read: stacks/Pulumi.pareto-dev.yaml: phaseup:phase: found gigantic" in text
    assert "! needs-approval" in text


def test_a_risk_without_a_change_is_told() -> None:
    stack = replace(made.QUIET, at_risk=(Risk(made.urn(made.DB, "lost"), "delete", "holds data"),))
    in_order(
        printed(DiffReport("a", "b", (stack,))), "Look at these first", "-  delete  lost", "data at risk  holds data"
    )


def test_new_violations_come_first_and_of_them_those_that_stop() -> None:
    (old, new) = made.DANGEROUS.breaches
    mild = replace(new, policy="mild", level="advisory")
    stack = replace(made.DANGEROUS, breaches=(old, mild, new))
    in_order(printed(DiffReport("a", "b", (stack,))), "✗ network-open", "! mild", "! rds-backups")


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_no_line_is_wider_than_the_screen_and_nothing_is_cut(width: int) -> None:
    long = "name-" * 30
    change = made.changed("update", long, Reason("path." * 30, "x" * 90, "y", "update", "s" * 90), block="b" * 90)
    stack = replace(made.QUIET, changes=(change,), reasons=("w " * 90,), stack="s" * 90)
    text = printed(DiffReport("a", "b", (stack,)), width)
    assert max(map(len, text.splitlines())) <= width
    assert long in text.replace("\n", "").replace(" ", "")


def test_hostile_names_cannot_write_escape_codes_or_markup() -> None:
    hostile = "\x1b[31m[bold]x\u202e\x07"
    reason = Reason(hostile, hostile, hostile, "replace", hostile, (hostile,))
    change = Change("replace", f"urn:pulumi:s::p::t:t:T::{hostile}", hostile, (reason,), True, hostile, block=hostile)
    change = replace(change, downtime=hostile, deferred=(hostile,))
    other = replace(change, op="create", urn=change.urn + "2", downtime="", deferred=())
    stack = replace(
        made.DANGEROUS,
        stack=hostile,
        reasons=(hostile,),
        phase=(hostile, hostile + "2"),
        changes=(change, other),
        retired=(hostile,),
        notes=(hostile,),
        plan_hash=hostile,
        error=hostile,
        counts={hostile: 3},
    )
    text = printed(DiffReport(hostile, hostile, (stack,), (hostile,)))
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "\\x1b[31m[bold]x\\u202e\\x07" in text
