"""One normal form: what lists, rules and questions say of the same name is the same text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.names import (
    BadNameError,
    is_under,
    normal_form,
    registered_domain,
    suffixes,
    text_of_labels,
    to_wire,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Example.COM.", "example.com"),
        ("  example.com\t", "example.com"),
        ("münchen.example.de", "xn--mnchen-3ya.example.de"),
        ("thưviện.vn", "xn--thvin-grb5423c.vn"),
        ("under_score.example.org", "under_score.example.org"),
        ("-a.b-.example", "-a.b-.example"),
        ("a" * 63 + ".vn", "a" * 63 + ".vn"),
        ("vn", "vn"),
    ],
)
def test_a_name_has_one_normal_form(text: str, normal: str) -> None:
    assert normal_form(text) == normal
    assert normal_form(normal) == normal


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (".", "empty"),
        ("a..b", "empty-label"),
        (".a", "empty-label"),
        ("a" * 64 + ".vn", "label-too-long"),
        ("ü" * 64 + ".vn", "label-too-long"),
        (".".join(["a" * 49] * 6), "name-too-long"),
        ("x" * 1_000_000, "name-too-long"),
        ("a b.vn", "bad-character"),
        ("a/b.vn", "bad-character"),
        ("a\0b.vn", "bad-character"),
        ("*.a.vn", "bad-character"),
    ],
)
def test_what_is_no_name_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadNameError) as bad:
        normal_form(text)
    assert bad.value.reason == reason


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        normal = normal_form(text)
    except BadNameError:
        return
    assert normal_form(normal) == normal
    assert len(normal) <= 253
    assert all(0 < len(label) <= 63 for label in normal.split("."))
    assert len(to_wire(normal)) <= 255


def test_suffixes_go_from_the_name_to_its_top() -> None:
    assert suffixes("a.b.vn") == ["a.b.vn", "b.vn", "vn"]
    assert suffixes("vn") == ["vn"]


def test_under_is_by_whole_labels() -> None:
    assert is_under("a.b.vn", "b.vn")
    assert is_under("b.vn", "b.vn")
    assert not is_under("ab.vn", "b.vn")


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("vn", "vn"),
        ("b.vn", "b.vn"),
        ("www.b.vn", "b.vn"),
        ("a.b.com.vn", "b.com.vn"),
        ("com.vn", "com.vn"),
        ("x.y.co.uk", "y.co.uk"),
        ("x.y.com.au", "y.com.au"),
        ("a.com.de", "com.de"),
    ],
)
def test_the_registered_domain_is_told_by_a_light_rule(name: str, registered: str) -> None:
    assert registered_domain(name) == registered


def test_odd_bytes_of_a_label_never_pass_for_a_dot() -> None:
    assert text_of_labels([b"WWW", b"a.b", b"vn"]) == "www.a\\046b.vn"
    assert text_of_labels([b"\xff\x00"]) == "\\255\\000"


def test_letters_that_idna_maps_to_nothing_are_no_name() -> None:
    with pytest.raises(BadNameError, match="empty-label"):
        normal_form("\ufeff")
