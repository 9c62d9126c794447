"""Limits hold for whom they are due and for nobody else; tunnels are told from browsing."""

import base64
import lzma
import random  # noqa: TID251 - a seeded source of test input
from itertools import pairwise

import pytest

from filters.guards import BURST_S, MAX_PAIRS, Level, RateGuard, TunnelGuard, shown
from tests.filter_material import SHARED

ADDRESS = bytes([10, 77, 0, 5])
OTHER = bytes([10, 77, 0, 6])


def _at_rate(guard: RateGuard, qps: float, seconds: float, *, begin: float = 0.0) -> dict[Level, int]:
    seen = dict.fromkeys(Level, 0)
    for number in range(int(qps * seconds)):
        seen[guard.charge(ADDRESS, 1, begin + number / qps)] += 1
    return seen


def test_the_limit_is_served_and_nothing_is_said_below_it() -> None:
    seen = _at_rate(RateGuard(50), 50, 120)
    assert (seen[Level.TRUNCATE], seen[Level.REFUSE]) == (0, 0)


def test_over_the_limit_comes_tc_and_over_twice_refusal() -> None:
    once = _at_rate(RateGuard(50), 80, 120)
    assert once[Level.REFUSE] == 0
    assert once[Level.FINE] == pytest.approx(50 * (120 + BURST_S), rel=0.02)
    many = _at_rate(RateGuard(50), 1000, 120)
    assert many[Level.FINE] == pytest.approx(50 * (120 + BURST_S), rel=0.02)
    assert many[Level.TRUNCATE] == pytest.approx(50 * (120 + BURST_S), rel=0.02)
    assert many[Level.REFUSE] > 100_000


def test_a_breath_of_questions_passes_whole() -> None:
    guard = RateGuard(20)
    assert all(guard.charge(ADDRESS, 1, 5.0) is Level.FINE for _ in range(int(20 * BURST_S)))


def test_tcp_has_its_own_account_so_a_true_client_gets_through() -> None:
    guard = RateGuard(10)
    while guard.charge(ADDRESS, 1, 0.0) is Level.FINE:
        pass
    assert guard.charge(ADDRESS, 1, 0.0, by_tcp=True) is Level.FINE


def test_neighbours_pay_nothing_for_each_other() -> None:
    guard = RateGuard(10)
    while guard.charge(ADDRESS, 1, 0.0) is Level.FINE:
        pass
    assert guard.charge(OTHER, 1, 0.0) is Level.FINE
    one, two = (bytes.fromhex("fd00" + "00" * 13) + bytes([n]) for n in (1, 2))  # one /64: the whole library
    while guard.charge(one, 1, 0.0) is Level.FINE:
        pass
    assert guard.charge(two, 1, 0.0) is Level.FINE


def test_exempt_networks_have_no_limit() -> None:
    guard = RateGuard(1, ("127.0.0.0/8", "10.77.0.0/29", "fd00::/16"))
    for client in (bytes([127, 9, 9, 9]), ADDRESS, bytes.fromhex("fd00" + "00" * 14)):
        assert all(guard.charge(client, 100, 0.0) is Level.FINE for _ in range(100))
    outside = bytes([10, 77, 0, 9])
    assert guard.charge(outside, 100, 0.0) is Level.FINE
    assert guard.charge(outside, 1, 0.0) is not Level.FINE


def test_one_sample_a_batch_charged_with_the_batch_is_the_same_on_average() -> None:
    dice = random.Random(1)
    guard = RateGuard(100)
    hits = 0
    for number in range(60_000):  # 64 clients with 15 q/s each in batches of 64, one sampled
        client = bytes([10, 0, 0, dice.randrange(64)])
        hits += guard.charge(client, 64, number / 15) is not Level.FINE
    assert hits == 0
    heavy = RateGuard(100)
    served = sum(64 for n in range(10_000) if heavy.charge(ADDRESS, 64, n / 100) is Level.FINE)  # 6,400 q/s for 100 s
    assert served == pytest.approx(100 * (100 + BURST_S), rel=0.05)


def test_watching_begins_with_the_first_over_its_limit_and_ends() -> None:
    guard = RateGuard(10)
    assert not guard.watches(0.0)
    while guard.charge(ADDRESS, 1, 0.0) is Level.FINE:
        pass
    assert guard.watches(1.0)
    assert not guard.watches(5.0)


def test_it_is_told_once_a_minute_and_without_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    guard = RateGuard(10)
    for number in range(5000):
        guard.charge(ADDRESS, 10, number / 100)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert "client.limited" in told[0]
    assert shown(ADDRESS) in told[0]
    assert "10.77.0.5" not in told[0]


def _passed(guard: TunnelGuard, questions: list[tuple[str, int]], qps: float) -> int:
    return sum(not guard.slows(ADDRESS, name, qtype, number / qps) for number, (name, qtype) in enumerate(questions))


def _data_name(dice: random.Random, octets: int, domain: str) -> str:
    text = base64.b32encode(dice.randbytes(octets)).decode("ascii").rstrip("=").lower()
    return ".".join([*(text[at : at + 57] for at in range(0, len(text), 57)), domain])


@pytest.mark.parametrize("qtype", [1, 5, 10, 16, 33, 65399], ids=str)
@pytest.mark.parametrize("octets", [10, 100], ids=["short labels", "long labels"])
def test_a_tunnel_is_slowed_to_a_crawl(qtype: int, octets: int) -> None:
    dice = random.Random(2)
    questions = [(_data_name(dice, octets, "t.tunnel.example"), qtype) for _ in range(6000)]
    passed = _passed(TunnelGuard(), questions, qps=50)  # two minutes
    first = 30 if octets == 100 or qtype in (10, 16, 65399) else 201
    assert first - 25 <= passed <= first + 25 + 40  # then one in 3 s


def test_it_is_free_again_a_minute_or_two_after_it_stopped() -> None:
    guard, dice = TunnelGuard(), random.Random(3)
    for number in range(500):
        guard.slows(ADDRESS, _data_name(dice, 100, "t.tunnel.example"), 16, number / 50)
    assert guard.slows(ADDRESS, "www.tunnel.example", 1, 11.0) or guard.slows(ADDRESS, "w2.tunnel.example", 1, 11.1)
    assert not any(guard.slows(ADDRESS, f"w{n}.tunnel.example", 1, 140.0 + n / 10) for n in range(20))


def test_others_are_not_slowed_for_one_that_tunnels() -> None:
    guard, dice = TunnelGuard(), random.Random(4)
    for number in range(500):
        guard.slows(ADDRESS, _data_name(dice, 100, "cdn.example"), 16, number / 50)
    assert not any(guard.slows(OTHER, f"www{n}.cdn.example", 1, 10.0) for n in range(20))
    assert not any(guard.slows(ADDRESS, f"www{n}.other.example", 1, 10.0) for n in range(20))


def test_infrastructure_is_no_tunnel() -> None:
    guard, dice = TunnelGuard(exempt=["10.77.0.5/32"]), random.Random(5)
    names = [_data_name(dice, 100, "t.tunnel.example") for _ in range(500)]
    assert not any(guard.slows(ADDRESS, name, 16, number / 50) for number, name in enumerate(names))
    assert any(guard.slows(OTHER, name, 16, number / 50) for number, name in enumerate(names))


def test_reverse_names_are_no_tunnel() -> None:
    guard = TunnelGuard()
    assert not any(guard.slows(ADDRESS, f"{n % 256}.{n // 256}.0.203.in-addr.arpa", 12, n / 50) for n in range(1000))


def test_memory_is_bounded() -> None:
    guard = TunnelGuard()
    for number in range(3 * MAX_PAIRS):
        guard.slows(ADDRESS, f"www.d{number}.example", 1, 0.0)
    assert len(guard._pairs) == MAX_PAIRS


def _shared(name: str) -> list[str]:
    path = SHARED / "queries" / name
    if not path.exists():
        pytest.skip(f"the shared data are not here: {path}")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return lines.read().splitlines()


@pytest.mark.parametrize("qps", [2, 20], ids=["a reader", "page after page"])
def test_browsing_never_looks_like_a_tunnel(qps: float) -> None:
    names = _shared("web-crawl/hostnames-in-order.txt.xz")
    new = [name.lower().rstrip(".") for name, before in pairwise([*names, ""]) if name != before]
    assert _passed(TunnelGuard(), [(name, 1) for name in new], qps) == len(new)  # one client, nothing cached


def test_the_whole_librarys_questions_from_one_address_are_no_tunnel() -> None:
    types = {"A": 1, "AAAA": 28, "HTTPS": 65, "TXT": 16, "SRV": 33, "PTR": 12}
    pairs = [line.split() for line in _shared("replay-mixed-200k.txt.xz")[:100_000]]
    questions = [(name.lower().rstrip("."), types[qtype]) for name, qtype in pairs]
    assert _passed(TunnelGuard(), questions, qps=200) == len(questions)
