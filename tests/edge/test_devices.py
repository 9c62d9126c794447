"""Known devices, approvals and sessions that go on elsewhere, over a true SQLite file; power is cut between steps."""

import itertools
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.access.approval import Answer, Approval, ApprovalId
from gateway.access.client import AccessKind, Mac
from gateway.access.device import Device, Standing
from gateway.access.login import Accounted, Claim, Method, Refused, Verified
from gateway.access.quota import Caps
from gateway.access.session import Cause, Limits, Session, SessionId
from gateway.errors import UsageError
from gateway.flows.admit import admit
from gateway.flows.approvals import MOST_OF_ONE, MOST_OPEN, StaffApproval, answer_request, ask_staff, settle
from gateway.flows.close import end
from gateway.flows.desk_codes import LIFE_S, MOST_CODES, MOST_WRONG, DeskCodes
from gateway.flows.devices import KnownDevices
from gateway.flows.gate import Gate
from gateway.flows.knock import QUIET_S, Knocks
from gateway.flows.line_record import beat
from gateway.flows.meter import Watch, book_all, meter
from gateway.flows.nightly import close_night
from gateway.flows.reconcile import reconcile
from gateway.flows.resume import Offer, Returns, end_superseded, offer, resume
from gateway.flows.sign_in import AcceptedTerms, Reception, sign_in
from gateway.ports import IpAddress, NewSession, Terms, Verifier
from gateway.store.approvals import SqliteApprovals
from gateway.store.db import Database
from gateway.store.devices import SqliteDevices
from gateway.store.facts import Facts
from gateway.store.resumes import SqliteResumes
from gateway.store.sessions import SqliteSessions
from gateway.store.starts import SqliteStarts
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import CAPS, TERMS, ZONE, reception

ROTATED = Mac("0a:00:5e:20:00:01")


class PowerCut(BaseException):
    """Nothing after this line happens."""


@dataclass(slots=True)
class House:
    gate: Gate
    clock: FakeClock
    kernel: FakeFirewall
    neighbours: FakeNeighbours
    connections: FakeConnections
    database: Database
    desk: Reception
    devices: SqliteDevices
    known: KnownDevices
    approvals: SqliteApprovals
    returns: Returns
    path: Path

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()

    async def say(self, mac: Mac, standing: Standing, profile: str | None = None, lasts_s: int | None = None) -> None:
        now = self.clock.now()
        until = now + timedelta(seconds=lasts_s) if lasts_s else None
        await self.devices.put(Device(mac, standing, "PC07", profile, "Hà", "", now, until))
        await self.known.look()

    async def login(self, mac: Mac = PHONE) -> Session:
        session = await sign_in(self.desk, Claim(mac, Method.TERMS), TERMS)
        assert isinstance(session, Session)
        return session

    async def visits(self) -> int:
        night = await close_night(
            Facts(self.database), self.clock.now().astimezone(ZONE).date(), zone=ZONE, now=self.clock.now()
        )
        return night.figures.sums.visits


def build(database: Database, clock: FakeClock, kernel: FakeFirewall, neighbours: FakeNeighbours, path: Path) -> House:
    connections = FakeConnections()
    gate = Gate(clock, kernel, neighbours, connections, SqliteSessions(database), SqliteUsage(database), 600)
    approvals = SqliteApprovals(database)
    methods: dict[Method, Verifier] = {Method.TERMS: AcceptedTerms(), Method.APPROVAL: StaffApproval(approvals, clock)}
    desk = reception(gate, {"adult": CAPS, "child": CAPS, "staff": CAPS}, methods)
    devices = SqliteDevices(database)
    returns = Returns(desk, SqliteResumes(database), lambda language: TERMS)
    return House(
        gate,
        clock,
        kernel,
        neighbours,
        connections,
        database,
        desk,
        devices,
        KnownDevices(desk, devices),
        approvals,
        returns,
        path,
    )


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    path = tmp_path / "cong.sqlite"
    database = await Database.open(path)
    clock = FakeClock()
    neighbours = FakeNeighbours({IpAddress("10.77.0.11"): PHONE, IpAddress("2001:db8:77::11"): PHONE})
    found = build(database, clock, FakeFirewall(clock), neighbours, path)
    await SqliteStarts(database).started(beat(clock, lambda: True))
    yield found
    await database.close()


def restarted(house: House) -> House:
    """The daemon's memory is gone; store and kernel are as they were."""
    return build(house.database, house.clock, house.kernel, house.neighbours, house.path)


def digits(*codes: str) -> Callable[[str], str]:
    letters = itertools.chain.from_iterable(codes)
    return lambda choices: next(letters)


async def test_an_exempt_device_that_is_here_is_online_at_once_and_not_counted(house: House) -> None:
    await house.say(PHONE, Standing.EXEMPT, "staff")
    assert house.kernel.send(PHONE, 1, 1)
    columns = "method, profile, counted, kind, session_s, limit_bytes, person"
    assert house.rows(f"SELECT {columns} FROM sessions") == [("exempt", "staff", 0, "wifi", 86400, None, None)]
    assert house.rows("SELECT count(*) FROM consents") == house.rows("SELECT count(*) FROM attempts") == [(0,)]
    await house.known.look()
    assert house.rows("SELECT count(*) FROM sessions") == [(1,)]
    assert await house.visits() == 0
    await house.devices.forget(PHONE)
    await house.known.look()
    assert not house.kernel.send(PHONE, 1, 1)


async def test_an_exempt_device_is_renewed_before_its_day_is_over(house: House) -> None:
    await house.say(PHONE, Standing.EXEMPT)
    house.clock.pass_s(86400 - 121)
    await house.known.look()
    assert house.rows("SELECT count(*) FROM sessions") == [(1,)]
    before = list(house.connections.forgotten)
    house.clock.pass_s(2)
    await house.known.look()
    assert house.rows("SELECT state, cause FROM sessions") == [("closed", "nas-request"), ("open", None)]
    assert house.kernel.send(PHONE, 1, 1)
    assert house.connections.handed_over == [(SessionId(1), SessionId(2))] and house.connections.forgotten == before
    house.clock.pass_s(200)
    await meter(house.gate, Watch(60))
    assert house.kernel.send(PHONE, 1, 1)


async def test_a_power_cut_within_the_renewal_leaves_the_device_to_the_start(house: House) -> None:
    await house.say(PHONE, Standing.EXEMPT)
    (booked,) = await house.gate.sessions.live_sessions()
    await end(house.gate, booked.session, Cause.NAS_REQUEST)  # and here the power goes
    again = restarted(house)
    await reconcile(again.gate)
    await again.known.look()
    assert house.kernel.send(PHONE, 1, 1)


async def test_an_exempt_device_that_had_signed_in_as_a_patron_gets_its_own_session(house: House) -> None:
    await house.login()
    await house.say(PHONE, Standing.EXEMPT)
    assert house.rows("SELECT method, cause FROM sessions") == [("terms", "admin-reset"), ("exempt", None)]


async def test_a_barred_device_is_out_at_once_and_comes_in_by_no_way_until_the_bar_passes(house: House) -> None:
    first = await house.login()
    await house.say(PHONE, Standing.BARRED, lasts_s=3600)
    assert not house.kernel.send(PHONE, 1, 1)
    assert house.rows("SELECT cause FROM sessions") == [("admin-reset",)]
    assert await sign_in(house.desk, Claim(PHONE, Method.TERMS), TERMS) == Refused("barred")
    assert await resume(house.returns, first.id, PHONE) == Refused("barred")
    assert await ask_staff(house.desk, house.approvals, PHONE, TERMS, digits("0417")) == Refused("barred")
    again = restarted(house)
    await again.known.look()
    assert await sign_in(again.desk, Claim(PHONE, Method.TERMS), TERMS) == Refused("barred")
    house.clock.pass_s(3600)
    await house.login()


async def test_a_bar_that_comes_while_a_device_is_let_in_puts_it_out(house: House) -> None:
    class Barring:
        async def verify(self, claim: Claim) -> Verified | Refused:
            await house.say(PHONE, Standing.BARRED)
            return Verified()

    found = replace(house.desk, verifiers={Method.TERMS: Barring()})
    assert await sign_in(found, Claim(PHONE, Method.TERMS), TERMS) == Refused("barred")
    assert not house.kernel.send(PHONE, 1, 1)
    assert house.rows("SELECT state FROM sessions WHERE state = 'open'") == []


async def test_a_kiosk_is_counted_as_one_with_its_pcs_profile_and_idle_limit(house: House) -> None:
    await house.say(PHONE, Standing.KIOSK, "child")
    session = await house.login()
    assert (session.kind, session.profile, session.limits.idle_s) == (AccessKind.KIOSK, "child", 600)
    assert isinstance(await offer(house.returns, session.id, TABLET), Refused)
    house.clock.pass_s(601)
    await meter(house.gate, Watch(60))
    assert house.rows("SELECT kind, cause FROM sessions") == [("kiosk", "idle-timeout")]
    assert isinstance(await resume(house.returns, session.id, PHONE), Refused)  # the next reader accepts the terms
    house.clock.pass_s(301)
    await house.login()
    assert await house.visits() == 2  # 5 min, where a phone has 30


async def test_a_profile_that_is_gone_from_the_configuration_is_the_sites_own(house: House) -> None:
    await house.say(PHONE, Standing.KIOSK, "gone")
    assert (await house.login()).profile == "adult"


async def test_a_knock_is_answered_once_in_a_while_and_nobodys_is_looked_up_for_nothing(house: House) -> None:
    looked: list[str] = []

    class Counting(FakeNeighbours):
        async def mac_of(self, address: IpAddress) -> Mac | None:
            looked.append(address)
            return house.neighbours.table.get(address)

    knocks = Knocks(house.desk.roster, house.clock, Counting(), house.known.welcome)
    knocks.heard("10.77.0.11")
    await house.devices.put(Device(TABLET, Standing.EXEMPT, "", None, "Hà", "", house.clock.now()))
    await house.known.look()
    house.neighbours.table[IpAddress("10.77.0.12")] = TABLET
    for _ in range(10_000):
        knocks.heard("10.77.0.11")
    knocks.heard("::ffff:10.77.0.12")
    await knocks.answer_next()
    await knocks.answer_next()
    assert looked == ["10.77.0.11", "10.77.0.12"]
    assert house.kernel.send(TABLET, 1, 1) and not house.kernel.send(PHONE, 1, 1)
    house.clock.pass_s(QUIET_S)
    knocks.heard("10.77.0.11")
    await knocks.answer_next()
    assert looked[2:] == ["10.77.0.11"]


def yes(session_s: int | None = None, answer: Answer = Answer.APPROVED) -> Approval:
    at = FakeClock().now()
    return Approval(ApprovalId(0), "", None, at, answer, at, "Hà", session_s, "child")


async def test_an_approval_opens_one_session_however_often_it_is_given(house: House) -> None:
    asked = await ask_staff(house.desk, house.approvals, PHONE, TERMS, digits("0417"))
    assert isinstance(asked, Approval) and asked.code == "0417"
    assert await ask_staff(house.desk, house.approvals, PHONE, TERMS, digits()) == asked  # a second press
    assert await sign_in(house.desk, Claim(PHONE, Method.APPROVAL), TERMS) == Refused("approval_waits")
    for _ in range(2):
        await answer_request(house.approvals, "0417", yes(1800), house.clock.now())
        await settle(house.desk, house.approvals)
    columns = "method, profile, session_s, person"
    assert house.rows(f"SELECT {columns} FROM sessions") == [("approval", "child", 1800, None)]
    assert house.rows("SELECT count(*) FROM consents") == [(1,)]
    assert house.rows("SELECT answered_by, state FROM approvals") == [("Hà", "approved")]
    (booked,) = await house.gate.sessions.live_sessions()
    await end(house.gate, booked.session, Cause.USER_REQUEST)
    house.clock.wall -= timedelta(minutes=5)  # a clock set back does not make the yes good again
    await settle(house.desk, house.approvals)
    assert await sign_in(house.desk, Claim(PHONE, Method.APPROVAL), TERMS) == Refused("approval_over")
    with pytest.raises(UsageError):
        await answer_request(house.approvals, "0417", yes(answer=Answer.REFUSED), house.clock.now())


async def test_a_yes_before_a_power_cut_is_kept(house: House) -> None:
    await ask_staff(house.desk, house.approvals, PHONE, TERMS, digits("0417"))
    await answer_request(house.approvals, "0417", yes(), house.clock.now())
    again = restarted(house)  # stored, not yet opened
    assert [session.mac for session in await settle(again.desk, again.approvals)] == [PHONE]
    assert house.kernel.send(PHONE, 1, 1)


async def test_requests_run_out_and_are_limited(house: House) -> None:
    for hundred in range(MOST_OF_ONE):
        asked = await ask_staff(house.desk, house.approvals, PHONE, TERMS, digits(f"010{hundred}"))
        assert isinstance(asked, Approval)
        await answer_request(house.approvals, asked.code, yes(answer=Answer.REFUSED), house.clock.now())
        assert await sign_in(house.desk, Claim(PHONE, Method.APPROVAL), TERMS) == Refused("approval_refused")
    assert await ask_staff(house.desk, house.approvals, PHONE, TERMS, digits()) == Refused("approval_full")
    for number in range(MOST_OPEN):
        mac = Mac(f"02:00:5e:30:00:{number:02x}")
        assert isinstance(await ask_staff(house.desk, house.approvals, mac, TERMS, digits(f"{number:04d}")), Approval)
    assert await ask_staff(house.desk, house.approvals, TABLET, TERMS, digits()) == Refused("approval_full")
    house.clock.pass_s(901)
    with pytest.raises(UsageError):
        await answer_request(house.approvals, "0001", yes(), house.clock.now())
    asked = await ask_staff(house.desk, house.approvals, TABLET, TERMS, digits("0001"))  # the code is free again
    assert isinstance(asked, Approval)


async def test_a_rotated_mac_goes_on_with_what_was_left_and_is_one_visit(house: House) -> None:
    first = await house.login()
    house.kernel.send(PHONE, 100, 200)
    house.clock.pass_s(1800)
    await house.gate.sessions.splash_seen(ROTATED, house.clock.now())
    second = await resume(house.returns, first.id, ROTATED)
    assert isinstance(second, Session) and second.limits.session_s == 5400
    assert not house.kernel.send(PHONE, 1, 1) and house.kernel.send(ROTATED, 1, 1)
    assert await resume(house.returns, first.id, ROTATED) == second  # two taps are one
    assert isinstance(await resume(house.returns, first.id, TABLET), Refused)  # and a token is good once
    columns = "state, cause, resumed_from, session_s"
    assert house.rows(f"SELECT {columns} FROM sessions") == [
        ("closed", "port-preempted", None, 7200),
        ("open", None, first.id, 5400),
    ]
    assert house.rows("SELECT count(DISTINCT accepted_at), count(*) FROM consents") == [(1, 2)]
    house.clock.pass_s(600)
    await end(house.gate, second, Cause.USER_REQUEST)
    assert await resume(house.returns, second.id, PHONE) == Refused("no_return")
    house.clock.pass_s(600)
    await house.login(ROTATED)  # the same phone, as any other
    assert await house.visits() == 1
    await house.login(TABLET)
    assert await house.visits() == 2


async def test_a_chain_of_rotations_is_one_visit_and_never_more_time(house: House) -> None:
    session = await house.login()
    for number in range(5):
        house.clock.pass_s(600)
        found = await resume(house.returns, session.id, Mac(f"0a:00:5e:20:01:{number:02x}"))
        assert isinstance(found, Session)
        session = found
    assert session.limits.session_s == 7200 - 5 * 600
    assert await house.visits() == 1


async def test_a_code_typed_on_another_device_that_was_here_links_the_session_alone(house: House) -> None:
    other = await house.login(TABLET)
    await end(house.gate, other, Cause.USER_REQUEST)
    first = await house.login()
    assert isinstance(await resume(house.returns, first.id, TABLET), Session)
    assert await house.visits() == 2
    assert house.rows("SELECT count(*) FROM same_clients") == [(0,)]


async def test_after_a_power_cut_one_tap_gives_back_what_was_left(house: House) -> None:
    first = await house.login()
    house.kernel.send(PHONE, 1000, 1000)
    watch = Watch(60)
    house.clock.pass_s(1200)
    house.kernel.send(PHONE, 1000, 1000)
    await meter(house.gate, watch)
    await book_all(house.gate, watch)
    house.clock.pass_s(240)
    house.clock.reboot()
    house.kernel.flush()
    again = restarted(house)
    await reconcile(again.gate)
    await end_superseded(again.returns)
    assert house.rows("SELECT state, cause FROM sessions") == [("closed", "nas-reboot")]
    offered = await offer(again.returns, first.id, PHONE)
    assert isinstance(offered, Offer) and 6000 <= offered.limits.session_s <= 7200
    second = await resume(again.returns, first.id, PHONE)
    assert isinstance(second, Session) and house.kernel.send(PHONE, 1, 1)
    assert await house.visits() == 1


async def test_a_crash_between_the_two_steps_of_a_resume_is_finished(house: House) -> None:
    first = await house.login()

    class Dying(SqliteResumes):
        async def superseded(self) -> list[Session]:
            raise PowerCut

    dying = Returns(house.desk, Dying(house.database), lambda language: TERMS)
    with pytest.raises(PowerCut):
        await resume(dying, first.id, ROTATED)
    assert house.rows("SELECT state FROM sessions") == [("open",), ("open",)]
    again = restarted(house)
    await reconcile(again.gate)
    await end_superseded(again.returns)
    assert house.rows("SELECT state, cause FROM sessions") == [("closed", "port-preempted"), ("open", None)]
    assert house.kernel.send(ROTATED, 1, 1) and not house.kernel.send(PHONE, 1, 1)


async def test_new_terms_are_read_before_going_on(house: House) -> None:
    first = await house.login()
    newer = Returns(house.desk, house.returns.store, lambda language: Terms("fedcba987654", "vi", "Nội quy mới"))
    assert await resume(newer, first.id, ROTATED) == Refused("no_return")


async def test_an_account_server_hears_of_the_session_that_goes_on(house: House) -> None:
    accounted = Accounted("lan", "4f1c", (b"gold",), 600)
    new = NewSession(
        PHONE, AccessKind.WIFI, Method.RADIUS, "adult", Limits(7200, 900), TERMS, counted=True, accounted=accounted
    )
    first = await admit(house.gate, new)
    second = await resume(house.returns, first.id, ROTATED)
    assert isinstance(second, Session)
    third = await resume(house.returns, second.id, TABLET)
    assert isinstance(third, Session)
    names = house.rows("SELECT user_name, acct_session_id, interim_s, started FROM radius_sessions ORDER BY session_id")
    assert names == [("lan", name, 600, 0) for name in ("4f1c", "4f1c.2", "4f1c.3")]
    with sqlite3.connect(house.path) as connection:
        connection.execute("DELETE FROM radius_sessions")  # as when the server has acknowledged the end
    assert await resume(house.returns, third.id, PHONE) == Refused("no_return")


async def test_a_days_cap_goes_with_the_session(house: House) -> None:
    desk = reception(house.gate, {"adult": Caps(7200, 900, day_s=3600)})
    returns = Returns(desk, house.returns.store, lambda language: TERMS)
    first = await sign_in(desk, Claim(PHONE, Method.TERMS), TERMS)
    assert isinstance(first, Session) and first.limits.session_s == 3600
    house.clock.pass_s(3000)
    second = await resume(returns, first.id, ROTATED)
    assert isinstance(second, Session) and second.limits.session_s == 600
    house.clock.pass_s(600)
    await meter(house.gate, Watch(60))
    assert await sign_in(desk, Claim(ROTATED, Method.TERMS), TERMS) == Refused("day_spent")


async def test_what_links_two_macs_goes_with_them(house: House) -> None:
    first = await house.login()
    second = await resume(house.returns, first.id, ROTATED)
    assert isinstance(second, Session)
    await end(house.gate, second, Cause.USER_REQUEST)
    await ask_staff(house.desk, house.approvals, TABLET, TERMS, digits("0417"))
    await house.say(TABLET, Standing.BARRED, lasts_s=60)
    assert house.rows("SELECT count(*) FROM same_clients") == [(1,)]
    house.clock.pass_s(9 * 86400)
    await house.visits()
    assert house.rows("SELECT count(*) FROM same_clients") == house.rows("SELECT count(*) FROM devices") == [(0,)]
    assert house.rows("SELECT code, client_id, state FROM approvals") == [("0417", None, "expired")]
    assert house.rows("SELECT count(*) FROM clients WHERE mac IS NOT NULL") == [(0,)]


def test_a_desk_code_is_short_lived_single_and_guarded() -> None:
    clock = FakeClock()
    codes = DeskCodes(clock)
    assert codes.make(SessionId(7), digits("0417")) == "0417"
    assert codes.session_of(" 0417 ", PHONE) == 7
    assert codes.make(SessionId(7), digits("0418")) == "0418"  # in place of the one before
    assert codes.session_of("0417", PHONE) == "wrong"
    codes.use_up(SessionId(7))
    assert codes.session_of("0418", PHONE) == "wrong"
    codes.make(SessionId(8), digits("0001"))
    clock.pass_s(LIFE_S)
    assert codes.session_of("0001", PHONE) == "wrong"
    codes.make(SessionId(9), digits("0002"))
    for number in range(MOST_WRONG):
        codes.session_of("9999", Mac(f"02:00:5e:40:00:{number:02x}"))
    assert codes.session_of("0002", TABLET) == "tries"


def test_only_so_many_codes_are_out() -> None:
    codes = DeskCodes(FakeClock())
    for number in range(MOST_CODES):
        assert codes.make(SessionId(number + 1), digits(f"{number:04d}"))
    assert codes.make(SessionId(99), digits("9999")) is None
