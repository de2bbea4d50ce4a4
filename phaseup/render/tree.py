"""A phase in the terminal: its blocks, who fills which role, resources by component, and the quotas it needs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from phaseup.graph.resource import STACK_TYPE, urn_name
from phaseup.render import words
from phaseup.render.cards import sizes
from phaseup.render.text import plain

FIELD_WIDTH: Final = 60
"""Longest map shown whole, in characters."""
NAME_WIDTH: Final = 30
"""Longest name of a block that is never broken, in characters."""
FOLD: Final = 3
"""From how many on, siblings that are alike are one line."""

if TYPE_CHECKING:
    from phaseup.cli.quotas import Quota
    from phaseup.graph.resource import State


def blocks(
    specs: Mapping[str, Mapping[str, Any]], states: Mapping[str, str], counts: Mapping[str, tuple[int, int]]
) -> RenderableType:
    """A row a block: its kind, how large it is, how many resources it has and how many of them hold data. `states` says
    which arrive or leave; `counts` are (resources, those with data) by block."""
    table = Table.grid(padding=(0, 2))
    longest = max(map(len, specs), default=0)
    table.add_column(overflow="fold", min_width=min(2 + longest, NAME_WIDTH))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True, min_width=5)
    table.add_column(justify="right", no_wrap=True, min_width=4)
    head = [Text(word, "dim") for word in ("kind", "size", "count", "data")]
    table.add_row(Text("Blocks", "bold underline"), *head)
    for name, spec in specs.items():
        number, data = counts.get(name, (0, 0))
        size = Text(plain(", ".join(sizes(spec))))
        if states.get(name):
            size = Text.assemble((f"{states[name]}  ", "bold yellow"), size)
        table.add_row(
            Text(f"  {plain(name)}", "bold"),
            Text(plain(str(spec.get("kind", ""))), "cyan"),
            size,
            Text(f"{number:,}" if number else ""),
            Text(f"{data:,}" if data else "", "yellow"),
        )
    return table


def fields(specs: Mapping[str, Mapping[str, Any]], states: Mapping[str, str]) -> RenderableType:
    """Each block with its kind and all its effective fields; `states` says which arrive or leave."""
    lines: list[RenderableType] = [Text("Blocks", "bold underline")]
    for name, spec in specs.items():
        head = Text.assemble((plain(name), "bold"), (f"  {plain(str(spec.get('kind', '')))}", "cyan"))
        if states.get(name):
            head.append(f"  {states[name]}", "bold yellow")
        lines.append(Padding(head, (0, 0, 0, 2)))
        set_ = [f"{key}: {_field(item)}" for key, item in spec.items() if key != "kind" and not _empty(item)]
        if set_:
            lines.append(Padding(Text(plain(" · ".join(set_)), "dim", overflow="fold"), (0, 0, 0, 6)))
    return Group(*lines)


def roles(filled: Mapping[str, str]) -> RenderableType:
    """`db → aurora` for each role that another block than its namesake fills; the namesakes on one line."""
    line = Text("Roles  ", "bold")
    line.append(
        ", ".join(plain(role) if role == block else f"{plain(role)} → {plain(block)}" for role, block in filled.items())
    )
    return line


def resources(states: Iterable[State], stateful: Mapping[str, bool], *, whole: bool = False) -> RenderableType:
    """The tree by component, block by block; data and protection are marked. Unless `whole`, only what holds data or is
    protected has a line of its own: the rest is counted by type, and components that are alike share a branch."""
    from phaseup.plan.steps import is_counted

    children: dict[str, list[State]] = {}
    listed = [state for state in states if not state.delete]
    roots = {state.urn for state in listed if state.type == STACK_TYPE}
    counted = [state for state in listed if is_counted(state.urn)]
    known = {state.urn for state in counted}
    for state in counted:
        children.setdefault(state.parent if state.parent in known else "", []).append(state)
    order = list(dict.fromkeys(urn_name(state.urn) for state in children.get("", ())))
    children.get("", []).sort(key=lambda state: order.index(urn_name(state.urn)))
    tree = Tree(Text(words.amount(len(counted), "resource"), "bold underline"), guide_style="dim")
    _grow(tree, "", _Whole(children, stateful, whole), roots)
    return tree


class _Whole(NamedTuple):
    """What every branch needs to know."""

    children: Mapping[str, list[State]]
    stateful: Mapping[str, bool]
    whole: bool

    def plain(self, state: State) -> bool:
        """Whether it needs no line of its own."""
        return state.custom and not (state.protect or self.stateful.get(state.urn) or self.children.get(state.urn))


def _grow(tree: Tree, parent: str, about: _Whole, seen: set[str]) -> None:
    mine = [state for state in about.children.get(parent, ()) if state.urn not in seen]
    counted: Counter[str] = Counter()
    groups: dict[object, list[State]] = {}
    for state in mine:
        if not about.whole and about.plain(state):
            counted[words.short_type(state.type).rpartition(":")[2]] += 1
        else:
            groups.setdefault(state.urn if about.whole else _likeness(state, about), []).append(state)
    for group in groups.values():
        alike = len(group) >= FOLD
        for state in group[:1] if alike else group:
            label = _folded(group) if alike else _label(state, about.stateful.get(state.urn, False))
            branch = tree.add(label)
            _grow(branch, state.urn, about, seen | {state.urn})
    if counted:
        # No space inside, at which a line could break.
        told = (f"{number:,}×{type_}" if number > 1 else type_ for type_, number in sorted(counted.items()))
        tree.add(Text(plain(", ".join(told)), "cyan", overflow="fold"))


def _likeness(state: State, about: _Whole) -> object:
    """Equal for siblings that may share a branch: nothing in them has a line of its own."""
    below = about.children.get(state.urn, ())
    if state.protect or about.stateful.get(state.urn) or not all(map(about.plain, below)):
        return state.urn
    return state.type, tuple(sorted(child.type for child in below))


def _folded(group: list[State]) -> Text:
    """`8 × phaseup:Service  scraper-dia, …; each`."""
    label = Text(overflow="fold")
    label.append(f"{len(group):,} × ", "bold")
    label.append(plain(words.short_type(group[0].type)), "cyan" if group[0].custom else "bold cyan")
    label.append(f"  {', '.join(plain(urn_name(state.urn)) for state in group)}; each")
    return label


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
