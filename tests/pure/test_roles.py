"""The table of roles: what each may and may not."""

import pytest

from gateway.staff.roles import RIGHTS, Right, Role, may


def test_every_role_has_rights_and_the_administrator_all() -> None:
    assert set(RIGHTS) == set(Role)
    assert RIGHTS[Role.ADMINISTRATOR] == frozenset(Right)
    assert RIGHTS[Role.DESK] < RIGHTS[Role.LIBRARIAN] < RIGHTS[Role.ADMINISTRATOR]


@pytest.mark.parametrize("right", Right)
def test_the_auditor_changes_nothing(right: Right) -> None:
    own = {Right.AUDIT, Right.METRICS, Right.OWN}
    assert may(Role.AUDITOR, right) is (right in own or right.value.startswith("see"))


def test_the_small_roles_do_one_thing() -> None:
    assert RIGHTS[Role.VOUCHERS] == {Right.VOUCHERS, Right.OWN}
    assert RIGHTS[Role.METRICS] == {Right.METRICS}
    assert not may(Role.DESK, Right.FILTER) and not may(Role.LIBRARIAN, Right.USERS)
