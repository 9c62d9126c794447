"""cong report: the figures of a month, quarter, half-year or year, out of live and imported facts alike."""

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import at_register
from gateway.cli.signing import recount, sign, signed
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.errors import GatewayError, UsageError
from gateway.flows.signed_reports import Asked, Printed, printed_report
from gateway.reports import vietnamese as vi
from gateway.reports.lock import Adjustment
from gateway.reports.period_quality import quality_line
from gateway.reports.sentences import hours_sentence, method_note, pcs_sentence, visits_sentence

_WORDS = {"month": "tháng", "quarter": "quý", "half": "6 tháng", "year": "năm"}


@click.group()
def report() -> None:
    """Reports of a period: every figure with its parts, the same each time it is asked for."""


def _command(form: str, example: str) -> None:
    @report.command(form, help=f"The figures of a {form}, such as {example}: as signed, else as they count today.")
    @click.argument("period")
    @click.option("--site", default=None, help="Only this site; all of them if left out.")
    @click.option("--draft", is_flag=True, help="As it counts today, though it is signed.")
    @json_option
    @config_option
    def command(period: str, site: str | None, draft: bool, as_json: bool, config_path: Path) -> None:
        _report(form, period, site, draft, as_json, config_path)


for _form, _example in (("month", "2027-03"), ("quarter", "2027-Q1"), ("half", "2027-H1"), ("year", "2027")):
    _command(_form, _example)


def _report(form: str, period: str, site: str | None, draft: bool, as_json: bool, config_path: Path) -> None:
    try:
        asked = Asked.of(form, period, site)
    except ValueError as error:
        raise UsageError(str(error)) from error
    made = at_register(config_path, lambda desk: printed_report(desk.all_facts(), asked, draft=draft))
    if not made.report.sites:
        raise GatewayError("there are no facts of any site", hint="cong facts import brings them in")
    if as_json:
        click.echo(made.body)
        return
    for line in _lines(made, _WORDS[form], load_config(config_path).site.lock_day):
        click.echo(line)


def _lines(printed: Printed, word: str, lock_day: int) -> list[str]:
    """The standard sentences over all sites, then a line a site."""
    made = printed.report
    grown = made.growth
    lines = [_head(printed), f"Từ {vi.official_day(made.first)} đến {vi.official_day(made.last)}"]
    lines.append(visits_sentence(grown.visits, grown.before, span=word, band=made.band))
    for one in made.sites:
        lines += [
            "",
            f"{one.name} ({one.site})",
            f"  {visits_sentence(one.growth.visits, one.growth.before, span=word, band=made.band)}",
            f"  {hours_sentence(one.service)}",
            f"  {pcs_sentence(one.period.pcs, one.pcs, span=word)}",
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
    change = f"{'+' if one.difference > 0 else '-'}{vi.number(abs(one.difference))}"
    figures = f"đã báo cáo {vi.number(one.signed)}, nay {vi.number(one.counted)} ({change})"
    return f"  {one.site}, tháng {one.month.month}/{one.month.year}, {FIGURES.get(one.figure, one.figure)}: {figures}"


FIGURES = {
    "visits": "lượt",
    "kiosk_visits": "lượt tại máy tính",
    "wifi_visits": "lượt qua Wi-Fi",
    "outside_visits": "lượt ngoài giờ",
    "sessions": "phiên",
    "attempts": "lần xem trang đăng nhập",
    "rejected": "lượt không phục vụ được",
    "use_s": "thời gian sử dụng (giây)",
    "up_bytes": "tải lên (byte)",
    "down_bytes": "tải xuống (byte)",
    "blocked": "lượt ngăn chặn",
    "promised_s": "giờ quy định (giây)",
    "held_s": "giờ phục vụ (giây)",
    "internet_s": "giờ có Internet (giây)",
    "extra_s": "giờ tăng thêm (giây)",
    "pc_days_ok": "ngày-máy tốt",
    "pc_days": "ngày-máy",
    "available_s": "giờ máy sẵn sàng (giây)",
    "used_s": "giờ máy đã dùng (giây)",
}
"""Names of the figures that may be adjusted."""

for _one in (sign, signed, recount):
    report.add_command(_one)
