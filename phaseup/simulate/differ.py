"""New inputs against state, property by property, with the facts that say which differences count and what they do.

As bridged providers do it: what the program states is compared with what the state holds; where the program is silent,
a computed property keeps the state's value, one with a default falls back to it, and any other is removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from phaseup.facts.conditions import Change as Changed
from phaseup.facts.conditions import effect_of
from phaseup.facts.equivalence import equivalent
from phaseup.facts.types import NO_DEFAULT, SAME, Fact, TypeFacts
from phaseup.graph.values import ASSET_SIGNATURE, SIGNATURE, UNKNOWN, Value, unwrap
from phaseup.simulate.provider import DiffKind, PropertyDiff

_STRENGTH: Final[dict[str, int]] = {
    "ignored": 0,
    "update": 1,
    "deferred": 2,
    "update_reboot": 3,
    "unknown": 4,
    "refused": 5,
    "replace": 6,
}
NO_FACT: Final = "no fact"
_ABSENT: Final = object()


@dataclass(slots=True)
class _Run:
    facts: TypeFacts | None
    old_inputs: Mapping[str, Value]
    old_outputs: Mapping[str, Value]
    news: Mapping[str, Value]
    from_state: bool


def differences(
    facts: TypeFacts | None,
    old_inputs: Mapping[str, Value],
    old_outputs: Mapping[str, Value],
    news: Mapping[str, Value],
    *,
    from_state: bool = True,
    settable: frozenset[str] = frozenset(),
) -> list[PropertyDiff]:
    """Every property whose change the provider would show. `settable` are the type's inputs: drift in one of them that
    has a fact counts even where the program never stated it."""
    old_inputs = unwrap(dict(old_inputs))
    old_outputs = unwrap(dict(old_outputs))
    news = unwrap(dict(news))
    run = _Run(facts, old_inputs, old_outputs, news, from_state)
    names = dict.fromkeys(key for key in (*news, *old_inputs) if not key.startswith("__"))
    if facts is not None and from_state:
        names.update(dict.fromkeys(path for path, _ in facts.defaults() if path in settable or not settable))
    found: list[PropertyDiff] = []
    for name in names:
        found.extend(_property(run, name))
    return found


def strongest(effects: Iterator[str] | list[str]) -> str:
    """The effect that decides where several meet: replace above refused above unknown above reboot above update."""
    return max(effects, key=lambda effect: _STRENGTH.get(effect, 4), default="update")


def _property(run: _Run, name: str) -> Iterator[PropertyDiff]:
    fact = run.facts.property(name) if run.facts is not None else None
    stated = name in run.old_inputs
    given = run.old_inputs.get(name, _ABSENT)
    old = run.old_outputs.get(name, given) if run.from_state else given
    yield from _compare(run, name, fact, old, run.news.get(name, _ABSENT), stated, given)


def _compare(
    run: _Run, path: str, fact: Fact | None, old: Value, new: Value, stated: bool, old_input: Value
) -> Iterator[PropertyDiff]:
    if fact is not None and fact.birth and old is not _ABSENT and run.old_outputs:
        return
    if _empty(new):
        if fact is not None and fact.computed:
            return
        if fact is not None and fact.default is not NO_DEFAULT:
            new = fact.default
        elif not stated or _empty(old):
            return
    if _same(old, new, fact):
        return
    if new is UNKNOWN or _empty(old) or _empty(new):
        yield from _changed(run, path, fact, old, new)
    elif isinstance(old, dict) and isinstance(new, dict) and SIGNATURE not in new and not (fact and fact.suppress):
        yield from _objects(run, path, old, new, old_input)
    elif isinstance(old, list) and isinstance(new, list) and not (fact and fact.suppress):
        yield from _lists(run, path, fact, old, new, old_input)
    else:
        yield from _changed(run, path, fact, old, new)


def _objects(run: _Run, path: str, old: dict, new: dict, old_input: Value) -> Iterator[PropertyDiff]:
    stated = old_input if isinstance(old_input, dict) else {}
    for key in dict.fromkeys([*new, *old]):
        if key.startswith("__"):
            continue
        inner = f'{path}["{key}"]' if "." in key or "[" in key else f"{path}.{key}"
        fact = run.facts.property(inner) if run.facts is not None else None
        yield from _compare(
            run, inner, fact, old.get(key, _ABSENT), new.get(key, _ABSENT), key in stated, stated.get(key, _ABSENT)
        )


def _lists(run: _Run, path: str, fact: Fact | None, old: list, new: list, old_input: Value) -> Iterator[PropertyDiff]:
    inputs = old_input if isinstance(old_input, list) else []
    if fact is not None and fact.set:
        yield from _sets(run, path, old, new, inputs)
        return
    for index in range(max(len(old), len(new))):
        inner = f"{path}[{index}]"
        yield from _compare(
            run,
            inner,
            run.facts.property(inner) if run.facts is not None else None,
            old[index] if index < len(old) else _ABSENT,
            new[index] if index < len(new) else _ABSENT,
            True,
            inputs[index] if index < len(inputs) else _ABSENT,
        )


def _sets(run: _Run, path: str, old: list, new: list, inputs: list) -> Iterator[PropertyDiff]:
    """Elements are paired where they are equal, then what is left of both sides; the rest is added or removed."""
    fact = run.facts.property(f"{path}[0]") if run.facts is not None else None
    left = list(range(len(old)))
    added: list[int] = []
    for index, wanted in enumerate(new):
        match = next((other for other in left if _alike(run, f"{path}[{index}]", old[other], wanted, inputs)), None)
        if match is None:
            added.append(index)
        else:
            left.remove(match)
    for index in added:
        if not left:
            yield from _changed(run, f"{path}[{index}]", fact, _ABSENT, new[index])
            continue
        gone = index if index in left else left[0]
        left.remove(gone)
        given = next((entry for entry in inputs if _within(entry, old[gone])), _ABSENT)
        yield from _compare(run, f"{path}[{index}]", fact, old[gone], new[index], True, given)
    free = max(len(new), len(old))
    for index in left:
        place = index
        if index in added:
            place, free = free, free + 1
        yield from _changed(run, f"{path}[{place}]", fact, old[index], _ABSENT)


def _alike(run: _Run, path: str, old: Value, new: Value, inputs: list) -> bool:
    fact = run.facts.property(path) if run.facts is not None else None
    if _same(old, new, fact):
        return True
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return False
    given = next((entry for entry in inputs if _within(entry, old)), old)
    return not any(True for _ in _objects(run, path, old, new, given))


def _within(part: Value, whole: Value) -> bool:
    if not isinstance(part, dict) or not isinstance(whole, dict):
        return False
    return all(whole.get(key) == value for key, value in part.items())


def _changed(run: _Run, path: str, fact: Fact | None, old: Value, new: Value) -> Iterator[PropertyDiff]:
    old, new = (None if old is _ABSENT else old), (None if new is _ABSENT else new)
    decided = fact
    effect = _effect(run, path, fact, old, new)
    if effect == SAME:
        return
    if fact is None or effect != "replace":
        for inner, inner_fact, inner_old, inner_new in _below(run, path, old, new):
            inner_effect = _effect(run, inner, inner_fact, inner_old, inner_new)
            first = decided is None and inner_fact is not None
            if inner_effect == SAME:
                continue
            if first or _STRENGTH[inner_effect] > _STRENGTH[effect]:
                decided, effect = inner_fact, inner_effect
    yield PropertyDiff(
        path=path,
        kind=_kind(old, new, effect == "replace"),
        effect=effect,  # ty: ignore[invalid-argument-type]
        source=decided.citation if decided is not None else NO_FACT,
    )


def _below(run: _Run, path: str, old: Value, new: Value) -> Iterator[tuple[str, Fact | None, Value, Value]]:
    """The leaves of a block that comes or goes: each brings its own fact."""
    if run.facts is None:
        return
    for side, value in (("old", old), ("new", new)):
        for inner, leaf in _leaves(value, path):
            if inner != path and not _empty(leaf):
                fact = run.facts.property(inner)
                yield inner, fact, leaf if side == "old" else None, leaf if side == "new" else None


def _leaves(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    if isinstance(value, dict) and value and SIGNATURE not in value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def _effect(run: _Run, path: str, fact: Fact | None, old: Value, new: Value) -> str:
    if fact is None:
        return "unknown"
    if fact.effect != "conditional":
        return fact.effect
    changed = Changed(path, old, new, run.old_inputs, run.old_outputs, run.news)
    return effect_of(fact, changed)


def _kind(old: Value, new: Value, replaces: bool) -> DiffKind:
    if _empty(old) or old == "":
        return "add-replace" if replaces else "add"
    if _empty(new) or new == "":
        return "delete-replace" if replaces else "delete"
    return "update-replace" if replaces else "update"


def _same(old: Value, new: Value, fact: Fact | None) -> bool:
    if new is UNKNOWN or old is UNKNOWN:
        return False
    if _plain_equal(old, new):
        return True
    if (_empty(old) and _zero(new)) or (_empty(new) and _zero(old)):
        return True
    if fact is None:
        return False
    if fact.suppress and old is not _ABSENT and new is not _ABSENT and equivalent(fact.suppress, old, new):
        return True
    if fact.set and isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return _sorted(old) == _sorted(new)
    return False


def _plain_equal(old: Value, new: Value) -> bool:
    """Equality as a state file knows it: 8080 and "8080", true and "true" are one; assets are equal by hash or text."""
    if isinstance(old, dict) and isinstance(new, dict):
        if new.get(SIGNATURE) == ASSET_SIGNATURE and "hash" in old and "hash" in new:
            return old["hash"] == new["hash"]
        return old.keys() == new.keys() and all(_plain_equal(old[key], new[key]) for key in new)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_plain_equal, old, new))
    if isinstance(old, bool) is not isinstance(new, bool):
        return isinstance(old, str | bool) and isinstance(new, str | bool) and _text(old) == _text(new)
    if isinstance(old, str) is not isinstance(new, str):
        scalars = isinstance(old, str | int | float) and isinstance(new, str | int | float)
        return scalars and _text(old) == _text(new)
    return bool(old == new)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sorted(values: list) -> list[str]:
    return sorted(repr(value) for value in values)


def _empty(value: Value) -> bool:
    return value is _ABSENT or value is None


def _zero(value: Value) -> bool:
    """Values that a Terraform SDK v2 state does not tell from an absent one."""
    return value is _ABSENT or value is None or value is False or value in ("", 0) or value == [] or value == {}


_SEGMENT: Final = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.\[\]]+)')


def segments(path: str) -> tuple[str, ...]:
    """The parts of a property path: `a.b[0]["c.d"]` is a, b, 0, c.d."""
    return tuple(quoted or index or name for quoted, index, name in _SEGMENT.findall(path))


def ignored(path: str, ignore_changes: tuple[str, ...]) -> bool:
    """Whether `ignore_changes` covers a path, itself or by a parent; `*` stands for any part."""
    if not ignore_changes:
        return False
    parts = segments(path)
    for pattern in ignore_changes:
        wanted = segments(pattern)
        if len(wanted) <= len(parts) and all(one in ("*", other) for one, other in zip(wanted, parts, strict=False)):
            return True
    return False
