"""The desk of the running lab in a test's hands: its address on this machine, users and tokens of every role."""

import asyncio
import contextlib
import os
import shutil
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from gateway.clock import SystemClock
from gateway.flows.staff import Staff
from gateway.lab.driver import Lab
from gateway.lab.relay import relay
from gateway.local_accounts.hashing import OneThread
from gateway.staff.roles import Role
from gateway.store.db import Database
from gateway.store.staff import SqliteStaff
from tests.lab.power import kill_gateway

T = TypeVar("T")
PASSWORD = "ba con mèo xanh"


@dataclass(slots=True)
class StaffPc:
    """Somebody of the staff with a browser."""

    lab: Lab
    url: str
    _loop: asyncio.AbstractEventLoop
    tokens: dict[Role, str] = field(default_factory=dict)

    def user(self, role: Role) -> str:
        """The name of a user of this role; the password is PASSWORD."""
        return f"r-{role.value}"

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run on the loop beside the test."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def make_staff(self) -> None:
        """Users and tokens of all roles, straight into the lab's database."""
        async with Database.opened(self.lab.config.state.database) as database:
            passwords = OneThread()
            try:
                staff = Staff(SqliteStaff(database), passwords, SystemClock(), self.lab.config.site.name)
                for role in Role:
                    if role is not Role.METRICS:
                        await staff.make_user(self.user(role), f"Cô {role.value.title()}", role, "test", PASSWORD)
                    _, self.tokens[role] = await staff.make_token(f"t-{role.value}", role, None, "test")
            finally:
                passwords.close()


@contextlib.contextmanager
def at_the_desk(lab: Lab) -> Iterator[StaffPc]:
    """The desk, and afterwards the gateway as it was: database, settings of the desk, files of the state directory."""
    if os.geteuid():
        pytest.skip("without root the lab's namespaces lie in a user namespace, where this machine's loopback is not")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        with _as_it_was(lab):
            port = lab.config.desk.port
            server = asyncio.run_coroutine_threadsafe(relay(port), loop).result(10)
            pc = StaffPc(lab, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", loop)
            try:
                pc.do(pc.make_staff())
                yield pc
            finally:
                pc.do(_closed(server))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _closed(server: asyncio.Server) -> None:
    server.close()


@contextlib.contextmanager
def _as_it_was(lab: Lab) -> Iterator[None]:
    """Keeps the state directory and puts it back: what is tried at the desk must not meet the next test."""
    lab.end_all_sessions()
    state = lab.config.state.directory
    kept = state.with_name("state.before")
    kill_gateway(lab)
    shutil.copytree(state, kept)
    lab.restart("gateway")
    try:
        yield
    finally:
        kill_gateway(lab)
        shutil.rmtree(state)
        shutil.move(kept, state)
        for daemon in ("gateway", "dns"):
            lab.restart(daemon)
