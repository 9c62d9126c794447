"""Chromium plays a film of the shelf, jumps in it, and shows its subtitles; a keyboard is enough for the question."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.lab.driver import Lab
from tests.lab.judges.chromium import Pipe, Tab, chromium, fresh_tab
from tests.lab.judges.film import SECONDS, make_film
from tests.lab.reconfigured import reconfigured

_SRT = "1\n00:00:00,000 --> 00:00:19,000\nForest\n\n2\n00:00:19,000 --> 00:00:20,000\nEnd\n"
_STATE = """(() => { const v = document.querySelector("video"), t = v.textTracks[0]; return JSON.stringify({
  time: v.currentTime, seeking: v.seeking, ready: v.readyState, length: v.duration, fault: v.error && v.error.message,
  width: v.videoWidth, mode: t && t.mode, cues: t && t.cues && [...t.cues].map((cue) => cue.text)}); })()"""


@pytest.fixture(scope="module")
def browser(lab: Lab) -> Iterator[Pipe]:
    with chromium(lab, "c2") as pipe:
        yield pipe


@pytest.fixture
def film(lab: Lab, browser: Pipe, tmp_path: Path) -> Iterator[int]:
    """A film on the shelf; its size."""
    with fresh_tab(browser) as tab:
        body = make_film(tab, tmp_path)
    (tmp_path / "rung.webm").write_bytes(body)
    (tmp_path / "en.srt").write_text(_SRT, encoding="ascii")
    words = ["--title", "Rừng", "--language", "vi", "--subtitle", f"en={tmp_path / 'en.srt'}"]
    lab.cong("shelf", "add", str(tmp_path / "rung.webm"), *words)
    lab.wait_until(
        lambda: "Rừng" in lab.patron("c2").get("http://wifi.internal/shelf/").body, 5, "the film on the shelf"
    )
    yield len(body)
    for file in lab.config.shelf_path.iterdir():
        file.unlink()


def _opened(tab: Tab, page: str) -> str:
    tab.open(f"http://wifi.internal/{page}")
    return tab.text


def state(tab: Tab) -> dict[str, object]:
    told: dict[str, object] = json.loads(tab.evaluate(_STATE))
    assert told["fault"] is None, told
    return told


def test_a_captive_browser_plays_jumps_and_reads(lab: Lab, browser: Pipe, film: int) -> None:
    assert film > 2_000_000
    print(f"a film of {film} bytes")
    with fresh_tab(browser) as tab:
        tab.view(360, 740, mobile=True)
        tab.open("http://wifi.internal/shelf/?lang=en")
        tab.until_loaded(lambda: tab.tap("ul.shelf a"))
        lab.wait_until(lambda: int(str(state(tab)["ready"])) >= 1, 10, "the film's length")
        begun = state(tab)
        assert begun["length"] == SECONDS and begun["width"] == 320
        assert (begun["mode"], begun["cues"]) == ("showing", ["Forest", "End"])
        tab.evaluate('(() => { const v = document.querySelector("video"); v.muted = true; v.play(); })()')
        lab.wait_until(lambda: float(str(state(tab)["time"])) > 0.5, 10, "the film going on")
        tab.evaluate('document.querySelector("video").currentTime = 18')
        lab.wait_until(
            lambda: not state(tab)["seeking"] and float(str(state(tab)["time"])) > 18.3,
            10,
            "the film going on from there",
        )
        parts = [
            event["params"]["response"]
            for event in browser.events
            if event["method"] == "Network.responseReceived" and event["params"]["response"]["url"].endswith(".webm")
        ]
        assert {part["status"] for part in parts} == {206}, parts
        box = tab.box("video")
        assert box.x >= 0 and box.x + box.width <= 360
    assert lab.sql("SELECT count(*) FROM sessions WHERE state = 'open'") == [(0,)]


def test_the_question_is_answered_by_the_keyboard_without_scripts(lab: Lab, browser: Pipe) -> None:
    with reconfigured(lab, {"portal": {"purpose": {"ask": True}}}):
        lab.cong("notice", "add", "--title", "Kể chuyện", "--for", "1h")
        lab.login("c2")
        with fresh_tab(browser) as tab:
            tab.without_scripts()
            tab.view(360, 740, mobile=True)
            lab.wait_until(lambda: "Kể chuyện" in _opened(tab, "status"), 15, "the notice on the page")
            for selector in (".choices button", ".choices .skip"):
                box = tab.box(selector)
                assert box.height >= 44 and box.x >= 0 and box.x + box.width <= 360
            tab.call("DOM.focus", nodeId=tab._node('.choices button[value="procedures"]'))
            key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
            tab.until_loaded(lambda: (tab.call("Input.dispatchKeyEvent", type="keyDown", **key), None)[1])
            assert "Bạn đã vào mạng" in tab.text and not tab.has(".choices")
        assert lab.sql("SELECT purpose, count FROM purposes") == [("procedures", 1)]
        assert lab.sql("SELECT purpose_done FROM sessions ORDER BY id DESC LIMIT 1") == [(1,)]
        told = json.loads(lab.cong("purposes", "--json").stdout)
        assert told["sums"] == {"procedures": 1}
        number = json.loads(lab.cong("notice", "list", "--json").stdout)[0]["number"]
        lab.cong("notice", "end", str(number))
    lab.end_all_sessions()
