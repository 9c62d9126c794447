"""Safe search: every engine of the specification's table, and nothing when it is off."""

import pytest

from filters.names import normal_form
from filters.safesearch import targets
from filters.settings import SafeSearch

OFF, MODERATE, STRICT = SafeSearch.OFF, SafeSearch.MODERATE, SafeSearch.STRICT
YOUTUBE = "www.youtube.com m.youtube.com youtubei.googleapis.com youtube.googleapis.com www.youtube-nocookie.com"


def test_off_is_off() -> None:
    assert targets(OFF, OFF) == {}


@pytest.mark.parametrize("level", [MODERATE, STRICT])
def test_search_engines(level: SafeSearch) -> None:
    found = targets(level, OFF)
    google = {name for name, target in found.items() if target == "forcesafesearch.google.com"}
    assert len(google) >= 190
    assert {"www.google.com", "www.google.com.vn", "www.google.co.uk", "www.google.de", "www.google.com.kh"} <= google
    yandex = {name for name, target in found.items() if target == "familysearch.yandex.ru"}
    assert len(yandex) == 52
    assert {"ya.ru", "www.ya.ru", "yandex.com", "www.yandex.ru"} <= yandex
    others = {name: target for name, target in found.items() if name not in google | yandex}
    assert others == {
        "www.bing.com": "strict.bing.com",
        "edgeservices.bing.com": "strict.bing.com",
        "duckduckgo.com": "safe.duckduckgo.com",
        "www.duckduckgo.com": "safe.duckduckgo.com",
        "start.duckduckgo.com": "safe.duckduckgo.com",
        "www.ecosia.org": "strict-safe-search.ecosia.org",
        "pixabay.com": "safesearch.pixabay.com",
        "search.brave.com": "forcesafe.search.brave.com",
        "api.qwant.com": "safeapi.qwant.com",
    }


@pytest.mark.parametrize(("level", "target"), [(MODERATE, "restrictmoderate"), (STRICT, "restrict")])
def test_youtube_is_a_switch_of_its_own(level: SafeSearch, target: str) -> None:
    assert targets(OFF, level) == dict.fromkeys(YOUTUBE.split(), f"{target}.youtube.com")
    assert not set(YOUTUBE.split()) & set(targets(STRICT, OFF))


def test_all_names_are_normal_and_no_target_is_rewritten_again() -> None:
    found = targets(STRICT, STRICT)
    assert all(normal_form(name) == name for pair in found.items() for name in pair)
    assert not set(found) & set(found.values())
