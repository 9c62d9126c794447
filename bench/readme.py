"""What every bench does with the README: its figures between two marker lines, and what machine they are of."""

import platform
import re
from pathlib import Path


def write_between(path: Path, begin: str, end: str, text: str) -> None:
    """Replace what stands between the two marker lines; ValueError when they are not there."""
    page = path.read_text(encoding="utf-8")
    before, found, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise ValueError(f"{path} has no lines {begin} and {end}")
    path.write_text(f"{before}{begin}\n{text}{end}{after}", encoding="utf-8")


def cpu_model() -> str:
    """As /proc says it."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return model[1] if model else platform.machine()
