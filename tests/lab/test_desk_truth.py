"""The desk shows the truth: its pages, its API, its metrics and the commands say the same at the same moment."""

import json
import re
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.lab.driver import Lab
from gateway.staff.roles import Role
from tests.lab.staff_pc import PASSWORD, StaffPc, at_the_desk


@pytest.fixture(scope="module")
def pc(lab: Lab) -> Iterator[StaffPc]:
    with at_the_desk(lab) as found:
        for name in ("c1", "c2"):
            lab.login(name)
            lab.run(name, ["curl", "-sS", "-o", "/dev/null", "--max-time", "10", "http://www.example.com/bytes/300000"])
            lab.run(name, ["dig", "+short", "garena.vn"])
        lab.cong("sessions")  # counters at rest
        yield found


def ask(pc: StaffPc, path: str, role: Role = Role.ADMINISTRATOR) -> Any:
    async def get() -> Any:
        headers = {"Authorization": f"Bearer {pc.tokens[role]}"}
        async with aiohttp.ClientSession() as client, client.get(f"{pc.url}{path}", headers=headers) as answer:
            assert answer.status == 200, (answer.status, await answer.text())
            return await (answer.json() if answer.content_type == "application/json" else answer.text())

    return pc.do(get())


def page(pc: StaffPc, path: str) -> str:
    async def get() -> str:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as client:
            fields = {"name": pc.user(Role.LIBRARIAN), "password": PASSWORD}
            await client.post(f"{pc.url}/sign-in", data=fields, headers={"Origin": pc.url})
            async with client.get(f"{pc.url}{path}") as answer:
                assert answer.status == 200
                return await answer.text()

    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", pc.do(get())))


def test_sessions_and_their_bytes(pc: StaffPc) -> None:
    listed = {each["id"]: each for each in ask(pc, "/api/v1/sessions")["rows"]}
    told = {each["id"]: each for each in pc.lab.sessions()}
    assert set(listed) == set(told) and len(told) == 2
    for number, each in told.items():
        assert (listed[number]["up_bytes"], listed[number]["down_bytes"]) == (each["up_bytes"], each["down_bytes"])
        assert (listed[number]["profile"], listed[number]["method"]) == (each["profile"], each["method"])
    shown = page(pc, "/sessions")
    assert all(f"/sessions/{number}" not in shown for number in told), "words, not addresses"
    assert shown.count("kB") + shown.count("MB") >= 4


def test_visits_hours_and_refusals_of_today(pc: StaffPc) -> None:
    figures = ask(pc, "/api/v1/today?fresh=true")["figures"]
    night = json.loads(pc.lab.cong("nightly", "--json", "--date", figures["day"]).stdout)
    for name in ("visits", "sessions", "attempts", "up_bytes", "down_bytes"):
        assert figures[name] == night[name], name
    assert figures["visits"] >= 2 and figures["down_bytes"] > 600_000
    assert (figures["refused"], dict(figures["refused_by_category"])) == (
        night["refusals"]["total"],
        night["refusals"]["by_category"],
    )
    assert (figures["promised_s"], figures["held_s"]) == (
        night["service"]["promised_s"] or 0,
        night["service"]["held_s"] or 0,
    )
    shown = page(pc, "/")
    assert re.search(rf"\b{night['visits']}\b", shown)


def test_metrics_are_prometheus_and_say_the_same(pc: StaffPc) -> None:
    text = ask(pc, "/metrics", Role.METRICS)
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert sum(each.value for each in samples if each.name == "cong_sessions") == 2
    assert {"cong_info", "cong_carried_bytes_total", "cong_dns_questions_total", "cong_line_up"} <= {
        each.name for each in samples
    }
    refused = sum(each.value for each in samples if each.name == "cong_dns_refusals_total")
    day = pc.lab.sql("SELECT sum(count) FROM refusals WHERE hour_at >= strftime('%s', 'now') - 86400")[0][0]
    assert refused <= day and refused >= 1
    carried = pc.lab.sql("SELECT up_bytes + down_bytes FROM carried_days ORDER BY day_on DESC LIMIT 1")[0][0]
    assert sum(each.value for each in samples if each.name == "cong_carried_bytes_total") == carried
    macs = [client["mac"] for client in pc.lab.status()["clients"]]
    assert not any(mac in text for mac in macs), "nothing of a device"
