"""The portal's certificate: held against what a phone would hold it against, and exchanged while serving.

A phone ignores an API it can't verify (RFC 8908 section 4.1), and shows a warning for a page. So the files are judged
the way a phone judges them: by a TLS handshake, in memory, with a client that knows the system's roots (or the site's
own), the name and the time. Only what passes is announced.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gateway.log import event

RENEW_BEFORE_S = 14 * 86400
_MOST_ROUNDS = 16


class Fault(StrEnum):
    """Why a device would not believe it; `doctor.certificate.<fault>` says so, and `.do` what to do."""

    EXPIRED = "expired"
    NOT_YET = "not_yet"
    NO_PAIR = "no_pair"
    OTHER_NAME = "other_name"
    OWN_ROOT = "own_root"
    SELF_MADE = "self_made"
    CHAIN = "chain"
    NO_FILE = "no_file"
    NO_RIGHTS = "no_rights"
    UNSEEN = "unseen"
    """Not looked at yet."""
    OTHER = "other"
    """Only the library's own words say it."""


_HINTS = (
    ("expired", Fault.EXPIRED, "renew it (README, A certificate for the portal); is the clock right? see timedatectl"),
    ("not yet valid", Fault.NOT_YET, "the clock is wrong, see timedatectl; or the certificate is from the future"),
    ("key values mismatch", Fault.NO_PAIR, "certificate and key are not a pair: they come from one order"),
    (
        "Hostname mismatch",
        Fault.OTHER_NAME,
        "get one for portal.hostname, or set portal.hostname to the name it was made for",
    ),
    (
        "self-signed certificate in",
        Fault.OWN_ROOT,
        "the file must hold the whole chain, and the root must be one devices know",
    ),
    ("self-signed", Fault.SELF_MADE, "devices know no self-made certificate: get one from a public authority"),
    (
        "unable to get local issuer",
        Fault.CHAIN,
        "the chain is not whole: put the intermediate certificates behind the first one",
    ),
    ("No such file", Fault.NO_FILE, "see portal.certificate and portal.certificate_key"),
    ("Permission denied", Fault.NO_RIGHTS, "the user cong must be able to read both files"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a device would say of the certificate."""

    is_valid: bool
    why: str = ""
    hint: str = ""
    names: tuple[str, ...] = ()
    not_after_s: int | None = None
    """UTC seconds of its end."""
    fault: Fault = Fault.OTHER
    """Of one that is not valid: `why` as a text of ours."""


def examine(chain: Path, key: Path, hostname: str, authority: Path | None = None) -> Verdict:
    """Hold certificate and key against the name, the time and the roots; never raises.

    `authority`: a file of roots in the place of the system's.
    """
    try:
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(chain, key)
        client = ssl.create_default_context(cafile=str(authority) if authority else None)
        found = _shake_hands(server, client, hostname)
    except (OSError, ssl.SSLError) as error:
        why = _reason(error)
        other = (Fault.OTHER, "see openssl x509 -text -in FILE")
        fault, hint = next(((fault, hint) for word, fault, hint in _HINTS if word in why), other)
        return Verdict(False, why, hint, fault=fault)
    names = tuple(str(value) for kind, value in _pairs(found, "subjectAltName") if kind in ("DNS", "IP Address"))
    return Verdict(True, names=names, not_after_s=int(ssl.cert_time_to_seconds(str(found["notAfter"]))))


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, hostname: str) -> Mapping[str, object]:
    """The certificate as the client has verified it; ssl.SSLError says why it was not."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = server.wrap_bio(up, down, server_side=True)
    there = client.wrap_bio(down, up, server_hostname=hostname)
    for _ in range(_MOST_ROUNDS):
        ends = 0
        for side in (there, here):
            try:
                side.do_handshake()
                ends += 1
            except ssl.SSLWantReadError:
                continue
        if ends == 2:
            return there.getpeercert() or {}
    raise ssl.SSLError("the handshake does not end")


def _pairs(found: Mapping[str, object], key: str) -> list[tuple[object, object]]:
    value = found.get(key, ())
    return [(pair[0], pair[1]) for pair in value if isinstance(pair, tuple)] if isinstance(value, tuple) else []


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").replace("KEY VALUES MISMATCH", "key values mismatch")
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


class PortalCertificate:
    """The certificate in use: a TLS context that takes a renewed one while it serves."""

    def __init__(self, chain: Path, key: Path, hostname: str, authority: Path | None) -> None:
        self._chain, self._key = chain, key
        self._hostname, self._authority = hostname, authority
        self._loaded: tuple[object, ...] = ()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.verdict = Verdict(False, "not looked at yet", fault=Fault.UNSEEN)

    @property
    def is_valid(self) -> bool:
        """May it be announced?"""
        return self.verdict.is_valid

    def refresh(self) -> None:
        """Judge it anew, for time passes; load it when the files are others and are good. What is bad is told once."""
        before, self.verdict = self.verdict, examine(self._chain, self._key, self._hostname, self._authority)
        if not self.verdict.is_valid:
            if (before.is_valid, before.why) != (False, self.verdict.why):
                event("certificate.refused", "warning", why=self.verdict.why, hint=self.verdict.hint)
            return
        stamp = tuple((s.st_ino, s.st_size, s.st_mtime_ns) for s in (self._chain.stat(), self._key.stat()))
        if stamp != self._loaded:
            self.context.load_cert_chain(self._chain, self._key)  # new handshakes get it, open connections stay
            self._loaded = stamp
            event("certificate.loaded", not_after=self.verdict.not_after_s)
