"""A paper outlives its tree: what was signed is written from it, and from nothing else."""

import json
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.papers.annual import annual_paper
from gateway.papers.frozen import paper_of, paper_tree
from gateway.papers.office import Office
from gateway.papers.paper import (
    Align,
    Annex,
    Chart,
    Column,
    Head,
    Heading,
    Language,
    Number,
    Paper,
    Paragraph,
    Series,
    Signature,
    Table,
)
from gateway.papers.period import period_paper
from gateway.papers.tongue import Tongue
from tests.paper_material import month, paper, year

ZONE = timezone(timedelta(hours=7))
exact = some.integers(-(2**70), 2**70) | some.fractions()
texts = some.text(max_size=30)
cells = (
    some.none()
    | texts
    | some.builds(Number, exact, some.integers(0, 6), some.booleans(), some.booleans())
    | some.dates()
    | some.datetimes(timezones=some.just(ZONE))
)
columns = some.builds(Column, texts, some.sampled_from(Align), some.integers(1, 20))
tables = some.builds(
    Table,
    code=texts,
    title=texts,
    columns=some.lists(columns, max_size=3).map(tuple),
    rows=some.lists(some.lists(cells, max_size=3).map(tuple), max_size=3).map(tuple),
    note=texts,
    bold_rows=some.frozensets(some.integers(0, 9), max_size=3),
    is_landscape=some.booleans(),
)
series = some.builds(Series, texts, some.lists(some.none() | exact, max_size=3).map(tuple))
charts = some.builds(
    Chart,
    code=texts,
    title=texts,
    form=some.sampled_from(["bars", "stacked", "lines"]),
    labels=some.lists(texts, max_size=3).map(tuple),
    series=some.lists(series, max_size=2).map(tuple),
    unit=texts,
    band=some.none() | some.tuples(series, series),
)
blocks = (
    tables
    | charts
    | some.builds(Heading, some.sampled_from([1, 2, 3]), texts)
    | some.builds(Paragraph, texts, some.integers(0, 5))
    | some.builds(Annex, texts)
)
papers = some.builds(
    Paper,
    language=some.sampled_from(["vi", "en"]),
    form=texts,
    abstract=texts,
    head=some.none() | some.builds(Head, texts, texts, texts, texts, texts, some.none() | some.dates()),
    blocks=some.lists(blocks, max_size=4).map(tuple),
    signatures=some.lists(some.builds(Signature, texts, texts, texts, texts), max_size=2).map(tuple),
    recipients=some.lists(texts, max_size=2).map(tuple),
    is_draft=some.booleans(),
)


@given(papers)
def test_any_paper_comes_back_as_it_was(made: Paper) -> None:
    assert paper_of(json.loads(json.dumps(paper_tree(made)))) == made


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_offices_papers_come_back_as_they_were(language: Language) -> None:
    say = Tongue(language)
    for made in (period_paper(month(), Office(), [], say), annual_paper(year(), Office(), [], say), paper(month())):
        assert paper_of(json.loads(json.dumps(paper_tree(made), ensure_ascii=False))) == made


def test_a_moment_keeps_its_zone_and_a_number_its_kind() -> None:
    table = Table("a", "b", (), ((datetime(2027, 3, 5, 14, tzinfo=ZONE), date(2027, 3, 5), Number(Fraction(1, 3), 2)),))
    made = Paper("vi", "BÁO CÁO", "", None, (table,), (), (), is_draft=False)
    (moment, day, number) = paper_of(paper_tree(made)).tables[0].rows[0]
    assert isinstance(moment, datetime) and moment.utcoffset() == timedelta(hours=7)
    assert type(day) is date and isinstance(number, Number) and number.value == Fraction(1, 3)


@pytest.mark.parametrize("damaged", [{"number": "x"}, {"what": 1}, 3])
def test_what_is_no_cell_is_told(damaged: object) -> None:
    tree = paper_tree(Paper("vi", "", "", None, (Table("a", "b", (), (("x",),)),), (), (), is_draft=True))
    tree["blocks"][0]["rows"] = [[damaged]]
    with pytest.raises((ValueError, KeyError)):
        paper_of(tree)
