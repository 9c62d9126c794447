"""The ruleset's text: what must stand in it, and that nothing of the configuration can break out of it.

That it does what it says is shown with packets in tests/lab.
"""

from gateway.config.load import parse_config
from gateway.config.model import Config
from gateway.kernel.ruleset import ruleset


def chain(text: str, name: str) -> list[str]:
    start = text.rindex(f"  chain {name} {{\n") + len(f"  chain {name} {{\n")
    return [line.strip() for line in text[start : text.index("\n  }", start)].splitlines()]


TEXT = ruleset(Config())


def test_the_same_configuration_gives_the_same_text() -> None:
    assert ruleset(parse_config("", where="x")) == TEXT


def test_both_base_chains_drop_what_no_rule_takes() -> None:
    assert "type filter hook forward priority filter; policy drop;" in TEXT
    assert "type filter hook input priority filter; policy drop;" in TEXT


def test_loading_it_again_doubles_nothing_and_keeps_sets() -> None:
    for name in ("mark_client", "guard", "to_box", "forward", "upward", "captive", "input", "input_lan", "hide"):
        assert f"flush chain inet cong {name}\n" in TEXT
    for kept in ("sess", "up", "down", "cut", "dns_port", "leased", "bound4", "bound6"):
        assert f"flush set inet cong {kept}\n" not in TEXT
    assert "delete" not in TEXT and "flush ruleset" not in TEXT and "flush table" not in TEXT


def test_the_work_a_packet_does_not_grow_with_the_profiles() -> None:
    many = "".join(f"[dns.profiles.p{n}]\nport = {6000 + n}\nblock = []\n" for n in range(40))
    text = ruleset(parse_config(many + '[session]\nprofile = "p0"\n', where="x"))
    assert all(
        len(chain(text, name)) == len(chain(TEXT, name)) for name in ("to_box", "forward", "upward", "input_lan")
    )


def test_what_stands_before_admission_in_the_way_up() -> None:
    upward = chain(TEXT, "upward")
    admitted = upward.index("ct mark @up accept")
    for rule in (
        "ip saddr != 10.77.0.0/24 drop",
        "ip6 saddr != 2001:db8:77::/64 drop",
        "ip daddr @closed4 reject with icmpx admin-prohibited",
        "tcp dport 853 reject with tcp reset",
        "udp dport 853 reject with icmpx port-unreachable",
    ):
        assert upward.index(rule) < admitted
    assert upward[admitted + 1 :] == ["jump captive"]


def test_cut_stands_before_every_counter() -> None:
    assert chain(TEXT, "forward")[0] == "ct mark @cut drop"


def test_port_80_of_captive_clients_is_redirected_never_refused() -> None:
    assert "ct mark 0 tcp dport 80 redirect to :8081" in chain(TEXT, "to_box")
    assert not any("dport 80" in rule for rule in chain(TEXT, "captive"))


def test_443_is_dropped_or_reset_as_configured() -> None:
    assert "tcp dport 443 drop" in chain(TEXT, "captive")
    text = ruleset(parse_config('[portal]\nhttps_before_login = "reset"\n', where="x"))
    assert "tcp dport 443 reject with tcp reset" in chain(text, "captive")


def test_without_ipv6_on_the_library_network_it_goes_nowhere() -> None:
    text = ruleset(parse_config('[lan]\nipv6 = ""\n', where="x"))
    assert "meta nfproto ipv6 drop" in chain(text, "upward")


def test_without_isolation_only_admitted_devices_meet() -> None:
    text = ruleset(parse_config("[lan]\nisolate = false\n", where="x"))
    assert 'iifname "lan0" oifname "lan0" ct mark != 0 accept' in chain(text, "forward")
    assert not any('oifname "lan0" ct mark != 0' in rule for rule in chain(TEXT, "forward"))
