"""The desk's file on the disk, the command over it, what doctor says of it, and sockets that outlive a program."""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config.load import load_config
from gateway.errors import UsageError
from gateway.flows.settings import Settings
from gateway.store.desk_settings import DeskSettingsFiles
from tests.edge.command_line import called, done, plain_config


def test_the_command_sets_lists_and_takes_back(tmp_path: Path) -> None:
    config = plain_config(tmp_path)
    before = config.read_bytes()
    assert done(config, "settings", "set", "session.limit=1h", 'hours.mon=["07:30-11:30"]').stdout.splitlines() == [
        'session.limit: "2h" -> "1h"',
        'hours.mon: [] -> ["07:30-11:30"]',
    ]
    assert load_config(config).session.limit_s == 3600
    assert config.read_bytes() == before
    assert (tmp_path / "desk.toml").stat().st_mode & 0o777 == 0o640
    told = json.loads(done(config, "settings", "list", "--json").stdout)
    assert told["settings"]["session.limit"] == {"value": "1h", "origin": "desk"}
    assert told["settings"]["session.idle"] == {"value": "15m", "origin": "default"}
    done(config, "settings", "revert", "session.limit")
    assert load_config(config).session.limit_s == 7200
    with pytest.raises(UsageError) as raised:
        called(config, "settings", "set", "session.limit=1h", "hours.tue=25", "wan.interface=eth9")
    assert "wan.interface" in raised.value.message
    assert load_config(config).session.limit_s == 7200


def test_a_broken_file_is_told_and_kept_beside_the_next_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = plain_config(tmp_path)
    desk = tmp_path / "desk.toml"
    desk.write_text("[site\n", encoding="utf-8")
    assert load_config(config).site.name == "Thư viện"
    assert '"settings.left_out"' in capsys.readouterr().err
    found = json.loads(called(config, "doctor", "--json").stdout)
    assert [each["good"] for each in found if each["thing"] == "settings of the desk"] == [False]
    done(config, "settings", "set", "site.name=Sa Thầy")
    assert load_config(config).site.name == "Sa Thầy"
    assert desk.with_suffix(".toml.broken").read_text(encoding="utf-8") == "[site\n"
    assert "settings of the desk" not in called(config, "doctor", "--json").stdout


async def test_changes_at_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    """Each area of the desk has settings of its own in its hands, and the command is another process."""
    config = plain_config(tmp_path)
    keys = ["site.name", "site.phone", "site.mail", *(f"hours.{day}" for day in ("mon", "tue", "wed", "thu", "fri"))]
    wanted = [{key: ["07:30-11:30"] if "hours" in key else f"of {key}"} for key in keys]
    await asyncio.gather(*(Settings(DeskSettingsFiles(config)).change(each) for each in wanted))
    values = await Settings(DeskSettingsFiles(config)).values()
    assert [values[key].origin for key in keys] == ["desk"] * len(keys)


_PROGRAM = """
import os, sys
from gateway.daemon.kept_sockets import KeptSockets
sockets = KeptSockets()
listening = sockets.listening(int(sys.argv[1]))
if len(sys.argv) > 2:
    for each in listening:
        each.close()
    sockets.hand_over()
    print("kept", flush=True)
    sys.stdin.readline()
    os.execv(sys.executable, [sys.executable, "-c", open("/proc/self/cmdline").read().split("\\0")[2], sys.argv[1]])
assert "CONG_SOCKETS" not in os.environ
listening[0].setblocking(True)
listening[0].accept()[0].sendall(b"served")
"""


def test_who_knocks_while_the_program_changes_is_served_by_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(port), "first"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdin
    assert program.stdout
    assert program.stdout.readline() == "kept\n"
    with socket.create_connection(("127.0.0.1", port), 5) as knocking:
        program.communicate("go\n", timeout=20)
        knocking.settimeout(5)
        assert knocking.recv(100) == b"served"
    assert program.returncode == 0
