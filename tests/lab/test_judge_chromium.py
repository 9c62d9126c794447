"""Chromium judges the portal: what a patron with a browser meets, from the first address typed in to the end.

With CONG_SCREENSHOTS=DIRECTORY in the environment the pictures of all pages stay there.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.lab.driver import Lab
from gateway.lab.names import WEB_NAMES
from tests.lab.judges.chromium import Pipe, Tab, chromium, fresh_tab
from tests.lab.judges.ledger import the_one_session

CLIENT = "c2"
SITE, OTHER_SITE = f"http://{WEB_NAMES[0]}/", f"http://{WEB_NAMES[1]}/"
BOX, CONNECT = "label.agree", "form[action^='/login'] button"
GO_ON, END = "main a.button", "form[action^='/end'] button"
LARGEST_PAGE_BYTES = 30_000
SMALLEST_TARGET_PX = 44  # WCAG 2.5.5


@pytest.fixture(scope="module")
def pipe(lab: Lab) -> Iterator[Pipe]:
    """One browser for all tests here."""
    with chromium(lab, CLIENT) as found:
        yield found


@pytest.fixture
def tab(lab: Lab, pipe: Pipe) -> Iterator[Tab]:
    """A new person's tab on a phone's screen; nobody is signed in before and after."""
    lab.end_all_sessions()
    with fresh_tab(pipe) as found:
        found.view(360, 740, mobile=True)
        yield found
    lab.end_all_sessions()


def test_asking_for_a_site_leads_to_the_splash_page(lab: Lab, tab: Tab) -> None:
    tab.open(SITE)
    assert urlsplit(tab.url).hostname == lab.config.portal.hostname
    assert tab.title == "Wi-Fi miễn phí của thư viện – Thư viện Sa Thầy"
    assert tab.attribute("html", "lang") == "vi"
    assert tab.has("form[method=post] input[type=checkbox]")
    assert lab.sessions() == []


def test_splash_page_is_small_and_asks_nobody_else(lab: Lab, tab: Tab) -> None:
    loaded = tab.open(f"http://{lab.config.portal.hostname}/")
    assert [urlsplit(url).hostname for url in loaded.urls] == [lab.config.portal.hostname]
    assert 0 < loaded.transferred_bytes < LARGEST_PAGE_BYTES


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_two_taps_sign_in_and_one_signs_out(lab: Lab, tab: Tab, scripts: bool) -> None:
    if not scripts:
        tab.without_scripts()
    _sign_in(tab)
    assert tab.taps == 2
    assert urlsplit(tab.url).path == "/status"
    assert tab.title.startswith("Bạn đã vào mạng")
    assert "120 phút" in tab.text
    assert tab.attribute(GO_ON, "href") == SITE
    session = the_one_session(lab, CLIENT)

    tab.until_loaded(lambda: tab.tap(END))
    assert "Bạn đã kết thúc phiên truy cập" in tab.text
    assert tab.has(CONNECT)
    assert lab.sessions() == []
    closed = lab.sql("SELECT state, cause FROM sessions WHERE id = ?", (session,))
    assert closed == [("closed", "user-request")]


def test_button_without_the_tick_asks_for_it(lab: Lab, tab: Tab) -> None:
    tab.open(SITE)
    # the form says novalidate: the page asks in its own language, not the browser in the browser's
    tab.until_loaded(lambda: tab.tap(CONNECT))
    assert "Hãy đánh dấu vào ô" in tab.text
    assert tab.attribute("input[name=to]", "value") == SITE, "where the patron wanted to go is not lost"
    assert lab.sessions() == []
    assert lab.sql("SELECT count(*) FROM sessions WHERE state <> 'closed'") == [(0,)]


def test_wanted_site_opens_from_the_status_page(lab: Lab, tab: Tab) -> None:
    """Chromium keeps the garden's address for 60 s whatever its life says; the kernel leads it on (flows/unmask)."""
    _sign_in(tab)
    the_one_session(lab, CLIENT)
    tab.until_loaded(lambda: tab.tap(GO_ON))

    def _is_there() -> bool:
        if tab.title != WEB_NAMES[0]:
            tab.open(SITE)
        return tab.title == WEB_NAMES[0]

    lab.wait_until(_is_there, within_s=2, what="the wanted site")
    assert f"This is / of {WEB_NAMES[0]}" in tab.text


def test_site_not_asked_for_before_opens_at_once(lab: Lab, tab: Tab) -> None:
    _sign_in(tab)
    tab.open(OTHER_SITE)
    assert tab.title == WEB_NAMES[1]
    assert f"This is / of {WEB_NAMES[1]}" in tab.text
    session = the_one_session(lab, CLIENT)
    moved = "SELECT total_up_bytes > 0 AND total_down_bytes > 0 FROM sessions WHERE id = ?"
    lab.wait_until(lambda: lab.sql(moved, (session,)) == [(1,)], within_s=10, what="its bytes in the ledger")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
def test_pages_fit_the_screen(lab: Lab, tab: Tab, pictures: Path, width: int, height: int) -> None:
    tab.view(width, height, mobile=width < 600)

    def _look(name: str, *targets: str) -> None:
        tab.screenshot(pictures / f"{name}-{width}.png")
        tab.screenshot(pictures / f"{name}-{width}-whole.png", whole=True)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        for target in (*targets, "nav a"):
            box = tab.box(target)
            assert box.height >= SMALLEST_TARGET_PX, f"{name}: {target} is {box.height} px high"
            assert 0 <= box.x <= box.x + box.width <= width, f"{name}: {target} lies outside"

    tab.open(SITE)
    _look("splash-vi", BOX, CONNECT)
    tab.until_loaded(lambda: tab.tap("nav a"))
    assert tab.attribute("html", "lang") == "en"
    _look("splash-en", BOX, CONNECT)
    tab.open(f"http://{lab.config.portal.hostname}/?problem=agree")
    assert tab.has("[role=alert]")
    _look("please-tick-vi", BOX, CONNECT)
    _sign_in(tab)
    _look("status-vi", GO_ON, END)
    tab.until_loaded(lambda: tab.tap("nav a"))
    assert tab.title.startswith("You are online")
    _look("status-en", GO_ON, END)
    tab.until_loaded(lambda: tab.tap(END))
    _look("ended-en", BOX, CONNECT)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go."""
    directory = Path(os.environ.get("CONG_SCREENSHOTS") or tmp_path)
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _sign_in(tab: Tab) -> None:
    """From the wanted site to the status page."""
    tab.open(SITE)
    tab.tap(BOX)
    tab.until_loaded(lambda: tab.tap(CONNECT))
