"""Who is on, as the desk tells it and does it: what staff see, and what store and kernel say afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import ValidationError

from gateway.access.client import Mac
from gateway.access.device import Device, Standing
from gateway.access.login import Claim, Method
from gateway.access.session import Cause, Session, State
from gateway.access.voucher import Allowance, NewBatch, shown
from gateway.control.lines import session_line
from gateway.desk.table import RefusedError
from gateway.desk.told_sessions import Changed, Code, Ended, One, Sessions
from gateway.flows.listing import live_sessions
from gateway.flows.meter import Watch, meter
from gateway.flows.sign_in import sign_in
from gateway.flows.vouchers import codes_of, make_batch, moment
from gateway.flows.who_is_on import Named
from gateway.ports import Lease
from gateway.staff.roles import Role
from gateway.store.devices import SqliteDevices
from gateway.units import epoch_s
from tests.contracts import PHONE, TABLET
from tests.edge.desk_now import KEY, DeskNow, desk_now
from tests.reception import TERMS

T = TypeVar("T")
HOSTILE = ["<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "\u202eabc", "x" * 10_000]


def with_desk(directory: Path, work: Callable[[DeskNow], Awaitable[None]]) -> None:
    async def run() -> None:
        async with desk_now(directory) as desk:
            await work(desk)

    asyncio.run(run())


async def listed(desk: DeskNow, role: Role = Role.DESK, **asked: object) -> Sessions:
    told = await desk.see("sessions.list", role, **asked)
    assert isinstance(told, Sessions)
    return told


async def one(desk: DeskNow, number: int) -> One:
    told = await desk.see("sessions.one", number=number)
    assert isinstance(told, One)
    return told


async def refused(work: Awaitable[object]) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        await work
    return error.value


def named(mac: Mac, name: str) -> Lease:
    return Lease(mac, IPv4Address("10.77.0.20"), 0, 3600, name)


def test_the_list_says_what_the_command_says_at_the_same_moment(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await desk.on()
        await desk.on(TABLET, "child")
        desk.kernel.send(PHONE, 1000, 90_000)
        desk.clock.pass_s(61)
        told = await listed(desk, order="left")
        lines = {line["id"]: line for line in map(session_line, await live_sessions(desk.reception.gate))}
        assert told.total == len(lines) == 2
        for row in told.rows:
            line = lines[row.id]
            assert (row.device.mac, row.kind, row.method, row.profile, row.state) == tuple(
                line[key] for key in ("mac", "kind", "method", "profile", "state")
            )
            assert (epoch_s(row.opened_at), row.left_s) == (line["opened_at"], line["left_s"])
            assert (row.up_bytes, row.down_bytes, row.long_udp_flows) == (line["up_bytes"], line["down_bytes"], 0)
        assert [row.id for row in told.rows] == [session.id + 1, session.id], "the child's hour ends first"

    with_desk(tmp_path, work)


def test_a_rate_is_what_moved_between_two_looks(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        await desk.on()
        assert (await listed(desk)).rows[0].down_bit_s is None, "one look tells no rate"
        desk.kernel.send(PHONE, 500, 1_000_000)
        desk.clock.pass_s(0.5)
        assert (await listed(desk)).rows[0].down_bytes == 0, "pages that are open at once share a look"
        desk.clock.pass_s(3.5)
        told = await listed(desk)
        assert (told.rows[0].down_bytes, told.rows[0].up_bit_s) == (1_000_000, 1000)
        assert told.rows[0].down_bit_s == pytest.approx(2_000_000, rel=1e-4)
        assert (told.down_bit_s, told.up_bit_s) == (told.rows[0].down_bit_s, 1000)
        desk.clock.pass_s(120)
        assert (await listed(desk)).rows[0].down_bit_s is None, "what moved two minutes ago is no rate of now"

    with_desk(tmp_path, work)


def test_names_are_the_staffs_then_the_devices_own_and_only_for_who_serves(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        await desk.on()
        await desk.on(TABLET)
        desk.leases.given = [named(PHONE, "Galaxy-A12"), named(TABLET, "iPad-cua-Lan")]
        await SqliteDevices(desk.database).put(
            Device(TABLET, Standing.KIOSK, "PC07", None, "hoa", "", desk.clock.now())
        )
        await desk.known.look()
        devices = [row.device for row in (await listed(desk, order="name")).rows]
        assert [(each.name, each.named_by, each.mac) for each in devices] == [
            ("Galaxy-A12", Named.ITSELF, PHONE),
            ("PC07", Named.STAFF, TABLET),
        ]
        seen = [row.device for row in (await listed(desk, Role.AUDITOR, order="name")).rows]
        assert [(each.name, each.mac, each.tail) for each in seen] == [("PC07", "", TABLET[-8:]), ("", "", PHONE[-8:])]

    with_desk(tmp_path, work)


def test_a_search_forgives_case_and_tones_and_pages_hold_what_fits(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        for n in range(60):
            await desk.on(Mac(f"02:00:5e:10:01:{n:02x}"), "child" if n % 2 else "adult")
        desk.leases.given = [named(Mac("02:00:5e:10:01:05"), "May-Doc")]
        told = await listed(desk)
        assert (told.total, told.found, len(told.rows), told.pages) == (60, 60, 50, 2)
        assert len((await listed(desk, page=2)).rows) == 10
        assert (await listed(desk, page=99)).page == 2
        assert [row.device.tail for row in (await listed(desk, text="MÁY ĐỌC")).rows] == ["10:01:05"]
        assert (await listed(desk, text="child")).found == 30
        assert (await listed(desk, text="child 10:01:07")).found == 1
        for text in HOSTILE[:2]:
            assert (await listed(desk, text=text)).found == 0
        for text in (*HOSTILE[2:], "a\0b"):
            with pytest.raises(ValidationError):
                await listed(desk, text=text)
        for wrong in ({"order": "sql"}, {"page": "x"}, {"size": 0}, {"unknown": 1}):
            with pytest.raises(ValidationError):
                await listed(desk, **wrong)

    with_desk(tmp_path, work)


def test_a_session_is_ended_once_and_the_ledger_has_its_last_bytes(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await desk.on()
        desk.kernel.send(PHONE, 10, 90)
        done = await desk.do("session.end", number=session.id)
        assert (done.subject, done.goto) == (f"session {session.id}", "/sessions")
        assert not desk.kernel.send(PHONE, 1, 1) and PHONE not in str(done), "no MAC in the trail"
        sums = "SELECT state, cause, total_up_bytes, total_down_bytes FROM sessions"
        assert desk.rows(sums) == [("closed", Cause.ADMIN_RESET, 10, 90)]
        error = await refused(desk.do("session.end", number=session.id))
        assert (error.key, error.status) == ("session_over", 404)
        assert (await one(desk, session.id)).state is State.CLOSED
        assert (await refused(desk.see("sessions.one", number=4711))).status == 404

    with_desk(tmp_path, work)


def test_more_time_stands_in_store_and_kernel_and_is_given_once(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await desk.on()
        desk.clock.pass_s(600)
        done = await desk.do("session.extend", number=session.id, minutes=30, was_session_s=7200)
        assert done.told == Changed(session.id, "adult", 9000, None)
        assert (done.before["session_s"], done.after["session_s"]) == (7200, 9000)
        again = await desk.do("session.extend", number=session.id, minutes=30, was_session_s=7200)
        assert again.told == done.told, "a double click gives it once"
        assert desk.rows("SELECT session_s FROM sessions") == [(9000,)]
        assert desk.kernel.lasts[session.id] == 9000 - 601 + 600, "with the margin of the kernel's own time-out"
        assert (await refused(desk.do("session.extend", number=session.id, minutes=5, was_session_s=7200))).key == (
            "extend_changed"
        )
        assert (await refused(desk.do("session.extend", number=session.id))).key == "extend_nothing"
        assert (await refused(desk.do("session.extend", number=session.id, megabytes=1))).key == "extend_no_cap"
        error = await refused(desk.do("session.extend", number=session.id, minutes=1440))
        assert (error.key, error.values["least"]) == ("extend_longest", "1290"), "no session lasts over a day"
        with pytest.raises(ValidationError):
            await desk.do("session.extend", number=session.id, minutes=-5)

    with_desk(tmp_path, work)


def test_more_stops_at_the_days_limits(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await desk.on(profile="short")
        desk.clock.pass_s(1800)
        told = (await one(desk, session.id)).room
        assert told is not None and (told.minutes, told.megabytes, told.has_data_cap) == (30, 100, True)
        error = await refused(desk.do("session.extend", number=session.id, minutes=31))
        assert (error.key, error.values["least"]) == ("extend_day", "30")
        error = await refused(desk.do("session.extend", number=session.id, megabytes=200))
        assert (error.key, error.values["least"]) == ("extend_day_bytes", "100")
        await desk.do("session.extend", number=session.id, minutes=30, megabytes=100)
        assert desk.rows("SELECT session_s, limit_bytes FROM sessions") == [(5400, 600_000_000)]
        room = (await one(desk, session.id)).room
        assert room is not None and (room.minutes, room.why_not) == (0, "extend_day")

    with_desk(tmp_path, work)


async def by_voucher(desk: DeskNow, time_s: int) -> Session:
    now = desk.clock.now()
    new = NewBatch(1, "", "adult", "hoa", Allowance(now + timedelta(days=30), now, time_s=time_s))
    await make_batch(desk.vouchers, KEY, new, lambda: "0" * 32, moment(desk.clock))
    batch = (await desk.vouchers.batches())[0]
    code = shown((await codes_of(desk.vouchers, KEY, batch, moment(desk.clock)))[0][1])
    session = await sign_in(desk.reception, Claim(PHONE, Method.VOUCHER, {"code": code}), TERMS)
    assert isinstance(session, Session)
    return session


def test_more_stops_at_what_a_voucher_has_left(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await by_voucher(desk, time_s=2400)
        error = await refused(desk.do("session.extend", number=session.id, minutes=10))
        assert (error.key, error.values["least"]) == ("extend_voucher", "0")

    with_desk(tmp_path, work)


def test_another_profile_is_another_session_of_the_same_visitor(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await desk.on()
        desk.clock.pass_s(600)
        done = await desk.do("session.profile", number=session.id, profile="child")
        after = session.id + 1
        assert (done.goto, done.after) == (f"/sessions/{after}", {"session": after, "profile": "child"})
        assert [each.id for each in desk.admitted] == [after]
        kept = desk.rows("SELECT id, state, profile, session_s, resumed_from FROM sessions ORDER BY id")
        assert kept == [(session.id, "closed", "adult", 7200, None), (after, "open", "child", 3000, session.id)]
        consents = desk.rows("SELECT session_id, accepted_at FROM consents ORDER BY session_id")
        assert len(consents) == 2 and consents[0][1] == consents[1][1], "nobody read the terms anew"
        assert desk.kernel.send(PHONE, 1, 1) and desk.kernel.sess[PHONE] == after
        again = await desk.do("session.profile", number=after, profile="child")
        assert again.after["session"] == after, "a double click changes nothing more"
        assert (await refused(desk.do("session.profile", number=session.id, profile="adult"))).key == "session_over"
        assert (await refused(desk.do("session.profile", number=after, profile="vip"))).key == "no_profile"

    with_desk(tmp_path, work)


def test_another_profile_that_leaves_nothing_ends_nobody(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await desk.on()
        desk.clock.pass_s(3700)
        error = await refused(desk.do("session.profile", number=session.id, profile="child"))
        assert error.key == "reprofile_spent"
        assert desk.kernel.send(PHONE, 1, 1), "the running session was left alone"

    with_desk(tmp_path, work)


def test_a_code_is_handed_and_stands_in_no_trail(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await desk.on()
        done = await desk.do("session.code", number=session.id)
        assert isinstance(done.told, Code) and done.values["code"] == done.told.code
        assert not done.before and not done.after, "a code in the trail would be one to be used"
        assert desk.codes.session_of(done.told.code, TABLET) == session.id
        await desk.do("session.end", number=session.id)
        assert (await refused(desk.do("session.code", number=session.id))).key == "code_over"
        assert desk.codes.session_of(done.told.code, TABLET) == "wrong", "an ended session's code is worth nothing"

    with_desk(tmp_path, work)


def test_sessions_that_ended_by_themselves_may_go_on(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await desk.on()
        desk.clock.pass_s(901)
        await meter(desk.reception.gate, Watch(60, desk.clock.boot_s()))
        told = await desk.see("sessions.ended")
        assert isinstance(told, Ended)
        assert [(each.id, each.cause, each.device.mac) for each in told.rows] == [
            (session.id, Cause.IDLE_TIMEOUT, PHONE)
        ]
        assert (await one(desk, session.id)).may_go_on

    with_desk(tmp_path, work)


def test_pages_give_what_the_views_tell(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        session = await desk.on()
        values = await desk.page("/sessions", text="", order="bytes")
        assert isinstance(values["list"], Sessions) and values["query"] == "order=bytes"
        assert isinstance((await desk.page("/sessions/{number}", number=str(session.id)))["one"], One)
        with pytest.raises(ValidationError):
            await desk.page("/sessions/{number}", number="' OR 1=1 --")

    with_desk(tmp_path, work)
