"""Firefox ESR judges the portal: it finds out by itself, shows its bar, leads to the sign-in, and lets go after it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from gateway.lab.driver import Lab
from tests.lab.judges.firefox_window import LOCKED, NOT_CAPTIVE, UNLOCKED, Firefox, firefox
from tests.lab.judges.ledger import the_one_session

CLIENT = "c2"
OPEN_LOGIN = "Open network login page"


@pytest.fixture
def browser(lab: Lab) -> Iterator[Firefox]:
    """Started by somebody who has not signed in."""
    lab.end_all_sessions()
    with firefox(lab, CLIENT) as found:
        yield found
    lab.end_all_sessions()


def test_locked_with_a_bar_then_unlocked_without(lab: Lab, browser: Firefox) -> None:
    lab.wait_until(lambda: browser.state() == LOCKED, 30, "Firefox finding the portal by itself")
    lab.wait_until(lambda: OPEN_LOGIN in (browser.bar() or ()), 15, "its bar with the button")
    assert lab.sessions() == []

    browser.press(OPEN_LOGIN)

    def portal() -> str:
        hosts = {handle: urlsplit(url).hostname for handle, url in browser.tabs().items()}
        return next((handle for handle, host in hosts.items() if host == lab.config.portal.hostname), "")

    tab = lab.wait_until(portal, 20, "the tab of the sign-in page")
    browser.tap(tab, "label.agree")
    browser.tap(tab, "form[action^='/login'] button")
    lab.wait_until(lambda: urlsplit(browser.tabs().get(tab, "")).path == "/status", 20, "the page that says so")
    session = the_one_session(lab, CLIENT)
    lab.wait_until(lambda: browser.state() == UNLOCKED, 20, "Firefox noticing by itself")
    lab.wait_until(lambda: browser.bar() is None, 10, "the bar to go")
    assert the_one_session(lab, CLIENT) == session
    assert lab.sql("SELECT method, state FROM sessions WHERE id = ?", (session,)) == [("terms", "open")]


def test_not_captive_where_somebody_has_signed_in_before(lab: Lab) -> None:
    lab.end_all_sessions()
    lab.login(CLIENT)
    with firefox(lab, CLIENT) as found:
        lab.wait_until(lambda: found.state() == NOT_CAPTIVE, 30, "Firefox finding no portal")
        assert found.bar() is None
    lab.end_all_sessions()
