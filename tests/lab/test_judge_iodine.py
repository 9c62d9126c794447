"""iodine judges the garden: nobody gets out through DNS before login, for no question leaves the box."""

from collections.abc import Iterator
from ipaddress import IPv4Address
from uuid import uuid4

import pytest

from gateway.lab.driver import Lab
from gateway.lab.plan import MODEM_IPV4, OUTSIDE_RESOLVER_IPV4, OUTSIDE_RESOLVER_IPV6
from tests.lab.judges.iodine import FORWARDER_IPV4, TYPES, Attempt, attempts, has_tunnel, pings_through, server
from tests.lab.judges.ledger import the_one_session
from tests.lab.judges.witness import dns_witness

CLIENT, NEIGHBOUR = "c1", "c2"
OUTSIDE_RESOLVERS = (OUTSIDE_RESOLVER_IPV4, OUTSIDE_RESOLVER_IPV6, MODEM_IPV4)
WAYS = (["+tcp"], ["+notcp", "+bufsize=4096"], ["+tcp", "+bufsize=4096"])


@pytest.fixture(autouse=True)
def _nobody_signed_in(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    yield
    lab.end_all_sessions()


def test_tunnels_come_up_through_an_open_forwarder_and_none_through_us(lab: Lab) -> None:
    with server(lab) as iodined, dns_witness(lab) as witness:
        # from the gateway's own namespace, where nothing filters: the judge is fit to judge
        through = [Attempt(FORWARDER_IPV4, kind) for kind in TYPES]
        for attempt, outcome in zip(through, attempts(lab, "gw", through, within_s=20), strict=True):
            assert outcome.is_up, f"{attempt}: {outcome.said}"
        assert iodined.questions() > 0
        assert witness.packets() > 0

        questions, packets = iodined.questions(), witness.packets()
        gateway = str(lab.config.lan.ipv4.ip)
        tries = [Attempt(gateway, kind) for kind in TYPES]
        # by itself, whatever works, raw mode too: through us, straight to its server, through an open resolver outside
        tries += [Attempt(gateway), Attempt(MODEM_IPV4), Attempt(FORWARDER_IPV4)]
        for attempt, outcome in zip(tries, attempts(lab, CLIENT, tries, within_s=12), strict=True):
            assert not outcome.is_up, f"{attempt}: {outcome.said}"
        assert not has_tunnel(lab, CLIENT)
        assert iodined.questions() == questions
        assert witness.packets() == packets, "no DNS packet has left the library"
    assert lab.sessions() == []


def _is_synthetic(lab: Lab, answers: list[str]) -> bool:
    (address,) = answers
    return IPv4Address(address) in lab.config.portal.synthetic_ipv4


def test_captive_questions_stay_inside_by_tcp_and_with_large_edns(lab: Lab) -> None:
    name = _unheard_of()
    with dns_witness(lab) as witness:
        for resolver in (*OUTSIDE_RESOLVERS, str(lab.config.lan.ipv4.ip)):
            for way in WAYS:
                assert _is_synthetic(lab, _ask(lab, CLIENT, resolver, *way, name, "A"))
                assert _ask(lab, CLIENT, resolver, *way, name, "TXT") == []
        assert witness.packets() == 0
    assert name not in lab.log("isp-dns")


def test_others_stay_inside_while_one_is_signed_in(lab: Lab) -> None:
    inside, outside = _unheard_of(), _unheard_of()
    lab.login(NEIGHBOUR)
    session = the_one_session(lab, NEIGHBOUR)
    for resolver in OUTSIDE_RESOLVERS:
        for way in WAYS:
            assert _is_synthetic(lab, _ask(lab, CLIENT, resolver, *way, inside, "A"))
            # the signed-in one is heard by our filter, whomever it asks: the outside resolver would say "outside"
            assert _ask(lab, NEIGHBOUR, resolver, *way, "who.isp.example", "TXT") == ['"inside"']
    assert _ask(lab, NEIGHBOUR, OUTSIDE_RESOLVER_IPV4, "+tcp", outside, "A") != []
    heard = lab.log("isp-dns").splitlines()
    assert not [line for line in heard if inside in line]
    assert [line.split()[0] for line in heard if outside in line] == [str(lab.config.dns.upstreams[0])]
    assert the_one_session(lab, NEIGHBOUR) == session


def test_after_login_a_tunnel_is_slowed_to_a_crawl_and_counted(lab: Lab) -> None:
    def counted() -> int:
        ((total,),) = lab.sql("SELECT coalesce(sum(count), 0) FROM refusals WHERE category = 'tunnel'")
        return int(total)

    lab.login(CLIENT)
    before = counted()
    gateway = str(lab.config.lan.ipv4.ip)
    with server(lab) as iodined:
        assert pings_through(lab, "gw", Attempt(FORWARDER_IPV4, "NULL")) > 20, "unfiltered it is quick"
        for kind in ("A", "NULL"):
            questions = iodined.questions()
            echoes = pings_through(lab, CLIENT, Attempt(gateway, kind))
            print(f"{kind}: {echoes} of 25 echoes, {iodined.questions() - questions} questions went out")
            assert echoes < 5, kind
            # 30 to 200 names show the tunnel, or less when it was seen a moment ago; then one in 3 s goes on
            assert iodined.questions() - questions < 250, kind
    assert _ask(lab, CLIENT, gateway, "www.example.com", "A") != [], "what else the client does goes on"
    lab.wait_until(lambda: counted() > before, 15, "the refusals to be counted")
    told = lab.cong("dns", "stats").stdout
    assert "tunnel" in told
    assert lab.sql("SELECT count(*) FROM refused_names") == [(0,)], "names only where they are switched on"
    lab.end_all_sessions()


def _unheard_of() -> str:
    return f"{uuid4().hex}.wild.example"


def _ask(lab: Lab, client: str, resolver: str, *words: str) -> list[str]:
    done = lab.run(client, ["dig", "+short", "+tries=1", "+timeout=3", "+ignore", f"@{resolver}", *words])
    assert done.returncode == 0, f"{resolver} {words}: {done.stdout}"
    return done.stdout.split()
