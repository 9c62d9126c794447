"""PCs at the desk: faults with photos, repairs, inventory, upkeep; what the database and the commands then say."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from gateway.desk.table import Caller
from gateway.staff.roles import Role
from tests.edge.plan_desk import PlanDesk, plan_desk
from tests.edge.test_pc_photos import phone_photo

HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "\u202egnp.exe", "x" * 10_000, "a\0b", "🦊")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PlanDesk]:
    async with plan_desk(tmp_path) as made:
        for code in ("PC01", "PC07"):
            entry = {"bought_on": "2020-01-02", "place": "Phòng máy", "cost_vnd": 9_500_000}
            status, told = await made.house.ask("PUT", f"/pcs/{code}", entry)
            assert (status, told["code"]) == (200, code)
        yield made


async def test_pc07_is_broken_in_two_clicks_and_repaired(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    board = await browser.get("/pcs")
    assert 'href="/pcs/PC07#fault"' in board.text  # the first click
    opened = await browser.get("/pcs/PC07")
    (what,) = re.findall(r'name="what" value="(Không lên nguồn)"', opened.text)
    form = {**opened.form("pc.fault"), "what": what}
    page = await browser.send("/do/pc.fault", form)  # the second
    assert page.flash == "Đã báo hỏng máy PC07." and page.url.endswith("/pcs/PC07") and "Chưa báo ai" in page.text
    again = await browser.send("/do/pc.fault", form)
    assert again.flash == "PC07 đã được báo hỏng rồi. Xem phiếu hỏng của máy."
    listed = {one["code"]: one["open_fault"] for one in await desk.told("pc", "list")}
    assert listed["PC07"]["what"] == "Không lên nguồn" and listed["PC07"]["begin"] == "2027-03-31T01:00:00Z"
    desk.house.clock.pass_s(600)
    page = await browser.do("/pcs/PC07", "pc.report", to="Công ty An Phát")
    assert "Công ty An Phát, 08:10 31/3/2027" in page.text
    early = await browser.do("/pcs/PC07", "pc.repair", done="thay nguồn", at="2027-03-31T07:00")
    assert early.flash == "Lúc sửa xong phải sau lúc hỏng."
    desk.house.clock.pass_s(600)
    page = await browser.do("/pcs/PC07", "pc.repair", done="thay nguồn", cost_vnd="450000")
    assert page.flash == "Máy PC07 hoạt động lại." and "450.000 đ" in page.text and "20 phút" in page.text
    same = {**(await browser.get("/pcs/PC07")).form("pc.fault", 1), "what": "lại hỏng", "since": "2027-03-31T08:00"}
    assert "bắt đầu đúng lúc này" in (await browser.send("/do/pc.fault", same)).flash  # the repaired ticket stays
    (fault,) = await desk.told("facts", "list", "pc_fault")
    assert (fault["reported"], fault["reported_to"], fault["reported_at"], fault["done"], fault["end"]) == (
        True,
        "Công ty An Phát",
        "2027-03-31T01:10:00Z",
        "thay nguồn",
        "2027-03-31T01:20:00Z",
    )
    trail = desk.house.rows("SELECT act, came_of, subject FROM audit JOIN audit_outcomes ON id = audit_id ORDER BY id")
    assert [(one["act"], one["came_of"]) for one in trail[2:]] == [
        ("pc.fault", "done"),
        ("pc.fault", "refused"),
        ("pc.report", "done"),
        ("pc.repair", "refused"),
        ("pc.repair", "done"),
        ("pc.fault", "refused"),
    ]


async def test_an_iphone_is_asked_for_a_jpeg_and_a_heic_is_told_what_to_do(desk: PlanDesk) -> None:
    """Safari makes a JPEG of a HEIC photo where the field's types name JPEG first and no HEIC, nor all images."""
    browser = await desk.house.browser(Role.DESK)
    heic = ("IMG_0001.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    for act in ("pc.fault", "pc.photo"):
        page = await browser.get("/pcs/PC07")
        fields = [each for each in re.findall(r"<input[^>]*>", page.text) if 'type="file"' in each]
        assert fields and all('accept="image/jpeg,image/png,image/webp"' in each for each in fields)
        what = {"what": "Không lên nguồn"} if act == "pc.fault" else {}
        refused = await browser.send(f"/do/{act}", {**page.form(act), **what, "photo": heic})
        assert "Safari" in refused.flash and "JPEG" in refused.flash, refused.flash
        if act == "pc.fault":
            await browser.send("/do/pc.fault", {**page.form(act), **what})
    assert desk.house.rows("SELECT id FROM pc_photos") == []


async def test_a_photo_comes_with_the_fault_and_goes_for_good(desk: PlanDesk, tmp_path: Path) -> None:
    browser = await desk.house.browser(Role.DESK)
    form = {**(await browser.get("/pcs/PC07")).form("pc.fault", 1), "what": "màn hình sọc", "since": "2027-03-30T08:00"}
    bad = await browser.send("/do/pc.fault", {**form, "photo": ("a.jpg", b"<svg onload=alert(1)>")})
    assert "không phải ảnh" in bad.flash and await desk.told("facts", "list", "pc_fault") == []
    sent = phone_photo()
    page = await browser.send("/do/pc.fault", {**form, "photo": ("../../x.php", sent)})
    assert page.flash == "Đã báo hỏng máy PC07."
    (row,) = desk.house.rows("SELECT id, pc, file, author, fault_at FROM pc_photos")
    assert (row["pc"], row["author"], row["fault_at"]) == ("PC07", "r-desk", 1806368400)
    shown = await browser.get(f"/pc-photos/{row['id']}")
    assert shown.headers["Content-Type"] == "image/jpeg" and shown.headers["X-Content-Type-Options"] == "nosniff"
    assert b"SECRET" not in shown.body and Image.open(io.BytesIO(shown.body)).size == (90, 60)
    assert [each.read_bytes() for each in (tmp_path / "pc-photos").iterdir()] == [shown.body]
    assert list((tmp_path / "incoming").iterdir()) == []
    second = await browser.send(
        "/do/pc.photo", {**(await browser.get("/pcs/PC07")).form("pc.photo"), "photo": ("b.png", b"\x89PNG\r\n\x1a\n")}
    )
    assert "bị hỏng" in second.flash
    gone = await browser.do("/pcs/PC07", "pc.photo_remove")
    assert gone.flash == "Đã xóa ảnh." and list((tmp_path / "pc-photos").iterdir()) == []
    assert (await browser.get(f"/pc-photos/{row['id']}")).status == 404
    assert "x.php" not in str(desk.house.rows("SELECT * FROM pc_photos"))


async def test_a_photo_that_is_too_large_is_refused_with_its_page(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    form = (await browser.get("/pcs/PC07")).form("pc.fault", 1)
    for size, status in ((5_050_000, 200), (6_000_000, 413)):
        page = await browser.send("/do/pc.fault", {**form, "what": "x", "photo": ("a.jpg", io.BytesIO(b"\xff" * size))})
        assert page.status == status, size
    assert await desk.told("facts", "list", "pc_fault") == []


async def test_the_inventory_is_entered_edited_and_retired(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    opened = await browser.get("/pcs/new")
    assert opened.form("pc.enter")["code"] == ["PC02"]  # the next that is free
    page = await browser.do("/pcs/new", "pc.enter", model="Dell", warranty_until="2027-12-31", bought_on="2026-01-05")
    assert page.flash == "Đã lưu hồ sơ máy PC02." and page.url.endswith("/pcs/PC02")
    page = await browser.do("/pcs/PC02", "pc.enter", model="", proposal="thay thế")
    assert "thay thế" in page.text
    (told,) = [one for one in await desk.told("pc", "list") if one["code"] == "PC02"]
    assert "model" not in told and (told["proposal"], told["warranty_until"], told["rev"]) == (
        "thay thế",
        "2027-12-31",
        1,
    )
    page = await browser.do("/pcs/PC02", "pc.retire")
    assert page.flash == "Máy PC02 ngừng dùng." and "/do/pc.fault" not in page.text
    _, board = await desk.house.ask("GET", "/pcs")
    assert board["in_service"] == 2 and "PC02" in str(board["retired"])
    page = await browser.do("/pcs/PC02", "pc.enter", retired_on="")
    assert (await desk.house.ask("GET", "/pcs"))[1]["in_service"] == 3
    for code in ("a|b", "a/b", "x" * 50, ""):
        page = await browser.do("/pcs/new", "pc.enter", code=code)
        assert 'class="flash bad"' in page.text, code
    assert (await browser.get("/pcs/PC99")).status == 404


async def test_days_out_of_order_are_those_of_the_command(desk: PlanDesk) -> None:
    await desk.cong("pc", "fault", "PC07", "hỏng", "--since", "2026-10-05 00:00")
    await desk.cong("pc", "repair", "PC07", "xong", "--at", "2026-10-08 00:00")
    status, told = await desk.house.ask("GET", "/pc-figures/2026-10")
    rows = await desk.told("pc", "state", "--month", "2026-10")
    assert status == 200 and isinstance(told["pcs"], list)
    assert [(one["code"], one["state"], one["days_out"]) for one in told["pcs"]] == [
        (row["pc"], row["state"], row["days_out"]) for row in rows
    ]
    assert [row["days_out"] for row in rows] == [0, 3] and told["days_out"] == 3
    report = (await desk.told("report", "month", "2026-10"))["total"]["pcs"]
    assert {"part": told["in_order"], "whole": told["in_service"]} == report
    (live,) = [each for area in desk.house.areas for each in area.live if each.path == "/pcs"]
    browser = await desk.house.browser(Role.DESK)
    assert "Đang tính" in (await browser.get("/pcs")).text
    caller = Caller("lan", Role.DESK, "vi", desk.house.clock.now())
    assert (await live.read({}, caller))["figures"] is not None  # what the stream sends; from then on it is kept
    assert "tính lúc 08:00" in (await browser.get("/pcs")).text


async def test_upkeep_once_a_month(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    _, board = await desk.house.ask("GET", "/upkeep")
    assert (board["overdue"], board["done"]) == (2, 0)
    page = await browser.get("/pcs/PC07")
    items = re.findall(r'name="in_order" value="(\d+)"', page.text)
    assert len(items) == 6 and "Diệt virus đang chạy, đã cập nhật" in page.text
    form = {**page.form("upkeep.check"), "in_order": items[:5], "note": "quạt kêu"}
    for _ in range(2):  # the same click twice
        page = await browser.send("/do/upkeep.check", form)
    assert page.flash == "Đã ghi bảo dưỡng máy PC07: 1 việc chưa đạt." and "quạt kêu" in page.text
    assert desk.house.rows("SELECT pc, month_on, author, note FROM upkeep_checks") == [
        {"pc": "PC07", "month_on": "2027-03-01", "author": "r-librarian", "note": "quạt kêu"}
    ]
    assert desk.house.rows("SELECT COUNT(*) AS n, SUM(is_ok) AS ok FROM upkeep_results") == [{"n": 6, "ok": 5}]
    lines = "Khởi động bình thường\nCleaned; files left by patrons deleted\nMáy in còn mực"
    page = await browser.do("/pcs/upkeep", "upkeep.items", lines=lines)
    assert page.flash == "Đã lưu danh sách 3 việc."
    _, board = await desk.house.ask("GET", "/upkeep")
    assert [(one["word"], one["text"]) for one in board["items"]] == [  # type: ignore[attr-defined]
        ("boots", ""),
        ("cleaned", ""),
        ("", "Máy in còn mực"),
    ]
    old = await browser.send("/do/upkeep.check", form)  # a form from before the list was changed
    assert old.flash.startswith("Danh sách việc vừa thay đổi")
    assert "xóa tệp bạn đọc để lại" in (await browser.get("/pcs/PC07")).text  # what was noted stays
    desk.house.clock.pass_s(10 * 86400)
    _, board = await desk.house.ask("GET", "/upkeep")
    assert [(one["code"], one["state"]) for one in board["pcs"]] == [("PC01", "overdue"), ("PC07", "due")]  # type: ignore[attr-defined]


async def test_hostile_words_are_text_or_refused(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    opened = await browser.get("/pcs/PC07")
    entry, fault = opened.form("pc.enter"), opened.form("pc.fault", 1)
    of_pc = {name: fault[name] for name in ("_token", "_back", "code")}
    for text in HOSTILE:
        desk.house.clock.pass_s(60)
        await browser.send("/do/pc.enter", {**entry, "place": text, "model": text, "serial": text, "source": text})
        await browser.send(
            "/do/pc.fault", {**fault, "what": text, "photo": (text[:90].replace("\0", ""), phone_photo())}
        )
        await browser.send("/do/pc.report", {**of_pc, "to": text})
        await browser.send("/do/pc.repair", {**of_pc, "done": text})
        await browser.send("/do/upkeep.items", {"_token": of_pc["_token"], "lines": text})
        for path in ("/pcs", "/pcs/PC07", "/pcs/upkeep"):
            page = await browser.get(path)
            assert page.status == 200 and "<script>alert" not in page.text and "<img src=x" not in page.text
    stored = {str(fault["what"]) for fault in await desk.told("facts", "list", "pc_fault")}
    assert stored == {HOSTILE[0], HOSTILE[1], HOSTILE[5]}


async def test_who_may_do_what(desk: PlanDesk) -> None:
    for role, may_open, may_plan in ((Role.DESK, 200, 403), (Role.AUDITOR, 403, 403)):
        assert (await desk.house.ask("GET", "/pcs/PC07", role=role))[0] == 200
        assert (await desk.house.ask("POST", "/pcs/PC07/upkeep", {}, role=role))[0] == may_open
        assert (await desk.house.ask("POST", "/pcs/PC07/retire", {}, role=role))[0] == may_plan
    page = await (await desk.house.browser(Role.AUDITOR)).get("/pcs/PC07")
    assert "/do/pc." not in page.text and "/do/upkeep." not in page.text
    status, said = await desk.house.ask("POST", "/pcs/PC99/upkeep", {})
    assert (status, said["error"]) == (404, "pcs.no_pc")
