"""A report as lines on a terminal: its standard sentences, what was adjusted, and how figures are counted."""

from gateway.flows.signed_reports import Printed
from gateway.papers.adjusted import FIGURES, cells
from gateway.papers.printed import printed as text_of
from gateway.papers.sentences import visits_told
from gateway.papers.tongue import Tongue
from gateway.reports import vietnamese as vi
from gateway.reports.lock import Adjustment
from gateway.reports.period_quality import quality_line
from gateway.reports.report_values import SiteReport
from gateway.reports.sentences import hours_sentence, method_note, pcs_sentence, visits_sentence


def report_lines(printed: Printed, lock_day: int) -> list[str]:
    """The standard sentences over all sites, then a line a site."""
    made, say = printed.report, Tongue("vi")
    word = say.span((made.first, made.last))
    lines = [_head(printed), f"Từ {vi.official_day(made.first)} đến {vi.official_day(made.last)}"]
    lines += visits_told(made, say)
    for one in made.sites:
        lines += [
            "",
            f"{one.name} ({one.site})",
            f"  {visits_sentence(one.growth.visits, one.growth.before, span=word, band=made.band)}",
            f"  {hours_sentence(one.service)}",
            f"  {pcs_sentence(one.period.pcs, one.pcs, span=word)}",
            *_volume(one),
            f"  {quality_line(one.quality, 'vi')}",
        ]
    if made.compared.left_out:
        lines += ["", f"Không so sánh: {', '.join(made.compared.left_out)}"]
    if made.adjustments:
        lines += ["", "Điều chỉnh số liệu đã ký hoặc đã khóa:", *map(_adjusted, made.adjustments)]
    return [*lines, "", method_note(lock_day)]


def _head(printed: Printed) -> str:
    if printed.signed is None:
        return "DỰ THẢO"
    signature = printed.signed.signature
    return f"Số: {signature.number}, {vi.official_day(signature.dated_on)} (đã ký, số liệu không thay đổi)"


def _adjusted(one: Adjustment) -> str:
    told, now, change = (text_of(cell, "vi") for cell in cells(one))
    name = FIGURES[one.figure][0]
    return f"  {one.site}, tháng {one.month.month}/{one.month.year}, {name}: đã báo cáo {told}, nay {now} ({change})"


def _volume(one: SiteReport) -> list[str]:
    """The line's bytes beside the sessions': what is between them is headers, the gateway's own and open sites'."""
    line, counted = one.line_volume, one.period.counted
    if line is None:
        return []
    sums = [vi.amount(n) for n in (counted.down_bytes, counted.up_bytes, line.down_bytes, line.up_bytes)]
    return [
        f"  Dung lượng: các phiên tải xuống {sums[0]}, tải lên {sums[1]}; "
        f"đường truyền tải xuống {sums[2]}, tải lên {sums[3]} ({vi.number(line.days)} ngày có số liệu)."
    ]
