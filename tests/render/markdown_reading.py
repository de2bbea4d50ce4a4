"""Reads Markdown as GitHub does: the tree, and whatever a site would still make a link of in its text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

OWN_TAGS = frozenset({"<br>", "<sub>", "</sub>"})
OWN_BLOCKS = re.compile(
    r"<!-- phaseup:diff -->\n|</details>\n"
    r"|<details>\n<summary>All other changes: [\d,]+( in [\d,]+ blocks?)?</summary>\n"
)

# What GitHub or GitLab look for in text that is no code: mentions, references, commits, bare links, addresses, maths.
SITES = {
    "mention": re.compile(r"@"),
    "reference": re.compile(r"[#!&~%^$]\w|\bGH-\d", re.IGNORECASE),
    "commit": re.compile(r"[0-9a-f]{7}", re.IGNORECASE),
    "link": re.compile(r"://|www\.", re.IGNORECASE),
    "maths": re.compile(r"\$\$|\$`|\\[(\[]"),
    "markup": re.compile(r"[<>\[\]|\\`*_{}]"),
}


def tokens(markdown: str) -> list[Token]:
    return PARSER.parse(markdown)


def leaves(markdown: str) -> Iterator[Token]:
    """Every inline token, those in images too."""
    for token in tokens(markdown):
        yield from token.children or ()


def shape(markdown: str) -> list[str]:
    """The tree without any text of it."""
    found: list[str] = []
    for token in tokens(markdown):
        found.append(f"{token.type} {token.tag} {token.info} {'' if token.type != 'html_block' else token.content}")
        for child in token.children or ():
            if child.type not in ("text", "code_inline"):
                found.append(f"  {child.type} {child.content}")
    return found


def injections(markdown: str) -> list[str]:
    """Whatever is in it that the template has not: links, images, tags, and what a site would turn into links."""
    found = []
    for token in tokens(markdown):
        if token.type == "html_block" and not OWN_BLOCKS.fullmatch(token.content):
            found.append(f"block {token.content}")
        if token.type == "fence" and unseen(token.content.replace("\n", "")):
            found.append(f"unseen character in fence {token.content!r}")
        for child in token.children or ():
            if child.type in ("link_open", "image", "s_open", "em_open"):
                found.append(f"{child.type} {child.attrs}")
            if child.type == "html_inline" and child.content not in OWN_TAGS:
                found.append(f"tag {child.content}")
            if child.type == "text":
                told = re.sub(r"\$[\d,]+\.\d\d", "", child.content)
                found += [f"{what} in {told!r}" for what, sign in SITES.items() if sign.search(told)]
                found += [f"unseen character in {told!r}"] if unseen(told) else []
            if child.type == "code_inline" and unseen(child.content):
                found.append(f"unseen character in code {child.content!r}")
    return found


def unseen(text: str) -> bool:
    """Whether there are control or format characters in it, e.g. those that turn the direction of writing."""
    return any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text)


def tables(markdown: str) -> list[list[list[str]]]:
    """Every table as rows of cells, the header first; cells as source."""
    found: list[list[list[str]]] = []
    for token in tokens(markdown):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level and _in_table(token):
            found[-1][-1].append(token.content)
    return found


def _in_table(token: Token) -> bool:
    # Cells are three or four deep (table, head or body, row, cell); nothing else of the document is.
    return token.level >= 4


def fences(markdown: str) -> list[tuple[str, str]]:
    """Language and content of every fence."""
    return [(token.info, token.content) for token in tokens(markdown) if token.type == "fence"]
