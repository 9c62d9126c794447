"""Figures of months already signed or locked that came out otherwise: told once, in the next report (decision 6).

In:  Report.adjustments, exact integers.
Out: a paragraph and a table; nothing when there are none. What was told stays beside what is known now.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from gateway.papers.paper import Align, Block, Column, Number, Paragraph, Table
from gateway.papers.tongue import Tongue
from gateway.reports.lock import Adjustment
from gateway.reports.report_values import Report

FIGURES: dict[str, tuple[str, str]] = {
    "visits": ("Lượt người sử dụng", "Visits"),
    "kiosk_visits": ("Lượt tại máy tính công cộng", "Visits at public PCs"),
    "wifi_visits": ("Lượt qua Wi-Fi", "Visits over Wi-Fi"),
    "outside_visits": ("Lượt ngoài giờ hành chính", "Visits outside office hours"),
    "sessions": ("Phiên truy nhập", "Sessions"),
    "attempts": ("Lượt đề nghị truy nhập", "Requests for access"),
    "rejected": ("Lượt không phục vụ được", "Requests not served"),
    "use_s": ("Thời gian sử dụng (giờ)", "Time used (hours)"),
    "up_bytes": ("Tải lên (GB)", "Uploaded (GB)"),
    "down_bytes": ("Tải xuống (GB)", "Downloaded (GB)"),
    "blocked": ("Lượt bị ngăn chặn", "Blocked requests"),
    "promised_s": ("Giờ quy định", "Hours prescribed"),
    "held_s": ("Giờ thực hiện", "Hours held"),
    "internet_s": ("Giờ có Internet", "Hours with Internet"),
    "extra_s": ("Giờ tăng thêm", "Extra hours"),
    "pc_days_ok": ("Ngày-máy hoạt động", "PC-days in working order"),
    "pc_days": ("Tổng ngày-máy", "PC-days"),
    "available_s": ("Giờ máy sẵn sàng", "PC-hours available"),
    "used_s": ("Giờ máy được sử dụng", "PC-hours used"),
}


def adjusted(report: Report, say: Tongue) -> tuple[Block, ...]:
    """What was told of earlier months, what it is now, and the difference."""
    if not report.adjustments:
        return ()
    text = say(
        "Số liệu sau đây của các tháng đã ký hoặc đã khóa được điều chỉnh; báo cáo đã ký không thay đổi.",
        "These figures of signed or locked months are adjusted; signed reports stay as they are.",
    )
    return Paragraph(text), _table(report.adjustments, {one.site: one.name for one in report.sites}, say)


def _table(adjustments: Sequence[Adjustment], names: Mapping[str, str], say: Tongue) -> Table:
    """A row a figure and month."""
    return Table(
        code="dieu_chinh",
        title=say("Điều chỉnh số liệu đã ký hoặc đã khóa", "Later corrections of signed or locked figures"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Điểm phục vụ", "Site"), Align.LEFT, 8),
            Column(say("Tháng", "Month"), Align.CENTRE, 4),
            Column(say("Chỉ tiêu", "Indicator"), Align.LEFT, 8),
            Column(say("Đã báo cáo", "Reported"), Align.RIGHT, 4),
            Column(say("Số liệu nay", "Known now"), Align.RIGHT, 4),
            Column(say("Chênh lệch", "Difference"), Align.RIGHT, 4),
        ),
        rows=tuple(
            (
                Number(n),
                names.get(one.site, one.site),
                f"{one.month.month:02}/{one.month.year}",
                say(*FIGURES.get(one.figure, (one.figure, one.figure))),
                *cells(one),
            )
            for n, one in enumerate(adjustments, 1)
        ),
    )


def cells(one: Adjustment) -> tuple[Number, Number, Number]:
    """What was told, what it is now, and the difference, in the units of FIGURES."""
    return (
        _cell(one.figure, one.signed),
        _cell(one.figure, one.counted),
        _cell(one.figure, one.difference, is_change=True),
    )


def _cell(figure: str, value: int, *, is_change: bool = False) -> Number:
    if figure.endswith("_s"):
        return Number(Fraction(value, 3600), 3, is_signed=is_change)
    if figure.endswith("_bytes"):
        return Number(Fraction(value, 10**9), 3, is_signed=is_change)
    return Number(value, is_signed=is_change)
