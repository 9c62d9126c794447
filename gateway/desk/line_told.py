"""What the desk tells of the line."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from gateway.facts.fact import Fact
from gateway.flows.line_entries import is_by_hand
from gateway.flows.line_month import LineMonth
from gateway.reports.rounding import below_goal
from gateway.service.speed import SpeedTest, is_valid


@dataclass(frozen=True, slots=True)
class OutageTold:
    """One span in which the line, the power or the gateway was down."""

    number: str
    """"L…" was seen by the gateway, "H…" entered by hand."""
    begin: datetime
    end: datetime | None
    """null: it goes on."""
    lasted_s: int
    cause: str
    """isp, power, gateway, planned or unknown; the ISP's alone enter the credit claim."""
    reported_at: datetime | None
    ticket: str
    note: str
    by_hand: bool
    failed_rounds: int | None
    """Looks at the line that failed, one each half minute."""
    unanswered: int | None
    evidence_sha256: str
    """Of the log it rests on; "" without one."""


@dataclass(frozen=True, slots=True)
class LineDayTold:
    """One day, as far as it is over."""

    day: date
    isp_down_s: int
    """What counts against the ISP: five minutes and more, without our own causes."""
    down_s: dict[str, int]
    """Seconds by cause, as seen or told."""
    availability_percent: str | None
    """Two decimals, never 100.00 below the whole; null before the day begins."""


@dataclass(frozen=True, slots=True)
class LineMonthTold:
    """A month in short."""

    month: str
    isp_down_s: int
    availability_percent: str | None


@dataclass(frozen=True, slots=True)
class SpeedTestTold:
    """One measurement."""

    at: datetime
    kbit_s: int
    client_kbit_s: int
    """What patrons moved meanwhile."""
    lasted_s: int
    counts: bool
    """Long enough, by cable, and the line all but unused."""


@dataclass(frozen=True, slots=True)
class LineTold:
    """A month of the line."""

    month: str
    isp_down_s: int
    availability_percent: str | None
    days: tuple[LineDayTold, ...]
    history: tuple[LineMonthTold, ...]
    """Twelve months, oldest first."""
    outages: tuple[OutageTold, ...]
    """Newest first."""
    speed_tests: tuple[SpeedTestTold, ...]
    """Newest first."""
    speed_tests_counted: int
    mean_kbit_s: int | None
    """Of the tests that count."""
    speed_is_enough: bool | None
    """At least four fifths of what was sold."""
    contracted_kbit_s: int


def line_told(found: LineMonth, now: datetime) -> LineTold:
    """A month as the desk tells it."""
    return LineTold(
        month=f"{found.month:%Y-%m}",
        isp_down_s=found.whole.isp_s,
        availability_percent=_percent(found.whole.availability_percent),
        days=tuple(
            LineDayTold(one.day, one.isp_s, dict(one.down_s), _percent(one.availability_percent)) for one in found.days
        ),
        history=tuple(
            LineMonthTold(f"{one.month:%Y-%m}", one.isp_s, _percent(one.availability_percent)) for one in found.history
        ),
        outages=tuple(outage_told(one, now) for one in found.outages),
        speed_tests=tuple(speed_test_told(one, found.contracted_kbit_s) for one in found.tests),
        speed_tests_counted=found.speed.tests,
        mean_kbit_s=None if found.speed.mean_kbit_s is None else int(found.speed.mean_kbit_s),
        speed_is_enough=found.speed.is_enough if found.contracted_kbit_s else None,
        contracted_kbit_s=found.contracted_kbit_s,
    )


def outage_told(one: Fact, now: datetime) -> OutageTold:
    """An outage."""
    begin, end = one.instant_of("begin"), one.instant("end")
    return OutageTold(
        number=one.key,
        begin=begin,
        end=end,
        lasted_s=max(0, int(((end or now) - begin).total_seconds())),
        cause=one.text("cause"),
        reported_at=one.instant("reported_at"),
        ticket=one.text("ticket"),
        note=one.text("note"),
        by_hand=is_by_hand(one),
        failed_rounds=one.known("failed_rounds"),
        unanswered=one.known("unanswered"),
        evidence_sha256=one.text("evidence_sha256"),
    )


def speed_test_told(one: SpeedTest, contracted_kbit_s: int) -> SpeedTestTold:
    """A measurement; without a contract nothing says how much of the line a test may find in use."""
    counts = is_valid(one, contracted_kbit_s or one.kbit_s)
    return SpeedTestTold(one.at, one.kbit_s, one.client_kbit_s, one.lasted_s, counts)


def _percent(value: Fraction | None) -> str | None:
    """Exact to two decimals, and never 100.00 for less."""
    if value is None:
        return None
    hundredths = int(below_goal(value) * 100 + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02}"
