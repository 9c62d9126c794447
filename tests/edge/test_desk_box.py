"""The box at the desk: which version runs, whether it is complete, and how it is updated."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

from gateway import __version__
from gateway.child import Commands
from gateway.daemon.desk_house import installed
from gateway.desk.box import Running, box
from gateway.desk.table import Area
from gateway.staff.roles import Role
from gateway.store.db import Database
from gateway.store.migrate import shipped, version
from tests.edge.desk import CommandDesk
from tests.edge.desk_house import DeskHouse, desk_house
from tests.fakes import FakeClock

ROOT = Path(__file__).parent.parent.parent
NEWEST = shipped()[-1][0]


@dataclass(slots=True)
class Known:
    """What the disk says, as a test has it."""

    installed: str = __version__


@pytest.fixture
def known() -> Known:
    return Known()


@pytest.fixture
async def house(tmp_path: Path, known: Known) -> AsyncIterator[DeskHouse]:
    CommandDesk.at(tmp_path)

    def areas(database: Database, clock: FakeClock) -> list[Area]:
        async def schema() -> int:
            return await database.read(version)

        running = Running(__version__, lambda: known.installed, schema, NEWEST)
        changes = "## 9 – unreleased\n### Added\n- The `desk` <b>tells</b>\n  all.\n## 8\n- old"
        return [box(Commands(tmp_path / "cong.toml"), running, changes)]

    async with desk_house(tmp_path, areas) as opened:
        yield opened


async def test_what_runs_is_told_with_the_databases_form(house: DeskHouse, known: Known) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    page = (await admin.get("/settings/update")).text
    assert f"Cổng {__version__}" in page and f"bản {NEWEST}, mới nhất" in page and "đủ và khớp" in page
    assert "The desk &lt;b&gt;tells&lt;/b&gt; all." in page and "<b>tells" not in page and "old" not in page
    status, told = await house.ask("GET", "/box/version", role=Role.AUDITOR)
    assert status == 200 and (told["schema"], told["newest_schema"], told["is_current"]) == (NEWEST, NEWEST, True)
    known.installed = "9.9.9"  # somebody has done the first steps
    page = (await admin.get("/settings/update")).text
    assert "Trên đĩa đã cài 9.9.9 nhưng chưa chạy" in page and "chưa xong" in page and "đủ và khớp" not in page
    assert (await house.ask("GET", "/box/version"))[1]["is_current"] is False
    assert (await (await house.browser(Role.LIBRARIAN)).get("/settings/update")).status == 403


async def test_a_database_of_another_form_is_told(house: DeskHouse) -> None:
    await house.database.run(lambda sql: sql.execute(f"PRAGMA user_version = {NEWEST - 1}"))
    page = (await (await house.browser(Role.ADMINISTRATOR)).get("/settings/update")).text
    assert f"bản {NEWEST - 1}, chương trình này dùng bản {NEWEST}" in page and "chưa xong" in page
    await house.database.run(lambda sql: sql.execute(f"PRAGMA user_version = {NEWEST}"))


async def test_the_steps_are_those_of_the_readme_and_of_the_units(house: DeskHouse) -> None:
    page = (await (await house.browser(Role.ADMINISTRATOR)).get("/settings/update")).text
    lines = [
        unescape(line) for block in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.S) for line in block.splitlines()
    ]
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    installing = [line for line in lines if "pip install" in line or line.startswith(("cd ", "sudo cp", "sudo git"))]
    assert len(installing) == 5 and all(line in readme for line in installing), installing
    (restart,) = (line for line in lines if " restart " in line)
    assert restart in readme
    units = {path.name for path in (ROOT / "systemd").iterdir()}
    assert {f"{name}.service" for name in restart.split(" restart ")[1].split()} <= units
    programs = {line.split()[1] for line in lines if "/opt/cong/bin/" in line}
    assert programs == {"/opt/cong/bin/python", "/opt/cong/bin/cong"}
    assert "ExecStart=/opt/cong/bin/cong serve" in (ROOT / "systemd" / "cong-gateway.service").read_text("utf-8")


def test_what_is_installed_is_read_from_the_disk() -> None:
    assert installed() == __version__
