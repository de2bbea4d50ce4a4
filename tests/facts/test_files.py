"""Every facts file: of the right form, cited, without contradictions, and about properties that the SDK has."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from phaseup.facts import FactsError, facts_for
from phaseup.facts.conditions import CONDITIONS
from phaseup.facts.equivalence import EQUIVALENCES
from phaseup.facts.types import CHANGES, NO_DEFAULT, SAME, TypeFacts, every_type, facts_file, load
from phaseup.simulate.schema import args_class, resource_class, schema_for, wire_properties

ALL = list(every_type())
_REFERENCE = re.compile(r"ForwardRef\('([\w.]*Args)'\)|\b_inputs\.(\w+Args)\b")


def nested_classes(annotation: object, module: object) -> list[type]:
    """The SDK's argument classes that an annotation names."""
    found = []
    for match in re.finditer(r"([\w]+Args)\b", str(annotation)):
        cls = vars(module).get(match.group(1))
        if isinstance(cls, type):
            found.append(cls)
    return found


def exists(facts: TypeFacts, path: str) -> bool:
    classes = [args_class(resource_class(facts.type))]
    for part in path.replace("[*]", "").split("."):
        following: list[type] = []
        found = False
        for cls in classes:
            module = sys.modules[cls.__module__]
            for _, wire, annotation in wire_properties(cls):
                if wire == part:
                    found = True
                    following.extend(nested_classes(annotation, module))
        if not found:
            return False
        classes = following
    return True


@pytest.mark.parametrize("facts", ALL, ids=lambda facts: facts.type)
def test_every_path_is_one_of_the_sdk_s(facts: TypeFacts) -> None:
    if schema_for(facts.type) is None:
        pytest.fail(f"the SDK has no {facts.type}")
    assert [path for path in facts.properties if not exists(facts, path)] == []


@pytest.mark.parametrize("facts", ALL, ids=lambda facts: facts.type)
def test_every_input_has_an_entry(facts: TypeFacts) -> None:
    schema = schema_for(facts.type)
    assert schema is not None
    assert sorted(schema.inputs - facts.properties.keys()) == []


@pytest.mark.parametrize("facts", ALL, ids=lambda facts: facts.type)
def test_every_effect_is_cited_and_named_rules_exist(facts: TypeFacts) -> None:
    for path, fact in facts.properties.items():
        assert fact.source, path
        assert fact.version, path
        assert re.match(r"^20\d\d(-\d\d){0,2}$", fact.date), (path, fact.date)
        assert fact.effect in CHANGES
        assert {case.name for case in fact.when} <= CONDITIONS.keys()
        assert {case.effect for case in fact.when} <= {*CHANGES, SAME}
        assert bool(fact.when) == (fact.effect == "conditional"), path
        assert fact.suppress == "" or fact.suppress in EQUIVALENCES
        assert not (fact.set and isinstance(fact.default, dict)), path


@pytest.mark.parametrize("facts", ALL, ids=lambda facts: facts.type)
def test_a_recomputed_output_is_one_of_the_type_s(facts: TypeFacts) -> None:
    schema = schema_for(facts.type)
    assert schema is not None
    for output, causes in facts.recomputes.items():
        assert output in schema.outputs
        for cause in causes:
            named = cause.removeprefix("* but ").removeprefix("* while ").split(", ")
            assert cause == "*" or set(named) <= schema.inputs, cause


def test_file_names_say_the_type() -> None:
    for facts in ALL:
        file = facts_file(facts.type)
        assert file is not None
        assert file.is_file(), facts.type
        assert facts_for(facts.type) == facts
    assert len({facts.type for facts in ALL}) == len(ALL)


def test_conditions_and_equivalences_are_all_used() -> None:
    every = [fact for facts in ALL for fact in facts.properties.values()]
    assert {case.name for fact in every for case in fact.when} == CONDITIONS.keys()
    assert {fact.suppress for fact in every} - {""} == EQUIVALENCES.keys()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("replace: [a]\nupdate: [a]", "a: both update and replace"),
        ("update: [a]\nwhen: {a: [{downgrade: replace}]}", "a: both update and conditional"),
        ("update: [a]\ndefault: {b: 1}", "default: b has no effect"),
        ("update: [a]\nset: [b]", "set: b has no effect"),
        ("update: [a]\nsecond_opinion: {b: x}", "second_opinion: b has no effect"),
        ("update: [a]\nof: [{source: s, version: v, date: d, paths: [b]}]", "of: b has no effect"),
        ("when: {a: [{downgrade: explode}]}", "explode is no effect"),
        ("when: {a: [{downgrade: conditional}]}", "conditional is no effect"),
        ("conditional: [a]", "a: conditional without cases"),
        ("updates: [a]", "updates: not a key of a facts file"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, body: str, said: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(f"type: a:b:C\nsource: s\nversion: v1\ndate: '2026-01'\n{body}\n", encoding="utf-8")
    with pytest.raises(FactsError, match=re.escape(said)):
        load(file)


def test_a_list_is_no_facts_file(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("- a\n", encoding="utf-8")
    with pytest.raises(FactsError, match="a mapping is expected"):
        load(file)


def test_defaults_are_of_the_kind_that_the_sdk_declares() -> None:
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "list": list}
    for facts in ALL:
        schema = schema_for(facts.type)
        assert schema is not None
        for path, default in facts.defaults():
            assert default is not NO_DEFAULT
            shape = schema.outputs.get(path)
            expected = kinds.get(shape.kind) if shape is not None else None
            if expected is None:
                continue
            assert isinstance(default, expected), (facts.type, path, default)
            assert isinstance(default, bool) == (expected is bool), (facts.type, path, default)
