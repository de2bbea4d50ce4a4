"""A phase in the terminal: its blocks, who fills which role, resources by component, and the quotas it needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from phaseup.graph.resource import STACK_TYPE, urn_name
from phaseup.render import words
from phaseup.render.text import plain

FIELD_WIDTH: Final = 60
"""Longest map shown whole, in characters."""

if TYPE_CHECKING:
    from phaseup.cli.quotas import Quota
    from phaseup.graph.resource import State


def blocks(specs: Mapping[str, Mapping[str, Any]], states: Mapping[str, str]) -> RenderableType:
    """Each block with its kind and its effective fields; `states` says which arrive or leave."""
    lines: list[RenderableType] = [Text("Blocks", "bold underline")]
    for name, spec in specs.items():
        head = Text.assemble((plain(name), "bold"), (f"  {plain(str(spec.get('kind', '')))}", "cyan"))
        if states.get(name):
            head.append(f"  {states[name]}", "bold yellow")
        lines.append(Padding(head, (0, 0, 0, 2)))
        fields = [f"{key}: {_field(item)}" for key, item in spec.items() if key != "kind" and not _empty(item)]
        if fields:
            lines.append(Padding(Text(plain(" · ".join(fields)), "dim", overflow="fold"), (0, 0, 0, 6)))
    return Group(*lines)


def roles(filled: Mapping[str, str]) -> RenderableType:
    """`db → aurora` for each role that another block than its namesake fills; the namesakes on one line."""
    line = Text("Roles  ", "bold")
    line.append(
        ", ".join(plain(role) if role == block else f"{plain(role)} → {plain(block)}" for role, block in filled.items())
    )
    return line


def resources(states: Iterable[State], stateful: Mapping[str, bool]) -> RenderableType:
    """The tree by component; data and protection are marked."""
    from phaseup.plan.steps import is_counted

    children: dict[str, list[State]] = {}
    listed = [state for state in states if not state.delete]
    roots = {state.urn for state in listed if state.type == STACK_TYPE}
    counted = [state for state in listed if is_counted(state.urn)]
    known = {state.urn for state in counted}
    for state in counted:
        children.setdefault(state.parent if state.parent in known else "", []).append(state)
    tree = Tree(Text(words.amount(len(counted), "resource"), "bold underline"), guide_style="dim")
    _grow(tree, children, "", stateful, roots)
    return tree


def _grow(
    tree: Tree, children: Mapping[str, list[State]], parent: str, stateful: Mapping[str, bool], seen: set[str]
) -> None:
    for state in children.get(parent, ()):
        if state.urn in seen:
            continue
        branch = tree.add(_label(state, stateful.get(state.urn, False)))
        _grow(branch, children, state.urn, stateful, seen | {state.urn})


def _label(state: State, holds_data: bool) -> Text:
    label = Text(overflow="fold")
    label.append(plain(urn_name(state.urn)), "" if state.custom else "bold")
    label.append(f"  {plain(words.short_type(state.type))}", "cyan" if state.custom else "bold cyan")
    if holds_data:
        label.append("  holds data", "bold yellow")
    if state.protect:
        label.append("  protected", "green")
    return label


def quotas(needed: Iterable[Quota]) -> RenderableType:
    """What the account must allow; more than the default is marked."""
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    table.add_row(Text("Quotas", "bold underline"), Text("needed", "dim"), Text("a new account has", "dim"))
    for quota in needed:
        above = quota.needed > quota.default
        note = f"  {quota.note}" if quota.note else ""
        table.add_row(
            Text(f"  {quota.name} ({quota.code})"),
            Text(f"{quota.needed:,}", "bold red" if above else "green"),
            Text.assemble(f"{quota.default:,}", (note, "dim")),
        )
    return table


def _field(item: Any) -> str:
    """A value, short: small maps whole, large ones as their size and keys (`--json` has them whole)."""
    if isinstance(item, str):
        return item
    text = json.dumps(item, ensure_ascii=False, default=str)
    if len(text) <= FIELD_WIDTH or not isinstance(item, (dict, list)) or not item:
        return text.replace('"', "") if isinstance(item, (dict, list)) else text
    keys = ", ".join(str(key) for key in item)
    keys = keys if len(keys) <= FIELD_WIDTH else f"{keys[: FIELD_WIDTH - 1]}…"
    return f"{len(item)} ({keys})"


def _empty(item: Any) -> bool:
    return item is None or item == {} or item == []
