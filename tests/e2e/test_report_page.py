"""The page of a report in Chromium, opened as a file: it filters, searches and explains, and asks for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from browser import Browser, browser
from crosswheel.decide.documents.difference import Difference
from crosswheel.decide.plans.plan import BuildEnvironment, Plan
from crosswheel.decide.reports.report import Report, ReportImage, ReportLayer
from crosswheel.decide.reports.report_of_plan import report_of_plan
from plan_values import AMD64, digest, whole_plan
from report_values import large_report, page_of

pytestmark = pytest.mark.e2e

HOSTILE = "<img src=https://example.invalid/x onerror=alert(1)>"
_ROWS = "#matrix tbody tr"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def opened(page: Browser, tmp_path: Path) -> Iterator[Browser]:
    """The large report, open; afterwards nothing was asked for but the file, and nobody complained."""
    url = show(page, large_report(), tmp_path)
    yield page
    assert page.requests == [url]
    assert page.complaints == []


def show(page: Browser, report: Report, folder: Path) -> str:
    path = folder / "report.html"
    path.write_text(page_of(report))
    page.open(path.as_uri())
    return path.as_uri()


def test_everything_is_shown_at_first(opened: Browser) -> None:
    assert len(opened.texts(_ROWS)) == 200
    assert opened.texts("#count") == ["200 packages"]
    assert opened.texts('[role="tab"]') == ["Packages", "Builds"]


def test_words_that_are_typed_filter_the_packages(opened: Browser) -> None:
    opened.type("/")  # the key that leads to the search
    opened.type("package-01 BUILT")
    assert opened.texts(f"{_ROWS} th") == ["package-010", "package-017"]
    assert opened.texts("#count") == ["2 of 200 packages"]


def test_a_search_without_a_match_offers_the_way_back(opened: Browser) -> None:
    opened.click("#search")
    opened.type("no such package")
    assert opened.texts(_ROWS) == []
    opened.click("#reset")
    assert len(opened.texts(_ROWS)) == 200


def test_states_filter_the_packages_and_add_up(opened: Browser) -> None:
    opened.click('[data-state="refused"]')
    assert opened.texts("#count") == ["18 of 200 packages"]
    opened.click('[data-state="built"]')
    assert opened.texts("#count") == ["44 of 200 packages"]
    opened.click('[data-state="refused"]')
    opened.click('[data-state="built"]')
    assert opened.texts("#count") == ["200 packages"]
    opened.click("#differing")
    assert opened.texts("#count") == ["18 of 200 packages"]


def test_the_largest_come_first_where_asked(opened: Browser) -> None:
    opened.evaluate("document.querySelector('#sort').focus()")
    opened.type("s")
    assert opened.texts(f"{_ROWS} th")[:2] == ["package-198", "package-197"], (
        "the wheel of 199 is not built yet"
    )


def test_a_cell_says_why(opened: Browser) -> None:
    opened.click('[data-p="package-005"] .cell.refused')
    assert opened.texts("dialog h2") == ["package-005 1.0"]
    assert "no file of package-005 fits" in opened.texts("dialog dd")
    opened.press("Escape")
    assert opened.texts("dialog") == []


def test_the_keyboard_reaches_every_cell(opened: Browser) -> None:
    opened.evaluate("document.querySelector('#sort').focus()")
    opened.press("Tab")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        opened.press(key)
    assert opened.texts("dialog h2") == ["package-003 1.0"]
    assert opened.texts("dialog code")[0] == "cp311-linux_aarch64_glibc_2_28"
    assert opened.texts("dialog .node h4") == ["Build", "Wheel"]
    opened.press("Escape")
    assert opened.evaluate("document.activeElement.className") == "cell built"


def test_the_large_page_keeps_up_with_typing(opened: Browser) -> None:
    took = opened.evaluate(
        "(() => { const search = document.querySelector('#search'); search.value = 'package-1'; "
        "const begin = performance.now(); search.dispatchEvent(new Event('input')); document.body.offsetHeight; "
        "return performance.now() - begin; })()"
    )
    assert opened.texts("#count") == ["100 of 200 packages"]
    assert took < 500, "milliseconds, on a machine that does other things, too"


def test_a_build_leads_to_the_build_it_needs_and_back(page: Browser, tmp_path: Path) -> None:
    plan = whole_plan()
    (build,) = plan.builds.values()
    inner = replace(build, id="tool-1-x", name="tool", target=AMD64, environments={}, overlays=())
    outer = replace(
        build, environments={AMD64.id: BuildEnvironment(requirements=(), toolchain=None, builds=(inner.id,))}
    )
    plan = replace(plan, builds={outer.id: outer, inner.id: inner})
    show(page, report_of_plan(plan, source="p"), tmp_path)
    page.click("#tab-builds")
    assert page.texts("#packages") == []
    page.click(f'[data-build="{outer.id}"]')
    page.click("dialog .link")
    assert page.texts("dialog h2") == ["The build of tool 1.0"]
    page.click("dialog .buttons button")
    assert page.texts("dialog h2") == ["The build of fast 1.0"]


def test_no_word_is_broken_in_a_narrow_column(page: Browser, tmp_path: Path) -> None:
    name = "of-a-file-with-a-name-that-is-long-and-has-no-place-to-break-" * 4
    report = replace(
        report_of_plan(whole_plan(), source="new"),
        against="old",
        differences=(Difference(where="t", what=name, old=name, new=name),),
    )
    show(page, report, tmp_path)
    lines = (
        "(() => { const range = document.createRange(); range.selectNodeContents(document.querySelector('{}')); "
        "return new Set([...range.getClientRects()].map(one => Math.round(one.bottom))).size; })()"
    )
    page.click("#tab-changes")
    assert page.evaluate(lines.replace("{}", "tr.changed td")) == 1
    assert page.evaluate(lines.replace("{}", "tr.changed td + td")) > 1, "a name that is too long is"
    page.click("#tab-builds")
    assert page.evaluate(lines.replace("{}", "#builds tbody td + td code")) == 1


def test_a_hostile_name_loads_and_runs_nothing(page: Browser, tmp_path: Path) -> None:
    report = large_report(3)
    cells = {key: replace(one, reason=HOSTILE) for key, one in report.packages[0].targets.items()}
    report = replace(
        report,
        source=HOSTILE,
        packages=(replace(report.packages[0], name=HOSTILE, targets=cells),),
        images=(
            ReportImage(name=HOSTILE, platform="x", layers=(ReportLayer(name=HOSTILE, size=1, digest="d"),)),
        ),
        against=HOSTILE,
        differences=(Difference(where=HOSTILE, what=HOSTILE, old=HOSTILE, new=""),),
    )
    url = show(page, report, tmp_path)
    page.click(".cell")
    assert HOSTILE in page.texts("dialog dd")
    assert page.texts("h1") == [HOSTILE]
    assert (page.requests, page.complaints) == ([url], [])


def test_the_policy_of_the_page_forbids_what_markup_would_load(page: Browser, tmp_path: Path) -> None:
    url = show(page, large_report(3), tmp_path)
    page.evaluate(
        "document.body.append(Object.assign(new Image(), {src: 'https://example.invalid/image'})), 1"
    )
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p onclick=\"alert(1)\">x</p>')")
    asked = "fetch('https://example.invalid/data').then(() => 'loaded', () => 'refused')"
    assert page.evaluate(asked) == "refused"
    assert page.requests == [url]
    assert page.blocked == ["https://example.invalid/image"], "the other one was not even tried"
    assert any("inline event handler" in one for one in page.complaints)


def test_an_empty_plan_is_shown(page: Browser, tmp_path: Path) -> None:
    empty = Plan(inputs={"lock": digest("lock")}, source_date_epoch=0, artifacts={}, builds={}, targets=())
    show(page, report_of_plan(empty, source="empty.plan.json"), tmp_path)
    assert page.texts(".empty") == ["There is no package in it."]
    assert page.complaints == []


def test_without_its_script_the_page_shows_everything(page: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page_of(large_report(30)).replace('"use strict";', "return;"))  # not the script it allows
    page.open(path.as_uri())
    assert len(page.texts(_ROWS)) == 30
    assert len(page.texts("#builds tbody tr")) == 24
    assert page.texts(".tools") == []
