"""The nightly summary: the shape of counting 5.3, in both languages, and as JSON."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gateway.accounting.rollup import Sums
from gateway.reports import nightly_json
from gateway.reports.day import DayFigures
from gateway.reports.nightly import SHORT_MAX, tell
from gateway.reports.nightly_json import figures_tree
from gateway.reports.quality import Gap, GapKind, Quality

ZONE = timezone(timedelta(hours=7))
SITE = "Thư viện Sa Thầy"
DAY = date(2027, 3, 31)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-03-31T{text}:00+07:00")


MORNING = Sums(visits=30, sessions=41, use_s=70_000, up_bytes=1_100_000_000, down_bytes=9_000_000_000)
EVENING = Sums(visits=16, sessions=20, use_s=62_610, up_bytes=84_000_000, down_bytes=3_440_000_000)
FIGURES = DayFigures(
    day=DAY,
    zone=ZONE,
    sums=MORNING + EVENING,
    hours={at("08:00"): MORNING, at("14:00"): EVENING},
    attempts=112,
    refusals=1311,
    refused=(("games", 1120), ("threats", 97), ("gambling", 61), ("own", 30), ("social", 3)),
    weekday_visits=tuple((DAY - timedelta(weeks=n), visits) for n, visits in ((1, 41), (2, 45), (3, 40), (4, 46))),
    month_visits=1284,
    month_days=23,
)


def test_vietnamese_text_has_the_shape_of_the_specification() -> None:
    told = tell(FIGURES, SITE, "vi")
    assert told.subject == "[Thư viện Sa Thầy] Tổng hợp ngày 31/3/2027: 46 lượt"
    assert told.text == (
        "Ngày thứ Tư, 31/3/2027 – Thư viện Sa Thầy\n"
        "Lượt sử dụng: 46 (trung bình 4 thứ Tư gần đây: 43; +7,0%)\n"
        "Ngăn chặn: 1.311 lượt (game nạp tiền 1.120, mã độc và lừa đảo 97, cờ bạc 61, khác 33)\n"
        "Lũy kế tháng 3: 1.284 lượt (23 ngày có số liệu)\n"
        "Chất lượng số liệu: đầy đủ.\n"
    )


def test_english_text_says_the_same() -> None:
    told = tell(FIGURES, SITE, "en")
    assert told.subject == "[Thư viện Sa Thầy] Daily summary 31 Mar 2027: 46 visits"
    assert told.text == (
        "Wednesday, 31 Mar 2027 – Thư viện Sa Thầy\n"
        "Visits: 46 (mean of the last 4 Wednesdays: 43; +7.0%)\n"
        "Refused: 1,311 requests (pay-to-play games 1,120, malware and fraud 97, gambling 61, other 33)\n"
        "March to date: 1,284 visits (23 days with figures)\n"
        "Data quality: complete.\n"
    )


WORST = replace(
    FIGURES,
    counted_until=at("14:05"),
    quality=Quality(
        gaps=(
            Gap(GapKind.POWER, at("09:10"), at("09:55")),
            Gap(GapKind.OFF, at("11:00"), at("13:00")),
            Gap(GapKind.DAEMON, at("13:10"), at("13:13")),
            Gap(GapKind.SILENT, at("13:40"), at("14:05")),
        ),
        open_sessions=2,
        rebooted_sessions=1,
    ),
)


def test_what_lowers_the_figures_is_said() -> None:
    quality = tell(WORST, SITE, "vi").text.splitlines()[-1]
    assert quality == (
        "Chất lượng số liệu: mất điện 1 lần, 45 phút (09:10–09:55); "
        "chương trình cổng ngừng 1 lần, 3 phút (13:10–13:13); "
        "cổng không có tín hiệu 1 lần, 25 phút (13:40–14:05); "
        "1 phiên bị ngắt do mất điện hoặc khởi động lại; 2 phiên chưa kết thúc, tính đến lần ghi gần nhất."
    )
    assert tell(WORST, SITE, "en").text.splitlines()[-1] == (
        "Data quality: 1 power cut, 45 minutes (09:10–09:55); "
        "1 stop, 3 minutes (13:10–13:13) of the gateway program; "
        "no sign of life from the gateway: 1 time, 25 minutes (13:40–14:05); "
        "1 session broken off by a power cut or reboot; 2 sessions not ended yet, counted up to the last reading."
    )


def test_unfinished_day_is_marked_and_not_compared() -> None:
    told = tell(WORST, SITE, "vi")
    assert told.subject.endswith("46 lượt (đến 14:05)")
    assert told.text.splitlines()[1] == "Chưa hết ngày: số liệu tính đến 14:05, chưa chốt."
    assert told.text.splitlines()[2] == "Lượt sử dụng: 46 (trung bình 4 thứ Tư gần đây: 43)"
    assert "(đến 14:05)" in told.short


def test_deleted_sessions_are_said() -> None:
    closed = replace(FIGURES, quality=Quality(sessions_kept=False))
    assert "đã xóa theo thời hạn" in tell(closed, SITE, "vi").text
    assert "past their term" in tell(closed, SITE, "en").text


def test_many_power_cuts_are_summed_up_and_a_cut_to_midnight_ends_at_24() -> None:
    cuts = tuple(Gap(GapKind.POWER, at(f"{hour}:00"), at(f"{hour}:10")) for hour in (13, 14, 15))
    last = Gap(GapKind.POWER, at("23:50"), at("23:50") + timedelta(minutes=10))
    few, many = Quality((last,)), Quality((*cuts, last))
    assert "(23:50–24:00)" in tell(replace(FIGURES, quality=few), SITE, "vi").text
    assert (
        "mất điện 4 lần, 40 phút (13:00–13:10; 14:00–14:10; 15:00–15:10; …)"
        in tell(replace(FIGURES, quality=many), SITE, "vi").text
    )


def test_first_weeks_and_an_empty_day_invent_nothing() -> None:
    empty = DayFigures(day=date(2027, 4, 4), zone=ZONE, sums=Sums(), hours={}, attempts=0, refusals=0, month_days=1)
    told = tell(empty, SITE, "vi")
    assert told.text == (
        "Ngày Chủ nhật, 4/4/2027 – Thư viện Sa Thầy\n"
        "Lượt sử dụng: 0\n"
        "Ngăn chặn: 0 lượt\n"
        "Lũy kế tháng 4: 0 lượt (1 ngày có số liệu)\n"
        "Chất lượng số liệu: đầy đủ.\n"
    )
    against_nothing = replace(empty, weekday_visits=((date(2027, 3, 28), 0),))
    assert "(trung bình 1 Chủ nhật gần đây: 0)" in tell(against_nothing, SITE, "vi").text


@pytest.mark.parametrize("figures", [FIGURES, WORST])
def test_languages_carry_the_same_numbers_in_the_same_lines(figures: DayFigures) -> None:
    def digits(text: str) -> list[str]:
        return [re.sub(r"[.,](?=\d)", "", number) for number in re.findall(r"\d[\d.,]*", text)]

    vi, en = tell(figures, SITE, "vi").text.splitlines(), tell(figures, SITE, "en").text.splitlines()
    assert len(vi) == len(en)
    for line, mirrored in zip(vi[1:-1], en[1:-1], strict=True):  # dates differ in form, quality in order of words
        if not line.startswith("Lũy kế"):  # the month has a number in one language, a name in the other
            assert [number.rstrip(".,") for number in digits(line)] == [n.rstrip(".,") for n in digits(mirrored)]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_short_form_fits_a_chat_whatever_the_figures(language: str) -> None:
    huge = Sums(*[10**18] * 5)
    figures = replace(WORST, sums=huge, refusals=10**18, month_visits=10**18)
    for name in (SITE, "x" * 80, "x" * 900):
        assert len(tell(figures, name, "vi" if language == "vi" else "en").short) <= SHORT_MAX
    assert len(tell(FIGURES, SITE, "vi").short) < 300


def test_line_break_in_the_site_name_ends_no_subject() -> None:
    assert "\n" not in tell(FIGURES, "Thư viện\nBcc: x", "vi").subject


def test_json_has_every_figure_and_its_parts() -> None:
    tree = figures_tree(FIGURES, "sathay", SITE, "vi")
    assert list(tree) == [
        "format", "site", "day", "closed", "counted_until", "visits", "sessions", "attempts", "use_s", "use_minutes",
        "up_bytes", "down_bytes", "refusals", "weekday_mean", "month_to_date", "hours", "quality", "pcs", "service",
        "line", "goal", "needs", "subject", "text", "short",
    ]  # fmt: skip
    plain = json.loads(json.dumps(tree))
    assert plain["site"] == {"code": "sathay", "name": SITE, "utc_offset": "+07:00"}
    assert (plain["day"], plain["closed"], plain["counted_until"]) == ("2027-03-31", True, None)
    assert plain["refusals"] == {
        "total": 1311,
        "by_category": {"games": 1120, "threats": 97, "gambling": 61, "own": 30, "social": 3},
    }
    assert plain["weekday_mean"]["visits"] == "43.00"
    assert plain["weekday_mean"]["change_percent"] == "7.0"
    assert plain["weekday_mean"]["days"][0] == {"day": "2027-03-24", "visits": 41}
    assert plain["month_to_date"] == {"month": "2027-03", "visits": 1284, "days": 23}
    assert plain["hours"][0] == {
        "hour_at": "2027-03-31T08:00:00+07:00",
        "visits": 30,
        "sessions": 41,
        "use_s": 70_000,
        "up_bytes": 1_100_000_000,
        "down_bytes": 9_000_000_000,
    }
    for key in ("visits", "sessions", "use_s", "up_bytes", "down_bytes"):
        assert plain[key] == sum(hour[key] for hour in plain["hours"])
    assert plain["use_minutes"] == 2210
    assert plain["text"] == tell(FIGURES, SITE, "vi").text


def test_every_json_key_is_documented() -> None:
    documented = nightly_json.__doc__ or ""

    def keys(tree: object) -> set[str]:
        if isinstance(tree, dict):
            return {str(key) for key in tree} | {key for inner in tree.values() for key in keys(inner)}
        return {key for inner in tree for key in keys(inner)} if isinstance(tree, list) else set()

    codes = {code for code, _ in WORST.refused}
    assert {key for key in keys(figures_tree(WORST, "s", SITE, "en")) - codes if key not in documented} == set()


def test_json_of_an_unfinished_day_says_how_far_it_reaches() -> None:
    tree = figures_tree(WORST, "sathay", SITE, "en")
    assert (tree["closed"], tree["counted_until"]) == (False, "2027-03-31T14:05:00+07:00")
    quality = tree["quality"]
    assert isinstance(quality, dict)
    assert quality["gaps"] == [
        {
            "kind": kind,
            "start": f"2027-03-31T{start}:00+07:00",
            "stop": f"2027-03-31T{stop}:00+07:00",
            "lasted_s": lasted,
        }
        for kind, start, stop, lasted in (
            ("power", "09:10", "09:55", 2700),
            ("off", "11:00", "13:00", 7200),
            ("daemon", "13:10", "13:13", 180),
            ("silent", "13:40", "14:05", 1500),
        )
    ]


def test_instants_are_told_in_the_sites_zone_to_the_second() -> None:
    until = datetime(2027, 3, 31, 7, 5, 0, 123456, tzinfo=UTC)
    assert (
        figures_tree(replace(WORST, counted_until=until), "s", SITE, "vi")["counted_until"]
        == "2027-03-31T14:05:00+07:00"
    )
