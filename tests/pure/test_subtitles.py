"""SRT as people have it -> WebVTT as browsers take it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.shelf.subtitles import as_webvtt

SRT = (
    "1\r\n00:00:01,000 --> 00:00:04,500\r\nXin chào\r\n<i>các bạn</i>\r\n\r\n2\r\n00:01:00,5 --> 00:01:02,25\r\nHai\r\n"
)
VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.500\nXin chào\n<i>các bạn</i>\n\n00:01:00.500 --> 00:01:02.250\nHai\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_srt_becomes_webvtt_whatever_it_is_written_in(encoding: str) -> None:
    assert as_webvtt(SRT.encode(encoding)) == VTT.encode()


def test_old_vietnamese_windows_text_is_read() -> None:
    made = as_webvtt("1\n00:00:01,000 --> 00:00:02,000\nThư viện".encode("cp1258", errors="ignore"))
    assert made is not None and "Thư vi" in made.decode()


def test_what_a_browser_could_take_for_markup_is_text() -> None:
    body = '<script>x</script> a --> b & <font color="red">đỏ</font> {\\an8}trên <B>đậm</B> &lt;'
    made = as_webvtt(f"1\n00:00:01,000 --> 00:00:02,000 X1:10\n{body}\n".encode())
    assert made is not None
    assert made.decode().splitlines()[2:] == [
        "00:00:01.000 --> 00:00:02.000",
        "&lt;script&gt;x&lt;/script&gt; a --&gt; b &amp; đỏ trên <b>đậm</b> &lt;",
    ]


def test_missing_empty_lines_and_empty_cues_cost_nothing_else() -> None:
    made = as_webvtt(b"1\n00:00:01,000 --> 00:00:02,000\nA\n2\n00:00:03,000 --> 00:00:04,000\n\n00:05,1 --> 00:06,1\nB")
    assert made == b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nA\n\n00:00:05.100 --> 00:00:06.100\nB\n"


def test_webvtt_passes_as_it_is_and_other_things_do_not() -> None:
    assert as_webvtt(b"\xef\xbb\xbfWEBVTT - x\r\n\r\n00:01.000 --> 00:02.000\r\nA\r\n") == (
        b"WEBVTT - x\n\n00:01.000 --> 00:02.000\nA\n"
    )
    for raw in (b"", b"WEBVTTx", b"<html>", b"1\n2\n3\n", bytes(range(256))):
        assert as_webvtt(raw) is None


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_any_bytes_as_a_cue_stay_one_cue_of_text(body: bytes) -> None:
    raw = b"1\n00:00:01,000 --> 00:00:02,000\n" + body + b"\n"
    made = as_webvtt(raw)
    if made is not None and raw[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        text = made.decode("utf-8")
        assert text.startswith("WEBVTT\n\n") and "<script" not in text.lower()
        lines = text.split("\n")
        assert all(re.fullmatch(r"\d\d+:\d\d:\d\d\.\d{3} --> \d\d+:\d\d:\d\d\.\d{3}", x) for x in lines if "-->" in x)


@given(st.binary(max_size=400))
def test_no_bytes_raise(raw: bytes) -> None:
    made = as_webvtt(raw)
    assert made is None or made.startswith(b"WEBVTT")
