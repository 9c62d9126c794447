"""RADIUS packets: bytes <-> code, identifier, authenticator and attributes, and the proofs in them (pure).

RFC 2865 sections 3 and 5, RFC 2866 section 3, RFC 5176 section 2.3, RFC 3579 section 3.2 (Message-Authenticator).
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from gateway.errors import GatewayError

LONGEST_PACKET, LONGEST_VALUE = 4096, 253
_HEAD, _NOTHING = 20, bytes(16)


class Code(IntEnum):
    """What a packet is (RFC 2865 3, RFC 5176 2.3)."""

    ACCESS_REQUEST = 1
    ACCESS_ACCEPT = 2
    ACCESS_REJECT = 3
    ACCOUNTING_REQUEST = 4
    ACCOUNTING_RESPONSE = 5
    ACCESS_CHALLENGE = 11
    DISCONNECT_REQUEST = 40
    DISCONNECT_ACK = 41
    DISCONNECT_NAK = 42
    COA_REQUEST = 43
    COA_ACK = 44
    COA_NAK = 45


class Type(IntEnum):
    """Attributes we speak of (RFC 2865 5, 2866 5, 2869 5, 3162, 3576, 6911)."""

    USER_NAME = 1
    USER_PASSWORD = 2
    CHAP_PASSWORD = 3
    NAS_IP_ADDRESS = 4
    NAS_PORT = 5
    SERVICE_TYPE = 6
    FRAMED_IP_ADDRESS = 8
    FILTER_ID = 11
    REPLY_MESSAGE = 18
    STATE = 24
    CLASS = 25
    VENDOR_SPECIFIC = 26
    SESSION_TIMEOUT = 27
    IDLE_TIMEOUT = 28
    CALLED_STATION_ID = 30
    CALLING_STATION_ID = 31
    NAS_IDENTIFIER = 32
    PROXY_STATE = 33
    ACCT_STATUS_TYPE = 40
    ACCT_DELAY_TIME = 41
    ACCT_INPUT_OCTETS = 42
    ACCT_OUTPUT_OCTETS = 43
    ACCT_SESSION_ID = 44
    ACCT_AUTHENTIC = 45
    ACCT_SESSION_TIME = 46
    ACCT_TERMINATE_CAUSE = 49
    ACCT_INPUT_GIGAWORDS = 52
    ACCT_OUTPUT_GIGAWORDS = 53
    EVENT_TIMESTAMP = 55
    CHAP_CHALLENGE = 60
    NAS_PORT_TYPE = 61
    MESSAGE_AUTHENTICATOR = 80
    ACCT_INTERIM_INTERVAL = 85
    NAS_IPV6_ADDRESS = 95
    ERROR_CAUSE = 101
    FRAMED_IPV6_ADDRESS = 168


class RadiusError(GatewayError):
    """Not a packet we can take: malformed, or not from whoever holds the secret."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: type 1 to 255, value of 0 to 253 bytes as they stand in the packet."""

    type: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; `authenticator` is 16 bytes."""

    code: int
    identifier: int
    authenticator: bytes
    attributes: tuple[Attribute, ...] = ()

    def all_of(self, kind: int) -> tuple[bytes, ...]:
        """Values of every attribute of a type, in their order."""
        return tuple(each.value for each in self.attributes if each.type == kind)

    def first(self, kind: int) -> bytes | None:
        """Value of the first attribute of a type."""
        return next(iter(self.all_of(kind)), None)


def decode(data: bytes) -> Packet:
    """A datagram's packet; RadiusError when it is none.

    Bytes past the packet's own length are padding, a shorter datagram is discarded (RFC 2865 section 3).
    """
    if len(data) < _HEAD:
        raise RadiusError(f"{len(data)} bytes are no packet")
    length = int.from_bytes(data[2:4], "big")
    if not _HEAD <= length <= min(LONGEST_PACKET, len(data)):
        raise RadiusError(f"the packet says {length} bytes, {len(data)} came")
    return Packet(data[0], data[1], data[4:_HEAD], tuple(_attributes(data[_HEAD:length])))


def encode(packet: Packet) -> bytes:
    """The packet's bytes; RadiusError when a value or the whole is too long."""
    if too_long := next((each for each in packet.attributes if len(each.value) > LONGEST_VALUE), None):
        raise RadiusError(f"attribute {too_long.type} of {len(too_long.value)} bytes: {LONGEST_VALUE} is the most")
    body = b"".join(bytes((each.type, len(each.value) + 2)) + each.value for each in packet.attributes)
    if _HEAD + len(body) > LONGEST_PACKET:
        raise RadiusError(f"{_HEAD + len(body)} bytes are more than a packet holds")
    head = bytes((packet.code, packet.identifier)) + (_HEAD + len(body)).to_bytes(2, "big")
    return head + packet.authenticator + body


def access_request(identifier: int, authenticator: bytes, attributes: Sequence[Attribute], secret: bytes) -> bytes:
    """An Access-Request; Message-Authenticator stands first, so that no prefix can be forged (CVE-2024-3596)."""
    return _with_proof(Packet(Code.ACCESS_REQUEST, identifier, authenticator, tuple(attributes)), authenticator, secret)


def signed_request(code: int, identifier: int, attributes: Sequence[Attribute], secret: bytes) -> bytes:
    """A request whose authenticator is its own digest: accounting (RFC 2866 3), orders (RFC 5176 2.3)."""
    data = encode(Packet(code, identifier, _NOTHING, tuple(attributes)))
    return data[:4] + hashlib.md5(data + secret).digest() + data[_HEAD:]


def proved_request(code: int, identifier: int, attributes: Sequence[Attribute], secret: bytes) -> bytes:
    """`signed_request` with a Message-Authenticator, reckoned over a zero authenticator (RFC 5176 3.4)."""
    data = _with_proof(Packet(code, identifier, _NOTHING, tuple(attributes)), _NOTHING, secret)
    return data[:4] + hashlib.md5(data + secret).digest() + data[_HEAD:]


def response(code: int, request: Packet, attributes: Sequence[Attribute], secret: bytes) -> bytes:
    """An answer with Message-Authenticator first, its authenticator bound to the request's (RFC 2865 3)."""
    data = _with_proof(
        Packet(code, request.identifier, request.authenticator, tuple(attributes)), request.authenticator, secret
    )
    return data[:4] + hashlib.md5(data + secret).digest() + data[_HEAD:]


def is_answer_to(answer: Packet, request: Packet, secret: bytes, *, proof_required: bool) -> bool:
    """Does the answer come from whoever holds the secret, and is it for this request?"""
    data = encode(replace(answer, authenticator=request.authenticator))
    good = hmac.compare_digest(hashlib.md5(data + secret).digest(), answer.authenticator)
    return good and _is_proved(answer, request.authenticator, secret, required=proof_required)


def is_signed(request: Packet, secret: bytes) -> bool:
    """Does a request's own digest hold, and its Message-Authenticator where it has one?"""
    data = encode(replace(request, authenticator=_NOTHING))
    good = hmac.compare_digest(hashlib.md5(data + secret).digest(), request.authenticator)
    return good and _is_proved(request, _NOTHING, secret, required=False)


def hide_password(password: bytes, authenticator: bytes, secret: bytes) -> bytes:
    """User-Password as it travels (RFC 2865 5.2); RadiusError past 128 bytes, or with a NUL: the padding is NULs."""
    if len(password) > 128 or b"\0" in password:
        raise RadiusError("a password is at most 128 bytes without NUL")
    padded = password.ljust(max(16, -(-len(password) // 16) * 16), b"\0")
    hidden, last = b"", authenticator
    for start in range(0, len(padded), 16):
        last = _xor(padded[start : start + 16], hashlib.md5(secret + last).digest())
        hidden += last
    return hidden


def reveal_password(hidden: bytes, authenticator: bytes, secret: bytes) -> bytes:
    """What `hide_password` hid: a server's side of it."""
    blocks = [hidden[start : start + 16] for start in range(0, len(hidden), 16)]
    keys = (hashlib.md5(secret + last).digest() for last in (authenticator, *blocks))
    return b"".join(_xor(block, key) for block, key in zip(blocks, keys, strict=False)).rstrip(b"\0")


def chap_password(identifier: int, password: bytes, challenge: bytes) -> bytes:
    """CHAP-Password (RFC 2865 5.3): the identifier and MD5(identifier, password, challenge)."""
    head = bytes((identifier,))
    return head + hashlib.md5(head + password + challenge).digest()


def _attributes(body: bytes) -> Iterator[Attribute]:
    at = 0
    while at < len(body):
        length = body[at + 1] if at + 1 < len(body) else 0
        if length < 2 or at + length > len(body):
            raise RadiusError(f"attribute {body[at]} at byte {_HEAD + at} has a length that can't be")
        yield Attribute(body[at], body[at + 2 : at + length])
        at += length


def _with_proof(packet: Packet, authenticator: bytes, secret: bytes) -> bytes:
    blank = Attribute(Type.MESSAGE_AUTHENTICATOR, _NOTHING)
    data = encode(replace(packet, attributes=(blank, *packet.attributes)))
    proof = hmac.digest(secret, data[:4] + authenticator + data[_HEAD:], hashlib.md5)
    return data[: _HEAD + 2] + proof + data[_HEAD + 18 :]


def _is_proved(packet: Packet, authenticator: bytes, secret: bytes, *, required: bool) -> bool:
    """RFC 3579 3.2: HMAC-MD5 over the packet with the request's authenticator and the value blanked. Once, or not."""
    proofs = packet.all_of(Type.MESSAGE_AUTHENTICATOR)
    if not proofs:
        return not required
    blanked = tuple(
        replace(each, value=_NOTHING) if each.type == Type.MESSAGE_AUTHENTICATOR else each for each in packet.attributes
    )
    data = encode(replace(packet, authenticator=authenticator, attributes=blanked))
    proof = hmac.digest(secret, data, hashlib.md5)
    return len(proofs) == 1 and len(proofs[0]) == 16 and hmac.compare_digest(proof, proofs[0])


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
