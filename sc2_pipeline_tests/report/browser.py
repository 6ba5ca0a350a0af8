"""A headless Chromium that says what a page complained of and whom it asked; Playwright drives the one that is installed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDE, PHONE = (1280, 900), (390, 844)


@dataclass
class Visit:
    """What happened while a page was open, and what is on it still."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Of the content, in pixels: wider than the window means that it scrolls sideways."""
        return int(self.value("document.documentElement.scrollWidth"))

    def value(self, expression: str) -> Any:
        """What an expression is worth in the page."""
        return self.page.evaluate(expression)


@contextmanager
def visited(
    browser: Browser, page: Path | str, *, size: tuple[int, int], is_dark: bool = False, point_at: str | None = None
) -> Iterator[Visit]:
    """A page, a file or an address, opened to its end; points at the first element of a selector where one is given."""
    with browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        is_mobile=size == PHONE,
        color_scheme="dark" if is_dark else "light",
    ) as context:
        visit = Visit(page=context.new_page())
        visit.page.on("console", lambda message: visit.complaints.append(message.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.goto(page.as_uri() if isinstance(page, Path) else page)
        visit.requests = [url for url in visit.requests if not url.startswith(("file:", "data:"))]
        if point_at is not None:
            visit.page.locator(point_at).first.hover()
        yield visit


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser with a profile that goes with it; skips where none is installed. Nothing is fetched."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser to open pages in (looked for {', '.join(NAMES)})")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--hide-scrollbars"]) as browser,
    ):
        yield browser
