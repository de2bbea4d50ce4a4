"""The file around a page: templates, its data as inert JSON, and a policy by which nothing else runs or loads."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from phaseup.page.strings import line
from phaseup.render.words import OP_LOOKS, OPS, VERDICT_LOOKS

FILES: Final = Path(__file__).parent / "files"
STYLES: Final = ("page.css", "picture.css", "graph.css")


def document(template: str, scripts: Sequence[str], data: Any, **values: Any) -> str:
    """One HTML file, the same bytes for the same arguments."""
    style = _joined(STYLES)
    script = _joined(scripts)
    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            style=Markup(style),
            script=Markup(script),
            data=embedded(data),
            policy=_policy(style, script),
            verdict_signs={verdict: look.sign for verdict, look in VERDICT_LOOKS.items()},
            op_signs={op: OP_LOOKS[op].sign.strip() or "=" for op in OPS},
            ops=OPS,
        )
    )


def embedded(data: Any) -> Markup:
    """JSON that may stand in a script element: ASCII only, and nothing that HTML reads as the end of anything."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def usd(amount: float | None) -> str:
    """Dollars a month, as short as they stay true: `$1,234`, `$0.40`."""
    if amount is None:
        return "not known"
    digits = 2 if abs(amount) < 10 and amount else 0
    return f"{'−' if amount < 0 else ''}${abs(amount):,.{digits}f}"


def delta(amount: float) -> str:
    """A difference with its sign; `±$0` for none."""
    if round(amount, 2) == 0:
        return "±$0"
    return usd(amount) if amount < 0 else f"+{usd(amount)}"


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; script-src 'sha256-{_hash(script)}'; style-src 'sha256-{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _joined(names: Sequence[str]) -> str:
    return "\n" + "\n".join((FILES / name).read_text(encoding="utf-8").strip() for name in names) + "\n"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FILES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # What comes from a program is shown with its control characters spelt out, wherever a template forgets to.
        finalize=lambda value: value if isinstance(value, Markup) or not isinstance(value, str) else line(value),
    )
    environment.filters["usd"] = usd
    environment.filters["delta"] = delta
    return environment
