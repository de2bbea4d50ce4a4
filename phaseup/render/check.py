"""A check in the terminal: a line a stack, then what is broken with how to mend it, then what is held back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from phaseup.graph.resource import urn_name, urn_type
from phaseup.policy.judge import Violation
from phaseup.policy.report import CheckReport, StackVerdict, rule_of
from phaseup.render.text import plain
from phaseup.render.words import amount
from policies.guard.catalogue import RULES

LEVEL_LOOKS = {"mandatory": ("✗", "bold red"), "advisory": ("!", "yellow")}
SHOWN = 12
"""Of more resources that break one rule in one stack, the others are counted."""


def check(report: CheckReport) -> RenderableType:
    """The whole report."""
    parts: list[RenderableType] = [_stacks(report.stacks)]
    for stack in report.stacks:
        if stack.judgement.violations:
            parts += ["", Text(f"{stack.stack} · {stack.phase}", "bold underline"), *_broken(stack)]
    parts += [*_exceptions(report.stacks), *_silent(report.stacks), "", _foot(report)]
    return Group(*parts)


def rules() -> RenderableType:
    """Every rule with what it asks for."""
    table = Table(box=None, pad_edge=False, padding=(0, 2), show_header=True, header_style="bold")
    table.add_column("rule", no_wrap=True)
    for column in ("severity", "what must hold", "asked for by"):
        table.add_column(column, overflow="fold")
    for rule in RULES:
        asked = ", ".join(f"{each.name} {each.reference}".strip() for each in rule.frameworks)
        table.add_row(rule.name, rule.severity, rule.description, asked)
    return Group(table, "", Text(amount(len(RULES), "rule")))


def violations(found: Iterable[Violation]) -> Iterator[Text]:
    """One line for each, as `plan` shows them."""
    for each in found:
        sign, style = LEVEL_LOOKS[each.level]
        yield Text.assemble((f"{sign} {each.policy} ", style), plain(f"{urn_name(each.urn)}: {each.message}"))


def _stacks(stacks: Iterable[StackVerdict]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2), show_header=True, header_style="bold")
    table.add_column("stack", no_wrap=True)
    table.add_column("phase", no_wrap=True)
    for column in ("resources", "mandatory", "advisory", "exceptions"):
        table.add_column(column, justify="right", no_wrap=True)
    for stack in stacks:
        stopping = len(stack.judgement.mandatory)
        advice = len(stack.judgement.violations) - stopping
        holding = sum(1 for each in stack.exceptions if each.covers and not each.expired)
        sign, style = ("✗", "bold red") if stopping else ("!", "yellow") if advice else ("✓", "green")
        table.add_row(
            Text(f"{sign} {stack.stack}", style),
            stack.phase,
            f"{stack.resources:,}",
            str(stopping or "–"),
            str(advice or "–"),
            str(holding or "–"),
        )
    return table


def _broken(stack: StackVerdict) -> Iterator[RenderableType]:
    by_rule: dict[str, list[Violation]] = {}
    for each in stack.judgement.violations:
        by_rule.setdefault(each.policy, []).append(each)
    for name, found in by_rule.items():
        rule = rule_of(name)
        sign, style = LEVEL_LOOKS[found[0].level]
        yield Text.assemble((f"{sign} {name}", style), (f"  {rule.severity}  ", "dim"), rule.description)
        for each in found[:SHOWN]:
            yield Text(f"    {urn_name(each.urn)}  {urn_type(each.urn)}", "bold")
            yield Text(f"      {plain(each.message)}")
        if len(found) > SHOWN:
            yield Text(f"    and {len(found) - SHOWN} more")
        yield Text(f"    mend: {rule.remedy}", "cyan")


def _exceptions(stacks: Iterable[StackVerdict]) -> Iterator[RenderableType]:
    """Each once, with the stacks and phases it holds in; those that cover nothing anywhere may go."""
    told: dict[tuple[str, str, str], list[tuple[StackVerdict, int]]] = {}
    for stack in stacks:
        for each in stack.exceptions:
            when = "expired" if each.expired else "until"
            key = (f"{each.policy}  {each.urn}", f"{when} {each.until}", each.reason)
            told.setdefault(key, []).append((stack, len(each.covers)))
    if not told:
        return
    yield ""
    yield Text("Exceptions", "bold underline")
    for (whom, when, reason), where in told.items():
        covered = sum(number for _, number in where)
        style = "bold red" if when.startswith("expired") and covered else ""
        names = ", ".join(dict.fromkeys(stack.stack for stack, _ in where))
        covers = f"covers {amount(covered, 'resource')}" if covered else "covers nothing here"
        yield Text(f"  {plain(whom)}  {when}", style)
        yield Text(f"    {names}: {covers}; {plain(reason)}", "dim")


def _silent(stacks: Iterable[StackVerdict]) -> Iterator[RenderableType]:
    whole = list(stacks)
    unjudged = [each for stack in whole for each in stack.judgement.unjudged]
    if unjudged:
        yield ""
        yield Text(f"{amount(len(unjudged), 'check')} could not be judged, as a value is not known yet:", "yellow")
        for each in unjudged[:SHOWN]:
            yield Text(f"  {each.policy}  {urn_name(each.urn)}: {each.path}")
    lacking = {name: why for stack in whole for name, why in stack.judgement.not_applicable.items()}
    for name, why in lacking.items():
        number = sum(1 for stack in whole if name in stack.judgement.not_applicable)
        yield Text(f"{name}: not asked of {amount(number, 'stack')}: {why}", "dim")


def _foot(report: CheckReport) -> Text:
    checks = sum(stack.judgement.checks for stack in report.stacks)
    unjudged = sum(len(stack.judgement.unjudged) for stack in report.stacks)
    stopping = len(report.mandatory)
    all_ = sum(len(stack.judgement.violations) for stack in report.stacks)
    verdict = f"{amount(stopping, 'mandatory violation')}, {all_ - stopping} advisory"
    return Text(
        f"{amount(len(RULES), 'rule')}, {checks:,} checks, {unjudged} not judged: {verdict}\n"
        f"{report.seconds:.1f} s (limit {report.allowed_seconds:.1f}) for {report.registrations:,} registrations",
        "bold red" if stopping else "green",
    )
