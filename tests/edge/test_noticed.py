"""What the gateway notices of itself: a clock that was never set, lists whose servers are away."""

from datetime import UTC, datetime
from pathlib import Path

from filters.fetched import State, write_state
from filters.sources import fetched_copy, fetched_directory
from gateway.cli.noticed import noticed
from gateway.config.filtering import filter_settings
from gateway.config.load import parse_config
from gateway.reports.day_state import ClockUnset, ListsOld
from gateway.units import epoch_s

NOW = datetime(2027, 3, 31, 14, 30, tzinfo=UTC)
LISTS = """
[state]
directory = "{folder}"
[[dns.lists]]
name = "daily"
category = "gambling"
location = "https://lists.example.org/a.txt"
[[dns.lists]]
name = "monthly"
category = "adult"
location = "https://lists.example.org/b.txt"
refresh = "30d"
"""


def test_a_clock_that_timesyncd_never_set(tmp_path: Path) -> None:
    config = parse_config(f'[state]\ndirectory = "{tmp_path}"\n', where="test")
    assert noticed(config, NOW, tmp_path / "none") == (), "another program keeps the time"
    (tmp_path / "timesync").mkdir()
    assert noticed(config, NOW, tmp_path / "timesync") == (ClockUnset(),)
    (tmp_path / "timesync" / "synchronized").touch()
    assert noticed(config, NOW, tmp_path / "timesync") == ()


def test_lists_that_are_overdue_for_a_week_or_twice_their_time(tmp_path: Path) -> None:
    config = parse_config(LISTS.format(folder=tmp_path), where="test")
    settings = filter_settings(config)
    sources = {source.name: source for source in settings.sources}

    def old(name: str, days: float) -> None:
        copy = fetched_copy(sources[name], fetched_directory(settings))
        copy.parent.mkdir(parents=True, exist_ok=True)
        write_state(copy, State(checked_at=epoch_s(NOW) - int(days * 86400)))

    assert noticed(config, NOW, tmp_path / "none") == (), "never fetched: cong lists says so"
    old("daily", 6.9)
    old("monthly", 59)
    assert noticed(config, NOW, tmp_path / "none") == ()
    old("daily", 9)
    old("monthly", 61)
    assert noticed(config, NOW, tmp_path / "none") == (ListsOld(2, 61),)
