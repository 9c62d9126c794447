"""The lab for all tests of this folder: brought up once with three clients and the real daemons."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.lab.driver import Lab
from tests.lab.judges import iodine

# bytes are booked every 5 s instead of every minute, so that a test sees the ledger move;
# the tunnel's domain is asked at the forwarder that leads to its server, as the Internet would
_CONFIG_EXTRA = f'''
[session]
book_every = "5s"
[[dns.forward]]
zone = "{iodine.DOMAIN}"
upstreams = ["{iodine.FORWARDER_IPV4}"]
'''


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs true packets."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.lab)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab with c1, c2 and c3; tests leave nobody signed in and every daemon running.

    Without root and without user namespaces `cong lab up` says what is missing, and the tests fail with that.
    """
    extra = tmp_path_factory.mktemp("lab") / "extra.toml"
    extra.write_text(_CONFIG_EXTRA, encoding="ascii")
    found = Lab(clients=3, config_extra=extra)
    try:
        found.up()
        yield found
    finally:
        found.down()
