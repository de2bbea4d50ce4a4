"""Anybody's text as GitHub's and GitLab's Markdown: it can say what it likes, and do nothing.

Escapes are of no use against mentions (`@all`), references (`#1`, `!1`, a commit) and bare links: both sites look for
them in what Markdown has become. Code is what they leave alone, so every word that is not plainly harmless becomes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from phaseup.render.text import plain, value

CODE_WIDTH: Final = 160
"""Longest name or value, in characters."""
TEXT_WIDTH: Final = 480
"""Longest sentence from elsewhere, in characters."""
LINE_WIDTH: Final = 200
"""Longest line in a fence, in characters."""
NAMES: Final = 12
"""Of more names in a row, the others are counted."""

# Letters, digits and what neither Markdown nor a site gives a meaning to in mid-line. `%` may only end a number: GitLab
# takes `%1` for a milestone.
_HARMLESS: Final = re.compile(r"""(?:[^\W_]|[-.,;:'"()/+=?…–—→×·−])*+(?:%[.,;:)]*)?""")
# A link or a site's reference, though every character of it is harmless: also what may be the start of a commit's hash.
_LINKED: Final = re.compile(r"://|www\.|gh-\d|[0-9a-f]{7}", re.IGNORECASE)
_LIST_MARK: Final = re.compile(r"[-+=]+|\d+[.)]")
_OPENING: Final = "(\"'"
_CLOSING: Final = ")\"',.;:?…"
_LINK: Final = re.compile(r"https://[A-Za-z0-9][\w.~:/?#@!$&'()*+,;=%-]*", re.ASCII)


def code(text: object, *, table: bool = False, width: int = CODE_WIDTH) -> str:
    """Text as code on one line, between more backticks than it has in a row. In a table a `|` needs a backslash even
    there, and outside of one it must have none."""
    line = _one_line(str(text), width)
    if not line:
        return "–"
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line.replace('|', chr(92) + '|') if table else line}{pad}{ticks}"


def prose(text: object, *, table: bool = False, width: int = TEXT_WIDTH) -> str:
    """A sentence on one line: words that might do something are code, the others stay as they are. It may stand in
    mid-line, in a cell and after the mark of a list, and not at a line's start, where GitLab obeys `/close`."""
    parts = _one_line(str(text), width).split()
    return " ".join(_word(part, table=table, first=not number) for number, part in enumerate(parts))


def shown(item: Any, *, table: bool = False) -> str:
    """A property's value."""
    return code(value(item), table=table)


def names(items: Sequence[object], *, width: int = CODE_WIDTH) -> str:
    """Names by comma, outside of tables; of very many, how many more there are."""
    told = ", ".join(code(item, width=width) for item in items[:NAMES])
    return told + (f" and {len(items) - NAMES:,} more" if len(items) > NAMES else "")


def fenced(lines: Iterable[str], language: str) -> tuple[str, list[str], str]:
    """What opens a fence, its lines, and what closes it: longer than any run of backticks in them."""
    rows = [_clipped(plain(line), LINE_WIDTH) + "\n" for line in lines]
    longest = max((len(run) for row in rows for run in re.findall("`+", row)), default=0)
    fence = "`" * max(3, 1 + longest)
    return f"{fence}{language}\n", rows, f"{fence}\n"


def place(where: str) -> str:
    """Where something is: a link if it is an address that may be one, else code."""
    return f"<{where}>" if len(where) <= 400 and _LINK.fullmatch(where) else code(where)


def _word(word: str, *, table: bool, first: bool) -> str:
    if not _HARMLESS.fullmatch(word) or _LINKED.search(word) or (first and _LIST_MARK.fullmatch(word)):
        body = word.lstrip(_OPENING)
        core = body.rstrip(_CLOSING)
        if not core:
            return code(word, table=table, width=len(word))
        before, after = word[: len(word) - len(body)], body[len(core) :]
        return f"{before}{code(core, table=table, width=len(core))}{after}"
    return word


def _one_line(text: str, width: int) -> str:
    """White space is one space each, what cannot be seen is spelt out."""
    # Text may be pages long: of more than this, nothing would be shown.
    return _clipped(" ".join(plain(part) for part in text[: 8 * width].split()), width)


def _clipped(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
