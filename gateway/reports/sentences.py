"""Standard sentences of the Vietnamese reports with their conditions, and the method note (counting 5.1).

In:  exact figures of a period.
Out: sentences; the figures in them are those of the tables.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction

from gateway.reports import vietnamese as vi
from gateway.reports.lock import LOCK_DAY
from gateway.reports.rounding import below_goal
from gateway.reports.tables import PcRow
from gateway.service.hours import Cause, Service
from gateway.service.workstation import PcState, Share
from gateway.visits.growth import GOAL, Band, Rating, growth, rating
from gateway.visits.visit import GAP, KIOSK_GAP

_HOUR_S = 3600
NO_BASE = "Chưa có số liệu cùng kỳ năm trước để so sánh."


def visits_sentence(
    visits: int,
    before: int | None,
    *,
    span: str = "tháng",
    reasons: str = "",
    band: Band = GOAL,
    who: str = "các điểm truy nhập",
) -> str:
    """How many came and how that stands against the goal; `span` is "tháng", "quý", "năm"."""
    served = f"Trong {span}, {who} đã phục vụ {vi.number(visits)} lượt người sử dụng"
    value, class_ = growth(visits, before), rating(visits, before, band)
    if value is None:
        return f"{served}. {NO_BASE}"
    change = f"{_change(value)} so với cùng kỳ năm trước"
    if class_ is Rating.MISSED:
        cause = f"; nguyên nhân chủ yếu: {reasons.strip().rstrip('.')}" if reasons.strip() else ""
        return f"{served}, {change}, chưa đạt chỉ tiêu kế hoạch{cause}."
    return f"{served}, {change}, {class_.value} chỉ tiêu kế hoạch (tăng từ {band.low}% đến {band.high}%)."


def pcs_sentence(share: Share | None, rows: Iterable[PcRow], *, span: str = "tháng", reported: bool = False) -> str:
    """How many PCs work at the end of the period, and since when others do not; `reported`: the faults have tickets."""
    if share is None or not share.whole:
        return f"Trong {span} không có máy tính phục vụ."
    ratio = _percent(share.part, share.whole)
    told = [f"Đến cuối {span} có {share.part}/{share.whole} máy tính hoạt động bình thường ({ratio})"]
    for state, some in _out(rows):
        known = ", đã báo sửa chữa" if reported and state is PcState.FAULT else ""
        told.append(f"{vi.count(len(some))} máy {_STATES[state]}{_since(some)}{known}")
    return "; ".join(told) + "."


def hours_sentence(service: Service) -> str:
    """Hours held of those promised, and what broke them."""
    if not service.promised_s:
        return "Không có giờ phục vụ theo quy định."
    ratio = _percent(service.held_s, service.promised_s)
    told = f"Đã phục vụ {_hours(service.held_s)}/{_hours(service.promised_s)} giờ theo quy định ({ratio})"
    lost = [(_CAUSES[cause], seconds) for cause, seconds in service.lost_s]
    parts = [f"{word} {_hours(seconds)} giờ" for word, seconds in [*lost, _line(service)] if _hours(seconds) != "0"]
    return f"{told}; gián đoạn {', '.join(parts)}." if parts else f"{told}."


def method_note(lock_day: int = LOCK_DAY) -> str:
    """How visits are counted; printed in every report."""
    return (
        "Một lượt là một lần sử dụng liên tục của một người hoặc một thiết bị; các lần truy nhập cách nhau không quá "
        f"{_minutes(GAP)} phút (đối với máy tính công cộng không đăng nhập: {_minutes(KIOSK_GAP)} phút) được tính là "
        "một lượt. Không tính thiết bị của cán bộ thư viện. Số thiết bị không đồng nghĩa với số người do điện thoại "
        f"có thể tự thay đổi địa chỉ nhận dạng. Số liệu được khóa ngày {lock_day:02} tháng sau."
    )


_STATES = {PcState.FAULT: "hỏng", PcState.SUSPECT: "không hoạt động"}
_CAUSES = {
    Cause.SUDDEN_CLOSURE: "do nghỉ đột xuất",
    Cause.POWER: "do mất điện",
    Cause.EQUIPMENT: "do hỏng thiết bị",
    Cause.NOT_OPENED: "do chưa mở cửa",
    Cause.UNKNOWN: "không rõ nguyên nhân",
}


def _change(value: Fraction) -> str:
    if value == 0:
        return "không thay đổi"
    return f"{'tăng' if value > 0 else 'giảm'} {vi.number(abs(value), 2)}%"


def _out(rows: Iterable[PcRow]) -> list[tuple[PcState, list[PcRow]]]:
    told = list(rows)
    by_state = ((state, [row for row in told if row.state is state]) for state in _STATES)
    return [(state, some) for state, some in by_state if some]


def _since(rows: Sequence[PcRow]) -> str:
    days = sorted({row.since for row in rows if row.since})
    return f" từ {vi.official_day(days[0])}" if len(days) == 1 else ""


def _percent(part: int, whole: int) -> str:
    return f"{vi.plain_number(below_goal(Fraction(100 * part, whole)), 2)}%"


def _hours(seconds: int) -> str:
    return vi.plain_number(Fraction(seconds, _HOUR_S), 1)


def _line(service: Service) -> tuple[str, int]:
    return "do sự cố đường truyền", service.isp_lost_s


def _minutes(span: timedelta) -> str:
    return vi.count(span // timedelta(minutes=1))
