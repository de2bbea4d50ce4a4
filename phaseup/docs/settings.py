"""`docs/<system>/settings.md`: each block's settings by phase, what differs first, and how each one moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from components.spec import Join
from phaseup.climb.phases import stack_of
from phaseup.docs.fields import about
from phaseup.docs.kinds import JOIN_WORDS
from phaseup.docs.markdown import ABSENT, code, inline, render
from phaseup.render.diagram import sizes
from stacks.models import REMOVE, Block, Blueprint, changed, resolve
from stacks.models.blueprint import RESERVED
from stacks.models.spec_walk import KeyPath, join_at

ALIKE: Final = 3
"""Blocks of one kind whose settings differ in so few places share a section."""
WIDE: Final = 160
"""Characters from which a map has a row for each of its keys."""


@dataclass(frozen=True)
class Row:
    """One setting: its value in each phase that has the block, as Markdown."""

    key: str
    values: tuple[str, ...]
    join: str
    about: str


@dataclass(frozen=True)
class Section:
    """One block, or several that are alike. `phases` are those that have it."""

    names: tuple[str, ...]
    kind: str
    phases: tuple[str, ...]
    differing: tuple[Row, ...]
    constant: tuple[Row, ...]
    apart: tuple[Row, ...]
    """Where blocks that are alike differ: a value for each of `names`, equal in all phases or joined with slashes."""


@dataclass(frozen=True)
class Present:
    """A block in the table of all blocks: its sizes by phase."""

    name: str
    kind: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Elsewhere:
    """A setting that an environment has otherwise: prod's value by phase, then the environments' own."""

    key: str
    prod: str
    values: tuple[str, ...]


def settings_page(blueprint: Blueprint, environment: str = "prod") -> str:
    """The whole page."""
    config = stack_of(blueprint.system, environment)
    bare = changed(config, {key: REMOVE for key in ("phaseup:overrides", "phaseup:moving", "phaseup:retire")
                            if key in config.values})  # fmt: skip
    by_phase = {phase: resolve(blueprint, phase, bare) for phase in blueprint.names}
    names = list(dict.fromkeys(name for blocks in by_phase.values() for name in blocks))
    others = [name for name in blueprint.environments if name != environment]
    return render(
        "settings.md.j2",
        absent=ABSENT,
        title=blueprint.title or blueprint.system,
        environment=environment,
        phases=blueprint.names,
        blocks=[_present(name, by_phase) for name in names],
        sections=list(_sections(names, by_phase)),
        joins={join.value: JOIN_WORDS[join] for join in Join},
        environments=others,
        elsewhere=list(_elsewhere(blueprint, environment, others, by_phase)),
    )


def leaves(values: Sequence[Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, tuple[Any, ...]]]:
    """(path, value on each side) of every setting. A map is gone into as long as each side has one there; what a side
    has not is `MISSING`."""
    if not all(isinstance(value, Mapping) for value in values):
        yield path, tuple(values)
        return
    keys = list(dict.fromkeys(key for value in values for key in value))
    if not keys:
        yield path, tuple(values)
    for key in keys:
        yield from leaves([value.get(key, MISSING) for value in values], (*path, str(key)))


class _Missing:
    """A setting that a side has not."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


def _present(name: str, by_phase: Mapping[str, Mapping[str, Block]]) -> Present:
    some = next(blocks[name] for blocks in by_phase.values() if name in blocks)
    cells = [
        (", ".join(sizes({"kind": some.kind, **_dump(blocks[name])})[:4]) or "yes") if name in blocks else ABSENT
        for blocks in by_phase.values()
    ]
    return Present(name, some.kind, tuple(cells))


def _sections(names: Sequence[str], by_phase: Mapping[str, Mapping[str, Block]]) -> Iterator[Section]:
    groups: list[list[str]] = []
    for name in names:
        home = next((group for group in groups if _alike(group[0], name, by_phase)), None)
        if home is None:
            groups.append([name])
        else:
            home.append(name)
    for group in groups:
        yield _section(group, by_phase)


def _alike(one: str, other: str, by_phase: Mapping[str, Mapping[str, Block]]) -> bool:
    """Whether two blocks are there in the same phases, of one kind, and differ in few settings."""
    if any((one in blocks) != (other in blocks) for blocks in by_phase.values()):
        return False
    there = [(blocks[one], blocks[other]) for blocks in by_phase.values() if one in blocks]
    if any(a.kind != b.kind or a.takes_over != b.takes_over for a, b in there):
        return False
    differing = {path for a, b in there for path, (x, y) in leaves([_dump(a), _dump(b)]) if x != y}
    return len(differing) <= ALIKE


def _section(group: Sequence[str], by_phase: Mapping[str, Mapping[str, Block]]) -> Section:
    phases = tuple(phase for phase, blocks in by_phase.items() if group[0] in blocks)
    blocks = [by_phase[phase][group[0]] for phase in phases]
    model = type(blocks[0].spec)
    apart = _apart(group, phases, by_phase)
    skip = {row_path for row_path, _ in apart}
    differing: list[Row] = []
    same: dict[str, list[tuple[KeyPath, Any]]] = {}
    for path, values in leaves([_dump(block) for block in blocks]):
        if path in skip:
            continue
        if any(value != values[0] for value in values):
            differing.append(_row(model, path, values))
        else:
            same.setdefault(path[0], []).append((path, values[0]))
    constant = [row for name, found in same.items() if not _unset(found) for row in _constant(model, name, found)]
    return Section(
        tuple(group),
        blocks[0].kind,
        phases,
        tuple(differing),
        tuple(constant),
        tuple(_setting(model, path, cells) for path, cells in apart),
    )


def _apart(
    group: Sequence[str], phases: Sequence[str], by_phase: Mapping[str, Mapping[str, Block]]
) -> list[tuple[KeyPath, list[str]]]:
    """The settings in which blocks that are alike differ, with each block's value."""
    found: dict[KeyPath, list[list[str]]] = {}
    for phase in phases:
        for path, values in leaves([_dump(by_phase[phase][name]) for name in group]):
            if any(value != values[0] for value in values):
                found.setdefault(path, []).append([_shown(value) for value in values])
    return [
        (path, [" / ".join(dict.fromkeys(column)) for column in zip(*rows, strict=True)])
        for path, rows in found.items()
    ]


def _row(model: Any, path: KeyPath, values: Sequence[Any]) -> Row:
    return _setting(model, path, list(map(_shown, values)))


def _setting(model: Any, path: KeyPath, cells: Sequence[str]) -> Row:
    return Row(".".join(path), tuple(cells), join_at(model, path).value, about(model, path))


def _constant(model: Any, name: str, found: Sequence[tuple[KeyPath, Any]]) -> Iterator[Row]:
    """A field that no phase changes, whole: its leaves put together again. What would fill a page has a row a key."""
    tree: Any = {}
    for path, value in found:
        if len(path) == 1:
            tree = value
            break
        here = tree
        for part in path[1:-1]:
            here = here.setdefault(part, {})
        here[path[-1]] = value
    pruned = _pruned(tree)
    if isinstance(pruned, Mapping) and len(inline(pruned)) > WIDE:
        for key, value in pruned.items():
            yield _row(model, (name, str(key)), [value])
    else:
        yield _row(model, (name,), [pruned])


def _pruned(value: Any) -> Any:
    """Without what is not set, which only fills the page."""
    if isinstance(value, Mapping):
        return {key: _pruned(item) for key, item in value.items() if item is not None and item != []}
    return value


def _unset(found: Sequence[tuple[KeyPath, Any]]) -> bool:
    return all(value is None or value in ({}, []) for _, value in found)


def _shown(value: Any) -> str:
    if value is MISSING or value is None:
        return ABSENT
    return code(inline(_pruned(value)))


def _dump(block: Block) -> dict[str, Any]:
    taken = {"takes_over": block.takes_over} if block.takes_over else {}
    return {**taken, **block.spec.model_dump(mode="json")}


def _elsewhere(
    blueprint: Blueprint, environment: str, others: Sequence[str], by_phase: Mapping[str, Mapping[str, Block]]
) -> Iterator[Elsewhere]:
    """Every setting that an environment's part of the blueprint writes."""
    written: dict[KeyPath, dict[str, Any]] = {}
    for name in others:
        for path, (value,) in leaves([blueprint.environments[name]]):
            if len(path) > 1 and path[1] not in RESERVED:
                written.setdefault(path, {})[name] = value
    for path, values in written.items():
        prod = [_at(blocks[path[0]], path[1:]) for blocks in by_phase.values() if path[0] in blocks]
        shown = " → ".join(dict.fromkeys(map(_shown, prod))) or ABSENT
        cells = [_shown(values[name]) if name in values else f"as {environment}" for name in others]
        yield Elsewhere(".".join(path), shown, tuple(cells))


def _at(block: Block, path: KeyPath) -> Any:
    here: Any = block.spec.model_dump(mode="json")
    for part in path:
        here = here.get(part, MISSING) if isinstance(here, Mapping) else MISSING
    return here
