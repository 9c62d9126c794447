"""Facts: one text for each, the reference as it is shipped, dated weeks."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.facts.describe import markdown
from gateway.facts.fact import Kind
from gateway.facts.fields import Type, percent
from gateway.facts.kinds import KINDS
from gateway.facts.lines import fact_line, fact_of, header, read_facts
from gateway.facts.session import ToldSession
from gateway.facts.site import calendar_of, grouped, site_facts
from gateway.service.calendar import promised

ROOT = Path(__file__).parent.parent.parent


def test_the_reference_is_that_of_the_kinds() -> None:
    """`cong facts describe --markdown > FACTS.md` makes it anew."""
    assert (ROOT / "FACTS.md").read_text(encoding="utf-8") == markdown()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_keys_and_spans_of_a_kind_are_fields_of_it(kind: Kind) -> None:
    required = {field.name for field in kind.fields if field.required}
    assert set(kind.key) <= required and set(kind.when[:1]) <= required and set(kind.when) <= set(kind.by_name)
    assert not {"kind", "site", "rev", "void"} & set(kind.by_name)
    assert all(field.words for field in kind.fields if field.type is Type.WORD)


@given(
    begin=st.datetimes(min_value=datetime(2000, 1, 2)),
    place=st.text(max_size=30).filter(lambda text: "\x00" not in text),
)
def test_a_fact_has_one_text(begin: datetime, place: str) -> None:
    fault = {"kind": "pc_fault", "site": "a", "pc": "PC01", "what": place, "begin": f"{begin.isoformat()}+00:00"}
    fact = fact_of(fault)
    again = list(read_facts([header(), fact_line(fact)], "test"))
    assert again == [fact] and fact_line(again[0]) == fact_line(fact)


def test_texts_are_composed_and_instants_utc() -> None:
    decomposed = "Thu\u031b vie\u0323\u0302n"
    fact = fact_of({"kind": "site", "site": "a", "first": "2020-01-01", "name": f" {decomposed} "})
    assert fact.text("name") == "Thư viện"
    door = fact_of({"kind": "door", "site": "a", "at": "2027-03-31T07:42:00.9+07:00", "opens": True})
    assert json.loads(fact_line(door))["at"] == "2027-03-31T00:42:00Z"


@pytest.mark.parametrize("text", ["101", "-1", "1e2", "30%", "", "1,5"])
def test_a_percentage_is_exact_text(text: str) -> None:
    with pytest.raises(ValueError, match="no percentage"):
        percent(text)


def test_weeks_change_from_a_day_on_and_holidays_stay_closed() -> None:
    facts = [
        fact_of({"kind": "week", "site": "a", "first": "2027-01-01", "mon": ["07:30-11:30"]}),
        fact_of({"kind": "week", "site": "a", "first": "2027-03-15", "mon": ["08:00-10:00"], "tue": ["08:00-09:00"]}),
        fact_of({"kind": "holiday", "day": "2027-03-22", "name": "nghỉ"}),
        fact_of({"kind": "swapped_day", "day": "2027-03-20", "hours_of": "mon"}),
    ]
    calendar = calendar_of(grouped(facts), (date(2026, 12, 1), date(2027, 4, 1)))

    def minutes(day: int, month: int = 3, year: int = 2027) -> int:
        return sum(
            int((end - begin).total_seconds()) // 60 for begin, end in promised(calendar, date(year, month, day))
        )

    assert [minutes(8), minutes(9), minutes(15), minutes(16)] == [240, 0, 120, 60]
    assert (minutes(22), minutes(20), minutes(28, 12, 2026)) == (0, 120, 0)


def test_numbers_of_devices_do_not_hang_on_the_order() -> None:
    begin = datetime(2027, 3, 31, tzinfo=UTC)
    spans = [(begin + timedelta(hours=n), begin + timedelta(hours=n, minutes=10)) for n in range(9)]
    told = [
        ToldSession(f"s{n}", "wifi", f"d{n % 3}", None, None, *span, True, False, None, None)
        for n, span in enumerate(spans)
    ]
    dates = (date(2027, 3, 1), date(2027, 3, 31))
    assert site_facts([], told, dates).sessions == site_facts([], told[::-1], dates).sessions
