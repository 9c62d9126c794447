"""Which backups stay."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from gateway.backup.rotation import Keep, kept

ZONE = timezone(timedelta(hours=7))
NIGHT = datetime(2026, 11, 26, 19, 30, tzinfo=UTC)  # 02:30 of the 27th at the site


def nights(count: int) -> list[datetime]:
    return [NIGHT - timedelta(days=n) for n in range(count)]


def test_a_years_nights_become_seven_days_four_weeks_twelve_months() -> None:
    stays = kept(nights(400), Keep(7, 4, 12), ZONE)
    days = sorted((each.astimezone(ZONE).date().isoformat() for each in stays), reverse=True)
    assert days[:7] == [f"2026-11-{n}" for n in (27, 26, 25, 24, 23, 22, 21)]
    assert days[7:10] == ["2026-11-15", "2026-11-08", "2026-10-31"]  # Sundays end the weeks before, then months' ends
    assert len(stays) == 7 + 2 + 11 and days[-1] == "2025-12-31"


def test_days_without_a_backup_use_nothing_up() -> None:
    far = [NIGHT - timedelta(days=40 * n) for n in range(5)]
    assert kept(far, Keep(3, 0, 0), ZONE) == frozenset(far[:3])


def test_two_of_one_day_leave_the_newer() -> None:
    morning, evening = NIGHT, NIGHT + timedelta(hours=9)
    assert kept([morning, evening], Keep(1, 0, 0), ZONE) == {evening}
    assert kept([], Keep(7, 4, 12), ZONE) == frozenset()


@given(
    st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), min_size=1),
    st.builds(Keep, st.integers(1, 9), st.integers(0, 9), st.integers(0, 9)),
)
def test_the_newest_stays_and_what_stays_would_stay_again(taken: list[datetime], keep: Keep) -> None:
    stays = kept(taken, keep, ZONE)
    assert max(taken) in stays and stays <= set(taken)
    assert len(stays) <= keep.days + keep.weeks + keep.months
    assert kept(stays, keep, ZONE) == stays
