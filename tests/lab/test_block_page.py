"""A refused name as a patron meets it: the page over both families, https refused at once, a wish, a grant."""

import json
import re
import time
from collections.abc import Iterator

import pytest

from gateway.lab.driver import Lab

NAME = "garena.vn"
_PAGE = '\n[dns.profiles.adult]\nport = 5301\nblock = ["gambling"]\ngames = "all"\nrefusal = "page"\n'


@pytest.fixture(scope="module", autouse=True)
def page_mode(lab: Lab) -> Iterator[None]:
    """The lab's filter with refusal = "page", for these tests only."""
    before = lab.files.config.read_text(encoding="utf-8")
    lab.files.config.write_text(before + _PAGE, encoding="utf-8")
    lab.restart("dns")
    yield
    lab.files.config.write_text(before, encoding="utf-8")
    lab.restart("dns")


@pytest.fixture(autouse=True)
def c1_on(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    lab.login("c1")
    yield
    lab.cong("unblock", NAME)
    lab.end_all_sessions()


def curl(lab: Lab, *words: str) -> str:
    return lab.run("c1", ["curl", "-sS", "--max-time", "5", *words]).stdout


@pytest.mark.parametrize("family", ["-4", "-6"])
def test_the_page_names_the_group_over_both_families(lab: Lab, family: str) -> None:
    html = curl(lab, family, "-i", f"http://{NAME}/play?x=1")
    assert html.startswith("HTTP/1.1 403") and NAME in html and "Trò chơi trực tuyến có nạp tiền" in html


@pytest.mark.parametrize("family", ["-4", "-6"])
def test_https_is_refused_at_once_and_shows_no_certificate(lab: Lab, family: str) -> None:
    begun = time.monotonic()
    done = lab.run("c1", ["curl", "-sS", family, "--max-time", "5", f"https://{NAME}/"])
    assert done.returncode == 7, done.stderr  # connection refused
    assert time.monotonic() - begun < 2


def test_a_wish_reaches_the_desk_and_a_grant_the_patron(lab: Lab) -> None:
    html = curl(lab, f"http://{NAME}/")
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    fields = [word for key, value in form.items() for word in ("--data-urlencode", f"{key}={value}")]
    asked = curl(lab, "-L", *fields, f"http://{NAME}/cong/ask")
    (request,) = json.loads(lab.cong("requests", "--json").stdout)
    assert request["code"] in asked
    assert (request["name"], request["profile"], request["category"]) == (NAME, "adult", "games")
    lab.cong("allow", "--request", request["code"], "--for", "1h")
    lab.wait_until(lambda: "198.19.255.254" not in lab.run("c1", ["dig", "+short", NAME]).stdout, 2, "the grant")
    assert json.loads(lab.cong("requests", "--json").stdout) == []


def test_the_portal_tells_why_for_names_typed_in(lab: Lab) -> None:
    html = curl(lab, "-G", "--data-urlencode", f"name=https://{NAME}/x", "http://wifi.internal/why")
    assert "Trò chơi trực tuyến có nạp tiền" in html


def test_a_captive_device_is_led_to_the_portal(lab: Lab) -> None:
    lab.end_all_sessions()
    answer = curl(lab, "-i", "--resolve", f"{NAME}:80:198.19.255.254", f"http://{NAME}/")
    assert "302" in answer.splitlines()[0] and "http://wifi.internal/" in answer
