"""The pages in a real browser: Chromium of the machine through Playwright, from files, without a network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_kit import HOSTILE, branch, small_climb

from phaseup.climb.climb import Climb
from phaseup.page import climb_page, diff_page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH (Debian's package is called chromium)"),
    pytest.mark.xdist_group("browser"),
]
WIDTHS = {"desktop": (1300, 900), "phone": (360, 740)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        # Root may not use the sandbox; what is opened here are our own files.
        made = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


Show = Callable[..., Any]


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Show]:
    """Opens HTML as a file; in the end nothing was asked of anybody, and no script failed."""
    seen: list[str] = []
    contexts: list[Any] = []

    def opened(html: str, fragment: str = "", *, size: str = "desktop", **options: Any) -> Any:
        file = tmp_path / f"page-{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")
        width, height = WIDTHS[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: seen.append(request.url) if not request.url.startswith("file:") else None)
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("console", lambda message: seen.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
        page.goto(f"{file.as_uri()}{fragment}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert seen == []


def title(page: Any) -> str:
    return page.inner_text("#step-title")


def names(page: Any) -> list[str]:
    return sorted(
        node.get_attribute("aria-label").partition(",")[0] for node in page.query_selector_all(".node:not([hidden])")
    )


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_walks_along_the_ladder_with_the_keyboard(show: Show) -> None:
    page = show(climb_page(small_climb()))
    assert title(page) == "apply mvp"
    page.focus(".tread[aria-current]")
    page.keyboard.press("ArrowRight")
    assert (title(page), page.evaluate("location.hash")) == ("expand mvp → growth", "#step-2")
    page.keyboard.press("ArrowDown")
    assert (title(page), page.evaluate("location.hash")) == ("abort to mvp", "#step-3")
    page.keyboard.press("ArrowUp")
    assert title(page) == "expand mvp → growth"
    page.keyboard.press("ArrowRight")
    assert title(page) == "contract mvp → growth"
    page.keyboard.press("ArrowRight")
    assert title(page) == "contract mvp → growth"
    page.keyboard.press("Home")
    assert title(page) == "apply mvp"
    page.keyboard.press("End")
    assert title(page) == "contract mvp → growth"
    assert page.evaluate("document.activeElement.dataset.step") == "4"
    page.go_back()
    assert title(page) == "apply mvp"


def test_an_address_leads_to_its_step_and_a_foreign_one_to_the_first(show: Show) -> None:
    html = climb_page(small_climb())
    assert title(show(html, "#step-4")) == "contract mvp → growth"
    assert title(show(html, "#step-99")) == "apply mvp"
    assert title(show(html, "#step-1<img src=x onerror=alert(1)>")) == "apply mvp"


def test_a_click_on_a_tread_shows_its_step(show: Show) -> None:
    page = show(climb_page(small_climb()))
    page.click('.tread[data-step="4"]')
    body = page.inner_text("#step-body")
    for part in (
        "gone",
        "1 update, 2 delete, 3 same",
        "$901 → $700 a month (−$201)",
        "delete db-instance: db-instance",
        "net: db-instance",
    ):
        assert part in body, part
    assert "data-encrypted" in body
    assert page.inner_text("#step-verdict").split() == ["✗", "blocked"]
    assert page.get_attribute('.tread[data-step="4"]', "aria-current") == "step"
    assert page.locator(".tread[tabindex='0']").count() == 1


def test_resources_are_filtered_and_searched(show: Show) -> None:
    page = show(climb_page(small_climb()), "#step-2")
    assert names(page) == ["app", "app-group", "db", "db-instance", "net", "net-vpc"]
    page.uncheck('[name="op"][value="same"]')
    assert names(page) == ["app", "app-group", "db-instance"]
    assert page.inner_text("#climb-found") == "3 of 6 resources shown"
    page.fill("#climb-search", "autoscaling GROUP")
    assert names(page) == ["app-group"]
    page.fill("#climb-search", "")
    page.check('[name="stateful"]')
    assert names(page) == ["db-instance"]
    page.click("text=Clear")
    playwright.expect(page.locator(".node:not([hidden])")).to_have_count(6)
    page.select_option("#climb-block", "net")
    assert names(page) == ["net", "net-vpc"]


def test_a_chosen_resource_tells_why_and_what_it_is_tied_to(show: Show) -> None:
    page = show(climb_page(small_climb()), "#step-2")
    page.click('.node[aria-label^="db-instance"]')
    detail = page.inner_text("#climb-detail")
    for part in (
        "instanceClass",
        '"db.t4g.medium" → "db.m7g.large"',
        "restarts it",
        "forces replacement",
        "declared at a.py:3",
        "◆ holds data",
    ):
        assert part in detail, part
    assert "Depends on (1)\nnet-vpc" in detail
    assert "Needed by (1)\napp-group" in detail
    assert "Part of (1)\ndb" in detail
    assert page.locator(".edges path").count() == 3
    page.click("#climb-detail >> text=app-group")
    assert "Depends on (2)" in page.inner_text("#climb-detail")
    page.keyboard.press("Escape")
    assert not page.is_visible("#climb-detail")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("app-group")


def test_arrow_keys_move_among_resources_and_leave_the_ladder_alone(show: Show) -> None:
    page = show(climb_page(small_climb()), "#step-2")
    page.focus('.node[tabindex="0"]')
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.classList.contains('node')")
    assert title(page) == "expand mvp → growth"
    page.keyboard.press("Enter")
    assert page.is_visible("#climb-detail")


def test_typing_in_the_search_does_not_walk(show: Show) -> None:
    page = show(climb_page(small_climb()), "#step-2")
    page.fill("#climb-search", "db")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    assert title(page) == "expand mvp → growth"


@pytest.mark.parametrize("make", [climb_page, diff_page], ids=["climb", "diff"])
def test_light_and_dark_follow_the_viewer_and_the_switch(show: Show, make: Callable[[Any], str]) -> None:
    html = make(small_climb() if make is climb_page else branch())
    shade = "getComputedStyle(document.body).backgroundColor"
    light, dark = (show(html, color_scheme=scheme) for scheme in ("light", "dark"))
    bright, dim = light.evaluate(shade), dark.evaluate(shade)
    assert bright != dim
    light.click("#theme")
    assert light.evaluate(shade) == dim
    assert light.get_attribute("#theme", "aria-pressed") == "true"
    dark.click("#theme")
    assert dark.evaluate(shade) == bright


@pytest.mark.parametrize("name", ["db-instance", HOSTILE, "x" * 300], ids=["plain", "hostile", "long"])
@pytest.mark.parametrize("size", list(WIDTHS))
def test_nothing_stands_beyond_the_edge_and_nothing_runs(show: Show, size: str, name: str) -> None:
    climb = show(climb_page(small_climb(name)), "#step-2", size=size)
    climb.locator(".node.op-update").first.click()
    assert climb.is_visible("#climb-detail")
    assert fits(climb)
    diff = show(diff_page(branch(name)), size=size)
    diff.locator(".node.op-replace").first.click()
    assert fits(diff)
    assert climb.locator("img, iframe").count() == 0
    assert diff.locator("img, iframe").count() == 0


def test_tabs_of_a_branch_are_reached_by_keyboard_and_address(show: Show) -> None:
    page = show(diff_page(branch()))
    assert page.inner_text("section.stack:not([hidden]) h2").startswith("meal-prod")
    assert names(page) == ["db-instance", "db-instance-2", "db-instance-3"]
    page.focus('[role="tab"][tabindex="0"]')
    page.keyboard.press("ArrowRight")
    assert page.inner_text("section.stack:not([hidden]) h2") == "x-dev"
    assert not page.is_visible("#resources")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("section.stack:not([hidden]) h2") == "pareto-dev"
    assert (names(page), page.evaluate("location.hash")) == (["db-instance"], "#stack-2")
    assert show(diff_page(branch()), "#stack-1").inner_text("section.stack:not([hidden]) h2") == "x-dev"


def test_a_retained_delete_says_what_it_costs(show: Show) -> None:
    page = show(diff_page(branch()))
    page.click(".node.op-delete")
    assert "leaves the state, stays in the cloud and is billed" in page.inner_text("#diff-detail")


def test_two_systems_have_tabs_and_steps_of_their_own(show: Show) -> None:
    one = small_climb()
    climbed = (
        *one.climbed,
        *(replace(c, step=replace(c.step, system="pareto", index=c.step.index + 4)) for c in one.climbed),
    )
    page = show(climb_page(Climb(replace(one.report, steps=tuple(c.step for c in climbed)), climbed, one.states)))
    page.click('[role="tab"] >> text=pareto up')
    assert page.inner_text("#step-where").startswith("pareto, step 5")
    assert page.evaluate("location.hash") == "#step-5"
    page.click("#next")
    assert page.inner_text("#step-where").startswith("pareto, step 6")
    assert page.locator(".ladder-picture:visible").count() == 1


def test_five_thousand_changes_can_be_searched(show: Show) -> None:
    page = show(diff_page(branch(changes=5000)))
    assert page.inner_text("#diff-found") == "5,003 of 5,003 resources shown"
    page.fill("#diff-search", "db-instance-4999")
    assert names(page) == ["db-instance-4999"]


def test_without_scripts_the_ladder_and_the_tables_are_there(show: Show) -> None:
    page = show(climb_page(small_climb()), java_script_enabled=False)
    assert page.locator(".tread").count() == 4
    assert page.locator(".steps tbody tr").count() == 4
    assert page.is_visible("text=which is off")


def test_in_print_controls_are_gone_and_every_stack_is_there(show: Show) -> None:
    page = show(diff_page(branch()))
    page.emulate_media(media="print")
    assert not page.is_visible("#theme")
    assert page.locator("section.stack:visible").count() == 3


def test_focus_is_seen(show: Show) -> None:
    page = show(climb_page(small_climb()))
    page.focus("#main")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    outline = "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
    assert page.evaluate("document.activeElement.id") != "main"
    assert page.evaluate(outline) >= 2
    page.focus(".tread[aria-current]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth") == "4px"
