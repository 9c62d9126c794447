"""What a period's report is made of, and what it consists of: exact values, no texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from gateway.accounting.rollup import Sums
from gateway.reports.figures import Counted, Period
from gateway.reports.indicators import Indicator
from gateway.reports.lock import Adjustment
from gateway.reports.month_counts import MonthCounts
from gateway.reports.period_quality import PeriodQuality
from gateway.reports.tables import BlockedRow, IncidentRow, PcRow
from gateway.service.calendar import Calendar
from gateway.service.hours import Service
from gateway.service.intervals import Interval
from gateway.service.outages import OutageCause
from gateway.visits.comparison import Compared, Dates
from gateway.visits.devices import Visitors
from gateway.visits.growth import Band, Rating


@dataclass(frozen=True, slots=True)
class HandMonth:
    """A month out of a register kept by hand."""

    visits: int
    kiosk_visits: int
    wifi_visits: int
    served_s: int
    document: str


@dataclass(frozen=True, slots=True)
class Carried:
    """A day's bytes between the two networks by the kernel, up and down together, and those that are explained."""

    carried_bytes: int
    explained_bytes: int
    """The sessions' sum, staff's too, and sites that are open before login."""


@dataclass(frozen=True, slots=True)
class SiteTold:
    """What is known of one site, for the period and the same a year before."""

    site: str
    name: str
    calendar: Calendar
    counts: Mapping[date, MonthCounts]
    """By the first day of the month: those that `months_needed` names."""
    active: Sequence[Dates]
    """When it is part of the programme."""
    hand: Mapping[date, HandMonth] = field(default_factory=dict)
    """By the first day of the month."""
    outages: Mapping[OutageCause, Sequence[Interval]] = field(default_factory=dict)
    blocked: Mapping[str, Mapping[date, int]] = field(default_factory=dict)
    """By category and day."""
    carried: Mapping[date, Carried] = field(default_factory=dict)
    devices: Mapping[date, int] = field(default_factory=dict)
    """Noted devices of months whose sessions can't be told apart any more, by the month's first day."""
    visitors: Mapping[date, Visitors] = field(default_factory=dict)
    """How many people a month's devices may have been, by its first day."""
    wan: Mapping[date, tuple[int, int]] = field(default_factory=dict)
    """Bytes up and down at the line's interface, by day."""
    told: Mapping[date, Mapping[str, int]] = field(default_factory=dict)
    """Figures of months that were signed or locked, as the office was told last."""
    pcs: tuple[PcRow, ...] | None = None
    """PCs at the end of a period that is no whole months; None: months tell them."""


@dataclass(frozen=True, slots=True)
class LineVolume:
    """Bytes at the line's own interface, whole frames: beside the sessions' sum, never in place of it."""

    up_bytes: int
    down_bytes: int
    days: int
    """Days of the period with a figure."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Against the same period a year before (2.4 H)."""

    visits: int
    before: int | None
    percent: Fraction | None
    rating: Rating
    needed: int | None
    still_needed: int | None
    per_hour_percent: Fraction | None
    """Growth of visits per hour served, H + X."""


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month of the period, as far as it lies in it."""

    month: date
    counted: Counted
    document: str
    """Of a hand count; "" when the gateway counted."""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A date of the period."""

    day: date
    counted: Counted


@dataclass(frozen=True, slots=True)
class SiteReport:
    """One site."""

    site: str
    name: str
    period: Period
    before: Counted | None
    """None: some month of the year before has no figure."""
    to_date: Counted
    growth: Growth
    service: Service
    months: tuple[MonthFigures, ...]
    months_before: tuple[MonthFigures, ...]
    """The same months a year before, as far as they have a figure."""
    days: tuple[DayFigures, ...]
    by_hour: tuple[Sums, ...]
    by_weekday: tuple[Sums, ...]
    pcs: tuple[PcRow, ...]
    incidents: tuple[IncidentRow, ...]
    blocked: tuple[BlockedRow, ...]
    quality: PeriodQuality
    visitors: Visitors | None = None
    """Of a month, where the devices of its days were counted apart; never a figure a goal rests on (2.4 D)."""
    line_volume: LineVolume | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All sites of a period."""

    first: date
    last: date
    before_first: date
    before_last: date
    band: Band
    indicators: tuple[Indicator, ...]
    """Biểu 1, over all sites."""
    growth: Growth
    """Of the sites that can be compared; the goal is judged on it."""
    compared: Compared
    total: Period
    sites: tuple[SiteReport, ...]
    adjustments: tuple[Adjustment, ...] = ()
    """Figures of signed or locked months that came out otherwise since, and were in no signed report yet."""
