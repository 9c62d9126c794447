"""What is stored of patrons: the table against the schema, the texts and the night."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.access.login import Method
from gateway.flows.keeping import MAC_TERM
from gateway.flows.nightly import close_night
from gateway.pages import LANGUAGES, text
from gateway.portal.kept import IMPORTED, NOT_PERSONAL, PERSONAL, POINTS, STAFF, points_for
from gateway.portal.terms import KEPT_DAYS, terms, terms_points
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.units import epoch_s
from tests.reception import ZONE

EVERY_WAY = [method for method in Method if method is not Method.EXEMPT]
CAME = datetime(2027, 3, 1, 9, tzinfo=ZONE)
LONGEST = max(kept.term for kept in PERSONAL if kept.term)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "cong.sqlite")
    yield opened
    await opened.close()


async def columns(database: Database) -> set[str]:
    def _all(sql: sqlite3.Connection) -> set[str]:
        tables = [row[0] for row in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = [name for name in tables if not name.startswith("sqlite_")]
        return {f"{name}.{row['name']}" for name in own for row in sql.execute(f"PRAGMA table_info({name})")}

    return await database.read(_all)


async def test_each_column_is_a_patrons_with_words_and_term_or_none_of_theirs(database: Database) -> None:
    there = await columns(database)
    impersonal = [*NOT_PERSONAL.split(), *IMPORTED.split(), *(each for each in STAFF.split() if each.endswith("*"))]
    whole = {each.removesuffix("*") for each in impersonal if each.endswith("*")}
    told = [column for kept in PERSONAL for column in kept.columns.split()]
    told += [each for each in STAFF.split() if not each.endswith("*")]
    told += [each for each in impersonal if not each.endswith("*")]
    told += [column for column in there if f"{column.partition('.')[0]}." in whole]
    assert sorted(told) == sorted(set(told)), "a column stands there twice"
    assert set(told) == there, f"say of each what it is (gateway/portal/kept.py): {set(told) ^ there}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_stand_in_their_point_and_the_point_in_the_terms_of_who_is_concerned(language: str) -> None:
    accepted = terms(language, 120, EVERY_WAY, True).text
    for kept in PERSONAL:
        point = text(language, f"terms.{kept.point}", days=KEPT_DAYS, mac_days=MAC_TERM.days)
        assert kept.words[language] in point, f"{kept.columns}: {point}"
        assert point in accepted, kept.point


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_point_says_the_days_the_night_goes_by(language: str) -> None:
    for kept in PERSONAL:
        said = text(language, f"terms.{kept.point}", days="<days>", mac_days="<mac_days>")
        if kept.term and kept.point not in ("kept_person", "kept_purpose"):  # with the session: terms.kept says when
            assert ("<mac_days>" if kept.term == MAC_TERM else "<days>") in said or kept.point == "kept_return", said
    assert {f"terms.{point}" for point in POINTS} == set(points_for(EVERY_WAY, asks_purpose=True))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", EVERY_WAY)
def test_only_what_the_settings_can_store_is_told(language: str, method: Method) -> None:
    told, all_told = terms_points(language, 120, [method]), terms_points(language, 120, EVERY_WAY, True)
    by = {point for point, methods in POINTS.items() if methods is None or method in methods}
    assert set(points_for([method], asks_purpose=False)) == {f"terms.{point}" for point in by}
    assert set(told) < set(all_told)


ROWS = """
INSERT INTO clients VALUES (7, '02:00:5e:10:00:01', NULL, :came);
INSERT INTO clients VALUES (8, '02:00:5e:10:00:02', NULL, :came);
INSERT INTO terms VALUES ('0123456789ab', 'vi', 'x', :came);
INSERT INTO voucher_batches VALUES (1, :came, 'hoa', '', 'adult', 1, 's', NULL, :came, 1, 1, 1, 1, 1, 1, 1);
INSERT INTO vouchers VALUES (1, 1, 1, 'tag', :came, :came, 'hoa', 1, 1, 1);
INSERT INTO sessions (id, client_id, kind, person, method, profile, session_s, idle_s, opened_at, boot_id,
    opened_boot_s, active_boot_s, state, cause, stopped_at, resumed_from, counted_as, voucher_id, purpose_done,
    limit_bytes, up_kbit_s, down_kbit_s, pc, counted)
  VALUES (1, 7, 'wifi', 'p', 'voucher', 'adult', 1, 1, :came, 'b', 1, 1, 'closed', 'user-request', :came, 9, 8, 1, 1, 1,
    1, 1, 'PC07', 0);
INSERT INTO consents VALUES (1, '0123456789ab', :came);
INSERT INTO usage VALUES (:came, 1, 1, 1, 1, 1);
INSERT INTO attempts VALUES (:came, 7, 1, 'closed');
INSERT INTO device_periods (period, key) VALUES ('2027-03-01', x'00');
INSERT INTO device_keys VALUES ('2027-03-01', x'01', 0);
INSERT INTO device_logins VALUES ('2027-03-01', x'02', x'01', 1);
INSERT INTO radius_sessions (session_id, user_name, acct_session_id, classes, interim_s)
  VALUES (1, 'lan', 'a', '[]', 60);
INSERT INTO devices VALUES ('02:00:5e:10:00:03', 'barred', 'x', 'adult', 'hoa', 'x', :came, :came);
INSERT INTO approvals VALUES (1, '1234', 7, '0123456789ab', :came, 'approved', :came, 'hoa', 1, 'adult', 1);
INSERT INTO same_clients VALUES (7, 8);
INSERT INTO local_accounts VALUES (1, 'Lan', 'lan', '7A', 'adult', 'scrypt', 'active', :came, :came, 'x');
INSERT INTO local_account_trail VALUES (1, :came, 'hoa', 'added', 1);
INSERT INTO starts (started_at, boot_id, alive_at, stopped) VALUES (:came, 'b', :came, 1);
"""


async def add(database: Database, statement: str) -> None:
    values = {"came": epoch_s(CAME)} if ":came" in statement else {}
    await database.run(lambda sql: sql.execute(statement, values).fetchall())


async def left(database: Database, column: str) -> bool:
    table, _, name = column.partition(".")
    ask = f"SELECT count({name}) FROM {table}"
    return bool(await database.read(lambda sql: sql.execute(ask).fetchone()[0]))


async def test_the_night_ends_each_column_at_its_term_and_not_before(database: Database) -> None:
    for statement in ROWS.split(";\n"):
        if statement.strip():
            await add(database, statement)
    for kept in PERSONAL:
        for column in kept.columns.split():
            assert await left(database, column), f"the test writes nothing into {column}"
    for days in (MAC_TERM.days - 1, MAC_TERM.days + 1, LONGEST.days - 1, LONGEST.days + 1):
        now = CAME + timedelta(days=days)
        await close_night(Facts(database), now.date(), zone=ZONE, now=now)
        for kept in PERSONAL:
            for column in kept.columns.split():
                is_over = kept.term is not None and timedelta(days=days) > kept.term
                assert await left(database, column) is not is_over, f"{column} after {days} days"
