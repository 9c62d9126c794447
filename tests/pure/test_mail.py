"""The nightly mail without a server: when it is due, how long it waits, what it says, the bytes that go out."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.flows.mail import due_day, wait_of
from gateway.mail.letter import MOST_DAYS, Stationery, combined_letter, trial_letter
from gateway.mail.message import message_bytes, message_id
from gateway.pages import Pages
from gateway.ports_mail import Delivery, DeliveryState, Letter, Mail, MailId, MailKind
from gateway.reports.nightly import one_line

ZONE = timezone(timedelta(hours=7))
PAPER = Stationery("Thư viện Sa Thầy", "vi", "thu-vien@example.vn", "")
NOW = datetime(2027, 3, 31, 15, tzinfo=UTC)


def queued(number: int, letter: Letter, *, kind: MailKind = MailKind.NIGHT) -> Mail:
    day = date(2027, 1, 1) + timedelta(days=number)
    to = Delivery("office@example.vn", DeliveryState.WAITING, 0, NOW, None, "")
    return Mail(MailId(number), "sathay", kind, day, day, f"<{number}@example.vn>", letter, NOW, (to,))


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2027-03-31T21:29:59+07:00", date(2027, 3, 30)),
        ("2027-03-31T21:50:01+07:00", date(2027, 3, 31)),
        ("2027-04-01T00:10:00+07:00", date(2027, 3, 31)),
        ("2027-04-01T12:00:00+00:00", date(2027, 3, 31)),
    ],
)
def test_a_day_is_due_after_its_hour_at_the_site(now: str, day: date) -> None:
    moment = datetime.fromisoformat(now)
    assert due_day(moment, ZONE, time(21, 30), "sathay", timedelta(minutes=20)) == day


def test_sites_spread_over_the_time_allowed_and_each_keeps_its_moment() -> None:
    def begins(site: str) -> int:
        start, spread = datetime(2027, 3, 31, 21, 30, tzinfo=ZONE), timedelta(minutes=20)
        moments = (start + timedelta(seconds=n) for n in range(0, 1202, 10))
        return next(
            n for n, now in enumerate(moments) if due_day(now, ZONE, time(21, 30), site, spread) == date(2027, 3, 31)
        )

    drawn = [begins(f"site-{n}") for n in range(200)]
    assert min(drawn) < 12 and max(drawn) > 108 and len(set(drawn)) > 80
    assert drawn == [begins(f"site-{n}") for n in range(200)]


def test_a_spread_beyond_midnight_is_still_of_its_day() -> None:
    late = due_day(datetime(2027, 4, 1, 0, 5, tzinfo=ZONE), ZONE, time(23, 59), "x", timedelta(hours=4))
    assert late in (date(2027, 3, 30), date(2027, 3, 31))
    early = datetime(2027, 4, 1, 4, tzinfo=ZONE)
    assert due_day(early, ZONE, time(23, 59), "x", timedelta(hours=4)) == date(2027, 3, 31)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_waits_grow_to_their_limit_and_never_beyond(tries: int, chance: float) -> None:
    longest = timedelta(hours=4)
    wait = wait_of(tries, longest, chance)
    assert timedelta(seconds=150) <= wait <= longest
    assert wait_of(tries + 1, longest, chance) >= wait
    assert tries < 7 or wait >= longest / 2


def test_a_combined_mail_stays_small_however_long_the_line_was_down() -> None:
    short = (
        "Thư viện Sa Thầy, thứ Tư 31/3/2027: 46 lượt (trung bình 4 thứ Tư gần đây: 43; +7,0%); máy hoạt động 9/10; "
        "giờ phục vụ 6,1/7,0 (86,4%); Internet gián đoạn 1 lần, 36 phút; tốc độ đo 92/100 Mb/s; ngăn chặn 311 lượt. "
        "CẦN XỬ LÝ: Máy PC07 không hoạt động từ 29/3; Mất Internet 36 phút (14:00–14:36), chưa có mã sự cố. "
        "Lũy kế tháng 3: 1.284 lượt (cùng kỳ 1.207; +6,38%) – Đạt. Số liệu: đầy đủ."
    )
    mails = [queued(n, Letter("s", "b", "h", short)) for n in range(1, 15)]
    combined = combined_letter(Pages(), mails, PAPER)
    for round_ in range(2, 9):
        waiting = [queued(14 * round_, combined, kind=MailKind.COMBINED)]
        waiting += [queued(14 * round_ + n, Letter("s", "b", "h", short)) for n in range(1, 15)]
        combined = combined_letter(Pages(), waiting, PAPER)
    content = message_bytes(queued(400, combined), "a@example.vn", "x" * 80, "", ZONE)
    assert combined.short.count("\n\n") == MOST_DAYS - 1 and "Các ngày trước nữa" in combined.body
    assert len(content) < 50_000


_LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co"])
_WORD = st.text(_LETTERS, min_size=1, max_size=12)


@settings(max_examples=60)
@given(st.lists(_WORD, min_size=1, max_size=25).map(" ".join))
def test_no_letter_or_blank_of_a_subject_or_name_is_lost(words: str) -> None:
    mail = queued(1, Letter(words, f"{words}\n", f"<p>{len(words)}</p>", ""))
    content = message_bytes(mail, "lib@example.vn", words[:80].strip(), "desk@example.vn", ZONE)
    parsed = message_from_bytes(content, policy=default)
    assert str(parsed["Subject"]) == words
    # RFC 2047 6.2: a blank between two encoded words is none; the newer parser of addresses keeps it
    raw = message_from_bytes(content, policy=compat32)["From"]
    assert str(make_header(decode_header(raw))) == f"{words[:80].strip()} <lib@example.vn>"
    assert parsed["From"].addresses[0].addr_spec == "lib@example.vn"
    assert parsed["Reply-To"].addresses[0].addr_spec == "desk@example.vn"
    assert max(len(line) for line in content.split(b"\r\n")) <= 78, "RFC 5322 2.1.1"
    assert b"\n" not in content.replace(b"\r\n", b"") and content.isascii()


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_text_at_all_begins_a_header_or_ends_one(hostile: str) -> None:
    mail = queued(1, Letter(hostile, hostile, hostile, ""))
    parsed = message_from_bytes(message_bytes(mail, "lib@example.vn", hostile, "", ZONE), policy=default)
    assert parsed.keys() == [
        "Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "List-Unsubscribe",
    ]  # fmt: skip
    assert one_line(hostile).isprintable()


def test_message_ids_are_of_the_senders_domain() -> None:
    assert message_id("sathay", "2027-03-31", "0a1b", "lib@example.vn") == "<2027-03-31.sathay.0a1b@example.vn>"


def test_a_test_mail_is_in_the_language_asked_for() -> None:
    letter = trial_letter(Pages(), Stationery("Sa Thay", "en", "lib@example.vn", "https://example.vn/"))
    assert letter.subject == "[Sa Thay] Test mail" and "https://example.vn/" in letter.body
    assert re.search(r'<a href="https://example.vn/">See more</a>', letter.html)
