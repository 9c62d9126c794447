"""A house for the desk's pages of now: real store and flows, a kernel and a network that are written by hand."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from gateway.access.client import Mac
from gateway.access.login import Method
from gateway.access.quota import Caps, Used, limits_today
from gateway.access.session import Session
from gateway.box import LocalBox
from gateway.child import Commands
from gateway.config.filtering import filter_settings
from gateway.config.load import load_config
from gateway.counts import FilterCounts
from gateway.desk.approvals import ApprovalDesk, approvals
from gateway.desk.counted import Counted
from gateway.desk.devices import DeviceDesk, devices
from gateway.desk.sessions import SessionDesk, sessions
from gateway.desk.table import Area, Caller, Language, Outcome
from gateway.desk.today import TodayDesk, counted_today, today
from gateway.flows.admit import admit
from gateway.flows.approvals import StaffApproval
from gateway.flows.attention import Asked, Attention
from gateway.flows.desk_codes import DeskCodes
from gateway.flows.devices import KnownDevices
from gateway.flows.gate import Gate
from gateway.flows.resume import Returns
from gateway.flows.sign_in import AcceptedTerms, Reception
from gateway.flows.timeline import Timeline
from gateway.flows.vouchers import Vouchers
from gateway.flows.who_is_on import WhoIsOn
from gateway.ports import IpAddress, Lease, Verifier
from gateway.reports.today import TodayTold
from gateway.staff.roles import Role
from gateway.store.approvals import SqliteApprovals
from gateway.store.db import Database
from gateway.store.devices import SqliteDevices
from gateway.store.dns_counts import SqliteDnsCounts
from gateway.store.mails import SqliteMails
from gateway.store.requests import SqliteRequests
from gateway.store.resumes import SqliteResumes
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from gateway.store.vouchers import SqliteVouchers
from tests.contracts import PHONE
from tests.edge.desk import CONFIG
from tests.edge.desk_house import DeskHouse, desk_house
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import TERMS, ZONE, new_session, reception

HERE = IpAddress("10.77.0.20")
CAPS = {
    "adult": Caps(7200, 900),
    "child": Caps(3600, 900),
    "short": Caps(3600, 900, session_bytes=500_000_000, day_s=5400, day_bytes=600_000_000),
}
KEY = b"v" * 32


@dataclass(slots=True)
class GivenLeases:
    """Leases that are written by hand."""

    given: list[Lease] = field(default_factory=list)

    def read(self, now: datetime) -> Sequence[Lease]:
        return self.given


@dataclass(slots=True)
class DeskNow:
    """What a test holds in its hands."""

    clock: FakeClock
    kernel: FakeFirewall
    neighbours: FakeNeighbours
    path: Path
    database: Database
    reception: Reception
    returns: Returns
    who: WhoIsOn
    codes: DeskCodes
    known: KnownDevices
    timeline: Timeline
    approvals: SqliteApprovals
    vouchers: SqliteVouchers
    leases: GivenLeases
    filter: FilterCounts
    areas: tuple[Area, ...] = ()
    counted: Counted[TodayTold] | None = None
    line_is_down: list[bool] = field(default_factory=lambda: [False])
    admitted: list[Session] = field(default_factory=list)

    async def on(self, mac: Mac = PHONE, profile: str = "adult") -> Session:
        """A device is online by its terms."""
        limits = limits_today(CAPS[profile], Used())
        assert limits is not None
        return await admit(self.reception.gate, replace(new_session(mac, profile), limits=limits))

    def caller(self, role: Role = Role.DESK, language: Language = "vi") -> Caller:
        """Who asks."""
        return Caller("hoa", role, language, self.clock.now())

    async def see(self, name: str, role: Role = Role.DESK, /, **asked: object) -> object:
        """What a view tells."""
        found = next(view for area in self.areas for view in area.views if view.name == name)
        return await found.read(asked, self.caller(role))

    async def do(self, name: str, /, **asked: object) -> Outcome:
        """What comes of an act."""
        found = next(act for area in self.areas for act in area.acts if act.name == name)
        return await found.do(found.asked.model_validate(asked), self.caller())

    async def page(self, path: str, role: Role = Role.DESK, **query: str) -> Mapping[str, object]:
        """The values of a page."""
        found = next(page for area in self.areas for page in area.pages if page.path == path)
        return await found.read(query, self.caller(role))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What the database says."""
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            return list(connection.execute(sql))


@contextlib.asynccontextmanager
async def desk_now(directory: Path) -> AsyncIterator[DeskNow]:
    """All of it, until this is left."""
    path, clock = directory / "cong.sqlite", FakeClock()
    kernel, neighbours = FakeFirewall(clock), FakeNeighbours({HERE: PHONE})
    async with Database.opened(path) as database:
        gate = Gate(clock, kernel, neighbours, FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600)
        ways: dict[Method, Verifier] = {
            Method.TERMS: AcceptedTerms(),
            Method.VOUCHER: Vouchers(SqliteVouchers(database), KEY, clock),
            Method.APPROVAL: StaffApproval(SqliteApprovals(database), clock),
        }
        house = reception(gate, CAPS, ways)
        store, leases = SqliteDevices(database), GivenLeases()
        returns = Returns(house, SqliteResumes(database), lambda language: TERMS)
        who, codes, known = WhoIsOn(house, leases), DeskCodes(clock), KnownDevices(house, store)
        found = DeskNow(
            clock,
            kernel,
            neighbours,
            path,
            database,
            house,
            returns,
            who,
            codes,
            known,
            Timeline(clock, neighbours, gate.sessions),
            SqliteApprovals(database),
            SqliteVouchers(database),
            leases,
            FilterCounts(SqliteDnsCounts(database), clock, ZONE),
        )
        admitted = found.admitted.append
        asks = ApprovalDesk(house, found.approvals, who, admitted, is_offered=True)
        found.areas = (
            sessions(SessionDesk(returns, who, codes, found.vouchers, admitted)),
            devices(DeviceDesk(house, known, store, found.timeline, who, "wifi.example")),
            approvals(asks),
        )
        yield found


@contextlib.asynccontextmanager
async def desk_served(directory: Path, *, wall: datetime | None = None) -> AsyncIterator[tuple[DeskNow, DeskHouse]]:
    """The same over HTTP, with the first page: its figures are counted by a real `cong today` in a child process."""
    directory.joinpath("cong.toml").write_text(CONFIG.format(folder=directory), encoding="utf-8")
    config = load_config(directory / "cong.toml")
    async with desk_now(directory) as desk:
        if wall is not None:
            desk.clock.wall = wall
        desk.counted = counted_today(Commands(directory / "cong.toml"), desk.clock)
        box = LocalBox(directory, filter_settings(config), timesync=directory / "none")
        requests, mails = SqliteRequests(desk.database), SqliteMails(desk.database)
        is_down = desk.line_is_down
        asked = Asked(desk.clock, box, lambda: is_down[0], desk.filter, desk.approvals, requests, mails)
        first = TodayDesk(desk.reception, desk.who, Attention(asked), desk.counted, lambda: is_down[0])
        desk.areas = (today(first), *desk.areas)
        areas = desk.areas
        async with desk_house(directory, lambda _, __: areas, clock=desk.clock, database=desk.database) as house:
            yield desk, house
