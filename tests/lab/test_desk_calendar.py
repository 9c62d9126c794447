"""The calendar at the desk of a running gateway: what is decided there is what patrons meet, at once."""

import urllib.request
from collections.abc import Iterator, Mapping
from datetime import timedelta
from json import dumps, loads

import pytest

from gateway.clock import SystemClock, local_day
from gateway.lab.driver import Lab
from gateway.staff.roles import Role
from tests.lab.reconfigured import reconfigured
from tests.lab.staff_pc import StaffPc, at_the_desk

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAY = ["00:00-24:00"]


@pytest.fixture(scope="module")
def staff(lab: Lab) -> Iterator[StaffPc]:
    with reconfigured(lab, {"hours": {"enforce": True, **dict.fromkeys(DAYS, ALL_DAY)}}), at_the_desk(lab) as pc:
        yield pc


def asked(pc: StaffPc, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
    """As a librarian's program."""
    headers = {"Authorization": f"Bearer {pc.tokens[Role.LIBRARIAN]}", "Content-Type": "application/json"}
    data = dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{pc.url}/api/v1{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, object] = loads(answer.read())
        return found


def page(lab: Lab) -> str:
    """What a phone is shown."""
    return lab.run("c1", ["curl", "-s", "http://wifi.internal/"]).stdout


def test_a_closure_ends_who_is_on_and_is_taken_back(lab: Lab, staff: StaffPc) -> None:
    today = local_day(SystemClock().now(), lab.config.site.zone)
    lab.login("c1")
    told = asked(staff, "POST", "/calendar/closures", {"first": f"{today}", "reason": "mất điện"})
    lab.wait_until(lambda: lab.sessions() == [], 15, "closing to end who is on")
    assert lab.sql("SELECT cause FROM sessions ORDER BY id DESC LIMIT 1") == [("nas-request",)]
    assert "<form" not in page(lab)
    kept = lab.sql("SELECT kind, author, reason, taken_back_at FROM calendar_changes")
    assert kept == [("closure", "test", "mất điện", None)]
    numbers = told["numbers"]
    assert isinstance(numbers, list)
    asked(staff, "DELETE", f"/calendar/changes/{numbers[0]}")
    lab.wait_until(lambda: "<form" in page(lab), 5, "the form again")
    lab.login("c1")
    assert [session["state"] for session in lab.sessions()] == ["open"]
    tomorrow = asked(staff, "GET", f"/calendar/days/{today + timedelta(days=1)}")
    assert tomorrow["open"] == ALL_DAY


def test_a_week_without_today_shuts_the_door_and_an_extra_opening_opens_it(lab: Lab, staff: StaffPc) -> None:
    today = local_day(SystemClock().now(), lab.config.site.zone)
    other = (today.weekday() + 3) % 7
    lab.end_all_sessions()
    lab.login("c1")
    asked(staff, "PUT", "/calendar/week", {DAYS[other]: "08:00-09:00"})
    lab.wait_until(lambda: lab.sessions() == [], 30, "the new week to hold at the door")
    assert "<form" not in page(lab)
    weeks = lab.sql("SELECT json_extract(body, '$.first') FROM facts WHERE kind = 'week' ORDER BY key")
    assert weeks == [("2000-01-01",), (f"{today}",)]
    asked(staff, "POST", "/calendar/extra", {"day": f"{today}", "begin": "00:00", "end": "24:00"})
    lab.wait_until(lambda: "<form" in page(lab), 5, "an extra opening to let in")
    lab.login("c1")
    assert [session["state"] for session in lab.sessions()] == ["open"]
