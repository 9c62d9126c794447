"""Annexes A to D of the reconciliation minutes: outages, speed tests, invoices, volume by day (counting 3.7).

In:  the reconciled rows, Office.
Out: blocks.
"""

from collections.abc import Iterable, Sequence
from datetime import timezone
from fractions import Fraction

from gateway.accounting.rollup import minutes
from gateway.papers.bill_tables import mbit_cell
from gateway.papers.indicator_table import gb_cell
from gateway.papers.office import Office
from gateway.papers.paper import Align, Annex, Block, Cell, Column, Number, Table
from gateway.papers.tongue import Tongue
from gateway.papers.trouble_tables import CAUSES, notes_of
from gateway.reports.bill_report import Row
from gateway.service.outages import OutageCause
from gateway.service.speed import is_valid


def bill_annexes(rows: Sequence[Row], office: Office, say: Tongue) -> Iterable[Block]:
    """Each on a page of its own."""
    yield Annex(say("PHỤ LỤC A. DANH SÁCH SỰ CỐ", "ANNEX A. OUTAGES"))
    yield _outages(rows, office, say)
    yield Annex(say("PHỤ LỤC B. KẾT QUẢ ĐO TỐC ĐỘ", "ANNEX B. SPEED TESTS"))
    yield _tests(rows, office, say)
    yield Annex(say("PHỤ LỤC C. HÓA ĐƠN", "ANNEX C. INVOICES"))
    yield _invoices(rows, office, say)
    yield Annex(say("PHỤ LỤC D. DUNG LƯỢNG THEO NGÀY", "ANNEX D. VOLUME BY DAY"))
    yield _volume(rows, office, say)


def _outages(rows: Sequence[Row], office: Office, say: Tongue) -> Table:
    isp = OutageCause.ISP
    lines = [
        (
            row.site_name,
            one.start.astimezone(office.zone(row.site)),
            one.stop.astimezone(office.zone(row.site)),
            Number(minutes(one.lasted_s)),
            Number(minutes(one.within_hours_s)),
            say(*CAUSES[isp]),
            ", ".join(one.tickets),
            "; ".join(
                text
                for note in notes_of(office.outages, row.site, isp.value, (one.start, one.stop))
                for text in (note.note, f"SHA-256 {note.evidence[:16]}…" if note.evidence else "")
                if text
            ),
        )
        for row in rows
        for one in row.quality.outages
    ]
    return Table(
        code="phu_luc_a",
        title=say("Sự cố gián đoạn từ 05 phút trở lên", "Outages of 5 minutes or more"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Điểm sử dụng", "Site"), Align.LEFT, 6),
            Column(say("Bắt đầu", "Start"), Align.CENTRE, 5),
            Column(say("Kết thúc", "End"), Align.CENTRE, 5),
            Column(say("Số phút", "Minutes"), Align.RIGHT, 3),
            Column(say("Trong giờ phục vụ (phút)", "In service hours (minutes)"), Align.RIGHT, 4),
            Column(say("Nguyên nhân", "Cause"), Align.LEFT, 4),
            Column(say("Mã sự cố", "Ticket"), Align.LEFT, 4),
            Column(say("Minh chứng", "Evidence"), Align.LEFT, 7),
        ),
        rows=tuple((Number(n), *line) for n, line in enumerate(lines, 1)),
        note="" if lines else say("Không có gián đoạn.", "There were no outages."),
    )


def _tests(rows: Sequence[Row], office: Office, say: Tongue) -> Table:
    lines: list[tuple[Cell, ...]] = []
    for site, name, contracted in dict.fromkeys(
        (one.site, one.site_name, one.quality.contracted_kbit_s) for one in rows
    ):
        zone: timezone = office.zone(site)
        for test in office.speed_tests.get(site, ()):
            counts = is_valid(test, contracted)
            lines.append(
                (
                    name,
                    test.at.astimezone(zone),
                    mbit_cell(test.kbit_s),
                    Number(Fraction(test.client_kbit_s, 1000), 1),
                    Number(test.lasted_s),
                    say("có dây", "wired") if test.wired else say("không dây", "wireless"),
                    say("hợp lệ", "valid") if counts else say("không tính", "not counted"),
                )
            )
    return Table(
        code="phu_luc_b",
        title=say("Kết quả đo tốc độ tải xuống", "Speed tests"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Điểm sử dụng", "Site"), Align.LEFT, 6),
            Column(say("Thời điểm", "At"), Align.CENTRE, 5),
            Column(say("Tốc độ đo (Mb/s)", "Measured (Mb/s)"), Align.RIGHT, 4),
            Column(say("Người dùng khi đo (Mb/s)", "Patrons meanwhile (Mb/s)"), Align.RIGHT, 5),
            Column(say("Thời gian đo (giây)", "Lasted (seconds)"), Align.RIGHT, 4),
            Column(say("Kết nối", "Connection"), Align.LEFT, 4),
            Column(say("Kết quả", "Result"), Align.LEFT, 4),
        ),
        rows=tuple((Number(n), *line) for n, line in enumerate(lines, 1)),
        note=say(
            "Lần đo hợp lệ: có dây, từ 10 giây, lưu lượng người dùng dưới 5% đường truyền.",
            "A test is valid when it is wired, of 10 seconds or more, with less than 5% of the line in use.",
        ),
    )


def _invoices(rows: Sequence[Row], office: Office, say: Tongue) -> Table:
    keys = {key for row in rows for key in row.invoices}
    cards = sorted((one for one in office.invoices if one.key in keys), key=lambda one: (one.dated, one.key))
    return Table(
        code="phu_luc_c",
        title=say("Hóa đơn đã đối soát", "Invoices"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Ký hiệu, số", "Series, number"), Align.LEFT, 6),
            Column(say("Ngày", "Date"), Align.CENTRE, 5),
            Column(say("Hợp đồng", "Contract"), Align.LEFT, 5),
            Column(say("Kỳ cước", "Month"), Align.CENTRE, 4),
            Column(say("Số tiền (đồng)", "Sum (dong)"), Align.RIGHT, 5),
            Column("SHA-256", Align.LEFT, 12),
        ),
        rows=tuple(
            (
                Number(n),
                one.number,
                one.dated,
                one.contract,
                f"{one.month.month:02}/{one.month.year}",
                Number(one.total_vnd),
                one.sha256,
            )
            for n, one in enumerate(cards, 1)
        ),
        note=say("Chưa kiểm tra chữ ký số.", "Digital signatures are not checked."),
    )


def _volume(rows: Sequence[Row], office: Office, say: Tongue) -> Table:
    names = {row.site: row.site_name for row in rows}
    days = [one for one in office.wan_days if one.site in names]
    lines: list[tuple[Cell, ...]] = [
        (one.day, names[one.site], gb_cell(one.down_bytes), gb_cell(one.up_bytes)) for one in days
    ]
    down, up = sum(one.down_bytes for one in days), sum(one.up_bytes for one in days)
    lines.append((say("Cộng", "Total"), "", gb_cell(down) if days else None, gb_cell(up) if days else None))
    return Table(
        code="phu_luc_d",
        title=say("Dung lượng qua đường truyền (GB)", "Volume of the line (GB)"),
        columns=(
            Column(say("Ngày", "Date"), Align.CENTRE, 3),
            Column(say("Điểm sử dụng", "Site"), Align.LEFT, 6),
            Column(say("Tải xuống", "Down"), Align.RIGHT, 3),
            Column(say("Tải lên", "Up"), Align.RIGHT, 3),
        ),
        rows=tuple(lines),
        bold_rows=frozenset({len(lines) - 1}),
        note=say(
            "Đo tại cổng đường truyền, chỉ để tham khảo: cước không tính theo dung lượng.",
            "Measured at the line's interface, for information: charges do not depend on volume.",
        ),
    )
