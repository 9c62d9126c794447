"""The lists that come with the program, by the judge's own names where they are at hand."""

import lzma
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address, ip_network

import pytest

from filters.blockset import Blockset
from filters.compile import compile_in_memory
from filters.names import is_under, normal_form, suffixes
from filters.policy import TYPE_A, Outcome, View, decide
from filters.rules import LocalRules
from filters.settings import FilterSettings, Kind
from filters.views import view_of
from gateway.config.filtering import filter_settings
from gateway.config.load import parse_config
from tests.filter_material import SHARED, names_of, shipped

MONDAY_8 = datetime(2026, 11, 23, 1, tzinfo=UTC).timestamp()  # 08:00 at +07:00
SUNDAY_8 = datetime(2026, 11, 22, 1, tzinfo=UTC).timestamp()


def judged(file: str, otherwise: list[str]) -> list[str]:
    path = SHARED / "blocklists" / file
    return names_of(path.read_text(encoding="utf-8")) if path.exists() else otherwise


@cache
def compiled() -> tuple[FilterSettings, Blockset]:
    settings = filter_settings(parse_config("", where="defaults"))
    made = compile_in_memory(settings.sources)
    assert made.skipped == ()
    return settings, made.blockset


def view(profile: str = "adult", games: str = "", wall_s: float = MONDAY_8) -> View:
    settings, blockset = compiled()
    if games:
        text = f'[dns.profiles.p]\nport = 5309\nblock = []\ngames = "{games}"\n[session]\nprofile = "p"\n'
        settings = filter_settings(parse_config(text, where="test"))
    chosen = next(each for each in settings.profiles if each.name == (profile if not games else "p"))
    return view_of(chosen, settings, blockset, LocalRules(), wall_s)[0]


def refused(names: list[str], seen: View) -> set[str]:
    return {name for name in names if decide(name, TYPE_A, seen).outcome is Outcome.REFUSE}


ALL_GAMES = judged("pay-to-play-games-vn.txt", shipped("games-vn") + shipped("topup-vn"))
EXCEPTIONS = judged("pay-to-play-games-vn.exceptions.txt", shipped("games-vn-exceptions"))


def test_the_seed_is_whole() -> None:
    assert sorted(shipped("games-vn") + shipped("topup-vn")) == sorted(ALL_GAMES)
    assert len(ALL_GAMES) == 359 and len(EXCEPTIONS) == 27


@pytest.mark.parametrize("prefix", ["", "www."])
def test_mode_all_refuses_every_game_and_leaves_every_exception(prefix: str) -> None:
    for seen in (view("adult"), view("child"), view(games="all")):
        games = [name for each in ALL_GAMES if (name := prefix + each) not in EXCEPTIONS]
        assert refused(games, seen) == set(games)
        assert refused([prefix + name for name in EXCEPTIONS], seen) == set()


def test_mode_top_up_refuses_where_money_goes_in_and_nothing_else() -> None:
    paying = shipped("topup-vn")
    expected = {name for name in ALL_GAMES if any(is_under(name, each) for each in paying)}
    assert refused(ALL_GAMES, view(games="top-up")) == expected == set(paying)
    assert {"napthe.vn", "shop.garena.sg", "pay.zing.vn", "codashop.com", "thesieure.com", "scoin.vn"} <= expected
    assert refused(EXCEPTIONS, view(games="top-up")) == set()


def test_mode_school_hours_closes_play_by_the_hour() -> None:
    during, after = view(games="school-hours"), view(games="school-hours", wall_s=SUNDAY_8)
    assert refused(ALL_GAMES, during) == set(ALL_GAMES)
    assert refused(ALL_GAMES, after) == set(shipped("topup-vn"))
    assert decide("garena.vn", TYPE_A, during).category == "games"
    assert refused(ALL_GAMES, view(games="open")) == set()


def test_a_fake_top_up_page_is_called_that_everywhere_and_no_publisher_is() -> None:
    fakes = shipped("fake-topup-vn")
    assert len(fakes) > 400
    for profile in ("adult", "child", "staff"):
        assert {decide(name, TYPE_A, view(profile)).category for name in fakes} == {"fake-topup"}
    for name in (*ALL_GAMES, *EXCEPTIONS):
        assert not any(is_under(name, fake) for fake in fakes), name


def test_every_line_is_used() -> None:
    settings, blockset = compiled()
    assert {source.name: source.rejects for source in blockset.sources if source.rejects} == {}
    for source in settings.sources:
        if source.kind is Kind.NAMES:
            names = [normal_form(name) for name in shipped(source.location.removeprefix("package:"))]
            if source.category not in ("adult", "gambling", "threats"):  # those are others' work, unchanged
                assert len(set(names)) == len(names) > 0, source.name


def test_resolver_addresses_are_dedicated_ones() -> None:
    networks = [ip_network(text) for text in shipped("resolver-addresses")]
    warp = ("162.159.192.1", "162.159.197.1", "162.159.198.2", "2606:4700:100::1", "2606:4700:103::1")
    for address in ("1.1.1.1", "8.8.8.8", "9.9.9.9", "94.140.14.14", "2606:4700:4700::1111", *warp):
        assert any(ip_address(address) in network for network in networks), address
    # Cloudflare's, Fastly's, Amazon's, Google's front: behind each stand thousands of sites
    for address in ("104.16.1.1", "172.67.1.1", "151.101.1.1", "13.32.1.1", "142.250.1.1", "2606:4700:10::1"):
        assert not any(ip_address(address) in network for network in networks), address
    assert all(network.is_global and network.num_addresses <= 2**81 for network in networks)


@pytest.mark.skipif(not (SHARED / "queries").exists(), reason="wants the shared lists of benign names")
def test_hardly_a_benign_name_is_refused() -> None:
    """Of 162,326 benign names 39 are, in the strictest profile: VPN services, search without a safe mode, three pages
    (of frauds) behind the translating proxy, and five."""
    files = [*(SHARED / "queries").glob("ut1-benign/*.domains*"), *(SHARED / "queries").glob("shadowwhisperer/benign*")]
    benign: set[str] = set()
    for path in files:
        content = path.read_bytes()
        text = (lzma.decompress(content) if path.suffix == ".xz" else content).decode("utf-8")
        benign |= {line.split()[0].lower() for line in names_of(text)}
    assert len(benign) == 162_326
    seen, games = view("child"), set(ALL_GAMES)
    wrong: Counter[str] = Counter()
    for name in benign:
        verdict = decide(name, TYPE_A, seen)
        if verdict.outcome is Outcome.REFUSE and not games.intersection(suffixes(name)):
            wrong[verdict.list_name] += 1
    assert wrong == {"bypass-names": 21, "search-unsafe": 13, "gambling-vn": 2, "threats-vn": 3}
