"""Chromium judges the portal by itself: a page by https that does not come leads it to open the sign-in in a tab, and
once that is done it fetches the page.

It asks whether there is a portal when a page by https has taken 30 s (chrome/browser/captive_portal); that its
packets are dropped and not reset is what makes it wait (portal.https_before_login).
"""

from urllib.parse import urlsplit

from gateway.clock import SystemClock
from gateway.lab.driver import Lab
from gateway.lab.names import WEB_NAMES
from tests.lab.judges.chromium import chromium, own_tab, tab_titled
from tests.lab.judges.ledger import the_one_session

CLIENT = "c2"
SPLASH = "Wi-Fi miễn phí của thư viện – Thư viện Sa Thầy"
SITE = f"https://{WEB_NAMES[0]}/"


def test_an_https_page_before_login_leads_chromium_to_open_the_sign_in(lab: Lab) -> None:
    lab.end_all_sessions()
    clock = SystemClock()
    with chromium(lab, CLIENT, in_background=True) as pipe:
        waiting = own_tab(pipe)
        began_s = clock.boot_s()
        waiting.evaluate(f"location.href = '{SITE}'")  # and go on: nobody answers there
        portal = lab.wait_until(lambda: tab_titled(pipe, SPLASH), 90, "a tab with the sign-in page")
        assert portal is not None
        print(f"opened after {clock.boot_s() - began_s:.0f} s")
        assert urlsplit(portal.url).hostname == lab.config.portal.hostname
        assert lab.sessions() == []

        portal.tap("label.agree")
        portal.until_loaded(lambda: portal.tap("form[action^='/login'] button"))
        assert urlsplit(portal.url).path == "/status"
        the_one_session(lab, CLIENT)
        lab.wait_until(lambda: tab_titled(pipe, WEB_NAMES[0]), 60, "the page that was wanted, in its own tab")
        print(f"the wanted page came after {clock.boot_s() - began_s:.0f} s")
    lab.end_all_sessions()
