"""cong device, devices, approvals, approve, session code: what they store and say, with no gateway running."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.control.client import NotRunningError
from gateway.errors import UsageError
from gateway.store.approvals import SqliteApprovals
from gateway.store.db import Database
from tests.contracts import PHONE, TABLET
from tests.edge.command_line import called as cong
from tests.edge.command_line import plain_config
from tests.reception import TERMS


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return plain_config(tmp_path)


def listed(config: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cong(config, "devices", "--json").stdout)
    return found


def test_a_device_is_entered_replaced_and_forgotten(config: Path) -> None:
    said = cong(config, "device", "kiosk", PHONE.upper().replace(":", "-"), "--name", "PC07", "--profile", "child")
    assert "PC07 is kiosk" in said.output and "not running: in effect when it starts" in said.output
    (entry,) = listed(config)
    assert (entry["mac"], entry["standing"], entry["profile"], entry["author"]) == (PHONE, "kiosk", "child", "hoa")
    cong(config, "device", "bar", PHONE, "--for", "1h", "--reason", "hỏng thiết bị", "--by", "Hà")
    (entry,) = listed(config)
    assert (entry["standing"], entry["author"], entry["reason"], entry["in_force"]) == (
        "barred",
        "Hà",
        "hỏng thiết bị",
        True,
    )
    assert entry["until"] is not None and "until" in cong(config, "devices").output
    cong(config, "device", "forget", PHONE)
    assert listed(config) == []
    with pytest.raises(UsageError):
        cong(config, "device", "forget", PHONE)


@pytest.mark.parametrize("mac", ["", "02:00:5e:10:00", "01:00:5e:10:00:01", "' OR 1=1 --", "02:00:5e:10:00:0g"])
def test_what_is_no_devices_mac_is_refused(config: Path, mac: str) -> None:
    assert cong(config, "device", "exempt", mac).exit_code == 2
    assert listed(config) == []


def test_an_unknown_profile_is_refused(config: Path) -> None:
    with pytest.raises(UsageError, match="there is no profile vip"):
        cong(config, "device", "exempt", PHONE, "--profile", "vip")
    with pytest.raises(UsageError, match="there is no profile vip"):
        cong(config, "approve", "0417", "--profile", "vip")


def test_requests_are_listed_answered_and_kept_with_who_answered(config: Path) -> None:
    async def ask() -> None:
        database = await Database.open(config.parent / "cong.sqlite")
        try:
            for mac, code in ((PHONE, "0417"), (TABLET, "0418")):
                await SqliteApprovals(database).ask(mac, code, TERMS, SystemClock().now())
        finally:
            await database.close()

    asyncio.run(ask())
    assert [each["code"] for each in json.loads(cong(config, "approvals", "--json").stdout)] == ["0418", "0417"]
    assert "is not running: the session opens when it starts" in cong(config, "approve", "0417", "--for", "1h").output
    assert "is refused" in cong(config, "approve", "0418", "--refuse", "--by", "Hà").output
    with pytest.raises(UsageError, match="was refused by Hà"):
        cong(config, "approve", "0418")
    with pytest.raises(UsageError, match="there is no request 9999"):
        cong(config, "approve", "9999")
    with pytest.raises(UsageError, match="between a minute and a day"):
        cong(config, "approve", "0417", "--for", "2d")
    assert json.loads(cong(config, "approvals", "--json").stdout) == []
    told = {each["code"]: each for each in json.loads(cong(config, "approvals", "--all", "--json").stdout)}
    assert (told["0417"]["state"], told["0417"]["answered_by"], told["0417"]["session_s"]) == ("approved", "hoa", 3600)
    assert PHONE not in json.dumps(told)


def test_a_code_is_the_running_gateways_to_give(config: Path) -> None:
    with pytest.raises(NotRunningError):
        cong(config, "session", "code", "7")
