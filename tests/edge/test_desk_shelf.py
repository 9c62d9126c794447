"""The shelf at the desk: files by their content, sheet and folder as they then are, nothing half."""

import errno
import io
import os
import shutil
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.staff.roles import Role
from tests.edge.desk_house import Browser
from tests.edge.patron_desk import PatronDesk, patron_desk

PDF = b"%PDF-1.7 x"
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(3000)
SRT = "1\n00:00:01,000 --> 00:00:02,000\nRừng\n".encode()
HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x onerror=1>", "a\0b", "\u202etxt", "x" * 10_000, '"]]\n[[item]]')


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PatronDesk]:
    async with patron_desk(tmp_path) as found:
        yield found


@pytest.fixture
async def librarian(desk: PatronDesk) -> Browser:
    return await desk.house.browser(Role.LIBRARIAN)


def names(desk: PatronDesk) -> list[str]:
    return sorted(path.name for path in desk.shelf.path.iterdir()) if desk.shelf.path.exists() else []


async def put(browser: Browser, name: str, content: bytes, **more: object) -> str:
    fields: dict[str, Any] = {"title": "Rừng Tây Nguyên", "licence": "CC BY 4.0", **more}
    page = await browser.do("/shelf", "shelf.add", file=(name, content), **fields)
    return page.flash


async def test_a_film_with_subtitles_is_there_for_patrons_at_once_and_goes_whole(
    desk: PatronDesk, librarian: Browser
) -> None:
    assert "Bạn đọc thấy ngay" in await put(librarian, "../../C:\\phim.exe", MP4, title_en="Forests", order=3)
    (item,) = desk.shelf.catalogue().items
    assert (item.kind, item.titled("en"), item.licence, item.order) == ("film", "Forests", "CC BY 4.0", 3)
    assert item.path.startswith("rung-tay-nguyen-") and item.path.endswith(".mp4")
    assert (desk.shelf.path / item.path).read_bytes() == MP4
    assert (desk.shelf.path / item.path).stat().st_mode & 0o777 == 0o644
    assert list(desk.house.incoming.iterdir()) == []
    for language, content in (("vi", SRT), ("en", b"WEBVTT\n\n00:01.000 --> 00:02.000\nForest\n"), ("vi", SRT)):
        page = await librarian.do(f"/shelf/{item.key}", "shelf.subtitles", file=("x", content), language=language)
        assert page.flash == "Đã thêm phụ đề cho Rừng Tây Nguyên."
    (item,) = desk.shelf.catalogue().items
    assert [each.language for each in item.subtitles] == ["vi", "en"] and len(names(desk)) == 4
    page = await librarian.do(f"/shelf/{item.key}", "shelf.edit", title="Rừng", section="Phim")
    (item,) = desk.shelf.catalogue().items
    assert (item.title, item.section, len(item.subtitles)) == ("Rừng", "Phim", 2)
    page = await librarian.do(f"/shelf/{item.key}", "shelf.remove")
    assert page.url.endswith("/shelf") and desk.shelf.catalogue().items == () and names(desk) == ["shelf.toml"]


def _zip(*members: str, first: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr(zipfile.ZipInfo("mimetype"), first)
        for member in members:
            archive.writestr(member, "x")
    return out.getvalue()


CONTENTS: list[tuple[str, bytes, str | None]] = [
    ("a.exe", PDF, "pdf"),
    ("a.pdf", b"MZ\x90\0", None),
    ("a.pdf", b"<html><script>", None),
    ("a.txt", "<b>chữ</b>".encode(), "txt"),
    ("a.txt", b"a\0b", None),
    ("a.html", b"plain", None),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "doc"),
    ("a.exe", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), None),
    ("x", _zip("[Content_Types].xml", "word/document.xml"), "docx"),
    ("x", _zip("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
    ("x", _zip("OEBPS/a", first=b"application/epub+zip"), "epub"),
    ("x", _zip("content.xml", first=b"application/vnd.oasis.opendocument.text"), "odt"),
    ("x", _zip("a"), "zip"),
    ("x", b"PK\x03\x04 broken", None),
    ("x.m4a", MP4, "m4a"),
    ("x.mov", b"\0\0\0\x14ftypqt  " + bytes(90), None),
    ("x", b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm", "webm"),
    ("x.webm", b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x88matroska", None),
    ("x", b"OggS" + bytes(24) + b"\x80theora", "ogv"),
    ("x", b"OggS" + bytes(24) + b"OpusHead", "opus"),
    ("x", b"RIFF\0\0\0\0WAVEfmt ", "wav"),
    ("x", b"\xff\xfb\x90\0" + bytes(90), "mp3"),
    ("x", b"ID3\x04" + bytes(90), "mp3"),
    ("x", b"\x89PNG\r\n\x1a\n", "png"),
    ("x", b"\xff\xd8\xff\xe0", "jpg"),
    ("x.pdf", b"", None),
]


async def test_what_a_file_is_its_content_says(desk: PatronDesk, librarian: Browser) -> None:
    for number, (name, content, ending) in enumerate(CONTENTS):
        before = names(desk)
        flash = await put(librarian, name, content, title=f"Số {number}")
        new = sorted(set(names(desk)) - set(before) - {"shelf.toml"})
        assert [each.rpartition(".")[2] for each in new] == ([ending] if ending else []), (name, content[:20], flash)
        assert ending or "Kệ không nhận loại tệp này" in flash
    assert list(desk.house.incoming.iterdir()) == []
    assert desk.shelf.catalogue().problems == ()


async def test_a_licence_is_asked_for_and_links_need_none(desk: PatronDesk, librarian: Browser) -> None:
    assert "Rừng" not in await put(librarian, "a.pdf", PDF, licence=" ")
    assert desk.shelf.catalogue().items == () and names(desk) == []
    body = {"link": "https://opac.example.vn/", "title": "Mục lục"}
    status, told = await desk.house.ask("POST", "/shelf-links", body, role=Role.LIBRARIAN)
    assert status == 200 and told["kind"] == "link" and told["title"] == "Mục lục"
    assert (await desk.house.ask("POST", "/shelf-links", body, role=Role.LIBRARIAN))[0] == 409
    for link in ("javascript:alert(1)", "//x", "https://a b"):
        body = {"link": link, "title": "x"}
        assert (await desk.house.ask("POST", "/shelf-links", body, role=Role.LIBRARIAN))[0] in (409, 422)
    assert (await desk.house.ask("POST", "/shelf-links", body, role=Role.DESK))[0] == 403
    assert len(desk.shelf.catalogue().items) == 1


async def test_what_people_wrote_into_the_sheet_stays_and_what_is_wrong_is_told(
    desk: PatronDesk, librarian: Browser
) -> None:
    await put(librarian, "a.pdf", PDF, title="Toán")
    sheet = desk.shelf.path / "shelf.toml"
    mine = '\n# của cô Hoa\n[[item]]\nfile = "mat.pdf"  # đang tìm\ntitle = "Mất"\n\n[[item]]\nfile = "x.exe"\n'
    sheet.write_text(sheet.read_text(encoding="utf-8") + mine, encoding="utf-8")
    (desk.shelf.path / "quen.pdf").write_bytes(PDF)
    page = await librarian.get("/shelf")
    for said in ("Không có tệp &#34;mat.pdf&#34;", "Mục 3 (x.exe)", "quen.pdf", "Thiếu tên."):
        assert said in page.text, said
    (item,) = desk.shelf.catalogue().items
    await librarian.do(f"/shelf/{item.key}", "shelf.edit", title="Toán lớp 6")
    assert mine in sheet.read_text(encoding="utf-8") and "Toán lớp 6" in sheet.read_text(encoding="utf-8")
    assert (await librarian.do("/shelf", "shelf.remove", 0)).flash == "Đã bỏ khỏi kệ: x.exe."
    assert (await librarian.do("/shelf", "shelf.remove", 0)).flash == "Đã bỏ khỏi kệ: Mất."
    left = sheet.read_text(encoding="utf-8")
    assert "mat.pdf" not in left and "x.exe" not in left and "Toán lớp 6" in left
    sheet.write_text("[[item]\n", encoding="utf-8")
    page = await librarian.get("/shelf")
    assert page.status == 200 and "Không đọc được tệp shelf.toml" in page.text
    assert "cong shelf check" in await put(librarian, "b.pdf", PDF)
    assert sheet.read_text(encoding="utf-8") == "[[item]\n" and len(names(desk)) == 3


async def test_a_disk_that_is_full_leaves_nothing_half(
    desk: PatronDesk, librarian: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(librarian, "a.pdf", PDF, title="Toán")
    before = {name: (desk.shelf.path / name).read_bytes() for name in names(desk)}
    replace = os.replace

    def full(self: Path, target: Path) -> Path:
        if Path(target).name == "shelf.toml":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(self, target)
        return Path(target)

    monkeypatch.setattr(Path, "replace", full)
    assert "No space left" in await put(librarian, "b.pdf", PDF, title="Văn")
    monkeypatch.undo()
    after = {name: (desk.shelf.path / name).read_bytes() for name in names(desk) if not name.startswith(".")}
    assert after == before and list(desk.house.incoming.iterdir()) == []


async def test_a_shelf_on_another_disk_is_copied_to_and_only_with_room(
    desk: PatronDesk, librarian: Browser, tmp_path: Path
) -> None:
    other = Path("/dev/shm") / f"cong-test-{os.getpid()}"
    if not other.parent.is_dir() or other.parent.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    other.mkdir()
    try:
        desk.shelf.path.symlink_to(other)
        flash = await put(librarian, "phim.mp4", MP4)
        if shutil.disk_usage(other).free > 600_000_000:
            assert "Bạn đọc thấy ngay" in flash and len(list(other.iterdir())) == 2
        else:
            assert "không đủ chỗ" in flash and [each.name for each in other.iterdir()] == []
    finally:
        shutil.rmtree(other)


async def test_hostile_words_are_told_or_escaped(desk: PatronDesk, librarian: Browser) -> None:
    form = (await librarian.get("/shelf")).form("shelf.link")
    for number, hostile in enumerate(HOSTILE):
        for field in ("title", "title_en", "author", "section", "language", "order", "link"):
            typed = {**form, "title": "tên", "link": f"https://x.example/{number}{field}", field: hostile}
            page = await librarian.send("/do/shelf.link", typed)
            assert page.status in (200, 413) and "<script>alert" not in page.text and "<img" not in page.text
    page = await librarian.get("/shelf")
    assert "<script>alert" not in page.text and "<img" not in page.text
    assert desk.shelf.catalogue().problems == () and len(desk.shelf.catalogue().items) > 5
    page = await librarian.do("/shelf", "shelf.add", file=("<img src=x>.pdf", b"x"), title="x", licence="x")
    assert "<img" not in page.text
