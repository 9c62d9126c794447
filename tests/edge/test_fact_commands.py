"""cong facts: what goes in comes out once, in whatever order; what is wrong is told by its line, changing nothing."""

import json
import sqlite3
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.facts.lines import header
from tests.edge.desk import CommandDesk

SESSION = {
    "kind": "session",
    "site": "sa-thay",
    "id": "s01",
    "access": "wifi",
    "device": "d1",
    "start": "2027-03-31T08:00:00+07:00",
    "stop": "2027-03-31T08:25:00+07:00",
}
PC = {"kind": "pc", "site": "sa-thay", "code": "PC01", "bought_on": "2020-01-02"}
PLAN = {"kind": "plan", "year": 2027, "document": "156/KH-UBND", "low_percent": 5, "high_percent": 7}


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    return CommandDesk.at(tmp_path)


def lines(*facts: Mapping[str, object], first: str = header()) -> str:
    return "\n".join([first, *(json.dumps(one, ensure_ascii=False) for one in facts)]) + "\n"


def exported(desk: CommandDesk) -> list[str]:
    desk.cong("facts", "export", str(desk.folder / "out.jsonl"))
    return (desk.folder / "out.jsonl").read_text(encoding="utf-8").splitlines()


def stored(desk: CommandDesk) -> int:
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        counts = [sql.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in ("facts", "told_sessions")]
    sql.close()
    return sum(counts)


def test_the_same_facts_twice_are_one_and_their_order_says_nothing(desk: CommandDesk, tmp_path: Path) -> None:
    facts: list[Mapping[str, object]] = [{**SESSION, "id": f"s{n}"} for n in range(20)] + [PC, PLAN]
    facts = facts[::3] + facts[2::3][::-1] + facts[1::3]
    told = desk.told("facts", "import", desk.file("a.jsonl", lines(*facts, *facts)), "--by", "Lan")
    assert told == {"told": 44, "new": 22, "known": 22}
    assert desk.told("facts", "import", desk.file("b.jsonl", lines(*reversed(facts))))["new"] == 0
    (tmp_path / "other").mkdir()
    other = CommandDesk.at(tmp_path / "other")
    other.cong("facts", "import", other.file("a.jsonl", "\n".join(exported(desk))))
    assert exported(other) == exported(desk)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({**SESSION, "start": "1970-01-01T00:12:00+07:00"}, "line 3: start: 1970-01-01T00:12:00+07:00 is before 2000"),
        ({**SESSION, "stop": "2027-03-31T07:00:00+07:00"}, "line 3: stop: 2027-03-31T00:00:00Z is before start"),
        ({**SESSION, "start": "2027-03-31T08:00:00"}, "no instant: write it with its offset"),
        ({**SESSION, "device": "aa:bb:cc:dd:ee:0f"}, "line 3: device: is a MAC address"),
        ({**SESSION, "acces": "wifi"}, 'acces: "acces" is unknown; did you mean "access"?'),
        ({**SESSION, "access": "lan"}, 'access: "lan" is none of wifi, kiosk'),
        ({**SESSION, "up_bytes": 1.5}, "up_bytes: 1.5 is no whole number"),
        ({**SESSION, "up_bytes": True}, "up_bytes: True is no whole number"),
        ({**SESSION, "rev": 1}, "a session is never revised"),
        ({"kind": "sesion"}, 'kind: "sesion" is unknown; did you mean "session"?'),
        ({**PC, "site": ""}, "site: is missing"),
        ({**PLAN, "site": "sa-thay"}, "site: a fact of the office has none"),
        ({"kind": "pc", "site": "sa-thay", "code": "PC02"}, "bought_on: is missing; a pc needs it"),
        ({"kind": "rule", "site": "x", "id": "1", "what": "percent", "first": "2027-01-01"}, "percent: is missing"),
        ({"kind": "vat", "first": "2027-01-01", "percent": 10}, 'write it as text from "0" to "100"'),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(desk: CommandDesk, bad: dict[str, object], says: str) -> None:
    said = desk.refused("facts", "import", desk.file("a.jsonl", lines(PC, bad, PLAN)))
    assert says in said and "1 problem, nothing was imported" in said and said.startswith("a.jsonl")
    assert stored(desk) == 0
    if "1970" in says:
        assert "the clock was not set" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        (lines(PC, first='{"cong_facts": 2}'), "facts of version 2; this program reads up to 1"),
        (lines(PC, first=json.dumps(PLAN)), "this is no file of facts"),
        (header() + '\n{"kind": "pc",\n', "line 2: is no JSON"),
        (header().encode() + b"\n\xff\xfe\n", "line 2: is not UTF-8"),
        (header() + "\n[1]\n", "line 2: is no JSON object"),
        (header() + '\n{"kind": "pc", "kind": "pc"}\n', "line 2: a field stands twice"),
        (header() + "\n" + "[" * 100_000 + "\n", "line 2: is nested too deep"),
    ],
)
def test_a_file_that_is_none_is_refused(desk: CommandDesk, text: str | bytes, says: str) -> None:
    assert says in desk.refused("facts", "import", desk.file("a.jsonl", text))


def test_a_fact_that_contradicts_a_known_one_is_refused_with_its_line(desk: CommandDesk) -> None:
    desk.cong("facts", "import", desk.file("a.jsonl", lines(SESSION, PC)))
    for fact in ({**SESSION, "device": "d2"}, {**PC, "bought_on": "2021-01-01"}):
        said = desk.refused("facts", "import", desk.file("b.jsonl", lines(PLAN, fact)))
        assert "b.jsonl:3" in said and "is known with other values" in said
    assert stored(desk) == 2
    desk.cong("facts", "import", desk.file("c.jsonl", lines({**PC, "bought_on": "2021-01-01", "rev": 1})))
    assert [one["bought_on"] for one in desk.told("facts", "list", "pc")] == ["2021-01-01"]


def test_what_is_typed_in_leaves_a_trail(desk: CommandDesk) -> None:
    desk.cong("facts", "add", "plan", "year=2027", "document=1/KH", "low_percent=5", "high_percent=7", "--by", "Lan")
    desk.cong("facts", "add", "plan", "year=2027", "document=2/KH", "low_percent=6", "high_percent=8", "--by", "Minh")
    again = desk.told("facts", "add", "plan", "year=2027", "document=2/KH", "low_percent=6", "high_percent=8")
    assert again["new"] == 0
    trail = desk.told("facts", "history", "plan", "2027")
    assert [(one["by"], one["fact"]["document"], one["fact"]["rev"]) for one in trail] == [
        ("Lan", "1/KH", 0),
        ("Minh", "2/KH", 1),
    ]
    desk.cong("facts", "add", "plan", "year=2027", "document=2/KH", "low_percent=6", "high_percent=8", "--void")
    assert desk.told("facts", "list", "plan") == []


def test_an_old_register_becomes_the_base_year(desk: CommandDesk) -> None:
    rows = "Ngày;Số lượt;Máy tính\n02/03/2026;1.200;400\n03/03/2026;7;2\n01/04/2026;800;\n"
    columns = ["--column", "date=Ngày", "--column", "visits=Số lượt", "--column", "kiosk_visits=Máy tính"]
    words = ["facts", "register", desk.file("so.csv", "\ufeff" + rows), *columns, "--document", "Sổ 2026"]
    assert desk.told(*words, "--dry-run")["new"] == 0 and desk.told("facts", "list", "hand_count") == []
    assert desk.told(*words)["new"] == 2
    march, april = desk.told("facts", "list", "hand_count")
    assert (march["month"], march["visits"], march["kiosk_visits"]) == ("2026-03", 1207, 402)
    assert (april["month"], april["visits"]) == ("2026-04", 800)


def test_parts_are_never_more_than_the_whole(desk: CommandDesk) -> None:
    columns = [
        "--column",
        "date=Ngày",
        "--column",
        "visits=Lượt",
        "--column",
        "kiosk_visits=PC",
        "--column",
        "wifi_visits=WF",
    ]
    file = desk.file("so.csv", "Ngày;Lượt;PC;WF\n02/03/2026;10;4;6\n03/03/2026;10;6;5\n")
    said = desk.refused("facts", "register", file, *columns, "--document", "Sổ")
    assert "line 3: 11 at PCs and over Wi-Fi are more than 10 in all" in said


@pytest.mark.parametrize("form", ["utf-16", "utf-8-sig", "apart", "sep"])
def test_a_register_is_read_as_spreadsheets_write_it(desk: CommandDesk, form: str) -> None:
    text = 'Ngày\tSố  lượt\tGhi chú\r\n02/03/2026\t7\t"hai\ndòng"\r\n03/03/2026\t1\t\r\n\r\n'
    raw = {
        "utf-16": text.encode("utf-16"),
        "utf-8-sig": text.encode("utf-8-sig"),
        "apart": unicodedata.normalize("NFD", text).encode(),
        "sep": ("sep=;\r\n" + text.replace("\t", ";")).encode(),
    }[form]
    columns = ["--column", "date=Ngày", "--column", "visits=Số lượt"]
    told = desk.told("facts", "register", desk.file("so.csv", raw), *columns, "--document", "Sổ 2026")
    assert [(one["month"], one["visits"]) for one in told["months"]] == [("2026-03", 8)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("Ngày;Lượt\n02/03/2026;1\n", 'so.csv:1: column "Số lượt" is not there'),
        ("Ngày;Số lượt\n02/03/2026;1\n2026-03-02;1\n", 'line 3: "2026-03-02" is no date of the form %d/%m/%Y'),
        ("Ngày;Số lượt\n02/03/2026;nhiều\n", 'line 2: Số lượt: "nhiều" is no whole number'),
        ("Ngày;Số lượt\n02/03/2026;1\n02/03/2026;1\n", "line 3: Ngày: 02/03/2026 stands on line 2 already"),
        ("Ngày;Số lượt\n02/03/1926;1\n", "line 2: 02/03/1926 is before 2000"),
        # all lines after it would be part of a note
        ('Ngày;Số lượt;Ghi chú\n02/03/2026;1;"mất điện\n03/03/2026;1;\n', "so.csv:2: is no CSV from this line on"),
        ("Ngày;Số lượt\n02/03/2026;1\n03/03/2026\n", "so.csv:3: 1 field, the heading has 2"),
        ("Ngày,Số lượt\n02/03/2026,7,5\n", 'so.csv:2: 3 fields, the heading has 2\n  hint: fields are parted by ","'),
        ("Ngày;Số lượt;Số lượt\n", 'so.csv:1: column "Số lượt" stands twice'),
        ("", "so.csv: the file is empty"),
        ("Ngày;Số lượt\n", "so.csv: no rows with figures"),
        ("Ngµy;Sè l­ît\n02/03/2026;1\n", "they look like TCVN3 (fonts .Vn…): convert its letters to Unicode first"),
        ("Ngaøy;Soá löôït\n02/03/2026;1\n", "they look like VNI (fonts VNI-…)"),
        ("Ngµy;Sè l­ît\n02/03/2026;1\n".encode("latin-1"), "so.csv:1: is not UTF-8 but looks like TCVN3"),
        ("Ngày;Số\n".encode() + b"\xff;1\n", 'so.csv:2: is not UTF-8\n  hint: in the spreadsheet: save as "CSV UTF-8"'),
        ("Ngày;Số lượt\n".encode("utf-16-le"), "so.csv: is no text"),
    ],
)
def test_a_wrong_register_is_refused(desk: CommandDesk, rows: str | bytes, says: str) -> None:
    columns = ["--column", "date=Ngày", "--column", "visits=Số lượt"]
    said = desk.refused("facts", "register", desk.file("so.csv", rows), *columns, "--document", "Sổ")
    assert says in said
    assert desk.told("facts", "list", "hand_count") == []
