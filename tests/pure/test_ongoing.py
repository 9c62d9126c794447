"""What an export waits with, because it may still change by itself."""

from datetime import datetime, timedelta, timezone

import pytest

from gateway.facts.lines import fact_of
from gateway.facts.ongoing import goes_on

ZONE = timezone(timedelta(hours=7))
NOW = datetime(2027, 4, 3, 0, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "heartbeat", "begin": "2027-04-01T08:00:00+07:00", "end": "2027-04-03T00:29:40+07:00"}, True),
        ({"kind": "heartbeat", "begin": "2027-04-01T08:00:00+07:00", "end": "2027-04-03T00:20:00+07:00"}, False),
        ({"kind": "wan_day", "day": "2027-04-03", "up_bytes": 1, "down_bytes": 1}, True),
        ({"kind": "wan_day", "day": "2027-04-02", "up_bytes": 1, "down_bytes": 1}, False),
        ({"kind": "blocked", "day": "2027-04-03", "category": "games", "count": 1}, True),
        ({"kind": "month_devices", "month": "2027-04", "devices": 1}, True),
        ({"kind": "month_devices", "month": "2027-03", "devices": 1}, True),  # its key stands for seven days more
        ({"kind": "month_devices", "month": "2027-02", "devices": 1}, False),
        ({"kind": "pc_seen", "pc": "PC1", "at": "2027-04-03T00:10:00+07:00"}, True),
        ({"kind": "pc_seen", "pc": "PC1", "at": "2027-04-02T23:50:00+07:00"}, False),
        ({"kind": "view", "id": 1, "device": "d", "at": "2027-04-03T00:10:00+07:00"}, True),
        ({"kind": "view", "id": 1, "device": "d", "at": "2027-04-02T23:59:00+07:00"}, False),
        ({"kind": "outage", "id": "o", "begin": "2027-04-03T00:10:00+07:00", "cause": "isp"}, True),
        ({"kind": "door", "at": "2027-04-03T00:29:59+07:00", "opens": True}, False),
    ],
)
def test_what_may_change(fields: dict[str, object], expected: bool) -> None:
    assert goes_on(fact_of({"site": "a", **fields}), NOW, ZONE) is expected
