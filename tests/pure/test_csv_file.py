"""Lists of accounts as spreadsheets write them."""

import csv
import io
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.access.account import Account, AccountId, AccountState, NewAccount
from gateway.errors import FaultError
from gateway.local_accounts.csv_file import read_accounts, written_accounts
from gateway.ports_accounts import Defaults, ProblemsError

UNTIL = datetime(2027, 11, 25, tzinfo=UTC)


def day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise FaultError("no_day", str(error)) from error


DEFAULTS = Defaults("reader", "adult", UNTIL, frozenset({"adult", "child"}), day)
HEAD = "name,password,kind,profile,valid_until,note\n"


def problems(text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(ProblemsError) as found:
        read_accounts(text if isinstance(text, bytes) else text.encode(), DEFAULTS)
    return tuple(map(str, found.value.problems))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_whatever_a_spreadsheet_writes_is_read(separator: str, encoding: str, end: str) -> None:
    cells = [
        ["name", "password", "kind", "profile", "valid_until", "note"],
        ["lan.anh", "mật khẩu 1", "7A", "child", "2027-06-30", '"two, three; four"'],
        ["", "", "", "", "", ""],
        ["Bình", "", "", "", "", ""],
    ]
    text = end.join(separator.join(row) for row in cells)
    first, second = read_accounts(text.encode(encoding), DEFAULTS)
    assert (first.line, first.password) == (2, "mật khẩu 1")
    assert first.written == NewAccount("lan.anh", "child", day("2027-06-30"), "7A", "two, three; four")
    assert (second.line, second.password) == (4, "")
    assert second.written == NewAccount("Bình", "adult", UNTIL, "reader")


def test_vietnamese_headings_any_order_and_excels_own_line() -> None:
    text = "sep=;\r\nGhi chú;Mật khẩu;Tên đăng nhập\r\nem gái;123456;hoa\r\n"
    (row,) = read_accounts(unicodedata.normalize("NFD", text).encode(), DEFAULTS)
    assert (row.line, row.written.name, row.password, row.written.note) == (3, "hoa", "123456", "em gái")


def test_a_field_over_two_lines_keeps_the_lines_count() -> None:
    text = HEAD + 'lan,123456,,,,"one\ntwo"\nbình,12,,,,\n'
    assert problems(text) == ("line 4: a password has 6 to 128 letters, this one 2",)


def test_every_problem_is_told_with_its_line_and_no_password() -> None:
    rows = (
        ",geheim1,,,,",
        "lan,12345,,,,",
        "mai,123456,,nobody,,",
        "hoa,123456,,,30-2-2027,",
        "khoa,1,2,3,4,5,6",
        "Hoa,,,,,",
        "hoa,,,,,",
    )
    text = HEAD + "\n".join(rows)
    found = problems(text)
    assert [each.split(":")[0] for each in found] == [f"line {n}" for n in (2, 3, 4, 5, 6, 8)]
    assert "stands in line 7 too" in found[-1]
    assert not any("geheim1" in each or "12345" in each for each in found)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "line 2: there is no account"),
        (HEAD.encode(), "line 2: there is no account"),
        (b"login name\nlan\n", 'line 1: the heading has no column "name"'),
        (b"name,Name\nlan,mai\n", 'line 1: the column "name" stands there twice'),
        (b"name,age\nlan,7\n", 'line 1: the column "age" is not known'),
        ("name\nHòa\n".encode("latin-1"), "line 1: the letters are not UTF-8"),
        (b"PK\x03\x04\0\0\0\0", "line 1: this is no text file"),
        (b'name,note\nlan,"open\nmai,x\n', "line 2: "),
        (b"x" * 2_000_001, "line 1: 2000001 bytes"),
    ],
)
def test_what_is_no_list_is_refused_whole(raw: bytes, said: str) -> None:
    assert problems(raw)[0].startswith(said)


@given(some.binary(max_size=300))
def test_any_bytes_are_a_list_or_refused(raw: bytes) -> None:
    for start in (b"", HEAD.encode()):
        try:
            read_accounts(start + raw, DEFAULTS)
        except ProblemsError as error:
            assert error.problems and all(str(each).startswith("line ") for each in error.problems)


@pytest.mark.parametrize("name", ["=1+1", "+84", "-2", "@SUM(A1)", "＝1", "'=1", "a,b", 'a"b', "Hà"])
def test_a_spreadsheet_runs_nothing_of_it_and_it_is_read_back(name: str) -> None:
    stored = Account(AccountId(1), NewAccount(name, "adult", UNTIL, "=k", "-n"), AccountState.ACTIVE, UNTIL)
    text = written_accounts([stored], lambda at: f"{at:%Y-%m-%d}", datetime(2027, 1, 1, tzinfo=UTC))
    assert text.startswith("\ufeff")
    for cell in list(csv.reader(io.StringIO(text[1:])))[1]:
        assert cell[:1] not in tuple("=+-@＝＋－＠\t\r")
    (row,) = read_accounts(text.encode(), DEFAULTS)
    assert row.written == stored.written
