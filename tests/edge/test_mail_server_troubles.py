"""What a mail server can do to us, over TLS and without: each said in words with what to do (cong mail test, send)."""

import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.clock import SystemClock, local_day
from gateway.config.site import Site
from gateway.units import epoch_s
from tests.edge.desk import CONFIG, CommandDesk
from tests.edge.mail_server import PASSWORD, USER, certificate, mail_server

TO = "truong.phong@sathay.example"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("mail"))


def desk_with(folder: Path, port: int, **more: str) -> CommandDesk:
    """A desk that mails; its password file is there."""
    desk = CommandDesk.at(folder)
    (folder / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    keys = {"server": "127.0.0.1", "tls": "starttls", "sender": "thu-vien@sathay.example", **more}
    lines = [f'{key} = "{value}"' for key, value in keys.items() if value]
    mail = "\n".join(["[mail]", f"port = {port}", f'recipients = ["{TO}"]', *lines])
    (folder / "cong.toml").write_text(f"{CONFIG.format(folder=folder)}{mail}\n", encoding="utf-8")
    return desk


def signed_in(folder: Path, root: Path, **more: str) -> dict[str, str]:
    return {"authority": str(root), "user": USER, "password_file": str(folder / "password"), **more}


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_test_mail_goes_over_tls_and_signed_in(
    tmp_path: Path, trusted: tuple[Path, ssl.SSLContext], tls: str
) -> None:
    root, context = trusted
    with mail_server(context, at_once=tls == "tls", wants_user=True) as server:
        desk = desk_with(tmp_path, server.port, **signed_in(tmp_path, root, tls=tls))
        told = desk.cong("mail", "test", TO)
    assert told.startswith(f"127.0.0.1 port {server.port} took it ({tls}, signed in as {USER}): 250 taken as 4711\n")
    (mail,) = server.received
    assert (mail.over_tls, mail.signed_in, mail.recipients) == (True, True, (TO,))
    assert mail.message["Subject"] == "[Thư viện Sa Thầy] Thư thử"
    assert "Đây là thư thử của Thư viện Sa Thầy." in mail.part("plain")


def test_a_wrong_password_is_said(tmp_path: Path, trusted: tuple[Path, ssl.SSLContext]) -> None:
    root, context = trusted
    with mail_server(context, wants_user=True) as server:
        desk = desk_with(tmp_path, server.port, **signed_in(tmp_path, root))
        (tmp_path / "password").write_text("wrong")
        said = desk.refused("mail", "test", TO)
    assert said.startswith("535 5.7.8 Authentication credentials invalid\n  hint: mail.user is often the whole address")
    assert PASSWORD not in said and server.received == []


def test_a_certificate_nobody_knows_gets_neither_password_nor_mail(
    tmp_path: Path, trusted: tuple[Path, ssl.SSLContext]
) -> None:
    root, context = trusted
    with mail_server(context, wants_user=True) as server:
        desk = desk_with(tmp_path, server.port, **{**signed_in(tmp_path, root), "authority": ""})
        said = desk.refused("mail", "test", TO)
        other = desk_with(tmp_path, server.port, **signed_in(tmp_path, root, server="localhost"))
        name = other.refused("mail", "test", TO)
    assert "the certificate of 127.0.0.1" in said and "is not believed" in said and "mail.authority" in said
    assert "Hostname mismatch" in name and "is not valid for 'localhost'" in name
    assert server.received == []


def test_a_server_without_starttls_gets_nothing_in_the_clear(tmp_path: Path) -> None:
    with mail_server() as server:
        said = desk_with(tmp_path, server.port).refused("mail", "test", TO)
        at_once = desk_with(tmp_path, server.port, tls="tls").refused("mail", "test", TO)
    assert "offers no STARTTLS" in said
    assert 'port and tls must go together: 587 is "starttls", 465 is "tls"' in at_once
    assert server.received == []


def test_a_server_that_wants_no_sign_in_is_said(tmp_path: Path, trusted: tuple[Path, ssl.SSLContext]) -> None:
    root, context = trusted
    with mail_server(context) as server:
        desk = desk_with(tmp_path, server.port, **signed_in(tmp_path, root))
        server.script.senders = ["553 5.7.1 sender is not yours"]
        assert "553 5.7.1 sender is not yours\n  hint: most servers want mail.sender" in desk.refused(
            "mail", "test", TO
        )
        server.script.recipients[TO] = ["550 5.1.1 unknown \x1b[31m", "450 4.2.0 later"]
        assert "does not take mail for truong.phong@sathay.example: 550 5.1.1 unknown [31m" in desk.refused(
            "mail", "test", TO
        )
        assert "450 4.2.0 later\n  hint: the server may take it later" in desk.refused("mail", "test", TO)
    assert "is not reached: Connection refused\n  hint: is the line up" in desk.refused("mail", "test", TO)
    nowhere = desk_with(tmp_path, 587, server="mail.sathay.invalid").refused("mail", "test", TO)
    assert "no address of mail.sathay.invalid is to be had" in nowhere


def test_a_server_that_hangs_up_before_it_greets(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        desk = desk_with(tmp_path, listening.getsockname()[1], tls="none")
        rude = subprocess.Popen(
            [sys.executable, "-c", "import socket, sys; socket.socket(fileno=int(sys.argv[1])).accept()",
             str(listening.fileno())], pass_fds=[listening.fileno()],
        )  # fmt: skip
        said = desk.refused("mail", "test", TO)
        rude.wait(20)
    assert "hung up" in said


def test_wrong_use_is_said(tmp_path: Path) -> None:
    off = CommandDesk.at(tmp_path)
    assert off.cong("mail", "send") == "no mail is sent: mail.server is not given\n"
    assert "mail.server is not given" in off.refused("mail", "test", TO)
    desk = desk_with(tmp_path, 25, tls="none")
    assert "is no mail address" in desk.refused("mail", "test", "x@y\nBcc: z@example.vn")
    assert "there is no database" in desk.refused("mail", "send")
    missing = desk_with(tmp_path, 25, user="u", password_file=str(tmp_path / "none")).refused("mail", "test", TO)
    assert "the password of the mail server can't be read" in missing


def test_killed_between_sending_and_noting_it_comes_twice_under_one_number(tmp_path: Path) -> None:
    """SIGKILL while the server has the mail and has not answered, as a power cut would."""
    command = [sys.executable, "-c", "from gateway.cli.main import main; main()", "mail", "send"]
    with mail_server() as server:
        desk = desk_with(tmp_path, server.port, tls="none", at="00:00", spread="0s")
        desk.cong("facts", "add", "pc", "code=PC01", "bought_on=2024-01-01")
        put(tmp_path, f"{local_day(SystemClock().now(), Site().zone)}", epoch_s(SystemClock().now()), TO)
        environment = {**os.environ, "CONG_CONFIG": str(tmp_path / "cong.toml")}
        sending = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        server.script.taking = lambda: sending.send_signal(signal.SIGKILL)
        assert sending.wait(30) == -signal.SIGKILL
        sending.communicate()
        server.script.taking = None
        assert states(tmp_path) == [("waiting", 1)], "the try was counted before it was made"
        again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (again.stdout, states(tmp_path)) == ("sent 0, refused 0, waiting 1\n", [("waiting", 1)])
        subprocess.run([*command, "--now"], env=environment, capture_output=True, check=True)
        subprocess.run([*command, "--now"], env=environment, capture_output=True, check=True)
    assert states(tmp_path) == [("sent", 2)]
    first, second = (str(mail.message["Message-ID"]) for mail in server.received)
    assert first == second


def put(
    folder: Path, day: str, at_s: int, recipient: str = "", *, kind: str = "night", tries: int = 0, said: str = ""
) -> None:
    """A mail in the queue, due since it was put there."""
    with sqlite3.connect(folder / "cong.sqlite") as sql:
        (number,) = sql.execute(
            """INSERT INTO mails (site, kind, first_on, day_on, message_id, subject, body, html, short, queued_at)
               VALUES ('sa-thay', ?, ?, ?, ?, 'Tổng hợp', 'x', 'x', 'x', ?) RETURNING id""",
            (kind, day, day, f"<{day}@sathay.example>", at_s),
        ).fetchone()
        if recipient:
            sql.execute(
                "INSERT INTO mail_deliveries VALUES (?, ?, 'waiting', ?, ?, NULL, ?, '')",
                (number, recipient, tries, at_s, said),
            )
    sql.close()


def states(folder: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(folder / "cong.sqlite") as sql:
        rows = sql.execute("SELECT state, tries FROM mail_deliveries WHERE mail_id = 1").fetchall()
    sql.close()
    return [(row[0], row[1]) for row in rows]


def test_list_tells_each_mail_and_doctor_what_waits(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, 9, tls="none", at="00:00", spread="0s")
    desk.cong("facts", "add", "pc", "code=PC01", "bought_on=2024-01-01")
    assert desk.cong("mail", "list") == "no mail yet\n"
    put(tmp_path, "2024-03-01", 1709300000, TO, tries=3, said="the line is down")
    put(tmp_path, "2024-03-02", 1709386400, kind="passed")
    assert desk.cong("mail", "list") == (
        "2024-03-02  none: closed, nothing to tell\n"
        "2024-03-01  Tổng hợp\n"
        f"            {TO}  waiting, 3 tries, next 2024-03-01 20:33: the line is down\n"
    )
    passed, night = desk.told("mail", "list")
    assert (passed["kind"], night["deliveries"][0]["state"], night["deliveries"][0]["tries"]) == (
        "passed",
        "waiting",
        3,
    )
    findings = {each["thing"]: each for each in desk_json(desk)}
    mail = findings["nightly mail"]
    waits = "1 wait for more than a day, since that of 2024-03-01."
    again = "It has not gone yet and is tried again by itself. What was said last: “the line is down”"
    assert (mail["good"], mail["said"]) == (False, f"{waits} {again}")
    assert str(mail["hint"]).endswith(f"cong mail test {TO}")
    with sqlite3.connect(tmp_path / "cong.sqlite") as sql:  # as the sender notes it since there are words for it
        sql.execute("UPDATE mail_deliveries SET trouble = 'unreachable', said = 'x port 25 is not reached'")
    sql.close()
    (mail,) = (each for each in desk_json(desk, "vi") if each["key"] == "mail")
    assert "Không tới được máy chủ thư. Xem lại mạng và cổng" in str(mail["said"])


def desk_json(desk: CommandDesk, language: str = "en") -> list[dict[str, object]]:
    """What cong doctor prints, though it ends with 1: the gateway does not run here."""
    found: list[dict[str, object]] = json.loads(desk.run("doctor", "--json", "--language", language).stdout)
    return found
