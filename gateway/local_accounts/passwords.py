"""Passwords and PINs as `scrypt$n$r$p$salt$hash` (RFC 7914), so that parameters can rise without a new column.

Slow on purpose, and its memory is taken anew each time: run it on a thread, few at once. A PIN has the same cost as a
password: with four digits the cost is all that stands between a stolen file and the PIN.
"""

import base64
import binascii
import hashlib
import hmac

SALT_BYTES = 16
_HASH_BYTES = 32
_N, _R, _P = 2**14, 8, 1  # 16 MiB
_MOST_BYTES = 64 * 2**20  # a stored text that asks for more is damaged, not strong
_MOST_P = 4


def hash_password(password: str, *, salt: bytes) -> str:
    """The text to store. `salt` is 16 random bytes, new for each password."""
    key = _key(password, salt, _N, _R, _P)
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(key)}"


def is_right(password: str, stored: str) -> bool:
    """Whether `password` is the one stored. A stored text that can't be read is nobody's password."""
    match stored.split("$"):
        case ["scrypt", n, r, p, salt, key]:
            try:
                wanted = base64.b64decode(key, validate=True)
                got = _key(password, base64.b64decode(salt, validate=True), int(n), int(r), int(p))
            except (ValueError, OverflowError, binascii.Error):
                return False
            return len(wanted) == _HASH_BYTES and hmac.compare_digest(got, wanted)
    return False


def nobodys(salt: bytes) -> str:
    """A stored text no password fits, as costly to try as a real one: what an unknown name is held against."""
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(bytes(_HASH_BYTES))}"


def _key(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    if not (n > 1 and r > 0 and 0 < p <= _MOST_P) or 128 * n * r > _MOST_BYTES:
        raise ValueError("scrypt parameters out of bounds")
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=2 * _MOST_BYTES, dklen=_HASH_BYTES)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
