"""A person's pseudonym."""

from gateway.flows.person import pseudonym


def test_a_person_is_found_again_and_nobody_else_can_tell() -> None:
    key, other_key = b"k" * 32, b"o" * 32
    lan = pseudonym(key, "account lan")
    assert lan == pseudonym(key, "account lan") and len(lan) == 24
    assert (
        len({lan, pseudonym(key, "account mai"), pseudonym(key, "card lan"), pseudonym(other_key, "account lan")}) == 4
    )
    assert "lan" not in lan
