"""Contracts, invoices and the month's bill at the desk: what commands say, to the đồng; files nobody should trust."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.desk.invoice_drafts import guessed
from gateway.staff.roles import Role
from tests.edge import office_facts as office
from tests.edge.desk import CommandDesk
from tests.edge.desk_house import Answer, Browser, DeskHouse
from tests.edge.money_house import money_house, told
from tests.edge.test_einvoice import BOMB, OUTSIDE, invoice

HEAD = "Ký hiệu;Số;Ngày;Kỳ;Giá;Giảm;Thuế;Thuế suất;Tổng tiền"
ROW = "C26TAA;101;05/4/2026;2026-03;350.000;105.000;24.500;10%;269.500"


@pytest.fixture
def commands(tmp_path: Path) -> CommandDesk:
    desk = CommandDesk.at(tmp_path)
    outages = [one for one in office.march() if one["kind"] == "outage"]
    office.take(desk, *office.office(), *office.site(), *office.bills(), *outages)
    return desk


@pytest.fixture
async def house(commands: CommandDesk) -> AsyncIterator[DeskHouse]:
    async with money_house(commands.folder) as made:
        yield made


async def send(browser: Browser, name: str, body: str | bytes) -> Answer:
    raw = body if isinstance(body, bytes) else body.encode()
    fields: dict[str, Any] = {"file": (name, raw)}
    return await browser.do("/bills/invoices", "invoice.upload", **fields)


def invoices(house: DeskHouse) -> list[str]:
    """Keys of those that stand."""
    rows = house.rows(
        """SELECT key FROM facts f WHERE kind = 'invoice' AND void = 0
             AND rev = (SELECT MAX(rev) FROM facts g WHERE g.kind = f.kind AND g.key = f.key) ORDER BY key"""
    )
    return [str(row["key"]) for row in rows]


async def test_the_bill_is_that_of_the_command(commands: CommandDesk, tmp_path: Path) -> None:
    command = await asyncio.to_thread(commands.told, "reconcile", "2027-03")
    async with money_house(tmp_path) as house:
        bill = told(await house.ask("GET", "/bills/2027-03"))
        (row,), (made,) = bill["rows"], command["rows"]
        for name in ("expected_vnd", "difference_vnd", "discount_vnd", "status", "year_variance_vnd", "has_commitment"):
            assert row[name] == made[name], name
        assert row["variance"] == made["variance"]
        assert (bill["variance_vnd"], bill["expected_in_words"]) == (command["variance_vnd"], command["expected_text"])
        assert (row["expected_vnd"], row["invoiced_vnd"], row["difference_vnd"]) == (269_282, 308_000, 38_718)
        assert sum(row["variance"][name] for name in row["variance"] if name.endswith("_vnd")) == 38_718
        librarian = await house.browser(Role.LIBRARIAN)
        page = (await librarian.get("/bills")).text  # last month, when nothing is said
        assert "+38.718 đ" in page and "Thu cao hơn cam kết" in page and "269.282 đ" in page and len(page) < 100_000
        word = await librarian.get("/bills/2027-03/minutes/docx?isp=Vi%E1%BB%85n%20th%C3%B4ng%20A")
        assert word.body[:2] == b"PK" and 'filename="doi-soat-2027-03.docx"' in word.headers["Content-Disposition"]
        shown = await librarian.get("/bills/2027-03/minutes/html")
        assert "269.282" in shown.text and "sandbox" in shown.headers["Content-Security-Policy"]
        assert (await librarian.get("/bills/2026-13")).status == 404
        told(await house.ask("GET", "/bills/2027-13"), 422)
        told(await house.ask("GET", "/bills/2027-03", role=Role.DESK), 403)


async def test_an_invoice_that_is_plain_is_taken_at_once(house: DeskHouse) -> None:
    librarian = await house.browser(Role.LIBRARIAN)
    answer = await send(librarian, "../../etc/hd<b>.xml", invoice(customer="KH-77"))
    assert answer.flash.startswith("Đã đọc tệp. Số hóa đơn đã ghi: 1. 4/2027")
    assert answer.url.endswith("/bills?period=2027-04")
    assert "0100000000-001|1|C27TAA|12" in invoices(house)
    (row,) = told(await house.ask("GET", "/bills/2027-04"))["rows"]
    assert (row["status_key"], row["invoiced_vnd"]) == ("agrees", 269_500)
    again = await send(librarian, "hd.xml", invoice(customer="KH-77"))
    assert again.flash == "Hóa đơn số 12 đã có trong sổ, giống hệt."
    assert len(house.rows("SELECT 1 FROM facts WHERE kind = 'invoice'")) == 2
    assert not list(house.incoming.glob("*")), "what was sent is gone"


async def test_an_invoice_of_nobody_waits_until_its_contract_is_named(house: DeskHouse) -> None:
    librarian = await house.browser(Role.LIBRARIAN)
    answer = await send(librarian, "hd.xml", invoice(customer="KH-X"))
    assert "/bills/drafts/" in answer.url and "Không hợp đồng nào của thư viện khớp" in answer.text
    assert len(invoices(house)) == 1
    path = answer.url.partition("1:")[2].partition("/")[2]
    other = await house.browser(Role.ADMINISTRATOR)
    assert (await other.get(f"/{path}")).status == 404, "another user's file"
    ready = await librarian.do(f"/{path}", "invoice.read", contract="HD-12", month="")
    assert "269.500 đ" in ready.text and len(invoices(house)) == 1
    done = await librarian.do(f"/{path}", "invoice.take")
    assert done.flash == "Đã ghi 1 hóa đơn; kỳ cước 4/2027." and len(invoices(house)) == 2
    assert (await librarian.get(f"/{path}")).status == 404, "taken once"


FILES: list[tuple[str, str | bytes, str]] = [
    ("hd.pdf", b"%PDF-1.7 x", "Đây là bản PDF"),
    ("hd.xml", b"PK\x03\x04xx", "Đây là tệp Excel"),
    ("hd.xml", BOMB, "có thể là bẫy"),
    ("hd.xml", OUTSIDE, "có thể là bẫy"),
    ("hd.xml", "<HDon><DLHDon>", "Tệp XML hỏng ở dòng 1"),
    ("hd.xml", "<Invoice/>", "không phải hóa đơn điện tử"),
    ("hd.xml", invoice(version="3.0.0"), "chưa đọc được"),
    ("hd.xml", invoice(totals="<TToan/>", customer="KH-77"), "Hóa đơn thiếu hoặc sai ở dòng"),
    ("hd.xml", b"", "Tệp XML hỏng"),
    ("so.csv", b"\xff\xfe\xfd", "UTF-8"),
    ("so.csv", "", "Tệp trống"),
    ("so.csv", 'a;"b\n', "dấu ngoặc kép"),
]


async def test_files_nobody_should_trust(house: DeskHouse) -> None:
    librarian = await house.browser(Role.LIBRARIAN)
    for name, body, says in FILES:
        answer = await send(librarian, name, body)
        assert says in answer.flash, answer.flash
    assert len(invoices(house)) == 1 and not list(house.incoming.glob("*"))


async def test_a_table_is_looked_at_by_its_columns_before_it_is_taken(house: DeskHouse) -> None:
    librarian = await house.browser(Role.LIBRARIAN)
    wrong = ROW.replace("101", "102").replace("05/4/2026", "31/2/2026")
    bad = ROW.replace("101", "103").replace("269.500", "<script>")
    answer = await send(librarian, "so.csv", "\n".join((HEAD, ROW, wrong, bad, ROW)))
    path = "/" + answer.url.partition("1:")[2].partition("/")[2]
    assert "3 chỗ cần sửa" in answer.text and "“31/2/2026” không phải ngày" in answer.text
    assert "&lt;script&gt;” không phải số nguyên" in answer.text and "<script>”" not in answer.text
    assert "Hóa đơn số 101 đã có ở dòng 2" in answer.text
    none = await librarian.do(path, "invoice.read", contract="")
    assert "Chưa biết hóa đơn của hợp đồng nào" in none.text
    draft = path.rpartition("/")[2]
    told(await house.ask("POST", f"/invoices/drafts/{draft}", {}), 404)  # a token's owner is another user
    columns = ["series=Ký hiệu", "number=Số", "dated=Ngày", "total_vnd=Giá", "month=Giá"]
    twice = await librarian.do(path, "invoice.read", contract="HD-12", columns=columns)
    assert twice.flash.startswith("Mỗi cột chỉ dùng cho một mục") and len(invoices(house)) == 1
    answer = await send(librarian, "so.csv", "\n".join((HEAD, ROW, ROW.replace("101", "104").replace("03;", "04;"))))
    path = "/" + answer.url.partition("1:")[2].partition("/")[2]
    done = await librarian.do(path, "invoice.take")
    assert done.flash.startswith("Đã ghi 2 hóa đơn; kỳ cước 3/2026") and len(invoices(house)) == 3
    (row,) = told(await house.ask("GET", "/bills/2026-03"))["rows"]
    assert (row["status_key"], row["difference_vnd"]) == ("agrees", 0)
    house.clock.wall += timedelta(hours=1)
    assert (await librarian.get(path)).status == 404


def test_columns_are_guessed_by_their_headings() -> None:
    found = guessed(HEAD.split(";"))
    assert found["series"] == "Ký hiệu" and found["total_vnd"] == "Tổng tiền" and found["month"] == "Kỳ"
    assert found["vat_percent"] == "Thuế suất" and len(set(found.values())) == len(found)


async def test_a_contract_with_price_promise_prepayment_and_end(house: DeskHouse) -> None:
    librarian = await house.browser(Role.LIBRARIAN)
    typed: dict[str, Any] = {"code": "HD-13", "isp": "Viễn thông B & C", "first": "2027-01-01", "price_vnd": "350.000"}
    answer = await librarian.do("/bills/contracts", "contract.add", **typed)
    assert answer.flash == "Đã lưu hợp đồng HD-13." and "Viễn thông B &amp; C" in answer.text
    promise: dict[str, Any] = {"number": "7", "form": "percent", "value": "14,29", "first": "2027-01-01"}
    await librarian.do("/bills/contracts", "contract.promise", contracts=["HD-13"], document="9/CK", **promise)
    fixed = {"number": "8", "form": "fixed", "value": "50.000", "first": "2027-01-01", "contracts": ["HD-13"]}
    assert told(await house.ask("POST", "/contracts/promises", fixed))["month_vnd"] == 50_000
    body: dict[str, Any] = {"first": "2027-05-01", "month_vnd": 400_000}
    told(await house.ask("POST", "/contracts/HD-13/prices", body))
    listed = told(await house.ask("GET", "/contracts"))
    (made,) = [one for one in listed["contracts"] if one["code"] == "HD-13"]
    assert [one["month_vnd"] for one in made["prices"]] == [400_000, 350_000]
    rows = {one["contract"]: one for one in told(await house.ask("GET", "/bills/2027-04"))["rows"]}
    first, *others = rows["HD-13"]["reductions"]
    assert (first["percent"], first["counts"]) == ("30", True)
    shown = {one["form"]: (one["vnd"], one["counts"]) for one in others}
    assert shown == {"percent": (50_015, True), "fixed": (50_000, False)}, "without a paper it is shown, not counted"
    prepaid = {"number": "9", "first": "2027-06-01", "paid_months": 12, "free_months": 2, "total_vnd": "4.620.000"}
    gift = told(await house.ask("POST", "/contracts/prepayments", {**prepaid, "contracts": ["HD-13"], "document": "1"}))
    assert gift["covers_to"] == "2028-07-31"
    rows = {one["contract"]: one for one in told(await house.ask("GET", "/bills/2027-06"))["rows"]}
    assert (rows["HD-13"]["status_key"], rows["HD-13"]["expected_vnd"]) == ("prepaid", 330_000)
    told(await house.ask("POST", "/contracts/HD-13/end", {"last": "2027-06-30"}))
    assert not [one for one in told(await house.ask("GET", "/bills/2027-07"))["rows"] if one["contract"] == "HD-13"]
    early = {"last": "2026-06-30"}
    told(await house.ask("POST", "/contracts/HD-13/end", early), 409)
    told(await house.ask("POST", "/contracts/HD-99/end", early), 404)
    told(await house.ask("POST", "/contracts/promises", {**fixed, "contracts": ["HD-99"]}), 404)
    for wrong in ({"value": "101", "form": "percent"}, {"value": "một"}, {"number": "a|b"}, {"first": "1/1/2027"}):
        told(await house.ask("POST", "/contracts/promises", {**fixed, **wrong}), 422)
    for wrong_money in ("350,5", "12.34", "1e9", "-1", "٣"):
        told(await house.ask("POST", "/contracts", {**typed, "price_vnd": wrong_money}), 422)


async def test_an_invoice_by_hand_and_taken_out_again(house: DeskHouse) -> None:
    librarian = await house.browser(Role.LIBRARIAN)
    hostile = '"><img src=x>'
    typed: dict[str, Any] = {
        "contract": "HD-12", "month": "2027-02", "seller": "0100000000", "series": hostile, "number": "5",
        "dated": "2027-02-28", "total_vnd": "269.500 đ", "list_vnd": "350 000", "vat_vnd": "24500", "vat_percent": "10",
        "discount_vnd": "105.000",
    }  # fmt: skip
    answer = await librarian.do("/bills/invoices", "invoice.add", **typed)
    assert answer.flash == "Đã ghi hóa đơn; kỳ cước 2/2027."
    page = (await librarian.get("/bills/invoices?month=2027-02")).text
    assert hostile not in page and "269.500 đ" in page
    (row,) = told(await house.ask("GET", "/bills/2027-02"))["rows"]
    assert (row["status_key"], row["difference_vnd"]) == ("agrees", 0)
    again = await librarian.do("/bills/invoices", "invoice.add", **typed)
    assert again.flash == "Hóa đơn số 5 đã có trong sổ, giống hệt."
    told(await house.ask("POST", "/invoices", {**typed, "contract": "HD-99"}), 404)
    told(await house.ask("POST", "/invoices", {**typed, "link": "adjusts", "refers_to": "x"}), 422)
    key = f"0100000000|1|{hostile}|5"
    assert key in invoices(house)
    told(await house.ask("DELETE", "/invoices", {"key": key}, role=Role.DESK), 403)
    told(await house.ask("DELETE", "/invoices", {"key": key}))
    assert key not in invoices(house)
    assert told(await house.ask("GET", "/bills/2027-02"))["rows"][0]["status_key"] == "no_invoice"
    told(await house.ask("DELETE", "/invoices", {"key": key}), 404)


async def test_without_a_rate_the_page_asks_for_it(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    words = ("--isp", "A", "--from", "2026-01-01", "--price", "350000")
    await asyncio.to_thread(desk.cong, "contract", "add", "HD1", *words)
    async with money_house(tmp_path) as house:
        librarian = await house.browser(Role.LIBRARIAN)
        assert "Chưa có thuế suất GTGT" in (await librarian.get("/bills")).text
        told(await house.ask("GET", "/bills/2027-03"), 409)
        answer = await librarian.do("/bills", "vat.add", percent="10", first="2020-01-01")
        assert answer.flash == "Đã lưu thuế suất 10%." and re.search(r"385\.000\sđ", answer.text)
