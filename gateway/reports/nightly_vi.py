"""The nightly summary in Vietnamese (counting 5.3): only the lines whose figures exist.

Lines still to come with their figures: needs action, PCs, service hours, line, the yearly goal.
"""

from collections.abc import Iterator

from gateway.reports import vietnamese as vi
from gateway.reports.day import DayFigures
from gateway.reports.quality import Gap, GapKind
from gateway.reports.times import span_of, until_of

_TOLD_SPANS = 3


def subject(figures: DayFigures, site_name: str) -> str:
    """The mail's subject."""
    visits = vi.number(figures.sums.visits)
    return f"[{site_name}] Tổng hợp ngày {vi.day(figures.day)}: {visits} lượt{_so_far(figures)}"


def text(figures: DayFigures, site_name: str) -> str:
    """The mail's text part."""
    return "\n".join(_lines(figures, site_name)) + "\n"


def short(figures: DayFigures, site_name: str) -> str:
    """One paragraph to paste into a chat."""
    sums = figures.sums
    return (
        f"{site_name}, {vi.weekday(figures.day)} {vi.day(figures.day)}{_so_far(figures)}: "
        f"{vi.number(sums.visits)} lượt{_compared(figures)}, {vi.number(sums.sessions)} phiên, "
        f"{vi.number(figures.use_minutes)} phút; tải xuống {vi.amount(sums.down_bytes)}, "
        f"tải lên {vi.amount(sums.up_bytes)}; ngăn chặn {vi.number(figures.refusals)} lượt. "
        f"{_month(figures)}. Số liệu: {'đầy đủ' if figures.quality.is_complete else 'có lưu ý'}."
    )


def _lines(figures: DayFigures, site_name: str) -> Iterator[str]:
    sums = figures.sums
    yield f"Ngày {vi.weekday(figures.day)}, {vi.day(figures.day)} – {site_name}"
    if figures.counted_until is not None:
        yield f"Chưa hết ngày: số liệu tính đến {until_of(figures)}, chưa chốt."
    yield f"Lượt sử dụng: {vi.number(sums.visits)}{_compared(figures)}"
    yield f"Phiên truy nhập: {vi.number(sums.sessions)}    Lần mở trang chào: {vi.number(figures.attempts)}"
    yield f"Thời gian sử dụng: {vi.number(figures.use_minutes)} phút"
    yield f"Dung lượng: tải xuống {vi.amount(sums.down_bytes)}, tải lên {vi.amount(sums.up_bytes)}"
    yield f"Ngăn chặn: {vi.number(figures.refusals)} lượt{_refused(figures)}"
    yield _month(figures)
    yield f"Chất lượng số liệu: {_quality(figures)}."


def _so_far(figures: DayFigures) -> str:
    return "" if figures.counted_until is None else f" (đến {until_of(figures)})"


def _compared(figures: DayFigures) -> str:
    mean, change = figures.weekday_mean, figures.weekday_change_percent
    if mean is None:
        return ""
    against = f"trung bình {len(figures.weekday_visits)} {vi.weekday(figures.day)} gần đây: {vi.number(mean)}"
    # a day that is not over says nothing against whole days
    if change is None or figures.counted_until is not None:
        return f" ({against})"
    return f" ({against}; {vi.percent_change(change)})"


def _refused(figures: DayFigures) -> str:
    # ";" between them: a name may hold a comma
    parts = "; ".join(f"{vi.category(code)} {vi.number(count)}" for code, count in figures.refused)
    return f" ({parts})" if parts else ""


def _month(figures: DayFigures) -> str:
    days = f" ({vi.number(figures.month_days)} ngày có số liệu)"
    return f"Lũy kế tháng {figures.day.month}: {vi.number(figures.month_visits)} lượt{days}"


def _quality(figures: DayFigures) -> str:
    if figures.quality.is_complete:
        return "đầy đủ"
    return "; ".join(_remarks(figures))


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
