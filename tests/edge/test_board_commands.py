"""cong notice, cong purposes, cong shelf: what they store and say, with no gateway running."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import command_group
from gateway.clock import SystemClock
from gateway.errors import GatewayError, UsageError
from gateway.store.board import forget_notices
from gateway.store.db import Database
from gateway.units import epoch_s


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "cong.toml"
    path.write_text(f'[state]\ndirectory = "{tmp_path}"\nrun_directory = "{tmp_path}"\n', encoding="utf-8")
    return path


def cong(config: Path, *words: str) -> Result:
    result = CliRunner().invoke(command_group(), [*words, "--config", str(config)], env={"SUDO_USER": "hoa"})
    if isinstance(result.exception, GatewayError):
        raise result.exception
    return result


def listed(config: Path, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cong(config, "notice", "list", "--json", *words).stdout)
    return found


def test_a_notice_is_written_edited_and_ended_and_the_trail_keeps_it_all(config: Path) -> None:
    assert "notice 1: " in cong(config, "notice", "add", "--title", "Nghỉ lễ", "--for", "2d").output
    cong(config, "notice", "edit", "1", "--text", "Mở lại ngày 3/9.", "--title-en", "Closed", "--by", "Hà")
    assert "notice 3: " in cong(config, "notice", "add", "--title", "Khác").output
    (second, first) = listed(config)
    assert (first["number"], first["author"], first["shown"]) == (1, "Hà", True)
    assert first["texts"] == {
        "vi": {"title": "Nghỉ lễ", "text": "Mở lại ngày 3/9."},
        "en": {"title": "Closed", "text": ""},
    }
    assert second["number"] == 3 and "Nghỉ lễ" in cong(config, "notice", "list").output
    cong(config, "notice", "end", "1")
    assert [each["number"] for each in listed(config)] == [3]
    trail = [(each["number"], each["author"], each["ended_by"]) for each in listed(config, "--all")]
    assert trail == [(3, "hoa", None), (1, "Hà", "hoa"), (1, "hoa", None)]
    for words in (["end", "1"], ["edit", "1", "--title", "x"], ["end", "9"]):
        with pytest.raises(UsageError):
            cong(config, "notice", *words)


def test_an_event_ends_with_its_day(config: Path) -> None:
    words = ["--title", "Kể chuyện", "--event", "2036-12-05 07:30", "--place", "Phòng đọc", "--until", "23:59"]
    cong(config, "notice", "add", *words)
    (event,) = listed(config)
    assert (event["kind"], event["place"]) == ("event", "Phòng đọc")
    assert event["event_at"].startswith("2036-12-05T07:30:00")
    with pytest.raises(UsageError, match="a year at most"):
        cong(config, "notice", "add", "--title", "x", "--event", "2036-12-05 07:30")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "has a title"),
        (["--title", " "], "has a title"),
        (["--title", "x" * 101], "at most 100"),
        (["--title", "x", "--text", "y" * 601], "at most 600"),
        (["--title", "x\u202ey"], "nobody can see"),
        (["--title", "x", "--text-en", "y"], "title in each"),
        (["--title", "x", "--place", "Phòng đọc"], "--place is of an event"),
        (["--title", "x", "--event", "hôm nay"], "--event"),
        (["--title", "x", "--from", "2036-01-01 00:00", "--until", "23:59"], "end before it begins"),
        (["--title", "x", "--for", "2d", "--today"], "exclude each other"),
    ],
)
def test_what_can_not_be_shown_is_refused_with_a_reason(config: Path, words: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        cong(config, "notice", "add", *words)
    assert listed(config, "--all") == []


def test_notices_past_their_term_go_with_all_their_wordings(config: Path, tmp_path: Path) -> None:
    cong(config, "notice", "add", "--title", "A", "--for", "1d")
    cong(config, "notice", "edit", "1", "--title", "B", "--for", "3d")
    now_s = epoch_s(SystemClock().now())
    with sqlite3.connect(tmp_path / "cong.sqlite") as sql:
        sql.row_factory = sqlite3.Row
        forget_notices(sql, now_s + 2 * 86400)
        assert sql.execute("SELECT count(*) FROM notices").fetchone()[0] == 2
        forget_notices(sql, now_s + 4 * 86400)
        assert sql.execute("SELECT count(*) FROM notices").fetchone()[0] == 0


def test_purposes_are_summed(config: Path, tmp_path: Path) -> None:
    asyncio.run(_made(tmp_path / "cong.sqlite"))
    with sqlite3.connect(tmp_path / "cong.sqlite") as sql:
        rows = [
            ("2026-11-24", "study", 3),
            ("2026-11-25", "study", 2),
            ("2026-11-25", "news", 1),
            ("2026-12-01", "x", 9),
        ]
        sql.executemany("INSERT INTO purposes VALUES (?, ?, ?)", rows)
    words = ["purposes", "--from", "2026-11-01", "--to", "2026-11-30"]
    told = json.loads(cong(config, *words, "--json").stdout)
    assert told["sums"] == {"study": 5, "news": 1} and told["days"]["2026-11-25"] == {"study": 2, "news": 1}
    output = cong(config, *words).output
    assert "5  study         Học tập" in output and "6 answers" in output and "nobody is asked" in output
    with pytest.raises(UsageError):
        cong(config, "purposes", "--from", "2026-12-01", "--to", "2026-11-01")


async def _made(path: Path) -> None:
    await (await Database.open(path)).close()


def test_a_film_is_put_on_the_shelf_with_its_subtitles(config: Path, tmp_path: Path) -> None:
    film, text = tmp_path / "Rừng.mp4", tmp_path / "en.SRT"
    film.write_bytes(b"film")
    text.write_text("1\n00:00:01,000 --> 00:00:02,000\nA\n", encoding="utf-8")
    words = ["--title", 'Rừng "xanh"', "--language", "vi", "--licence", "CC BY 4.0", "--subtitle", f"en={text}"]
    cong(config, "shelf", "add", str(film), *words)
    cong(config, "shelf", "add", "--link", "https://opac.example.vn/", "--title", "Mục lục", "--order", "9")
    folder = tmp_path / "shelf"
    assert sorted(path.name for path in folder.iterdir()) == ["Rừng.en.srt", "Rừng.mp4", "shelf.toml"]
    assert (folder / "Rừng.mp4").stat().st_mode & 0o777 == 0o644
    told = json.loads(cong(config, "shelf", "list", "--json").stdout)
    assert told["problems"] == []
    assert [(each["title"], each["kind"], each["subtitles"]) for each in told["items"]] == [
        ('Rừng "xanh"', "film", ["en"]),
        ("Mục lục", "link", []),
    ]
    assert cong(config, "shelf", "check").exit_code == 0
    sheet = (folder / "shelf.toml").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="already"):
        cong(config, "shelf", "add", str(film), *words)
    assert (folder / "shelf.toml").read_text(encoding="utf-8") == sheet
    assert "2 items at http://wifi.internal/shelf/" in cong(config, "shelf", "list").output


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("x.html", ["--title", "x"], "not served"),
        (".x.pdf", ["--title", "x"], "does not lead into"),
        ("x.pdf", ["--title", "x" * 200], "at most 160"),
        ("x.pdf", ["--title", "x", "--language", "Việt"], "is no tag"),
    ],
)
def test_what_the_sheet_would_not_take_is_not_copied(
    config: Path, tmp_path: Path, name: str, words: list[str], says: str
) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(UsageError, match=says):
        cong(config, "shelf", "add", str(tmp_path / name), *words)
    assert not (tmp_path / "shelf").exists()


def test_check_names_each_problem_and_each_file_nobody_sees(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "thua.pdf").write_bytes(b"x")
    (folder / "shelf.toml").write_text(
        '[[item]]\nfile = "mat.pdf"\ntitle = "Mất"\n[[item]]\ntitle = "?"\n', encoding="utf-8"
    )
    said = cong(config, "shelf", "check")
    assert said.exit_code == 1
    assert '"mat.pdf" is not there' in said.output and "item 2 (?): give either file or link" in said.output
    assert "note: thua.pdf is in no entry" in said.output and "0 shown, 2 problem(s)" in said.output
    (folder / "shelf.toml").write_text("[[item]]\ntitle = 'x", encoding="utf-8")
    for words in (["check"], ["list"], ["add", "--link", "https://a.example/", "--title", "x"]):
        with pytest.raises(GatewayError, match=r"line 2|can't be"):
            cong(config, "shelf", *words)
