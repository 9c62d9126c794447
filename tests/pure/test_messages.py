"""SIP2 on the wire: what we say, what we take, and what we refuse to take."""

import contextlib
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.sip2 import messages
from gateway.sip2.messages import Asker, MessageError

AT = datetime(2026, 11, 25, 8, 30, 0)
GOOD = "64" + " " * 14 + "001" + "20261125    083000" + "0000" * 6 + "AOSATHAY|AA1001|AELan|BLY|CQY|PCJ|AFChao|AFhai|"


def test_a_sealed_message_sums_to_zero() -> None:
    raw = messages.seal(messages.login("sip", "secret", ""), 3)[:-1]
    assert raw.startswith(b"9300CNsip|COsecret|AY3AZ")
    assert (sum(raw[:-4]) + int(raw[-4:], 16)) % 65_536 == 0


def test_a_resend_carries_a_checksum_and_no_number() -> None:
    assert messages.seal("97", 5) == b"97AZ" + messages.checksum(b"97AZ") + b"\r"


def test_a_question_about_a_card_asks_for_no_items() -> None:
    asker = Asker("SATHAY", "term")
    asked = asker.patron_information("1001", "42", AT)
    assert asked == "6300020261125    083000" + " " * 10 + "AOSATHAY|AA1001|ACterm|AD42|"
    assert asker.patron_status("1001", "42", AT) == "2300020261125    083000AOSATHAY|AA1001|ACterm|AD42|"
    assert "term" not in repr(asker)


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b""])
def test_a_good_answer_is_read_whatever_ends_it(end: bytes) -> None:
    raw = messages.seal(GOOD, 7).rstrip(b"\r") + end
    message = messages.read(b"\n" + raw, checked=True)
    patron = messages.patron_of(message, card="1001")
    assert (patron.valid, patron.pin_right, patron.blocked, patron.lost, patron.category) == (
        True,
        True,
        False,
        False,
        "J",
    )
    assert message.sequence == 7
    assert message.fields["AF"] == "Chao"
    assert "Lan" not in repr(message)


def test_flags_of_the_patron_status_are_read() -> None:
    flagged = "64" + "Y   Y     Y" + GOOD[13:]
    patron = messages.patron_of(messages.read(messages.seal(flagged, None), checked=False), card="1001")
    assert patron.blocked
    assert patron.lost
    assert patron.fines


@pytest.mark.parametrize("missing", ["BLY|", "CQY|"])
def test_silence_is_no_yes(missing: str) -> None:
    message = messages.read(messages.seal(GOOD.replace(missing, ""), 1), checked=True)
    patron = messages.patron_of(message, card="1001")
    assert not (patron.valid and patron.pin_right)


def test_the_card_is_as_the_system_knows_it() -> None:
    message = messages.read(messages.seal(GOOD, 1), checked=True)
    assert messages.patron_of(message, card="lan.anh").card == "1001"
    nameless = messages.read(messages.seal(GOOD.replace("AA1001|", "AA|"), 1), checked=True)
    assert messages.patron_of(nameless, card="1001").card == "1001"
    assert "1001" not in repr(messages.patron_of(nameless, card="1001"))


@pytest.mark.parametrize(
    ("takes", "information", "status"),
    [
        ("BXYYYYYYYYYYYYYYYY|", True, True),
        ("BXYNNNYYYNNNNNNNNN|", False, True),
        ("", True, False),
        ("BXY|", True, False),
    ],
)
def test_a_system_says_what_it_takes(takes: str, information: bool, status: bool) -> None:
    raw = messages.seal("98YYYYYN100003" + "20261125    083000" + "2.00AOSATHAY|" + takes, 4)
    said = messages.status_of(messages.read(raw, checked=True))
    assert (said.online, said.institution) == (True, "SATHAY")
    assert (said.takes_information, said.takes_status) == (information, status)


@pytest.mark.parametrize("card", ["1|AD0", "1\r93", "1\n", "\x00"])
def test_a_card_number_can_not_add_fields(card: str) -> None:
    with pytest.raises(MessageError):
        Asker("SATHAY").patron_information(card, "42", AT)


@pytest.mark.parametrize("at", range(0, len(GOOD), 7))
def test_one_changed_byte_is_noticed(at: int) -> None:
    raw = bytearray(messages.seal(GOOD, 1))
    raw[at] ^= 1
    with pytest.raises(MessageError):
        messages.read(bytes(raw), checked=True)


def test_without_a_checksum_nothing_is_taken_while_detection_is_on() -> None:
    with pytest.raises(MessageError, match="no checksum"):
        messages.read(messages.seal(GOOD, None), checked=True)


@given(some.binary(max_size=400), some.booleans())
def test_any_bytes_are_a_message_or_refused(raw: bytes, checked: bool) -> None:
    with contextlib.suppress(MessageError):
        messages.patron_of(messages.read(raw, checked=checked), card="1001")


@given(some.sampled_from(sorted(messages.FIXED)), some.binary(max_size=200))
def test_any_bytes_behind_a_known_code_are_a_message_or_refused(code: str, rest: bytes) -> None:
    raw = code.encode() + rest
    with contextlib.suppress(MessageError):
        messages.patron_of(messages.read(raw, checked=False), card="1001")
