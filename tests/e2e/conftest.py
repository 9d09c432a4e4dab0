"""A real browser, launched once a session. No browser is a failure, never a skip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.site import sample_app, serving

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: `CHROMIUM` or the first `chromium` on the path.

    One for each module: while Playwright lives, its event loop runs in this thread, and no other test could start one.
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.fail("no browser: install chromium or set CHROMIUM to its path", pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Address of the sample site with the demonstration's sign-in."""
    with serving(lambda _url: sample_app()) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[OpenPage]:
    """Opens an address in a fresh browser profile; at the end no page may have complained on its console."""
    contexts = []
    complaints: list[str] = []

    def opened(
        path: str, *, lang: str = "zh", size: str = "normal", width: int = 320, login: str = "", script: bool = True
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
        contexts.append(context)
        cookies = [{"name": "view", "value": f"{lang}.{size}", "url": site}]
        if login:
            cookies.append({"name": "session", "value": login, "url": site})
        context.add_cookies(cookies)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(site + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    expected = "Failed to load resource: the server responded with a status of"
    assert [each for each in complaints if not each.startswith(expected)] == []
