"""The nightly mail of a day that was lived: a patron comes, the line brings the mail to a server on the Internet."""

import json
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest

from gateway.lab.driver import Lab
from gateway.lab.plan import WAN_IPV4, WEB_IPV4

PORT = 2525
OFFICE = "office@example.vn"
MAIL = f"""
[mail]
server = "{WEB_IPV4}"
port = {PORT}
tls = "none"
sender = "lib@example.vn"
recipients = ["{OFFICE}"]
at = "00:00"
spread = "0s"
"""


@pytest.fixture
def config(lab: Lab, tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "cong.toml"
    path.write_text(lab.files.config.read_text(encoding="utf-8") + MAIL, encoding="utf-8")
    yield str(path)
    lab.end_all_sessions()


def test_a_lived_day_is_mailed_once_the_server_can_be_reached(lab: Lab, config: str) -> None:
    lab.login("c1")
    lab.patron("c1").get("http://www.example.com/bytes/300000")
    offline = lab.cong("mail", "send", "--config", config, check=False)
    assert offline.returncode == 1
    assert offline.stdout == "sent 0, refused 0, waiting 1\n"
    assert f"{WEB_IPV4} port {PORT} is not reached" in offline.stderr and "hint: is the line up" in offline.stderr
    assert lab.sql("SELECT state, tries FROM mail_deliveries") == [("waiting", 1)]

    command = [*lab.inside("isp"), sys.executable, "-m", "tests.lab.mail_sink", str(PORT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        try:
            assert sink.stdout and json.loads(sink.stdout.readline()) == {"ready": PORT}
            assert lab.cong("mail", "send", "--config", config, check=False).stdout == "sent 0, refused 0, waiting 1\n"
            assert lab.cong("mail", "send", "--now", "--config", config).stdout == "sent 1, refused 0, waiting 0\n"
            received = json.loads(sink.stdout.readline())
        finally:
            sink.terminate()
            sink.wait(10)

    assert (received["peer"].removeprefix("::ffff:"), received["to"]) == (WAN_IPV4, [OFFICE])
    message = message_from_string(received["content"], policy=default)
    assert message["Subject"].startswith("[Thư viện Sa Thầy] Tổng hợp ngày ")
    body = message.get_body(("plain",))
    assert body is not None
    ((visits,),) = lab.sql("SELECT count(DISTINCT coalesce(counted_as, client_id)) FROM sessions WHERE counted")
    assert f"Lượt sử dụng: {visits}" in body.get_content(), "what the patrons did is what the office reads"
    assert lab.sql("SELECT state, tries, said FROM mail_deliveries") == [("sent", 2, "250 taken")]
