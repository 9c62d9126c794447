"""The command `cong` as an operator calls it, in this process: what it prints, or the error it ends with."""

from pathlib import Path

from click.testing import CliRunner, Result

from gateway.cli.main import command_group
from gateway.errors import GatewayError


def plain_config(directory: Path) -> Path:
    """A configuration that keeps everything in this directory."""
    path = directory / "cong.toml"
    path.write_text(f'[state]\ndirectory = "{directory}"\nrun_directory = "{directory}"\n', encoding="utf-8")
    return path


def called(config: Path, *words: str, typed: str = "") -> Result:
    """Its result, whatever it exits with; an error meant for operators is raised. "hoa" called sudo."""
    command = [*words, "--config", str(config)]
    result = CliRunner().invoke(command_group(), command, env={"SUDO_USER": "hoa"}, input=typed)
    if isinstance(result.exception, GatewayError):
        raise result.exception
    return result


def done(config: Path, *words: str, typed: str = "") -> Result:
    """The same of a command that must do its work."""
    result = called(config, *words, typed=typed)
    assert result.exit_code == 0, result.output
    return result
