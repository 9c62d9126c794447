"""A hand at the desk: Playwright in Debian's Chromium, every click counted, every page looked at by axe-core."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from gateway.pages import text
from tests.lab.staff_pc import PASSWORD, StaffPc

AXE = Path(__file__).parents[1] / "axe" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = ((360, 740), (768, 1024), (1366, 768))
_JUDGED = frozenset((width, scheme) for width, _ in WIDTHS for scheme in ("light", "dark")) - {(768, "dark")}
"""A tablet has the colours of the two others, so its layout alone is new: once is enough of some seconds a page."""
_RUN = """
() => axe.run(document, {resultTypes: ["violations"], preload: false}).then((found) => found.violations.map(
  (each) => each.id + ": " + each.help + " - " + each.nodes.slice(0, 3).map((one) => one.html.slice(0, 200))))
"""


def vi(key: str, **values: str | int) -> str:
    """A text as staff read it."""
    return text("vi", key, **values)


@dataclass(slots=True)
class Hand:
    """One person with a mouse."""

    page: Page
    url: str
    clicks: int = 0
    told: list[str] = field(default_factory=list)
    """What the browser complained of."""

    def click(self, what: Locator) -> None:
        """One click that leads to a page."""
        self.clicks += 1
        with self.page.expect_navigation():
            what.click()

    def unfold(self, what: Locator) -> None:
        """One click that stays on the page."""
        self.clicks += 1
        what.click()

    def link(self, name: str, *, exact: bool = True) -> Locator:
        """In the page, or in the menu."""
        return self.page.get_by_role("link", name=name, exact=exact).first

    def button(self, name: str, *, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact).first

    def menu(self, name: str) -> None:
        """Another part of the desk."""
        self.click(self.page.locator("nav.side").get_by_role("link", name=vi(f"nav.{name}"), exact=True))

    @property
    def flash(self) -> str:
        """What the page says of what was done."""
        return self.page.locator("p.flash").first.inner_text()

    def is_fine(self, name: str) -> None:
        """The page as it stands: no sideways scrolling, no violation of axe-core's rules, light and dark."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))  # half a megabyte: once a page
        for width, height in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                over = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert over <= 0, f"{name} scrolls sideways by {over} at {width}"
                if (width, scheme) in _JUDGED:
                    found = self.page.evaluate(_RUN)
                    assert found == [], f"{name} at {width}, {scheme}: {found}"
                if folder := os.environ.get("CONG_SCREENSHOTS"):
                    self.page.screenshot(path=Path(folder) / f"desk-{name}-{width}-{scheme}.png", full_page=True)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1366, "height": 768})
        assert self.told == [], self.told


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--lang=vi"])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def signed_in(browser: Browser, pc: StaffPc, name: str, password: str = PASSWORD) -> Iterator[Hand]:
    """At the first page, with no click counted yet."""
    # without motion: a colour that is just changing would be judged half-way
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="vi-VN", accept_downloads=True, reduced_motion="reduce"
    )
    try:
        page = context.new_page()
        page.set_default_timeout(15_000)
        hand = Hand(page, pc.url)
        page.on("console", lambda said: hand.told.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: hand.told.append(str(error)))
        page.goto(f"{pc.url}/sign-in")
        page.fill("#name", name)
        page.fill("#password", password)
        page.get_by_role("button", name=vi("sign_in.enter"), exact=True).click()
        page.wait_for_url(f"{pc.url}/**")
        yield hand
    finally:
        context.close()
