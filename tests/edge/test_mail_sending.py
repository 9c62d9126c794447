"""The nightly mail: from facts through the queue to a true mail server; what it received and what the queue says."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path

import pytest

from gateway.cli.checkup import Grade
from gateway.cli.mail import send_due
from gateway.cli.mail_told import mail_state
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.flows.mail import Sent
from tests.edge.desk import CONFIG, CommandDesk
from tests.edge.mail_server import MailServer, mail_server
from tests.edge.told_night import DAY, SUBJECT, TEXT, Told, at, facts, take

CHIEF, OFFICE = "truong.phong@sathay.example", "van.phong@sathay.example"
MAIL = """
[mail]
server = "127.0.0.1"
port = {port}
tls = "none"
sender = "thu-vien@sathay.example"
recipients = ["{chief}", "{office}"]
at = "21:30"
link = "https://desk.sathay.example/"
"""
EVENING = datetime.fromisoformat("2027-03-31T21:55:00+07:00")
NEXT = date(2027, 4, 1)


class Library:
    """A library that mails."""

    def __init__(self, folder: Path, port: int, more: str = "") -> None:
        self.folder = folder
        self.desk = CommandDesk.at(folder)
        self.write(MAIL.format(port=port, chief=CHIEF, office=OFFICE) + more)

    def write(self, mail: str) -> None:
        text = CONFIG.format(folder=self.folder) + mail
        (self.folder / "cong.toml").write_text(text, encoding="utf-8")

    @property
    def config(self) -> Config:
        return load_config(self.folder / "cong.toml")

    def send(self, now: datetime = EVENING, *, hurry: bool = False) -> Sent:
        return asyncio.run(send_due(self.config, now, hurry=hurry))

    def rows(self, query: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.folder / "cong.sqlite")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def deliveries(self) -> list[tuple[object, ...]]:
        """Day, recipient, state, tries; as the queue has them."""
        return self.rows(
            """SELECT m.day_on, d.recipient, d.state, d.tries FROM mails m JOIN mail_deliveries d ON d.mail_id = m.id
               ORDER BY m.id, d.recipient"""
        )


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as here:
        yield here


@pytest.fixture
def library(tmp_path: Path, server: MailServer) -> Library:
    made = Library(tmp_path, server.port)
    take(made.desk)
    return made


def test_the_night_is_mailed_once_in_text_and_html(library: Library, server: MailServer) -> None:
    assert library.send() == Sent(sent=2)
    assert library.send(EVENING + timedelta(minutes=10)) == Sent(), "asked twice, mailed once"
    (mail,) = server.received
    assert (mail.sender, mail.recipients) == ("thu-vien@sathay.example", (CHIEF, OFFICE))
    assert mail.greeted_as == "[127.0.0.1]"
    message = mail.message
    assert message["Subject"] == SUBJECT
    assert message["From"].addresses[0].display_name == "Thư viện Sa Thầy"
    assert message["From"].addresses[0].addr_spec == "thu-vien@sathay.example"
    assert [one.addr_spec for one in message["To"].addresses] == [CHIEF, OFFICE]
    assert parsedate_to_datetime(message["Date"]) == EVENING
    assert re.fullmatch(r"<2027-03-31\.sa-thay\.[0-9a-f]{12}@sathay\.example>", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<mailto:thu-vien@sathay.example?subject=stop%20sa-thay>"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in message.iter_parts()] == ["utf-8", "utf-8"]
    told = TEXT.replace("đầy đủ. Báo", "đầy đủ, tính đến 21:55. Báo")
    foot = (
        "\nXem thêm: https://desk.sathay.example/\n"
        "Thư do cổng Internet của thư viện tự gửi. Để thôi nhận, xin viết cho thu-vien@sathay.example.\n"
    )
    assert mail.part("plain").replace("\r\n", "\n") == told + foot
    assert library.deliveries() == [(DAY, CHIEF, "sent", 1), (DAY, OFFICE, "sent", 1)]
    assert library.rows("SELECT kind, message_id FROM mails") == [("night", str(message["Message-ID"]))]


def test_html_says_the_same_without_anything_from_outside(library: Library, server: MailServer) -> None:
    library.send()
    (mail,) = server.received
    html = mail.part("html")
    assert len(mail.content) < 50_000
    assert not re.search(r"<(img|script|link|iframe|object)|url\(|@import", html)
    assert re.findall(r'(?:src|href)="([^"]*)"', html) == [
        "https://desk.sathay.example/",
        "mailto:thu-vien@sathay.example?subject=stop",
    ]
    compared = "46 (trung bình 4 thứ Tư gần đây: 43; +7,0%)"
    for figure in (compared, "9/10", "6,1/7,0 (86,4%)", "Máy PC07 không hoạt động"):
        assert figure in unescape(html)
    assert not any(len(line) > 998 for line in mail.content.split(b"\r\n")), "RFC 5321 4.5.3.1.6"
    assert all(byte < 128 for byte in mail.content), "seven bits pass every server"


def test_before_its_time_nothing_is_mailed_but_the_night_before(library: Library, server: MailServer) -> None:
    library.send(datetime.fromisoformat("2027-03-31T21:29:00+07:00"))
    assert [row[0] for row in library.rows("SELECT day_on FROM mails")] == ["2027-03-30"]
    assert library.send() == Sent(sent=2)
    assert len(server.received) == 2


def test_a_box_that_was_off_mails_the_night_when_it_is_on_again(library: Library, server: MailServer) -> None:
    assert library.send(datetime.fromisoformat("2027-04-01T07:00:00+07:00")).sent == 2
    (mail,) = server.received
    assert mail.message["Subject"] == SUBJECT
    assert mail.part("plain").replace("\r\n", "\n").startswith(TEXT), "the day is over: to the letter"


def test_the_mail_can_be_in_english(library: Library, server: MailServer) -> None:
    library.write(MAIL.format(port=server.port, chief=CHIEF, office=OFFICE) + 'language = "en"\n')
    library.send()
    (mail,) = server.received
    assert "2 items to handle" in mail.message["Subject"] and "To get no more of these" in mail.part("plain")
    assert '<html lang="en">' in mail.part("html")


def test_later_is_said_by_a_4xx_and_success_follows(library: Library, server: MailServer) -> None:
    server.script.recipients[OFFICE] = ["451 4.7.1 greylisted, come again"]
    assert library.send() == Sent(sent=1, waiting=1)
    assert library.deliveries() == [(DAY, CHIEF, "sent", 1), (DAY, OFFICE, "waiting", 1)]
    assert library.rows("SELECT said FROM mail_deliveries WHERE state = 'waiting'") == [
        ("451 4.7.1 greylisted, come again",)
    ]
    assert library.send(EVENING + timedelta(minutes=2)) == Sent(waiting=1), "not before its time"
    assert library.send(EVENING + timedelta(minutes=10)) == Sent(sent=1)
    assert [mail.recipients for mail in server.received] == [(CHIEF,), (OFFICE,)]
    assert library.deliveries() == [(DAY, CHIEF, "sent", 1), (DAY, OFFICE, "sent", 2)]


def test_a_recipient_refused_for_good_is_shown_and_not_tried_again(library: Library, server: MailServer) -> None:
    server.script.recipients[OFFICE] = ["550 5.1.1 no such user"] * 9
    assert library.send() == Sent(sent=1, refused=1)
    assert library.send(EVENING + timedelta(days=1) - timedelta(hours=2), hurry=True) == Sent()
    assert len(server.script.recipients[OFFICE]) == 8
    assert library.deliveries() == [(DAY, CHIEF, "sent", 1), (DAY, OFFICE, "refused", 1)]
    state = mail_state(library.config, EVENING, "vi")
    assert state is not None and state.grade is Grade.FAULT
    said = state.says("vi")
    assert said.startswith(f"thư của ngày {DAY} gửi {OFFICE} bị từ chối. Máy chủ thư từ chối. Xem lại địa chỉ nhận")
    assert said.endswith("Máy chủ trả lời: «550 5.1.1 no such user»") and "sửa người nhận" in state.hint("vi")


def test_a_mail_refused_as_a_whole_is_refused_for_all(library: Library, server: MailServer) -> None:
    server.script.contents = ["452 4.3.1 disk full", "554 5.7.1 looks like junk"]
    assert library.send() == Sent(waiting=2)
    assert library.send(EVENING + timedelta(minutes=10)) == Sent(refused=2)
    assert [row[2:] for row in library.deliveries()] == [("refused", 2)] * 2
    assert server.received == []


def test_the_server_is_gone_and_comes_back(library: Library, server: MailServer, tmp_path: Path) -> None:
    port = server.port
    library.write(MAIL.format(port=9, chief=CHIEF, office=OFFICE))
    waits = []
    now = EVENING
    for _ in range(5):
        sent = library.send(now)
        assert (sent.sent, sent.waiting) == (0, 2)
        assert sent.trouble is not None and "Connection refused" in sent.trouble.message
        ((next_at,),) = library.rows("SELECT DISTINCT next_try_at FROM mail_deliveries")
        assert isinstance(next_at, int)
        waits.append(next_at - int(now.timestamp()))
        now = datetime.fromtimestamp(next_at, now.tzinfo)
    assert library.rows("SELECT DISTINCT trouble FROM mail_deliveries") == [("unreachable",)]
    state = mail_state(library.config, EVENING + timedelta(days=2), "vi")
    assert state is not None and "Không tới được máy chủ thư. Xem lại mạng và cổng" in state.says("vi")
    for n, wait in enumerate(waits):
        assert 150 * 2**n - 1 <= wait <= 300 * 2**n + 1, "each wait about twice the one before"
    library.write(MAIL.format(port=port, chief=CHIEF, office=OFFICE))
    assert library.send(now) == Sent(sent=2)
    assert [row[2:] for row in library.deliveries()] == [("sent", 6)] * 2
    assert len(server.received) == 1


def test_the_line_cut_before_the_answer_costs_one_duplicate_with_the_same_number(
    library: Library, server: MailServer
) -> None:
    server.script.contents = ["hang up"]
    sent = library.send()
    assert sent.trouble is not None and "hung up" in sent.trouble.message
    assert library.send(EVENING + timedelta(minutes=10)) == Sent(sent=2)
    first, second = (mail.message for mail in server.received)
    assert first["Message-ID"] == second["Message-ID"] and first["Date"] == second["Date"]
    assert library.send(EVENING + timedelta(minutes=20)) == Sent()


def test_offline_for_weeks_at_most_fourteen_wait_then_one_combined_mail(library: Library, server: MailServer) -> None:
    library.write(MAIL.format(port=9, chief=CHIEF, office=OFFICE))
    days = [day for n in range(24) if (day := NEXT + timedelta(days=n)).weekday() < 5]
    take(library.desk, (told for day in days for told in _busy(day)))
    waiting = []
    for day in days:
        library.send(datetime.fromisoformat(f"{day}T21:55:00+07:00"))
        waiting.append(len(library.rows("SELECT DISTINCT mail_id FROM mail_deliveries WHERE state = 'waiting'")))
    assert waiting[:15] == [*range(1, 15), 1], "the fifteenth puts all into one"
    library.write(MAIL.format(port=server.port, chief=CHIEF, office=OFFICE))
    last = datetime.fromisoformat(f"{days[-1]}T22:30:00+07:00")
    sent = library.send(last, hurry=True)
    assert sent.sent == 2 * len(server.received) == 2 * waiting[-1]
    combined = server.received[0]
    assert combined.message["Subject"] == (
        "[Thư viện Sa Thầy] Tổng hợp các ngày 1/4/2027 – 21/4/2027, gửi chung do mất mạng"
    )
    text = combined.part("plain")
    assert text.index("21/4/2027: 2 lượt") < text.index("20/4/2027: 2 lượt") < text.index("Năm 1/4/2027: 2 lượt")
    assert len(combined.content) < 50_000 and "20/4/2027: 2 lượt" in combined.part("html")
    states = library.rows("SELECT state, COUNT(*) FROM mail_deliveries GROUP BY state ORDER BY state")
    assert states == [("combined", 30), ("sent", 2 * waiting[-1])]


def _busy(day: date) -> Iterator[Told]:
    for n in (1, 2):
        span = {"start": at("08:00", f"{day}"), "stop": at("08:30", f"{day}")}
        yield {"kind": "session", "id": f"{day}-{n}", "access": "wifi", "device": f"{day}-{n}", **span}


def test_a_closed_day_is_passed_over_unless_something_happened(library: Library, server: MailServer) -> None:
    saturday = datetime.fromisoformat("2027-04-03T21:55:00+07:00")
    take(library.desk, [{"kind": "heartbeat", "begin": at("00:00", "2027-04-03"), "end": at("21:00", "2027-04-03")}])
    assert library.send(saturday) == Sent()
    assert library.rows("SELECT day_on, kind FROM mails") == [("2027-04-03", "passed")]
    span = {"begin": at("10:00", "2027-04-04"), "end": at("12:00", "2027-04-04")}
    take(library.desk, [{"kind": "outage", "id": "9", **span, "cause": "isp"}])
    assert library.send(saturday + timedelta(days=1)).sent == 2
    (mail,) = server.received
    assert "Mất Internet 120 phút (10:00–12:00), chưa có mã sự cố." in mail.part("plain")


def test_a_clock_before_the_last_night_mails_nothing(library: Library, server: MailServer) -> None:
    library.send()
    with pytest.raises(GatewayError, match="the clock says 1970-01-01, but the mail of 2027-03-31 is already made"):
        library.send(datetime.fromisoformat("1970-01-01T22:00:00+07:00"))
    assert len(server.received) == 1 and len(library.rows("SELECT 1 FROM mails")) == 1


def test_two_runs_at_once_make_one_mail_and_send_it_once(library: Library, server: MailServer) -> None:
    config = library.config

    async def both() -> list[Sent]:
        return list(await asyncio.gather(*(send_due(config, EVENING) for _ in range(3))))

    runs = asyncio.run(both())
    assert sum(one.sent for one in runs) == 2 and all(one.trouble is None for one in runs)
    assert len(server.received) == 1
    assert library.deliveries() == [(DAY, CHIEF, "sent", 1), (DAY, OFFICE, "sent", 1)]


def test_a_wait_set_by_a_clock_that_was_ahead_ends_when_it_is_right(library: Library, server: MailServer) -> None:
    server.script.recipients[OFFICE] = ["451 later"]
    assert library.send() == Sent(sent=1, waiting=1)
    ahead = int(datetime.fromisoformat("2036-02-07T00:00:00+07:00").timestamp())
    with sqlite3.connect(library.folder / "cong.sqlite") as sql:
        sql.execute("UPDATE mail_deliveries SET next_try_at = ? WHERE state = 'waiting'", (ahead,))
    sql.close()
    assert library.send(EVENING + timedelta(minutes=20)) == Sent(sent=1)
    assert [mail.recipients for mail in server.received] == [(CHIEF,), (OFFICE,)]


def test_what_waits_is_sent_though_the_clock_forbids_a_new_night(library: Library, server: MailServer) -> None:
    server.script.recipients[OFFICE] = ["451 later"]
    library.send()
    with pytest.raises(GatewayError, match="the clock says 2027-03-30"):
        library.send(EVENING - timedelta(days=1), hurry=True)
    assert [mail.recipients for mail in server.received] == [(CHIEF,), (OFFICE,)]


def test_a_clock_that_was_ahead_is_put_right_by_hand(library: Library, server: MailServer) -> None:
    library.send(datetime.fromisoformat("2036-02-07T22:00:00+07:00"))
    with pytest.raises(GatewayError, match="2036-02-07 is already made") as refused:
        library.send()
    assert "cong mail drop" in refused.value.hint
    assert library.desk.cong("mail", "drop").startswith("taken out: 1, all of after 20")
    assert library.send() == Sent(sent=2)


def test_who_is_taken_out_of_the_recipients_gets_nothing_more(library: Library, server: MailServer) -> None:
    server.script.recipients[OFFICE] = ["451 later"]
    library.send()
    library.write(MAIL.format(port=server.port, chief=CHIEF, office=OFFICE).replace(f', "{OFFICE}"', ""))
    assert library.send(EVENING + timedelta(minutes=10)) == Sent()
    assert library.deliveries() == [(DAY, CHIEF, "sent", 1), (DAY, OFFICE, "refused", 1)]


def test_hostile_letters_in_the_sites_name_begin_no_header(tmp_path: Path, server: MailServer) -> None:
    name = 'Thư viện\r\nBcc: all@example.vn\r\n\r\n"<b>x</b>\x1b[31m'
    library = Library(tmp_path, server.port)
    told = ({**one, "name": name} if one["kind"] == "site" else one for one in facts())
    try:
        take(library.desk, told)
    except AssertionError:
        # facts refuse such a name; the configuration takes it
        take(library.desk, (one for one in facts() if one["kind"] != "site"))
    text = (library.folder / "cong.toml").read_text(encoding="utf-8")
    escaped = 'Thư viện\\r\\nBcc: all@example.vn\\r\\n\\r\\n\\"<b>x</b>\\u001b[31m'
    (library.folder / "cong.toml").write_text(text.replace("Thư viện Sa Thầy", escaped), encoding="utf-8")
    assert library.config.site.name == name
    assert library.send().sent == 2
    (mail,) = server.received
    assert mail.recipients == (CHIEF, OFFICE)
    assert mail.message["Bcc"] is None
    assert mail.message["From"].addresses[0].addr_spec == "thu-vien@sathay.example"
    assert mail.message["Subject"].startswith('[Thư viện Bcc: all@example.vn "<b>x</b> [31m] Tổng hợp ngày 31/3/2027')
    assert "<b>x" not in mail.part("html") and "\x1b" not in mail.part("plain") + mail.part("html")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ban-doc@sathay.example", "ban-doc@sathay.example"),
        ("phòng đọc\\r\\nBcc: all@example.vn", "thu-vien@sathay.example"),
    ],
)
def test_answers_go_to_the_librarys_mailbox_if_it_is_one(
    library: Library, server: MailServer, said: str, told: str
) -> None:
    path = library.folder / "cong.toml"
    path.write_text(path.read_text("utf-8").replace("[site]\n", f'[site]\nmail = "{said}"\n'), encoding="utf-8")
    library.send()
    (mail,) = server.received
    assert mail.message["Bcc"] is None and mail.recipients == (CHIEF, OFFICE)
    assert mail.message["List-Unsubscribe"] == f"<mailto:{told}?subject=stop%20sa-thay>"
    assert f"xin viết cho {told}." in mail.part("plain")
    reply_to = mail.message["Reply-To"]
    assert (reply_to.addresses[0].addr_spec if reply_to else "thu-vien@sathay.example") == told


def test_mails_are_deleted_with_who_got_them_after_ninety_days(library: Library, server: MailServer) -> None:
    library.send()
    later = datetime.fromisoformat("2027-06-30T21:55:00+07:00")
    take(library.desk, _busy(later.date()))
    library.send(later)
    assert [row[0] for row in library.rows("SELECT day_on FROM mails")] == ["2027-06-30"]
    assert [row[0] for row in library.deliveries()] == ["2027-06-30"] * 2
