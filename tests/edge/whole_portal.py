"""A portal with every way in and every page, over true HTTP and SQLite; scripted servers of accounts and cards."""

import contextlib
import re
import socket
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from gateway.access.account import NewAccount
from gateway.access.client import Mac
from gateway.access.device import Device, Standing
from gateway.access.login import Method
from gateway.access.quota import Caps
from gateway.access.voucher import Allowance, Code, NewBatch
from gateway.config.portal import Purpose
from gateway.errors import GatewayError
from gateway.flows.approvals import StaffApproval
from gateway.flows.board import Board
from gateway.flows.desk_codes import DeskCodes
from gateway.flows.devices import KnownDevices
from gateway.flows.gate import Gate
from gateway.flows.hours import Hours
from gateway.flows.local_accounts import LocalAccounts
from gateway.flows.person import pseudonym
from gateway.flows.resume import Returns
from gateway.flows.sign_in import AcceptedTerms, Reception
from gateway.flows.vouchers import Vouchers, codes_of, make_batch, moment
from gateway.local_accounts.hashing import OneThread
from gateway.pages import Pages
from gateway.portal.asking import AskingPages
from gateway.portal.board import BoardPages
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.returning import ReturnPages
from gateway.portal.sending import Downloads
from gateway.portal.shelf import ShelfPages
from gateway.portal.terms import terms
from gateway.portal.why import WhyPages
from gateway.ports import IpAddress, Verifier
from gateway.ports_accounts import Hashed
from gateway.ports_board import Notice, NoticeKind, Wording
from gateway.ports_rules import Refused
from gateway.radius.auth import Nas, RadiusAccounts
from gateway.radius.link import Link, Servers, Timing
from gateway.radius.link import Server as RadiusServer
from gateway.service.calendar import Calendar
from gateway.service.calendar import Hours as Span
from gateway.shelf.folder import ShelfFolder
from gateway.sip2.cards import LibraryCards
from gateway.sip2.connection import Server as CardServer
from gateway.sip2.library import Asking, Library
from gateway.sip2.messages import Asker
from gateway.store.approvals import SqliteApprovals
from gateway.store.board import SqliteNotices, SqlitePurposes
from gateway.store.db import Database
from gateway.store.devices import SqliteDevices
from gateway.store.local_accounts import SqliteAccounts
from gateway.store.requests import SqliteRequests
from gateway.store.resumes import SqliteResumes
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from gateway.store.vouchers import SqliteVouchers
from tests.contracts import PHONE
from tests.edge.radius_server import SECRET, accepts, scripted
from tests.edge.sip2_server import Card, LibrarySystem, serving
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import ZONE, FakeCalendar, reception

HERE = IpAddress("127.0.0.1")
PASSWORD = "mật khẩu của lan"
CARDS = {b"21234567": Card(b"4711"), b"expired": Card(b"1", b"YYYY" + b" " * 10)}
OPENS_S = 7 * 3600
"""From the fake clock's Wednesday, 08:00 of the site's, to Wednesday, 15:00."""
SHEET = """
[[item]]
file = "Toán lớp 6.pdf"
title = "Toán lớp 6: bài tập và lời giải cho cả năm học"
language = "vi"
author = "Nhà xuất bản Giáo dục"
section = "Sách"
[[item]]
file = "rung.mp4"
title = "Rừng"
language = "vi"
section = "Phim"
[[item]]
link = "https://opac.example.vn/"
title = "Mục lục"
section = "Tra cứu"
"""


class KnownRefusals:
    """Reasons: what each name of these is refused for."""

    async def refused(self, name: str, profile: str) -> Refused | None:
        """See Reasons."""
        categories = {"game.example": "games", "fake.example": "fake-topup", "own.example": "own"}
        return Refused(categories[name]) if name in categories else None


@dataclass(slots=True)
class WholePortal:
    """What a test holds in its hands."""

    clock: FakeClock
    kernel: FakeFirewall
    neighbours: FakeNeighbours
    database: Database
    path: Path
    desk: Reception
    known: KnownDevices
    devices: SqliteDevices
    approvals: SqliteApprovals
    vouchers: SqliteVouchers
    accounts: SqliteAccounts
    passwords: OneThread
    board: Board
    notices: SqliteNotices
    codes: DeskCodes
    line_is_down: list[bool] = field(default_factory=lambda: [False])
    url: str = ""
    blocked_url: str = ""

    def is_at(self, mac: Mac | None) -> None:
        """Who asks from now on; None: nobody the network knows."""
        self.neighbours.table = {} if mac is None else {HERE: mac}

    async def slip(self) -> Code:
        now = self.clock.now()
        new = NewBatch(1, "", "adult", "hoa", Allowance(now + timedelta(days=30), now, time_s=2400))
        seed = f"{len(await self.vouchers.batches()):032x}"
        await make_batch(self.vouchers, b"v" * 32, new, lambda: seed, moment(self.clock))
        batch = (await self.vouchers.batches())[0]
        return (await codes_of(self.vouchers, b"v" * 32, batch, moment(self.clock)))[0][1]

    async def account(self, name: str = "Lan.Anh") -> None:
        new = NewAccount(name, "child", self.clock.now() + timedelta(days=30), "7A", "con cô Hoa")
        hashed = Hashed(new, await self.passwords.hashed(PASSWORD))
        assert not await self.accounts.add([hashed], "hoa", self.clock.now(), "added")

    async def say(self, mac: Mac, standing: Standing) -> None:
        await self.devices.put(Device(mac, standing, "PC07", None, "Hà", "mượn không trả", self.clock.now()))
        await self.known.look()

    async def tell(self, title: str, text: str) -> None:
        now = self.clock.now()
        wordings = {"vi": Wording(title, text)}
        until = now + timedelta(days=9)
        await self.notices.write(Notice(0, NoticeKind.NOTICE, now, until, None, "", wordings, "hoa", now))
        await self.board.refresh()

    def rows(self, sql: str) -> list[dict[str, object]]:
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes there."""
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{action}' in each)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


@contextlib.asynccontextmanager
async def whole_portal(directory: Path) -> AsyncIterator[WholePortal]:
    """All of it, until this is left."""
    path = directory / "cong.sqlite"
    clock = FakeClock()
    kernel, neighbours = FakeFirewall(clock), FakeNeighbours({HERE: PHONE})
    async with contextlib.AsyncExitStack() as opened:
        database = await Database.open(path)
        opened.push_async_callback(database.close)
        gate = Gate(clock, kernel, neighbours, FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600)
        passwords = OneThread()
        opened.callback(passwords.close)
        ways: dict[Method, Verifier] = {
            Method.TERMS: AcceptedTerms(),
            Method.VOUCHER: Vouchers(SqliteVouchers(database), b"v" * 32, clock),
            Method.ACCOUNT: LocalAccounts(SqliteAccounts(database), passwords, clock),
            Method.CARD: await _cards(opened, clock),
            Method.RADIUS: await _radius(opened, gate, clock),
            Method.APPROVAL: StaffApproval(SqliteApprovals(database), clock),
        }
        caps = {"adult": Caps(7200, 900), "child": Caps(3600, 900)}
        plan = Calendar(ZONE, {2: (Span(450, 900),), 3: (Span(450, 900),)})  # Wednesday, Thursday, 07:30-15:00
        hours = Hours(clock, plan, FakeCalendar(), enforced=True, warn_s=600)
        desk = replace(reception(gate, caps, ways, hours=hours), pseudonym=lambda who: pseudonym(b"k" * 32, who))
        devices, notices = SqliteDevices(database), SqliteNotices(database)
        known = KnownDevices(desk, devices)
        board = Board(clock, ZONE, notices, SqlitePurposes(database), Purpose(ask=True).asked)
        found = WholePortal(
            clock,
            kernel,
            neighbours,
            database,
            path,
            desk,
            known,
            devices,
            SqliteApprovals(database),
            SqliteVouchers(database),
            SqliteAccounts(database),
            passwords,
            board,
            notices,
            DeskCodes(clock),
        )
        await _open_pages(opened, found, directory)
        yield found


async def _cards(opened: contextlib.AsyncExitStack, clock: FakeClock) -> LibraryCards:
    system = await opened.enter_async_context(serving(LibrarySystem(CARDS)))
    server = CardServer("127.0.0.1", system.port, "gateway", "secret 1", "portal", timeout_s=2)
    library = Library(server, Asking(Asker(""), "PC", ZONE), clock)
    opened.callback(library.close)
    return LibraryCards(library, {}, frozenset(["blocked", "lost"]))


async def _radius(opened: contextlib.AsyncExitStack, gate: Gate, clock: FakeClock) -> RadiusAccounts:
    server = await opened.enter_async_context(scripted(accepts()))
    timing = Timing(1.0, 3, 60)
    link = Link(RadiusServer("127.0.0.1", server.port, SECRET, True), timing, clock)
    servers = Servers([link], timing, clock)
    opened.callback(servers.close)
    nas = Nas("sa-thay", "02-00-5E-00-00-01")
    return RadiusAccounts(servers, nas, gate.neighbours, frozenset({"adult", "child"}), None, False)


async def _open_pages(opened: contextlib.AsyncExitStack, of: WholePortal, directory: Path) -> None:
    gate, desk = of.desk.gate, of.desk
    patrons, blocked = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    of.url, of.blocked_url = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in (patrons, blocked))
    hosts = frozenset({of.url.removeprefix("http://")})
    welcome = Welcome("Thư viện Sa Thầy", "0260 3821 999", "thuvien@sathay.example", "vi", hosts)
    frame = Frame(gate, Pages(), welcome, b"k" * 32, lambda: f"{of.url}/shelf/" if of.line_is_down[0] else None)
    folder = directory / "shelf"
    folder.mkdir()
    (folder / "shelf.toml").write_text(SHEET, encoding="utf-8")
    (folder / "Toán lớp 6.pdf").write_bytes(b"%PDF-1.4 x")
    (folder / "rung.mp4").write_bytes(bytes(100_000))
    (folder / "rung.vi.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nRừng\n", encoding="utf-8")
    on_disk = ShelfFolder(folder, of.clock)
    await on_disk.refresh()
    shelf = ShelfPages(gate, frame, on_disk, Downloads(3))
    why = WhyPages(gate, frame, KnownRefusals(), SqliteRequests(of.database), "http://wifi.internal/")
    methods, limit_min = desk.verifiers, desk.longest_s() // 60
    returns = Returns(
        desk, SqliteResumes(of.database), lambda language: terms(language, limit_min, methods, True, welcome.operator)
    )
    pages = PatronPages(
        desk,
        frame,
        welcome=of.known.welcome,
        returning=ReturnPages(returns, frame, of.codes, b"r" * 32, lambda session: None),
        asking=AskingPages(desk, frame, of.approvals, lambda session: None),
        board=BoardPages(gate, frame, of.board, "vi", shelf.has_items),
    )

    async def in_trouble(_request: web.Request) -> web.Response:
        raise GatewayError("the disk is full", hint="")

    more = [*why.routes(), *shelf.routes(), web.get("/in-trouble", in_trouble)]
    await _serve(opened, pages.application(more), patrons)
    await _serve(opened, why.application(), blocked)


async def _serve(opened: contextlib.AsyncExitStack, application: web.Application, listener: socket.socket) -> None:
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    opened.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener).start()
