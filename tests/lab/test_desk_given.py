"""What the desk gives, in a patron's hands: a code that lets in and is taken back, a film on the shelf at once."""

import asyncio
import hashlib
import io
import re
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from gateway.lab.driver import Lab
from gateway.staff.roles import Role
from tests.edge.desk_house import Answer, Browser
from tests.lab.reconfigured import reconfigured
from tests.lab.staff_pc import PASSWORD, StaffPc, at_the_desk
from tests.lab.test_voucher import NO_WAY, scanned

FILM_BYTES = 40_000_000


@pytest.fixture
def pc(lab: Lab) -> Iterator[StaffPc]:
    with reconfigured(lab, {"login": {"methods": ["voucher", "terms"]}}), at_the_desk(lab) as found:
        yield found


@pytest.fixture
def librarian(pc: StaffPc) -> Iterator[Browser]:
    async def signed_in() -> Browser:
        browser = Browser(pc.url)
        await browser.sign_in(pc.user(Role.LIBRARIAN), PASSWORD)
        return browser

    found = pc.do(signed_in())
    yield found
    pc.do(found.__aexit__(None, None, None))


def test_a_code_of_the_desk_lets_in_and_is_taken_back_at_once(lab: Lab, pc: StaffPc, librarian: Browser) -> None:
    page = pc.do(librarian.do("/vouchers", "voucher.create", 1))
    code = re.search(r'class="big-code">([2-9A-Z-]{11})<', page.text)
    assert code and page.status == 200, page.text
    assert "Bạn đã vào mạng" in scanned(lab, "c1", code[1])
    assert lab.run("c1", ["curl", "-s", "http://www.example.com/"]).returncode == 0
    assert lab.sql("SELECT profile, session_s <= 7200 FROM sessions WHERE state = 'open'") == [("adult", 1)]
    page = pc.do(librarian.do("/vouchers/1", "voucher.revoke"))
    assert page.flash == "Đã thu hồi 1 phiếu; ngắt 1 phiên đang dùng."
    assert lab.run("c1", ["curl", "-sm3", "https://198.51.100.10/"]).returncode in NO_WAY
    assert lab.sql("SELECT cause FROM sessions ORDER BY id DESC LIMIT 1") == [("admin-reset",)]
    assert lab.sql("SELECT revoked_by FROM vouchers") == [(pc.user(Role.LIBRARIAN),)]


def test_a_film_of_the_desk_is_on_the_shelf_and_a_broken_upload_leaves_nothing(
    lab: Lab, pc: StaffPc, librarian: Browser
) -> None:
    film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + hashlib.sha256(b"rung").digest() * (FILM_BYTES // 32)
    fields = {"title": "Rừng", "licence": "CC BY 4.0"}
    page: Answer = pc.do(librarian.do("/shelf", "shelf.add", file=("a.exe", io.BytesIO(film)), **fields))  # type: ignore[arg-type]
    assert page.flash == "Đã đặt lên kệ: Rừng. Bạn đọc thấy ngay."
    listed = lab.patron("c1").get("http://wifi.internal/shelf/").body
    at = re.search(r'href="(/shelf/[0-9a-f]{10})\?', listed)
    name = re.search(r"<code>(rung-[0-9a-f]{6}\.mp4)</code>", page.text)
    assert at and name
    command = [*lab.inside("c1"), "curl", "-s", "-m", "60", f"http://wifi.internal{at[1]}/{name[1]}"]
    fetched = subprocess.run(command, capture_output=True, timeout=90, check=True).stdout
    assert hashlib.sha256(fetched).hexdigest() == hashlib.sha256(film).hexdigest()
    pc.do(broken_off(pc, librarian))
    incoming = lab.config.state.directory / "incoming"
    lab.wait_until(lambda: not list(incoming.iterdir()), 10, "the broken upload to be gone")
    assert sorted(path.name for path in lab.config.shelf_path.iterdir()) == [name[1], "shelf.toml"]
    assert lab.sql("SELECT count(*) FROM audit WHERE act = 'shelf.add'") == [(1,)]


async def broken_off(pc: StaffPc, librarian: Browser) -> None:
    """An upload whose sender goes away in the middle of it."""
    opened = await librarian.get("/shelf")
    fields = {name: values[0] for name, values in opened.form("shelf.add").items()}
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
    parts += '--b\r\nContent-Disposition: form-data; name="file"; filename="x.mp4"\r\n\r\n'
    address = urlsplit(pc.url)
    cookies = "; ".join(f"{name}={value}" for name, value in librarian.cookies.items())
    head = (
        f"POST /do/shelf.add HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {pc.url}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000000\r\n\r\n"
    )
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(head.encode() + parts.encode() + bytes(3_000_000))
    await writer.drain()
    writer.close()
    await writer.wait_closed()
