"""When the library was open, by staff or by evidence, and when the gateway was alive."""

from datetime import datetime, timedelta, timezone

from gateway.service.intervals import Interval
from gateway.service.opened import DoorEvent, alive, opened_by_evidence, opened_by_staff

ZONE = timezone(timedelta(hours=7))


def at(text: str, day: int = 31) -> datetime:
    return datetime.fromisoformat(f"2027-03-{day}T{text}:00+07:00")


def span(text: str, day: int = 31) -> Interval:
    begin, _, end = text.partition("-")
    return at(begin, day), at(end or begin, day)


def told(intervals: list[Interval]) -> list[str]:
    return [f"{begin:%d %H:%M}-{end:%d %H:%M}" for begin, end in intervals]


MORNING, AFTERNOON = span("07:30-11:00"), span("13:30-17:00")


def opens(text: str, day: int = 31) -> DoorEvent:
    return DoorEvent(at(text, day), opens=True)


def closes(text: str, day: int = 31) -> DoorEvent:
    return DoorEvent(at(text, day), opens=False)


def test_staff_open_and_close_and_say_it_twice() -> None:
    events = [opens("07:42"), closes("11:05"), opens("13:30"), opens("14:00"), closes("17:20"), closes("17:30")]
    assert told(opened_by_staff([*events, *events[::-1]], [], ZONE)) == ["31 07:42-31 11:05", "31 13:30-31 17:20"]


def test_a_forgotten_close_ends_at_the_last_evidence_of_its_date() -> None:
    seen = [span("09:00-10:00", 30), span("16:10-16:40", 30), span("08:00-09:00")]
    events = [opens("07:30", 30), opens("07:40"), closes("11:00")]
    assert told(opened_by_staff(events, seen, ZONE)) == ["30 07:30-30 16:40", "31 07:40-31 11:00"]
    assert told(opened_by_staff([opens("07:30", 30), closes("08:00")], seen, ZONE)) == ["30 07:30-30 16:40"]
    assert opened_by_staff([opens("07:30")], [span("06:00-07:00")], ZONE) == []
    assert told(opened_by_staff([opens("07:30")], [(at("16:00"), at("16:00") + timedelta(hours=9))], ZONE)) == [
        "31 07:30-01 00:00"
    ]


def test_what_is_seen_from_midnight_on_is_of_the_next_date() -> None:
    next_day = (at("00:00") + timedelta(days=1), at("00:00") + timedelta(days=1, hours=1))
    seen = [span("09:00-10:00"), next_day]
    assert told(opened_by_staff([opens("08:00")], seen, ZONE)) == ["31 08:00-31 10:00"]
    closed_at_midnight = DoorEvent(next_day[0], opens=False)
    assert told(opened_by_staff([opens("08:00"), closed_at_midnight], seen, ZONE)) == ["31 08:00-31 10:00"]


def test_evidence_that_only_touches_an_opening_is_not_in_it() -> None:
    touching = [span("06:00-07:30"), span("08:00-09:00"), span("11:00-12:00"), span("11:00")]
    assert told(opened_by_evidence(touching, [MORNING])) == ["31 08:00-31 09:00"]
    assert told(opened_by_evidence([span("07:30"), span("09:00")], [MORNING])) == ["31 07:30-31 09:00"]


def test_evidence_opens_each_promised_interval_by_itself() -> None:
    seen = [span("07:20-07:50"), span("09:00"), span("10:40-11:30"), span("12:00"), span("14:00"), span("16:59")]
    assert told(opened_by_evidence(seen, [MORNING, AFTERNOON])) == ["31 07:30-31 11:00", "31 14:00-31 16:59"]
    assert opened_by_evidence([span("17:00"), span("06:00-07:30"), span("11:00-13:30")], [MORNING, AFTERNOON]) == []
    assert told(opened_by_evidence([span("07:30-07:40")], [MORNING])) == ["31 07:30-31 07:40"]


def test_evidence_counts_in_decided_extra_openings_and_never_at_night() -> None:
    seen = [span("18:30-19:00"), span("22:00-23:00"), span("08:00-08:10")]
    assert told(opened_by_evidence(seen, [MORNING], [span("18:00-20:00")])) == [
        "31 08:00-31 08:10",
        "31 18:30-31 19:00",
    ]


def test_the_gateway_is_up_between_signs_of_life_at_most_a_minute_apart() -> None:
    beats = [at("08:00") + timedelta(seconds=30 * n) for n in (0, 1, 2, 4, 7, 8, 20)]
    assert [(b - at("08:00"), e - at("08:00")) for b, e in alive([*beats, *beats[::-1]])] == [
        (timedelta(0), timedelta(seconds=120)),
        (timedelta(seconds=210), timedelta(seconds=240)),
    ]
