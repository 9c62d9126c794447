"""The desk's pages of now against the kernel and the commands: what they say is so, and what they do comes true."""

import json
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from gateway.lab.driver import Lab
from gateway.staff.roles import Role
from tests.lab.staff_pc import StaffPc, at_the_desk


@pytest.fixture
def pc(lab: Lab) -> Iterator[StaffPc]:
    with at_the_desk(lab) as found:
        yield found


def asked(pc: StaffPc, method: str, path: str, **body: object) -> Any:
    async def work() -> Any:
        headers = {"Authorization": f"Bearer {pc.tokens[Role.DESK]}"}
        address = f"{pc.url}/api/v1{path}"
        async with (
            aiohttp.ClientSession(headers=headers) as client,
            client.request(method, address, json=body or None) as answer,
        ):
            told = await answer.json()
            assert answer.status == 200, told
            return told

    return pc.do(work())


def lasts_s(lab: Lab, number: int) -> int:
    """How long the kernel lets the session last from now."""
    told = json.loads(lab.run("gw", ["nft", "-j", "list", "set", "inet", "cong", "up"]).stdout)
    elements = next(each["set"] for each in told["nftables"] if "set" in each)["elem"]
    return int(next(each["elem"]["expires"] for each in elements if each["elem"]["val"] == number))


def test_the_desk_says_what_the_commands_say_and_does_what_it_says(lab: Lab, pc: StaffPc) -> None:
    lab.login("c1")
    lab.login("c2")
    lab.run("c1", ["curl", "-s", "-o", "/dev/null", "http://www.example.com/bytes/5000000"])
    told = asked(pc, "GET", "/sessions?order=since")
    lines = {each["id"]: each for each in lab.sessions()}
    assert told["total"] == len(lines) == 2
    for row in told["rows"]:
        line = lines[row["id"]]
        assert (row["device"]["mac"], row["profile"], row["method"]) == (line["mac"], line["profile"], line["method"])
        assert abs(row["left_s"] - line["left_s"]) <= 3
        assert (row["up_bytes"], row["down_bytes"]) == (line["up_bytes"], line["down_bytes"])
    number = min(lines)
    assert lines[number]["down_bytes"] > 5_000_000

    _more_time(lab, pc, number, lines[number]["down_bytes"])
    _another_profile(lab, pc, number)
    figures = asked(pc, "GET", "/today?fresh=true")["figures"]
    by_night = json.loads(lab.cong("nightly", "--json", "--date", figures["day"]).stdout)
    for name in ("visits", "sessions", "attempts"):
        assert figures[name] == by_night[name], name
    assert figures["goal"]["visits"] == by_night["goal"]["visits"]
    assert figures["refused"] <= by_night["refusals"]["total"], "questions go on meanwhile"
    assert abs(figures["held_s"] - by_night["service"]["held_s"]) < 60


def _more_time(lab: Lab, pc: StaffPc, number: int, before_bytes: int) -> None:
    before_s = lasts_s(lab, number)
    asked(pc, "POST", f"/sessions/{number}/extend", minutes=30)
    assert 1780 <= lasts_s(lab, number) - before_s <= 1800, "the kernel too lets it last"
    lab.run("c1", ["curl", "-s", "-o", "/dev/null", "http://www.example.com/bytes/1000000"])
    (line,) = [each for each in lab.sessions() if each["id"] == number]
    assert line["down_bytes"] > before_bytes + 1_000_000, "its counters went on"


def _another_profile(lab: Lab, pc: StaffPc, number: int) -> None:
    slowly = ["curl", "-s", "-o", "/dev/null", "--limit-rate", "500k", "--speed-time", "3", "--speed-limit", "1"]
    downloading = subprocess.Popen([*lab.inside("c1"), *slowly, "http://www.example.com/bytes/90000000"])
    begun = time.monotonic()
    lab.wait_until(lambda: time.monotonic() - begun > 0.5, 5, "the download to run")
    changed = asked(pc, "POST", f"/sessions/{number}/profile", profile="child")
    assert downloading.wait(30) != 0, "what was open under the old profile is cut"
    assert changed["profile"] == "child" and changed["id"] != number
    assert lab.run("c1", ["curl", "-s", "-o", "/dev/null", "http://www.example.com/"]).returncode == 0
    kept = lab.sql("SELECT state, cause, profile FROM sessions WHERE id = ?", (number,))
    assert kept == [("closed", "admin-reset", "adult")]
    after = lab.sql("SELECT state, profile, resumed_from FROM sessions WHERE id = ?", (changed["id"],))
    assert after == [("open", "child", number)]
