"""Ten years of two made-up libraries as facts, the same for a seed each time; and how long they take to import.

    python -m bench.facts > ten-years.jsonl            about 220,000 sessions, 2017 to 2026
    python -m bench.facts --measure                    import them, then reports of kept counts and counted anew

What is made up (nothing of it is of a real library): two sites, five days a week; a main one with 10 public PCs and
Wi-Fi, a post with 4 PCs. Visits grow by 4 to 8 % a year around a weekly rhythm; a third are at PCs, a fifth of patrons
sign in. Power cuts (2 a month) and line failures (3 a month), a PC out of order now and then, one Internet contract a
site with 30 % off from the third year on, an invoice a month (a few charged too high), a VAT rate, a yearly plan.
"""

import argparse
import contextlib
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from gateway.facts.fact import Fact
from gateway.facts.lines import fact_line, fact_of, header

SEED = 20270331
YEARS = range(2017, 2027)
_SITES = (("sa-thay", "Thư viện Sa Thầy", 10, 44.3), ("mo-rai", "Điểm bưu điện Mô Rai", 4, 20.3))
"""Short name, name, PCs, sessions a service day in the first year."""
_OFFSET = timedelta(hours=7)
_OPEN = ((450, 690), (810, 1020))
_LIST_VND, _PERCENT = 350_000, "30"


def facts(seed: int = SEED, years: range = YEARS) -> Iterator[Fact]:
    """All facts, in the order of time within a site."""
    chance = Random(seed)
    yield from _office(years)
    for site, name, pcs, sessions in _SITES:
        yield from _site(site, name, pcs, years)
        day, number = date(years[0], 1, 1), 0
        while day.year in years:
            if day.weekday() < 5 and (day.month, day.day) not in ((1, 1), (4, 30), (5, 1), (9, 2)):
                grown = sessions * 1.06 ** (day.year - years[0]) * (1.25 if day.weekday() == 2 else 0.94)
                told = list(_day(chance, site, pcs, day, grown, number))
                number += sum(one["kind"] == "session" for one in told)
                yield from (fact_of(one) for one in told)
            if day.day == 1:
                yield from (fact_of(one) for one in _month(chance, site, pcs, day, years[0]))
            day += timedelta(days=1)


def _office(years: range) -> Iterator[Fact]:
    first = f"{years[0]}-01-01"
    yield fact_of({"kind": "vat", "first": first, "percent": "10"})
    yield fact_of({"kind": "document", "number": "156/KH-UBND", "title": "Kế hoạch", "issued_on": "2017-12-11"})
    for year in years:
        plan = {"year": year, "document": "156/KH-UBND", "low_percent": 5, "high_percent": 7}
        yield fact_of({"kind": "plan", **plan})
        for month, on, name in (
            (1, 1, "Tết Dương lịch"),
            (4, 30, "Ngày Chiến thắng"),
            (5, 1, "Quốc tế Lao động"),
            (9, 2, "Quốc khánh"),
        ):
            yield fact_of({"kind": "holiday", "day": f"{year}-{month:02}-{on:02}", "name": name})


def _site(site: str, name: str, pcs: int, years: range) -> Iterator[Fact]:
    first, of = f"{years[0]}-01-01", {"site": site}
    week = {day: ["07:30-11:30", "13:30-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    yield fact_of({"kind": "site", **of, "first": first, "name": name, "type": "thư viện", "order": pcs})
    yield fact_of({"kind": "week", **of, "first": first, **week})
    yield fact_of({"kind": "scope", **of, "first": first})
    for n in range(1, pcs + 1):
        pc = {"code": f"PC{n:02}", "bought_on": "2016-06-01", "place": "Phòng máy", "cost_vnd": 9_500_000}
        yield fact_of({"kind": "pc", **of, **pc})
    contract = {"code": f"HD-{site}", "customer": f"KH-{site}", "isp": "Viễn thông A", "credit": "phut"}
    yield fact_of({"kind": "contract", **of, **contract, "first": first, "speed_kbit_s": 100_000})
    yield fact_of({"kind": "price", **of, "contract": f"HD-{site}", "first": first, "month_vnd": _LIST_VND})
    rule = {"id": "cam-ket", "what": "percent", "percent": _PERCENT, "document": "12/CK-VT"}
    yield fact_of({"kind": "rule", **of, **rule, "first": f"{years[0] + 2}-01-01"})


def _day(chance: Random, site: str, pcs: int, day: date, grown: float, number: int) -> Iterator[dict[str, object]]:
    """One service day: gateway alive from 07:00 to 17:30, PCs seen at opening, sessions, questions refused."""
    cut = chance.randrange(300, 1100) if chance.random() < 0.09 else None
    spans = [(420, 1050)] if cut is None else [(420, cut), (min(cut + 42, 1049), 1050)]
    for begin, end in spans:
        if begin < end:
            yield {"kind": "heartbeat", "site": site, "begin": _at(day, begin), "end": _at(day, end)}
    if cut is not None and len(spans) == 2:
        yield _outage(site, f"P{day:%Y%m%d}", day, cut, 42, "power")
    if chance.random() < 0.14:
        yield _outage(site, f"L{day:%Y%m%d}", day, chance.randrange(460, 1000), chance.randrange(4, 95), "isp")
    for n in range(1, pcs + 1):
        if chance.random() < 0.97:
            yield {"kind": "pc_seen", "site": site, "pc": f"PC{n:02}", "at": _at(day, 452)}
    for category, most in (("gambling", 40), ("threats", 60), ("adult", 20)):
        yield {"kind": "blocked", "site": site, "day": f"{day}", "category": category, "count": chance.randrange(most)}
    for n in range(max(0, round(chance.gauss(grown, grown / 8)))):
        yield _session(chance, site, pcs, day, number + n)


def _session(chance: Random, site: str, pcs: int, day: date, number: int) -> dict[str, object]:
    first, last = chance.choice(_OPEN)
    start = chance.randrange(first * 60, last * 60 - 120)
    stop = min(start + round(chance.expovariate(1 / 2400)) + 30, last * 60)
    told: dict[str, object] = {"kind": "session", "site": site, "id": f"{number + 1}"}
    if chance.random() < 0.33:
        pc = f"PC{chance.randrange(pcs) + 1:02}"
        told |= {"access": "kiosk", "device": pc.lower(), "pc": pc}
    else:
        told |= {"access": "wifi", "device": f"d{day.year}-{chance.randrange(900)}"}
        if chance.random() < 0.2:
            told["person"] = f"u{chance.randrange(300)}"
    down = round(chance.expovariate(1 / 60_000_000))
    told |= {"start": _at(day, 0, start), "stop": _at(day, 0, stop), "up_bytes": down // 9, "down_bytes": down}
    return told


def _month(chance: Random, site: str, pcs: int, month: date, first_year: int) -> Iterator[dict[str, object]]:
    """Its invoice, now and then one that forgets a third of the reduction; a fault of a PC in every second month."""
    share = 0 if month.year < first_year + 2 else 30 if chance.random() > 0.06 else 20
    discount = _LIST_VND * share // 100
    before_vat = _LIST_VND - discount
    yield {
        "kind": "invoice", "site": site, "seller": "0100000000", "form": "1", "series": f"C{month:%y}TAA",
        "number": f"{month:%y%m}{1 if pcs == 10 else 2}", "dated": f"{month + timedelta(days=27)}",
        "contract": f"HD-{site}", "month": f"{month:%Y-%m}", "list_vnd": _LIST_VND, "discount_vnd": discount,
        "credit_vnd": 0, "vat_vnd": before_vat // 10, "vat_percents": ["10"], "total_vnd": before_vat * 11 // 10,
    }  # fmt: skip
    if chance.random() < 0.5:
        day, out = month + timedelta(days=chance.randrange(10)), chance.randrange(1, 12)
        yield {
            "kind": "pc_fault", "site": site, "pc": f"PC{chance.randrange(pcs) + 1:02}", "begin": _at(day, 480),
            "end": _at(day + timedelta(days=out), 600), "what": "không khởi động", "done": "thay nguồn",
            "reported": True,
        }  # fmt: skip


def _outage(site: str, number: str, day: date, begin: int, minutes: int, cause: str) -> dict[str, object]:
    span = {"begin": _at(day, begin), "end": _at(day, begin + minutes)}
    return {"kind": "outage", "site": site, "id": number, **span, "cause": cause}


def _at(day: date, minutes: int, seconds: int = 0) -> str:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - _OFFSET
    return (midnight + timedelta(minutes=minutes, seconds=seconds)).isoformat()


def _measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, config = Path(folder, "facts.jsonl"), Path(folder, "cong.toml")
        with file.open("w", encoding="utf-8") as opened:
            lines = [header(), *map(fact_line, facts())]
            opened.write("\n".join(lines) + "\n")
        config.write_text(f'[state]\ndirectory = "{folder}"\n', encoding="utf-8")
        print(f"{len(lines) - 1} facts, {file.stat().st_size / 1e6:.1f} MB")
        for words in (["facts", "import", str(file)], ["facts", "import", str(file)], ["report", "recount"]):
            took, said = _timed(config, words)
            print(f"{took}  cong {' '.join(words[:2])}: {said.strip()}")
        for words in (["report", "year", "2026", "--json"], ["report", "month", "2026-10", "--json"]):
            kept = [_timed(config, words) for _ in range(3)]
            _drop_counts(Path(folder, "cong.sqlite"))
            anew, text = _timed(config, words)
            same = all(one == text for _, one in kept)
            best = min((took for took, _ in kept), key=lambda one: one.cpu_s)
            print(f"{best}  cong {' '.join(words[:3])}, of kept counts: {'the same bytes' if same else 'OTHER BYTES'}")
            print(f"{anew}  the same counted from nothing: {anew.cpu_s / best.cpu_s:.1f} times the processor's time")


@dataclass(frozen=True)
class _Took:
    """What a command took: by the clock, and of one processor."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.wall_s:6.2f} s ({self.cpu_s:.2f} s of a processor)"


def _timed(config: Path, words: list[str]) -> tuple[_Took, str]:
    cong = str(Path(sys.executable).with_name("cong"))
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([cong, *words, "--config", str(config)], capture_output=True, check=False, text=True)
    wall_s, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr[-500:])
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return _Took(wall_s, cpu_s), done.stdout


def _drop_counts(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as sql, sql:
        sql.execute("DELETE FROM month_counts")
        sql.execute("DELETE FROM day_counts")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--measure", action="store_true", help="import into a database of its own and report")
    asked = parser.parse_args()
    if asked.measure:
        _measure()
        return
    print(header())
    for fact in facts(asked.seed):
        print(fact_line(fact))


if __name__ == "__main__":
    main()
