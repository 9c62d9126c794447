"""What a session leaves to the one that continues it: never more than it had."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.access.client import AccessKind
from gateway.access.resume import Spent, is_resumable, left, spent
from gateway.access.session import Cause, Limits, SessionId, State
from gateway.portal.resume_token import make_resume_token, read_resume_token
from tests.contracts import session

OPEN = session(7)
KEY = b"k" * 32


@pytest.mark.parametrize("cause", list(Cause))
def test_only_ends_nobody_asked_for_can_be_continued(cause: Cause) -> None:
    stopped_at = OPEN.opened_at + timedelta(minutes=10)
    ended = replace(OPEN, state=State.CLOSED, cause=cause, stopped_at=stopped_at)
    assert is_resumable(ended, stopped_at) is (cause in {Cause.NAS_REBOOT, Cause.IDLE_TIMEOUT})
    assert not is_resumable(replace(ended, state=State.CLOSING), stopped_at)


def test_an_open_session_can_until_its_limit_and_a_pcs_or_printers_never() -> None:
    assert is_resumable(OPEN, OPEN.opened_at + timedelta(seconds=7199))
    assert not is_resumable(OPEN, OPEN.opened_at + timedelta(seconds=7200))
    assert is_resumable(
        OPEN, OPEN.opened_at - timedelta(days=9000)
    )  # the clock starts in 1970; what is left is no more
    assert not is_resumable(replace(OPEN, kind=AccessKind.KIOSK), OPEN.opened_at)
    assert not is_resumable(replace(OPEN, method="exempt"), OPEN.opened_at)


def test_what_is_left_is_what_was_not_used() -> None:
    limits = Limits(7200, 900, 1000)
    assert left(limits, Spent(1800, 400)) == Limits(5400, 900, 600)
    assert left(limits, Spent(7200, 0)) is None and left(limits, Spent(0, 1000)) is None
    assert left(Limits(7200, 900), Spent(1, 10**12)) == Limits(7199, 900)
    stopped = replace(OPEN, state=State.CLOSED, stopped_at=OPEN.opened_at + timedelta(minutes=30))
    assert spent(stopped, 10**6, 5) == Spent(1800, 5)  # time without power is not used
    assert spent(OPEN, 600.0, 5) == Spent(600, 5)
    assert spent(replace(OPEN, stopped_at=OPEN.opened_at - timedelta(days=1)), 0, 0) == Spent(0, 0)


def test_a_token_names_its_session_and_nothing_else_is_one() -> None:
    token = make_resume_token(KEY, SessionId(7), 1806516000)
    assert read_resume_token(token, KEY) == (7, 1806516000)
    assert token != make_resume_token(KEY, SessionId(7), 1806516000)
    assert read_resume_token(token, b"x" * 32) is None
    for at in range(len(token)):
        for letter in "AZaz09-_=+/\x00é'\";":
            changed = token[:at] + letter + token[at + 1 :]
            assert changed == token or read_resume_token(changed, KEY) is None
    for junk in ("", "x", "=" * 60, "A" * 60, token + "A", token[:-4], token * 100, "\ud800"):
        assert read_resume_token(junk, KEY) is None
