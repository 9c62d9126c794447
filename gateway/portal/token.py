"""Form tokens without cookies: bound to the device and the act, running out, unguessable (128 bits).

A page of another site can't read one, and one made for another device does not fit: that is the whole defence against
forged posts, for the mini-browsers of sign-in sheets keep no cookies.
"""

import base64
import hashlib
import hmac
import struct

from gateway.access.client import Mac

_LIFE_S = 3600
_MAC_BYTES = 16


def make_token(key: bytes, purpose: str, mac: Mac, now_s: int) -> str:
    """A token for one act (`purpose`) of one device."""
    expires = struct.pack("!Q", now_s + _LIFE_S)
    return base64.urlsafe_b64encode(expires + _seal(key, purpose, mac, expires)).decode().rstrip("=")


def token_fits(token: str, key: bytes, purpose: str, mac: Mac, now_s: int) -> bool:
    """Whether the token was made here for this act of this device and has not run out."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return False
    expires, seal = raw[:8], raw[8:]
    if len(expires) != 8 or not hmac.compare_digest(seal, _seal(key, purpose, mac, expires)):
        return False
    left_s: int = struct.unpack("!Q", expires)[0] - now_s
    return 0 < left_s <= _LIFE_S  # a clock set back must not make tokens that live for years


def _seal(key: bytes, purpose: str, mac: Mac, expires: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\0" + mac.encode() + b"\0" + expires, hashlib.sha256)[:_MAC_BYTES]
