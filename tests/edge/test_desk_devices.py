"""Devices and approvals at the desk: what staff say comes true at once, and stands in the store with who said it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.access.approval import Answer, Approval
from gateway.access.session import Cause
from gateway.access.timeline import Step
from gateway.desk.approvals import Answered, Approvals
from gateway.desk.devices import Entries, SeenToday, Story
from gateway.desk.table import Outcome, RefusedError
from gateway.flows.approvals import ask_staff
from gateway.flows.close import end
from gateway.staff.roles import Role, may
from tests.contracts import PHONE, TABLET
from tests.edge.desk_now import HERE, DeskNow, desk_now
from tests.reception import TERMS


def with_desk(directory: Path, work: Callable[[DeskNow], Awaitable[None]]) -> None:
    async def run() -> None:
        async with desk_now(directory) as desk:
            await work(desk)

    asyncio.run(run())


async def refused(work: Awaitable[object]) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        await work
    return error.value


async def story(desk: DeskNow) -> Story:
    told = await desk.see("devices.timeline", mac=PHONE)
    assert isinstance(told, Story)
    return told


async def say(desk: DeskNow, standing: str, **more: object) -> Outcome:
    return await desk.do("device.set", mac=PHONE, standing=standing, **more)


def test_a_barred_device_is_put_out_at_once_until_midnight(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        await desk.on()
        done = await say(desk, "barred", name="máy lạ", reason="tải cả ngày", lasts="day")
        assert not desk.kernel.send(PHONE, 1, 1)
        assert desk.rows("SELECT state, cause FROM sessions") == [("closed", "admin-reset")]
        assert done.before == {} and done.after["until"] == "2027-04-01T00:00:00+07:00"
        assert desk.rows("SELECT mac, standing, name, author, reason FROM devices") == [
            (PHONE, "barred", "máy lạ", "hoa", "tải cả ngày")
        ]
        told = await story(desk)
        assert told.entry is not None and told.entry.in_force and told.session is None
        await desk.do("device.forget", mac=PHONE)
        assert desk.rows("SELECT * FROM devices") == []
        assert (await refused(desk.do("device.forget", mac=PHONE))).status == 404

    with_desk(tmp_path, work)


def test_an_exempt_device_gets_in_without_a_page_and_its_sessions_are_its_entrys(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        await say(desk, "exempt", name="Máy in", profile="child")
        assert desk.kernel.send(PHONE, 1, 1)
        ((number, method, counted),) = desk.rows("SELECT id, method, counted FROM sessions")
        assert (method, counted) == ("exempt", 0)
        assert (await refused(desk.do("session.profile", number=number, profile="adult"))).key == "reprofile_exempt"
        assert (await refused(desk.do("session.extend", number=number, minutes=5))).key == "extend_exempt"
        told = await desk.see("devices.list")
        assert isinstance(told, Entries) and [each.name for each in told.entries] == ["Máy in"]

    with_desk(tmp_path, work)


def test_what_is_said_of_no_device_or_no_time_is_refused(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        assert (await refused(say(desk, "kiosk", profile="vip"))).key == "no_profile"
        assert (await refused(say(desk, "kiosk", lasts="until"))).key == "no_end"
        assert (await refused(say(desk, "kiosk", lasts="until", until="2027-03-30T08:00"))).key == "moment_past"
        for field, hostile in (
            ("mac", "01:00:5e:10:00:01"),
            ("mac", "' OR 1=1 --"),
            ("standing", "king"),
            ("name", "a\0b"),
            ("name", "\u202ePC07"),
            ("name", "x" * 61),
            ("reason", "x" * 10_000),
            ("until", "tomorrow"),
            ("lasts", "eternity"),
        ):
            with pytest.raises(ValidationError):
                await desk.do("device.set", **{"mac": PHONE, "standing": "kiosk", field: hostile})
        assert desk.rows("SELECT * FROM devices") == []
        await say(desk, "kiosk", name="<script>alert(1)</script>", lasts="until", until="2027-04-02T08:00")
        assert desk.rows("SELECT name FROM devices") == [("<script>alert(1)</script>",)], (
            "as it was typed; pages escape"
        )

    with_desk(tmp_path, work)


@pytest.mark.parametrize("name", ["devices.list", "devices.seen", "devices.timeline"])
def test_devices_are_nobodys_business_who_serves_no_patrons(tmp_path: Path, name: str) -> None:
    async def work(desk: DeskNow) -> None:
        rights = [view.right for area in desk.areas for view in area.views if view.name == name]
        assert not may(Role.AUDITOR, rights[0]) and may(Role.DESK, rights[0])

    with_desk(tmp_path, work)


def test_why_did_it_not_pop_up(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        assert (await story(desk)).steps == ()
        desk.timeline.note(PHONE, Step.LEASE)
        assert (await story(desk)).stuck is Step.LEASE
        desk.timeline.heard(HERE, Step.NAME)
        desk.timeline.heard(HERE, Step.PROBE)
        await desk.timeline.answer_next()
        await desk.timeline.answer_next()
        told = await story(desk)
        assert [each.step for each in told.steps] == [Step.LEASE, Step.NAME, Step.PROBE] and told.stuck is Step.PROBE
        seen = await desk.see("devices.seen")
        assert isinstance(seen, SeenToday) and [(each.device.mac, each.is_online) for each in seen.seen] == [
            (PHONE, False)
        ]
        session = await desk.on()
        assert (await story(desk)).stuck is None and (await story(desk)).session == session.id
        desk.clock.pass_s(60)
        await end(desk.reception.gate, session, Cause.ADMIN_RESET)
        told = await story(desk)
        assert (told.steps[-1].step, told.steps[-1].detail, told.stuck) == (Step.CLOSED, "admin-reset", None)
        desk.clock.pass_s(60)
        desk.timeline.note(PHONE, Step.REFUSED, "closed")
        assert (await story(desk)).stuck is Step.REFUSED, "what came before its last session is over"

    with_desk(tmp_path, work)


def test_a_device_is_found_by_its_mac_or_the_address_it_has(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        for text in (PHONE.upper().replace(":", "-"), f" {HERE} "):
            assert (await desk.page("/devices", find=text))["found"] == PHONE
        for text in ("10.77.0.99", "<script>", "x" * 9999, "\0"):
            assert (await desk.page("/devices", find=text))["found"] is None

    with_desk(tmp_path, work)


async def asks(desk: DeskNow) -> str:
    asked = await ask_staff(desk.reception, desk.approvals, PHONE, TERMS, lambda letters: letters[7])
    assert isinstance(asked, Approval)
    return asked.code


def test_a_yes_opens_the_session_for_so_long_under_that_profile(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        code = await asks(desk)
        told = await desk.see("approvals.list")
        assert isinstance(told, Approvals) and [each.code for each in told.waiting] == [code]
        done = await desk.do("approval.answer", code=code, answer="approved", profile="child", minutes=30)
        assert isinstance(done.told, Answered) and done.told.session is not None
        assert desk.rows("SELECT method, profile, session_s, state FROM sessions") == [
            ("approval", "child", 1800, "open")
        ]
        assert desk.rows("SELECT answered_by FROM approvals") == [("hoa",)]
        assert desk.kernel.send(PHONE, 1, 1)
        again = await desk.do("approval.answer", code=code, answer="approved")
        assert isinstance(again.told, Answered) and again.told.answer is Answer.APPROVED
        assert len(desk.rows("SELECT id FROM sessions")) == 1, "a double click lets in once"
        assert (await refused(desk.do("approval.answer", code=code, answer="refused"))).key == "no_request"

    with_desk(tmp_path, work)


def test_a_no_is_kept_and_what_is_over_or_unknown_is_refused(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        code = await asks(desk)
        assert (await refused(desk.do("approval.answer", code=code, answer="approved", profile="vip"))).key == (
            "no_profile"
        )
        await desk.do("approval.answer", code=code, answer="refused")
        assert desk.rows("SELECT id FROM sessions") == [] and not desk.kernel.send(PHONE, 1, 1)
        assert (await refused(desk.do("approval.answer", code="0000", answer="approved"))).key == "no_request"
        desk.clock.pass_s(timedelta(minutes=16).total_seconds())
        code = await asks(desk)
        desk.clock.pass_s(timedelta(minutes=16).total_seconds())
        assert (await refused(desk.do("approval.answer", code=code, answer="approved"))).key == "no_request"
        for wrong in ({"code": "12345"}, {"code": "<b>1"}, {"answer": "maybe"}, {"minutes": 0}, {"minutes": "x"}):
            with pytest.raises(ValidationError):
                await desk.do("approval.answer", **{"code": "1234", "answer": "approved", **wrong})

    with_desk(tmp_path, work)


def test_tablet_is_not_the_phone(tmp_path: Path) -> None:
    async def work(desk: DeskNow) -> None:
        await desk.on(TABLET)
        await say(desk, "barred")
        assert desk.kernel.send(TABLET, 1, 1), "staff barred another device"

    with_desk(tmp_path, work)
