"""gateway.flows.rule_texts: an own list as text."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.desk.filter_words import normal
from gateway.flows.rule_texts import MOST_NAMES, RuleTexts, Saved, name_in
from gateway.ports_rules import LocalRule
from tests.fakes import FakeClock


@dataclass
class House:
    """Rules, file and texts, in memory: of each name and scope the newest."""

    rules: list[LocalRule] = field(default_factory=list)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)

    async def set_rules(self, rules: Sequence[LocalRule]) -> None:
        self.rules += rules

    async def standing_rules(self, now: datetime) -> Sequence[LocalRule]:
        newest = {(each.name, each.profile): each for each in self.rules}
        return [each for each in newest.values() if each.action != "none"]

    async def history(self, limit: int) -> Sequence[LocalRule]:
        return self.rules[::-1]

    def publish(self, rules: Sequence[LocalRule]) -> None:
        self.published = [each.name for each in rules]

    async def text(self, action: str, profile: str) -> str:
        return self.texts.get((action, profile), "")

    async def put(self, action: str, profile: str, text: str) -> None:
        self.texts[action, profile] = text

    def desk(self) -> RuleTexts:
        return RuleTexts(self, self, self, FakeClock(), normal)


def save(house: House, text: str, seal: str | None = None, profile: str | None = None) -> Saved:
    async def work() -> Saved:
        desk = house.desk()
        shown = await desk.shown("block", profile)
        return await desk.save("block", profile, text, shown.seal if seal is None else seal, "hoa")

    return asyncio.run(work())


def shown(house: House) -> str:
    return asyncio.run(house.desk().shown("block", None)).text


@pytest.mark.parametrize(
    ("pasted", "name"),
    [
        ("https://www.abc.vn/x?y#z", "www.abc.vn"),
        ("abc.vn:8080", "abc.vn"),
        ("||abc.vn^", "abc.vn"),
        ("*.abc.vn", "abc.vn"),
        ("http://a:b@abc.vn/", "abc.vn"),
        ("abc.vn.", "abc.vn"),
    ],
)
def test_the_name_is_found_in_what_people_paste(pasted: str, name: str) -> None:
    assert name_in(pasted) == name


def test_only_the_difference_becomes_rules_and_the_text_stays_as_typed() -> None:
    house = House()
    assert save(house, "# ghi chú\na.vn # ồn\nb.vn\n").added == ("a.vn", "b.vn")
    assert house.published == ["a.vn", "b.vn"]
    saved = save(house, "# ghi chú\nb.vn\n\nc.vn\n")
    assert (saved.added, saved.removed) == (("c.vn",), ("a.vn",))
    assert [(each.name, each.action) for each in house.rules] == [
        ("a.vn", "block"), ("b.vn", "block"), ("c.vn", "block"), ("a.vn", "none"),
    ]  # fmt: skip
    assert shown(house) == "# ghi chú\nb.vn\n\nc.vn\n"
    assert house.published == ["b.vn", "c.vn"]


def test_what_came_and_went_elsewhere_is_brought_into_the_text() -> None:
    house = House()
    save(house, "# một\na.vn\nb.vn\n")
    at = FakeClock().now()
    asyncio.run(house.set_rules([LocalRule("a.vn", "none", "x", "", at), LocalRule("z.vn", "block", "x", "mới", at)]))
    assert shown(house) == "# một\nb.vn\nz.vn  # mới\n"
    assert save(house, "", seal="another").is_stale
    assert house.published == ["a.vn", "b.vn"], "nothing was done"


def test_problems_are_told_by_line_and_nothing_is_done() -> None:
    house = House()
    saved = save(house, "ok.vn\n\nhai tên.vn ba\nvn\ngov.vn\nok.vn\na..b\n0.0.0.0 hosts.vn\n")
    assert [(each.line, each.why) for each in saved.problems] == [
        (3, "several"), (4, "too_wide"), (5, "too_wide"), (6, "twice"), (7, "no_name"),
    ]  # fmt: skip
    assert house.rules == []
    many = save(house, "".join(f"n{n}.vn\n" for n in range(MOST_NAMES + 1)))
    assert [(each.line, each.why) for each in many.problems] == [(MOST_NAMES + 1, "too_many")]


def test_scopes_are_apart() -> None:
    house = House()
    save(house, "a.vn\n")
    save(house, "b.vn\n", profile="child")
    assert shown(house) == "a.vn\n"
    assert {(each.name, each.profile) for each in house.rules} == {("a.vn", None), ("b.vn", "child")}


@given(st.text(max_size=200))
def test_no_text_at_all_breaks_it_and_what_is_saved_comes_back(text: str) -> None:
    house = House()
    saved = save(house, text)
    if not saved.problems:
        again = save(house, shown(house))
        assert (again.added, again.removed, again.problems) == ((), (), ())
