"""Who guesses waits; who has it right is forgiven."""

from gateway.staff.lockout import MOST_OF_ACCOUNT, MOST_OF_ADDRESS, WITHIN_S, Lockout


def test_an_account_waits_after_its_wrong_tries_and_others_do_not() -> None:
    lockout = Lockout()
    assert all(lockout.begin("lan", f"192.0.2.{n}", n) for n in range(MOST_OF_ACCOUNT))
    assert not lockout.begin("lan", "192.0.2.99", 60)
    assert lockout.begin("hoa", "192.0.2.99", 60)
    assert lockout.begin("lan", "192.0.2.99", WITHIN_S), "the first is over"


def test_an_address_waits_whatever_names_it_tries() -> None:
    lockout = Lockout()
    assert all(lockout.begin(f"name{n}", "192.0.2.1", n) for n in range(MOST_OF_ADDRESS))
    assert not lockout.begin("another", "192.0.2.1", 60)


def test_a_right_one_forgives_its_own_tries_alone() -> None:
    lockout = Lockout()
    for n in range(MOST_OF_ACCOUNT - 1):
        assert lockout.begin("lan", "192.0.2.1", n)
        assert lockout.begin("hoa", "192.0.2.2", n)
    lockout.give_back("lan", "192.0.2.1")
    assert all(lockout.begin("lan", "192.0.2.1", 20) for _ in range(MOST_OF_ACCOUNT))
    assert lockout.begin("hoa", "192.0.2.2", 20) and not lockout.begin("hoa", "192.0.2.2", 21)
