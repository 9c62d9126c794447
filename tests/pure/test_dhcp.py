"""dnsmasq's configuration and leases."""

from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from gateway.config.load import parse_config
from gateway.config.model import Config
from gateway.kernel.dhcp import dnsmasq_config, parse_leases, portal_api_url

NOW = 1_800_000_000


def test_names_are_not_dnsmasqs_business() -> None:
    lines = dnsmasq_config(Config(), None).splitlines()
    assert "port=0" in lines
    assert "dhcp-range=10.77.0.10,10.77.0.254,255.255.255.0,3600" in lines
    assert "dhcp-option=option:dns-server,10.77.0.1" in lines


def test_the_portal_is_announced_only_over_a_certificate() -> None:
    plain = dnsmasq_config(Config(), None)
    assert "114" not in plain and "option6:103" not in plain
    assert "dhcp-range=2001:db8:77::,static,64" in plain.splitlines()
    text = '[portal]\ncertificate = "/c.pem"\ncertificate_key = "/k.pem"\n'
    config = parse_config(text, where="x")
    lines = dnsmasq_config(config, portal_api_url(config)).splitlines()
    url = "https://wifi.internal/captive-portal/api"
    assert f"dhcp-option-force=114,{url}" in lines and f"dhcp-option=option6:103,{url}" in lines


def test_leases_in_force_are_read_and_the_rest_left_out() -> None:
    text = (
        f"{NOW + 600} 02:00:5e:10:00:01 10.77.0.10 phone 01:02:00:5e:10:00:01\n"
        f"{NOW - 1} 02:00:5e:10:00:02 10.77.0.11 * *\n"
        "duid 00:01:00:01\n"
        f"{NOW + 600} 123456 2001:db8:77::5 * 00:01\n"
        f"{NOW + 86400 * 400} 02:00:5e:10:00:03 10.77.0.12 * *\n"
        f"{NOW + 600} 02:00:5e:1"
    )
    leases = parse_leases(text, NOW, 3600)
    assert [(lease.address, lease.left_s) for lease in leases] == [
        (IPv4Address("10.77.0.10"), 600),
        (IPv4Address("10.77.0.12"), 3600),  # a clock set back must not make a lease of a year
    ]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert all(0 < lease.left_s <= 3600 for lease in parse_leases(text, NOW, 3600))


def test_what_devices_call_themselves_is_kept_with_the_lease_or_not_at_all() -> None:
    assert "dhcp-ignore-names" not in dnsmasq_config(Config(), None).splitlines()
    silent = parse_config("[lan]\ndevice_names = false\n", where="x")
    assert "dhcp-ignore-names" in dnsmasq_config(silent, None).splitlines()
    names = ("Galaxy-A12", "*", "a.b_c", "-x", "<b>", "x" * 64)
    text = "".join(f"{NOW + 60} 02:00:5e:10:00:0{n} 10.77.0.1{n} {name} *\n" for n, name in enumerate(names))
    assert [lease.name for lease in parse_leases(text, NOW, 3600)] == ["Galaxy-A12", "", "a.b_c", "", "", ""]
