"""Standard sentences over all sites in both languages; the Vietnamese ones are those of gateway.reports.sentences.

In:  Report.
Out: sentences; the figures in them are those of the tables.
"""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from gateway.papers.tongue import Tongue
from gateway.reports.lock import LOCK_DAY
from gateway.reports.report_values import Report
from gateway.reports.sentences import hours_sentence, method_note, pcs_sentence, visits_sentence
from gateway.reports.tables import PcRow
from gateway.service.hours import Cause, Service
from gateway.service.workstation import PcState, Share
from gateway.visits.growth import Rating, growth_per_hour
from gateway.visits.visit import GAP, KIOSK_GAP

_REASONS = "…………………"


def visits_told(report: Report, say: Tongue) -> list[str]:
    """How many came, how that stands against the goal, and what the hours held do to it (2.4 H)."""
    span = say.span((report.first, report.last))
    total, grown = report.total.counted.visits, report.growth
    same = [one for one in report.sites if one.site not in report.compared.left_out]
    if grown.before is None or len(same) == len(report.sites):
        return [_visits(total, grown.before, grown.rating, report, say), *_beside(report, say)]
    who = say(
        f"riêng {len(same):02} điểm có số liệu của cả hai kỳ", f"the {len(same)} sites with figures for both periods"
    )
    left = ", ".join(one.name for one in report.sites if one not in same)
    return [
        say(
            f"Trong {span}, các điểm truy nhập đã phục vụ {say.number(total)} lượt người sử dụng.",
            f"In the {span} the sites served {say.number(total)} visits.",
        ),
        _visits(grown.visits, grown.before, grown.rating, report, say, who),
        say(f"Không so sánh với cùng kỳ: {left}.", f"Not compared with last year: {left}."),
        *_beside(report, say),
    ]


def pcs_told(report: Report, say: Tongue, *, reported: bool) -> str:
    """How many PCs work at the end of the period, and since when others do not."""
    span = say.span((report.first, report.last))
    rows = [row for one in report.sites for row in one.pcs]
    share = report.total.pcs
    if say.language == "vi":
        return pcs_sentence(share, rows, span=span, reported=reported)
    return _pcs_in_english(share, rows, span, say, reported=reported)


def hours_told(service: Service, say: Tongue) -> str:
    """Hours held of those promised, and what broke them."""
    if say.language == "vi":
        return hours_sentence(service)
    if not service.promised_s:
        return "No service hours were prescribed."
    ratio = say.ratio(service.held_s, service.promised_s)
    told = f"Open for {say.hours(service.held_s)} of {say.hours(service.promised_s)} prescribed hours ({ratio})"
    lost = [(_CAUSES[cause], seconds) for cause, seconds in service.lost_s]
    parts = [
        f"{word} {say.hours(seconds)} hours"
        for word, seconds in [*lost, ("faults of the line", service.isp_lost_s)]
        if say.hours(seconds) != "0"
    ]
    return f"{told}; lost to {', '.join(parts)}." if parts else f"{told}."


def method_told(say: Tongue, lock_day: int = LOCK_DAY) -> str:
    """How visits are counted; printed in every report."""
    if say.language == "vi":
        return method_note(lock_day)
    return (
        "A visit is one continuous use by a person or a device; uses that are at most "
        f"{_minutes(GAP)} minutes apart (at public PCs without login: {_minutes(KIOSK_GAP)} minutes) are one visit. "
        "Devices of the library's staff are not counted. The number of devices is not a number of people, for phones "
        f"may change the address they are known by. Figures are locked on day {lock_day} of the next month."
    )


def visitors_told(report: Report, say: Tongue) -> list[str]:
    """Between how many and how many people a site's devices may have been; no goal rests on it (2.4 D)."""
    lines = []
    for one in report.sites:
        if one.visitors is None:
            continue
        told = one.visitors
        central = (
            ""
            if told.central is None
            else say(f", khoảng {say.number(told.central)}", f", about {say.number(told.central)}")
        )
        low, high = say.number(told.lower), say.number(told.upper)
        lines.append(
            say(
                f"{one.name}: ước lượng từ {low} đến {high} người đã sử dụng{central} "
                "(chỉ để tham khảo, không dùng để xét chỉ tiêu).",
                f"{one.name}: between {low} and {high} people, by estimate{central} "
                "(for information; no target is judged on it).",
            )
        )
    return lines


def volume_told(report: Report, say: Tongue) -> list[str]:
    """The line's own bytes beside the sessions': between them are headers, the gateway's own and open sites'."""
    lines = []
    for one in report.sites:
        if one.line_volume is None:
            continue
        line, counted = one.line_volume, one.period.counted
        sums = [
            f"{say.number(Fraction(count, 10**9), 2)} GB"
            for count in (line.down_bytes, line.up_bytes, counted.down_bytes, counted.up_bytes)
        ]
        lines.append(
            say(
                f"{one.name}: qua đường truyền tải xuống {sums[0]}, tải lên {sums[1]} ({line.days} ngày có số liệu); "
                f"các phiên truy nhập tải xuống {sums[2]}, tải lên {sums[3]}.",
                f"{one.name}: the line carried {sums[0]} down, {sums[1]} up ({line.days} days with figures); sessions "
                f"{sums[2]} down, {sums[3]} up.",
            )
        )
    return lines


_CAUSES = {
    Cause.SUDDEN_CLOSURE: "unplanned closing",
    Cause.POWER: "power cuts",
    Cause.EQUIPMENT: "broken equipment",
    Cause.NOT_OPENED: "not being opened",
    Cause.UNKNOWN: "unknown causes",
}


def _visits(visits: int, before: int | None, rated: Rating, report: Report, say: Tongue, who: str = "") -> str:
    span, band = say.span((report.first, report.last)), report.band
    if say.language == "vi":
        subject = who or "các điểm truy nhập"
        return visits_sentence(visits, before, span=span, reasons=_REASONS, band=band, who=subject)
    served = f"In the {span} {who or 'the sites'} served {say.number(visits)} visits"
    if not before:
        return f"{served}. There are no figures of last year to compare with."
    change = f"{_change(Fraction(100 * (visits - before), before), say)} against the same period last year"
    if rated is Rating.MISSED:
        return f"{served}, {change}: the target of the plan is not met; main causes: {_REASONS}."
    word = "met" if rated is Rating.MET else "exceeded"
    return f"{served}, {change}: the target of the plan (up {band.low}% to {band.high}%) is {word}."


def _beside(report: Report, say: Tongue) -> list[str]:
    """Visits per hour served, so that more open days do not look like success; what is still needed."""
    same = [one for one in report.sites if one.site not in report.compared.left_out]
    now_s = sum(one.period.counted.served_s for one in same)
    before_s = sum(one.before.served_s for one in same if one.before)
    grown, lines = report.growth, []
    per_hour = growth_per_hour(grown.visits, now_s, grown.before, before_s)
    if per_hour is not None:
        change = _change(per_hour, say)
        lines.append(
            say(
                f"Tính bình quân trên một giờ phục vụ, số lượt {change} ({say.hours(now_s)} giờ kỳ này, "
                f"{say.hours(before_s)} giờ cùng kỳ năm trước).",
                f"Visits per hour of service: {change} ({say.hours(now_s)} hours now, {say.hours(before_s)} hours "
                "in the same period last year).",
            )
        )
    if grown.still_needed:
        count = say.number(grown.still_needed)
        lines.append(
            say(
                f"So với mức tối thiểu của kế hoạch còn thiếu {count} lượt.",
                f"The plan's minimum lacks {count} visits.",
            )
        )
    return lines


def _change(value: Fraction, say: Tongue) -> str:
    if value == 0:
        return say("không thay đổi", "unchanged")
    return f"{say('tăng', 'up') if value > 0 else say('giảm', 'down')} {say.number(abs(value), 2)}%"


def _pcs_in_english(share: Share | None, rows: Sequence[PcRow], span: str, say: Tongue, *, reported: bool) -> str:
    if share is None or not share.whole:
        return f"There were no public PCs in the {span}."
    told = [
        f"At the end of the {span} {share.part} of {share.whole} PCs were in working order "
        f"({say.ratio(share.part, share.whole)})"
    ]
    for state, word in ((PcState.FAULT, "out of order"), (PcState.SUSPECT, "not seen")):
        some = [row for row in rows if row.state is state]
        days = sorted({row.since for row in some if row.since})
        since = f" since {say.day(days[0])}" if len(days) == 1 else ""
        known = ", repair asked for" if reported and state is PcState.FAULT else ""
        told += [f"{len(some)} {word}{since}{known}"] if some else []
    return "; ".join(told) + "."


def _minutes(span: timedelta) -> str:
    return str(span // timedelta(minutes=1))
