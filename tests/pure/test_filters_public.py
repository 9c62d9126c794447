"""filters.public: what is on the public Internet, and what only looks like it."""

import pytest

from filters.public import NotPublicError, Places

HOUSE = Places(("192.168.10.5/32",), ("10.77.0.0/24", "2001:db9::/64"), (("wifi.example.vn", ("10.77.0.1",)),))


@pytest.mark.parametrize(("address", "is_permitted"), [
    ("9.9.9.9", True),
    ("2620:fe::fe", True),
    ("192.168.10.5", True),  # the administrator's word
    ("192.168.10.6", False),
    ("10.77.0.9", False),
    ("2001:db9::9", False),  # public by its look, and the library's own
    ("127.0.0.1", False),
    ("0.0.0.0", False),
    ("169.254.169.254", False),
    ("100.64.0.1", False),
    ("172.16.0.1", False),
    ("192.0.2.1", False),
    ("198.18.0.1", False),
    ("224.0.0.1", False),
    ("255.255.255.255", False),
    ("::", False),
    ("::1", False),
    ("::127.0.0.1", False),
    ("::ffff:10.0.0.1", False),
    ("::ffff:9.9.9.9", True),
    ("64:ff9b::a00:1", False),  # NAT64 of 10.0.0.1
    ("64:ff9b::909:909", True),
    ("2002:a00:1::", False),  # 6to4 of 10.0.0.1
    ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),  # Teredo
    ("fe80::1", False),
    ("fe80::1%eth0", False),
    ("fd00::1", False),
    ("fec0::1", False),
    ("ff02::1", False),
    ("2001:db8::1", False),
])  # fmt: skip
def test_public_is_what_the_registries_say(address: str, is_permitted: bool) -> None:
    assert HOUSE.permits(address) is is_permitted


@pytest.mark.parametrize(("location", "is_taken"), [
    ("https://example.org/list.txt", True),
    ("https://danh-sách.example.org/list.txt", True),
    ("https://9.9.9.9/list.txt", True),
    ("http://192.168.10.5/list.txt", True),
    ("http://192.168.10.5:8090/list.txt", True),
    ("http://127.0.0.1/", False),
    ("http://127.0.0.1./", False),
    ("http://user@127.0.0.1/", False),
    ("http://9.9.9.9@127.0.0.1/", False),
    ("http://[::1]/", False),
    ("http://[::ffff:127.0.0.1]/", False),
    ("http://[fe80::1%25eth0]/", False),
    ("http://2130706433/", False),
    ("http://0x7f.0.0.1/", False),
    ("http://127.1/", False),
    ("http://localhost/", False),
    ("http://LOCALHOST./", False),
    ("http://wifi.internal/", False),
    ("http://wifi.example.vn/", False),
    ("http://modem/", False),
    ("http://nas.local/", False),
    ("http://1.168.192.in-addr.arpa/", False),
    ("http://[/", False),
    ("http:///x", False),
    ("http://a..b/", False),
])  # fmt: skip
def test_an_address_that_tells_its_place_is_refused_at_the_door(location: str, is_taken: bool) -> None:
    assert HOUSE.may_name(location) is is_taken


def test_a_socket_is_made_for_what_is_permitted_alone() -> None:
    with HOUSE.connection((2, 1, 6, "", ("9.9.9.9", 80))) as made:
        assert made.getsockname()[1] == 0, "nothing is connected"
    with pytest.raises(NotPublicError) as refused:
        HOUSE.connection((2, 1, 6, "", ("10.77.0.9", 80)))
    assert refused.value.address == "10.77.0.9"
