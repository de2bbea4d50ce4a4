"""Templates, and what Markdown needs said carefully: cells of tables, code, values as YAML on one line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import jinja2
import yaml

from phaseup.render.text import plain

ABSENT: Final = "–"
"""In a table: not there."""


def render(template: str, **values: Any) -> str:
    """One page. Three blank lines in a row, which loops leave behind, are one; it ends with one newline."""
    text = _environment().get_template(template).render(**values)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def cell(text: object) -> str:
    """Text in a table: on one line, with nothing that ends the cell or begins markup of its own."""
    line = " ".join(plain(part) for part in str(text).split())
    return line.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def code(text: object) -> str:
    """Text as code, in a table too: the fence is longer than any run of backticks in it."""
    line = " ".join(plain(part) for part in str(text).split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}".replace("|", "\\|") if line else ""


def inline(value: Any) -> str:
    """A value as YAML on one line, as it may stand in a stack file or blueprint."""
    if isinstance(value, dict | list):
        text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6, allow_unicode=True)
        return text.removesuffix("...\n").strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        return value if value and value == value.strip() else repr(value)
    return yaml.safe_dump(value, width=10**6).removesuffix("...\n").strip()


def names(items: Iterable[object]) -> str:
    """Names as code, by comma."""
    return ", ".join(code(item) for item in items)


def anchor(heading: str) -> str:
    """What a heading is linked by: GitHub's rule, lower case, punctuation gone, a hyphen for each space."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("phaseup.docs"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters |= {"cell": cell, "code": code, "inline": inline, "names": names, "anchor": anchor}
    return environment
