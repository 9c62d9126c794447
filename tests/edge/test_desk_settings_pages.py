"""Settings and the first run at the desk: what is typed stands in desk.toml, and the page says where it comes from."""

import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.config.load import load_config
from gateway.desk.first_run import first_run
from gateway.desk.settings import settings
from gateway.desk.table import Area
from gateway.flows.settings import Settings
from gateway.staff.roles import Role
from gateway.store.db import Database
from gateway.store.desk_settings import DeskSettingsFiles
from gateway.store.terms import SqliteTerms
from tests.edge.desk import CommandDesk
from tests.edge.desk_house import ZONE, DeskHouse, desk_house
from tests.fakes import FakeClock

PROFILES = ("adult", "child", "staff")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskHouse]:
    CommandDesk.at(tmp_path)

    def areas(database: Database, clock: FakeClock) -> list[Area]:
        kept = Settings(DeskSettingsFiles(tmp_path / "cong.toml"))
        return [settings(kept, SqliteTerms(database), PROFILES), first_run(kept, ZONE, "child")]

    async with desk_house(tmp_path, areas) as opened:
        yield opened


def desk_file(tmp_path: Path) -> dict[str, object]:
    return tomllib.loads((tmp_path / "desk.toml").read_text(encoding="utf-8"))


async def test_each_group_is_saved_told_with_its_origin_and_taken_back(house: DeskHouse, tmp_path: Path) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    page = await admin.do("/settings", "settings.site", name="Thư viện <xã>", phone="0260 3", mail="a@b.vn")
    assert "Đã lưu 3 giá trị" in page.flash and "Thư viện &lt;xã&gt;" in page.text
    page = await admin.do("/settings", "settings.hours", sat="08:00-11:00", holidays="2027-09-02", warn="5m")
    assert "Đã lưu 3" in page.flash
    page = await admin.do("/settings", "settings.sign_in", methods=["terms", "voucher"], limit="90m", idle="10m")
    page = await admin.do("/settings", "settings.limits", nth=1, day_time="3h", devices="2", down="2Mbit")
    assert "Đã lưu 3" in page.flash
    page = await admin.do("/settings", "settings.open_sites", names="dichvucong.gov.vn\n")
    page = await admin.do("/settings", "settings.purpose", ask="on")
    page = await admin.do("/settings", "settings.mail", recipients="vanhoa@example.vn")
    assert desk_file(tmp_path) == {
        "site": {"name": "Thư viện <xã>", "phone": "0260 3", "mail": "a@b.vn", "holidays": ["2027-09-02"]},
        "hours": {"sat": ["08:00-11:00"], "warn": "5m"},
        "session": {"limit": "90m", "idle": "10m"},
        "login": {
            "methods": ["terms", "voucher"],
            "limits": {"child": {"day_time": "3h", "devices": 2, "down": "2Mbit"}},
        },
        "portal": {"garden": {"names": ["dichvucong.gov.vn"]}, "purpose": {"ask": True}},
        "mail": {"recipients": ["vanhoa@example.vn"]},
    }
    status, told = await house.ask("GET", "/settings", role=Role.AUDITOR)
    lines = {line["key"]: line for line in told["settings"]}  # type: ignore[attr-defined]
    assert status == 200 and lines["site.name"]["origin"] == "desk"
    assert lines["site.name"]["otherwise"] == "Thư viện Sa Thầy" and lines["hours.mon"]["origin"] == "file"
    assert lines["session.idle"]["otherwise"] == "15m" and lines["shelf.downloads_per_device"]["origin"] == "default"
    page = await admin.do("/settings", "settings.revert", key="site.name")
    assert "Trở lại" in page.text and "Back" not in page.text
    assert desk_file(tmp_path)["site"] == {"phone": "0260 3", "mail": "a@b.vn", "holidays": ["2027-09-02"]}
    trailed = house.rows(
        "SELECT before, after FROM audit_outcomes JOIN audit ON id = audit_id WHERE act = 'settings.site'"
    )
    assert "Thư viện Sa Thầy" in str(trailed[0]["before"]) and "<xã>" in str(trailed[0]["after"])


@pytest.mark.parametrize(
    ("act", "typed", "field"),
    [
        ("settings.hours", {"mon": "8 giờ"}, "form_hours"),
        ("settings.hours", {"holidays": "mùng một"}, "form_days"),
        ("settings.sign_in", {"limit": "lâu"}, "form_duration"),
        ("settings.limits", {"data": "nhiều"}, "form_size"),
        ("settings.limits", {"up": "1"}, "form_rate"),
        ("settings.mail", {"recipients": "không phải thư"}, "form_mail"),
        ("settings.open_sites", {"names": "<script>"}, "form_names"),
        ("settings.sign_in", {"methods": ["card"]}, None),
        ("settings.site", {"name": ""}, None),
        ("settings.site", {"name": "x" * 10_000}, None),
        ("settings.site", {"phone": "a\x00b"}, None),
    ],
)
async def test_what_does_not_fit_is_told_at_its_field_and_nothing_is_saved(
    house: DeskHouse, tmp_path: Path, act: str, typed: dict[str, object], field: str | None
) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    page = await admin.do("/settings", act, 0, **typed)
    assert 'class="flash bad"' in page.text and not (tmp_path / "desk.toml").exists()
    if field:
        assert 'class="wrong"' in page.text and "aria-invalid" in page.text
    assert "<script>" not in page.text.replace('<script src="', "")


async def test_who_runs_the_wifi_is_set_and_stands_in_the_terms_of_the_next_sign_in(
    house: DeskHouse, tmp_path: Path
) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    page = await admin.do("/settings", "settings.site", run_by="Thư viện xã Sa Thầy, 12 Trần Hưng Đạo", phone="0260 9")
    assert 'value="Thư viện xã Sa Thầy, 12 Trần Hưng Đạo"' in page.text
    site = load_config(tmp_path / "cong.toml").site
    assert (site.run_by, site.phone) == ("Thư viện xã Sa Thầy, 12 Trần Hưng Đạo", "0260 9")
    page = await admin.do("/settings", "settings.site", run_by="x" * 161)
    assert 'class="wrong"' in page.text and load_config(tmp_path / "cong.toml").site == site


async def test_who_may_only_see_changes_nothing(house: DeskHouse, tmp_path: Path) -> None:
    auditor = await house.browser(Role.AUDITOR)
    assert (await auditor.get("/settings")).status == 200
    page = await auditor.do("/settings", "settings.site", name="x")
    assert page.status == 403 and not (tmp_path / "desk.toml").exists()
    assert (await (await house.browser(Role.LIBRARIAN)).get("/settings")).status == 403
    assert (await house.ask("DELETE", "/settings/state.directory"))[0] == 409


async def test_the_terms_are_told_with_their_consents(house: DeskHouse) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    assert "Chưa ai đồng ý" in (await admin.get("/settings/terms")).text
    add = "INSERT INTO terms VALUES ('abc123', 'vi', 'Nội quy <b>\nDòng hai', 1700000000)"
    await house.database.run(lambda sql: sql.execute(add))
    page = (await admin.get("/settings/terms")).text
    assert "abc123" in page and "Nội quy &lt;b&gt;" in page and "0 lượt đồng ý" in page


async def test_the_first_run_makes_the_administrator_and_asks_ten_questions(house: DeskHouse, tmp_path: Path) -> None:
    house.clock.wall = datetime(2026, 3, 1, tzinfo=UTC)
    browser = await house.browser()
    page = await browser.get("/")
    assert page.url.endswith("/start") and "Lần chạy đầu" in page.text
    code = await house.staff.first_code()
    assert code is not None
    typed = {"code": "AAAAAAAA", "name": "hoa", "shown": "Hoa <b>", "password": "ba con mèo", "again": "ba con mèo"}
    wrong = await browser.send("/start", typed)
    assert wrong.status == 403 and "Hoa &lt;b&gt;" in wrong.text and "ba con mèo" not in wrong.text
    wrong = await browser.send("/start", {**typed, "code": code, "again": "khác"})
    assert "không giống nhau" in wrong.text
    page = await browser.send("/start", {**typed, "code": f" {code.lower()} "})
    assert page.url.endswith("/start/questions") and browser.cookies.get("cong_desk")
    assert "2026-02-16..2026-02-20" in page.text, "Tết as the government announced it"
    asked = page.form("start.answer")
    assert asked["mon"] == ["07:30-11:00, 13:30-17:00"], "what the file has"
    page = await browser.send(
        "/do/start.answer",
        {**asked, "name": "Thư viện Sa Sơn", "recipients": "", "limit": "1h", "purpose": "on", "games": "school-hours"},
    )
    found = desk_file(tmp_path)
    assert found["site"]["name"] == "Thư viện Sa Sơn"  # type: ignore[index]
    assert "2026-08-31..2026-09-02" in found["site"]["holidays"]  # type: ignore[index]
    assert found["dns"]["profiles"]["child"]["games"] == "school-hours"  # type: ignore[index]
    assert found["session"]["limit"] == "1h" and "mail" not in found  # type: ignore[index]
    assert house.rows("SELECT role FROM staff_users") == [{"role": "administrator"}]
    # it works once: another can't make himself an administrator
    other = await house.browser()
    assert (await other.get("/start")).url.endswith("/sign-in")
    assert (await other.send("/start", {**typed, "code": code, "name": "eve"})).url.endswith("/sign-in")
    assert len(house.rows("SELECT * FROM staff_users")) == 1


async def test_all_questions_can_be_left(house: DeskHouse, tmp_path: Path) -> None:
    status, told = await house.ask("PUT", "/start", {})
    assert (status, told) == (200, {"keys": 0}) and not (tmp_path / "desk.toml").exists()
