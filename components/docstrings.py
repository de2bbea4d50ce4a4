"""What a model's fields are for: the texts under them, read when somebody asks.

Pydantic can read them itself (`use_attribute_docstrings`), but does so whenever a class is made: that took half of the
time in which the specs are imported, and only schemas, pages and error messages want the texts.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue

Model = TypeVar("Model", bound=type[BaseModel])


class Documented(BaseModel):
    """A model whose JSON Schema has its fields' texts as descriptions."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, field in described(cls).model_fields.items():
            described_as = properties.get(field.alias or name, properties.get(name))
            if described_as is not None and field.description is not None:
                described_as.setdefault("description", field.description)
        return schema


def described(model: Model) -> Model:
    """The same model, its fields' `description` set from the texts under them; one given to `Field` stays."""
    texts = _texts(model)
    for name, field in model.model_fields.items():
        if field.description is None:
            field.description = texts.get(name)
    return model


@cache
def _texts(model: type[BaseModel]) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base not in (BaseModel, Documented):
            again = inspect.get_annotations(base)
            found = {name: text for name, text in found.items() if name not in again} | _own_texts(base)
    return found


def _own_texts(model: type[BaseModel]) -> dict[str, str]:
    try:
        source = textwrap.dedent(inspect.getsource(model))
        (statement,) = ast.parse(source).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return {}  # made at run time: there is no text
    found: dict[str, str] = {}
    name = ""
    for part in getattr(statement, "body", ()):
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            name = part.target.id
            continue
        text = part.value.value if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) else None
        if name and isinstance(text, str):
            found[name] = inspect.cleandoc(text)
        name = ""
    return found
