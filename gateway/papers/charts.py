"""The pictures of a report: figures that stand in its tables too (counting 5.1; 2.4 F to I).

In:  SiteReports, one or all sites of a period; sums over them are drawn.
Out: Charts, exact values. Days while the period is one month, else months.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from gateway.accounting.rollup import Sums
from gateway.papers.paper import Chart, Language, Series
from gateway.reports import english, vietnamese
from gateway.reports.figures import Counted
from gateway.reports.report_values import Report, SiteReport
from gateway.visits.growth import Band

_HOUR_S = 3600
_MOST_CATEGORIES = 8
_OFFICE_HOURS = (7, 18)
"""Shown of a day's hours when nobody came at all."""

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "vi": {
        "growth": "Lượt người sử dụng so với cùng kỳ năm trước",
        "now": "Kỳ này",
        "before": "Cùng kỳ năm trước",
        "previous": "Kỳ trước",
        "low": "Chỉ tiêu: tăng {}%",
        "high": "{}%",
        "visits": "lượt",
        "hours": "Giờ phục vụ theo quy định và đã thực hiện",
        "promised": "Theo quy định",
        "held": "Đã phục vụ",
        "h": "giờ",
        "pcs": "Tỷ lệ ngày-máy hoạt động",
        "pc_days": "Ngày-máy hoạt động",
        "by_hour": "Thời gian sử dụng theo khung giờ",
        "by_weekday": "Thời gian sử dụng theo ngày trong tuần",
        "use": "Giờ sử dụng",
        "traffic": "Dung lượng tải xuống, tải lên",
        "down": "Tải xuống",
        "up": "Tải lên",
        "blocked": "Số lượt ngăn chặn theo nhóm nội dung",
        "others": "Nhóm khác",
    },
    "en": {
        "growth": "Visits against the same period last year",
        "now": "This period",
        "before": "Same period last year",
        "previous": "Previous period",
        "low": "Goal: {} %",
        "high": "{} % more",
        "visits": "visits",
        "hours": "Service hours promised and held",
        "promised": "Promised",
        "held": "Held",
        "h": "hours",
        "pcs": "PC-days in working order",
        "pc_days": "PC-days in order",
        "by_hour": "Use by hour of the day",
        "by_weekday": "Use by day of the week",
        "use": "Hours of use",
        "traffic": "Downloaded and uploaded",
        "down": "Download",
        "up": "Upload",
        "blocked": "Blocked requests by content group",
        "others": "Other groups",
    },
}
_WEEKDAYS: Mapping[Language, Sequence[str]] = {
    "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}

Sites = Sequence[SiteReport]


def charts_of(report: Report, language: Language, site: SiteReport | None = None) -> tuple[Chart, ...]:
    """All pictures of a report, or of one of its sites; those that no figure belongs to are left out.

    Growth is drawn of the sites that can be compared; of all if none can, with gaps where there is no base.
    """
    sites = [site] if site else report.sites
    same = [one for one in sites if one.site not in report.compared.left_out]
    made = (
        growth_chart(same or sites, report.band, language),
        hours_chart(sites, language),
        pcs_chart(sites, language),
        by_hour_chart(sites, language),
        by_weekday_chart(sites, language),
        traffic_chart(sites, language),
        blocked_chart(sites, language),
    )
    return tuple(one for one in made if one.labels)


def growth_chart(sites: Sites, band: Band, language: Language) -> Chart:
    """Visits of each month beside those of the year before; the band is where the goal of each month lies (2.4 H).

    The sites are those that can be compared; a month that one of them has no figure for has none.
    """
    words = _WORDS[language]
    months = sorted({one.month for site in sites for one in site.months})
    now = _monthly(sites, lambda site: {one.month: one.counted for one in site.months}, months)
    was = _monthly(
        sites,
        lambda site: {one.month.replace(year=one.month.year + 1): one.counted for one in site.months_before},
        months,
    )
    bases = tuple(one.visits if one else None for one in was)
    return Chart(
        code="growth",
        title=words["growth"],
        form="bars",
        labels=_month_labels(months, language),
        series=(
            Series(words["now"], tuple(one.visits if one else None for one in now)),
            Series(words["before"], bases),
        ),
        unit=words["visits"],
        band=(
            Series(words["low"].format(band.low), tuple(_grown(one, band.low) for one in bases)),
            Series(words["high"].format(band.high), tuple(_grown(one, band.high) for one in bases)),
        )
        if any(bases)
        else None,
    )


def hours_chart(sites: Sites, language: Language) -> Chart:
    """Hours promised and held (2.4 F)."""
    words, (labels, spans) = _WORDS[language], _spans(sites, language)
    return Chart(
        code="hours",
        title=words["hours"],
        form="bars",
        labels=labels,
        series=(
            Series(words["held"], tuple(Fraction(one.held_s, _HOUR_S) for one in spans)),
            Series(words["promised"], tuple(Fraction(one.promised_s, _HOUR_S) for one in spans)),
        ),
        unit=words["h"],
    )


def pcs_chart(sites: Sites, language: Language) -> Chart:
    """The share of PC-days in order, of a hundred (2.4 G, 2); days without service have none."""
    words, (labels, spans) = _WORDS[language], _spans(sites, language)
    if not any(one.pc_days for one in spans):
        labels, spans = (), ()
    shares = tuple(Fraction(100 * one.pc_days_ok, one.pc_days) if one.pc_days else None for one in spans)
    return Chart("pcs", words["pcs"], "lines", labels, (Series(words["pc_days"], shares),), "%")


def by_hour_chart(sites: Sites, language: Language) -> Chart:
    """Hours of use by hour of the day, from the first that was used to the last."""
    sums = [sum((one.by_hour[hour] for one in sites), Sums()) for hour in range(24)]
    used = [hour for hour, one in enumerate(sums) if one.use_s] or list(_OFFICE_HOURS)
    hours = range(min(used), max(used) + 1)
    words = _WORDS[language]
    values = tuple(Fraction(sums[hour].use_s, _HOUR_S) for hour in hours)
    labels = tuple(f"{hour}h" if language == "vi" else f"{hour}" for hour in hours)
    return Chart("by_hour", words["by_hour"], "bars", labels, (Series(words["use"], values),), words["h"])


def by_weekday_chart(sites: Sites, language: Language) -> Chart:
    """Hours of use by day of the week, Monday first."""
    words = _WORDS[language]
    sums = [sum((one.by_weekday[day] for one in sites), Sums()) for day in range(7)]
    values = tuple(Fraction(one.use_s, _HOUR_S) for one in sums)
    labels = tuple(_WEEKDAYS[language])
    return Chart("by_weekday", words["by_weekday"], "bars", labels, (Series(words["use"], values),), words["h"])


def traffic_chart(sites: Sites, language: Language) -> Chart:
    """What sessions downloaded and uploaded, in GB or, while it is little, in MB (1 GB = 10⁹ bytes)."""
    words, (labels, spans) = _WORDS[language], _spans(sites, language)
    size, unit = (10**9, "GB") if any(one.down_bytes + one.up_bytes >= 10**9 for one in spans) else (10**6, "MB")
    down = tuple(Fraction(one.down_bytes, size) for one in spans)
    up = tuple(Fraction(one.up_bytes, size) for one in spans)
    series = (Series(words["down"], down), Series(words["up"], up))
    return Chart("traffic", words["traffic"], "stacked", labels, series, unit)


def blocked_chart(sites: Sites, language: Language) -> Chart:
    """Blocked requests by content group, most first (2.4 I); the smallest ones together when there are many."""
    words, name = _WORDS[language], vietnamese.category if language == "vi" else english.category
    now: dict[str, int] = {}
    was: dict[str, int] = {}
    for row in (row for site in sites for row in site.blocked):
        now[row.category] = now.get(row.category, 0) + row.blocked
        was[row.category] = was.get(row.category, 0) + row.before
    order = sorted(now, key=lambda one: (-now[one], -was[one], one))
    shown, rest = (
        (order[: _MOST_CATEGORIES - 1], order[_MOST_CATEGORIES - 1 :]) if len(order) > _MOST_CATEGORIES else (order, [])
    )
    labels = (*(name(one) for one in shown), *((words["others"],) if rest else ()))
    series = tuple(
        Series(words[key], (*(counts[one] for one in shown), *((sum(counts[one] for one in rest),) if rest else ())))
        for key, counts in (("now", now), ("previous", was))
    )
    return Chart(
        "blocked", words["blocked"], "across", labels, series, words["visits"] if language == "vi" else "requests"
    )


def _grown(base: int | None, percent: int) -> Fraction | None:
    # nothing to grow from is no goal
    return Fraction(base * (100 + percent), 100) if base else None


def _monthly(
    sites: Sites, of: Callable[[SiteReport], Mapping[date, Counted]], months: Sequence[date]
) -> list[Counted | None]:
    told = [of(one) for one in sites]
    return [
        sum((one[month] for one in told), Counted()) if told and all(month in one for one in told) else None
        for month in months
    ]


def _spans(sites: Sites, language: Language) -> tuple[tuple[str, ...], Sequence[Counted]]:
    """Labels and sums of the days of one month, or of the months of a longer period."""
    months = sorted({one.month for site in sites for one in site.months})
    if len(months) == 1:
        days: dict[date, Counted] = {}
        for one in (one for site in sites for one in site.days):
            days[one.day] = days.get(one.day, Counted()) + one.counted
        return tuple(f"{day.day}" for day in sorted(days)), [days[day] for day in sorted(days)]
    sums = {
        month: sum((one.counted for site in sites for one in site.months if one.month == month), Counted())
        for month in months
    }
    return _month_labels(months, language), [sums[month] for month in months]


def _month_labels(months: Sequence[date], language: Language) -> tuple[str, ...]:
    one_year = len({month.year for month in months}) == 1
    if language == "en":
        return tuple(f"{english.month(one)[:3]}{'' if one_year else f' {one.year}'}" for one in months)
    return tuple(f"Th.{one.month}" if one_year else f"{one.month}/{one.year}" for one in months)
