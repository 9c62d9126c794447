"""Extended errors (RFC 8914): the why of an answer, as a code and a few words.

In: a verdict, or what happened upstream. Out: Ede, put into the answer's OPT by filters.answer.
"""

import json
from dataclasses import dataclass, replace

from filters.policy import Outcome, Step, Verdict

STALE_ANSWER, FORGED_ANSWER, CACHED_ERROR, BLOCKED, FILTERED, PROHIBITED = 3, 4, 13, 15, 17, 18
STALE_NXDOMAIN, NO_REACHABLE_AUTHORITY, NETWORK_ERROR = 19, 22, 23
OTHER_ERROR = 0
EVER_SAID = "0,3-4,13,15,17-19,22-23"
"""The codes this resolver makes itself, as RFC 9606 section 5 writes them."""
DNSSEC_FAILED = frozenset({1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 27})
"""The upstream has looked and the signatures are wrong: another upstream's word must not stand in for it."""
_MAX_TEXT = 120
_MAX_JSON = 220  # with the longest name the answer still fits into 512 bytes
_NETWORK_POLICY = 5  # sub-error of the draft: the operator of the local network


@dataclass(frozen=True, slots=True)
class Ede:
    """A code and a few words for whoever debugs."""

    code: int
    text: str = ""


def reason_of(verdict: Verdict) -> Ede | None:
    """Why a name is refused or led elsewhere; None where nothing was (canaries and local names are plain answers)."""
    if verdict.step is Step.LOCAL_RULE:
        return Ede(FILTERED, "closed by this library")
    if verdict.step is Step.REBINDING:
        return Ede(BLOCKED, "public name with a private address")
    if verdict.step is Step.UPSTREAM:
        return Ede(BLOCKED, "refused by the upstream resolver")
    if verdict.step is Step.SAFE_SEARCH:
        return Ede(FORGED_ANSWER, "safe search")
    if verdict.outcome in (Outcome.REWRITE, Outcome.RECORDS):
        return Ede(FORGED_ANSWER, "an answer of a list")
    if not verdict.category and verdict.outcome is not Outcome.REFUSE:
        return None
    words = f"category {verdict.category}" if verdict.category else "closed by this library"
    if verdict.step is Step.ALIAS:
        words += " (by alias)"
    if verdict.step is Step.SCHEDULE:
        words += " (at this hour)"
    return Ede(BLOCKED, words)


def structured(ede: Ede, info_url: str) -> Ede:
    """The same for an asker that reads JSON (draft-ietf-dnsop-structured-dns-error, sections 4 and 5.2).

    A contact is mandatory there, so without an https page to name the words stay as they are.
    """
    if not info_url.startswith("https://"):
        return ede
    code = FILTERED if ede.code == FORGED_ANSWER else ede.code  # the draft forbids "forged" to such askers
    told = {"c": [info_url], "j": ede.text} | ({"s": _NETWORK_POLICY} if code == BLOCKED else {})
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return Ede(code, text) if len(text.encode()) <= _MAX_JSON else replace(ede, code=code)


def shortened(text: str) -> str:
    """Another server's words, at most _MAX_TEXT bytes, without control characters."""
    clean = "".join(letter for letter in text if letter.isprintable())
    return clean.encode("utf-8")[:_MAX_TEXT].decode("utf-8", "ignore")
