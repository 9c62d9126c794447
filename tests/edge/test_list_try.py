"""cong lists try: what a list would do before it is one of ours."""

import json
from pathlib import Path

import pytest

from filters.compile import update
from gateway.config.filtering import filter_settings
from gateway.config.load import load_config
from gateway.errors import UsageError
from tests.edge.command_line import called, done, plain_config


def test_a_list_is_read_and_told_and_nothing_is_kept(tmp_path: Path) -> None:
    config = plain_config(tmp_path)
    settings = filter_settings(load_config(config))
    update(settings)
    tried = tmp_path / "list.txt"
    tried.write_text("garena.vn\nnew.example\nzalo.me\n! not used\nsome words here\n", encoding="utf-8")
    before = sorted(settings.blockset_directory.rglob("*"))
    told = json.loads(done(config, "lists", "try", str(tried), "--json").stdout)
    assert (told["names"], told["sample"], told["sampled"]) == (3, ["garena.vn", "new.example", "zalo.me"], 3)
    assert told["known"] == 1, "garena.vn is refused already"
    assert told["needed"] == ["zalo.me"]
    assert [(each["line"], each["lines"]) for each in told["rejected"] if each["text"] == "some words here"] == [(5, 1)]
    assert sorted(settings.blockset_directory.rglob("*")) == before
    said = done(config, "lists", "try", str(tried)).stdout
    assert "it would refuse what a library needs: zalo.me" in said


def test_what_is_no_list_is_refused_with_its_reason(tmp_path: Path) -> None:
    config = plain_config(tmp_path)
    with pytest.raises(UsageError):
        called(config, "lists", "try", "ftp://example.org/list")
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html><body>404</body></html>", encoding="utf-8")
    assert called(config, "lists", "try", str(page)).exit_code != 0
