"""Vouchers over a true SQLite file: redeemed in one transaction, over sessions, devices, power cuts and clock jumps."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.access.client import AccessKind, Mac
from gateway.access.login import WRONG, Claim, Method, Refused, Verified
from gateway.access.quota import Caps
from gateway.access.session import Cause, Limits, Session
from gateway.access.voucher import EXPIRED, REVOKED, USED, Allowance, Code, NewBatch, Redemption, VoucherId, shown
from gateway.errors import GatewayError
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.flows.meter import Watch, book_all, meter
from gateway.flows.reconcile import reconcile
from gateway.flows.resume import Returns, resume
from gateway.flows.sign_in import Reception, sign_in
from gateway.flows.tries import MOST_OF_ONE
from gateway.flows.vouchers import TYPO, Vouchers, codes_of, end_over, make_batch, moment, tag_of
from gateway.ports import NewSession, Verifier
from gateway.ports_figures import Terms
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.store.resumes import SqliteResumes
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from gateway.store.voucher_key import voucher_key
from gateway.store.vouchers import SqliteVouchers
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import TERMS, reception

KEY = b"v" * 32
CAPS = Caps(session_s=7200, idle_s=7200)
LAPTOP = Mac("02:00:5e:10:00:03")


@dataclass(slots=True)
class House:
    gate: Gate
    clock: FakeClock
    kernel: FakeFirewall
    database: Database
    path: Path
    store: SqliteVouchers
    desk: Reception
    watch: Watch

    async def slip(self, count: int = 1, **allowed: int | bool) -> Code:
        """The first code of a new batch."""
        allowance = Allowance(self.clock.now() + timedelta(days=30), **allowed)  # type: ignore[arg-type]
        new = NewBatch(count, "for the course", "guest", "hoa", allowance)
        seeds = iter(f"{n:032x}" for n in range(len(await self.store.batches()), 99))
        await make_batch(self.store, KEY, new, lambda: next(seeds), moment(self.clock))
        batch = (await self.store.batches())[0]
        return (await codes_of(self.store, KEY, batch, moment(self.clock)))[0][1]

    async def claim(self, code: str, mac: Mac = PHONE) -> Session | Refused:
        return await sign_in(self.desk, Claim(mac, Method.VOUCHER, {"code": code}), TERMS)

    async def on(self, code: str, mac: Mac = PHONE) -> Session:
        session = await self.claim(code, mac)
        assert isinstance(session, Session), session
        return session

    async def left(self, code: Code) -> tuple[int, int, int]:
        voucher = await self.store.by_tag(tag_of(KEY, code), moment(self.clock))
        assert voucher is not None
        return voucher.use.seconds, voucher.use.total_bytes, voucher.use.sessions

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()


async def built(path: Path, clock: FakeClock, kernel: FakeFirewall) -> House:
    database = await Database.open(path)
    gate = Gate(
        clock, kernel, FakeNeighbours(), FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600
    )
    store = SqliteVouchers(database)
    desk = reception(gate, {"adult": CAPS, "guest": CAPS}, {Method.VOUCHER: Vouchers(store, KEY, clock)})
    return House(gate, clock, kernel, database, path, store, desk, Watch(60, clock.boot_s()))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock = FakeClock()
    found = await built(tmp_path / "cong.sqlite", clock, FakeFirewall(clock))
    yield found
    await found.database.close()


def redeeming(mac: Mac) -> NewSession:
    """What a login with the first voucher wants stored."""
    kind, limits = AccessKind.WIFI, Limits(3600, 900)
    return NewSession(
        mac, kind, Method.VOUCHER, "guest", limits, TERMS, True, "person", redemption=Redemption(VoucherId(1), 1)
    )


async def test_the_ledger_says_method_terms_profile_and_batch(house: House) -> None:
    code = await house.slip(time_s=3600, total_bytes=5000, down_kbit_s=512)
    session = await house.on(shown(code).lower())
    assert session.limits.rates.down_kbit_s == 512
    assert house.rows(
        """SELECT s.method, s.profile, s.person, c.terms_version, s.session_s, s.limit_bytes, v.batch_id, b.label
           FROM sessions s JOIN consents c ON c.session_id = s.id JOIN vouchers v ON v.id = s.voucher_id
           JOIN voucher_batches b ON b.id = v.batch_id"""
    ) == [("voucher", "guest", "person of voucher 1", TERMS.version, 3600, 5000, 1, "for the course")]


async def test_no_code_stands_in_the_database(house: House) -> None:
    code = await house.slip(3)
    await house.on(code)
    await house.database.run(lambda sql: None)
    for path in house.path.parent.iterdir():
        content = path.read_bytes()
        assert (
            code.encode() not in content and shown(code).encode() not in content and KEY.hex().encode() not in content
        )


async def test_a_typo_is_told_and_not_counted_an_unknown_code_is(house: House) -> None:
    code = await house.slip()
    for _ in range(MOST_OF_ONE + 1):
        assert await house.claim(code[:-1] + ("2" if code[-1] != "2" else "3")) == Refused(TYPO)
    other = "2222222222"  # well-formed: every letter is the alphabet's zero
    for _ in range(MOST_OF_ONE):
        assert await house.claim(other) == Refused(WRONG)
    assert await house.claim(code) == Refused("tries")
    assert isinstance(await house.claim(code, TABLET), Session)


async def test_time_and_bytes_hold_over_sessions(house: House) -> None:
    code = await house.slip(time_s=3600, total_bytes=1000)
    session = await house.on(code)
    house.kernel.send(PHONE, 100, 200)
    house.clock.pass_s(600)
    await end(house.gate, session, Cause.USER_REQUEST)
    assert await house.left(code) == (600, 300, 1)
    again = await house.on(code, TABLET)
    assert (again.limits.session_s, again.limits.total_bytes) == (3000, 700)
    house.clock.pass_s(3000)
    await meter(house.gate, house.watch)
    assert house.rows("SELECT cause FROM sessions ORDER BY id") == [("user-request",), ("session-timeout",)]
    assert await house.claim(code) == Refused(USED)


async def test_the_last_byte_ends_it_and_no_session_is_opened_after(house: House) -> None:
    code = await house.slip(total_bytes=1000)
    await house.on(code)
    house.kernel.send(PHONE, 400, 601)
    await meter(house.gate, house.watch)
    assert house.rows("SELECT cause, total_up_bytes + total_down_bytes FROM sessions") == [("nas-request", 1001)]
    assert await house.claim(code) == Refused(USED)


async def test_a_double_click_is_one_session(house: House) -> None:
    code = await house.slip(once=True, time_s=3600)
    sessions = await asyncio.gather(*(house.on(code) for _ in range(5)))
    assert len({each.id for each in sessions}) == 1
    assert house.rows("SELECT count(*) FROM sessions") == [(1,)]


@pytest.mark.parametrize(("once", "ends_oldest"), [(True, True), (True, False), (False, True), (False, False)])
async def test_two_devices_at_once_can_not_both_win(house: House, once: bool, ends_oldest: bool) -> None:
    code = await house.slip(once=once, time_s=3600)
    ways: dict[Method, Verifier] = {Method.VOUCHER: Vouchers(house.store, KEY, house.clock)}
    house.desk = reception(house.gate, {"adult": CAPS, "guest": CAPS}, ways, ends_oldest=ends_oldest)
    macs = [Mac(f"02:00:5e:20:00:{n:02x}") for n in range(8)]
    answers = await asyncio.gather(*(house.claim(code, mac) for mac in macs))
    won = [each for each in answers if isinstance(each, Session)]
    assert set(answers) - set(won) <= {Refused(USED), Refused("devices")}
    assert len(won) == 1 or (ends_oldest and not once)  # there the later device is meant to take over
    assert house.rows("SELECT count(*) FROM sessions WHERE state = 'open'") == [(1,)]
    assert [house.kernel.send(mac, 1, 1) for mac in macs].count(True) == 1


async def test_a_late_device_does_not_end_the_one_that_was_quicker(house: House) -> None:
    """B is found good, A signs in, B goes on: a voucher for one session stays with A."""
    code = await house.slip(once=True)

    class Interrupted(Vouchers):
        async def verify(self, claim: Claim) -> Verified | Refused:
            verified = await super().verify(claim)
            if claim.mac == TABLET:
                await house.on(code, PHONE)
            return verified

    slow = Interrupted(house.store, KEY, house.clock)
    desk = reception(house.gate, {"adult": CAPS, "guest": CAPS}, {Method.VOUCHER: slow})
    assert await sign_in(desk, Claim(TABLET, Method.VOUCHER, {"code": code}), TERMS) == Refused(USED)
    assert house.rows("SELECT state, cause FROM sessions") == [("open", None)]
    assert house.kernel.send(PHONE, 1, 1) and not house.kernel.send(TABLET, 1, 1)


async def test_a_profile_with_fewer_devices_than_the_voucher_has_its_way(house: House) -> None:
    code = await house.slip(devices=3)
    caps = Caps(7200, 7200, devices=1)
    ways: dict[Method, Verifier] = {Method.VOUCHER: Vouchers(house.store, KEY, house.clock)}
    desk = reception(house.gate, {"adult": caps, "guest": caps}, ways, ends_oldest=False)
    assert isinstance(await sign_in(desk, Claim(PHONE, Method.VOUCHER, {"code": code}), TERMS), Session)
    assert await sign_in(desk, Claim(TABLET, Method.VOUCHER, {"code": code}), TERMS) == Refused("devices")


async def test_a_session_that_goes_on_on_another_mac_stays_the_vouchers(house: House) -> None:
    code = await house.slip(once=True, time_s=3600, total_bytes=1000)
    first = await house.on(code)
    house.kernel.send(PHONE, 100, 200)
    house.clock.pass_s(600)
    back = Returns(house.desk, SqliteResumes(house.database), lambda language: TERMS)
    again = await resume(back, first.id, TABLET)
    assert isinstance(again, Session), again
    assert (again.limits.session_s, again.limits.total_bytes) == (3000, 700)
    assert house.rows("SELECT voucher_id, cause FROM sessions ORDER BY id") == [(1, "port-preempted"), (1, None)]
    house.kernel.send(TABLET, 400, 300)
    await meter(house.gate, house.watch)
    assert await house.left(code) == (600, 1000, 2)
    assert await house.claim(code, LAPTOP) == Refused(USED)


async def test_what_was_revoked_does_not_go_on_on_another_mac(house: House) -> None:
    first = await house.on(await house.slip())
    await house.store.revoke([VoucherId(1)], "hoa", house.clock.now())
    back = Returns(house.desk, SqliteResumes(house.database), lambda language: TERMS)
    assert await resume(back, first.id, TABLET) == Refused("no_return")


async def test_two_processes_at_once_can_not_both_win(house: House) -> None:
    """The check and the session are one transaction: also for a second connection to the same file."""
    code = await house.slip(once=True)
    other = await built(house.path, house.clock, house.kernel)
    at, boot_s, boot_id = house.clock.now(), house.clock.boot_s(), house.clock.boot_id()
    answers = await asyncio.gather(
        house.gate.sessions.redeem(redeeming(PHONE), at, boot_s, boot_id),
        other.gate.sessions.redeem(redeeming(TABLET), at, boot_s, boot_id),
    )
    assert [isinstance(each, Refused) for each in answers].count(True) == 1
    assert (await house.left(code))[2] == 1
    await other.database.close()


async def test_a_second_device_goes_on_where_the_first_stops(house: House) -> None:
    code = await house.slip(time_s=3600)
    await house.on(code)
    house.clock.pass_s(600)
    second = await house.on(code, TABLET)  # one device at a time, and the site ends the oldest
    assert second.limits.session_s == 3000
    assert house.rows("SELECT cause FROM sessions ORDER BY id") == [("port-preempted",), (None,)]
    assert not house.kernel.send(PHONE, 1, 1)


async def test_two_devices_together_use_no_more_than_the_voucher_has(house: House) -> None:
    code = await house.slip(time_s=3600, total_bytes=1000, devices=2)
    await house.on(code)
    await house.on(code, TABLET)
    assert await house.claim(code, LAPTOP) != Refused(USED)  # a third makes the oldest end
    house.kernel.send(TABLET, 300, 300)
    assert await end_over(house.gate, house.store) == 0
    house.kernel.send(LAPTOP, 300, 300)  # counted, not yet booked
    assert await end_over(house.gate, house.store) == 2
    causes = house.rows("SELECT cause FROM sessions ORDER BY id")
    assert causes == [("port-preempted",), ("nas-request",), ("nas-request",)]
    assert (await house.left(code))[1] == 1200
    assert await end_over(house.gate, house.store) == 0


async def test_time_of_two_devices_adds_up(house: House) -> None:
    code = await house.slip(time_s=3600, devices=2)
    await house.on(code)
    await house.on(code, TABLET)
    house.clock.pass_s(1799)
    assert await end_over(house.gate, house.store) == 0
    house.clock.pass_s(1)
    assert await end_over(house.gate, house.store) == 2
    assert house.rows("SELECT DISTINCT cause FROM sessions") == [("session-timeout",)]


async def test_power_cut_between_redeem_and_grant(house: House) -> None:
    """The commit stands, the kernel knows nothing; the patron comes back when the lamp is on, with all of it left."""
    code = await house.slip(once=True, time_s=3600)
    at, boot_s, boot_id = house.clock.now(), house.clock.boot_s(), house.clock.boot_id()
    await house.gate.sessions.redeem(redeeming(PHONE), at, boot_s, boot_id)
    house.clock.reboot()
    house.kernel.flush()
    house.clock.pass_s(30)
    await reconcile(house.gate)
    assert house.rows("SELECT state, cause FROM sessions") == [("closed", "nas-reboot")]
    assert await house.left(code) == (0, 0, 0)
    assert (await house.on(code)).limits.session_s == 3600


async def test_a_crash_between_redeem_and_grant_is_repaired(house: House) -> None:
    await house.slip(once=True, time_s=3600)
    at, boot_s, boot_id = house.clock.now(), house.clock.boot_s(), house.clock.boot_id()
    await house.gate.sessions.redeem(redeeming(PHONE), at, boot_s, boot_id)
    assert not house.kernel.send(PHONE, 1, 1)
    await reconcile(house.gate)
    assert house.kernel.send(PHONE, 1, 1)


async def test_a_power_cut_takes_the_time_to_the_last_packet_only(house: House) -> None:
    code = await house.slip(time_s=3600)
    await house.on(code)
    house.clock.pass_s(600)
    house.kernel.send(PHONE, 10, 10)
    await book_all(house.gate, house.watch)
    house.clock.pass_s(900)
    house.clock.reboot()
    house.kernel.flush()
    assert (await house.on(code, TABLET)).limits.session_s == 3000  # before any repair


async def test_a_failing_disk_leaves_nothing_half_done(house: House) -> None:
    code = await house.slip(once=True)
    await house.database.run(
        lambda sql: sql.execute("CREATE TRIGGER full BEFORE INSERT ON consents BEGIN SELECT RAISE(ABORT, 'full'); END")
    )
    with pytest.raises(GatewayError):
        await house.claim(code)
    assert house.rows("SELECT count(*), (SELECT first_used_at FROM vouchers) FROM sessions") == [(0, None)]
    await house.database.run(lambda sql: sql.execute("DROP TRIGGER full"))
    assert isinstance(await house.claim(code), Session)


async def test_a_wall_clock_that_jumps_neither_gives_nor_takes_time(house: House) -> None:
    code = await house.slip(time_s=3600)
    await house.on(code)
    house.clock.pass_s(600)
    house.clock.wall -= timedelta(days=1)
    assert (await house.left(code))[0] == 600
    house.clock.wall += timedelta(days=2)
    assert (await house.left(code))[0] == 600
    session = await house.on(code)
    await end(house.gate, session, Cause.USER_REQUEST)
    assert (await house.left(code))[0] == 600


async def test_a_clock_that_is_not_set_yet_notes_no_first_use(house: House) -> None:
    code = await house.slip(lasts_s=86400)
    true, house.clock.wall = house.clock.wall, house.clock.wall.replace(year=1970)
    session = await house.on(code)
    await end(house.gate, session, Cause.USER_REQUEST)
    house.clock.wall = true + timedelta(hours=1)
    assert house.rows("SELECT first_used_at FROM vouchers") == [(None,)]
    await house.on(code)
    assert house.rows("SELECT first_used_at FROM vouchers") == [(int(house.clock.wall.timestamp()),)]


async def test_it_expires_in_mid_session(house: House) -> None:
    code = await house.slip(lasts_s=1800)
    assert (await house.on(code)).limits.session_s == 1800
    house.clock.pass_s(1800)
    await meter(house.gate, house.watch)
    assert house.rows("SELECT cause FROM sessions") == [("session-timeout",)]
    assert await house.claim(code) == Refused(EXPIRED)


async def test_revoking_ends_who_is_on_and_lets_nobody_in(house: House) -> None:
    code = await house.slip(2)
    await house.on(code)
    assert await house.store.revoke([VoucherId(1), VoucherId(2)], "hoa", house.clock.now()) == 2
    assert await house.store.revoke([VoucherId(1)], "mai", house.clock.now()) == 0
    assert await end_over(house.gate, house.store) == 1
    assert not house.kernel.send(PHONE, 1, 1)
    assert house.rows("SELECT cause FROM sessions") == [("admin-reset",)]
    assert await house.claim(code) == Refused(REVOKED)
    assert house.rows("SELECT revoked_by FROM vouchers") == [("hoa",), ("hoa",)]


async def test_what_was_used_outlives_the_sessions_and_the_batch_goes_after_its_term(house: House) -> None:
    code = await house.slip(time_s=3600, total_bytes=1000)
    session = await house.on(code)
    house.kernel.send(PHONE, 100, 200)
    house.clock.pass_s(600)
    await end(house.gate, session, Cause.USER_REQUEST)
    facts, later = Facts(house.database), house.clock.now() + timedelta(days=1)
    for _ in range(2):  # a night that is run again takes nothing twice
        await facts.forget(Terms(later, later, later, later, later, later))
        assert await house.left(code) == (600, 300, 1)
    assert house.rows("SELECT count(*) FROM sessions") == [(0,)]
    gone = house.clock.now() + timedelta(days=31)
    await facts.forget(Terms(gone, gone, gone, gone, gone, gone))
    assert house.rows("SELECT (SELECT count(*) FROM vouchers) + (SELECT count(*) FROM voucher_batches)") == [(0,)]
    assert await house.claim(code) == Refused(WRONG)


async def test_codes_are_printed_again_with_the_key_and_never_without(house: House) -> None:
    code = await house.slip(5)
    (batch,) = await house.store.batches()
    now = moment(house.clock)
    assert (await codes_of(house.store, KEY, batch, now))[0][1] == code
    with pytest.raises(GatewayError, match="another key"):
        await codes_of(house.store, b"x" * 32, batch, now)


async def test_a_seed_whose_codes_are_known_is_not_taken(house: House) -> None:
    await house.slip(2)
    new = NewBatch(2, "", "guest", "hoa", Allowance(house.clock.now() + timedelta(days=1)))
    seeds = iter([f"{0:032x}", "fresh"])
    await make_batch(house.store, KEY, new, lambda: next(seeds), moment(house.clock))
    assert house.rows("SELECT seed FROM voucher_batches ORDER BY id") == [(f"{0:032x}",), ("fresh",)]


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "voucher.key"
    key = voucher_key(path)
    assert len(key) == 32 and voucher_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["voucher.key"]
    path.write_text("short\n", encoding="ascii")
    with pytest.raises(GatewayError, match="damaged"):
        voucher_key(path)
