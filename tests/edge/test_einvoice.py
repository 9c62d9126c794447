"""Electronic invoices: made-up files of several vendors' habits, and files nobody should trust."""

from pathlib import Path

import pytest

from tests.edge.desk import CommandDesk

LINES = """
<HHDVu><TChat>1</TChat><THHDVu>Cước Internet</THHDVu><ThTien>350000</ThTien><TSuat>10%</TSuat></HHDVu>
<HHDVu><TChat>3</TChat><THHDVu>Chiết khấu</THHDVu><ThTien>105000</ThTien><TSuat>10%</TSuat></HHDVu>
<HHDVu><TChat>4</TChat><THHDVu>Kỳ cước tháng 4</THHDVu></HHDVu>"""
TOTALS = """<TToan><THTTLTSuat>
<LTSuat><TSuat>10%</TSuat><ThTien>245000</ThTien><TThue>24500</TThue></LTSuat></THTTLTSuat>
<TgTCThue>245000</TgTCThue><TgTThue>24500</TgTThue><TgTTTBSo>269500</TgTTTBSo></TToan>"""
PERIOD = "<TTKhac><TTin><TTruong>Kỳ cước</TTruong><KDLieu>string</KDLieu><DLieu>Tháng 04/2027</DLieu></TTin></TTKhac>"


def invoice(
    *, version: str = "2.1.0", lines: str = LINES, totals: str = TOTALS, common: str = "", customer: str = "KH1"
) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<HDon xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
<DLHDon Id="d"><TTChung><PBan>{version}</PBan><THDon>Hóa đơn</THDon><KHMSHDon>1</KHMSHDon><KHHDon>C27TAA</KHHDon>
<SHDon>00000012</SHDon><NLap>2027-04-30</NLap><DVTTe>VND</DVTTe>{common}</TTChung>
<NDHDon><NBan><Ten>Viễn thông A</Ten><MST>0100000000-001</MST></NBan>
<NMua><Ten>Thư viện</Ten><MDVQHNSach>1234567</MDVQHNSach><MKHang>{customer}</MKHang></NMua>
<DSHHDVu>{lines}</DSHHDVu>
{totals}</NDHDon>{PERIOD}</DLHDon><MCCQT>M1-27-ABCDE-00000000012</MCCQT></HDon>
"""


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    desk = CommandDesk.at(tmp_path)
    desk.cong(
        "contract", "add", "HD1", "--isp", "A", "--from", "2026-01-01", "--price", "350000",
        "--customer", "KH1", "--seller", "0100000000-001",
    )  # fmt: skip
    return desk


def read(desk: CommandDesk, text: str | bytes, *words: str) -> dict[str, object]:
    told = desk.told("invoice", "import", desk.file("hd.xml", text), *words)
    found: dict[str, object] = told["invoices"][0]
    return found


def test_an_invoice_is_read_once_and_reconciled(desk: CommandDesk) -> None:
    got = read(desk, invoice(), "--by", "Lan")
    assert (got["list_vnd"], got["discount_vnd"], got["vat_vnd"], got["total_vnd"]) == (350000, 105000, 24500, 269500)
    assert (got["contract"], got["month"], got["number"], got["budget_unit"]) == ("HD1", "2027-04", "12", "1234567")
    assert got["flags"] == ["signature-not-checked"]
    assert desk.told("invoice", "import", desk.file("hd.xml", invoice()))["new"] == 0
    desk.cong("facts", "add", "vat", "first=2020-01-01", "percent=10")
    desk.cong("contract", "promise", "1", "--percent", "30", "--from", "2026-01-01", "--document", "12/CK")
    (row,) = desk.told("reconcile", "2027-04")["rows"]
    assert (row["status"], row["difference_vnd"]) == ("khớp", 0)


def test_discounts_with_their_sign_and_fees_outside_the_lines_foot(desk: CommandDesk) -> None:
    totals = TOTALS.replace("269500</TgTTTBSo>", "274500</TgTTTBSo>").replace(
        "<TgTCThue>", "<DSLPhi><LPhi><TLPhi>Phí</TLPhi><TPhi>5000</TPhi></LPhi></DSLPhi><TgTCThue>"
    )
    got = read(desk, invoice(lines=LINES.replace(">105000<", ">-105000<"), totals=totals, version="2.0.1"))
    assert (got["discount_vnd"], got["fees_vnd"], got["total_vnd"]) == (105000, 5000, 274500)
    assert got["flags"] == ["signature-not-checked"]


def test_another_namespace_prefix_is_read_all_the_same(desk: CommandDesk) -> None:
    text = invoice().replace("<ds", "<x").replace("<", "<i:").replace("<i:/", "</i:").replace("<i:?", "<?")
    got = read(desk, text.replace("<i:HDon xmlns:ds", '<i:HDon xmlns:i="urn:a" xmlns:ds'))
    assert got["total_vnd"] == 269500


def test_lines_that_do_not_foot_are_flagged(desk: CommandDesk) -> None:
    got = read(desk, invoice(lines=LINES.replace(">350000<", ">340000<")))
    assert "lines-do-not-foot" in got["flags"]  # type: ignore[operator]  # JSON: a list
    assert "list_vnd" not in got and got["total_vnd"] == 269500
    assert "lines-do-not-foot" in desk.cong("invoice", "list")


def test_sums_by_rate_may_be_missing(desk: CommandDesk) -> None:
    totals = TOTALS[: TOTALS.index("<THTTLTSuat>")] + TOTALS[TOTALS.index("<TgTCThue>") :]
    got = read(desk, invoice(totals=totals))
    assert got["vat_percents"] == ["10"] and "no-sums-by-rate" in got["flags"]  # type: ignore[operator]  # a list


def test_an_invoice_that_replaces_another_says_which(desk: CommandDesk) -> None:
    linked = "<TTHDLQuan><TCHDon>1</TCHDon><KHMSHDCLQuan>1</KHMSHDCLQuan><KHHDCLQuan>C27TAA</KHHDCLQuan>"
    got = read(desk, invoice(common=f"{linked}<SHDCLQuan>0007</SHDCLQuan></TTHDLQuan>"))
    assert (got["link"], got["refers_to"]) == ("replaces", "0100000000-001|1|C27TAA|7")


BOMB = '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>\n<HDon>&b;</HDon>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><HDon/>'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB, "hd.xml:2: has a document type or entities"),
        (OUTSIDE, "hd.xml:1: has a document type or entities"),
        (invoice()[:900], "is no well-formed XML: "),
        (invoice().replace("</NBan>", "</NMua>", 1), "hd.xml:5: is no well-formed XML: mismatched tag"),
        ("", "is no well-formed XML: no element found"),
        ("<a>" * 100, "is too deep"),
        (b"%PDF-1.7", "hd.xml:1: is no well-formed XML"),
        (b" " * 5_000_001, "an invoice has at most 5 MB"),
        ("<Invoice/>", "its root is Invoice, not HDon"),
        (invoice(version="3.0.0"), 'hd.xml:3: format "3.0.0" (PBan); known are 2.0.x and 2.1.x'),
        (invoice().replace("2027-04-30", "30/04/2027"), 'NLap: "30/04/2027" is no date'),
        (invoice().replace(">350000<", ">350.000,00<"), 'hd.xml:8: ThTien: "350.000,00" is no amount'),
        (invoice().replace(">10%<", ">10<"), 'TSuat: "10" is no VAT rate'),
        (invoice().replace("<MST>0100000000-001</MST>", ""), "hd.xml:5: DLHDon/NDHDon/NBan/MST is missing"),
        (invoice().replace("TgTTTBSo", "Tg"), "TgTTTBSo is missing"),
        (invoice(totals=""), "TToan is missing"),
        (invoice(customer="KH9").replace("0100000000-001", "0200000000"), "no contract of ours fit"),
    ],
)
def test_what_can_not_be_read_is_said_with_its_line(desk: CommandDesk, text: str | bytes, says: str) -> None:
    good = desk.file("good.xml", invoice())
    said = desk.refused("invoice", "import", good, desk.file("hd.xml", text))
    assert says in said and "hd.xml" in said
    assert desk.told("invoice", "list") == []  # nothing half-imported, the good one neither


def test_the_contract_and_month_can_be_named(desk: CommandDesk) -> None:
    got = read(desk, invoice(customer="KH9"), "--contract", "HD1", "--month", "2027-03")
    assert (got["contract"], got["month"]) == ("HD1", "2027-03")
    assert "there is no contract HD9" in desk.refused(
        "invoice", "import", desk.file("hd.xml", invoice()), "--contract", "HD9"
    )
