"""schemathesis judges the REST API by its own OpenAPI file: what it says it takes and tells is so."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.lab.driver import Lab
from gateway.staff.roles import Role
from tests.lab.staff_pc import StaffPc, at_the_desk

STARTS_ANEW = "settings|backup.restore|backup.undo|update|lists.refresh|line.measure|mail.test"
"""Acts that start the gateway anew, or reach out of it: tests of their own."""


@pytest.fixture(scope="module")
def pc(lab: Lab) -> Iterator[StaffPc]:
    with at_the_desk(lab) as found:
        yield found


def test_the_api_is_what_its_description_says(pc: StaffPc, tmp_path: Path) -> None:
    judge = [str(Path(sys.executable).with_name("st")), "run", f"{pc.url}/api/v1/openapi.json", "--no-color"]
    judge += ["-H", f"Authorization: Bearer {pc.tokens[Role.ADMINISTRATOR]}", "--rate-limit", "90/s"]
    judge += [
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        "4",
        "--seed",
        "1",
        "--generation-database",
        "none",
    ]
    judge += ["--exclude-operation-id-regex", STARTS_ANEW, "--suppress-health-check", "all", "--continue-on-failure"]
    judge += [
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
    ]
    judge += ["--request-timeout", "20"]
    done = subprocess.run(judge, cwd=tmp_path, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert pc.lab.cong("doctor", check=False).returncode in (0, 1)
