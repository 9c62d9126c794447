"""RADIUS packets: the RFCs' own examples, what is refused, and whatever bytes come."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.radius.values import WISPR, number_of, text_of, vendor_number
from gateway.radius.wire import (
    Attribute,
    Code,
    Packet,
    RadiusError,
    Type,
    access_request,
    chap_password,
    decode,
    encode,
    hide_password,
    is_answer_to,
    is_signed,
    proved_request,
    response,
    reveal_password,
    signed_request,
)

SECRET = b"xyzzy5461"
# RFC 2865 section 7.1: user nemo, password arctangent, secret xyzzy5461, and the Access-Accept to it
NEMO = bytes.fromhex(
    "010000380f403f9473978057bd83d5cb98f4227a01066e656d6f02120dbe708d93d413ce3196e43f782a0aee0406c0a80110050600000003"
)
ACCEPT = bytes.fromhex("0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103")
attributes = st.lists(
    st.builds(
        Attribute, st.integers(1, 255).filter(lambda n: n != Type.MESSAGE_AUTHENTICATOR), st.binary(max_size=253)
    ),
    max_size=12,
).map(tuple)
authenticators = st.binary(min_size=16, max_size=16)


def test_the_rfcs_request_reads_as_it_says() -> None:
    packet = decode(NEMO)
    assert (packet.code, packet.identifier) == (Code.ACCESS_REQUEST, 0)
    assert text_of(packet, Type.USER_NAME) == "nemo" and number_of(packet, Type.NAS_PORT) == 3
    hidden = packet.first(Type.USER_PASSWORD)
    assert hidden == hide_password(b"arctangent", packet.authenticator, SECRET)
    assert reveal_password(hidden, packet.authenticator, SECRET) == b"arctangent"
    assert encode(packet) == NEMO


def test_the_rfcs_answer_is_an_answer_to_it_and_to_nothing_else() -> None:
    request, answer = decode(NEMO), decode(ACCEPT)
    assert is_answer_to(answer, request, SECRET, proof_required=False)
    assert not is_answer_to(answer, request, SECRET, proof_required=True)
    assert not is_answer_to(answer, request, b"xyzzy5462", proof_required=False)
    assert not is_answer_to(answer, Packet(1, 0, bytes(16)), SECRET, proof_required=False)


def test_chap_is_md5_of_identifier_password_and_challenge() -> None:
    assert chap_password(22, b"secret", b"c" * 16) == b"\x16" + hashlib.md5(b"\x16secret" + b"c" * 16).digest()


def test_message_authenticator_stands_first_and_is_the_hmac_of_the_blanked_packet() -> None:
    data = access_request(7, b"a" * 16, [Attribute(Type.USER_NAME, b"lan")], SECRET)
    assert data[20:22] == bytes((80, 18))
    blanked = data[:22] + bytes(16) + data[38:]
    assert data[22:38] == hmac.digest(SECRET, blanked, hashlib.md5)


@given(st.binary(min_size=1, max_size=128).filter(lambda word: b"\0" not in word), authenticators)
def test_a_hidden_password_is_its_own_again(password: bytes, authenticator: bytes) -> None:
    hidden = hide_password(password, authenticator, SECRET)
    assert len(hidden) % 16 == 0 and 16 <= len(hidden) <= 128
    assert reveal_password(hidden, authenticator, SECRET) == password


@pytest.mark.parametrize("password", [b"x" * 129, b"a\0"])
def test_a_password_that_can_not_travel_is_refused(password: bytes) -> None:
    with pytest.raises(RadiusError):
        hide_password(password, bytes(16), SECRET)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_packet_or_refused(data: bytes) -> None:
    try:
        packet = decode(data)
    except RadiusError:
        return
    assert encode(packet) == data[: int.from_bytes(data[2:4], "big")]
    vendor_number(packet, WISPR, 7)
    is_signed(packet, SECRET)
    is_answer_to(packet, packet, SECRET, proof_required=True)


@given(st.binary(max_size=120), st.integers(0, 255), st.integers(0, 255), authenticators, st.integers(-4, 4))
def test_any_attributes_behind_a_good_head_are_read_or_refused(
    body: bytes, code: int, identifier: int, authenticator: bytes, off: int
) -> None:
    data = bytes((code, identifier)) + max(0, 20 + len(body) + off).to_bytes(2, "big") + authenticator + body
    try:
        packet = decode(data)
    except RadiusError:
        return
    assert sum(len(each.value) + 2 for each in packet.attributes) == len(body) + off
    for kind in Type:
        text_of(packet, kind)
        number_of(packet, kind)
    vendor_number(packet, WISPR, 8)


@given(st.binary(max_size=253), st.integers(0, 2**32 - 1), st.integers(0, 255))
def test_any_vendor_attribute_is_a_number_or_none(value: bytes, vendor: int, kind: int) -> None:
    found = vendor_number(Packet(2, 0, bytes(16), (Attribute(Type.VENDOR_SPECIFIC, value),)), vendor, kind)
    assert found is None or 0 <= found < 2**32


@given(st.integers(0, 255), attributes, authenticators)
def test_what_is_written_is_read_again(identifier: int, held: tuple[Attribute, ...], authenticator: bytes) -> None:
    packet = Packet(Code.ACCESS_REQUEST, identifier, authenticator, held)
    assert decode(encode(packet)) == packet
    assert decode(encode(packet) + b"padding") == packet


@given(attributes, authenticators, st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_is_no_answer(held: tuple[Attribute, ...], authenticator: bytes, at: int, by: int) -> None:
    request = decode(access_request(9, authenticator, [], SECRET))
    data = bytearray(response(Code.ACCESS_ACCEPT, request, held, SECRET))
    assert is_answer_to(decode(bytes(data)), request, SECRET, proof_required=True)
    data[at % len(data)] ^= by
    try:
        changed = decode(bytes(data))
    except RadiusError:
        return
    # the identifier is what finds the request: it is not part of what is compared here
    assert not is_answer_to(changed, request, SECRET, proof_required=True)


@given(attributes, st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_is_no_order(held: tuple[Attribute, ...], at: int, by: int) -> None:
    for made in (signed_request, proved_request):
        data = bytearray(made(Code.DISCONNECT_REQUEST, 3, held, SECRET))
        assert is_signed(decode(bytes(data)), SECRET)
        assert not is_signed(decode(bytes(data)), b"another")
        data[at % len(data)] ^= by
        try:
            assert not is_signed(decode(bytes(data)), SECRET)
        except RadiusError:
            continue


def test_an_answer_without_its_proof_or_with_two_is_not_proved() -> None:
    request = decode(access_request(9, b"r" * 16, [], SECRET))
    whole = decode(response(Code.ACCESS_ACCEPT, request, [], SECRET))
    for proofs in ((), whole.attributes * 2):
        unsigned = encode(Packet(whole.code, whole.identifier, request.authenticator, proofs))
        forged = Packet(
            whole.code, whole.identifier, hashlib.md5(unsigned + SECRET).digest(), decode(unsigned).attributes
        )
        assert not is_answer_to(forged, request, SECRET, proof_required=True)


@pytest.mark.parametrize("held", [(Attribute(1, b"x" * 254),), (Attribute(1, b"x" * 253),) * 16])
def test_too_long_is_told_not_cut(held: tuple[Attribute, ...]) -> None:
    with pytest.raises(RadiusError):
        encode(Packet(1, 0, bytes(16), held))
