"""Visits by access type and office hours."""

from datetime import date, datetime, timedelta, timezone

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId
from gateway.reports.visit_counts import VisitCounts, count_visits
from gateway.visits.visit import CountedSession, Visit, visits_of

ZONE = timezone(timedelta(hours=7))
TODAY = date(2027, 3, 31)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-{text}:00+07:00")


def visit(number: int, start: str, kind: AccessKind = AccessKind.WIFI) -> Visit:
    begin = at(start)
    session = CountedSession(SessionId(number), kind, ClientId(number), None, begin, begin + timedelta(hours=1))
    return visits_of([session])[0]


PROMISED = {TODAY: [(at("03-31T07:30"), at("03-31T11:00")), (at("03-31T13:30"), at("03-31T17:00"))]}


def test_a_visit_outside_the_promise_of_its_date_is_outside_hours() -> None:
    visits = [
        visit(1, "03-31T07:29"),  # before it opens, and goes on after
        visit(2, "03-31T07:30"),
        visit(3, "03-31T11:00"),  # the end of a span is not in it
        visit(4, "03-31T16:59", AccessKind.KIOSK),
        visit(5, "04-01T08:00"),  # nothing was promised on that date
    ]
    assert count_visits(visits, PROMISED, ZONE) == {
        TODAY: VisitCounts(total=4, kiosk=1, wifi=3, outside_hours=2),
        date(2027, 4, 1): VisitCounts(total=1, kiosk=0, wifi=1, outside_hours=1),
    }


def test_days_add_up_and_types_are_the_whole() -> None:
    days = count_visits([visit(n, f"03-{n:02}T08:00", list(AccessKind)[n % 2]) for n in range(1, 32)], PROMISED, ZONE)
    month = sum(days.values(), VisitCounts())
    assert (month.total, month.kiosk + month.wifi, month.outside_hours) == (31, 31, 30)
