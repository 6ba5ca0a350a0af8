"""Pages opened in a real browser: wide and on a phone, in light and dark."""

import pytest

from sc2_pipeline.report import collection_page, game_page
from sc2_pipeline_tests.marts.scripted import marts_of
from sc2_pipeline_tests.report.browser import PHONE, WIDE, Browser, open_browser
from sc2_pipeline_tests.report.test_pages import HOSTILE, KOREAN, fought, with_ops


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with open_browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    marts = with_ops(marts_of(fought(names=(HOSTILE, KOREAN), map_name=HOSTILE)))
    (folder / "collection.html").write_text(collection_page(marts), encoding="utf-8")
    (folder / "game.html").write_text(game_page(marts, "a" * 16), encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", ["collection", "game"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_a_page_opens_without_complaint_or_request_and_fits(browser: Browser, pages, name, size, is_dark):
    visit = browser.visit(pages / f"{name}.html", size=size, is_dark=is_dark, point_at="svg[data-chart]")

    assert (visit.complaints, visit.requests) == ([], [])
    assert visit.width <= size[0]
    background = browser.value("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(20, 24, 28)" if is_dark else "rgb(251, 251, 249)")


@pytest.mark.slow
def test_pointing_at_a_chart_reads_its_values_out(browser: Browser, pages):
    browser.visit(pages / "game.html", size=WIDE, point_at="svg[data-chart]")

    said = browser.value("document.querySelector('.readout').textContent")

    assert KOREAN in said
    assert "resources" in said
