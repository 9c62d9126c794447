"""Accounts of the library's own and library cards: the patron's page, the packets, the ledger's row, and no trace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.lab.driver import Lab
from gateway.lab.patron import Answer
from tests.lab.judges import sip2
from tests.lab.judges.programs import scratch
from tests.lab.reconfigured import reconfigured

CARD, PIN = "21234567", sip2.CARDS["21234567"]


@pytest.fixture(scope="module")
def place(lab: Lab) -> Iterator[Path]:
    with scratch() as found:
        secret = found / "secret"
        secret.write_text(sip2.LOGIN_PASSWORD + "\n", encoding="utf-8")
        system = {"host": sip2.ADDRESS, "port": sip2.PORT, "login": "gateway", "password_file": str(secret)}
        login = {"methods": ["card", "account", "terms"], "sip2": {**system, "timeout": "1s"}}
        with reconfigured(lab, {"login": login}):
            yield found


@pytest.fixture(autouse=True)
def nobody_on(lab: Lab, place: Path) -> Iterator[None]:
    yield
    lab.end_all_sessions()


def sign_in(lab: Lab, client: str, way: str, **typed: str) -> Answer:
    """What a patron sees: the status page, or the form with what is wrong."""
    patron = lab.patron(client)
    _, form = patron.splash(f"http://{lab.config.portal.hostname}/?way={way}")
    fields = tuple((key, typed.get(key, value)) for key, value in form.fields)
    answer = patron.post(f"http://{lab.config.portal.hostname}{form.action}", fields, "http://wifi.internal")
    assert not any(value in answer.location for value in typed.values())
    return patron.get(answer.location) if answer.status == 303 else answer


def is_online(lab: Lab, client: str) -> bool:
    return "example" in lab.patron(client).get("http://www.example.com/").title


def ledger(lab: Lab) -> tuple[str, str, str, str]:
    """Method, profile, terms version and pseudonym of the last session."""
    ((method, profile, version, person),) = lab.sql(
        """SELECT s.method, s.profile, c.terms_version, s.person FROM sessions s JOIN consents c ON c.session_id = s.id
           ORDER BY s.id DESC LIMIT 1"""
    )
    return method, profile, version, person


def traces(lab: Lab, *secrets: str) -> list[str]:
    """Files of the gateway's state and log that hold one of these."""
    files = [*lab.config.state.directory.rglob("*"), lab.files.log("gateway")]
    held = {path: path.read_bytes() for path in files if path.is_file()}
    return [f"{path}: {secret}" for path, raw in held.items() for secret in secrets if secret.encode() in raw]


def test_a_card_leads_online_and_leaves_a_pseudonym_alone(lab: Lab, place: Path) -> None:
    with sip2.serving(lab, place):
        doctor = lab.cong("doctor")
        assert "library system" in doctor.stdout and "reached, logged in" in doctor.stdout
        assert "chưa đúng" in sign_in(lab, "c1", "card", card=CARD, pin="000000").body
        assert "chưa đúng" in sign_in(lab, "c1", "card", card="29999999", pin=PIN).body
        assert lab.sessions() == [] and not is_online(lab, "c1")
        assert "Bạn đã vào mạng" in sign_in(lab, "c1", "card", card=CARD, pin=PIN).body
        assert is_online(lab, "c1")
    method, profile, version, person = ledger(lab)
    assert (method, profile, len(version), len(person)) == ("card", lab.config.session.profile, 12, 24)
    assert lab.sql("SELECT count(*) FROM terms WHERE version = ? AND body LIKE '%thẻ thư viện%'", (version,)) == [(1,)]
    assert traces(lab, CARD, PIN, "Trần Lan", sip2.LOGIN_PASSWORD) == []
    assert is_online(lab, "c1"), "the library system's end is nobody's"
    page = sign_in(lab, "c2", "card", card=CARD, pin=PIN).body
    assert "Hiện chưa hỏi được hệ thống thẻ" in page and "?lang=vi&amp;way=terms" in page
    doctor = lab.cong("doctor", check=False)
    assert doctor.returncode == 1 and "FAULT  library system" in doctor.stdout
    assert "Bạn đã vào mạng" in sign_in(lab, "c2", "terms").body


def test_an_account_leads_online_until_it_is_disabled(lab: Lab, place: Path) -> None:
    file = place / "class.csv"
    file.write_text("﻿name;kind;profile\r\nTrần.Bình.7A;class 7A;child\r\n", encoding="utf-8")
    name, password = lab.cong("account", "import", str(file)).stdout.split()
    assert "chưa đúng" in sign_in(lab, "c1", "account", name=name, password="wrong-one").body
    assert not is_online(lab, "c1")
    assert "Bạn đã vào mạng" in sign_in(lab, "c1", "account", name=f" {name.upper()}", password=password).body
    assert is_online(lab, "c1")
    method, profile, version, person = ledger(lab)
    assert (method, profile, len(version), len(person)) == ("account", "child", 12, 24)
    assert traces(lab, password) == []
    rows = [lab.sql(f"SELECT * FROM {table}") for table in ("sessions", "consents", "clients", "usage", "meta")]
    assert "bình" not in repr(rows).lower() and "bình" not in lab.log("gateway").lower()
    assert lab.cong("account", "disable", name).stdout == "1 disabled, 1 session ended\n"
    assert lab.sessions() == [] and not is_online(lab, "c1")
    assert "đang bị khóa" in sign_in(lab, "c1", "account", name=name, password=password).body
    lab.cong("account", "remove", name)
    assert "chưa đúng" in sign_in(lab, "c1", "account", name=name, password=password).body
