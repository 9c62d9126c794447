"""Range and conditional requests (RFC 9110 sections 13, 14), and file names in headers (RFC 6266, 8187)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portal.ranges import Part, disposition, http_date, part_asked

TAG, MODIFIED = '"a-1"', 1_700_000_000
THEN = http_date(MODIFIED)
EARLIER = http_date(MODIFIED - 1)


def asked(size: int = 1000, method: str = "GET", **headers: str) -> Part:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return part_asked(method, named, size, TAG, MODIFIED)


def status_of(headers: dict[str, str]) -> int:
    return part_asked("GET", {name.replace("_", "-"): told for name, told in headers.items()}, 9, TAG, MODIFIED).status


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("bytes=0-499", Part(206, 0, 500)),
        ("bytes=500-999", Part(206, 500, 500)),
        ("bytes=-500", Part(206, 500, 500)),
        ("bytes=9500-", Part(416)),
        ("bytes=999-", Part(206, 999, 1)),
        ("bytes=0-0", Part(206, 0, 1)),
        ("bytes=-1", Part(206, 999, 1)),
        ("bytes=-5000", Part(206, 0, 1000)),
        ("bytes=0-99999999999999999999", Part(206, 0, 1000)),
        ("BYTES=1-2", Part(206, 1, 2)),
        ("bytes= 1-2", Part(206, 1, 2)),
        ("bytes=1000-", Part(416)),
        ("bytes=-0", Part(416)),
        # passed over: no valid range, several, another unit
        ("bytes=5-4", Part(200, 0, 1000)),
        ("bytes=-", Part(200, 0, 1000)),
        ("bytes=", Part(200, 0, 1000)),
        ("bytes=a-b", Part(200, 0, 1000)),
        ("bytes=0-1,5-6", Part(200, 0, 1000)),
        ("bytes=0-,0-,0-,0-,0-", Part(200, 0, 1000)),
        ("items=0-1", Part(200, 0, 1000)),
        ("bytes=٠-١", Part(200, 0, 1000)),
        ("bytes=" + "9" * 100 + "-", Part(200, 0, 1000)),
    ],
)
def test_a_range_is_answered_as_the_rfc_has_it(text: str, part: Part) -> None:
    assert asked(Range=text) == part


def test_an_empty_file_has_no_range() -> None:
    assert asked(0) == Part(200, 0, 0)
    assert asked(0, Range="bytes=0-") == asked(0, Range="bytes=-5") == Part(416)


def test_a_range_is_for_get_alone() -> None:
    assert asked(method="HEAD", Range="bytes=0-1") == Part(200, 0, 1000)


@pytest.mark.parametrize(
    ("validator", "status"), [(TAG, 206), ('"b"', 200), (f"W/{TAG}", 200), (THEN, 200), (EARLIER, 200), ("junk", 200)]
)
def test_if_range_wants_the_strong_tag(validator: str, status: int) -> None:
    assert asked(Range="bytes=0-1", If_Range=validator).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": TAG}, 304),
        ({"If_None_Match": f'"x", W/{TAG}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"x"'}, 200),
        ({"If_None_Match": '"x"', "If_Modified_Since": THEN}, 200),
        ({"If_Modified_Since": THEN}, 304),
        ({"If_Modified_Since": EARLIER}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Match": TAG}, 200),
        ({"If_Match": f"W/{TAG}"}, 412),
        ({"If_Unmodified_Since": EARLIER}, 412),
        ({"If_Unmodified_Since": THEN}, 200),
        ({"If_None_Match": TAG, "Range": "bytes=0-1"}, 304),
    ],
)
def test_conditions_come_before_ranges(headers: dict[str, str], status: int) -> None:
    assert status_of(headers) == status


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("sach.pdf", "attachment; filename=\"sach.pdf\"; filename*=UTF-8''sach.pdf"),
        (
            "Sách lớp 6.pdf",
            "attachment; filename=\"S_ch l_p 6.pdf\"; filename*=UTF-8''S%C3%A1ch%20l%E1%BB%9Bp%206.pdf",
        ),
        (
            'a";\r\nX: b%41.pdf',
            "attachment; filename=\"a____X_ b_41.pdf\"; filename*=UTF-8''a%22%3B%0D%0AX%3A%20b%2541.pdf",
        ),
    ],
)
def test_a_name_goes_into_the_header_whole_and_harmless(name: str, header: str) -> None:
    assert disposition("attachment", name) == header


_FIELD = st.text('bytes=0123456789-,*"W/ GMT:Tue', max_size=60)


@given(
    st.dictionaries(st.sampled_from(["Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since"]), _FIELD),
    st.integers(0, 10_000),
)
def test_whatever_is_asked_nothing_beyond_the_file_is_answered(headers: dict[str, str], size: int) -> None:
    part = part_asked("GET", headers, size, TAG, MODIFIED)
    assert part.status in (200, 206, 304, 412, 416)
    assert 0 <= part.first <= part.first + part.count <= size
    assert (part.status != 206 or part.count > 0) and (part.status != 200 or part.count == size)


@given(st.text('aặ"\\;%\r\n\0é', max_size=40))
def test_no_name_breaks_the_header(name: str) -> None:
    header = disposition("inline", name.encode("utf-8", "replace").decode())
    assert header.isascii() and header.isprintable() and header.count('"') == 2
