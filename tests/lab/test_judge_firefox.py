"""Firefox leaves DoH off where our filter answers its canary."""

from collections.abc import Iterator

import pytest

from gateway.lab.driver import Lab
from gateway.lab.plan import WEB_IPV4
from tests.lab.judges.firefox import CHECKED_NAMES, doh_mode
from tests.lab.reconfigured import reconfigured


@pytest.fixture(autouse=True)
def c1_on(lab: Lab) -> Iterator[None]:
    records = [{"name": name, "addresses": [WEB_IPV4]} for name in CHECKED_NAMES]
    with reconfigured(lab, {"dns": {"records": records}}):
        lab.login("c1")
        yield


def test_firefox_uses_the_librarys_resolver(lab: Lab) -> None:
    assert doh_mode(lab, "gw") == 2, "where nobody answers the canary it takes DoH: the judge is fit to judge"
    assert doh_mode(lab, "c1") == 0
