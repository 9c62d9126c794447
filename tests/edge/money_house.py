"""The desk's line, bills and reports over an office's facts, with the commands they run in children of their own."""

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.child import Commands
from gateway.config.load import load_config
from gateway.daemon.desk_money import areas_of_money
from gateway.flows.settings import Settings
from gateway.store.desk_settings import DeskSettingsFiles
from tests.edge import office_facts as office
from tests.edge.desk import CommandDesk
from tests.edge.desk_house import DeskHouse, desk_house
from tests.fakes import FakeClock

APRIL = datetime(2027, 4, 6, 2, 0, tzinfo=UTC)
"""After March is over."""
LETTERHEAD: office.Told = {
    "kind": "letterhead", "first": "2020-01-01", "parent_body": "UBND xã Sa Thầy", "place": "Sa Thầy",
    "issuing_body": "Thư viện xã Sa Thầy", "symbol": "BC-TV", "post": "Phụ trách", "signer": "Nguyễn Thị Hường",
}  # fmt: skip


def told_office(folder: Path) -> CommandDesk:
    """A month of use, two outages, a contract with its promise, an invoice that asks too much."""
    desk = CommandDesk.at(folder)
    told = [*office.office(), *office.site(), *office.march(), *office.bills(), *office.hand(1284, 1207)]
    office.take(desk, *(one for one in told if one["kind"] != "hand_count" or one["month"] == "2026-03"))
    return desk


@contextlib.asynccontextmanager
async def money_house(folder: Path, now: datetime = APRIL) -> AsyncIterator[DeskHouse]:
    """The desk of an office whose configuration stands in the folder."""
    path = folder / "cong.toml"
    config = load_config(path)
    clock, settings = FakeClock(wall=now), Settings(DeskSettingsFiles(path))
    async with desk_house(
        folder, lambda database, _: areas_of_money(config, database, Commands(path), settings, clock), clock=clock
    ) as house:
        yield house


def told(answer: tuple[int, dict[str, object]], status: int = 200) -> dict[str, Any]:
    """The JSON of an answer that must have this status."""
    assert answer[0] == status, json.dumps(answer[1], ensure_ascii=False)[:600]
    return answer[1]
