"""Debian's DHCP clients and a reader of router advertisements judge RFC 8910: one URI in all, none without a good
certificate."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.lab.driver import Lab
from tests.edge.test_certificate import NAME, Authority
from tests.lab.judges.options import CLIENTS, advertised, told
from tests.lab.reconfigured import reconfigured

CLIENT = "c3"
ALL = (*CLIENTS, "router advertisement")
API = f"https://{NAME}/captive-portal/api"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The one the lab's devices know."""
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def _certified(lab: Lab, authority: Authority, chain: Path, key: Path) -> Iterator[None]:
    portal = {"hostname": NAME, "certificate": str(chain), "certificate_key": str(key)}
    try:
        with reconfigured(lab, {"portal": {**portal, "certificate_authority": str(authority.root)}}):
            lab.restart("dhcp")
            yield
    finally:
        lab.restart("dhcp")


def _all_told(lab: Lab) -> dict[str, tuple[str, ...]]:
    found = {program: tuple(told(lab, CLIENT, program)) for program in CLIENTS}
    return {**found, "router advertisement": tuple(advertised(lab, CLIENT, Path(sys.executable)))}


def test_every_client_is_told_the_same_address_of_the_api(lab: Lab, authority: Authority) -> None:
    with _certified(lab, authority, *authority.issue("site")):
        found = _all_told(lab)
        # and it answers there, as a device asks: by name, over TLS, with a chain it believes
        words = ["curl", "-sS", "-H", "Accept: application/captive+json", "--cacert", str(authority.root), API]
        answer = lab.run(CLIENT, words).stdout
    assert found == dict.fromkeys(ALL, (API,))
    assert '"captive": true' in answer and f'"user-portal-url": "https://{NAME}/' in answer


@pytest.mark.parametrize(("name", "days"), [("elsewhere.library.test", 10), (NAME, 0)], ids=["another-name", "run-out"])
def test_nothing_is_told_with_a_certificate_devices_would_not_believe(
    lab: Lab, authority: Authority, name: str, days: int
) -> None:
    with _certified(lab, authority, *authority.issue(f"bad{days}", name, days)):
        assert "certificate.refused" in lab.log("gateway")
        assert _all_told(lab) == dict.fromkeys(ALL, ())


def test_nothing_is_told_without_a_certificate(lab: Lab) -> None:
    assert _all_told(lab) == dict.fromkeys(ALL, ())
