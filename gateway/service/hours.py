"""Service hours: what was promised against what was held (counting 2.4 F; 2.7, 8 to 11).

In:  intervals of one day, one month or any other span: P (gateway.service.calendar), O and U (gateway.service.opened),
     outages of the line after their floor (gateway.service.outages), what is known of causes.
Out: Service; sums over days are those of the month, for nothing is counted twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from gateway.service.intervals import Interval, common, length_s, united, without


@dataclass(frozen=True, slots=True)
class Happened:
    """What took place in a span of time, all of it as intervals."""

    promised: Sequence[Interval]
    """P: week - holidays - closures decided before they begin + swapped working days."""
    opened: Sequence[Interval]
    """O: by staff or by evidence."""
    up: Sequence[Interval]
    """U: the gateway was alive."""
    isp_outages: Sequence[Interval] = ()
    """Those of the ISP alone, after the 5-minute floor (2.7, 10)."""
    sudden_closures: Sequence[Interval] = ()
    """Recorded after their start: nghỉ đột xuất."""
    power_cuts: Sequence[Interval] = ()
    equipment_faults: Sequence[Interval] = ()
    """The gateway or what it hangs on was out of order, with the power on."""


class Cause(StrEnum):
    """Why a promised second was not held, in the order in which they are asked (2.7, 10)."""

    SUDDEN_CLOSURE = "nghỉ đột xuất"
    POWER = "mất điện"
    EQUIPMENT = "hỏng thiết bị"
    NOT_OPENED = "chưa mở cửa"
    UNKNOWN = "không rõ"


def held(happened: Happened) -> list[Interval]:
    """H = P ∩ O ∩ U."""
    return common(common(happened.promised, happened.opened), happened.up)


def internet_held(happened: Happened) -> list[Interval]:
    """N = H minus the ISP's outages."""
    return without(held(happened), happened.isp_outages)


def extra_held(happened: Happened) -> list[Interval]:
    """X = (O ∩ U) \\ P; never lifts a ratio above 100 %."""
    return without(common(happened.opened, happened.up), happened.promised)


def served(happened: Happened) -> list[Interval]:
    """H and X: the hours that "per service hour" divides by (2.7, 14)."""
    return united([*held(happened), *extra_held(happened)])


def lost(happened: Happened) -> dict[Cause, list[Interval]]:
    """P without H by cause: each second has the first cause that fits (2.7, 10)."""
    left = without(happened.promised, held(happened))
    asked = (
        (Cause.SUDDEN_CLOSURE, united(happened.sudden_closures)),
        (Cause.POWER, united(happened.power_cuts)),
        (Cause.EQUIPMENT, united(happened.equipment_faults)),
        (Cause.NOT_OPENED, without(left, happened.opened)),
        (Cause.UNKNOWN, left),
    )
    causes: dict[Cause, list[Interval]] = {}
    for cause, spans in asked:
        causes[cause] = common(left, spans)
        left = without(left, spans)
    return causes


@dataclass(frozen=True, slots=True)
class Service:
    """The figures of a span, in whole seconds."""

    promised_s: int
    held_s: int
    internet_s: int
    extra_s: int
    lost_s: tuple[tuple[Cause, int], ...]
    """P \\ H by cause, in the order of Cause; they add up to it."""
    isp_lost_s: int
    """H \\ N."""
    objective_causes: frozenset[Cause] = frozenset({Cause.POWER})
    """What the site's setting calls an objective reason."""

    @property
    def hours_ratio(self) -> Fraction | None:
        """gio_phuc_vu in percent, raw: it decides đạt or chưa đạt. None ("–") without a promise."""
        return percent_of(self.held_s, self.promised_s)

    @property
    def internet_ratio(self) -> Fraction | None:
        """gio_internet in percent, raw."""
        return percent_of(self.internet_s, self.promised_s)

    @property
    def objective_hours_ratio(self) -> Fraction | None:
        """Held / (P - objective) (2.7, 10): "trừ lý do khách quan"."""
        return percent_of(self.held_s, self.promised_s - self._objective_s)

    @property
    def objective_internet_ratio(self) -> Fraction | None:
        """The same of N; what the ISP took is an objective reason too."""
        return percent_of(self.internet_s, self.promised_s - self._objective_s - self.isp_lost_s)

    @property
    def is_met(self) -> bool | None:
        """The goal of 100 %, judged exactly on the raw ratio (2.7, 11)."""
        return None if self.promised_s == 0 else self.held_s == self.promised_s

    @property
    def served_s(self) -> int:
        """H + X, which are disjoint."""
        return self.held_s + self.extra_s

    @property
    def _objective_s(self) -> int:
        return sum(seconds for cause, seconds in self.lost_s if cause in self.objective_causes)


def service(happened: Happened, objective_causes: Iterable[Cause] = (Cause.POWER,)) -> Service:
    """All figures of a span."""
    held_s, internet_s = length_s(held(happened)), length_s(internet_held(happened))
    return Service(
        promised_s=length_s(happened.promised),
        held_s=held_s,
        internet_s=internet_s,
        extra_s=length_s(extra_held(happened)),
        lost_s=tuple((cause, length_s(spans)) for cause, spans in lost(happened).items()),
        isp_lost_s=held_s - internet_s,
        objective_causes=frozenset(objective_causes),
    )


def percent_of(part: int, whole: int) -> Fraction | None:
    """100 · part / whole, exact; None ("–") of nothing."""
    return Fraction(100 * part, whole) if whole else None


def summed(services: Iterable[Service]) -> Service:
    """Several days' or sites' hours as one."""
    told = list(services)
    return Service(
        promised_s=sum(one.promised_s for one in told),
        held_s=sum(one.held_s for one in told),
        internet_s=sum(one.internet_s for one in told),
        extra_s=sum(one.extra_s for one in told),
        lost_s=tuple((cause, sum(dict(one.lost_s).get(cause, 0) for one in told)) for cause in Cause),
        isp_lost_s=sum(one.isp_lost_s for one in told),
    )
