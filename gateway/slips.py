"""Vouchers on paper: a page to print, whole in itself, with a QR code on each slip.

In:  vouchers with their codes, and what the site is called.
Out: HTML for A4 (8, 15 or 24 slips a sheet) or for a 58 mm receipt printer; no script, no file and no host beside it.
The QR code holds the portal's address with the code in its query: the form comes up filled in, and only sending it lets
the device in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timezone
from urllib.parse import urlencode

import segno

from gateway.access.voucher import Allowance, Code, Voucher, shown
from gateway.pages import Pages, text
from gateway.units import show_bytes

SHEETS: Mapping[int, tuple[int, int]] = {8: (2, 4), 15: (3, 5), 24: (3, 8)}
"""Slips of an A4 sheet: columns and rows."""


@dataclass(frozen=True, slots=True)
class Paper:
    """How it is printed, and for whom."""

    site: str
    portal_host: str
    zone: timezone
    language: str
    per_sheet: int = 15
    thermal: bool = False


def slips_page(paper: Paper, vouchers: Sequence[tuple[Voucher, Code]]) -> str:
    """The page."""
    columns, rows = SHEETS[paper.per_sheet]
    slips = [dict(_slip(paper, voucher, code)) for voucher, code in vouchers]
    size = 1 if paper.thermal else columns * rows
    return Pages().render(
        "slips.html",
        paper.language,
        {
            "site": paper.site,
            "slips": slips,
            "per_sheet": size,
            "columns": columns,
            "rows": rows,
            "layout": "thermal" if paper.thermal else f"a4 n{paper.per_sheet}",
        },
    )


def portal_url(host: str, code: Code) -> str:
    """What the QR code says."""
    return f"http://{host}/?{urlencode({'way': 'voucher', 'code': code})}"


def _slip(paper: Paper, voucher: Voucher, code: Code) -> Iterator[tuple[str, str]]:
    allowance, language = voucher.batch.allowance, paper.language
    # M mends 15 % of the picture: paper gets creased; the quiet zone of four modules is the slip's own padding too
    path, side = _path(segno.make(portal_url(paper.portal_host, code), error="m", micro=False))
    yield "code", shown(code)
    yield "qr", path
    yield "side", str(side)
    yield "limits", " · ".join(_limits(allowance, language))
    yield "until", _until(allowance, paper)
    yield "number", f"{voucher.batch.id}/{voucher.number}"
    yield "label", voucher.batch.label


def _limits(allowance: Allowance, language: str) -> Iterator[str]:
    if allowance.time_s is not None:
        yield _span(allowance.time_s, language)
    if allowance.total_bytes is not None:
        yield show_bytes(allowance.total_bytes).replace(".0 ", " ")
    if allowance.devices > 1:
        yield text(language, "slip.devices", count=allowance.devices)
    if allowance.once:
        yield text(language, "slip.once")


def _span(seconds: int, language: str) -> str:
    for unit, key in ((86400, "slip.days"), (3600, "slip.hours")):
        if seconds % unit == 0:
            return text(language, key, count=seconds // unit)
    return text(language, "slip.minutes", count=-(-seconds // 60))


def _until(allowance: Allowance, paper: Paper) -> str:
    until = f"{allowance.valid_until.astimezone(paper.zone):%d/%m/%Y}"
    if allowance.lasts_s is not None:
        span = _span(allowance.lasts_s, paper.language)
        return text(paper.language, "slip.lasts", span=span, until=until)
    if allowance.valid_from is not None:
        since = f"{allowance.valid_from.astimezone(paper.zone):%d/%m/%Y}"
        return text(paper.language, "slip.between", since=since, until=until)
    return text(paper.language, "slip.until", until=until)


def _path(qr: segno.QRCode) -> tuple[str, int]:
    """Runs of dark modules as an SVG path, and the side of the picture in modules."""
    lines = [list(line) for line in qr.matrix_iter(border=4)]
    return "".join(_runs(lines)), len(lines)


def _runs(lines: list[list[int]]) -> Iterator[str]:
    for y, line in enumerate(lines):
        x = 0
        while x < len(line):
            end = x
            while end < len(line) and line[end]:
                end += 1
            if end > x:
                yield f"M{x} {y}h{end - x}v1h{x - end}z"
            x = max(end, x + 1)
