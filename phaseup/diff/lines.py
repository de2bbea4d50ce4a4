"""A stack file's change as the lines that go and come, what is secret in it masked before anything is compared."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

from phaseup.diff.report import Line

CONTEXT: Final = 3
"""Lines around each change."""
GAP: Final = "…"
MASK: Final = "[secret]"
UNREADABLE: Final = "the file is no YAML, so its secrets cannot be told from the rest: its lines are not shown"

_MARK: Final = re.compile("\ue000[0-9a-f]{16}\ue001")
"""Beside each mask while lines are compared, so that another secret in the same place is a changed line."""
_ENGINE: Final = frozenset({"encryptionsalt", "encryptedkey", "secure"})
_NAMES: Final = (
    "password|passwd|passphrase|secret|token|credentials?|pagerduty|webhook|(api|access|private|secret)[_-]?key"
)
_TELLING: Final = re.compile(f"(?i)({_NAMES})$")
"""Names whose plain text should not stand in a file, and must not in a comment either."""
_TOLD_IN_PASSING: Final = re.compile(f"""(?i)(?P<name>({_NAMES}|secure|salt)["']?\\s*[:=]\\s*)(?P<value>\\S.*)""")


def config_lines(before: str | None, after: str | None) -> tuple[Line, ...]:
    """The unified diff with secrets as `[secret]`; a side that is not there is None. A file that is no YAML shows
    nothing of itself but that."""
    texts = [masked(each) if each is not None else "" for each in (before, after)]
    if None in texts:
        return (Line(" ", UNREADABLE),)
    old, new = (text.replace("\r\n", "\n").split("\n") if text else [] for text in texts if text is not None)
    return tuple(_lines(_without_end(old), _without_end(new)))


def _without_end(lines: list[str]) -> list[str]:
    return lines[:-1] if lines and not lines[-1] else lines


def _lines(old: list[str], new: list[str]) -> Iterator[Line]:
    hunks = difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_grouped_opcodes(CONTEXT)
    for number, hunk in enumerate(hunks):
        if number:
            yield Line(" ", GAP)
        for tag, a, b, c, d in hunk:
            if tag == "equal":
                yield from (Line(" ", _MARK.sub("", text)) for text in old[a:b])
            else:
                yield from (Line("-", _MARK.sub("", text)) for text in old[a:b])
                yield from (Line("+", _MARK.sub("", text)) for text in new[c:d])


def masked(text: str) -> str | None:
    """The text with every secret's place taken by a mask; None where it is no YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    text = text.replace("\ue000", "").replace("\ue001", "")
    try:
        nodes = list(YAML(pure=True).compose_all(text))
    except (YAMLError, ValueError, RecursionError):
        return None
    spans: dict[tuple[int, int], str] = {}
    for node in nodes:
        _find(node, spans, set())
    for (start, end), value in sorted(spans.items(), reverse=True):
        ending = "\n" if text[start:end].endswith("\n") else ""
        mark = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        text = f"{text[:start]}{MASK}\ue000{mark}\ue001{ending}{text[end:]}"
    return _comments(text)


def _find(node: Any, spans: dict[tuple[int, int], str], seen: set[int]) -> None:
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, MappingNode):
        for key, value in node.value:
            name = str(key.value) if isinstance(key, ScalarNode) else ""
            if name in _ENGINE or _TELLING.search(name):
                _mask_all(value, spans, set())
            else:
                _find(value, spans, seen)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            _find(item, spans, seen)


def _mask_all(node: Any, spans: dict[tuple[int, int], str], seen: set[int]) -> None:
    """Every scalar beneath a key that is secret; what a mapping calls its values may be read."""
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        if node.end_mark.index > node.start_mark.index:
            spans[node.start_mark.index, node.end_mark.index] = node.value
    elif isinstance(node, MappingNode):
        for _, value in node.value:
            _mask_all(value, spans, seen)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            _mask_all(item, spans, seen)


def _comments(text: str) -> str:
    """A comment may hold what was a value once: `# cloudflare:apiToken: …`."""

    def of_line(line: str) -> str:
        before, sign, comment = line.partition("#")
        if MASK in comment or not sign:
            return line
        return f"{before}#{_TOLD_IN_PASSING.sub(_masked_value, comment)}"

    return "\n".join(of_line(line) for line in text.split("\n"))


def _masked_value(found: re.Match[str]) -> str:
    return f"{found['name']}{MASK}"
