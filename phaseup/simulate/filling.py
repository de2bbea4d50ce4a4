"""What a provider fills in beside what is stated: defaults, computed outputs, what a preview does not know."""

from __future__ import annotations

from collections.abc import Mapping

from phaseup.facts.types import NO_DEFAULT, TypeFacts
from phaseup.graph.values import SIGNATURE, UNKNOWN, Value, unwrap
from phaseup.simulate.autoname import DEFAULTS
from phaseup.simulate.schema import Schema


def given(news: Mapping[str, Value]) -> dict[str, Value]:
    """What is said: without nulls and the bridge's own keys."""
    return {key: value for key, value in news.items() if value is not None and not key.startswith("__")}


def fill_inputs(inputs: dict[str, Value], olds: Mapping[str, Value], facts: TypeFacts | None) -> list[str]:
    """Fill in what the program leaves out; a default that the old inputs carry stays as it is."""
    if facts is None:
        return []
    before = olds.get(DEFAULTS) or ()
    filled = []
    for name, value in facts.defaults():
        if inputs.get(name) is None and not facts.properties[name].computed:
            inputs[name] = olds[name] if name in before and name in olds else value
            filled.append(name)
    return filled


def fill_defaults(outputs: dict[str, Value], facts: TypeFacts | None) -> None:
    """The facts' defaults where an output has no value yet."""
    if facts is not None:
        for name, value in facts.defaults():
            if outputs.get(name) is None:
                outputs[name] = value


def fills(schema: Schema, facts: TypeFacts | None, name: str, optional: bool) -> bool:
    """Whether the provider fills in an output that the program does not state."""
    if name not in schema.inputs:
        return True
    fact = facts.property(name) if facts is not None else None
    if fact is not None:
        return fact.computed and fact.default is NO_DEFAULT
    return not optional


def pending(schema: Schema | None, facts: TypeFacts | None, outputs: Mapping[str, Value]) -> dict[str, Value]:
    """What a preview does not know: everything the provider fills in."""
    if schema is None:
        return {}
    return {
        name: UNKNOWN
        for name, shape in schema.outputs.items()
        if name not in outputs and fills(schema, facts, name, shape.optional)
    }


def came_about(cause: str, changed: set[str], news: Mapping[str, Value]) -> bool:
    """Whether one cause of a recomputed output has come about: a property, `*`, `* but a, b` or `* while a`."""
    if cause.startswith("* but "):
        return bool(changed.difference(cause.removeprefix("* but ").split(", ")))
    if cause.startswith("* while "):
        return bool(changed) and unwrap(news.get(cause.removeprefix("* while "))) is True
    return bool(changed) if cause == "*" else cause in changed


def counted(name: str, old: Value, fresh: Value) -> Value:
    """A version goes up by one; anything else is made anew."""
    if name.lower().endswith("version"):
        if isinstance(old, int):
            return old + 1
        if isinstance(old, str) and old.isdigit():
            return str(int(old) + 1)
    return fresh


def keeps(facts: TypeFacts | None, name: str) -> bool:
    """Whether an output stays when its input is no longer said: the provider computes it then."""
    fact = facts.property(name) if facts is not None else None
    return fact is not None and fact.computed


def merged(old: Value, old_input: Value, new: Value) -> Value:
    """A stated object keeps what the provider had filled in beside it."""
    if isinstance(old, dict) and isinstance(new, dict) and SIGNATURE not in new:
        before = old_input if isinstance(old_input, dict) else {}
        kept = {key: value for key, value in old.items() if key not in before}
        return {**kept, **{key: merged(old.get(key), before.get(key), value) for key, value in new.items()}}
    return new


def beside(computed: Mapping[str, Value], stated: Mapping[str, Value]) -> dict[str, Value]:
    """What is stated, and in its objects what the provider fills in beside it."""
    outputs = {**computed, **stated}
    for name, value in computed.items():
        own = stated.get(name)
        if isinstance(value, dict) and isinstance(own, dict) and SIGNATURE not in own:
            outputs[name] = {**value, **own}
    return outputs


def forces(facts: TypeFacts, name: str) -> bool:
    """Whether a property can force a replacement, as far as the facts know."""
    fact = facts.property(name)
    if fact is None:
        return True
    return any(effect in ("replace", "unknown") for effect in (fact.effect, *fact.case_effects))


def settable(stated: Mapping[str, Value]) -> dict[str, Value]:
    """What is read as inputs: all that is stated, nothing of it a default."""
    return {**stated, DEFAULTS: []}


def top(path: str) -> str:
    """The first name of a path: `a` of `a.b[0]`."""
    for index, character in enumerate(path):
        if character in ".[":
            return path[:index]
    return path
