"""Gaps in the gateway's life: power cuts, switched off, daemon stopped, silent."""

from datetime import datetime, timedelta, timezone

from gateway.reports.quality import Gap, GapKind, Quality, Start, gaps_within

ZONE = timezone(timedelta(hours=7))


def at(text: str, day: int = 31) -> datetime:
    return datetime.fromisoformat(f"2027-03-{day:02}T{text}:00+07:00")


BEGIN, END = at("00:00"), at("00:00") + timedelta(days=1)


def start(begin: datetime, alive: datetime, boot: str = "b1", *, stopped: bool = False) -> Start:
    return Start(begin, boot, alive, stopped)


def test_power_cut_is_a_new_boot_without_a_stop() -> None:
    lives = [start(at("07:00"), at("09:10")), start(at("09:55"), END, "b2")]
    assert gaps_within(lives, BEGIN, END) == (Gap(GapKind.POWER, at("09:10"), at("09:55")),)


def test_short_power_cut_is_told_and_a_quick_restart_is_not() -> None:
    lives = [
        start(at("07:00"), at("09:10")),
        start(at("09:11"), at("10:00"), "b2"),
        start(at("10:01"), END, "b2"),
    ]
    assert [gap.kind for gap in gaps_within(lives, BEGIN, END)] == [GapKind.POWER]


def test_machine_switched_off_in_order_lowers_nothing() -> None:
    lives = [start(at("07:00"), at("11:00"), stopped=True), start(at("13:00"), at("17:00"), "b2", stopped=True)]
    gaps = gaps_within(lives, BEGIN, END)
    assert [(gap.kind, gap.start, gap.stop) for gap in gaps] == [
        (GapKind.OFF, at("11:00"), at("13:00")),
        (GapKind.OFF, at("17:00"), END),
    ]
    assert Quality(gaps).is_complete


def test_daemon_down_in_the_same_boot() -> None:
    lives = [start(at("07:00"), at("08:00"), stopped=True), start(at("08:10"), END)]
    gaps = gaps_within(lives, BEGIN, END)
    assert [gap.kind for gap in gaps] == [GapKind.DAEMON]
    assert not Quality(gaps).is_complete


def test_silence_up_to_now() -> None:
    lives = [start(at("07:00"), at("08:00"))]
    assert gaps_within(lives, BEGIN, at("08:05")) == ()
    assert gaps_within(lives, BEGIN, at("08:06")) == (Gap(GapKind.SILENT, at("08:00"), at("08:06")),)


def test_gap_over_midnight_is_cut_to_the_day() -> None:
    lives = [start(at("07:00", 30), at("23:00", 30)), start(at("01:00"), END, "b2")]
    assert gaps_within(lives, BEGIN, END) == (Gap(GapKind.POWER, BEGIN, at("01:00")),)
    before = gaps_within(lives, BEGIN - timedelta(days=1), BEGIN)
    assert before == (Gap(GapKind.POWER, at("23:00", 30), BEGIN),)


def test_nothing_is_known_before_the_first_start_or_without_any() -> None:
    assert gaps_within([], BEGIN, END) == ()
    assert gaps_within([start(at("12:00"), END)], BEGIN, END) == ()


def test_clock_that_stepped_back_between_two_starts_makes_no_gap() -> None:
    lives = [start(at("07:00"), at("12:00")), start(at("11:00"), END, "b2")]
    assert gaps_within(lives, BEGIN, END) == ()
