"""Destinations, tokens, redirects: what a stranger may send, and what becomes of it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.client import Mac
from gateway.portal.destination import destination, wanted_url
from gateway.portal.redirector import Redirector
from gateway.portal.token import make_token, token_fits

KEY, MAC, OTHER = b"k" * 32, Mac("02:00:5e:10:00:01"), Mac("02:00:5e:10:00:02")
NOW = 1_800_000_000


def test_a_token_fits_its_device_act_and_time_only() -> None:
    token = make_token(KEY, "login", MAC, NOW)
    assert token_fits(token, KEY, "login", MAC, NOW + 3599)
    assert not token_fits(token, KEY, "login", MAC, NOW + 3600)
    assert not token_fits(token, KEY, "login", MAC, NOW - 3600)
    assert not token_fits(token, KEY, "end", MAC, NOW)
    assert not token_fits(token, KEY, "login", OTHER, NOW)
    assert not token_fits(token, b"x" * 32, "login", MAC, NOW)


@given(st.text(max_size=80))
def test_no_made_up_token_fits(token: str) -> None:
    assert not token_fits(token, KEY, "login", MAC, NOW)


def test_a_token_holds_neither_mac_nor_key() -> None:
    raw = base64.urlsafe_b64decode(make_token(KEY, "login", MAC, NOW) + "==")
    assert len(raw) == 24 and bytes.fromhex(MAC.replace(":", "")) not in raw


@pytest.mark.parametrize(
    "asked",
    ["http://www.example.com/a?b=c%20d", "https://news.example.vn/", "http://a-b.example.com/x,y;z=(1)"],
)
def test_honest_destinations_are_kept(asked: str) -> None:
    assert destination(asked) == asked


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "http://user@evil.example/",
        "http://www.example.com@evil.example/",
        "http://evil.example:8080/",
        "http:///x",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://localhost/",
        "ftp://www.example.com/",
        "http://www.example.com/\r\nSet-Cookie: a=b",
        "http://www.example.com\\@evil.example/",
        "http://www.example.com/" + "a" * 600,
        "http://xn--/",
        "http://www.exa mple.com/",
    ],
)
def test_tricks_are_no_destination(asked: str) -> None:
    assert destination(asked) == ""


@given(st.text(max_size=200))
def test_a_destination_is_plain_or_nothing(asked: str) -> None:
    found = destination(asked)
    assert found == "" or (found.startswith(("http://", "https://")) and not set(found) & set("\"'<>\\ \r\n"))


def test_a_wanted_url_is_put_together_from_plain_parts_only() -> None:
    assert wanted_url("News.Example.VN:80", "/a?b=1") == "http://news.example.vn/a?b=1"
    assert wanted_url("news.example.vn", "http://evil/") is None
    assert wanted_url("news.example.vn:8080", "/") is None
    assert wanted_url("a" * 64 + ".vn", "/") is None
    assert wanted_url("news.example.vn\r\nX: y", "/") is None


REDIRECTOR = Redirector("http://wifi.internal/")


def location(answer: bytes) -> bytes:
    head = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert head[0] == b"HTTP/1.1 302 Found"
    assert b"Cache-Control: no-store" in head and b"Connection: close" in head
    (found,) = [line for line in head if line.startswith(b"Location: ")]
    return found.removeprefix(b"Location: ")


def test_a_page_somebody_wanted_is_carried_along() -> None:
    answer = REDIRECTOR.answer(b"GET /a?b=1 HTTP/1.1\r\nHost: news.example.vn\r\n\r\n")
    assert location(answer) == b"http://wifi.internal/?to=http%3A%2F%2Fnews.example.vn%2Fa%3Fb%3D1"
    assert len(answer.partition(b"\r\n\r\n")[2]) > 4  # Android takes an empty body for a failure


@pytest.mark.parametrize(
    "head",
    [
        b"GET /hotspot-detect.html HTTP/1.0\r\nHost: captive.apple.com\r\n\r\n",
        b"GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.gstatic.com\r\n\r\n",
        b"GET /generate_204 HTTP/1.1\r\nHost: unknown.vendor.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a.example\r\n\r\n",
        b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: $(reboot)\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /?" + b"a" * 65536,
        b"",
    ],
)
def test_all_else_is_led_to_the_portal_without_a_destination(head: bytes) -> None:
    assert location(REDIRECTOR.answer(head)) == b"http://wifi.internal/"


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_no_request_writes_its_own_headers(target: bytes, host: bytes) -> None:
    answer = REDIRECTOR.answer(b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert len(head.split(b"\r\n")) == 6
    assert int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]) == len(body)
    assert location(answer).startswith(b"http://wifi.internal/")
