"""A backup's first page: what it holds, and what nobody may make it hold."""

import json
from datetime import UTC, datetime

import pytest

from gateway.backup.manifest import Manifest, Member, read, written
from gateway.errors import GatewayError

PAGE = Manifest(
    datetime(2026, 11, 26, 19, 30, tzinfo=UTC),
    "sa-thay",
    "Thư viện Sa Thầy",
    "0.1.0",
    21,
    (Member("state/cong.sqlite", 10, "a" * 64), Member("shelf/phim/Tập 1.mp4", 3, "b" * 64)),
    ("/etc/cong/mail.password",),
)


def test_it_comes_back_as_it_was_written() -> None:
    assert read(written(PAGE), "x") == PAGE
    assert PAGE.has("state/cong.sqlite") and PAGE.has_shelf and PAGE.total_bytes == 13


@pytest.mark.parametrize(
    "name",
    ["state/../etc/passwd", "/etc/passwd", "etc/passwd", "state", "state/", "state//x", "state/.restore/plan.json",
     "state/a\\b", "state/a\x00b", "state/./x", "../x", "state/" + "x" * 300, "state/.replaced/undo.json", "shelf/..",
     "", "state/a\nb"],
)  # fmt: skip
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    tree = json.loads(written(PAGE))
    tree["members"][1]["name"] = name
    with pytest.raises(GatewayError, match="no backup"):
        read(json.dumps(tree).encode(), "x")


@pytest.mark.parametrize(
    ("key", "value"),
    [("format", "other"), ("members", {}), ("members", [1]), ("taken_at", "yesterday"), ("schema", "x"),
     ("members", [{"name": "state/a", "size_bytes": -1, "sha256": ""}]),
     ("members", [{"name": "state/a", "size_bytes": 1, "sha256": ""}] * 2)],
)  # fmt: skip
def test_what_is_no_page_is_refused(key: str, value: object) -> None:
    tree = json.loads(written(PAGE)) | {key: value}
    with pytest.raises(GatewayError, match="no backup"):
        read(json.dumps(tree).encode(), "x")


def test_a_newer_form_is_told_as_that() -> None:
    tree = json.loads(written(PAGE)) | {"version": 2, "program": "3.0"}
    with pytest.raises(GatewayError, match="form 2") as told:
        read(json.dumps(tree).encode(), "x")
    assert "cong 3.0" in told.value.hint


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null"])
def test_rubbish_is_no_page(body: bytes) -> None:
    with pytest.raises(GatewayError, match="no backup"):
        read(body, "x")
