"""The filter at the desk: by HTTP over a real database, the real files and our own commands."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from filters.compile import update
from filters.explain import explain
from filters.settings import FilterSettings
from gateway.config.filtering import filter_settings
from gateway.config.load import load_config
from gateway.daemon.desk_filter import build_filter_desk
from gateway.flows.settings import Settings
from gateway.ports_dns import DnsCounts, DnsSums
from gateway.staff.roles import Role
from gateway.store.db import Database
from gateway.store.desk_settings import DeskSettingsFiles
from gateway.store.dns_counts import SqliteDnsCounts
from gateway.store.requests import SqliteRequests
from tests.edge.command_line import done, plain_config
from tests.edge.desk_house import DeskHouse, desk_house
from tests.fakes import FakeClock

PAGES = ("/filter", "/filter/profiles/child", "/filter/names", "/filter/names/text", "/filter/requests", "/filter/why",
         "/filter/sources", "/filter/figures")  # fmt: skip
HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x>", "a\x00b.vn", "a\u202eb.vn", "x" * 10_000, "-x.vn", "com.vn")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped lists, compiled once."""
    path = plain_config(tmp_path_factory.mktemp("compiled"))
    update(settings(path))
    return load_config(path).state.blockset_directory


@pytest.fixture
def config(tmp_path: Path, compiled: Path) -> Path:
    path = plain_config(tmp_path)
    shutil.copytree(compiled, load_config(path).state.blockset_directory, symlinks=True)
    return path


@pytest.fixture
async def house(config: Path) -> AsyncIterator[DeskHouse]:
    made = load_config(config)
    async with Database.opened(made.state.database) as database:
        clock = FakeClock()
        desk = build_filter_desk(made, config, database, clock, Settings(DeskSettingsFiles(config)))
        async with desk_house(config.parent, lambda held, at: desk.areas, clock=clock, database=database) as found:
            work = asyncio.get_running_loop().create_task(desk.work())
            try:
                yield found
            finally:
                work.cancel()


def settings(config: Path) -> FilterSettings:
    return filter_settings(load_config(config))


def is_open(config: Path, name: str, profile: str) -> bool:
    return explain(settings(config), name, profile).word != "block"


async def test_every_page_opens_for_who_may_see_it(house: DeskHouse) -> None:
    librarian, desk = await house.browser(Role.LIBRARIAN), await house.browser(Role.DESK)
    for page in PAGES:
        answer = await librarian.get(page)
        assert answer.status == 200, page
        assert len(answer.body) < 100_000
        assert "desk.filter." not in answer.text, f"{page}: a text is missing"
        await librarian.send("/language", {"language": "en", "back": page})
        assert "desk.filter." not in (await librarian.get(page)).text, f"{page}: an English text is missing"
        await librarian.send("/language", {"language": "vi", "back": page})
        seen = await desk.get(page)
        assert seen.status == (403 if page == "/filter/names/text" else 200)
        assert "filter.profile" not in seen.text
    vouchers = await house.browser(Role.VOUCHERS)
    assert (await vouchers.get("/filter/why")).status == 403


async def test_games_are_blocked_for_children_in_school_hours_by_one_form(house: DeskHouse, config: Path) -> None:
    """As it stands there filled in: games, children, 07:00 to 17:00, Monday to Friday, not on days off."""
    browser = await house.browser(Role.LIBRARIAN)
    answer = await browser.do("/filter", "filter.hours")
    assert "07:00" in answer.flash
    child = load_config(config).dns.profiles["child"]
    (hours,) = child.schedules
    assert (hours.days, hours.start, hours.end) == (("mon", "tue", "wed", "thu", "fri"), "07:00", "17:00")
    assert (hours.holidays, hours.block, child.games) == ("never", ("games",), "top-up")
    assert "07:00–17:00, thứ Hai đến thứ Sáu, trừ ngày nghỉ lễ" in answer.text
    (deed,) = house.rows(
        "SELECT who, after FROM audit JOIN audit_outcomes o ON o.audit_id = audit.id WHERE act = 'filter.hours'"
    )
    assert (deed["who"], json.loads(str(deed["after"]))["dns.profiles.child.games"]) == ("r-librarian", "top-up")
    for at, verdict in (("2026-11-25T08:00", "block"), ("2026-11-25T18:00", "none"), ("2026-11-28T08:00", "none")):
        status, told = await house.ask("GET", f"/filter/why?name=garena.vn&profile=child&at={at}")
        assert (status, told["verdict"]) == (200, verdict), at
    taken = await browser.do("/filter", "filter.hours_end")
    assert load_config(config).dns.profiles["child"].schedules == ()
    assert "Đã bỏ" in taken.flash


async def test_what_harms_is_never_opened_by_hours_and_always_is_said(house: DeskHouse, config: Path) -> None:
    browser = await house.browser(Role.LIBRARIAN)
    refused = await browser.do("/filter", "filter.hours", categories="gambling")
    assert "luôn bị chặn" in refused.flash
    fields = (await browser.get("/filter")).form("filter.hours")
    refused = await browser.send("/do/filter.hours", {key: each for key, each in fields.items() if key != "only_then"})
    assert "Ngoài giờ này thì mở" in refused.flash
    assert load_config(config).dns.profiles["child"].schedules == ()


async def test_a_profile_is_set_whole_and_the_others_stay(house: DeskHouse, config: Path) -> None:
    browser = await house.browser(Role.LIBRARIAN)
    before = load_config(config).dns.profiles
    form = (await browser.get("/filter/profiles/staff")).form("filter.profile")
    assert form["refused"] == ["fake-topup", "threats"]
    await browser.send("/do/filter.profile", {**form, "refused": ["threats", "gambling"], "games": "top-up"})
    after = load_config(config).dns.profiles
    assert set(after["staff"].block) == {"threats", "gambling"}
    assert after["staff"].games == "top-up"
    assert (after["child"], after["adult"]) == (before["child"], before["adult"])
    status, told = await house.ask("PUT", "/filter/profiles/staff", {**_flat(form), "refused": ["no-such"]})
    assert status == 409
    assert "no-such" in json.dumps(told)
    assert load_config(config).dns.profiles == after


async def test_a_site_is_blocked_and_taken_back_at_once(house: DeskHouse, config: Path) -> None:
    browser = await house.browser(Role.LIBRARIAN)
    answer = await browser.do("/filter/names", "filter.rule", name="https://www.Abc.com.vn/x?y", reason="<b>ồn</b>")
    assert "www.abc.com.vn" in answer.flash
    assert "&lt;b&gt;ồn" in answer.text
    assert not is_open(config, "m.www.abc.com.vn", "staff")
    assert [(row["name"], row["action"], row["author"]) for row in house.rows("SELECT * FROM rules")] == [
        ("www.abc.com.vn", "block", "r-librarian")
    ]
    await browser.do("/filter/names", "filter.rule_end")
    assert is_open(config, "www.abc.com.vn", "staff")
    told = await asyncio.to_thread(done, config, "rules", "--json")
    assert json.loads(told.stdout)["standing"] == []


async def test_hostile_names_are_refused_in_words_and_nothing_is_set(house: DeskHouse) -> None:
    browser = await house.browser(Role.LIBRARIAN)
    for name in HOSTILE:
        answer = await browser.do("/filter/names", "filter.rule", name=name)
        assert answer.status == 200
        assert "bad" in answer.text
        assert "<script>alert" not in answer.text
        assert (await browser.get(f"/filter/why?profile=child&name={name[:500].replace(chr(0), '%00')}")).status == 200
    assert house.rows("SELECT * FROM rules") == []


async def test_a_list_is_edited_as_text_and_keeps_its_comments(house: DeskHouse, config: Path) -> None:
    browser = await house.browser(Role.LIBRARIAN)
    page = "/filter/names/text?action=block"
    text = "# trường học\nxau.vn  # ồn ào\n\nhttps://www.te.vn/trang\n"
    answer = await browser.do(page, "filter.text", text=text)
    assert "thêm 2, bỏ 0" in answer.flash
    assert {row["name"] for row in house.rows("SELECT * FROM rules WHERE action = 'block'")} == {"xau.vn", "www.te.vn"}
    await browser.do("/filter/names", "filter.rule", name="moi.vn", reason="mới")
    kept = (await browser.get(page)).form("filter.text")["text"][0]
    assert kept == text + "moi.vn  # mới\n"
    answer = await browser.do(page, "filter.text", text="# trường học\nmoi.vn\nba.vn\n")
    assert "thêm 1, bỏ 2" in answer.flash
    assert is_open(config, "xau.vn", "staff")
    assert not is_open(config, "ba.vn", "staff")
    wrong = "\n# một\nmoi.vn\nkhông phải tên\ncom.vn\nmoi.vn\n"
    answer = await browser.do(page, "filter.text", text=wrong)
    for said in ("Dòng 4 (không phải tên): mỗi dòng", "Dòng 5 (com.vn): quá rộng", "Dòng 6 (moi.vn): đã có"):
        assert said in answer.flash
    assert answer.form("filter.text")["text"][0].strip() == wrong.strip(), "nothing typed is lost"
    assert not is_open(config, "ba.vn", "staff"), "nothing was changed"
    stale = await browser.do(page, "filter.text", text="", seal="0")
    assert "vừa đổi" in stale.flash
    assert not is_open(config, "ba.vn", "staff")


async def test_a_request_is_granted_for_today_and_ends_by_itself(house: DeskHouse, config: Path) -> None:
    requests = SqliteRequests(house.database)
    for name, category, code in (
        ("game.vn", "games", "BCDFG"),
        ("xxx.vn", "adult", "HJKMN"),
        ("b.vn", "games", "QQQQQ"),
    ):
        await requests.ask(name, "child", category, code, house.clock.now())
    desk = await house.browser(Role.DESK)
    page = await desk.get("/filter/requests")
    assert "game.vn" in page.text
    answer = await desk.do("/filter/requests", "filter.grant", code="BCDFG", lasts="today")
    assert "game.vn" in answer.flash
    (rule,) = house.rows("SELECT * FROM rules")
    assert (rule["name"], rule["action"], rule["profile"], rule["author"]) == ("game.vn", "allow", "child", "r-desk")
    midnight = house.clock.now().astimezone(load_config(config).site.zone).replace(hour=0, minute=0, second=0)
    assert rule["until_at"] == int((midnight + timedelta(days=1)).timestamp())
    for code, lasts, says in (
        ("HJKMN", "today", "thủ thư"),
        ("QQQQQ", "always", "thủ thư"),
        ("BCDFG", "hour", "đã được"),
    ):
        refused = await desk.do("/filter/requests", "filter.grant", code=code, lasts=lasts)
        assert says in refused.flash
    librarian = await house.browser(Role.LIBRARIAN)
    await librarian.do("/filter/requests", "filter.refuse", code="HJKMN")
    assert {row["code"]: row["state"] for row in house.rows("SELECT * FROM unblock_requests")} == {
        "BCDFG": "granted", "HJKMN": "refused", "QQQQQ": "open",
    }  # fmt: skip


async def test_why_tells_list_and_line_and_its_button_opens(house: DeskHouse, config: Path) -> None:
    desk = await house.browser(Role.DESK)
    page = "/filter/why?name=https://garena.vn/&profile=child"
    answer = await desk.get(page)
    command = json.loads(done(config, "lists", "check", "garena.vn", "--profile", "child", "--json").stdout)
    assert f"{command['list']}, dòng {command['line']}" in answer.text
    opened = await desk.do(page, "filter.open", lasts="hour")
    assert "Đã mở garena.vn" in opened.flash
    assert is_open(config, "garena.vn", "child")
    assert not is_open(config, "garena.vn", "adult")


async def test_the_figures_are_those_of_the_command(house: DeskHouse, config: Path) -> None:
    store = SqliteDnsCounts(house.database)
    now = house.clock.now()
    sums = {"child": DnsSums(questions=100, refused=30, cached=20, forwarded=50)}
    await store.add(now, now.date(), DnsCounts(sums, {("child", "games"): 7, ("child", "adult"): 3}))
    status, told = await house.ask("GET", "/filter/figures")
    assert status == 200
    assert told["today"] == [{"profile": "child", **sums["child"]._asdict(), "refusals": {"games": 7, "adult": 3}}]
    hours = told["hours"]
    assert isinstance(hours, dict)
    assert sum(hours["counts"]["games"]) == 7
    browser = await house.browser(Role.AUDITOR)
    page = await browser.get("/filter/figures")
    assert page.text.count("<svg") >= 2
    assert "Trò chơi trả tiền" in page.text


async def test_a_source_is_tried_taken_in_and_out(house: DeskHouse, config: Path) -> None:
    browser = await house.browser(Role.LIBRARIAN)
    status, told = await house.ask("GET", "/filter/lists")
    command = json.loads(done(config, "lists", "status", "--json").stdout)
    assert status == 200
    lists = told["lists"]
    assert isinstance(lists, dict)
    assert [each["name"] for each in lists["lists"]] == [each["name"] for each in command["lists"]]
    for near in ("http://127.0.0.1:1/list.txt", "http://wifi.internal/", "https://10.77.0.5/a", "http://[fe80::1]/"):
        tried = await browser.do("/filter/sources", "filter.list_try", location=near)
        assert "nằm trong mạng của thư viện" in tried.flash and "không ở trên Internet công khai" in tried.text
        status, refused = await house.ask("POST", "/filter/lists", {"name": "a", "location": near, "category": "games"})
        assert status == 409 and "location" in str(refused)
    assert load_config(config).dns.lists == ()
    written = config.read_text(encoding="utf-8")  # the administrator's own word, which the desk can't give
    config.write_text(f'{written}\n[dns]\nlist_networks = ["127.0.0.1/32"]\n', encoding="utf-8")
    tried = await browser.do("/filter/sources", "filter.list_try", location="http://127.0.0.1:1/list.txt")
    assert "Không dùng được" in tried.flash
    for location in ("/etc/passwd", "file:///etc/passwd", "-x", "ftp://a/b"):
        status, _ = await house.ask("POST", "/filter/lists", {"name": "a", "location": location, "category": "games"})
        assert status == 422
    body = {"name": "mine", "location": "http://127.0.0.1:1/list.txt", "category": "games"}
    status, _ = await house.ask("POST", "/filter/lists", body)
    assert status == 200
    assert [each.name for each in load_config(config).dns.lists] == ["mine"]
    status, _ = await house.ask("POST", "/filter/lists", body)
    assert status == 409
    status, _ = await house.ask("DELETE", "/filter/lists/games-vn")
    assert status == 409
    await _until(house, "ended")
    answer = await browser.get("/filter/sources")
    assert "mine" in answer.text
    assert "không dùng được" in answer.text
    await browser.do("/filter/sources", "filter.list_remove")
    assert load_config(config).dns.lists == ()


async def _until(house: DeskHouse, what: str) -> None:
    async with asyncio.timeout(30):
        while True:
            house.clock.pass_s(11)
            _, told = await house.ask("GET", "/filter/lists")
            refreshing = told["refreshing"]
            if isinstance(refreshing, dict) and refreshing["ended_at"]:
                return


def _flat(form: dict[str, list[str]]) -> dict[str, object]:
    return {key: each[-1] if key != "refused" else each for key, each in form.items() if not key.startswith("_")}
