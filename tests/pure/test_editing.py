"""The shelf's sheet as text: one entry changes, everything else stays as people wrote it."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import FaultError
from gateway.shelf.editing import exchanged, raw_items, with_entry, written

SHEET = """# Kệ của thư viện

[[item]]
file = "a.pdf"  # quyển cũ
title = "A"

# phim của đài
[[ item ]]
file = "b.mp4"
title = "B"
[item.subtitles]
vi = "b.srt"

[[item]]
link = "https://x.example/"
title = "C"
"""


def test_an_entry_is_exchanged_and_the_others_lines_stay() -> None:
    new = exchanged(SHEET, 1, {"file": "b.mp4", "title": 'B "mới"', "order": 0, "subtitles": {"vi": "b.srt"}})
    assert [each.get("title") for each in raw_items(new)] == ["A", 'B "mới"', "C"]
    assert "# phim của đài\n[[item]]" in new and 'file = "a.pdf"  # quyển cũ' in new
    assert raw_items(new)[1]["subtitles"] == {"vi": "b.srt"}


def test_an_entry_is_taken_out_with_the_remark_above_it() -> None:
    new = exchanged(SHEET, 1, None)
    assert [each["title"] for each in raw_items(new)] == ["A", "C"] and "phim của đài" not in new
    assert exchanged(SHEET, 0, None).startswith("# Kệ của thư viện\n")
    assert raw_items(exchanged(exchanged(exchanged(SHEET, 2, None), 1, None), 0, None)) == []


@pytest.mark.parametrize(
    "text",
    [
        'item = [{ file = "a.pdf", title = "A" }]\n',
        '[[item]]\nfile = "a.pdf"\ntitle = """A\n[[item]]\n"""\n',
        '[["item"]]\nfile = "a.pdf"\n',
    ],
)
def test_a_sheet_of_another_form_is_left_to_people(text: str) -> None:
    with pytest.raises(FaultError, match="by hand"):
        exchanged(text, 0, None)


_WORDS = st.text(min_size=1, max_size=20).filter(lambda text: "\r" not in text)
_ENTRY = st.fixed_dictionaries({"title": _WORDS}, optional={"author": _WORDS, "order": st.integers(1, 99)})


@given(st.lists(_ENTRY, min_size=1, max_size=5), st.data())
def test_whatever_is_written_is_read_back(entries: list[dict[str, object]], data: st.DataObject) -> None:
    text = ""
    for entry in entries:
        text = with_entry(text, entry)
    assert raw_items(text) == entries
    number, new = data.draw(st.integers(0, len(entries) - 1)), data.draw(_ENTRY)
    assert raw_items(exchanged(text, number, new)) == [*entries[:number], new, *entries[number + 1 :]]
    assert raw_items(exchanged(text, number, None)) == [*entries[:number], *entries[number + 1 :]]
    assert tomllib.loads(written(new))["item"] == [new]
