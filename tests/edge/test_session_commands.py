"""cong session extend, cong session profile: over the control socket of a gateway, as an operator types them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.control.desk import DeskDoor
from gateway.control.server import Control, open_control
from gateway.errors import GatewayError, UsageError
from gateway.flows.meter import Watch
from tests.contracts import PHONE
from tests.edge.command_line import called, done, plain_config
from tests.edge.desk_now import DeskNow, desk_now

Called = Callable[..., Awaitable[str]]


def with_gateway(directory: Path, work: Callable[[DeskNow, Called], Awaitable[None]]) -> None:
    config = plain_config(directory)

    async def run() -> None:
        async with desk_now(directory) as desk:
            door = DeskDoor(desk.known, desk.approvals, desk.returns, desk.codes, desk.vouchers, desk.admitted.append)
            control = Control(desk.reception.gate, Watch(60), desk.filter, door.routes())
            runner = await open_control(control, directory / "control.sock")

            async def cong(*words: str) -> str:
                return (await asyncio.to_thread(done, config, *words)).stdout

            try:
                await work(desk, cong)
            finally:
                await runner.cleanup()

    asyncio.run(run())


def test_a_session_is_given_more(tmp_path: Path) -> None:
    async def work(desk: DeskNow, cong: Called) -> None:
        session = await desk.on()
        number = str(session.id)
        assert await cong("session", "extend", number, "--minutes", "30") == f"session {number} lasts 150 min in all\n"
        assert desk.rows("SELECT session_s FROM sessions") == [(9000,)]
        with pytest.raises(GatewayError, match="a day at most: 1290 min more are possible"):
            await cong("session", "extend", number, "--minutes", "1440")
        with pytest.raises(GatewayError, match="has no cap of data"):
            await cong("session", "extend", number, "--megabytes", "5")
        with pytest.raises(GatewayError, match="there is no open session 99"):
            await cong("session", "extend", "99", "--minutes", "5")
        with pytest.raises(UsageError, match="nothing to give"):
            await cong("session", "extend", number)

    with_gateway(tmp_path, work)


def test_a_session_goes_on_under_another_profile(tmp_path: Path) -> None:
    async def work(desk: DeskNow, cong: Called) -> None:
        session = await desk.on()
        said = await cong("session", "profile", str(session.id), "child")
        assert said == f"session {session.id} ended; its device goes on with child: session {session.id + 1}\n"
        assert desk.rows("SELECT state, profile FROM sessions ORDER BY id") == [("closed", "adult"), ("open", "child")]
        assert desk.kernel.send(PHONE, 1, 1) and [each.profile for each in desk.admitted] == ["child"]
        with pytest.raises(UsageError, match="there is no profile vip"):
            await cong("session", "profile", str(session.id + 1), "vip")

    with_gateway(tmp_path, work)


def test_without_a_gateway_nothing_is_given(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="not running"):
        called(plain_config(tmp_path), "session", "extend", "1", "--minutes", "5")
