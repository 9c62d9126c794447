"""axe-core judges every page a patron meets, in headless Chromium: both languages, a phone's and a desktop's screen.

The same walk holds the pages to their size, to a width without sideways scrolling (at 200 % zoom and with doubled
letters too) and to the keyboard. With CONG_SCREENSHOTS=DIRECTORY the pictures of all pages stay there.
"""

import asyncio
import os
import re
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from gateway.access.client import Mac
from gateway.access.device import Standing
from gateway.access.voucher import shown
from gateway.pages import LANGUAGES
from tests.contracts import PHONE, TABLET
from tests.edge.whole_portal import PASSWORD, WholePortal, whole_portal
from tests.lab.judges.chromium import Pipe, Tab, browser, fresh_tab

T = TypeVar("T")
AXE = Path(__file__).parents[1] / "axe" / "node_modules" / "axe-core" / "axe.min.js"
LARGEST_PAGE_BYTES = 30_000
SCREENS = ((360, 740), (1280, 800))
AGREE, SEND = "input[name=agree]", "form[action^='/login'] button"
PC, OWN = Mac("02:00:5e:10:00:21"), Mac("02:00:5e:10:00:22")
RUN = """
axe.run(document, {resultTypes: ["violations"], preload: false}).then((found) =>
  found.violations.map((each) => each.id + ": " + each.help + " - " + each.nodes.map((node) => node.html).join(" | ")))
"""


@dataclass(slots=True)
class Served:
    """A whole portal in a thread of its own: Chromium is waited for in this one."""

    portal: WholePortal
    loop: asyncio.AbstractEventLoop

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(act, self.loop).result(20)


@pytest.fixture(scope="module")
def pipe() -> Iterator[Pipe]:
    names = ",".join(f"MAP {name} 127.0.0.1" for name in ("game.example", "fake.example"))
    with browser((), "--disable-background-networking", f"--host-resolver-rules={names}") as found:
        yield found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    opening = whole_portal(tmp_path)
    try:
        portal = asyncio.run_coroutine_threadsafe(opening.__aenter__(), loop).result(20)
        yield Served(portal, loop)
        asyncio.run_coroutine_threadsafe(opening.__aexit__(None, None, None), loop).result(20)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def tab(pipe: Pipe) -> Iterator[Tab]:
    with fresh_tab(pipe) as found:
        found.view(360, 740, mobile=True)
        yield found


@pytest.fixture
def pictures() -> Path | None:
    if "CONG_SCREENSHOTS" not in os.environ:
        return None
    directory = Path(os.environ["CONG_SCREENSHOTS"])
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def walk(served: Served, tab: Tab, language: str) -> Iterator[str]:
    """Open page after page, each as a patron comes to it; the name of the one that is open."""
    portal, lang = served.portal, f"lang={language}"
    url = portal.url

    def _open(name: str, path: str) -> str:
        loaded = tab.open(f"{url}{path}")
        shows_film = tab.has("video")  # the film's own beginning is what the page is for
        size = len(tab.html.encode()) if shows_film else loaded.transferred_bytes
        assert size < LARGEST_PAGE_BYTES, f"{name}: {size} B"
        others = [each for each in loaded.urls[1:] if not each.startswith("data:")]
        assert shows_film or not others, f"{name} loads {others}"
        return name

    for way in portal.desk.verifiers:
        yield _open(f"splash-{way}", f"/?{lang}&way={way}&to=http://www.example.com/")
    yield _open("splash-problem-again", f"/?{lang}&problem=again")
    yield from _refusals(served, tab, language)
    yield _open("help", f"/help?{lang}")
    yield _open("help-no-name", f"/why?name=x&{lang}")
    yield _open("return", f"/return?{lang}")
    yield _open("notices-none", f"/notices?{lang}")
    yield _open("shelf", f"/shelf/?{lang}")
    for kind, at in zip(("one", "other"), re.findall(r'href="(/shelf/[0-9a-f]{10})\?', tab.html), strict=False):
        yield _open(f"shelf-{kind}", f"{at}?{lang}")
    yield _open("not-on-shelf", f"/shelf/0000000000?{lang}")
    served.do(portal.tell("Nghỉ lễ Quốc khánh 2/9", "Thư viện nghỉ ngày 2/9.\nMở lại ngày 3/9."))
    yield _open("splash-notices", f"/?{lang}")
    yield _open("notices", f"/notices?{lang}")
    portal.line_is_down[0] = True
    yield _open("splash-line-down", f"/?{lang}")
    portal.line_is_down[0] = False
    yield _open("trouble", f"/in-trouble?{lang}")
    portal.is_at(None)
    yield _open("unknown", f"/?{lang}")
    yield from _devices(served, tab, lang)
    yield from _online(served, tab, language)
    portal.clock.pass_s(7 * 3600)
    portal.is_at(Mac("02:00:5e:10:00:33"))
    yield _open("splash-closed", f"/?{lang}")


def _refusals(served: Served, tab: Tab, language: str) -> Iterator[str]:
    """What is said to wrong words, and while the staff is asked."""
    url, lang = served.portal.url, f"lang={language}"
    for way, typed in (("voucher", "code"), ("account", "name"), ("card", "card"), ("radius", "name")):
        tab.open(f"{url}/?{lang}&way={way}")
        tab.tap(f"input[name={typed}]")
        tab.type_text("expired")
        tab.tap(AGREE)
        tab.until_loaded(lambda: tab.tap(SEND))
        assert tab.has("[role=alert]"), way
        yield f"splash-{way}-refused"
    tab.open(f"{url}/?{lang}")
    tab.tap(AGREE)
    tab.until_loaded(lambda: tab.tap(SEND))
    tab.until_loaded(lambda: tab.tap("form[action^='/end'] button"))
    yield "splash-ended"
    tab.open(f"{url}/?{lang}&way=approval")
    tab.until_loaded(lambda: tab.tap(SEND))
    yield "splash-approval-no-tick"
    tab.tap(AGREE)
    tab.until_loaded(lambda: tab.tap(SEND))
    yield "waiting"
    tab.open(f"{url}/waiting?{lang}&still=1")
    yield "waiting-still"


def _devices(served: Served, tab: Tab, lang: str) -> Iterator[str]:
    """The library's own PC, its own equipment, and a barred device."""
    portal = served.portal
    for mac, standing in ((TABLET, Standing.BARRED), (PC, Standing.KIOSK), (OWN, Standing.EXEMPT)):
        served.do(portal.say(mac, standing))
        portal.is_at(mac)
        tab.open(f"{portal.url}/?{lang}")
        yield f"{standing.value}-first"
    portal.is_at(PC)
    tab.open(f"{portal.url}/?{lang}")
    tab.tap(AGREE)
    tab.until_loaded(lambda: tab.tap(SEND))
    yield "kiosk-status"
    portal.is_at(PHONE)


def _online(served: Served, tab: Tab, language: str) -> Iterator[str]:
    """The status page in its states, refused names, and coming back under another address."""
    portal, lang = served.portal, f"lang={language}"
    tab.open(f"{portal.url}/?{lang}&way=terms&to=http://www.example.com/")
    tab.tap(AGREE)
    tab.until_loaded(lambda: tab.tap(SEND))
    yield "status-asked"
    tab.until_loaded(lambda: tab.tap(".choices .skip"))
    yield "status"
    for host in ("game.example", "fake.example"):
        tab.open(f"http://{host}:{portal.blocked_url.rpartition(':')[2]}/?{lang}")
        yield f"blocked-{host}"
    tab.until_loaded(lambda: tab.tap("form button"))
    yield "blocked-asked"
    for name in ("own.example", "www.example.com"):
        tab.open(f"{portal.url}/why?name={name}&{lang}")
        yield f"why-{name}"
    portal.is_at(Mac("0a:00:5e:20:00:01"))
    tab.open(f"{portal.url}/?{lang}")
    assert tab.has("form[action^='/resume']")
    yield "splash-return"
    portal.is_at(PHONE)
    portal.clock.pass_s(7200 - 300)
    tab.open(f"{portal.url}/status?{lang}")
    assert tab.has(".note")
    yield "status-warning"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_violation_or_scrolls_sideways(
    served: Served, tab: Tab, pictures: Path | None, language: str
) -> None:
    axe = AXE.read_text(encoding="utf-8")
    served.do(served.portal.account())
    problems, seen = [], []
    for name in walk(served, tab, language):
        seen.append(name)
        assert tab.attribute("html", "lang") == language, name
        tab.evaluate(axe)
        for width, height in SCREENS:
            tab.view(width, height, mobile=width < 600)
            if pictures:
                tab.screenshot(pictures / f"{name}-{language}-{width}.png", whole=True)
            found = tab.call("Runtime.evaluate", expression=RUN, awaitPromise=True, returnByValue=True)
            problems += [f"{name} at {width} px: {each}" for each in found["result"]["value"]]
        for width, what in ((640, "1280 px at 200 %"), (320, "1280 px at 400 %"), (360, "360 px")):
            tab.view(width, 740, mobile=True)
            problems += [f"{name}: {what} scrolls sideways"] if _is_wider(tab) else []
        tab.evaluate("document.documentElement.style.fontSize = '36px'")
        problems += [f"{name}: doubled letters scroll sideways"] if _is_wider(tab) else []
    assert not problems, "\n".join(problems)
    assert len(seen) == len(set(seen)) > 40


def _is_wider(tab: Tab) -> bool:
    return bool(tab.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("way", ["terms", "voucher", "account"])
def test_the_keyboard_alone_leads_in_and_out_without_scripts(served: Served, tab: Tab, way: str) -> None:
    served.do(served.portal.account())
    typed = {
        "voucher": {"code": shown(served.do(served.portal.slip()))},
        "account": {"name": "lan.anh", "password": PASSWORD},
    }.get(way, {})
    tab.without_scripts()
    tab.open(f"{served.portal.url}/?lang=vi&way={way}")
    for name, words in typed.items():
        tab.tab_to(f"input[name={name}]")
        tab.type_text(words)
    tab.tab_to(AGREE)
    tab.press(" ")
    tab.tab_to(SEND)
    tab.until_loaded(lambda: tab.press("Enter"))
    assert "Bạn đã vào mạng" in tab.text
    assert [row["method"] for row in served.portal.rows("SELECT method FROM sessions")] == [way]
    tab.tab_to("form[action^='/end'] button")
    tab.until_loaded(lambda: tab.press(" "))
    assert "Bạn đã kết thúc phiên truy cập" in tab.text
    assert served.portal.rows("SELECT state FROM sessions") == [{"state": "closed"}]
