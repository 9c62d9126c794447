"""cong block, allow, unblock, rules, requests: the audit trail, the overlay file, and what ends by itself."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from filters.rules import parse_rules
from gateway.cli.main import command_group
from gateway.clock import SystemClock
from gateway.errors import UsageError
from gateway.ports_figures import Terms
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.store.requests import MOST_OPEN, SqliteRequests
from tests.edge.command_line import done as cong
from tests.edge.command_line import plain_config

HANOI_S = 7 * 3600


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return plain_config(tmp_path)


def overlay(config: Path) -> list[dict[str, Any]]:
    text = (config.parent / "local-rules.json").read_text(encoding="utf-8")
    parse_rules(text, where="overlay")
    rules: list[dict[str, Any]] = json.loads(text)["rules"]
    return rules


def in_store(config: Path, work: Any) -> Any:
    async def run() -> Any:
        database = await Database.open(config.parent / "cong.sqlite")
        try:
            return await work(SqliteRequests(database))
        finally:
            await database.close()

    return asyncio.run(run())


def decides(config: Path, name: str, profile: str, in_s: float = 0) -> str:
    rules = parse_rules((config.parent / "local-rules.json").read_text(encoding="utf-8"), where="overlay")
    now_s = SystemClock().now().timestamp() + in_s
    found = rules.for_profile(profile, now_s, HANOI_S).match(name)
    return found.action.value if found else "none"


def test_a_rule_for_all_and_one_for_a_profile(config: Path) -> None:
    assert "bad.vn and all below it is refused\n" in cong(config, "block", "Bad.VN.").output
    assert "for child, staff" in cong(config, "allow", "bad.vn", "--profile", "child", "--profile", "staff").output
    assert [decides(config, "www.bad.vn", each) for each in ("adult", "child", "staff")] == ["block", "allow", "allow"]
    assert {rule["by"] for rule in overlay(config)} == {"hoa"}


def test_a_grant_stands_over_the_rule_and_ends_by_itself(config: Path) -> None:
    cong(config, "block", "bad.vn")
    said = json.loads(cong(config, "allow", "bad.vn", "--for", "1h", "--reason", "lesson", "--json").output)
    assert (said["name"], said["action"], said["profiles"], said["by"]) == ("bad.vn", "allow", None, "hoa")
    assert said["until"].endswith("+07:00")
    assert decides(config, "bad.vn", "child") == "allow"
    assert decides(config, "bad.vn", "child", in_s=3601) == "block"
    # a standing word said later ends the grant before it
    cong(config, "block", "bad.vn")
    assert decides(config, "bad.vn", "child") == "block"
    assert len(overlay(config)) == 1


def test_unblock_takes_back_every_scope_or_the_named_one(config: Path) -> None:
    cong(config, "block", "bad.vn")
    cong(config, "allow", "bad.vn", "--profile", "child")
    cong(config, "allow", "bad.vn", "--profile", "staff", "--today")
    cong(config, "unblock", "bad.vn", "--profile", "child")
    assert [decides(config, "bad.vn", each) for each in ("adult", "child", "staff")] == ["block", "block", "allow"]
    told = json.loads(cong(config, "unblock", "bad.vn", "--json").output)
    assert {(rule["action"], rule["profile"]) for rule in told["taken_back"]} == {("block", None), ("allow", "staff")}
    assert overlay(config) == []
    assert "no rule of its own any more" in cong(config, "unblock", "never.vn").output


def test_the_trail_keeps_everything(config: Path) -> None:
    cong(config, "block", "bad.vn", "--reason", "complaint", "--by", "Lan")
    cong(config, "unblock", "bad.vn")
    told = json.loads(cong(config, "rules", "--json").output)
    assert told["standing"] == []
    assert [(rule["action"], rule["by"]) for rule in told["history"]] == [("none", "hoa"), ("block", "Lan")]
    assert "block  bad.vn" in cong(config, "rules").output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--for", "1x"], "no duration"),
        (["--for", "1h", "--today"], "exclude each other"),
        (["--until", "00:00"], "is past"),
        (["--until", "2020-01-01 10:00"], "is past"),
        (["--until", "soon"], "is no time"),
        (["--for", "900d"], "at most a year"),
        (["--profile", "nobody"], "there is no profile"),
    ],
)
def test_a_wrong_end_or_profile_is_wrong_use_and_changes_nothing(config: Path, words: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says) as wrong:
        cong(config, "allow", "a.vn", *words)
    assert wrong.value.exit_code == 2
    assert not (config.parent / "local-rules.json").exists()


def test_a_request_is_merged_answered_and_gone_from_the_desk(config: Path) -> None:
    at = SystemClock().now()

    async def ask(store: SqliteRequests) -> list[str | None]:
        first = await store.ask("game.vn", "child", "games", "BCDFG", at)
        again = await store.ask("game.vn", "child", "games", "ZZZZZ", at + timedelta(minutes=5))
        other = await store.ask("game.vn", "adult", "games", "BCDFH", at)
        taken = await store.ask("other.vn", "adult", "games", "BCDFH", at)
        return [first, again, other, taken]

    assert in_store(config, ask) == ["BCDFG", "BCDFG", "BCDFH", None]
    shown = {each["code"]: each for each in json.loads(cong(config, "requests", "--json").output)}
    assert (shown["BCDFG"]["count"], shown["BCDFH"]["count"]) == (2, 1)
    assert "2x  child     game.vn  pay-to-play games" in cong(config, "requests").output
    assert (
        "game.vn and all below it is open for child until"
        in cong(config, "allow", "--request", "bcdfg", "--for", "1h").output
    )
    assert decides(config, "game.vn", "child") == "allow"
    assert decides(config, "game.vn", "adult") == "none"
    cong(config, "requests", "refuse", "BCDFH", "--by", "Lan")
    assert "0 requests" in cong(config, "requests").output
    told = json.loads(cong(config, "requests", "--all", "--json").output)
    assert {(each["state"], each["answered_by"]) for each in told} == {("granted", "hoa"), ("refused", "Lan")}
    for words in (["allow", "--request", "BCDFG"], ["requests", "refuse", "NNNNN"]):
        with pytest.raises(UsageError, match="request"):
            cong(config, *words)


def test_allow_wants_a_name_or_a_request(config: Path) -> None:
    for words in (["allow"], ["allow", "a.vn", "--request", "BCDFG"]):
        result = CliRunner().invoke(command_group(), [*words, "--config", str(config)])
        assert result.exit_code == 2 and "--request" in result.output


def test_a_flood_of_requests_has_an_end(config: Path) -> None:
    async def flood(store: SqliteRequests) -> list[str | None]:
        at = SystemClock().now()
        return [await store.ask(f"n{n}.vn", "child", "games", f"{n:05}", at) for n in range(MOST_OPEN + 2)]

    assert in_store(config, flood)[-3:] == [f"{MOST_OPEN - 1:05}", None, None]


def test_requests_are_deleted_after_their_term(config: Path) -> None:
    now = SystemClock().now()

    async def run() -> list[str]:
        database = await Database.open(config.parent / "cong.sqlite")
        try:
            store = SqliteRequests(database)
            await store.ask("old.vn", "child", "games", "BBBBB", now - timedelta(days=31))
            await store.ask("new.vn", "child", "games", "CCCCC", now)
            term = now - timedelta(days=30)
            await Facts(database).forget(Terms(term, term, term, term, term, term))
            return [each.name for each in await store.requests()]
        finally:
            await database.close()

    assert asyncio.run(run()) == ["new.vn"]
