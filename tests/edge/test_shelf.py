"""The shelf's folder and its pages by a true HTTP client: ranges, names, links that lead out, slow downloads."""

import asyncio
import os
import re
import socket
import sqlite3
import ssl
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from gateway.flows.gate import Gate
from gateway.pages import Pages
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patience import Patience
from gateway.portal.patron import PatronPages
from gateway.portal.sending import Downloads
from gateway.portal.shelf import ShelfPages
from gateway.ports import IpAddress
from gateway.shelf.folder import ShelfFolder, open_below, read_folder, undescribed
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import reception

FILM = bytes(range(256)) * 4096
SHEET = """
[[item]]
file = "Sách lớp 6.pdf"
title = "Toán <b>lớp 6</b>"
language = "vi"
author = "Nhà xuất bản"
licence = "CC BY 4.0"
order = 1
[[item]]
file = "rung.mp4"
title = "Rừng"
language = "vi"
section = "Phim"
order = 2
subtitles = { en = "tieng-anh.srt" }
[[item]]
link = "https://opac.example.vn/"
title = "Mục lục"
section = "Tra cứu"
order = 3
"""


def self_signed(directory: Path) -> ssl.SSLContext:
    """The server's side of TLS with a certificate nobody knows."""
    key, certificate = directory / "tls.key", directory / "tls.crt"
    words = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1"]
    made = ["openssl", "req", *words, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


@dataclass(slots=True)
class Library:
    url: str
    client: aiohttp.ClientSession
    folder: Path
    clock: FakeClock
    database: Path
    downloads: Downloads
    line_is_down: list[bool]
    tls_url: str
    shelf: ShelfFolder

    async def get(self, target: str, **headers: str) -> tuple[int, str]:
        async with self.client.get(self.url + target, headers=headers) as answer:
            return answer.status, await answer.text()

    async def ask(self, method: str, target: str, **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.request(method, self.url + target, headers=named, allow_redirects=False) as answer:
            return answer, await answer.read()

    async def film(self) -> str:
        _, page = await self.get("/shelf/")
        at = re.search(r'href="(/shelf/[0-9a-f]{10})\?', page)
        assert at
        return f"{at[1]}/rung.mp4"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "shelf"
    found.mkdir()
    (found / "shelf.toml").write_text(SHEET, encoding="utf-8")
    (found / "Sách lớp 6.pdf").write_bytes(b"%PDF-1.4 x")
    (found / "rung.mp4").write_bytes(FILM)
    (found / "tieng-anh.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nForest\n", encoding="utf-8")
    (found / "rung.vi.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nRừng\n", encoding="utf-8")
    return found


@pytest.fixture
async def library(tmp_path: Path, folder: Path) -> AsyncIterator[Library]:
    path = tmp_path / "cong.sqlite"
    database = await Database.open(path)
    clock = FakeClock()
    neighbours = FakeNeighbours({IpAddress("127.0.0.1"): PHONE})
    gate = Gate(
        clock, FakeFirewall(clock), neighbours, FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600
    )
    welcome = Welcome("Thư viện Sa Thầy", "", "", "vi", frozenset({"127.0.0.1"}))
    down, url_of = [False], [""]
    frame = Frame(gate, Pages(), welcome, b"k" * 32, lambda: f"{url_of[0]}/shelf/" if down[0] else None)
    on_disk = ShelfFolder(folder, clock)
    await on_disk.refresh()
    downloads = Downloads(3, stalls_s=0.5)
    shelf = ShelfPages(gate, frame, on_disk, downloads)
    application = PatronPages(reception(gate), frame).application(shelf.routes())
    patience = Patience()
    runner = await patience.runner(application)
    server = await asyncio.get_running_loop().create_server(patience.protocol(runner), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    url_of[0] = url
    context = self_signed(tmp_path)
    secure = await asyncio.get_running_loop().create_server(patience.protocol(runner), "127.0.0.1", 0, ssl=context)
    tls_url = f"https://127.0.0.1:{secure.sockets[0].getsockname()[1]}"
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as client:
        yield Library(url, client, folder, clock, path, downloads, down, tls_url, on_disk)
    server.close()
    secure.close()
    await runner.cleanup()
    await database.close()


async def test_the_list_is_small_escaped_and_open_to_whoever_is_not_signed_in(library: Library) -> None:
    status, page = await library.get("/shelf/")
    assert status == 200 and len(page.encode()) < 30_000
    assert "Trang web · mở được khi đã vào mạng" in page
    assert "Toán &lt;b&gt;lớp 6&lt;/b&gt;" in page and "Nhà xuất bản" in page and "CC BY 4.0" in page
    assert 'href="https://opac.example.vn/" rel="noreferrer"' in page and "<script" not in page
    assert "S%C3%A1ch%20l%E1%BB%9Bp%206.pdf" in page and "Tài liệu · Tiếng Việt · " in page
    _, english = await library.get("/shelf/?lang=en")
    assert "The library&#39;s shelf" in english and "Document · Vietnamese" in english
    assert (await library.ask("GET", "/shelf?lang=en"))[0].headers["Location"] == "/shelf/?lang=en"
    with sqlite3.connect(library.database) as sql:  # nobody's visit, nobody's session
        assert sql.execute("SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM attempts)").fetchone() == (
            0,
            0,
        )


async def test_a_section_and_the_line_are_told(library: Library) -> None:
    _, page = await library.get("/shelf/?section=2")
    assert "Rừng" in page and "Mục lục" not in page and 'aria-current="page">Phim' in page
    assert "gián đoạn" not in page
    library.line_is_down[0] = True
    _, page = await library.get("/shelf/")
    assert "Đường truyền Internet đang gián đoạn" in page
    _, page = await library.get("/")
    assert "Đường truyền Internet đang gián đoạn" in page and f'href="{library.url}/shelf/?lang=vi"' in page


async def test_a_long_shelf_has_pages_each_below_the_limit(library: Library) -> None:
    words = {"title": "Ặ" * 160, "author": "Ặ" * 100, "licence": "&" * 60, "section": "Ặ" * 60}
    told = "".join(f'{key} = "{value}"\n' for key, value in words.items())
    for n in range(45):
        (library.folder / f"{n}.pdf").write_bytes(b"x")
    sheet = "".join(f'[[item]]\nfile = "{n}.pdf"\n{told}' for n in range(45))
    (library.folder / "shelf.toml").write_text(sheet, encoding="utf-8")
    await library.shelf.refresh()
    first, last = (await library.get("/shelf/"))[1], (await library.get("/shelf/?page=3"))[1]
    assert first.count("<li>") == 20 and last.count("<li>") == 5
    assert len(first.encode()) < 30_000
    assert "Trang 1/3" in first and 'rel="next"' in first and 'rel="prev"' not in first
    assert "Trang 3/3" in last and 'rel="next"' not in last
    for odd in ("0", "4", "-1", "x", "99999999", "%D9%A3"):
        assert "Trang 1/3" in (await library.get(f"/shelf/?page={odd}&section={odd}"))[1]


async def test_a_films_page_plays_it_with_its_subtitles(library: Library) -> None:
    film = await library.film()
    answer, body = await library.ask("GET", f"{film.rpartition('/')[0]}?lang=en")
    page = body.decode()
    assert f'<source src="{film}" type="video/mp4">' in page and f'href="{film}?download=1"' in page
    assert 'srclang="vi" label="Vietnamese"' in page and 'srclang="en" label="English" default' in page
    assert "media-src 'self'" in answer.headers["Content-Security-Policy"] and "<script" not in page
    for language, says in (("vi", "Rừng"), ("en", "Forest")):
        answer, body = await library.ask("GET", f"{film.rpartition('/')[0]}/{language}.vtt")
        assert answer.headers["Content-Type"] == "text/vtt; charset=utf-8" and body.startswith(b"WEBVTT\n\n")
        assert says in body.decode() and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await library.ask("GET", f"{film.rpartition('/')[0]}/de.vtt"))[0].status == 404


async def test_a_file_comes_whole_in_parts_and_not_at_all_as_asked(library: Library) -> None:
    film = await library.film()
    answer, body = await library.ask("GET", film)
    assert (answer.status, body) == (200, FILM)
    tag = answer.headers["ETag"]
    assert answer.headers["Content-Type"] == "video/mp4" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Accept-Ranges"] == "bytes" and answer.headers["Content-Disposition"].startswith("inline;")
    answer, body = await library.ask("GET", film, Range="bytes=1000-300999")
    assert (answer.status, body) == (206, FILM[1000:301000])
    assert answer.headers["Content-Range"] == f"bytes 1000-300999/{len(FILM)}"
    answer, body = await library.ask("GET", film, Range="bytes=-7", If_Range=tag)
    assert (answer.status, body) == (206, FILM[-7:])
    answer, body = await library.ask("GET", film, Range="bytes=0-1", If_Range='"other"')
    assert (answer.status, body) == (200, FILM)
    answer, body = await library.ask("GET", film, Range=f"bytes={len(FILM)}-")
    assert (answer.status, body, answer.headers["Content-Range"]) == (416, b"", f"bytes */{len(FILM)}")
    answer, body = await library.ask("GET", film, Range="bytes=0-1,4-5")
    assert (answer.status, body) == (200, FILM)
    answer, body = await library.ask("HEAD", film, Range="bytes=0-1")
    assert (answer.status, body, answer.headers["Content-Length"]) == (200, b"", str(len(FILM)))
    answer, body = await library.ask("GET", film, If_None_Match=tag)
    assert (answer.status, body) == (304, b"") and answer.headers["ETag"] == tag
    assert (await library.ask("GET", film, If_Match='"other"'))[0].status == 412


async def test_several_ranges_follow_each_other_on_one_connection(library: Library) -> None:
    film = await library.film()
    host, port = library.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for first, last in ((0, 9), (300_000, 899_999), (5, 5)):
        head = f"GET {film} HTTP/1.1\r\nHost: {host}\r\nRange: bytes={first}-{last}\r\n\r\n"
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 206 ") and b"chunked" not in answer.lower()
        assert await reader.readexactly(last - first + 1) == FILM[first : last + 1]
    writer.close()


async def test_over_tls_it_is_the_same(library: Library) -> None:
    film = library.tls_url + await library.film()
    async with library.client.get(film, ssl=False) as answer:
        assert (answer.status, await answer.read()) == (200, FILM)
    for first, last in ((300_000, 899_999), (0, 3)):
        async with library.client.get(film, ssl=False, headers={"Range": f"bytes={first}-{last}"}) as answer:
            assert (answer.status, await answer.read()) == (206, FILM[first : last + 1])


async def test_a_download_has_the_true_name(library: Library) -> None:
    _, page = await library.get("/shelf/")
    at = re.search(r'href="(/shelf/[0-9a-f]{10}/S[^"?]*)', page)
    assert at
    answer, body = await library.ask("GET", f"{at[1]}?download=1")
    assert body == b"%PDF-1.4 x" and answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"S_ch l_p 6.pdf\"; filename*=UTF-8''S%C3%A1ch%20l%E1%BB%9Bp%206.pdf"
    )


async def test_nothing_but_the_sheets_files_is_served(library: Library) -> None:
    (library.folder / "rung.mp4").rename(library.folder / "hidden.mp4")
    film = "/shelf/0123456789"
    for target in (
        "/shelf/shelf.toml",
        "/shelf/0123456789/shelf.toml",
        "/shelf/..%2f..%2fetc%2fpasswd",
        "/shelf/%2e%2e/%2e%2e/etc/passwd",
        f"{film}/..%2fcong.sqlite",
        f"{film}/hidden.mp4",
        f"{film}/rung.mp4%00.pdf",
    ):
        answer, body = await library.ask("GET", target)
        assert answer.status in (303, 404), target
        assert b"root:" not in body and b"SQLite" not in body


@pytest.mark.parametrize("trick", ["file", "directory", "pipe", "folder"])
async def test_no_link_leads_out_even_one_put_there_later(library: Library, tmp_path: Path, trick: str) -> None:
    film = await library.film()
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(b"secret")
    place = library.folder / "rung.mp4"
    place.unlink()
    if trick == "file":
        place.symlink_to(secret)
    elif trick == "pipe":
        os.mkfifo(place)
    elif trick == "folder":
        place.mkdir()
    else:
        (library.folder / "in").symlink_to(tmp_path)
        assert open_below(library.folder, "in/secret.mp4") is None
    answer, body = await library.ask("GET", film)
    assert answer.status == 404 and b"secret" not in body and "Không có trên kệ" in body.decode()
    library.clock.pass_s(61)
    await library.shelf.refresh()
    assert "Rừng" not in (await library.get("/shelf/"))[1]
    assert any('"rung.mp4" is not there' in str(problem) for problem in read_folder(library.folder).problems)


async def test_a_broken_sheet_leaves_the_last_good_shelf(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Rừng" in (await library.get("/shelf/"))[1]
    (library.folder / "shelf.toml").write_text("[[item]]\ntitle = 'x", encoding="utf-8")
    await library.shelf.refresh()
    assert "Rừng" in (await library.get("/shelf/"))[1]
    assert "shelf.kept_last_good" in capsys.readouterr().err
    (library.folder / "shelf.toml").write_text("", encoding="utf-8")
    await library.shelf.refresh()
    assert "Kệ số chưa có gì" in (await library.get("/shelf/"))[1]


def test_names_with_accents_apart_are_found(folder: Path) -> None:
    (folder / "Sách lớp 6.pdf").rename(folder / "Sa\u0301ch lo\u031b\u0301p 6.pdf")
    catalogue = read_folder(folder)
    assert catalogue.problems == () and len(catalogue.items) == 3
    (folder / "thua.pdf").write_bytes(b"x")
    assert list(undescribed(folder, read_folder(folder))) == ["thua.pdf"]


async def hold(library: Library, film: str) -> socket.socket:
    """A client that asks for the film and takes next to nothing of it."""
    host, port = library.url.removeprefix("http://").split(":")
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(link, (host, int(port)))
    await loop.sock_sendall(link, f"GET {film} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert (await loop.sock_recv(link, 64)).startswith(b"HTTP/1.1 200")
    return link


async def room(library: Library, film: str) -> None:
    """Wait until a download of this device is taken again."""
    async with asyncio.timeout(5):
        while True:
            answer, _ = await library.ask("HEAD", film)
            if answer.status == 200:
                return
            await asyncio.sleep(0.05)


async def test_slow_clients_hold_up_no_login_and_are_let_go(library: Library) -> None:
    (library.folder / "rung.mp4").write_bytes(FILM * 16)
    film = await library.film()
    held = [await hold(library, film) for _ in range(3)]
    clock = asyncio.get_running_loop().time
    _, page = await library.get("/")
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    began = clock()
    async with library.client.post(f"{library.url}/login", data={**form, "agree": "yes"}) as answer:
        assert "Bạn đã vào mạng" in await answer.text()
    assert clock() - began < 0.4
    # the fourth download of one device waits; what it takes is said
    answer, body = await library.ask("GET", film)
    assert answer.status == 503 and answer.headers["Retry-After"] == "10" and "Đang tải quá nhiều" in body.decode()
    # who takes nothing is let go after the time for that, and then there is room again
    await room(library, film)
    for link in held:
        link.close()


async def test_a_client_that_goes_away_gives_its_place_back(library: Library) -> None:
    (library.folder / "rung.mp4").write_bytes(FILM * 16)
    film = await library.film()
    for _ in range(12):
        link = await hold(library, film)
        link.close()
    await room(library, film)
