"""Targets of the probes, as they are written."""

import pytest

from gateway.service.target import Target, parse_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("203.119.73.105", Target("203.119.73.105")),
        ("192.0.2.1@5353", Target("192.0.2.1", 5353)),
        ("2001:db8::1", Target("2001:db8::1")),
        ("tcp://8.8.8.8:443", Target("8.8.8.8", 443, by_tcp=True)),
        ("tcp://[2001:db8::1]:80", Target("2001:db8::1", 80, by_tcp=True)),
    ],
)
def test_targets(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text", ["", "vnexpress.net", "tcp://8.8.8.8", "192.0.2.1@", "192.0.2.1@0", "tcp://x:80", "1.1.1.1@70000"]
)
def test_others_are_told_how(text: str) -> None:
    with pytest.raises(ValueError, match="is no target: write"):
        parse_target(text)
