"""An e-invoice (HDon, PBan 2.0.x and 2.1.x) as an invoice fact (counting 3.6; 2.7, 21).

In:  the tree of its XML, and which contract of ours it may be for.
Out: the values of an invoice fact. GatewayError names the line of what can't be read; what looks odd is a flag.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from gateway.billing.einvoice import ItemLine, Nature, foot, parse_amount, parse_vat_rate
from gateway.einvoice.xml import Element, read_xml
from gateway.errors import GatewayError
from gateway.ports_bills import Ours as Ours
from gateway.units import half_away

Values = dict[str, object]

_MONTH_WORDS = ("kỳ cước", "ky cuoc", "kỳ thanh toán", "kythanhtoan", "tháng", "thang", "chu kỳ", "kycuoc", "billing")
_CONTRACT_WORDS = ("hợp đồng", "hop dong", "sohopdong", "sohd", "mã hợp đồng", "contract")
"""Names under which vendors write the period and the contract (TTKhac/TTin/TTruong): the table of their quirks."""
_LINKS = {"1": "replaces", "2": "adjusts"}


def read_invoice(raw: bytes, where: str, contracts: Sequence[Ours], contract: str) -> Values:
    """The InvoiceReader port (gateway.ports_bills): the fields of an invoice fact, without `sha256`."""
    root = read_xml(raw, where)
    if contract:
        contracts = [Ours(contract, "", root.said("DLHDon/NDHDon/NBan/MST"))]
    return invoice_values(root, contracts, where)


def invoice_values(root: Element, contracts: Sequence[Ours], where: str) -> Values:
    """The fields of an invoice fact, without `sha256`."""
    reader = _Reader(root, where)
    if root.name != "HDon":
        raise reader.error(
            root, f"its root is {root.name[:40]}, not HDon", "is it another kind of document?", "xml-no-invoice"
        )
    version = root.said("DLHDon/TTChung/PBan")
    if not re.fullmatch(r"2\.[01]\.\d+", version):
        found = root.find("DLHDon/TTChung/PBan") or root
        raise reader.error(
            found, f'format "{version}" (PBan); known are 2.0.x and 2.1.x', "type it in: cong invoice add", "xml-format"
        )
    values: Values = {
        "seller": reader.needed("DLHDon/NDHDon/NBan/MST"),
        "form": reader.needed("DLHDon/TTChung/KHMSHDon"),
        "series": reader.needed("DLHDon/TTChung/KHHDon"),
        "number": reader.needed("DLHDon/TTChung/SHDon").lstrip("0") or "0",
        "dated": reader.day("DLHDon/TTChung/NLap"),
        "buyer": root.said("DLHDon/NDHDon/NMua/Ten"),
        "budget_unit": root.said("DLHDon/NDHDon/NMua/MDVQHNSach"),
        "authority_code": root.said("MCCQT"),
    }
    extras = _extras(root)
    values["contract"] = _contract(reader, str(values["seller"]), extras, contracts)
    values["month"] = _month(extras) or str(values["dated"])[:7]
    values |= _link(reader, str(values["seller"]))
    flags: list[str] = [] if _month(extras) else ["month-is-that-of-the-date"]
    values |= _amounts(reader, flags)
    values["flags"] = [*flags, "signature-not-checked"]
    return {name: value for name, value in values.items() if value not in ("", None, [])}


class _Reader:
    def __init__(self, root: Element, where: str) -> None:
        self.root = root
        self.where = where

    def error(self, element: Element, message: str, hint: str = "", key: str = "xml-not-whole") -> GatewayError:
        values: dict[str, str | int] = {"line": element.line, "said": message[:200]}
        return GatewayError(message, where=f"{self.where}:{element.line}", hint=hint, key=key, values=values)

    def needed(self, path: str) -> str:
        text = self.root.said(path)
        if not text:
            above = self._nearest(path)
            raise self.error(above, f"{path} is missing or empty", "the seller's file is not whole; ask for it again")
        return text

    def day(self, path: str) -> str:
        text = self.needed(path)
        try:
            return date.fromisoformat(text[:10]).isoformat()
        except ValueError:
            raise self.error(self._nearest(path), f'{path}: "{text[:20]}" is no date') from None

    def amount(self, of: Element, path: str) -> Fraction | None:
        return self._parsed(of, path, parse_amount)

    def rate(self, of: Element, path: str) -> Fraction | None:
        return self._parsed(of, path, parse_vat_rate)

    def _parsed(self, of: Element, path: str, parse: Callable[[str], Fraction | None]) -> Fraction | None:
        text = of.said(path)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise self.error(of.find(path) or of, f"{path}: {error}") from None

    def _nearest(self, path: str) -> Element:
        names = path.split("/")
        for count in range(len(names), 0, -1):
            if found := self.root.find("/".join(names[:count])):
                return found
        return self.root


def _amounts(reader: _Reader, flags: list[str]) -> Values:
    content = reader.root.find("DLHDon/NDHDon")
    totals = content.find("TToan") if content else None
    if content is None or totals is None:
        raise reader.error(content or reader.root, "DLHDon/NDHDon/TToan is missing", "the seller's file is not whole")
    lines = [(one, *_line(reader, one)) for one in content.all("DSHHDVu/HHDVu")]
    fees = sum((reader.amount(one, "TPhi") or Fraction(0) for one in totals.all("DSLPhi/LPhi")), Fraction(0))
    vat = reader.amount(totals, "TgTThue")
    by_rate = totals.all("THTTLTSuat/LTSuat")
    if vat is None and by_rate:
        vat = sum((reader.amount(one, "TThue") or Fraction(0) for one in by_rate), Fraction(0))
    if not by_rate:
        flags.append("no-sums-by-rate")  # cash-register invoices
    rates = {
        rate for one in (*by_rate, *content.all("DSHHDVu/HHDVu")) if (rate := reader.rate(one, "TSuat")) is not None
    }
    payable = reader.amount(totals, "TgTTTBSo")
    before = reader.amount(totals, "TgTCThue")
    if before is None:
        before = sum((item.amount for _, item, _ in lines if item.nature is Nature.GOODS), Fraction(0))
        flags.append("no-sum-before-vat")
    if payable is None:
        raise reader.error(totals, "TgTTTBSo is missing: nothing says what is to be paid")
    footed = foot([item for _, item, _ in lines], before)
    if footed is None:
        flags.append("lines-do-not-foot")
    differs = payable - (before + (vat or 0) + fees)
    if abs(differs) > 1 and abs(payable - (before + (vat or 0))) > 1:
        flags.append("totals-do-not-foot")
    return {
        "total_vnd": half_away(payable),
        "before_vat_vnd": half_away(before),
        "list_vnd": footed.list_vnd if footed else None,
        "discount_vnd": footed.discount_vnd if footed else None,
        "vat_vnd": half_away(vat) if vat is not None else None,
        "fees_vnd": half_away(fees) if fees else None,
        "vat_percents": sorted(_percent(rate) for rate in rates),
        "lines": [{"name": name, "nature": int(item.nature), "vnd": half_away(item.amount)} for _, item, name in lines],
    }


def _line(reader: _Reader, one: Element) -> tuple[ItemLine, str]:
    text = one.said("TChat") or "1"
    if text not in "12345" or len(text) != 1:
        raise reader.error(one.find("TChat") or one, f'TChat: "{text[:10]}" is none of 1 to 5')
    nature = Nature(int(text))
    amount = reader.amount(one, "ThTien")
    if amount is None and nature in (Nature.GOODS, Nature.SPECIAL, Nature.DISCOUNT):
        raise reader.error(one, "ThTien is missing: a line without its amount")
    return ItemLine(nature, amount or Fraction(0)), one.said("THHDVu")


def _link(reader: _Reader, seller: str) -> Values:
    linked = reader.root.find("DLHDon/TTChung/TTHDLQuan")
    if linked is None or linked.said("TCHDon") not in _LINKS:
        return {}
    parts = [linked.said(name) for name in ("KHMSHDCLQuan", "KHHDCLQuan", "SHDCLQuan")]
    if not all(parts):
        raise reader.error(linked, "TTHDLQuan does not say which invoice it replaces or adjusts")
    form, series, number = parts
    refers_to = "|".join((seller, form, series, number.lstrip("0") or "0"))
    return {"link": _LINKS[linked.said("TCHDon")], "refers_to": refers_to}


def _contract(reader: _Reader, seller: str, extras: Mapping[str, str], contracts: Sequence[Ours]) -> str:
    """By the customer code, else by the contract's number in the vendor's extras, else the seller's only one."""
    customer = reader.root.said("DLHDon/NDHDon/NMua/MKHang")
    numbers = {text for name, text in extras.items() if any(word in name for word in _CONTRACT_WORDS)}
    ours = [one for one in contracts if customer and one.customer == customer]
    ours = ours or [one for one in contracts if one.contract in numbers]
    ours = ours or [one for one in contracts if one.seller == seller]
    if len(ours) == 1:
        return ours[0].contract
    buyer = reader.root.find("DLHDon/NDHDon/NMua") or reader.root
    what = "several contracts" if ours else "no contract"
    raise reader.error(
        buyer,
        f'{what} of ours fit: customer code "{customer}", seller {seller}',
        "name it: --contract CODE; cong contract list shows them",
        "xml-contracts" if ours else "xml-no-contract",
    )


def _extras(root: Element) -> dict[str, str]:
    """All TTin anywhere: name in lower case -> text."""
    told: dict[str, str] = {}
    rest = [root]
    while rest:
        one = rest.pop()
        if one.name == "TTin" and one.said("TTruong"):
            told.setdefault(one.said("TTruong").casefold(), one.said("DLieu"))
        rest.extend(reversed(one.below))
    return told


def _month(extras: Mapping[str, str]) -> str | None:
    for name, text in extras.items():
        if any(word in name for word in _MONTH_WORDS):
            if match := re.search(r"(?<!\d)(0?[1-9]|1[0-2])[/-](20\d\d)(?!\d)", text):
                return f"{match[2]}-{int(match[1]):02}"
            if match := re.search(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])(?!\d)", text):
                return f"{match[1]}-{match[2]}"
    return None


def _percent(rate: Fraction) -> str:
    units = half_away(rate * 100 * 10**4)
    whole, rest = divmod(units, 10**4)
    return f"{whole}.{rest:04}".rstrip("0").rstrip(".") if rest else str(whole)
