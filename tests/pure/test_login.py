"""The values of a login: what is told of a claim by default."""

from gateway.access.client import AccessKind, Mac
from gateway.access.login import Claim, Method, Verified
from gateway.access.quota import AS_IT_IS


def test_a_claim_and_its_verdict_say_nothing_they_were_not_told() -> None:
    claim = Claim(Mac("02:00:5e:10:00:01"), Method.TERMS)
    assert (claim.typed, claim.kind) == ({}, AccessKind.WIFI)
    assert Verified() == Verified(person=None, profile=None, narrowing=AS_IT_IS)
