"""Names, as admitted clients ask them, through the kernel's redirect."""

import re
from collections.abc import Iterator

import pytest

from gateway.lab.driver import Lab

WEB4, RESOLVER4, RESOLVER6 = "198.51.100.10", "198.51.100.8", "2001:db8:100::8"


@pytest.fixture(autouse=True)
def c1_on(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    lab.login("c1")
    yield
    lab.end_all_sessions()


@pytest.fixture
def own_word(lab: Lab) -> Iterator[None]:
    """The library's rules of a test that fails half-way are no other test's."""
    yield
    for name in ("news.example.vn", "garena.vn"):
        lab.cong("unblock", name, check=False)


def dig(lab: Lab, *words: str) -> str:
    return lab.run("c1", ["dig", "+tries=1", "+timeout=3", *words]).stdout


def test_a_game_site_is_refused_with_its_reason_and_a_study_site_resolves(lab: Lab) -> None:
    refused = dig(lab, "garena.vn")
    assert re.search(r"garena\.vn\.\s+\d+\s+IN\s+A\s+0\.0\.0\.0", refused)
    assert "EDE: 15 (Blocked)" in refused and "games" in refused
    assert dig(lab, "+short", "hoc.example.vn").split() == [WEB4]


@pytest.mark.parametrize("resolver", [RESOLVER4, RESOLVER6])
@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_a_resolver_typed_in_is_still_the_librarys(lab: Lab, resolver: str, transport: str) -> None:
    assert "EDE: 15" in dig(lab, transport, f"@{resolver}", "garena.vn")
    assert "outside" not in dig(lab, transport, f"@{resolver}", "who.isp.example", "TXT")
    assert dig(lab, "+short", transport, f"@{resolver}", "www.example.com").split() == [WEB4]


@pytest.mark.usefixtures("own_word")
def test_the_librarys_own_word_takes_effect_within_a_second(lab: Lab) -> None:
    def everywhere(name: str, said: str) -> bool:
        """Do eight questions, each from a port of its own and so spread over the workers, get this answer?"""
        return dig(lab, *[name] * 8).count(said) == 8

    assert dig(lab, "+short", "news.example.vn").split() == [WEB4]
    lab.cong("block", "news.example.vn", "--reason", "thử")
    lab.wait_until(lambda: everywhere("news.example.vn", "EDE: 17"), 1, "the refusal")
    assert dig(lab, "+short", "news.example.vn").split() == ["0.0.0.0"]
    lab.cong("unblock", "news.example.vn")
    lab.wait_until(lambda: everywhere("news.example.vn", f"\tA\t{WEB4}"), 1, "the name to be open again")
    lab.cong("allow", "garena.vn")
    lab.wait_until(lambda: "0.0.0.0" not in dig(lab, *["garena.vn"] * 8), 1, "the allowed name")
    lab.cong("unblock", "garena.vn")
    actions = [action for (action,) in lab.sql("SELECT action FROM rules ORDER BY id DESC LIMIT 4")]
    assert actions == ["none", "allow", "none", "block"]
    assert lab.sql("SELECT reason FROM rules WHERE action = 'block' ORDER BY id DESC LIMIT 1") == [("thử",)]


def test_refusals_are_counted_by_category_and_nothing_else(lab: Lab) -> None:
    def counted() -> int:
        ((total,),) = lab.sql("SELECT coalesce(sum(count), 0) FROM refusals WHERE category = 'gambling'")
        return int(total)

    before = counted()
    for name in ("11bet.club", "118kbet.com", "118kbet.com"):
        dig(lab, name)
    lab.wait_until(lambda: counted() == before + 2, 20, "two refusals, the repeated one once")


def test_a_malformed_question_hurts_nobody(lab: Lab) -> None:
    send = (
        "import socket\n"
        "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
        "for b in (b'',b'\\0',b'\\0'*12,b'\\xff'*600,b'\\0\\1\\1\\0\\0\\1'+b'\\0'*6+b'\\x3fabc'):\n"
        " s.sendto(b,('10.77.0.1',53))\n"
    )
    assert lab.run("c1", ["python3", "-c", send]).returncode == 0
    assert dig(lab, "+short", "www.example.com").split() == [WEB4]


def test_why_a_name_is_refused(lab: Lab) -> None:
    told = lab.cong("lists", "check", "garena.vn").stdout
    assert "games-vn" in told and "games" in told
