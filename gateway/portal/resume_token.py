"""The token a session leaves in its browser: it names the session, and only who has the key can make one.

It holds no device and no person. The session's start is in it too, so that a number that comes again after an old
backup was restored fits no old token. What it is worth is looked up in the store: it dies with the session.
"""

import base64
import hashlib
import hmac
import secrets
import struct

from gateway.access.session import SessionId

_HEAD = struct.Struct("!QQ8s")
_SEAL_BYTES = 16


def make_resume_token(key: bytes, session: SessionId, opened_at_s: int) -> str:
    """The token of a session; another one at each making."""
    head = _HEAD.pack(session, opened_at_s, secrets.token_bytes(8))
    return base64.urlsafe_b64encode(head + _seal(key, head)).decode()


def read_resume_token(token: str, key: bytes) -> tuple[SessionId, int] | None:
    """The session and its start (UTC seconds); None for what was not made here."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if base64.urlsafe_b64encode(raw).decode() != token:  # base64 has spare bits: one token has one spelling
        return None
    head, seal = raw[: _HEAD.size], raw[_HEAD.size :]
    if len(head) != _HEAD.size or not hmac.compare_digest(seal, _seal(key, head)):
        return None
    number, opened_at_s, _ = _HEAD.unpack(head)
    return SessionId(number), opened_at_s


def _seal(key: bytes, head: bytes) -> bytes:
    return hmac.digest(key, b"resume\0" + head, hashlib.sha256)[:_SEAL_BYTES]
