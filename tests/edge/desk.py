"""A desk for commands: a configuration with a database of its own, and `cong` as an operator types it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner, Result

from gateway.cli.main import command_group
from gateway.errors import GatewayError

CONFIG = """
[state]
directory = "{folder}"
run_directory = "{folder}"
[site]
code = "sa-thay"
name = "Thư viện Sa Thầy"
[hours]
mon = ["07:30-11:00", "13:30-17:00"]
tue = ["07:30-11:00", "13:30-17:00"]
wed = ["07:30-11:00", "13:30-17:00"]
thu = ["07:30-11:00", "13:30-17:00"]
fri = ["07:30-11:00", "13:30-17:00"]
"""


@dataclass(frozen=True, slots=True)
class CommandDesk:
    """Commands over one folder."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "CommandDesk":
        """With its configuration written."""
        (folder / "cong.toml").write_text(CONFIG.format(folder=folder), encoding="utf-8")
        return cls(folder)

    def cong(self, *words: str) -> str:
        """What it printed; it must succeed."""
        done = self.run(*words)
        assert done.exception is None, done.exception
        return done.stdout

    def told(self, *words: str) -> Any:
        """The JSON it printed."""
        return json.loads(self.cong(*words, "--json"))

    def refused(self, *words: str) -> str:
        """The error it ended with, as it would be printed."""
        done = self.run(*words)
        assert isinstance(done.exception, GatewayError | click.ClickException), (done.exception, done.output)
        return str(done.exception)

    def run(self, *words: str) -> Result:
        """Run it."""
        arguments = [*words, "--config", str(self.folder / "cong.toml")]
        return CliRunner().invoke(command_group(), arguments, standalone_mode=False)

    def file(self, name: str, text: str | bytes) -> str:
        """A file in the folder; its path."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)
