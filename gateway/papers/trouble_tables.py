"""Biểu 3 to 5: PCs, filtering, incidents (counting 5.1).

In:  Report, Office.
Out: tables of exact values; minutes are rounded once, from the seconds.
"""

from collections.abc import Iterable
from datetime import datetime

from gateway.accounting.rollup import minutes
from gateway.papers.indicator_table import change_cell
from gateway.papers.office import Fault, Office, OutageNote, PcCard
from gateway.papers.paper import Align, Cell, Column, Number, Table
from gateway.papers.tongue import Tongue
from gateway.reports.report_values import Report, SiteReport
from gateway.reports.tables import IncidentRow
from gateway.service.outages import OutageCause
from gateway.service.workstation import PcState
from gateway.visits.growth import growth

STATES = {
    PcState.OK: ("Hoạt động", "Working"),
    PcState.FAULT: ("Hỏng", "Out of order"),
    PcState.SUSPECT: ("Không hoạt động", "Not seen"),
    PcState.RETIRED: ("Không sử dụng", "Not in service"),
}
CAUSES = {
    OutageCause.ISP: ("Nhà mạng", "ISP"),
    OutageCause.POWER: ("Mất điện", "Power"),
    OutageCause.GATEWAY: ("Thiết bị của thư viện", "The library's equipment"),
    OutageCause.PLANNED: ("Theo kế hoạch", "Planned work"),
    OutageCause.UNKNOWN: ("Không rõ", "Unknown"),
}
_GROUPS: tuple[tuple[frozenset[str], tuple[str, str]], ...] = (
    (frozenset({"adult"}), ("Nội dung khiêu dâm", "Pornography")),
    (frozenset({"gambling"}), ("Cờ bạc, cá độ", "Gambling and betting")),
    (
        frozenset({"games", "topup", "fake-topup"}),
        ("Trò chơi trực tuyến có nạp tiền", "Online games with top-up"),
    ),
    (frozenset({"threats", "tunnel"}), ("Mã độc, lừa đảo", "Malware and fraud")),
    (frozenset({"violence", "harm"}), ("Bạo lực, độc hại khác", "Violence and other harm")),
    (frozenset({"own"}), ("Danh sách của đơn vị", "The unit's own list")),
)
_OTHER = ("Nhóm khác", "Other groups")


def pc_table(report: Report, office: Office, say: Tongue) -> Table:
    """Biểu 3: a row for each PC, as it stood at the end of the period."""
    many = len(report.sites) > 1
    rows = [(one, row, _card(office, one.site, row.pc)) for one in report.sites for row in one.pcs]
    return Table(
        code="bieu3",
        title=say("Biểu 3. Tình trạng máy tính", "Table 3. PCs"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Mã máy", "PC code"), Align.LEFT, 4),
            Column(say("Vị trí", "Place"), Align.LEFT, 12 if many else 6),
            Column(say("Năm cấp", "Year received"), Align.CENTRE, 3),
            Column(say("Tình trạng", "State"), Align.LEFT, 5),
            Column(say("Từ ngày", "Since"), Align.CENTRE, 4),
            Column(say("Số ngày hỏng", "Days out of order"), Align.RIGHT, 3),
            Column(say("Nội dung hỏng, đã xử lý", "Fault and action"), Align.LEFT, 9),
            Column(say("Đề xuất", "Proposal"), Align.LEFT, 5),
        ),
        rows=tuple(
            (
                Number(n),
                row.pc,
                ", ".join(text for text in (card.place if card else "", one.name if many else "") if text),
                str(card.bought_on.year) if card else None,
                say(*STATES[row.state]),
                row.since or "",
                Number(row.days_out),
                fault_told(card.faults, say) if card else "",
                card.proposal if card else "",
            )
            for n, (one, row, card) in enumerate(rows, 1)
        ),
        is_landscape=many,
    )


def filter_table(report: Report, say: Tongue) -> Table:
    """Biểu 4: blocked requests by group of content; all groups stand there, be they zero."""
    now: dict[str, int] = {}
    before: dict[str, int] = {}
    for one in report.sites:
        for row in one.blocked:
            name = _group(row.category, say)
            now[name] = now.get(name, 0) + row.blocked
            before[name] = before.get(name, 0) + row.before
    names = [say(*words) for _, words in _GROUPS]
    names += [say(*_OTHER)] if say(*_OTHER) in now else []
    rows: list[tuple[Cell, ...]] = [
        (Number(n), name, *_compared(now.get(name, 0), before.get(name, 0))) for n, name in enumerate(names, 1)
    ]
    rows.append(("", say("Cộng", "Total"), *_compared(sum(now.values()), sum(before.values()))))
    return Table(
        code="bieu4",
        title=say("Biểu 4. Ngăn chặn nội dung", "Table 4. Filtering"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Nhóm nội dung", "Content group"), Align.LEFT, 10),
            Column(say("Số lượt ngăn chặn", "Blocked requests"), Align.RIGHT, 4),
            Column(say("Kỳ trước", "Previous period"), Align.RIGHT, 4),
            Column(say("Tăng, giảm (%)", "Change (%)"), Align.RIGHT, 4),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
    )


def incident_table(report: Report, office: Office, say: Tongue) -> Table:
    """Biểu 5: interruptions in order of their begin."""
    many = len(report.sites) > 1
    told = sorted(
        ((row, one) for one in report.sites for row in one.incidents), key=lambda each: (each[0].start, each[1].site)
    )
    rows = [_incident(n, row, one, office, say, many=many) for n, (row, one) in enumerate(told, 1)]
    return Table(
        code="bieu5",
        title=say("Biểu 5. Sự cố, gián đoạn", "Table 5. Incidents"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Bắt đầu", "Start"), Align.CENTRE, 5),
            Column(say("Kết thúc", "End"), Align.CENTRE, 5),
            Column(say("Số phút", "Minutes"), Align.RIGHT, 4),
            Column(say("Trong giờ phục vụ (phút)", "In service hours (minutes)"), Align.RIGHT, 5),
            Column(say("Nguyên nhân", "Cause"), Align.LEFT, 7),
            Column(say("Đã báo nhà mạng (thời điểm, mã sự cố)", "Reported to the ISP (at, ticket)"), Align.LEFT, 8),
        ),
        rows=tuple(rows),
        note="" if rows else say("Trong kỳ không có sự cố.", "There were no incidents."),
    )


def notes_of(notes: Iterable[OutageNote], site: str, cause: str, span: tuple[datetime, datetime]) -> list[OutageNote]:
    """What was told of the outages that an incident is made of."""
    begin, end = span
    return [
        one
        for one in notes
        if one.site == site and one.cause == cause and one.begin < end and (one.end is None or one.end > begin)
    ]


def fault_told(faults: Iterable[Fault], say: Tongue) -> str:
    """What was wrong and what was done."""
    told = []
    for one in faults:
        done = one.done or (say("đã báo sửa chữa", "repair asked for") if one.is_reported else "")
        told.append(f"{one.what} ({done})" if done else one.what)
    return "; ".join(told)


def _compared(now: int, before: int) -> tuple[Cell, ...]:
    return Number(now), Number(before), change_cell(growth(now, before))


def _group(category: str, say: Tongue) -> str:
    return next((say(*words) for codes, words in _GROUPS if category in codes), say(*_OTHER))


def _card(office: Office, site: str, code: str) -> PcCard | None:
    return next((one for one in office.pcs if (one.site, one.code) == (site, code)), None)


def _incident(
    n: int, row: IncidentRow, one: SiteReport, office: Office, say: Tongue, *, many: bool
) -> tuple[Cell, ...]:
    zone = office.zone(one.site)
    notes = notes_of(office.outages, one.site, row.cause.value, (row.start, row.stop))
    cause = say(*CAUSES[row.cause])
    extra = "; ".join([*([one.name] if many else []), *sorted({each.note for each in notes if each.note})])
    return (
        Number(n),
        row.start.astimezone(zone),
        row.stop.astimezone(zone),
        Number(minutes(row.lasted_s)),
        Number(minutes(row.within_hours_s)),
        f"{cause} ({extra})" if extra else cause,
        "; ".join(_reported(each, say, zone_at=row.start.astimezone(zone)) for each in notes if _is_reported(each)),
    )


def _is_reported(one: OutageNote) -> bool:
    return bool(one.reported_at or one.ticket)


def _reported(one: OutageNote, say: Tongue, zone_at: datetime) -> str:
    at = one.reported_at.astimezone(zone_at.tzinfo) if one.reported_at else None
    when = f"{at:%H:%M} {at.day:02}/{at.month:02}" if at else ""
    return ", ".join(text for text in (when, one.ticket) if text)
