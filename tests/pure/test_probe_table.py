"""A device's own question is told from a patron's, by the one table."""

import pytest

from gateway.portal.probes import is_probe
from gateway.probe_table import PROBES, Probe


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: f"{probe.client} {probe.host}{probe.target}")
def test_every_row_is_a_probe(probe: Probe) -> None:
    assert is_probe(probe.host, probe.target)
    assert is_probe(f"{probe.host.upper()}:80", probe.target)


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("www.google.com", "/"),
        ("www.google.com", "/search?q=/gen_204"),
        ("www.apple.com", "/vn/"),
        ("fedoraproject.org", "/wiki/"),
        ("news.example.vn", "/static/hotspot.txt"),
    ],
)
def test_where_people_go_is_no_probe(host: str, target: str) -> None:
    assert not is_probe(host, target)


def test_a_hosts_rows_agree_whether_people_go_there() -> None:
    shared = {probe.host for probe in PROBES if probe.shared}
    assert not shared & {probe.host for probe in PROBES if not probe.shared}


def test_phones_of_unknown_makers_are_known_by_the_path() -> None:
    assert is_probe("check.unheard-of.example", "/generate_204?x=1")
