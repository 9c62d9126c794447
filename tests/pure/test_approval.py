"""How long a request to the staff holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.access.approval import Answer, Approval, ApprovalId

NOW = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)
ASKED = Approval(ApprovalId(1), "0417", None, NOW)


@pytest.mark.parametrize(
    ("passed_s", "holds"), [(0, True), (899, True), (900, False), (-899, True), (-900, False), (-(10**8), False)]
)
def test_a_request_holds_a_quarter_of_an_hour_and_an_answer_as_long(passed_s: int, holds: bool) -> None:
    assert ASKED.holds(NOW + timedelta(seconds=passed_s)) is holds
    late = replace(ASKED, answer=Answer.APPROVED, answered_at=NOW + timedelta(minutes=14))
    assert late.holds(NOW + timedelta(minutes=14, seconds=passed_s)) is holds
