"""Figures of signed or locked months that came out otherwise later, as the next report shows them (decision 6).

In:  Report.adjustments.
Out: a paragraph and a table; nothing when there are none.
"""

from gateway.papers.paper import Align, Block, Column, Number, Paragraph, Table
from gateway.papers.tongue import Tongue
from gateway.reports.report_values import Report

FIGURES = {
    "visits": ("lượt", "visits"),
    "kiosk_visits": ("lượt tại máy tính", "visits at public PCs"),
    "wifi_visits": ("lượt qua Wi-Fi", "visits over Wi-Fi"),
    "outside_visits": ("lượt ngoài giờ", "visits outside hours"),
    "sessions": ("phiên", "sessions"),
    "attempts": ("lần xem trang đăng nhập", "views of the login page"),
    "rejected": ("lượt không phục vụ được", "requests not served"),
    "use_s": ("thời gian sử dụng (giây)", "time of use (s)"),
    "up_bytes": ("tải lên (byte)", "uploaded (bytes)"),
    "down_bytes": ("tải xuống (byte)", "downloaded (bytes)"),
    "blocked": ("lượt ngăn chặn", "blocked requests"),
    "promised_s": ("giờ quy định (giây)", "hours promised (s)"),
    "held_s": ("giờ phục vụ (giây)", "hours held (s)"),
    "internet_s": ("giờ có Internet (giây)", "hours with Internet (s)"),
    "extra_s": ("giờ tăng thêm (giây)", "extra hours (s)"),
    "pc_days_ok": ("ngày-máy tốt", "PC-days in order"),
    "pc_days": ("ngày-máy", "PC-days"),
    "available_s": ("giờ máy sẵn sàng (giây)", "PC time available (s)"),
    "used_s": ("giờ máy đã dùng (giây)", "PC time used (s)"),
}
"""Names of the figures that may be adjusted: exact units, for a difference is told to the last second."""


def adjusted(report: Report, say: Tongue) -> tuple[Block, ...]:
    """What was told of earlier months, what it is now, and the difference."""
    if not report.adjustments:
        return ()
    text = say(
        "Số liệu sau đây của các tháng đã ký hoặc đã khóa được điều chỉnh; báo cáo đã ký không thay đổi.",
        "These figures of signed or locked months are adjusted; signed reports stay as they are.",
    )
    names = {one.site: one.name for one in report.sites}
    columns = (
        Column(say("Điểm phục vụ", "Site"), width=3),
        Column(say("Tháng", "Month"), Align.CENTRE, width=2),
        Column(say("Chỉ tiêu", "Figure"), width=4),
        Column(say("Đã báo cáo", "Told"), Align.RIGHT, width=3),
        Column(say("Nay", "Now"), Align.RIGHT, width=3),
        Column(say("Chênh lệch", "Difference"), Align.RIGHT, width=3),
    )
    rows = tuple(
        (
            names.get(one.site, one.site),
            f"{one.month:%m/%Y}",
            say(*FIGURES.get(one.figure, (one.figure, one.figure))),
            Number(one.signed),
            Number(one.counted),
            Number(one.difference, is_signed=True),
        )
        for one in report.adjustments
    )
    title = say("Điều chỉnh số liệu đã báo cáo", "Adjustments of figures told before")
    return Paragraph(text), Table("dieuchinh", title, columns, rows)
