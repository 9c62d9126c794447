"""The librarian's sheet: what is understood, and what is said of what is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ports_shelf import Kind
from gateway.shelf.sheet import MOST_ITEMS, media_of, parse_sheet

BOOK = '[[item]]\nfile = "toan.pdf"\ntitle = "Toán lớp 6"\n'


def test_an_entry_is_read_with_all_its_words() -> None:
    text = """
    [[item]]
    file = "phim/rung.mp4"
    title = " Rừng Tây Nguyên "
    language = "vi"
    author = "Đài tỉnh"
    licence = "CC BY 4.0"
    section = "Phim"
    order = 5
    subtitles = { en = "phim/rung.srt" }
    [[item]]
    link = "https://opac.example.vn/tim?q=1"
    title = "Mục lục"
    """
    (film, link), problems = parse_sheet(text)
    assert problems == []
    assert (film.kind, film.title, film.section, film.order) == (Kind.FILM, "Rừng Tây Nguyên", "Phim", 5)
    assert film.subtitles == {"en": "phim/rung.srt"}
    assert (link.kind, link.link, link.file) == (Kind.LINK, "https://opac.example.vn/tim?q=1", "")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('titel = "x"', '"titel" is not known'),
        ("order = 1.5", "order is a whole number"),
        ("order = true", "order is a whole number"),
        ('language = "tiếng Việt"', "is no tag"),
        (f'author = "{"x" * 101}"', "author has 101 letters: at most 100"),
        ("author = 5", "author is one line of text"),
        ('author = "a\\nb"', "author is one line of text"),
        ('author = "a\\u202Eb"', "author is one line of text"),
        ('kind = "game"', 'kind "game" is none of'),
        ('kind = "link"', 'kind "link" is none of'),
        ('subtitles = "x.srt"', "subtitles is a table"),
        ('subtitles = { vi = "../x.srt" }', "does not lead into the shelf"),
        ('subtitles = { vi = "x.html" }', "neither .vtt nor .srt"),
        ('subtitles = { "Việt" = "x.srt" }', "is no tag"),
        ('link = "https://x.example/"', "give either file or link"),
    ],
)
def test_a_fault_is_named_with_its_entry_and_costs_that_entry_alone(line: str, says: str) -> None:
    entries, problems = parse_sheet(f'{BOOK}{line}\n[[item]]\nfile = "van.pdf"\ntitle = "Văn"\n')
    assert [entry.file for entry in entries] == ["van.pdf"]
    assert len(problems) == 1 and str(problems[0]).startswith("item 1 (toan.pdf): ") and says in str(problems[0])


@pytest.mark.parametrize(
    "file",
    ["../x.pdf", "/etc/x.pdf", "a/../b.pdf", ".x.pdf", "a/.git/x.pdf", "a//b.pdf", "a\\b.pdf", "", "x\u202efdp.pdf"],
)
def test_no_path_leads_out_of_the_folder(file: str) -> None:
    entries, problems = parse_sheet(f"[[item]]\nfile = '{file}'\ntitle = 'x'\n")
    assert entries == [] and len(problems) == 1


@pytest.mark.parametrize("file", ["x.html", "x.svg", "x.js", "x.exe", "x", "pdf", "x.pdf.htm"])
def test_what_would_run_as_the_portal_is_not_served(file: str) -> None:
    entries, problems = parse_sheet(f"[[item]]\nfile = '{file}'\ntitle = 'x'\n")
    assert entries == [] and "not served" in str(problems[0]) and media_of(file) is None


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//x.example", "https://a b", "ftp://x"])
def test_a_link_is_http(link: str) -> None:
    assert parse_sheet(f"[[item]]\nlink = '{link}'\ntitle = 'x'\n")[0] == []


def test_titles_and_double_entries_and_odd_files_are_told() -> None:
    assert "title is missing" in str(parse_sheet('[[item]]\nfile = "x.pdf"\n')[1][0])
    assert "stands here twice" in str(parse_sheet(BOOK + BOOK)[1][0])
    assert "double brackets" in str(parse_sheet('[item]\nfile = "x.pdf"')[1][0])
    assert "double brackets" in str(parse_sheet("item = [1]")[1][0])
    assert '"items" is not known' in str(parse_sheet('[[items]]\nfile = "x.pdf"')[1][0])
    with pytest.raises(ValueError, match="line 2"):
        parse_sheet('[[item]]\ntitle = "x\n')


def test_a_sheet_is_bounded() -> None:
    many = "".join(f'[[item]]\nfile = "{n}.pdf"\ntitle = "x"\n' for n in range(MOST_ITEMS + 5))
    entries, problems = parse_sheet(many)
    assert len(entries) == MOST_ITEMS and "only the first" in str(problems[0])


_VALUE = st.recursive(
    st.one_of(st.text(max_size=30), st.integers(), st.booleans(), st.sampled_from(["a.pdf", "../a.pdf", "vi", "film"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["vi", "x y"]), inner)),
    max_leaves=5,
)
_NAMES = st.sampled_from(["file", "link", "title", "language", "order", "subtitles", "kind", "section", "else"])


@given(st.lists(st.dictionaries(_NAMES, _VALUE), max_size=4))
def test_whatever_stands_in_a_sheet_each_entry_is_taken_or_told(told: list[dict[str, object]]) -> None:
    text = "".join("[[item]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in each.items()) for each in told)
    entries, problems = parse_sheet(text)
    assert len(entries) + len({problem.values["item"] for problem in problems}) == len(told)
    assert all(entry.title and (entry.file == "" or "../" not in entry.file) for entry in entries)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {_toml(inner)}' for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f") if not isinstance(value, str) else _quoted(value)


def _quoted(value: str) -> str:
    return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value if not 0xD800 <= ord(letter) < 0xE000) + '"'
