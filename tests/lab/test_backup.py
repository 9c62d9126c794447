"""A backup put back under the running gateway: from the command and from the desk, and with the power gone half-way."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.lab.driver import Lab
from gateway.staff.roles import Role
from tests.edge.desk_house import Answer, Browser
from tests.lab.power import kill_gateway
from tests.lab.staff_pc import PASSWORD, StaffPc, at_the_desk

_ONLINE = "http://connectivitycheck.gstatic.com/generate_204"


@pytest.fixture(scope="module")
def desk(lab: Lab) -> Iterator[StaffPc]:
    with at_the_desk(lab) as found:
        yield found


def _is_online(lab: Lab, name: str) -> bool:
    return lab.patron(name).get(_ONLINE).status == 204


def _rules(lab: Lab) -> set[str]:
    """Names with a local rule that stands."""
    newest = "SELECT name FROM rules r WHERE action <> 'none' AND id = (SELECT max(id) FROM rules WHERE name = r.name)"
    return {name for (name,) in lab.sql(newest)}


def _outages(lab: Lab) -> set[str]:
    facts = [json.loads(line) for line in lab.cong("facts", "export", "-").stdout.splitlines()]
    return {each["id"] for each in facts if each.get("kind") == "outage"}


def _process(lab: Lab) -> str:
    found = json.loads(lab.cong("doctor", "--json", check=False).stdout)
    return next(str(each["said"]) for each in found if each["key"] == "gateway")


def test_the_command_restores_under_a_running_gateway(lab: Lab, desk: StaffPc, tmp_path: Path) -> None:
    lab.login("c1")
    lab.cong("block", "before.example.vn")
    backup = tmp_path / "b.tar.gz"
    told = json.loads(lab.cong("backup", str(backup), "--json").stdout)
    assert told["files"] >= 2 and backup.stat().st_size == told["size_bytes"]
    (before,), outages = lab.sessions(), _outages(lab)
    lab.cong("block", "after.example.vn")
    process = _process(lab)
    said = lab.cong("restore", str(backup), "--yes").stdout
    assert "in place" in said
    lab.wait_until(lambda: _process(lab) == process, within_s=20, what="the gateway is back, the same process")
    assert _rules(lab) == {"before.example.vn"}
    # nobody stays on by an old row, in the kernel as in the books
    assert lab.sessions() == [] and not _is_online(lab, "c1")
    row = lab.sql("SELECT state, cause FROM sessions WHERE id = ?", (before["id"],))
    assert row == [("closed", "nas-reboot")]
    # what happened between is not told as an outage
    assert _outages(lab) == outages
    lab.login("c1")
    (after,) = lab.sessions()
    assert _is_online(lab, "c1") and after["id"] > before["id"] + 9_000
    assert '"level": "error"' not in lab.log("gateway").rpartition("backup.restoring")[2]


async def _restored(pc: StaffPc) -> Answer:
    async with Browser(pc.url) as admin:
        await admin.sign_in(pc.user(Role.ADMINISTRATOR), PASSWORD)
        made = await admin.do("/settings/backup", "backup.create")
        assert "Đã sao lưu" in made.flash
        name = re.search(r"cong-[\w-]+\.tar\.gz", made.text)
        assert name
        page = await admin.do("/settings/backup", "backup.restore", name=name[0])
        assert "data-until-back" in page.text
        return page


def test_the_desk_restores_and_is_back(lab: Lab, desk: StaffPc) -> None:
    started = lab.log("gateway").count("gateway.started")
    desk.do(_restored(desk))
    lab.wait_until(
        lambda: lab.log("gateway").count("gateway.started") > started, within_s=30, what="the gateway has started anew"
    )

    async def again() -> Answer:
        async with Browser(desk.url) as admin:
            await admin.sign_in(desk.user(Role.ADMINISTRATOR), PASSWORD)
            return await admin.get("/settings/backup")

    page = desk.do(again())
    assert "Lần phục hồi gần nhất" in page.text and "backup.undo" in page.text
    row = lab.sql("SELECT who, role, via, address FROM audit WHERE act = 'backup.restore' ORDER BY id DESC")[0]
    assert row == (desk.user(Role.ADMINISTRATOR), "administrator", "desk", "127.0.0.1")
    lab.cong("restore", "--undo", "--yes")
    lab.wait_until(lambda: "process" in _process(lab), within_s=20, what="the gateway is back")


def test_the_power_goes_once_it_is_decided(lab: Lab, desk: StaffPc, tmp_path: Path) -> None:
    lab.cong("block", "kept.example.vn")
    backup = tmp_path / "b.tar.gz"
    lab.cong("backup", str(backup))
    lab.cong("unblock", "kept.example.vn")
    kill_gateway(lab)
    lab.cong("restore", str(backup), "--for-desk", "--json")  # decided, and then the power is gone
    assert (lab.config.state.directory / ".restore" / "plan.json").exists()
    assert "put in place" in lab.cong("block", "x.example.vn", check=False).stderr
    lab.restart("gateway")
    assert "kept.example.vn" in _rules(lab) and not (lab.config.state.directory / ".restore").exists()
