"""Router advertisements, read back by scapy."""

from ipaddress import IPv6Address, IPv6Network

from scapy.layers.inet6 import ICMPv6ND_RA, ICMPv6NDOptPrefixInfo, ICMPv6NDOptRDNSS

from gateway.kernel.advertise import Advertisement, packet

TOLD = Advertisement(IPv6Network("2001:db8:77::/64"), IPv6Address("2001:db8:77::1"), None)


def test_prefix_and_resolver_stand_in_it() -> None:
    told = ICMPv6ND_RA(packet(TOLD))
    assert (told.type, told.code, told.M, told.O, told.routerlifetime) == (134, 0, 0, 1, 1800)
    prefix = told[ICMPv6NDOptPrefixInfo]
    assert (prefix.prefix, prefix.prefixlen, prefix.L, prefix.A) == ("2001:db8:77::", 64, 1, 1)
    assert told[ICMPv6NDOptRDNSS].dns == ["2001:db8:77::1"]


def test_the_captive_portal_option_comes_with_a_certificate_only() -> None:
    url = "https://wifi.internal/captive-portal/api"
    plain, with_api = packet(TOLD), packet(Advertisement(TOLD.prefix, TOLD.resolver, url))
    assert with_api.startswith(plain)
    option = with_api[len(plain) :]
    assert (option[0], option[1] * 8) == (37, len(option))  # RFC 8910 section 2.3: length in units of 8 bytes
    assert option[2:].rstrip(b"\0") == url.encode()
