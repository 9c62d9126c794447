"""The lab with other keys in its configuration for a while, as an operator changes it: file, restart, and back."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.config.toml import Tree, as_toml, merged
from gateway.lab.driver import Lab

DAEMONS = ("dns", "gateway")


@contextmanager
def reconfigured(lab: Lab, extra: Tree) -> Iterator[None]:
    """These keys over the lab's own; nobody is signed in when it begins and when it ends."""
    before = lab.files.config.read_text(encoding="utf-8")
    try:
        apply(lab, as_toml(merged(tomllib.loads(before), extra)))
        yield
    finally:
        apply(lab, before)


def apply(lab: Lab, text: str) -> None:
    """Write the file and start the daemons again, with nobody signed in."""
    lab.end_all_sessions()
    lab.files.config.write_text(text, encoding="utf-8")
    for name in DAEMONS:
        lab.restart(name)
