"""Debian's Firefox ESR on a client with its captive-portal service as shipped, asked over Marionette what it thinks and
shows."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.lab.driver import Lab
from tests.lab.judges import marionette
from tests.lab.judges.programs import running, said, scratch

NOT_CAPTIVE, UNLOCKED, LOCKED = 1, 2, 3
"""nsICaptivePortalService.idl; 0 is unknown."""
_PREFERENCES = {
    # Marionette's own would switch the captive-portal service off
    "remote.prefs.recommended": "false",
    "network.captive-portal-service.enabled": "true",
    "browser.startup.homepage_override.mstone": '"ignore"',
    "browser.aboutwelcome.enabled": "false",
    "browser.shell.checkDefaultBrowser": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "intl.locale.requested": '"en-US"',
}
_STATE = """
return Cc["@mozilla.org/network/captive-portal-service;1"].getService(Ci.nsICaptivePortalService).state;"""
_RECHECK = """
Cc["@mozilla.org/network/captive-portal-service;1"].getService(Ci.nsICaptivePortalService).recheckCaptivePortal();"""
_BAR = """
const box = Services.wm.getMostRecentWindow("navigator:browser").gNotificationBox;
const bar = box.getNotificationWithValue("captive-portal-detected");
return bar ? [...bar.querySelectorAll("button")].map(each => each.label || each.textContent).filter(x => x) : null;"""
_PRESS = """
const box = Services.wm.getMostRecentWindow("navigator:browser").gNotificationBox;
const bar = box.getNotificationWithValue("captive-portal-detected");
[...bar.querySelectorAll("button")].find(each => (each.label || each.textContent) == arguments[0]).click();"""
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver section 11.1


@dataclass(slots=True)
class Firefox:
    """A running one."""

    lab: Lab
    bridge: subprocess.Popen[str]
    log: Path

    def call(self, name: str, **parameters: Any) -> Any:
        """A command of Marionette; AssertionError with Firefox's own words when it refuses."""
        assert self.bridge.stdin and self.bridge.stdout
        self.bridge.stdin.write(json.dumps([name, parameters]) + "\n")
        self.bridge.stdin.flush()
        line = self.bridge.stdout.readline()
        assert line, f"{name}: Firefox is gone; it said:\n{said(self.log)[-3000:]}"
        error, result = json.loads(line)
        assert error is None, f"{name}: {error}"
        return result.get("value") if isinstance(result, dict) and "value" in result else result

    def state(self) -> int:
        """What its captive-portal service thinks now."""
        return int(self._chrome(_STATE))

    def recheck(self) -> None:
        """Let it ask again, as it does by itself within a minute."""
        self._chrome(_RECHECK)

    def bar(self) -> list[str] | None:
        """The buttons of the bar that tells of the portal; None: there is no such bar."""
        found: list[str] | None = self._chrome(_BAR)
        return found

    def press(self, button: str) -> None:
        """A button of that bar."""
        self._chrome(_PRESS, button)

    def tabs(self) -> dict[str, str]:
        """Handle and address of each."""
        self.call("Marionette:SetContext", value="content")
        found: dict[str, str] = {}
        for handle in self.call("WebDriver:GetWindowHandles"):
            self.call("WebDriver:SwitchToWindow", handle=handle, focus=True)
            found[handle] = str(self.call("WebDriver:GetCurrentURL"))
        return found

    def tap(self, handle: str, selector: str) -> None:
        """Click on an element of a tab."""
        self.call("Marionette:SetContext", value="content")
        self.call("WebDriver:SwitchToWindow", handle=handle, focus=True)
        element = self.call("WebDriver:FindElement", using="css selector", value=selector)[_ELEMENT]
        self.call("WebDriver:ElementClick", id=element)

    def _chrome(self, script: str, *arguments: str) -> Any:
        self.call("Marionette:SetContext", value="chrome")
        return self.call("WebDriver:ExecuteScript", script=script, args=list(arguments))


@contextmanager
def firefox(lab: Lab, client: str) -> Iterator[Firefox]:
    """One of its own; at the end it is gone with all it wrote."""
    with scratch() as directory:
        lines = [f'user_pref("{name}", {value});\n' for name, value in _PREFERENCES.items()]
        (directory / "user.js").write_text("".join(lines), encoding="ascii")
        log = directory / "log"
        words = ["--headless", "--no-remote", "--marionette", "-remote-allow-system-access", "--profile"]
        browser = [*lab.inside(client), "firefox-esr", *words, str(directory), "about:blank"]
        with running(browser, log, more={"HOME": str(directory), "MOZ_CRASHREPORTER_DISABLE": "1"}):
            listens = ["sh", "-c", f"ss -ltnH 'sport = :{marionette.PORT}' | grep -q ."]
            lab.wait_until(lambda: lab.run(client, listens).returncode == 0, 60, f"Firefox; it said: {said(log)}")
            bridge = subprocess.Popen(
                [*lab.inside(client), sys.executable, str(Path(marionette.__file__))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            try:
                found = Firefox(lab, bridge, log)
                found.call("WebDriver:NewSession")
                yield found
            finally:
                bridge.kill()
                bridge.communicate()
