"""Figures of months already signed or locked that came out otherwise: told once, in the next report (decision 6).

In:  Adjusted, exact integers.
Out: Table; what was told stays beside what is known now.
"""

from collections.abc import Sequence
from fractions import Fraction

from gateway.papers.office import Adjusted
from gateway.papers.paper import Align, Column, Number, Table
from gateway.papers.tongue import Tongue

_FIGURES: dict[str, tuple[str, str]] = {
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


def adjusted_table(adjusted: Sequence[Adjusted], names: dict[str, str], say: Tongue) -> Table:
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
                say(*_FIGURES.get(one.figure, (one.figure, one.figure))),
                _cell(one.figure, one.signed),
                _cell(one.figure, one.counted),
                _cell(one.figure, one.counted - one.signed, is_change=True),
            )
            for n, one in enumerate(adjusted, 1)
        ),
    )


def _cell(figure: str, value: int, *, is_change: bool = False) -> Number:
    if figure.endswith("_s"):
        return Number(Fraction(value, 3600), 2, is_signed=is_change)
    if figure.endswith("_bytes"):
        return Number(Fraction(value, 10**9), 3, is_signed=is_change)
    return Number(value, is_signed=is_change)
