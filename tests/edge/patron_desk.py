"""The desk with the areas of vouchers, accounts, notices and the shelf, over one database with the patrons' doors."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.access.client import Mac
from gateway.access.login import Claim, Method
from gateway.access.quota import Caps
from gateway.access.session import Session
from gateway.child import Commands
from gateway.config.load import load_config
from gateway.daemon.desk_patrons import Given, areas_for_patrons
from gateway.desk.table import Area
from gateway.flows.board import Board
from gateway.flows.gate import Gate
from gateway.flows.local_accounts import LocalAccounts
from gateway.flows.sign_in import AcceptedTerms, Reception, sign_in
from gateway.flows.vouchers import Vouchers
from gateway.local_accounts.hashing import OneThread
from gateway.ports import Verifier
from gateway.shelf.folder import ShelfFolder
from gateway.store.board import SqliteNotices, SqlitePurposes
from gateway.store.db import Database
from gateway.store.local_accounts import SqliteAccounts
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from gateway.store.voucher_key import voucher_key
from gateway.store.vouchers import SqliteVouchers
from tests.edge.desk_house import DeskHouse, desk_house
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import TERMS, reception

CONFIG = """
[site]
name = "Thư viện <Sa Thầy>"
[state]
directory = "{folder}"
run_directory = "{folder}"
[login]
methods = ["voucher", "account", "terms"]
[portal.purpose]
ask = true
"""


@dataclass(frozen=True, slots=True)
class PatronDesk:
    """What a test holds in its hands."""

    house: DeskHouse
    config: Path
    reception: Reception
    board: Board
    shelf: ShelfFolder
    firewall: FakeFirewall

    async def admitted(self, mac: str, method: Method, **typed: str) -> object:
        """Somebody signs in: the session, or why not."""
        return await sign_in(self.reception, Claim(Mac(mac), method, typed), TERMS)

    async def is_on(self, session: object) -> bool:
        """Is it still open?"""
        assert isinstance(session, Session)
        return any(each.session.id == session.id for each in await self.reception.gate.sessions.live_sessions())


@contextlib.asynccontextmanager
async def patron_desk(folder: Path) -> AsyncIterator[PatronDesk]:
    """All of it, until this is left."""
    path = folder / "cong.toml"
    path.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    config, clock = load_config(path), FakeClock()
    async with contextlib.AsyncExitStack() as opened:
        database = await opened.enter_async_context(Database.opened(config.state.database))
        firewall, passwords = FakeFirewall(clock), OneThread()
        opened.callback(passwords.close)
        sessions, usage = SqliteSessions(database), SqliteUsage(database)
        gate = Gate(clock, firewall, FakeNeighbours({}), FakeConnections(), sessions, usage, 600)
        key = voucher_key(config.state.voucher_key)
        ways: dict[Method, Verifier] = {
            Method.VOUCHER: Vouchers(SqliteVouchers(database), key, clock),
            Method.ACCOUNT: LocalAccounts(SqliteAccounts(database), passwords, clock),
            Method.TERMS: AcceptedTerms(),
        }
        desk = reception(gate, {"adult": Caps(7200, 900), "child": Caps(3600, 900)}, ways)
        desk = replace(desk, pseudonym=lambda who: f"p-{who}")
        asked = config.portal.purpose.asked
        board = Board(clock, config.site.zone, SqliteNotices(database), SqlitePurposes(database), asked)
        shelf = ShelfFolder(config.shelf_path, clock)
        given = Given(config, clock, database, desk, passwords, board, shelf, Commands(path))

        def areas(_database: Database, _clock: FakeClock) -> Sequence[Area]:
            return areas_for_patrons(given)

        house = await opened.enter_async_context(desk_house(folder, areas, clock=clock, database=database))
        yield PatronDesk(house, path, desk, board, shelf, firewall)
