"""The list of known devices: what holds, until when, for whom."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.access.client import AccessKind, Mac
from gateway.access.device import Device, Roster, Standing

NOW = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)
PRINTER, PC, BAD = Mac("02:00:5e:10:00:01"), Mac("02:00:5e:10:00:02"), Mac("02:00:5e:10:00:03")


def device(mac: Mac, standing: Standing, until: datetime | None = None) -> Device:
    return Device(mac, standing, "PC07", None, "Hà", "", NOW, until)


ROSTER = Roster(
    [
        device(PRINTER, Standing.EXEMPT),
        device(PC, Standing.KIOSK),
        device(BAD, Standing.BARRED, NOW + timedelta(hours=1)),
    ]
)


def test_a_device_is_what_staff_said_of_it() -> None:
    assert [ROSTER.standing(mac, NOW) for mac in (PRINTER, PC, BAD)] == ["exempt", "kiosk", "barred"]
    assert ROSTER.standing(Mac("02:00:5e:10:00:09"), NOW) is None
    assert [each.mac for each in ROSTER.exempt(NOW)] == [PRINTER]


@pytest.mark.parametrize(("passed_s", "stands"), [(0, True), (3599, True), (3600, False), (10**6, False)])
def test_an_entry_ends_by_itself(passed_s: int, stands: bool) -> None:
    assert (ROSTER.standing(BAD, NOW + timedelta(seconds=passed_s)) is Standing.BARRED) is stands


def test_only_a_pc_of_the_library_is_counted_as_one() -> None:
    assert [ROSTER.kind(mac, NOW) for mac in (PRINTER, PC, BAD)] == [AccessKind.WIFI, AccessKind.KIOSK, AccessKind.WIFI]


def test_nobody_is_looked_up_while_no_device_is_exempt() -> None:
    assert ROSTER.has_exempt and not Roster().has_exempt
    roster = Roster([device(PRINTER, Standing.EXEMPT)])
    roster.replace([device(BAD, Standing.BARRED)])
    assert not roster.has_exempt and roster.known(PRINTER, NOW) is None
