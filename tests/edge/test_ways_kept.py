"""Each way in, through the portal: what the ledger then says, and that the accepted text names all that was stored."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from gateway.access.approval import Answer, Approval, ApprovalId
from gateway.access.client import Mac
from gateway.access.device import Standing
from gateway.access.login import Method
from gateway.access.voucher import shown
from gateway.flows.approvals import answer_request
from gateway.flows.keeping import MAC_TERM
from gateway.pages import LANGUAGES, text
from gateway.portal.kept import NOT_PERSONAL, PERSONAL, STAFF
from gateway.portal.terms import KEPT_DAYS, Operator, terms
from tests.contracts import PHONE, TABLET
from tests.edge.whole_portal import HERE, PASSWORD, WholePortal, form_of, whole_portal

Row = dict[str, object]
NOT_ASKED = ("sessions.purpose_done", 0)
ROTATED = Mac("0a:00:5e:20:00:01")
BY_COLUMN = {column: kept for kept in PERSONAL for column in kept.columns.split()}
SECRETS = {
    Method.TERMS: (),
    Method.VOUCHER: ("code",),
    Method.ACCOUNT: ("name", "password"),
    Method.CARD: ("card", "pin"),
    Method.RADIUS: ("name", "password"),
    Method.APPROVAL: (),
}


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[WholePortal]:
    async with whole_portal(tmp_path) as found:
        await found.account()
        yield found


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as found:
        yield found


async def log_in(
    portal: WholePortal, browser: aiohttp.ClientSession, way: Method, language: str, typed: dict[str, str]
) -> str:
    """The page the patron ends at."""
    async with browser.get(f"{portal.url}/?way={way}&lang={language}") as answer:
        form = form_of(await answer.text(), "/login")
    async with browser.post(f"{portal.url}/login?lang={language}", data={**form, **typed, "agree": "yes"}) as answer:
        return await answer.text()


def everything(portal: WholePortal) -> dict[str, list[Row]]:
    tables = portal.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {str(row["name"]): portal.rows(f"SELECT * FROM {row['name']}") for row in tables}


def assert_named(stored: dict[str, list[Row]], accepted: str, language: str) -> None:
    """Each column with a value in a row of these is a patron's and named by the text, or is none of a patron's."""
    others = {*NOT_PERSONAL.split(), *STAFF.split()}
    for table, rows in stored.items():
        values = [(f"{table}.{name}", value) for row in rows for name, value in row.items()]
        for column in (name for name, value in values if value is not None and (name, value) != NOT_ASKED):
            if column in others or f"{table}.*" in others:
                continue
            kept = BY_COLUMN[column]
            point = text(language, f"terms.{kept.point}", days=KEPT_DAYS, mac_days=MAC_TERM.days)
            assert point in accepted, f"{column} is stored, but {kept.point} is not in what was accepted"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", SECRETS)
async def test_a_login_leaves_its_method_terms_and_profile_and_only_what_the_terms_name(
    portal: WholePortal, browser: aiohttp.ClientSession, way: Method, language: str
) -> None:
    typed = {
        Method.VOUCHER: {"code": shown(await portal.slip())},
        Method.ACCOUNT: {"name": "lan.anh", "password": PASSWORD},
        Method.CARD: {"card": "21234567", "pin": "4711"},
        Method.RADIUS: {"name": "nguyễn-văn-mai", "password": "bí mật của mai"},
    }.get(way, {})
    before = everything(portal)
    page = await log_in(portal, browser, way, language, typed)
    if way is Method.APPROVAL:
        code = re.findall(r">(\d{4})<", page)[0]
        now = portal.clock.now()
        yes = Approval(ApprovalId(0), code, PHONE, now, Answer.APPROVED, answered_by="hoa", answered_at=now)
        await answer_request(portal.approvals, code, yes, now)
        async with browser.get(f"{portal.url}/waiting?lang={language}") as answer:
            page = await answer.text()
    assert text(language, "status.title") in page
    portal.kernel.send(PHONE, 1000, 2000)

    ask = """SELECT s.method, s.profile, s.person, s.state, c.terms_version, t.body, t.language FROM sessions AS s
             JOIN consents AS c ON c.session_id = s.id JOIN terms AS t ON t.version = c.terms_version"""
    (row,) = portal.rows(ask)
    library = Operator("Thư viện Sa Thầy", "0260 3821 999", "thuvien@sathay.example")
    whole = terms(language, 120, portal.desk.verifiers, True, library)
    assert library.who in whole.text and f"{library.phone} – {library.mail}" in whole.text
    profile = "child" if way is Method.ACCOUNT else "adult"
    assert (row["method"], row["profile"], row["state"]) == (way.value, profile, "open")
    assert (row["terms_version"], row["language"], row["body"]) == (whole.version, language, whole.text)
    assert (row["person"] is None) is (way in (Method.TERMS, Method.APPROVAL))

    after = everything(portal)
    new = {table: [each for each in rows if each not in before[table]] for table, rows in after.items()}
    assert new["sessions"] and new["clients"] and new["consents"]
    assert_named(new, str(row["body"]), language)
    only_this = terms(language, 120, [way], True).text  # a library that offers nothing else
    assert_named(new, only_this, language)

    for word in (typed[name] for name in SECRETS[way]):
        held = [
            f"{table}.{name}"
            for table, rows in after.items()
            for each in rows
            for name, value in each.items()
            if isinstance(value, str) and word.casefold().replace("-", "") in value.casefold().replace("-", "")
        ]
        names = {"local_accounts.name", "local_accounts.name_key", "radius_sessions.user_name"}
        assert set(held) <= (names if word == typed.get("name") else set()), f"{held} hold what was typed"


async def test_a_session_that_goes_on_elsewhere_is_named_and_keeps_its_consent(
    portal: WholePortal, browser: aiohttp.ClientSession
) -> None:
    await log_in(portal, browser, Method.CARD, "vi", {"card": "21234567", "pin": "4711"})
    portal.is_at(ROTATED)
    async with browser.get(f"{portal.url}/?lang=vi") as answer:
        form = form_of(await answer.text(), "/resume")
    async with browser.post(f"{portal.url}/resume?lang=vi", data=form) as answer:
        assert text("vi", "status.title") in await answer.text()
    one, other = portal.rows(
        "SELECT method, profile, person, terms_version, resumed_from FROM sessions JOIN consents ON session_id = id"
    )
    assert (one.pop("resumed_from"), other.pop("resumed_from")) == (None, 1)
    assert one == other and one["method"] == "card"
    assert_named(everything(portal), terms("vi", 120, [Method.CARD, Method.ACCOUNT], True).text, "vi")


async def test_a_pc_of_the_library_and_a_barred_device_leave_what_the_terms_name(
    portal: WholePortal, browser: aiohttp.ClientSession
) -> None:
    await portal.say(PHONE, Standing.KIOSK)
    await portal.say(TABLET, Standing.BARRED)
    await log_in(portal, browser, Method.TERMS, "en", {})
    (row,) = portal.rows("SELECT kind, method FROM sessions")
    assert row == {"kind": "kiosk", "method": "terms"}
    assert portal.neighbours.table[HERE] == PHONE
    stored = everything(portal)
    del stored["local_accounts"], stored["local_account_trail"]  # of the account this library has, not of this login
    assert_named(stored, terms("en", 120, [Method.TERMS]).text, "en")


async def test_the_librarys_own_device_has_a_session_that_says_so_and_no_consent(
    portal: WholePortal, browser: aiohttp.ClientSession
) -> None:
    await portal.say(PHONE, Standing.EXEMPT)
    async with browser.get(portal.url) as answer:
        assert text("vi", "status.exempt") in await answer.text()
    assert portal.rows("SELECT method, profile, person FROM sessions") == [
        {"method": "exempt", "profile": "adult", "person": None}
    ]
    assert portal.rows("SELECT * FROM consents") == []
