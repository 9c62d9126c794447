"""What every Firewall keeps: the fake in tests/edge, the kernel's in tests/lab."""

from datetime import UTC, datetime

from gateway.access.client import AccessKind, ClientId, Mac
from gateway.access.session import Limits, Session, SessionId
from gateway.ports import Firewall

PHONE, TABLET = Mac("02:00:5e:10:00:01"), Mac("02:00:5e:10:00:02")


def session(number: int, mac: Mac = PHONE) -> Session:
    """An open session of the profile adult."""
    at = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)
    return Session(
        SessionId(number), ClientId(number), mac, AccessKind.WIFI, "terms", "adult", at, 0.0, 0.0, Limits(7200, 900)
    )


async def granting_twice_is_granting_once(firewall: Firewall) -> None:
    await firewall.grant(session(7), 600)
    await firewall.grant(session(7), 600)
    (granted,) = await firewall.read_all()
    assert (granted.session, granted.mac) == (7, PHONE)
    assert granted.reading is not None and (granted.reading.up_bytes, granted.reading.down_bytes) == (0, 0)
    await firewall.cut(SessionId(7), PHONE)
    await firewall.remove(SessionId(7))


async def a_cut_session_can_still_be_read(firewall: Firewall) -> None:
    await firewall.grant(session(7), 600)
    await firewall.cut(SessionId(7), PHONE)
    (granted,) = await firewall.read_all()
    assert granted.mac is None and granted.reading is not None
    assert await firewall.read(SessionId(7)) is not None
    assert await firewall.remove(SessionId(7)) is not None
    assert await firewall.read_all() == []
    assert await firewall.read(SessionId(7)) is None
    assert await firewall.remove(SessionId(7)) is None


async def a_devices_newer_session_takes_its_place(firewall: Firewall) -> None:
    await firewall.grant(session(7), 600)
    await firewall.grant(session(8), 600)
    await firewall.cut(SessionId(7), PHONE)  # the old one's end must not take the new one's device away
    await firewall.remove(SessionId(7))
    (granted,) = await firewall.read_all()
    assert (granted.session, granted.mac) == (8, PHONE)
    await firewall.cut(SessionId(8), PHONE)
    await firewall.remove(SessionId(8))


async def two_devices_have_nothing_to_do_with_each_other(firewall: Firewall) -> None:
    await firewall.grant(session(7, PHONE), 600)
    await firewall.grant(session(8, TABLET), 600)
    await firewall.cut(SessionId(7), PHONE)
    await firewall.remove(SessionId(7))
    (granted,) = await firewall.read_all()
    assert (granted.session, granted.mac) == (8, TABLET)
    await firewall.cut(SessionId(8), TABLET)
    await firewall.remove(SessionId(8))


async def an_epoch_lasts_as_long_as_the_table(firewall: Firewall) -> None:
    before = await firewall.epoch()
    await firewall.ensure()
    await firewall.grant(session(7), 600)
    assert await firewall.epoch() == before
    reading = await firewall.remove(SessionId(7))
    assert reading is not None and reading.epoch == before
    await firewall.cut(SessionId(7), PHONE)
    await firewall.remove(SessionId(7))


async def a_session_that_lasts_otherwise_is_the_same_one(firewall: Firewall) -> None:
    await firewall.grant(session(7), 600)
    await firewall.last(session(7), 1200)
    await firewall.last(session(9), 1200)  # nobody's
    (granted,) = await firewall.read_all()
    assert (granted.session, granted.mac) == (7, PHONE) and granted.reading is not None
    await firewall.cut(SessionId(7), PHONE)
    await firewall.last(session(7), 600)
    (granted,) = await firewall.read_all()
    assert granted.mac is None
    await firewall.remove(SessionId(7))


FIREWALL_CONTRACT = (
    a_session_that_lasts_otherwise_is_the_same_one,
    granting_twice_is_granting_once,
    a_cut_session_can_still_be_read,
    a_devices_newer_session_takes_its_place,
    two_devices_have_nothing_to_do_with_each_other,
    an_epoch_lasts_as_long_as_the_table,
)
