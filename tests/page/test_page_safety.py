"""The files stand alone and nothing that a program is called can become markup, script or a request."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from page_kit import HOSTILE, Parsed, branch, small_climb

from phaseup.page import climb_page, diff_page
from phaseup.page.document import embedded, usd

PAGES = {
    "climb": lambda name: climb_page(small_climb(name)),
    "diff": lambda name: diff_page(branch(name)),
}
LOADS = ("src", "srcset", "data", "action", "formaction", "poster", "background", "ping", "manifest", "xlink:href")


@pytest.fixture(params=["db-instance", HOSTILE], ids=["plain", "hostile"])
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=list(PAGES))
def html(request: pytest.FixtureRequest, name: str) -> str:
    return PAGES[request.param](name)


def test_it_parses(html: str) -> None:
    page = Parsed(html)
    assert page.wrong == []
    assert page.open_ == []
    assert page.comments == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_nothing_outside_is_named(html: str) -> None:
    page = Parsed(html)
    for tag, attributes in page.elements:
        assert tag not in {"link", "base", "iframe", "object", "embed", "img", "form" if "action" in attributes else ""}
        assert not set(attributes) & set(LOADS), (tag, attributes)
        assert attributes.get("href", "#").startswith("#")
        assert not [key for key in attributes if key.startswith("on") or key == "style"]
    style = next(text for tag, text in page.texts if tag == "style")
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_lets_only_its_own_script_and_style_run(html: str) -> None:
    page = Parsed(html)
    policy = next(a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv"))
    script = [text for tag, text in page.texts if tag == "script"][1]
    style = next(text for tag, text in page.texts if tag == "style")
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_hostile_names_leave_the_elements_what_they_are() -> None:
    for make in PAGES.values():
        plain, hostile = Parsed(make("db-instance")), Parsed(make(HOSTILE))
        assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
        assert [sorted(a) for _, a in hostile.elements] == [sorted(a) for _, a in plain.elements]
        assert re.search(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202e\ud800]", make(HOSTILE)) is None
        make(HOSTILE).encode("utf-8")


def test_hostile_names_are_told_as_they_are() -> None:
    told = (
        HOSTILE.replace("\u2028", " ")
        .replace("\x1b", "\\x1b")
        .replace("\u202e", "\\u202e")
        .replace("\ud800", "\\ud800")
    )
    assert told in Parsed(climb_page(small_climb(HOSTILE))).data()["strings"]
    assert told in Parsed(diff_page(branch(HOSTILE))).data()["strings"]


@pytest.mark.parametrize("text", ["</script>", "<!--<script>", "]]>", "\u2028\u2029", "&lt;", "\ud800"])
def test_embedded_data_is_inert_and_whole(text: str) -> None:
    import json

    made = embedded({"x": [text]})
    assert json.loads(made) == {"x": [text]}
    assert made.isascii()
    assert not set(made) & set("<>&")


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, "not known"), (0.0, "$0"), (0.4, "$0.40"), (9.99, "$9.99"), (1234.6, "$1,235"), (-3.5, "−$3.50")],
)
def test_dollars(amount: float | None, text: str) -> None:
    assert usd(amount) == text


def test_the_same_bytes_for_the_same_climb() -> None:
    assert climb_page(small_climb()) == climb_page(small_climb())
    assert diff_page(branch()) == diff_page(branch())
