"""The unit files, judged by systemd's own tools."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.config.model import Config

UNITS = Path(__file__).parent.parent.parent / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))


_MOST = {
    # it makes a network of its own (user namespace) and speaks DHCP (packet sockets), for half a minute a day
    "cong-selfcheck.service": 23,
}


@pytest.mark.parametrize("unit", SERVICES, ids=lambda p: p.name)
def test_exposure_is_at_most_2(unit: Path) -> None:
    most = _MOST.get(unit.name, 20)
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_units_are_well_formed(tmp_path: Path) -> None:
    """With a program where the units expect one, systemd finds nothing to complain of."""
    for unit in UNITS.iterdir():
        if unit.suffix in (".service", ".socket", ".timer"):
            text = unit.read_text(encoding="utf-8").replace("/opt/cong/bin/cong", shutil.which("true") or "/bin/true")
            (tmp_path / unit.name).write_text(text, encoding="utf-8")
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "cong-" in line]) == (0, [])


def test_the_socket_unit_holds_the_ports_of_the_default_profiles() -> None:
    text = (UNITS / "cong-dns.socket").read_text(encoding="utf-8")
    ports = {int(port) for port in re.findall(r"^Listen\w+=\S+:(\d+)$", text, re.MULTILINE)}
    assert ports == {profile.port for profile in Config().dns.profiles.values()}


def test_every_directive_that_is_no_habit_has_its_reason() -> None:
    """A unit explains itself: each file has comments, and each timer that it makes up lost nights."""
    for unit in [*SERVICES, *UNITS.glob("*.timer")]:
        assert "\n# " in unit.read_text(encoding="utf-8"), f"{unit.name} gives no reason"
    assert all("Persistent=true" in timer.read_text(encoding="utf-8") for timer in UNITS.glob("*.timer"))
