"""Pi-hole's own cases for groups of clients: its zone behind a scripted upstream, and three profiles for three clients.

How its model maps to ours:
- A group is a profile; a client is told by the port its questions reach, so each of the three clients has a profile.
- A list's entries are a category. What is allowed in one group must not open another's: the lists of the default group
  and of the second are two sources of two categories, as two groups have two subscriptions.
- Exact allow and deny entries are local rules with a scope; regular expressions are adblock rules of lists.
- The zone's private addresses (192.168.x.y, fe80::) are served as public ones (198.18.x.y, 2001:db8::): here a public
  name with a private address is refused (rebinding guard), which is not what these cases are about.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dnslib import EDNS0, QTYPE, RR, DNSRecord

from filters.settings import Action, FilterSettings, Profile, Source
from tests.edge.filters_upstream import (
    WAIT_S,
    Running,
    ScriptedUpstream,
    free_port,
    receive_framed,
    running,
    settings_for,
)
from tests.filter_material import HAS_SHARED, vectors

CLIENTS = {"127.0.0.1": 0, "127.0.0.2": 1, "127.0.0.3": 2}
DIFFERENT = {
    ("mask.icloud.com", "127.0.0.2"): "canaries are answered before any rule: no rule may turn another resolver on",
    ("svcb.ftl", "127.0.0.1"): "the scripted upstream's zone text knows no SVCB: it has no data for it",
    ("denied.ftl", "127.0.0.1"): "a rule of the site says 17, asked for by the site (RFC 8914 section 4.18), lists 15",
}
WANTED = {("mask.icloud.com", "127.0.0.2"): "NXDOMAIN", ("svcb.ftl", "127.0.0.1"): ""}
WANTED_EDE = {("denied.ftl", "127.0.0.1"): 17}


def _settings(directory: Path, upstream: int, policy: dict[str, Any]) -> FilterSettings:
    lists = policy["lists"]

    def source(name: str, category: str, lines: list[str], action: Action = Action.BLOCK) -> Source:
        path = directory / f"{name}.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Source(name, category, str(path), action)

    expressions = [f"/{each}/" for each in lists["regex_deny"]]
    sources = (
        source("gravity", "default", lists["block"] + expressions),
        source(
            "antigravity", "default", lists["allow"] + [f"@@/{each}/" for each in lists["regex_allow"]], Action.ALLOW
        ),
        source("gravity-second", "second", lists["block"] + expressions),
    )
    profiles = (
        Profile("default", free_port(), frozenset({"default"})),
        Profile("second", free_port(), frozenset({"second"})),
        Profile("third", free_port(), frozenset()),
    )
    settings = replace(settings_for(directory, [upstream], sources), profiles=profiles)
    entries = [(name, "allow") for name in lists["exact_allow"]] + [(name, "block") for name in lists["exact_deny"]]
    rules = [{"name": name, "action": action, "profiles": ["default"]} for name, action in entries]
    settings.local_rules.write_text(json.dumps({"generation": 1, "rules": rules}), encoding="utf-8")
    return settings


def _public(zone: str) -> str:
    zone = zone.replace("::ffff:146.112.61.104", "::ffff:9270:3d68")  # the same address, as dnslib reads it
    return zone.replace("192.168.", "198.18.").replace("fe80::", "2001:db8::")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, list[dict[str, Any]]]]:
    """The filter at work, and the cases."""
    material = json.loads(vectors("group-policy-cases.json").read_text(encoding="utf-8"))
    zone = _public(vectors(material["upstream_zone"]).read_text(encoding="utf-8"))
    lines = [line for line in zone.splitlines() if " SVCB " not in line and " HTTPS " not in line]
    records = [record for record in RR.fromZone("\n".join(lines)) if record.rtype != QTYPE.SOA]
    directory = tmp_path_factory.mktemp("groups")
    with ScriptedUpstream() as upstream:
        _serve(upstream, records)
        with running(_settings(directory, upstream.port, material["policy"])) as server:
            yield server, material["cases"]


def _serve(upstream: ScriptedUpstream, records: list[RR]) -> None:
    """Every name's records, its aliases followed, as a resolver would answer."""
    of_name: dict[str, list[RR]] = {}
    for record in records:
        of_name.setdefault(str(record.rname).rstrip(".").lower(), []).append(record)
    for name, said in of_name.items():
        for qtype in ("A", "AAAA", "MX", "TXT", "CNAME", "SRV", "PTR", "NS"):
            chain, at = list[RR](), said
            while at and at[0].rtype == QTYPE.CNAME and qtype != "CNAME":
                chain.append(at[0])
                at = of_name.get(str(at[0].rdata).rstrip(".").lower(), [])
            chain += [record for record in at if QTYPE[record.rtype] == qtype]
            upstream.says(name, qtype, "\n".join(record.toZone() for record in chain))


def _asked(server: Running, case: dict[str, Any]) -> DNSRecord:
    query = DNSRecord.question(case["q"], case["type"])
    query.add_ar(EDNS0())
    profile = CLIENTS[case["client"]]
    if not case.get("tcp"):
        return DNSRecord.parse(server.exchange(bytes(query.pack()), profile=profile))
    with server.tcp(profile) as connection:
        connection.settimeout(WAIT_S)
        packet = bytes(query.pack())
        connection.sendall(len(packet).to_bytes(2, "big") + packet)
        return DNSRecord.parse(receive_framed(connection))


def _edes(reply: DNSRecord) -> list[int]:
    return [
        int.from_bytes(option.data[:2], "big") for record in reply.ar for option in record.rdata if option.code == 15
    ]


def test_every_case(judged: tuple[Running, list[dict[str, Any]]]) -> None:
    server, cases = judged
    assert len(cases) == (31 if HAS_SHARED else 6)
    failed = []
    for case in cases:
        if case["q"] == "(UPDATE opcode)":
            continue  # test_other_opcodes_are_not_implemented
        asked = case["q"], case["client"]
        expected = WANTED.get(asked, _public(case["expect"]))
        reply = _asked(server, case)
        answers = [str(record.rdata) for record in reply.rr]
        if expected == "NXDOMAIN":
            good = reply.header.rcode == 3
        elif expected.startswith("any of"):
            good = {"1.2.3.4", "146.112.61.104", "8.8.8.8"} == set(answers)
        else:
            good = (answers[-1:] or [""]) == [expected]
        if not good or ("ede" in case and WANTED_EDE.get(asked, case["ede"]) not in _edes(reply)):
            failed.append((case, reply.header.rcode, answers, _edes(reply)))
    assert not failed
    assert DIFFERENT.keys() == WANTED.keys() | WANTED_EDE.keys()


@pytest.mark.parametrize("tcp", [False, True])
def test_other_opcodes_are_not_implemented(judged: tuple[Running, list[dict[str, Any]]], tcp: bool) -> None:
    server, _ = judged
    packet = DNSRecord.question("a.ftl").pack()
    packet = packet[:2] + bytes([packet[2] & 0x87 | 5 << 3]) + packet[3:]
    if tcp:
        with server.tcp() as connection:
            connection.settimeout(WAIT_S)
            connection.sendall(len(packet).to_bytes(2, "big") + packet)
            reply = receive_framed(connection)
    else:
        reply = server.exchange(packet)
    assert reply[3] & 15 == 4
