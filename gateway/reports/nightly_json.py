"""The nightly summary as plain values for programs: every figure and its parts.

Keys are kept; what a later version adds comes with new ones.

format              1
site                code, name, utc_offset ("+07:00")
day                 the site's calendar day, YYYY-MM-DD
closed              false while the day is not over, and for a day on which the gateway did not run
counted_until       the instant the figures of an unfinished day reach to; null when the day is over
visits, sessions    that started on the day
attempts            splash page views, one a device and 30 minutes, whether or not it then got in
use_s, use_minutes  use of the day in seconds; the same as printed, rounded once
up_bytes, down_bytes  from and to the devices
refusals            total, by_category (codes; empty when the parts are no longer kept)
weekday_mean        of the same weekday in the four weeks before: visits (two decimals, as text; null: no such day),
                    change_percent (one decimal, as text; null: nothing to compare with), days (day, visits)
month_to_date       month (YYYY-MM), visits, days (that have figures)
hours               those with any figure: hour_at, visits, sessions, use_s, up_bytes, down_bytes; they add up to
                    the day
quality             complete, gateway_ran, open_sessions, rebooted_sessions, sessions_kept, and
                    gaps (kind: power, off, daemon, silent, lost; start, stop, lasted_s)
pcs                 working, in_service (null: none); service: promised_s, held_s; both null where nothing is known
line                outages (start, stop, goes_on, has_ticket), down_minutes, speed_kbit_s (one decimal, as text; null:
                    not measured), contracted_kbit_s
goal                visits, before, change_percent (two decimals, as text), before_month, still_needed, rating,
                    low_percent, high_percent; needed_a_day (of each service day left; null: none is left),
                    projected (visits at the month's end if it goes on so; two decimals, as text)
needs               what has to be done, as printed
subject, text, short  as printed

Instants are ISO 8601 in the site's zone, to the second. Staff devices are in no figure.
"""

from datetime import datetime
from fractions import Fraction

from gateway.reports.day import DayFigures, Language
from gateway.reports.day_state import DayState
from gateway.reports.nightly import tell
from gateway.reports.quality import Gap
from gateway.reports.rounding import rounded
from gateway.units import epoch_s, from_epoch_s

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None


def figures_tree(
    figures: DayFigures, site_code: str, site_name: str, language: Language, state: DayState | None = None
) -> dict[str, Json]:
    """The tree for json.dumps; the same figures give the same bytes."""
    told, sums, quality = tell(figures, site_name, language, state), figures.sums, figures.quality
    until = figures.counted_until
    return {
        "format": 1,
        "site": {"code": site_code, "name": site_name, "utc_offset": _offset(figures)},
        "day": figures.day.isoformat(),
        "closed": until is None and quality.gateway_ran,
        "counted_until": None if until is None else _instant(until, figures),
        "visits": sums.visits,
        "sessions": sums.sessions,
        "attempts": figures.attempts,
        "use_s": sums.use_s,
        "use_minutes": figures.use_minutes,
        "up_bytes": sums.up_bytes,
        "down_bytes": sums.down_bytes,
        "refusals": {"total": figures.refusals, "by_category": dict(figures.refused)},
        "weekday_mean": {
            "visits": _decimal(figures.weekday_mean, 2),
            "change_percent": _decimal(figures.weekday_change_percent, 1),
            "days": [{"day": day.isoformat(), "visits": visits} for day, visits in figures.weekday_visits],
        },
        "month_to_date": {
            "month": f"{figures.day:%Y-%m}",
            "visits": figures.month_visits,
            "days": figures.month_days,
        },
        "hours": _hours(figures),
        "quality": {
            "complete": quality.is_complete,
            "gateway_ran": quality.gateway_ran,
            "open_sessions": quality.open_sessions,
            "rebooted_sessions": quality.rebooted_sessions,
            "sessions_kept": quality.sessions_kept,
            "gaps": [_gap(gap, figures) for gap in quality.gaps],
        },
        **_state(figures, state),
        "needs": list(told.needs),
        "subject": told.subject,
        "text": told.text,
        "short": told.short,
    }


def _state(figures: DayFigures, state: DayState | None) -> dict[str, Json]:
    if state is None:
        return {"pcs": None, "service": None, "line": None, "goal": None}
    pcs, line, goal = state.pcs, state.line, state.goal
    return {
        "pcs": {"working": pcs.part, "in_service": pcs.whole} if pcs else None,
        "service": {"promised_s": state.promised_s, "held_s": state.held_s},
        "line": {
            "outages": [
                {
                    "start": _instant(one.start, figures),
                    "stop": _instant(one.stop, figures),
                    "goes_on": one.goes_on,
                    "has_ticket": one.has_ticket,
                }
                for one in line.outages
            ],
            "down_minutes": line.minutes,
            "speed_kbit_s": _decimal(line.speed_kbit_s, 1),
            "contracted_kbit_s": line.contracted_kbit_s,
        },
        "goal": {
            "visits": goal.visits,
            "before": goal.before,
            "change_percent": _decimal(goal.percent, 2),
            "before_month": goal.before_month,
            "still_needed": goal.still_needed,
            "needed_a_day": goal.pace.needed_a_day if goal.pace else None,
            "projected": _decimal(goal.pace.projected if goal.pace else None, 2),
            "rating": goal.rating.value,
            "low_percent": goal.band.low,
            "high_percent": goal.band.high,
        },
    }


def _hours(figures: DayFigures) -> list[Json]:
    return [
        {
            "hour_at": _instant(hour, figures),
            "visits": sums.visits,
            "sessions": sums.sessions,
            "use_s": sums.use_s,
            "up_bytes": sums.up_bytes,
            "down_bytes": sums.down_bytes,
        }
        for hour, sums in figures.hours.items()
    ]


def _gap(gap: Gap, figures: DayFigures) -> Json:
    return {
        "kind": gap.kind.value,
        "start": _instant(gap.start, figures),
        "stop": _instant(gap.stop, figures),
        "lasted_s": gap.lasted_s,
    }


def _instant(at: datetime, figures: DayFigures) -> str:
    return from_epoch_s(epoch_s(at)).astimezone(figures.zone).isoformat()


def _offset(figures: DayFigures) -> str:
    return _instant(from_epoch_s(0), figures)[-6:]


def _decimal(value: Fraction | None, places: int) -> str | None:
    # text: a float would show other digits than the summary on some values
    return None if value is None else rounded(value, places).replace(",", "")
