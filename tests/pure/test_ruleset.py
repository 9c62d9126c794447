"""The ruleset's text: what must stand in it, and that nothing of the configuration can break out of it.

That it does what it says is shown with packets in tests/lab.
"""

from ipaddress import ip_network

from gateway.config.load import parse_config
from gateway.config.model import Config
from gateway.kernel.fences import resolver_elements
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
    for name in (
        "mark_client",
        "to_box",
        "forward",
        "upward",
        "fresh",
        "strict",
        "captive",
        "input",
        "input_lan",
        "hide",
    ):
        assert f"flush chain inet cong {name}\n" in TEXT
    for kept in (
        "sess",
        "up",
        "down",
        "cut",
        "dns_port",
        "leased",
        "bound4",
        "bound6",
        "resolvers4",
        "learned6",
        "strict",
    ):
        assert f"flush set inet cong {kept}\n" not in TEXT
    assert "delete" not in TEXT and "flush ruleset" not in TEXT and "flush table" not in TEXT


def test_the_work_a_packet_does_not_grow_with_the_profiles() -> None:
    many = "".join(f"[dns.profiles.p{n}]\nport = {6000 + n}\nblock = []\n" for n in range(40))
    text = ruleset(parse_config(many + '[session]\nprofile = "p0"\n', where="x"))
    assert all(
        len(chain(text, name)) == len(chain(TEXT, name)) for name in ("to_box", "forward", "upward", "input_lan")
    )


def test_what_stands_before_admission_in_the_way_up() -> None:
    assert chain(TEXT, "upward") == [
        "ip saddr != 10.77.0.0/24 drop",
        "ip6 saddr != 2001:db8:77::/64 drop",
        "ct state new jump fresh",
        "jump pace",
        "ct mark @up accept",
        "jump captive",
    ]


def test_what_no_new_connection_leads_to_before_and_after_login() -> None:
    fresh = [rule for rule in chain(TEXT, "fresh") if not rule.startswith("#")]
    assert fresh[:6] == [
        "ip daddr @closed4 reject with icmpx admin-prohibited",
        "ip6 daddr @closed6 reject with icmpx admin-prohibited",
        "tcp dport 853 reject with tcp reset",
        "udp dport 853 reject with icmpx port-unreachable",
        "meta l4proto { tcp, udp } ip daddr @resolvers4 goto refuse",
        "meta l4proto { tcp, udp } ip6 daddr @resolvers6 goto refuse",
    ]
    assert fresh[-2:] == ["ct mark @no_vpn jump vpn", "ct mark @strict jump strict"]
    assert chain(TEXT, "refuse") == ["meta l4proto tcp reject with tcp reset", "reject with icmpx port-unreachable"]


def test_strict_mode_looks_at_the_device_and_the_address_alone() -> None:
    rules = chain(TEXT, "strict")
    assert rules[0].startswith("ether saddr . ip daddr @learned4 update @learned4") and rules[0].endswith("return")
    assert rules[1].startswith("ether saddr . ip6 daddr @learned6 update @learned6") and rules[1].endswith("return")
    assert rules[2:] == ["update @by_address { ct mark counter }", "ct mark @strict_log return", "goto refuse"]


def test_known_resolvers_are_exchanged_in_one_text() -> None:
    networks = [ip_network("198.51.100.8/32"), ip_network("192.0.2.0/24"), ip_network("2001:db8:100::8/128")]
    assert resolver_elements(networks).splitlines() == [
        "flush set inet cong resolvers4",
        "flush set inet cong resolvers6",
        "add element inet cong resolvers4 { 198.51.100.8/32, 192.0.2.0/24 }",
        "add element inet cong resolvers6 { 2001:db8:100::8/128 }",
    ]
    assert "add element" not in resolver_elements([])


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


RADIUS = """
[login]
methods = ["radius"]
[[login.radius.servers]]
address = "203.0.113.9"
secret_file = "/etc/cong/radius.secret"
[[login.radius.servers]]
address = "2001:db8::9"
secret_file = "/etc/cong/radius.secret"
"""


def test_orders_reach_the_box_from_the_account_servers_on_the_lines_side_alone() -> None:
    held = [line for line in chain(ruleset(parse_config(RADIUS, where="x")), "input") if "3799" in line]
    assert held == [
        'iifname "wan0" ip saddr 203.0.113.9 udp dport 3799 accept',
        'iifname "wan0" ip6 saddr 2001:db8::9 udp dport 3799 accept',
    ]
    for off in (
        RADIUS.replace('"radius"', '"terms"'),
        RADIUS.replace("[[", "[login.radius]\norders_port = 0\n[[", 1),
        "",
    ):
        assert "3799" not in ruleset(parse_config(off, where="x"))


def test_without_names_nothing_is_open_before_login() -> None:
    assert "  chain garden {\n  }\n" in TEXT and "  chain garden_back {\n  }\n" in TEXT
    assert not any(
        "@garden" in rule or "jump garden" in rule
        for name in ("to_box", "captive", "forward")
        for rule in chain(TEXT, name)
    )


def test_the_walled_garden_is_for_captive_clients_and_the_web_alone() -> None:
    text = ruleset(parse_config('[portal.garden]\nnames = ["catalogue.example.vn"]\n', where="x"))
    assert chain(text, "captive")[0] == "jump garden"
    to_box = chain(text, "to_box")
    assert to_box.index("ct mark 0 tcp dport 80 ip daddr @garden4 accept") < to_box.index(
        "ct mark 0 tcp dport 80 redirect to :8081"
    )
    opens = "ct mark set 0xffffffff counter name garden_up accept"
    assert chain(text, "garden") == [
        "ct mark 0xffffffff counter name garden_up accept",
        f"ct state new tcp dport {{ 80, 443 }} ip daddr @garden4 {opens}",
        f"ct state new tcp dport {{ 80, 443 }} ip6 daddr @garden6 {opens}",
    ]
    assert chain(text, "garden_back") == [
        "ct state established,related ct mark 0xffffffff counter name garden_down accept"
    ]
    assert "flush set inet cong garden4" not in text and "udp" not in "".join(chain(text, "garden"))
    quic = ruleset(parse_config('[portal.garden]\nnames = ["a.example.vn"]\nquic = true\n', where="x"))
    assert f"ct state new udp dport 443 ip daddr @garden4 {opens}" in chain(quic, "garden")
