"""The library closes: a running download is cut, the page says when it opens again, the ledger says why."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from gateway.lab.driver import Lab
from tests.lab.reconfigured import reconfigured

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture(autouse=True)
def enforced(lab: Lab) -> Iterator[None]:
    with reconfigured(lab, {"hours": {"enforce": True, **{day: ["00:00-24:00"] for day in DAYS}}}):
        yield


def test_a_closure_ends_sessions_and_its_end_lets_in_again(lab: Lab) -> None:
    lab.login("c1")
    now = datetime.now(lab.config.site.zone)
    day, span = f"{now:%Y-%m-%d}", f"{now:%H:%M}-24:00"
    number = lab.cong("hours", "close", day, span, "--reason", "mất nước").stdout.split()[1].rstrip(":")
    lab.wait_until(lambda: lab.sessions() == [], 15, "the sessions to end")
    assert lab.sql("SELECT cause FROM sessions ORDER BY id DESC LIMIT 1") == [("nas-request",)]
    page = lab.run("c1", ["curl", "-s", "http://wifi.internal/"]).stdout
    opens = now + timedelta(days=1)
    assert f"{opens:%d/%m}" in page and "00:00" in page and "<form" not in page
    probe = lab.run("c1", ["curl", "-si", "http://connectivitycheck.gstatic.com/generate_204"]).stdout
    assert "302" in probe.splitlines()[0], "devices still learn that they are captive"
    lab.cong("hours", "take-back", number)
    lab.wait_until(lambda: "<form" in lab.run("c1", ["curl", "-s", "http://wifi.internal/"]).stdout, 10, "the form")
    lab.login("c1")
    assert [session["state"] for session in lab.sessions()] == ["open"]
