"""The nightly summary in Vietnamese (counting 5.3): only the lines whose figures exist."""

from collections.abc import Iterator
from fractions import Fraction

from gateway.reports import vietnamese as vi
from gateway.reports.day import DayFigures, Row
from gateway.reports.day_state import (
    BackupOld,
    BillOpen,
    ClockUnset,
    DayState,
    Goal,
    LineDay,
    ListsOld,
    Need,
    OutageUntold,
    PcsOut,
)
from gateway.reports.lock import LOCK_DAY, next_month
from gateway.reports.period_quality import quality_line
from gateway.reports.quality import Gap, GapKind
from gateway.reports.rounding import below_goal
from gateway.reports.times import clock_time, span_of, until_of
from gateway.service.workstation import PcState
from gateway.visits.growth import Rating

NEEDS = "CẦN XỬ LÝ"
_OTHER_METHOD = "cách đếm của kỳ gốc khác kỳ này, so sánh chỉ để tham khảo"
_TOLD_SPANS = 3
_TOLD_CATEGORIES = 3
_HOUR_S = 3600


def subject(figures: DayFigures, state: DayState | None, site_name: str) -> str:
    """The mail's subject."""
    told = [f"{vi.number(figures.sums.visits)} lượt"]
    if state and state.pcs and state.pcs.whole:
        told.append(f"{state.pcs.part}/{state.pcs.whole} máy")
    if state and state.needs:
        told.append(f"{vi.number(len(state.needs))} việc cần xử lý")
    return f"[{site_name}] Tổng hợp ngày {vi.day(figures.day)}: {', '.join(told)}{_so_far(figures, state)}"


def head(figures: DayFigures, site_name: str) -> str:
    """The first line."""
    return f"Ngày {vi.weekday(figures.day)}, {vi.day(figures.day)} – {site_name}"


def rows(figures: DayFigures, state: DayState | None) -> Iterator[tuple[Row, ...]]:
    """The lines below what needs action, each of one or more figures."""
    if is_unfinished(figures, state):
        yield (Row("", f"Chưa hết ngày: số liệu tính đến {until_of(figures)}, chưa chốt."),)
    yield (Row("Lượt sử dụng", f"{vi.number(figures.sums.visits)}{_compared(figures, state)}"),)
    if state:
        stands = [Row("Máy hoạt động", f"{state.pcs.part}/{state.pcs.whole}")] if state.pcs and state.pcs.whole else []
        if state.promised_s:
            stands.append(Row("Giờ phục vụ", _hours(state)))
        if stands:
            yield tuple(stands)
        yield (Row("Internet", line(state.line)),)
    yield (Row("Ngăn chặn", f"{vi.number(figures.refusals)} lượt{_refused(figures)}"),)
    yield (_month(figures, state.goal if state else None),)
    yield (Row("Chất lượng số liệu", _quality(figures, state)),)


def short(figures: DayFigures, state: DayState | None, site_name: str) -> str:
    """One paragraph to paste into a chat; what has to be done stands last but for the month."""
    told = [f"{vi.number(figures.sums.visits)} lượt{_compared(figures, state)}"]
    if state and state.pcs and state.pcs.whole:
        told.append(f"máy hoạt động {state.pcs.part}/{state.pcs.whole}")
    if state and state.promised_s:
        told.append(f"giờ phục vụ {_hours(state)}")
    if state:
        told.append(f"Internet {line(state.line)}")
    told.append(f"ngăn chặn {vi.number(figures.refusals)} lượt")
    day = f"{site_name}, {vi.weekday(figures.day)} {vi.day(figures.day)}{_so_far(figures, state)}"
    month = _month(figures, state.goal if state else None)
    quality = "đầy đủ" if _is_complete(figures, state) else "có lưu ý"
    return f"{day}: {'; '.join(told)}.{_short_needs(state, figures)} {month.label}: {month.value}. Số liệu: {quality}."


def need(one: Need, figures: DayFigures) -> str:
    """A sentence without its full stop."""
    match one:
        case PcsOut(pcs=pcs, state=state, since=since):
            word = "hỏng" if state is PcState.FAULT else "không hoạt động"
            return f"Máy {', '.join(pcs)} {word}" + (f" từ {vi.short_day(since)}" if since else "")
        case OutageUntold(outage=outage):
            until = "đến nay" if outage.goes_on else clock_time(outage.stop, figures)
            span = f"{clock_time(outage.start, figures)}–{until}"
            return f"Mất Internet {vi.number(outage.minutes)} phút ({span}), chưa có mã sự cố"
        case BillOpen(contract=contract, month=month, status=status, difference_vnd=difference):
            more = f" {vi.number(abs(difference))} đồng" if difference else ""
            return f"Cước tháng {month.month}/{month.year}, hợp đồng {contract}: {status.value}{more}"
        case ListsOld(lists=lists, days=days):
            return f"{vi.number(lists)} danh sách chặn chưa cập nhật được, lâu nhất {vi.number(days)} ngày"
        case BackupOld(days=days):
            return "Chưa có bản sao lưu nào" if days is None else f"Đã {vi.number(days)} ngày chưa sao lưu được"
        case ClockUnset():
            return "Đồng hồ của cổng chưa được chỉnh đúng từ khi bật máy, giờ ghi là tạm"


def line(told: LineDay) -> str:
    """What happened to the line, and how fast it was."""
    outages = f"gián đoạn {vi.number(len(told.outages))} lần, {vi.number(told.minutes)} phút"
    speed = ""
    if told.speed_kbit_s is not None:
        of = f"/{_mbit(told.contracted_kbit_s)}" if told.contracted_kbit_s else ""
        speed = f"; tốc độ đo {_mbit(told.speed_kbit_s)}{of} Mb/s"
    return (outages if told.outages else "không gián đoạn") + speed


def is_unfinished(figures: DayFigures, state: DayState | None) -> bool:
    """Is the day still to be compared with whole ones?"""
    return figures.counted_until is not None and not (state and state.is_over)


def _mbit(kbit_s: int | Fraction) -> str:
    return vi.plain_number(Fraction(kbit_s) / 1000, 1)


def _short_needs(state: DayState | None, figures: DayFigures) -> str:
    if not (state and state.needs):
        return ""
    told = "; ".join(need(one, figures) for one in state.needs[:2])
    more = f"; và {vi.number(len(state.needs) - 2)} việc khác" if len(state.needs) > 2 else ""
    return f" {NEEDS}: {told}{more}."


def _so_far(figures: DayFigures, state: DayState | None) -> str:
    return f" (đến {until_of(figures)})" if is_unfinished(figures, state) else ""


def _compared(figures: DayFigures, state: DayState | None) -> str:
    mean, change = figures.weekday_mean, figures.weekday_change_percent
    if mean is None:
        return ""
    against = f"trung bình {len(figures.weekday_visits)} {vi.weekday(figures.day)} gần đây: {vi.number(mean)}"
    # a day that is not over says nothing against whole days
    if change is None or is_unfinished(figures, state):
        return f" ({against})"
    return f" ({against}; {vi.percent_change(change)})"


def _hours(state: DayState) -> str:
    held, promised = (vi.number(Fraction(seconds, _HOUR_S), 1) for seconds in (state.held_s, state.promised_s))
    ratio = below_goal(Fraction(100 * state.held_s, state.promised_s), places=1)
    return f"{held}/{promised} ({vi.number(ratio, 1)}%)"


def _refused(figures: DayFigures) -> str:
    named = [
        f"{vi.category(code).replace(', ', ' và ')} {vi.number(count)}"
        for code, count in figures.refused[:_TOLD_CATEGORIES]
    ]
    rest = sum(count for _, count in figures.refused[_TOLD_CATEGORIES:])
    parts = [*named, f"khác {vi.number(rest)}"] if rest else named
    return f" ({', '.join(parts)})" if parts else ""


def _month(figures: DayFigures, goal: Goal | None) -> Row:
    label = f"Lũy kế tháng {figures.day.month}"
    if goal is None:
        days = f" ({vi.number(figures.month_days)} ngày có số liệu)"
        return Row(label, f"{vi.number(figures.month_visits)} lượt{days}")
    visits, percent, still = f"{vi.number(goal.visits)} lượt", goal.percent, goal.still_needed
    if percent is not None and goal.before is not None:
        said = f"{visits} (cùng kỳ {vi.number(goal.before)}; {vi.percent_change(percent, 2)}) – {_RATINGS[goal.rating]}"
    elif goal.before_month:
        said = f"{visits} (cả tháng này năm trước {vi.number(goal.before_month)})"
    else:
        return Row(label, f"{visits} (chưa có số liệu cùng kỳ năm trước)")
    if not still:
        return Row(label, said)
    needs = f"{said}; tháng này cần thêm {vi.number(still)} lượt để đạt chỉ tiêu"
    a_day = goal.pace.needed_a_day if goal.pace else None
    return Row(label, needs + (f", mỗi ngày phục vụ {vi.number(a_day)} lượt" if a_day else ""))


_RATINGS = {
    Rating.NO_BASE: "Chưa có số liệu so sánh",
    Rating.MISSED: "Chưa đạt",
    Rating.MET: "Đạt",
    Rating.EXCEEDED: "Vượt",
}


def _is_complete(figures: DayFigures, state: DayState | None) -> bool:
    told = state.quality if state else None
    return (told or figures.quality).is_complete


def _quality(figures: DayFigures, state: DayState | None) -> str:
    if state and state.quality:
        said = quality_line(state.quality, "vi").partition(": ")[2].removesuffix(".")
    else:
        remarks = [*_remarks(figures), *([_OTHER_METHOD] if state and state.goal.method_changed else [])]
        said = "; ".join(remarks) or "đầy đủ"
    if figures.counted_until is not None and not is_unfinished(figures, state):
        said += f", tính đến {until_of(figures)}"
    if state is None:
        return f"{said}."
    lock = f"{LOCK_DAY:02}/{next_month(figures.day).month}"
    return f"{said}. Báo cáo tháng khóa ngày {lock}."


def _remarks(figures: DayFigures) -> Iterator[str]:
    quality = figures.quality
    if not quality.gateway_ran:
        yield "cổng không hoạt động cả ngày"
    if power := quality.told(GapKind.POWER):
        yield f"mất điện {_spans(power, figures)}"
    if daemon := quality.told(GapKind.DAEMON):
        yield f"chương trình cổng ngừng {_spans(daemon, figures)}"
    if silent := quality.told(GapKind.SILENT):
        yield f"cổng không có tín hiệu {_spans(silent, figures)}"
    if lost := quality.told(GapKind.LOST):
        yield f"không còn số liệu của {_spans(lost, figures)}: đã phục hồi từ bản sao lưu"
    if quality.rebooted_sessions:
        yield f"{vi.number(quality.rebooted_sessions)} phiên bị ngắt do mất điện hoặc khởi động lại"
    if quality.open_sessions:
        yield f"{vi.number(quality.open_sessions)} phiên chưa kết thúc, tính đến lần ghi gần nhất"
    if not quality.sessions_kept:
        yield "số liệu đã chốt; chi tiết phiên đã xóa theo thời hạn"


def _spans(gaps: tuple[Gap, ...], figures: DayFigures) -> str:
    spans = "; ".join(span_of(gap, figures) for gap in gaps[:_TOLD_SPANS])
    more = "; …" if len(gaps) > _TOLD_SPANS else ""
    minutes = (sum(gap.lasted_s for gap in gaps) + 30) // 60
    return f"{vi.number(len(gaps))} lần, {vi.number(minutes)} phút ({spans}{more})"
