"""Second factor: time-based one-time passwords (RFC 6238 with RFC 4226, SHA-1, six digits, 30 s)."""

import base64
import hashlib
import hmac
import struct

STEP_S, DIGITS, SECRET_BYTES = 30, 6, 20
_SKEW_STEPS = 1
"""Phones and the box may differ by half a minute (RFC 6238 section 5.2)."""


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step (RFC 4226 section 5.3)."""
    digest = hmac.digest(secret, struct.pack("!Q", step), hashlib.sha1)
    offset = digest[-1] & 0xF
    number: int = struct.unpack("!I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def fitting_step(secret: bytes, typed: str, now_s: int, after: int) -> int | None:
    """The step whose code was typed, newer than `after`: each code is good once (RFC 6238 section 5.2); None: wrong."""
    step = now_s // STEP_S
    plain = typed.replace(" ", "")
    if len(plain) != DIGITS or not (plain.isascii() and plain.isdigit()):
        return None
    near = range(step - _SKEW_STEPS, step + _SKEW_STEPS + 1)
    fits = [one for one in near if one > after and hmac.compare_digest(code_at(secret, one), plain)]
    return fits[0] if fits else None


def shown(secret: bytes) -> str:
    """Base32, as it is typed into an app by hand."""
    return base64.b32encode(secret).decode().rstrip("=")
