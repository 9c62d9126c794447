"""The DNS bench itself: its short mode runs true servers; its table says where we are not ahead. No time asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import dns_names
from bench.dns_load import summed
from bench.dns_table import BEGIN, END, Machine, markdown, write_into
from bench.figures import Figures, Paced

ROOT = Path(__file__).parent.parent.parent
MACHINE = Machine("2026-11-24", "6.18", "a processor", 2, "some lists", 1000, 60.0, "the command")


def test_the_short_run_measures_us_and_dnsmasq(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.dns", "--quick", "--json", tmp_path / "raw.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    raw = json.loads((tmp_path / "raw.json").read_text(encoding="utf-8"))
    assert [each["title"] for each in raw["servers"]] == ["bound (C echo)", "Cổng", "Cổng, 2 workers", "dnsmasq"]
    assert not any(each["not_measured"] for each in raw["servers"])
    for each in raw["servers"][1:]:
        assert all(rate > 0 for rates in each["rates"].values() for rate in rates)
        assert each["rss_mb"] > 1
        assert all(reload["asked"] > 0 for reload in each["reloads"].values())
    for ours in raw["servers"][1:3]:
        assert [reload["wrong"] for reload in ours["reloads"].values()] == [0, 0]
    assert raw["servers"][2]["swap"]["lost"] == 0
    assert "| mixed, questions/s |" in done.stdout


def test_the_table_says_where_we_are_not_ahead() -> None:
    ours = Figures("Cổng", "1", ours=True, rates={"mixed": [3000.0, 1000.0, 2000.0]}, rss_mb=50.0)
    other = Figures("other", "2", rates={"mixed": [500.0]}, rss_mb=40.0)
    text = markdown([Figures("bound", "", rates={"mixed": [9000.0]}), ours, other], MACHINE)
    assert "| mixed, questions/s | 9,000 | 2,000 | 500 | 4.0x |" in text
    assert "| resident (RSS), MB | – | 50 | 40 | **no** |" in text
    assert "**Not ahead:** resident (RSS), MB (other)." in text


def test_the_table_takes_its_place_in_a_page_again_and_again(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    for text in ("first\n", "second\n"):
        write_into(page, text)
        assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n{text}{END}\nafter\n"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="has no lines"):
        write_into(page, "text")


def test_the_readme_has_a_place_for_the_table() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert 0 < text.index(BEGIN) < text.index(END)


def test_outcomes_are_summed() -> None:
    outcomes = [(0.0, 1000.0, True), (0.1, -1.0, False), (0.2, 150_000.0, False), (0.5, 2000.0, True)]
    paced = summed(outcomes)
    assert (paced.asked, paced.lost, paced.slow, paced.wrong) == (4, 1, 1, 1)
    assert paced.gap_ms == pytest.approx(349)  # from 0.001 s to 0.350 s
    assert paced.most_ms == 150
    assert summed([]) == Paced(0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0)


def test_names_of_a_folder_are_read_once_each(tmp_path: Path) -> None:
    (tmp_path / "ut1" / "games").mkdir(parents=True)
    (tmp_path / "ut1" / "games" / "domains").write_text("A.example\nb.example # why\n#c.example\n")
    (tmp_path / "ut1" / "games" / "usage").write_text("black.example\n")
    (tmp_path / "x-hosts").write_text("127.0.0.1 localhost\n0.0.0.0 b.example\r\n0.0.0.0 d.example\n||e.example^\n")
    categories = dns_names.read_folder(tmp_path)
    assert categories == {"games": ["a.example", "b.example"], "other": ["d.example"]}
    listed = dns_names.Listed(categories)
    assert "www.B.example." in listed
    assert "example" not in listed
    assert len(listed) == 3
