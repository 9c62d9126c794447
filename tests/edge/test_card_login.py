"""The way in by library card: a scripted library system that answers by bytes, over a true SQLite file."""

import asyncio
import re
import sqlite3
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway.access.client import Mac
from gateway.access.login import WRONG, Claim, Method, Refused
from gateway.access.quota import Caps
from gateway.access.session import Session
from gateway.flows.gate import Gate
from gateway.flows.person import pseudonym
from gateway.flows.sign_in import Reception, sign_in
from gateway.flows.tries import MOST_OF_ONE
from gateway.pages import LANGUAGES, Pages, text
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.terms import terms
from gateway.ports import IpAddress
from gateway.sip2.cards import LibraryCards
from gateway.sip2.connection import Server
from gateway.sip2.library import REST_S, Asking, Library
from gateway.sip2.messages import Asker
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE, TABLET
from tests.edge.sip2_server import Card, LibrarySystem, Spoil, serving
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import CAPS, TERMS, ZONE, reception

CARDS = {
    b"21234567": Card("mã pin".encode()),
    b"21230000": Card(b"0000", category=b"J"),
    b"lan.anh": Card(b"1234", number=b"21234567"),
    b"lost": Card(b"1234", b"    Y" + b" " * 9),
    b"barred": Card(b"1234", b"YYYY" + b" " * 10),
    b"owes": Card(b"1234", b"Y" + b" " * 9 + b"Y   "),
    b"fines": Card(b"1234", b" " * 10 + b"Y   "),
    b"invalid": Card(b"1234", valid=b"N"),
    b"unchecked": Card(b"1234", says_pin=False),
    b"poor": Card(b""),
}


@dataclass(slots=True)
class House:
    gate: Gate
    clock: FakeClock
    path: Path
    made: list[Library] = field(default_factory=list)

    def desk(self, system: LibrarySystem, refuses: Sequence[str] = ("blocked", "lost"), **changed: object) -> Reception:
        server = Server("127.0.0.1", system.port, "gateway", "secret 1", "portal", timeout_s=0.4)
        server = replace(server, **changed)  # type: ignore[arg-type]
        library = Library(server, Asking(Asker(""), "PC", ZONE), self.clock)
        self.made.append(library)
        cards = LibraryCards(library, {"j": "child"}, frozenset(refuses))
        caps = {"adult": CAPS, "child": Caps(3600, 900)}
        return replace(
            reception(self.gate, caps, {Method.CARD: cards}), pseudonym=lambda who: pseudonym(b"k" * 32, who)
        )

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await Database.open(tmp_path / "cong.sqlite")
    clock = FakeClock()
    sessions, usage = SqliteSessions(database), SqliteUsage(database)
    gate = Gate(
        clock,
        FakeFirewall(clock),
        FakeNeighbours({IpAddress("127.0.0.1"): PHONE}),
        FakeConnections(),
        sessions,
        usage,
        600,
    )
    found = House(gate, clock, tmp_path / "cong.sqlite")
    yield found
    for library in found.made:
        library.close()
    await database.close()


async def claim(desk: Reception, card: str = "21234567", pin: str = "mã pin", mac: Mac = PHONE) -> Session | Refused:
    return await sign_in(desk, Claim(mac, Method.CARD, {"card": card, "pin": pin}), TERMS)


async def test_a_card_lets_in_and_leaves_no_trace(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(LibrarySystem(CARDS)) as system:
        desk = house.desk(system)
        assert isinstance(await claim(desk, " 2123 4567 "), Session)
        assert isinstance(await claim(desk, "21230000", "0000", TABLET), Session)
    rows = house.rows(
        "SELECT method, profile, session_s, person, terms_version FROM sessions JOIN consents ON session_id = id"
    )
    assert [row[:3] for row in rows] == [("card", "adult", 7200), ("card", "child", 3600)]
    assert rows[0][3:] == (pseudonym(b"k" * 32, "card 21234567"), TERMS.version)
    login, status, first, second = system.came
    assert login.startswith(b"9300CNgateway|COsecret 1|CPportal|AY0AZ") and status.startswith(b"9900802.00AY1AZ")
    stamp = b"20270331    080000"  # the site's time
    assert first.startswith(b"63000" + stamp + b" " * 10 + "AOSATHAY|AA21234567|AC|ADmã pin|AY2AZ".encode())
    assert second.startswith(b"63000") and system.connections == 1
    kept = b"".join(each.read_bytes() for each in house.path.parent.glob("cong.sqlite*"))
    for secret in (b"21234567", "mã pin".encode(), "Trần Lan".encode()):
        assert secret not in kept and secret.decode() not in caplog.text


async def test_one_person_is_one_however_the_card_was_named(house: House) -> None:
    async with serving(LibrarySystem(CARDS)) as system:
        desk = house.desk(system)
        await claim(desk)
        await claim(desk, "lan.anh", "1234", TABLET)  # Koha answers the card's number
    assert len({person for (person,) in house.rows("SELECT person FROM sessions")}) == 1


@pytest.mark.parametrize(
    ("card", "pin", "key"),
    [
        ("29999999", "mã pin", WRONG), ("21234567", "1234", WRONG), ("21234567", "", WRONG), ("poor", " ", WRONG),
        ("", "1234", WRONG), ("2|AD", "1", WRONG), ("1\r93", "1", WRONG), ("x" * 65, "1", WRONG),
        ("\ud800", "1", WRONG),
        ("lost", "1234", "card_lost"), ("lost", "1", WRONG), ("barred", "1234", "card_blocked"), ("barred", "1", WRONG),
        ("owes", "1234", "card_fines"), ("invalid", "1234", "card_blocked"), ("unchecked", "1234", "card_server"),
    ],
)  # fmt: skip
async def test_each_refusal_has_its_key(house: House, card: str, pin: str, key: str) -> None:
    async with serving(LibrarySystem(CARDS)) as system:
        assert await claim(house.desk(system), card, pin) == Refused(key)
    assert house.rows("SELECT count(*) FROM sessions") == [(0,)]


async def test_what_keeps_out_is_the_librarys_choice(house: House) -> None:
    async with serving(LibrarySystem(CARDS)) as system:
        assert await claim(house.desk(system, ["fines"]), "fines", "1234") == Refused("card_fines")
        assert isinstance(await claim(house.desk(system), "fines", "1234"), Session)
        assert isinstance(await claim(house.desk(system, []), "barred", "1234", TABLET), Session)


async def test_wrong_pins_are_counted_and_a_silent_system_is_not(house: House) -> None:
    async with serving(LibrarySystem(CARDS)) as system:
        desk = house.desk(system)
        for _ in range(MOST_OF_ONE):
            assert await claim(desk, pin="1") == Refused(WRONG)
        assert await claim(desk) == Refused("tries")
        asked = len(system.came)
    for _ in range(MOST_OF_ONE + 1):
        assert await claim(desk, mac=TABLET) == Refused("card_server")
    assert len(system.came) == asked


def at_first(spoil: Spoil) -> Spoil:
    """The first answer about a patron goes wrong, the others are in order."""

    async def once(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
        if count == 0:
            await spoil(answer, writer, count)
        else:
            writer.write(answer)

    return once


async def in_pieces(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
    for byte in answer:
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(0)


async def damaged(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
    writer.write(answer.replace(b"CQY", b"CQN"))


async def closed(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
    writer.close()


async def cut_in_the_middle(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
    writer.write(answer[:40])
    await writer.drain()
    writer.close()


async def after_an_old_one(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
    old = answer[: answer.rindex(b"AY")].replace(b"CQY", b"CQN") + b"AY9AZ"
    writer.write(old + f"{(-sum(old)) & 0xFFFF:04X}".encode() + b"\r\n" + answer)


async def with_both_line_ends(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
    writer.write(b"\r\n\n" + answer + b"\n\r\n")


async def asked_again(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
    writer.write(b"96AZFEF6\r")


async def not_at_all(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
    pass


@pytest.mark.parametrize(
    "spoil",
    [in_pieces, damaged, after_an_old_one, with_both_line_ends, asked_again],
    ids=lambda each: each.__name__,
)
async def test_what_goes_wrong_on_the_wire_is_mended(house: House, spoil: Spoil) -> None:
    async with serving(LibrarySystem(CARDS, spoil=at_first(spoil))) as system:
        assert isinstance(await claim(house.desk(system)), Session)
        assert isinstance(await claim(house.desk(system), "21230000", "0000", TABLET), Session)


@pytest.mark.parametrize("spoil", [closed, cut_in_the_middle, not_at_all], ids=lambda each: each.__name__)
async def test_a_kept_connection_that_fails_is_opened_anew(house: House, spoil: Spoil) -> None:
    async def second(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
        await (spoil(answer, writer, count) if count == 1 else in_pieces(answer, writer, count))

    async with serving(LibrarySystem(CARDS, spoil=second)) as system:
        desk = house.desk(system)
        assert isinstance(await claim(desk), Session)
        assert isinstance(await claim(desk, "21230000", "0000", TABLET), Session)
        assert system.connections == 2


async def test_a_connection_that_is_half_closed_is_not_asked_on(house: House) -> None:
    async def then_over(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
        writer.write(answer)
        writer.write_eof()

    async with serving(LibrarySystem(CARDS, spoil=at_first(then_over))) as system:
        desk = house.desk(system)
        assert isinstance(await claim(desk), Session)
        assert isinstance(await claim(desk, "21230000", "0000", TABLET), Session)
        assert (system.connections, sum(line.startswith(b"63") for line in system.came)) == (2, 2)


async def test_an_answer_that_comes_too_late_is_nobodys(house: House) -> None:
    async def late(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
        if count == 0:
            await asyncio.sleep(0.6)
        writer.write(answer)

    async with serving(LibrarySystem(CARDS, spoil=late)) as system:
        desk = house.desk(system, error_detection=False)  # nothing but the order tells whose answer it is
        assert await claim(desk) == Refused("card_server")
        house.clock.pass_s(REST_S + 1)
        assert await claim(desk, "21230000", "1111", TABLET) == Refused(WRONG)


async def test_what_comes_unasked_is_nobodys_answer(house: House) -> None:
    async def twice(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
        writer.write(answer * 2)

    async with serving(LibrarySystem(CARDS, spoil=twice)) as system:
        desk = house.desk(system, error_detection=False)
        assert isinstance(await claim(desk), Session)
        assert await claim(desk, "21230000", "1111", TABLET) == Refused(WRONG)
        assert system.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"\r\n" * 9000,
        b"x" * 70_000,
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"941\r" * 9,
        b"64\r64\r64\r64\r64\r",
        b"\xff" * 99,
    ],
)
async def test_junk_is_no_yes(house: House, answer: bytes) -> None:
    async def junk(_answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
        writer.write(answer)

    async with serving(LibrarySystem(CARDS, spoil=junk, resends=False)) as system:
        assert await claim(house.desk(system)) == Refused("card_server")


async def test_a_system_that_is_down_rests_and_comes_back(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    system = LibrarySystem(CARDS)
    async with serving(system):
        desk = house.desk(system)
    assert await claim(desk) == Refused("card_server")
    async with serving(system):  # at the same port
        assert await claim(desk) == Refused("card_server")
        assert system.connections == 0
        house.clock.pass_s(REST_S + 1)
        assert isinstance(await claim(desk), Session)
    said = capsys.readouterr()
    lines = (said.out + said.err).splitlines()
    assert sum("sip2.server_lost" in line for line in lines) == 1
    assert sum("sip2.server_returned" in line for line in lines) == 1
    assert not any("21234567" in line for line in lines)


async def test_those_who_wait_for_a_silent_system_wait_once(house: House) -> None:
    async with serving(LibrarySystem(CARDS, spoil=not_at_all)) as system:
        desk = house.desk(system)
        macs = [Mac(f"02:00:5e:30:00:{n:02x}") for n in range(20)]
        async with asyncio.timeout(2), asyncio.TaskGroup() as tasks:
            waiting = [tasks.create_task(claim(desk, mac=mac)) for mac in macs]
        assert all(each.result() == Refused("card_server") for each in waiting)
        assert sum(line.startswith(b"63") for line in system.came) == 1


async def test_a_slow_system_is_not_taken_for_one_that_is_down(house: House) -> None:
    async def slow(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
        await asyncio.sleep(0.2)
        writer.write(answer)

    async with serving(LibrarySystem(CARDS, spoil=slow)) as system:
        desk = house.desk(system)
        macs = [Mac(f"02:00:5e:30:00:{n:02x}") for n in range(12)]
        async with asyncio.timeout(4), asyncio.TaskGroup() as tasks:
            waiting = [tasks.create_task(claim(desk, mac=mac)) for mac in macs]
        let_in = [isinstance(each.result(), Session) for each in waiting]
        assert let_in[:5] == [True] * 5 and not all(let_in)  # who would wait too long is sent to the other ways
        assert isinstance(await claim(desk, mac=TABLET), Session)


async def test_one_that_stalls_everywhere_costs_a_patron_three_waits_at_most(house: House) -> None:
    async def stalls(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
        for byte in answer:
            await asyncio.sleep(0.3)
            writer.write(bytes((byte,)))

    async with serving(LibrarySystem(CARDS, spoil=stalls)) as system:
        async with asyncio.timeout(2):
            assert await claim(house.desk(system)) == Refused("card_server")


async def test_patrons_at_once_get_their_own_answers(house: House) -> None:
    cards = {f"{n:08}".encode(): Card(str(n).encode()) for n in range(20)}
    async with serving(LibrarySystem(cards, spoil=in_pieces)) as system:
        desk = house.desk(system)
        async with asyncio.TaskGroup() as tasks:
            waiting = [
                tasks.create_task(claim(desk, f"{n:08}", str(n + n % 2), Mac(f"02:00:5e:30:00:{n:02x}")))
                for n in range(20)
            ]
        assert system.connections == 1
    for n, each in enumerate(waiting):
        assert isinstance(each.result(), Session) if n % 2 == 0 else each.result() == Refused(WRONG)


async def test_a_system_that_takes_patron_status_alone_is_asked_by_it(house: House) -> None:
    async with serving(LibrarySystem(CARDS, takes=b"YYYNNYYNNNNNNNNN")) as system:
        assert isinstance(await claim(house.desk(system)), Session)
        assert await claim(house.desk(system), pin="1", mac=TABLET) == Refused(WRONG)
        assert system.came[2].startswith(b"23000")


@pytest.mark.parametrize(
    "system",
    [LibrarySystem(CARDS, login=(b"gateway", b"other")), LibrarySystem(CARDS, online=b"N")],
    ids=["login", "offline"],
)
async def test_a_system_that_will_not_says_why_to_the_log_alone(
    house: House, system: LibrarySystem, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(system):
        assert await claim(house.desk(system)) == Refused("card_server")
    said = capsys.readouterr()
    assert "sip2.server_lost" in said.out + said.err and "secret 1" not in said.out + said.err


async def test_without_error_detection_and_with_another_encoding(house: House) -> None:
    cards = {b"21234567": Card("ñandú".encode("cp850"))}
    async with serving(LibrarySystem(cards)) as system:
        desk = house.desk(system, error_detection=False, encoding="cp850", end=b"\r\n")
        assert isinstance(await claim(desk, pin="ñandú"), Session)
        assert b"AZ" not in system.came[-1]
        assert await claim(desk, pin="mật", mac=TABLET) == Refused(WRONG)  # no such letter there


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    words = "req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=x -addext subjectAltName=IP:127.0.0.1"
    key, found = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["openssl", *words.split(" "), "-keyout", str(key), "-out", str(found)]
    subprocess.run(made, check=True, capture_output=True)
    found.write_text(found.read_text() + key.read_text())
    return found


async def test_over_tls_the_certificate_must_be_believed(house: House, certificate: Path) -> None:
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    async with serving(LibrarySystem(CARDS), ours) as system:
        believed = ssl.create_default_context(cafile=certificate)
        assert isinstance(await claim(house.desk(system, tls=believed)), Session)
        assert await claim(house.desk(system, tls=ssl.create_default_context()), mac=TABLET) == Refused("card_server")


def test_no_question_and_no_answer_shows_in_a_traceback() -> None:
    server = Server("127.0.0.1", 1, "gateway", "secret 1")
    assert "secret" not in repr(server)


@dataclass(slots=True)
class Portal:
    url: str
    client: aiohttp.ClientSession

    async def get(self, target: str) -> str:
        async with self.client.get(self.url + target, allow_redirects=False) as response:
            return await response.text()

    async def send(self, card: str, pin: str, lang: str) -> tuple[int, str, str]:
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', await self.get("/?way=card")))
        form = {**fields, "agree": "yes", "card": card, "pin": pin}
        async with self.client.post(f"{self.url}/login?lang={lang}", data=form, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers.get("Location", "")


@asynccontextmanager
async def portal_of(desk: Reception) -> AsyncIterator[Portal]:
    welcome = Welcome("Thư viện Sa Thầy", "0260", "", "vi", frozenset({"wifi.internal", "127.0.0.1"}))
    runner = web.AppRunner(PatronPages(desk, Frame(desk.gate, Pages(), welcome, b"p" * 32)).application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Portal(f"http://127.0.0.1:{runner.addresses[0][1]}", client)
    await runner.cleanup()


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_each_refusal_is_said_in_words_and_shows_neither_card_nor_pin(house: House, lang: str) -> None:
    async with serving(LibrarySystem(CARDS)) as system, portal_of(house.desk(system)) as portal:
        for card, pin, key in (
            ("29999999", "geheim", "wrong"),
            ("lost", "1234", "card_lost"),
            ("barred", "1234", "card_blocked"),
            ("owes", "1234", "card_fines"),
            ("unchecked", "1234", "card_server"),
        ):
            status, html, _ = await portal.send(card, pin, lang)
            assert status == 200 and text(lang, f"problem.{key}").replace("'", "&#39;") in html
            assert f'value="{card}"' not in html and pin not in html
        status, _, location = await portal.send("21234567", "mã pin", lang)
        assert (status, location) == (303, f"/status?lang={lang}")
    ((body, version),) = house.rows("SELECT body, version FROM terms")
    assert text(lang, "terms.kept_card", days=90) in str(body) and version != terms(lang, 120).version
