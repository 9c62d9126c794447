"""FreeRADIUS on the loopback judges our packets: passwords of every length, both ways to carry them, records."""

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.access.login import WRONG, Accounted, Claim, Method, Refused, Verified
from gateway.access.session import Cause, State
from gateway.accounting.records import Moment, Standing, next_record
from gateway.lab.processes import wait_until
from gateway.radius.accounting import RadiusAccounting
from gateway.radius.auth import Nas, RadiusAccounts
from gateway.radius.link import Link, Server, Servers, Timing
from tests.contracts import PHONE, session
from tests.fakes import FakeClock, FakeNeighbours
from tests.lab.judges import freeradius
from tests.lab.judges.programs import running, said

pytestmark = pytest.mark.skipif(shutil.which("freeradius", path="/usr/sbin:/usr/bin") is None, reason="no freeradius")

LENGTHS = (1, 15, 16, 17, 31, 32, 33, 127, 128)
NAS = Nas("sa-thay", "02-00-5E-00-00-01")
# a backslash and quotes would be the users file's own; bytes beyond ASCII are not
WORDS = {length: ("ế" * (length // 3)).ljust(length - len("ế" * (length // 3)) * 2, "x") for length in LENGTHS}


@dataclass(frozen=True, slots=True)
class Judge:
    place: Path
    ports: tuple[int, int]

    def servers(self, which: int, secret: str = freeradius.SECRET) -> Servers:
        clock, timing = FakeClock(), Timing(0.5, 3, 60)
        server = Server("127.0.0.1", self.ports[which], secret.encode(), which == 0)
        return Servers([Link(server, timing, clock)], timing, clock)

    def accounts(self, *, chap: bool = False, secret: str = freeradius.SECRET) -> RadiusAccounts:
        return RadiusAccounts(self.servers(0, secret), NAS, FakeNeighbours(), frozenset(), None, chap)


def free_ports() -> tuple[int, int]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture
def judge() -> Iterator[Judge]:
    ports = free_ports()
    users = "".join(f'user{length} Cleartext-Password := "{word}"\n\n' for length, word in WORDS.items())
    with freeradius.directory("127.0.0.1", "127.0.0.1", ports, users) as place:
        command = ["freeradius", "-f", "-x", "-l", "stdout", "-d", str(place)]
        with running(command, place / "log"):
            log = place / "log"
            wait_until("freeradius", lambda: "Ready to process requests" in said(log), within_s=20, step_s=0.05)
            yield Judge(place, ports)


async def verdict(accounts: RadiusAccounts, length: int, password: str) -> Verified | Refused:
    typed = {"name": f"user{length}", "password": password}
    try:
        return await accounts.verify(Claim(PHONE, Method.RADIUS, typed))
    finally:
        accounts.servers.close()


@pytest.mark.parametrize("chap", [False, True], ids=["pap", "chap"])
async def test_passwords_of_every_length_are_read_as_they_were_typed(judge: Judge, chap: bool) -> None:
    assert {length: len(word.encode()) for length, word in WORDS.items()} == {length: length for length in LENGTHS}
    for length, word in WORDS.items():
        assert isinstance(await verdict(judge.accounts(chap=chap), length, word), Verified), length
        assert await verdict(judge.accounts(chap=chap), length, "w" + word[1:]) == Refused(WRONG)


async def test_with_another_secret_nobody_answers(judge: Judge) -> None:
    accounts = judge.accounts(secret="another one")
    assert await verdict(accounts, 16, WORDS[16]) == Refused("account_server")
    assert "Received packet from 127.0.0.1 with invalid Message-Authenticator!" in said(judge.place / "log")


async def test_a_stop_is_acknowledged_and_reads_as_it_was_told(judge: Judge) -> None:
    clock = FakeClock()
    # an open session since boot second 0
    standing = Standing(
        session(1), "boot", (3 << 32) + 5, (1 << 32) - 1, Accounted("lan", "a1", (b"\x00\xff",)), True, 0.0
    )
    record = next_record(_ended(standing), Moment(clock.now(), 130.0, "boot"))
    assert record is not None
    servers = judge.servers(1)
    assert await RadiusAccounting(servers, NAS, FakeNeighbours()).tell(record)
    servers.close()
    told = (judge.place / "detail").read_text(encoding="utf-8")
    for line in (
        "Acct-Status-Type = Stop",
        'Acct-Session-Id = "a1"',
        "Class = 0x00ff",
        "Acct-Input-Octets = 5",
        "Acct-Input-Gigawords = 3",
        "Acct-Output-Octets = 4294967295",
        "Acct-Output-Gigawords = 0",
        "Acct-Session-Time = 60",
        "Acct-Delay-Time = 70",
        "Acct-Terminate-Cause = Idle-Timeout",
        'Called-Station-Id = "02-00-5E-00-00-01"',
        "NAS-IP-Address = 127.0.0.1",
    ):
        assert f"\t{line}\n" in told, line


def _ended(standing: Standing) -> Standing:
    stopped = standing.session.opened_at + timedelta(seconds=60)
    ended = replace(standing.session, state=State.CLOSED, cause=Cause.IDLE_TIMEOUT, stopped_at=stopped)
    return replace(standing, session=ended)
