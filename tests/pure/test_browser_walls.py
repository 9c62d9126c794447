"""Host, origin, token and the way back: the desk's walls as values."""

import pytest

from gateway.desk.browser import form_token, is_local_path, is_our_host, is_own_post, token_fits


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("192.0.2.1:8090", True),
        ("192.0.2.1", True),
        ("[::1]:8090", True),
        ("[fe80::1]", True),
        ("localhost:8090", True),
        ("desk.example", True),
        ("DESK.example:8090", True),
        ("evil.example", False),
        ("192.0.2.1.evil.example:8090", False),
        ("", False),
        ("desk.example.evil.example", False),
    ],
)
def test_only_addresses_and_names_of_ours_are_answered(host: str, ours: bool) -> None:
    assert is_our_host(host, {"desk.example"}) is ours


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"Origin": "http://192.0.2.1:8090"}, True),
        ({"Origin": "https://192.0.2.1:8090"}, False),
        ({"Origin": "http://192.0.2.1"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
    ],
)
def test_a_post_comes_from_the_desks_own_pages(headers: dict[str, str], own: bool) -> None:
    assert is_own_post(headers, "192.0.2.1:8090", "http") is own


def test_a_token_is_of_one_browser() -> None:
    assert token_fits(form_token("a"), "a") and not token_fits(form_token("a"), "b") and not token_fits("", "a")


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/", True),
        ("/filter?x=1#y", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://evil.example", False),
        ("javascript:alert(1)", False),
        ("", False),
        ("/a\nLocation: x", False),
        ("/a\\b", False),
    ],
)
def test_a_form_leads_back_to_the_desk_alone(path: str, local: bool) -> None:
    assert is_local_path(path) is local
