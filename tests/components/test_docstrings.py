"""Fields' texts: read when asked for, in schemas too, and as pydantic itself would read them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from components.docstrings import Documented, described
from stacks.models.kinds import INSTALLED


class Inner(Documented):
    """A part."""

    size: int = 1
    """How large.

    More of it.
    """


class Outer(Documented):
    given: str = Field(default="", description="said here")
    """not here"""
    plain: int = 0
    inner: Inner = Inner()
    """What is in it."""
    named: int = Field(default=0, alias="other")
    """By another name."""
    last: int = 0

    def method(self) -> str:
        """Not a field's text."""
        return ""


class Heir(Outer):
    inner: Inner = Inner(size=2)
    last: int = 1
    """Now it has one."""


def texts(model):
    return {name: field.description for name, field in described(model).model_fields.items()}


def test_texts_are_those_under_the_fields():
    assert texts(Outer) == {
        "given": "said here",
        "plain": None,
        "inner": "What is in it.",
        "named": "By another name.",
        "last": None,
    }
    assert texts(Inner) == {"size": "How large.\n\nMore of it."}


def test_a_subclass_has_what_it_does_not_declare_anew():
    found = texts(Heir)
    assert found["named"] == "By another name."
    assert found["inner"] is None
    assert found["last"] == "Now it has one."


def test_a_schema_describes_fields_nested_and_aliased():
    schema = Outer.model_json_schema()
    told = {name: entry.get("description") for name, entry in schema["properties"].items()}
    assert told == {
        "given": "said here",
        "plain": None,
        "inner": "What is in it.",
        "other": "By another name.",
        "last": None,
    }
    assert schema["$defs"]["Inner"]["properties"]["size"]["description"] == "How large.\n\nMore of it."
    assert schema["$defs"]["Inner"]["description"] == "A part."


def test_a_model_without_source_has_no_texts():
    made = type("Made", (Documented,), {"__annotations__": {"size": int}, "size": 1, "__module__": __name__})
    assert texts(made) == {"size": None}


def test_every_kind_reads_as_pydantic_would():
    """Every spec and what is in it: the same texts as those of `use_attribute_docstrings`."""
    from pydantic._internal._docs_extraction import extract_docstrings_from_cls

    def own(model: type[BaseModel]) -> dict[str, str]:
        return extract_docstrings_from_cls(model, use_inspect=True)

    seen = 0
    for kind in INSTALLED.names:
        spec = INSTALLED.spec(kind)
        for name, text in own(spec).items():
            if name in spec.model_fields:
                assert texts(spec)[name] == text, (kind, name)
                seen += 1
    assert seen > 50


def test_no_model_pays_for_its_texts_at_import():
    assert not any(
        ConfigDict(**INSTALLED.spec(kind).model_config).get("use_attribute_docstrings") for kind in INSTALLED.names
    )
