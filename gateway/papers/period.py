"""The report of a month, quarter or half-year: sections I to VIII and annexes (counting 5.1).

In:  Report, Office, the reconciled bills of its months.
Out: Paper. What only people can say is left to be filled in; whatever figures say stands there.
"""

from collections.abc import Iterable, Sequence

from gateway.accounting.rollup import minutes
from gateway.papers.annexes import annex, day_table, method_annex, month_table
from gateway.papers.charts import (
    blocked_chart,
    by_hour_chart,
    by_weekday_chart,
    growth_chart,
    hours_chart,
    pcs_chart,
    traffic_chart,
)
from gateway.papers.frame import body_name, framed, quoted
from gateway.papers.indicator_table import indicator_table
from gateway.papers.office import Office
from gateway.papers.paper import Block, Chart, Heading, Paper, Paragraph
from gateway.papers.sentences import hours_told, pcs_told, visitors_told, visits_told, volume_told
from gateway.papers.site_tables import access_table, hour_table, site_table, weekday_table
from gateway.papers.tongue import DOTS, Tongue
from gateway.papers.trouble_tables import CAUSES, filter_table, incident_table, pc_table
from gateway.reports.bill_report import Reconciliation
from gateway.reports.report_values import Report
from gateway.service.hours import summed
from gateway.service.outages import OutageCause
from gateway.service.workstation import PcState

_MOST_DAYS = 100
"""A longer report tells its annex by months."""


def period_paper(report: Report, office: Office, bills: Sequence[Reconciliation], say: Tongue) -> Paper:
    """BÁO CÁO Tình hình khai thác, sử dụng máy tính và Internet công cộng tháng … năm …"""
    dates = report.first, report.last
    abstract = say(
        f"Tình hình khai thác, sử dụng máy tính và Internet công cộng {say.period(dates)}",
        f"Use of public computers and Internet, {say.period(dates)}",
    )
    span = say.span(dates)
    blocks: tuple[Block, ...] = (
        Paragraph(opening(report, office, say)),
        *results(report, office, say),
        *growth(report, say),
        *use(report, office, say),
        *safety(report, say),
        *line(report, bills, say),
        Heading(1, say("V. TRUYỀN THÔNG, TẬP HUẤN, HỖ TRỢ NGƯỜI DÂN", "V. OUTREACH, TRAINING, HELP")),
        *events(office, say),
        Heading(1, say("VI. KHÓ KHĂN, VƯỚNG MẮC", "VI. DIFFICULTIES")),
        Paragraph("", to_fill=3),
        Heading(1, say(f"VII. PHƯƠNG HƯỚNG, NHIỆM VỤ {span.upper()} TỚI", f"VII. NEXT {span.upper()}")),
        Paragraph("", to_fill=3),
        Heading(1, say("VIII. ĐỀ XUẤT, KIẾN NGHỊ", "VIII. PROPOSALS")),
        Paragraph("", to_fill=3),
        *annexes(report, office, say),
    )
    return framed(office, say, say("BÁO CÁO", "REPORT"), abstract, blocks)


def opening(report: Report, office: Office, say: Tongue) -> str:
    """Thực hiện Kế hoạch số …, the plan as the register has it."""
    period = say.period((report.first, report.last))
    plan = quoted(office.plan.document, say) if office.plan else say(f"Kế hoạch số {DOTS}", f"Plan No. {DOTS}")
    return say(
        f"Thực hiện {plan}, {body_name(office)} báo cáo kết quả thực hiện {period} như sau:",
        f"Under {plan}, {body_name(office)} reports the results of {period} as follows:",
    )


def results(report: Report, office: Office, say: Tongue) -> tuple[Block, ...]:
    """I: visits, service hours, PCs, and Biểu 1."""
    return (
        Heading(1, say("I. KẾT QUẢ THỰC HIỆN CÁC CHỈ TIÊU CHÍNH", "I. RESULTS AGAINST MAIN TARGETS")),
        Heading(2, say("1. Lượt người sử dụng máy tính và Internet", "1. Visits")),
        *(Paragraph(text) for text in visits_told(report, say)),
        Heading(2, say("2. Thời gian phục vụ", "2. Service hours")),
        Paragraph(hours_told(summed(one.service for one in report.sites), say)),
        *_extra(report, say),
        Heading(2, say("3. Tình trạng máy tính và trang thiết bị", "3. PCs and equipment")),
        Paragraph(pcs_told(report, say, reported=_are_reported(report, office))),
        *_suspects(report, say),
        indicator_table(report, say),
    )


def use(report: Report, office: Office, say: Tongue) -> tuple[Block, ...]:
    """II: by site, access type, hour and weekday; the digital collection is people's to tell."""
    counted = report.total.counted
    outside = say.number(counted.outside_visits)
    sites, language = report.sites, say.language
    return (
        Heading(1, say("II. TÌNH HÌNH KHAI THÁC, SỬ DỤNG", "II. USE")),
        Heading(2, say("1. Theo điểm phục vụ", "1. By site")),
        site_table(report, office, say),
        Heading(
            2,
            say("2. Theo hình thức truy nhập (máy tính công cộng, Wi-Fi)", "2. By access type (public PCs, Wi-Fi)"),
        ),
        access_table(report, say),
        *(Paragraph(text) for text in visitors_told(report, say)),
        Heading(
            2,
            say(
                "3. Theo khung giờ, ngày trong tuần; ngoài giờ hành chính", "3. By hour, weekday; outside office hours"
            ),
        ),
        Paragraph(
            say(
                f"Có {outside} lượt bắt đầu ngoài giờ phục vụ theo quy định; tổng thời gian sử dụng "
                f"{say.number(minutes(counted.use_s))} phút.",
                f"{outside} visits began outside the prescribed hours; {say.number(minutes(counted.use_s))} minutes "
                "were used in all.",
            )
        ),
        hour_table(report, say),
        weekday_table(report, say),
        *drawn([make(sites, language) for make in (by_hour_chart, by_weekday_chart, traffic_chart)]),
        Heading(
            2,
            say(
                "4. Tài liệu số, phim và mục lục trên cổng thông tin",
                "4. Digital collection, films and catalogue on the portal",
            ),
        ),
        Paragraph("", to_fill=2),
    )


def safety(report: Report, say: Tongue) -> tuple[Block, ...]:
    """III: what the filter refused."""
    counted = report.total.counted
    blocked, rejected = say.number(counted.blocked), say.number(counted.rejected)
    return (
        Heading(1, say("III. KIỂM SOÁT TRUY NHẬP, BẢO ĐẢM AN TOÀN", "III. ACCESS CONTROL AND SAFETY")),
        Paragraph(
            say(
                f"Hệ thống đã ngăn chặn {blocked} lượt truy vấn tới nội dung không phù hợp (Biểu 4); {rejected} lượt "
                f"đề nghị truy nhập không phục vụ được trên tổng số {say.number(counted.attempts)} lượt. Không lưu "
                "trang mà người sử dụng xem.",
                f"{blocked} requests for unsuitable content were blocked (Table 4); {rejected} of "
                f"{say.number(counted.attempts)} requests for access were not served. Pages that people view are not "
                "stored.",
            )
        ),
    )


def line(report: Report, bills: Sequence[Reconciliation], say: Tongue) -> tuple[Block, ...]:
    """IV: interruptions by cause, and what the line cost."""
    heading = Heading(1, say("IV. ĐƯỜNG TRUYỀN VÀ CƯỚC PHÍ", "IV. LINE AND CHARGES"))
    told = [_interruptions(report, say), *volume_told(report, say), *_charges(bills, say)]
    return (heading, *(Paragraph(text) for text in told))


def growth(report: Report, say: Tongue) -> tuple[Block, ...]:
    """Visits of both years by month, with the goal's band; nothing without a base."""
    same = [one for one in report.sites if one.site not in report.compared.left_out]
    return tuple(drawn([growth_chart(same, report.band, say.language)])) if report.growth.before else ()


def drawn(charts: Iterable[Chart]) -> Iterable[Block]:
    """Those that have anything to draw."""
    return (one for one in charts if any(value for series in one.series for value in series.values))


def events(office: Office, say: Tongue) -> Iterable[Block]:
    """What took place, with head counts, and room for more."""
    if office.events:
        heads = say.number(sum(one.heads for one in office.events))
        yield Paragraph(
            say(
                f"Đã tổ chức {len(office.events):02} hoạt động với {heads} lượt người tham dự:",
                f"{len(office.events)} events with {heads} people:",
            )
        )
    for one in office.events:
        yield Paragraph(f"- {say.day(one.day)}: {one.title} ({say.number(one.heads)} {say('lượt người', 'people')}).")
    yield Paragraph("", to_fill=2)


def annexes(report: Report, office: Office, say: Tongue) -> tuple[Block, ...]:
    """PCs, method, figures by day, incidents."""
    is_long = (report.last - report.first).days > _MOST_DAYS
    figures = month_table(report, say) if is_long else day_table(report, say)
    by = say("THEO THÁNG" if is_long else "THEO NGÀY", "BY MONTH" if is_long else "BY DAY")
    method = say("PHƯƠNG PHÁP THỐNG KÊ", "METHOD")
    sites, language = report.sites, say.language
    return (
        *annex(
            "I",
            say("TÌNH TRẠNG MÁY TÍNH, NGĂN CHẶN NỘI DUNG", "PCS, FILTERING"),
            [
                pc_table(report, office, say),
                *drawn([pcs_chart(sites, language)]),
                filter_table(report, say),
                *drawn([blocked_chart(sites, language)]),
            ],
            say,
        ),
        *annex("II", method, method_annex(report, office, say), say),
        *annex("III", say(f"SỐ LIỆU {by}", f"FIGURES {by}"), [figures, *drawn([hours_chart(sites, language)])], say),
        *annex("IV", say("SỰ CỐ", "INCIDENTS"), [incident_table(report, office, say)], say),
    )


def _extra(report: Report, say: Tongue) -> Iterable[Block]:
    extra_s = report.total.counted.extra_s
    if extra_s:
        yield Paragraph(
            say(
                f"Ngoài ra đã phục vụ tăng thêm {say.hours(extra_s)} giờ (thứ Bảy, Chủ nhật, đột xuất).",
                f"Beside these, {say.hours(extra_s)} extra hours were held (Saturday, Sunday, ad hoc).",
            )
        )


def _are_reported(report: Report, office: Office) -> bool:
    """Has every PC that is out of order a ticket that somebody was asked to repair it by?"""
    out = [(one.site, row.pc) for one in report.sites for row in one.pcs if row.state is PcState.FAULT]
    reported = {(card.site, card.code) for card in office.pcs if any(one.is_reported for one in card.faults[-1:])}
    return bool(out) and all(one in reported for one in out)


def _suspects(report: Report, say: Tongue) -> Iterable[Block]:
    many = len(report.sites) > 1
    named = [
        f"{row.pc} ({one.name})" if many else row.pc
        for one in report.sites
        for row in one.pcs
        if row.state in (PcState.FAULT, PcState.SUSPECT)
    ]
    if named:
        yield Paragraph(
            say(
                f"Máy cần kiểm tra, sửa chữa: {', '.join(named)} (Biểu 3).",
                f"PCs to be looked at: {', '.join(named)} (Table 3).",
            )
        )


def _interruptions(report: Report, say: Tongue) -> str:
    """01 lần do nhà mạng (36 phút); of each cause that there is."""
    rows = [row for one in report.sites for row in one.incidents]
    parts = []
    for cause in OutageCause:
        some = [row for row in rows if row.cause is cause]
        if some:
            lasted = say.number(minutes(sum(row.lasted_s for row in some)))
            within = say.number(minutes(sum(row.within_hours_s for row in some)))
            name = say(*CAUSES[cause]).lower() if cause is not OutageCause.ISP else say("nhà mạng", "the ISP")
            parts.append(
                say(
                    f"{name} {len(some):02} lần, {lasted} phút (trong giờ phục vụ {within} phút)",
                    f"{name}: {len(some)}, {lasted} minutes ({within} in service hours)",
                )
            )
    if not parts:
        return say("Trong kỳ không có gián đoạn.", "There were no interruptions.")
    told = "; ".join(parts)
    return say(f"Gián đoạn theo nguyên nhân: {told} (Biểu 5).", f"Interruptions by cause: {told} (Table 5).")


def _charges(bills: Sequence[Reconciliation], say: Tongue) -> Iterable[str]:
    rows = [row for bill in bills for row in bill.rows]
    if not rows:
        yield say("Chưa có số liệu hợp đồng, hóa đơn của kỳ này.", "There are no contracts or invoices of the period.")
        return
    payable = say.dong(sum(bill.expected_vnd for bill in bills))
    invoiced = say.dong(sum(bill.invoiced_vnd for bill in bills))
    variance = say.dong(sum(bill.variance_vnd for bill in bills))
    yield say(
        f"Cước Internet phải thanh toán theo hợp đồng và cam kết: {payable}; theo hóa đơn: {invoiced}; chênh lệch của "
        f"các tháng đã có hóa đơn: {variance}.",
        f"Internet charges by contract and commitments: {payable}; invoiced: {invoiced}; difference in the months that "
        f"have an invoice: {variance}.",
    )
    for row in rows:
        if not row.has_commitment:
            yield say(
                f"Hợp đồng {row.contract} ({row.site_name}): chưa có cam kết bằng văn bản.",
                f"Contract {row.contract} ({row.site_name}): there is no commitment in writing.",
            )
