"""Tables by hour and weekday, of PCs, filtering and incidents."""

from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction

from gateway.accounting.rollup import Sums, total
from gateway.reports.tables import (
    BlockedRow,
    IncidentRow,
    PcRow,
    blocked_rows,
    by_clock_hour,
    by_weekday,
    incident_rows,
    pc_rows,
)
from gateway.service.outages import OutageCause
from gateway.service.workstation import UNENDED, Pc, PcId, PcState, Record, ServiceDay

ZONE = timezone(timedelta(hours=7))
MARCH = (date(2027, 3, 1), date(2027, 3, 31))


def at(day: int, text: str) -> datetime:
    return datetime.combine(date(2027, 3, day), time.fromisoformat(text), ZONE)


DAYS = [
    ServiceDay(date(2027, 3, day), promised, promised)
    for day in range(1, 32)
    if date(2027, 3, day).weekday() < 5
    for promised in [[(at(day, "07:30"), at(day, "11:00")), (at(day, "13:30"), at(day, "17:00"))]]
]


def test_hours_and_weekdays_are_the_period_taken_apart() -> None:
    hours = {at(1, "08:00"): Sums(visits=2), at(2, "08:00"): Sums(visits=3), at(9, "15:00"): Sums(visits=5)}
    clock, week = by_clock_hour(hours), by_weekday(hours)
    assert (len(clock), clock[8].visits, clock[15].visits) == (24, 5, 5)
    assert [one.visits for one in week] == [2, 8, 0, 0, 0, 0, 0]  # 1 March 2027 is a Monday
    assert sum(clock, Sums()) == sum(week, Sums()) == total(hours)


def test_a_pc_that_is_out_of_order_says_since_when_and_for_how_long() -> None:
    every_day = [(one.promised[0][0], one.promised[0][0]) for one in DAYS]
    good = Record(Pc(PcId("PC01"), date(2020, 1, 1)), sightings=every_day)
    repaired = Record(Pc(PcId("PC02"), date(2020, 1, 1)), [(at(9, "00:00"), at(11, "00:00"))], every_day)
    broken = Record(Pc(PcId("PC03"), date(2020, 1, 1)), [(at(30, "08:00"), UNENDED)], every_day)
    gone = Record(Pc(PcId("PC04"), date(2020, 1, 1)), sightings=every_day[:-4])
    retired = Record(Pc(PcId("PC05"), date(2020, 1, 1), date(2027, 3, 2)), sightings=every_day)
    assert pc_rows([retired, gone, broken, repaired, good], DAYS, MARCH, ZONE) == [
        PcRow("PC01", PcState.OK, None, 0),
        PcRow("PC02", PcState.OK, None, 2),
        PcRow("PC03", PcState.FAULT, date(2027, 3, 30), 2),
        PcRow("PC04", PcState.SUSPECT, date(2027, 3, 30), 1),  # unseen from the 26th: suspect after the 30th
        PcRow("PC05", PcState.RETIRED, None, 0),
    ]
    assert pc_rows([good], [], MARCH, ZONE) == []


def test_blocked_groups_of_both_periods_most_first() -> None:
    assert blocked_rows({"games": 120, "gambling": 61}, {"gambling": 50, "threats": 9}) == [
        BlockedRow("games", 120, 0, None),
        BlockedRow("gambling", 61, 50, Fraction(22)),
        BlockedRow("threats", 0, 9, Fraction(-100)),
    ]


def test_incidents_in_order_with_their_part_of_the_service_hours() -> None:
    promised = DAYS[0].promised
    rows = incident_rows(
        {
            OutageCause.POWER: [(at(1, "16:30"), at(1, "18:00"))],
            OutageCause.ISP: [(at(1, "10:30"), at(1, "12:00")), (at(1, "12:00"), at(1, "13:31"))],
        },
        promised,
    )
    assert rows == [
        IncidentRow(at(1, "10:30"), at(1, "13:31"), 181 * 60, 31 * 60, OutageCause.ISP),
        IncidentRow(at(1, "16:30"), at(1, "18:00"), 90 * 60, 30 * 60, OutageCause.POWER),
    ]
