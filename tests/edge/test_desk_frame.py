"""The desk's walls and its way with acts: who gets in, what is refused, what stands in the trail."""

import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from gateway.desk.browser import form_token
from gateway.desk.inputs import Flag, Lines, Named, Upload
from gateway.desk.table import Area, Caller, Input, Nothing, Outcome, Page, RefusedError, act, view
from gateway.errors import GatewayError
from gateway.flows.staff import hashed
from gateway.ports_staff import TrailQuery
from gateway.staff import totp
from gateway.staff.roles import Right, Role
from gateway.store.db import Database
from gateway.store.trail import SqliteTrail
from tests.edge.desk_house import PASSWORD, DeskHouse, desk_house
from tests.fakes import FakeClock


class Wish(Input):
    """What the test's act takes."""

    what: Named = Field(description="What is wished for")
    count: Annotated[int, Field(ge=1, le=9)] = 1
    quick: Flag = False
    notes: Lines = ""
    password: str = ""


class Paper(Input):
    """With a file."""

    file: Upload


@dataclass(frozen=True, slots=True)
class Wished:
    """What it tells."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the view tells."""

    wishes: list[Wished]


def area_of(kept: list[Wished]) -> Area:
    async def wish(asked: Wish, caller: Caller) -> Outcome:
        if asked.what == "moon":
            raise RefusedError("user_missing", missing=True)
        if asked.what == "trouble":
            raise GatewayError("the disk is full", hint="free some")
        kept.append(Wished(asked.what, asked.count))
        return Outcome(kept[-1], asked.what, {"count": 0}, {"count": asked.count}, values={"count": asked.count})

    async def take(asked: Paper, caller: Caller) -> Outcome:
        kept.append(Wished(asked.file.path.read_bytes().decode(), asked.file.size_bytes))
        return Outcome(kept[-1], asked.file.name)

    async def read(asked: Nothing, caller: Caller) -> Wishes:
        return Wishes(list(kept))

    async def page(query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        return {"about": "missing", "says": query.get("says", "")}

    return Area(
        views=[view("wish.list", "/wishes", Right.SEE, Nothing, Wishes, read, "Wishes")],
        acts=[
            act(
                "wish.make",
                "POST",
                "/wishes",
                Right.SERVE,
                Wish,
                Wished,
                wish,
                "Wish",
                secrets=frozenset({"password"}),
            ),
            act("wish.all", "DELETE", "/wishes", Right.USERS, Wish, Wished, wish, "Big wish", is_dangerous=True),
            act("wish.photo", "PUT", "/wishes/photo", Right.SERVE, Paper, Wished, take, "File", largest_bytes=3000),
        ],
        pages=[Page("/", Right.SEE, "message.html", page, "today"), Page("/users", Right.USERS, "message.html", page)],
    )


@pytest.fixture
def wishes() -> list[Wished]:
    return []


@pytest.fixture
async def house(tmp_path: Path, wishes: list[Wished]) -> AsyncIterator[DeskHouse]:
    def areas(database: Database, clock: FakeClock) -> list[Area]:
        return [area_of(wishes)]

    async with desk_house(tmp_path, areas) as opened:
        yield opened


def _inner(tree: Mapping[str, object], key: str) -> Mapping[str, object]:
    inner = tree[key]
    assert isinstance(inner, dict)
    return inner


def _execute(change: str, sql: sqlite3.Connection) -> None:
    sql.execute(change)


async def fields(house: DeskHouse, cookie: str) -> dict[str, str]:
    return {"_token": form_token(hashed(cookie)), "_back": "/?says=back"}


async def test_nobody_gets_in_without_a_sign_in(house: DeskHouse) -> None:
    await house.user("lan", Role.DESK)
    nobody = await house.browser()
    opened = await nobody.get("/users?x=1")
    assert "/sign-in?back=" in opened.url and opened.form("/sign-in")["back"] == ["/users?x=1"]
    assert (await nobody.send("/do/wish.make", {"what": "x"})).status == 401
    wrong = await nobody.sign_in("lan", "mật khẩu sai rồi")
    assert wrong.status == 403 and "không đúng" in wrong.text and not nobody.cookies.get("cong_desk")
    assert (await nobody.sign_in("LAN ")).status == 200, "phones begin names with a capital"
    assert nobody.cookies["cong_desk"] not in json.dumps(house.rows("SELECT * FROM staff_browsers"))


async def test_wrong_passwords_lock_the_account_out_and_not_who_is_in(house: DeskHouse) -> None:
    await house.user("lan", Role.DESK)
    inside, outside = await house.browser(Role.DESK), await house.browser()
    for _ in range(8):
        assert (await outside.sign_in("r-desk", "mật khẩu sai rồi")).status == 403
    waits = await outside.sign_in("r-desk")
    assert waits.status == 429 and "15 phút" in waits.text
    assert (await inside.get("/")).status == 200
    assert (await outside.sign_in("lan")).status == 200, "another account is not locked"
    house.clock.pass_s(901)
    assert (await outside.sign_in("r-desk")).status == 200


async def test_a_browser_ends_by_idling_by_age_and_by_a_new_password(house: DeskHouse) -> None:
    desk = await house.browser(Role.DESK)
    house.clock.pass_s(7000)
    assert (await desk.get("/")).status == 200
    house.clock.pass_s(7300)
    assert "/sign-in" in (await desk.get("/")).url
    await desk.sign_in("r-desk")
    for _ in range(7):
        house.clock.pass_s(6900)
        ended = await desk.get("/")
    assert "/sign-in" in ended.url, "twelve hours, however busy"
    await desk.sign_in("r-desk")
    await house.staff.reset_password("r-desk")
    assert "/sign-in" in (await desk.get("/")).url


async def test_a_foreign_page_can_do_nothing(house: DeskHouse, wishes: list[Wished]) -> None:
    desk = await house.browser(Role.DESK)
    good = await fields(house, desk.cookies["cong_desk"])
    wish = {**good, "what": "tea"}
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": house.url + "x"}):
        assert (await desk.send("/do/wish.make", wish, headers)).status == 403
    for token in ("", "0" * 64, "é"):
        assert (await desk.send("/do/wish.make", {**wish, "_token": token})).status == 403
    other = await house.browser(Role.LIBRARIAN)
    stolen = await fields(house, other.cookies["cong_desk"])
    assert (await desk.send("/do/wish.make", {**wish, **stolen})).status == 403
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example"):
        assert (await desk.get("/", {"Host": host})).status == 421
    assert (await desk.get("/", {"Host": "desk.example"})).status == 200
    assert wishes == [] and house.rows("SELECT * FROM audit") == []
    done = await desk.send("/do/wish.make", {**wish, "_back": "//evil.example/"})
    assert done.url == house.url + "/" and wishes == [Wished("tea", 1)]


async def test_an_act_is_in_the_trail_before_and_after_without_its_secrets(house: DeskHouse) -> None:
    desk = await house.browser(Role.DESK)
    good = await fields(house, desk.cookies["cong_desk"])
    for what in ("tea", "moon", "trouble"):
        await desk.send("/do/wish.make", {**good, "what": what, "count": 3, "password": "hush hush"})
    trail = await SqliteTrail(house.database).rows(TrailQuery())
    assert [(each.came_of, each.says) for each in trail] == [
        ("failed", "the disk is full\n  hint: free some"),
        ("refused", "user_missing"),
        ("done", ""),
    ]
    first = trail[-1]
    assert (first.deed.who, first.deed.role, first.deed.via, first.subject) == ("r-desk", "desk", "desk", "tea")
    assert json.loads(first.after) == {"count": 3} and "hush" not in json.dumps(house.rows("SELECT * FROM audit"))
    for change in ("UPDATE audit SET who = 'x'", "UPDATE audit_outcomes SET says = 'x'"):
        with pytest.raises(GatewayError, match="never changed"):
            await house.database.run(partial(_execute, change))


async def test_what_was_typed_is_still_there_after_a_refusal(house: DeskHouse) -> None:
    desk = await house.browser(Role.DESK)
    good = await fields(house, desk.cookies["cong_desk"])
    hostile = "<script>alert(1)</script>"
    refused = await desk.send("/do/wish.make", {**good, "what": "", "count": 99, "notes": hostile, "password": "hush"})
    assert refused.url.endswith("/?says=back") and refused.flash.startswith("Có mục chưa đúng")
    again = await desk.get("/")
    assert again.flash == "", "said once"
    assert house.rows("SELECT * FROM audit") == [], "what is no act is not in the trail"


async def test_dangerous_acts_ask_for_the_password_when_it_is_old(house: DeskHouse, wishes: list[Wished]) -> None:
    boss = await house.browser(Role.ADMINISTRATOR)
    good = await fields(house, boss.cookies["cong_desk"])
    house.clock.pass_s(601)
    asked = await boss.send("/do/wish.all", {**good, "what": "all"})
    assert "/prove?back=" in asked.url and wishes == []
    wrong = await boss.send("/prove", {**good, "back": "/", "password": "mật khẩu sai rồi"})
    assert wrong.status == 422 and "không đúng" in wrong.text
    proved = await boss.send("/prove", {**good, "back": "/", "password": PASSWORD})
    assert proved.flash.startswith("Đã xác nhận")
    await boss.send("/do/wish.all", {**good, "what": "all"})
    assert wishes == [Wished("all", 1)]


async def test_a_second_factor_is_asked_for_and_each_code_is_good_once(house: DeskHouse) -> None:
    await house.user("lan", Role.DESK)
    desk = await house.browser()
    await desk.sign_in("lan")
    inside = await house.staff.of_cookie(desk.cookies["cong_desk"])
    assert inside is not None
    secret, text, address = house.staff.new_secret(inside.user)
    assert address.startswith("otpauth://totp/Th%C6%B0%20vi%E1%BB%87n%20Sa%20Th%E1%BA%A7y:lan?secret=" + text)
    step = int(house.clock.now().timestamp()) // totp.STEP_S
    codes = await house.staff.begin_totp(inside, secret, totp.code_at(secret, step))
    other = await house.browser()
    assert "Mã xác nhận" in (await other.sign_in("lan")).text and not other.cookies.get("cong_desk")
    assert (await other.sign_in("lan", code=totp.code_at(secret, step))).status == 403, "used at the set-up"
    house.clock.pass_s(60)
    fresh = totp.code_at(secret, step + 2)
    assert (await other.sign_in("lan", code=fresh)).status == 200
    third = await house.browser()
    assert (await third.sign_in("lan", code=fresh)).status == 403
    assert (await third.sign_in("lan", code=codes[0].lower())).status == 200
    assert (await (await house.browser()).sign_in("lan", code=codes[0])).status == 403
    assert codes[1] not in json.dumps(house.rows("SELECT * FROM staff_recovery"))


async def test_roles_hold_for_pages_acts_and_programs(house: DeskHouse, wishes: list[Wished]) -> None:
    desk = await house.browser(Role.DESK)
    good = await fields(house, desk.cookies["cong_desk"])
    assert (await desk.get("/users")).status == 403
    assert (await desk.send("/do/wish.all", {**good, "what": "x"})).status == 403
    auditor = await house.browser(Role.AUDITOR)
    assert (
        await auditor.send("/do/wish.make", {**(await fields(house, auditor.cookies["cong_desk"])), "what": "x"})
    ).status == 403
    assert (await house.ask("GET", "/wishes", token=""))[0] == 401
    assert (await house.ask("GET", "/wishes", token="cong_wrong"))[0] == 401
    assert (await house.ask("POST", "/wishes", {"what": "x"}, role=Role.AUDITOR))[0] == 403
    assert (await house.ask("GET", "/wishes", role=Role.METRICS))[0] == 403
    assert wishes == []


async def test_programs_do_what_the_desk_does(house: DeskHouse, wishes: list[Wished]) -> None:
    status, told = await house.ask("POST", "/wishes", {"what": "tea", "count": 2})
    assert (
        (status, told)
        == (200, {"what": "tea", "count": 2})
        == (200, {"what": wishes[0].what, "count": wishes[0].count})
    )
    assert await house.ask("GET", "/wishes") == (200, {"wishes": [{"what": "tea", "count": 2}]})
    status, told = await house.ask("POST", "/wishes", {"what": "", "count": "many", "more": 1})
    assert status == 422 and sorted(_inner(told, "fields")) == ["count", "more", "what"]
    assert (await house.ask("POST", "/wishes", {"what": "moon"}))[0] == 404
    assert (await house.ask("POST", "/wishes", {"what": "trouble"}))[0] == 503
    assert (await house.ask("POST", "/wishes", [1]))[0] == 400
    assert (await house.ask("GET", "/nowhere"))[0] == 404
    (deed,) = house.rows("SELECT via, who FROM audit WHERE asked LIKE '%tea%'")
    assert deed == {"via": "token t-administrator", "who": "test"}
    status, described = await house.ask("GET", "/openapi.json")
    assert status == 200 and sorted(_inner(described, "paths")) == ["/wishes", "/wishes/photo"]


async def test_files_go_to_the_disk_and_leave_it(house: DeskHouse, wishes: list[Wished]) -> None:
    desk = await house.browser(Role.DESK)
    good = await fields(house, desk.cookies["cong_desk"])
    await desk.send("/do/wish.photo", {**good, "file": ("../../x.txt", b"hello")})
    assert wishes == [Wished("hello", 5)]
    assert (await desk.send("/do/wish.photo", {**good, "file": ("x.txt", bytes(4000))})).status == 413
    assert list(house.incoming.iterdir()) == []


async def test_every_answer_carries_the_headers_and_no_script_of_its_own(house: DeskHouse) -> None:
    await house.user("lan", Role.DESK)
    desk = await house.browser()
    for path in ("/sign-in", "/nowhere", "/static/nothing.js"):
        answer = await desk.get(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store" or path.startswith("/static")
        assert " style=" not in answer.text and "<style" not in answer.text and " onclick" not in answer.text
    assert answer.headers["Server"] == "cong"
