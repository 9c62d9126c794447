"""Debian's Chromium on a client, driven over the DevTools protocol through a pair of pipes (no port, no other library).

What a person does is done by input events at the place where the element is drawn; what a person sees is read from the
DOM domain, which answers with scripts switched off too.
"""

import base64
import json
import os
import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from gateway.clock import SystemClock
from gateway.lab.driver import Lab
from gateway.lab.form import title_of
from tests.lab.judges.programs import running, said, scratch

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # it runs as root, in namespaces that are its sandbox
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--accept-lang=vi",
    "--remote-debugging-pipe",
)
_WITHIN_S = 20.0
# DevTools listens on descriptor 3 and speaks on 4; a shell puts our pipes there
_ON_3_AND_4 = 'exec "$@" 3<&0 4>&1 </dev/null >&2'

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Box:
    """Where an element is drawn, in CSS pixels of the view."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the network carried for one page."""

    urls: tuple[str, ...]
    transferred_bytes: int


class Pipe:
    """The protocol: a command and its answer, and the events that came meanwhile."""

    def __init__(self, read: int, write: int, log: Path) -> None:
        self._read, self._write, self._log = read, write, log
        self._rest = b""
        self._last_id = 0
        self._clock = SystemClock()
        self.events: list[Message] = []

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Message:
        """Send a command and give its result; AssertionError with Chromium's own words when it refuses.

        TimeoutError, ConnectionError: it is silent, or gone.
        """
        self._last_id += 1
        message: Message = {"id": self._last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = self._clock.boot_s() + _WITHIN_S
        while True:
            answer = self._receive(deadline, method)
            if answer.get("id") == self._last_id:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: Message = answer["result"]
                return result
            self.events.append(answer)

    def wait_event(self, session: str, method: str, within_s: float) -> None:
        """Return when the tab has told of an event of this name since the events were cleared."""
        deadline = self._clock.boot_s() + within_s
        while not any(event.get("sessionId") == session and event["method"] == method for event in self.events):
            self.events.append(self._receive(deadline, method))

    def _receive(self, deadline: float, awaited: str) -> Message:
        while b"\0" not in self._rest:
            left = deadline - self._clock.boot_s()
            ready, _, _ = select.select([self._read], [], [], max(left, 0))
            if not ready:
                raise TimeoutError(f"Chromium: no {awaited} in time")
            part = os.read(self._read, 1 << 20)
            if not part:
                raise ConnectionError(f"Chromium ended; it said:\n{said(self._log)[-4000:]}")
            self._rest += part
        whole, _, self._rest = self._rest.partition(b"\0")
        message: Message = json.loads(whole)
        return message


class Tab:
    """One tab: what it shows, and the hand that taps on it."""

    def __init__(self, pipe: Pipe, session: str) -> None:
        self._pipe = pipe
        self._session = session
        self.taps = 0
        for domain in ("Page", "DOM", "Network", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Message:
        """A command of the protocol for this tab."""
        return self._pipe.call(method, self._session, **parameters)

    def open(self, url: str, *, within_s: float = _WITHIN_S) -> Loaded:
        """Type an address and wait until the page it leads to is there."""

        def _go() -> None:
            done = self.call("Page.navigate", url=url)
            assert "errorText" not in done, f"{url}: {done['errorText']}"

        return self.until_loaded(_go, within_s=within_s)

    def until_loaded(self, act: Callable[[], None], *, within_s: float = _WITHIN_S) -> Loaded:
        """Do something that leads to another page, and wait until that is there."""
        self._pipe.events.clear()
        act()
        self._pipe.wait_event(self._session, "Page.loadEventFired", within_s)
        self.call("Page.getNavigationHistory")  # behind it in the pipe stands all that was carried until now
        mine = [event for event in self._pipe.events if event.get("sessionId") == self._session]
        sent = [event["params"] for event in mine if event["method"] == "Network.requestWillBeSent"]
        ended = [event["params"] for event in mine if event["method"] == "Network.loadingFinished"]
        led_on = [request["redirectResponse"] for request in sent if "redirectResponse" in request]
        urls = tuple(str(request["request"]["url"]) for request in sent)
        return Loaded(urls, sum(int(part["encodedDataLength"]) for part in (*ended, *led_on)))

    @property
    def url(self) -> str:
        """What the address bar shows."""
        history = self.call("Page.getNavigationHistory")
        url: str = history["entries"][history["currentIndex"]]["url"]
        return url

    @property
    def title(self) -> str:
        """What stands on the tab."""
        return title_of(self.html)

    @property
    def html(self) -> str:
        """The document as it stands."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        text: str = self.call("DOM.getOuterHTML", nodeId=root)["outerHTML"]
        return text

    @property
    def text(self) -> str:
        """The document's words, style sheet left out."""
        return text_of(self.html)

    def attribute(self, selector: str, name: str) -> str | None:
        """An element's attribute."""
        flat = self.call("DOM.getAttributes", nodeId=self._node(selector))["attributes"]
        found: dict[str, str] = dict(zip(flat[::2], flat[1::2], strict=True))
        return found.get(name)

    def has(self, selector: str) -> bool:
        """Is there such an element?"""
        return bool(self._find(selector))

    def box(self, selector: str) -> Box:
        """Where the element is drawn, after it was brought into view."""
        node = self._node(selector)
        self.call("DOM.scrollIntoViewIfNeeded", nodeId=node)
        border = self.call("DOM.getBoxModel", nodeId=node)["model"]["border"]
        xs, ys = border[::2], border[1::2]
        return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))

    def tap(self, selector: str) -> None:
        """Press and release the button in the middle of the element."""
        box = self.box(selector)
        at = {"x": box.x + box.width / 2, "y": box.y + box.height / 2, "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mousePressed", **at)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **at)
        self.taps += 1

    def press(self, key: str) -> None:
        """Press and release a key: Tab, Enter or " "."""
        code, number, text = {"Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), " ": ("Space", 32, " ")}[key]
        named = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **named)
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def tab_to(self, selector: str, most: int = 30) -> None:
        """Press the tabulator until the element has the focus."""
        for _ in range(most):
            self.press("Tab")
            if self.has(f"{selector}:focus"):
                return
        raise AssertionError(f"{self.url}: {selector} is not reached by the tabulator")

    def type_text(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def evaluate(self, expression: str) -> Any:
        """The value of a script's expression."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def view(self, width: int, height: int, *, mobile: bool) -> None:
        """Another screen."""
        scale = 2 if mobile else 1
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    def without_scripts(self) -> None:
        """Switch scripts off, as some patrons and most sign-in sheets do."""
        self.call("Emulation.setScriptExecutionDisabled", value=True)

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """A picture of what is in view, or of the whole page."""
        self.call("Page.bringToFront")
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _find(self, selector: str) -> int:
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        return int(self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"])

    def _node(self, selector: str) -> int:
        found = self._find(selector)
        assert found, f"{self.url} has no {selector}: {self.text[:300]}"
        return found


@contextmanager
def chromium(lab: Lab, client: str, *, in_background: bool = False) -> Iterator[Pipe]:
    """A browser of its own on a client; `in_background`: it may ask for things itself."""
    # the lab's sites have a certificate of their own
    flags = ("--ignore-certificate-errors",) if in_background else ("--disable-background-networking",)
    with browser(lab.inside(client), *flags) as pipe:
        yield pipe


@contextmanager
def browser(inside: Sequence[str] = (), *flags: str) -> Iterator[Pipe]:
    """A browser of its own; at the end it is gone with all it wrote.

    `inside`: the words that run a command in another namespace, none: here.
    """
    to_it, ours_write = os.pipe()
    ours_read, from_it = os.pipe()
    with scratch() as home:
        shell = ["sh", "-c", _ON_3_AND_4, "sh"]
        command = [*inside, *shell, "chromium", *_FLAGS, *flags, f"--user-data-dir={home / 'profile'}"]
        more = {"HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8"}
        try:
            with running(command, home / "log", stdin=to_it, stdout=from_it, more=more) as child:
                os.close(to_it)
                os.close(from_it)
                pipe = Pipe(ours_read, ours_write, home / "log")
                pipe.call("Browser.getVersion")
                yield pipe
                pipe.call("Browser.close")  # it buries its own children
                child.wait(10)
        finally:
            os.close(ours_write)
            os.close(ours_read)


@contextmanager
def fresh_tab(pipe: Pipe) -> Iterator[Tab]:
    """A tab of a person who was never here: no cookies, no pages, no names looked up."""
    context = pipe.call("Target.createBrowserContext")["browserContextId"]
    target = pipe.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
    yield Tab(pipe, pipe.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
    pipe.call("Target.disposeBrowserContext", browserContextId=context)


def own_tab(pipe: Pipe) -> Tab:
    """A tab of the browser's own person: what it opens by itself, it opens beside such a one."""
    target = pipe.call("Target.createTarget", url="about:blank")["targetId"]
    return Tab(pipe, pipe.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])


def tab_titled(pipe: Pipe, title: str) -> Tab | None:
    """The tab that shows a page of this title, whoever opened it, as the browser tells: a page may be on its way."""
    for each in pipe.call("Target.getTargets")["targetInfos"]:
        if each["type"] == "page" and each["title"] == title:
            return Tab(pipe, pipe.call("Target.attachToTarget", targetId=each["targetId"], flatten=True)["sessionId"])
    return None


def text_of(html: str) -> str:
    """A document's words, one space between any two."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return " ".join(" ".join(reader.words).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "script", "head")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script", "head")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
