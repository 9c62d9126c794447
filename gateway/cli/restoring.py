"""cong restore: a backup back in its places, checked whole before anything is touched; and the way back from that."""

import contextlib
import json
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import click

from gateway import __version__
from gateway.backup.manifest import CONFIG, DATABASE, Manifest, Member
from gateway.backup.places import Places
from gateway.backup.placing import clear, decide, finish, give, held, stage_undo, staging
from gateway.backup.reading import check, first_page, unpack
from gateway.backup.writing import require_space
from gateway.cli.options import config_option, json_option
from gateway.cli.restore_deed import by_command, path_name, told_by_desk
from gateway.cli.restored_config import config_for, differs, input_kept, replace_config
from gateway.cli.rules import by_option, signer
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.model import Config
from gateway.errors import GatewayError, UsageError
from gateway.log import event
from gateway.ports_backup import BackupError, unfinished
from gateway.ports_staff import Deed
from gateway.store.snapshot import Noted, alone, make_fit


@dataclass(frozen=True, slots=True)
class Told:
    """What became of it, for people and programs."""

    state: str
    """checked, waits (the gateway puts it in place when it starts), done."""
    taken_at: str
    site: str
    files: int
    config_kept: bool = False
    """The backup has another configuration than the box, which stays."""
    left_out: tuple[str, ...] = ()


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Only read FILE and say whether it is whole and fits.")
@click.option("--undo", is_flag=True, help="Take the last restore back: what it replaced was set aside.")
@click.option(
    "--finish", "only_finish", is_flag=True, help="End a restore that a power cut broke off, without the gateway."
)
@click.option("--other-site", is_flag=True, help="FILE is of another library: take it all the same.")
@click.option("--with-config", is_flag=True, help="Take cong.toml from FILE too (root); else that of the box stays.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--for-desk", is_flag=True, hidden=True, help="Decide it and leave: the gateway that calls this starts anew."
)
@click.option("--deed", default="", hidden=True, help="Who asked for it at the desk, as JSON, for the trail.")
@by_option
@json_option
@config_option
def restore(
    file: Path | None,
    only_check: bool,
    undo: bool,
    only_finish: bool,
    other_site: bool,
    with_config: bool,
    yes: bool,
    for_desk: bool,
    deed: str,
    by: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Put a backup in place of what is there: database, settings, rules, papers, and what else FILE has.

    All of FILE is read, checked and brought up to this version before anything is replaced. A gateway that runs is
    stopped and started anew for it; nobody stays signed in. What is replaced is set aside until the next restore:
    --undo brings it back. What happened since the backup was made is gone from the records, and reports say so.
    "-" reads standard input.
    """
    if sum((file is not None, undo, only_finish)) != 1:
        raise UsageError("say what to restore", hint="cong restore FILE, or --undo, or --finish")
    config = config_for(config_path, file)
    places = Places(config.state.directory, config.shelf_path, config_path.absolute())
    if only_finish:
        _say(_ended(config, places) or Told("none", "", config.site.code, 0), config, as_json=as_json)
        return
    asked_by = told_by_desk(deed) if deed else by_command(signer(by), file, other_site=other_site)
    wish = _Wish(file, other_site=other_site, with_config=with_config, asked_by=asked_by)
    if only_check and file:
        told = _checked(config, file, other_site=other_site)
    else:
        if not (yes or for_desk) and not click.confirm(_question(file)):
            raise click.exceptions.Abort
        told = _restored(config, places, wish, is_put_in_place=not for_desk)
    _say(told, config, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Wish:
    file: Path | None
    """None: take the last restore back."""
    other_site: bool
    with_config: bool
    asked_by: Deed


def _restored(config: Config, places: Places, wish: _Wish, *, is_put_in_place: bool) -> Told:
    with _one_at_a_time(places):
        told = _decided(config, places, wish)
    if not is_put_in_place:
        return told
    _put_in_place(config, places)
    return replace(told, state="done")


def _decided(config: Config, places: Places, wish: _Wish) -> Told:
    """All that waits is whole, fits, and is decided."""
    now = SystemClock().now().replace(microsecond=0)
    if wish.file is None:
        clear(places)
        names, replaced_at = stage_undo(places)
        _fit(places, now, Noted(wish.asked_by, "undo", {"taken_at": replaced_at}))
        decide(places, names, replaced_at, now.isoformat())
        return Told("waits", replaced_at, config.site.code, len(names))
    with input_kept(wish.file) as path:
        manifest = _staged(config, places, path, now, wish)
    other_config = manifest.has(CONFIG) and differs(places)
    if wish.with_config and other_config:
        replace_config(places)
    names = tuple(each.name for each in manifest.members if each.name != CONFIG)
    decide(places, names, manifest.taken_at.isoformat(), now.isoformat())
    kept = other_config and not wish.with_config
    return Told("waits", manifest.taken_at.isoformat(), manifest.site, len(names), kept, manifest.left_out)


def _staged(config: Config, places: Places, path: Path, now: datetime, wish: _Wish) -> Manifest:
    clear(places)
    places.state.mkdir(parents=True, exist_ok=True)

    def target(member: Member) -> Path:
        return staging(places, member.name)

    def agree(page: Manifest) -> None:
        _require_fitting(config, page, path, other_site=wish.other_site)
        require_space(places.state, page.total_bytes)

    try:
        manifest = unpack(path, target, agree)
        _fit(places, now, Noted(wish.asked_by, path_name(wish.file), {"taken_at": manifest.taken_at.isoformat()}))
    except BaseException:
        clear(places)
        raise
    return manifest


def _fit(places: Places, now: datetime, noted: Noted) -> None:
    try:
        make_fit(staging(places, DATABASE), now, places.target(DATABASE), noted)
    except GatewayError:
        clear(places)
        raise


def _require_fitting(config: Config, page: Manifest, path: Path, *, other_site: bool) -> None:
    if not page.has(DATABASE):
        raise BackupError("not_one", "the backup has no database", where=str(path), hint="choose another backup")
    if page.site != config.site.code and not other_site:
        raise BackupError(
            "other_site",
            f"this is the backup of {page.site_name} ({page.site}); this box is {config.site.code}",
            where=str(path),
            hint="choose one of this library; --other-site takes it all the same",
            theirs=page.site_name,
        )


def _checked(config: Config, file: Path, *, other_site: bool) -> Told:
    with (
        input_kept(file) as path,
        tempfile.TemporaryDirectory(dir=config.state.directory, prefix=".restore-check-") as work,
    ):
        page = check(path)
        _require_fitting(config, page, path, other_site=other_site)
        copy = Path(work) / "cong.sqlite"
        unpack(path, lambda member: copy if member.name == DATABASE else None)
        make_fit(copy, SystemClock().now(), None)
    return Told("checked", page.taken_at.isoformat(), page.site, len(page.members), left_out=page.left_out)


_PATIENCE_S = 90


def _put_in_place(config: Config, places: Places) -> None:
    """By ourselves while no gateway runs; a running one sees the plan, and starts itself anew for it."""
    if _ended(config, places) is not None:
        return
    clock, pause = SystemClock(), threading.Event()
    until_s = clock.boot_s() + _PATIENCE_S
    while unfinished(places.state):
        if clock.boot_s() > until_s:
            raise GatewayError(
                "the gateway has not put it in place",
                where=str(places.state),
                hint="see its log: journalctl -u cong-gateway; it goes on when the gateway starts",
            )
        pause.wait(0.2)


def _ended(config: Config, places: Places) -> Told | None:
    """None: a gateway runs, and it is that one's to do."""
    run = config.state.run_directory
    if not run.exists():
        run.mkdir(parents=True)
        give(run, places.state)
    with held(run / "serve.lock", run) as is_ours:
        if not is_ours:
            return None
        done = finish(places, alone)
    if done is None:
        return Told("none", "", config.site.code, 0)
    event("backup.restored", taken_at=done.taken_at, files=len(done.placed))
    return Told("done", done.taken_at, config.site.code, len(done.placed))


@contextlib.contextmanager
def _one_at_a_time(places: Places) -> Iterator[None]:
    places.state.mkdir(parents=True, exist_ok=True)
    with held(places.state / "restore.lock", places.state) as is_ours:
        if not is_ours:
            raise GatewayError("another restore is at work", where=str(places.state), hint="wait for its end")
        if unfinished(places.state):
            hint = "start the gateway, which ends it, or: cong restore --finish"
            raise GatewayError("a restore is decided and not ended yet", where=str(places.state), hint=hint)
        yield


def _question(file: Path | None) -> str:
    if file is None:
        return "Take the last restore back: everything recorded since then is replaced?"
    page = first_page(file) if str(file) != "-" else None
    told = f" of {page.site_name} ({page.site}), {page.taken_at:%Y-%m-%d %H:%M} UTC," if page else ""
    return f"Put the backup{told} in place of what is here now?"


def _say(told: Told, config: Config, *, as_json: bool) -> None:
    if as_json:
        tree = {
            "state": told.state,
            "taken_at": told.taken_at,
            "site": told.site,
            "files": told.files,
            "config_kept": told.config_kept,
            "left_out": list(told.left_out),
            "program": __version__,
        }
        click.echo(json.dumps(tree, indent=2))
        return
    words = {
        "checked": "whole, of this library, and fits this version; nothing was changed",
        "waits": "waits; the gateway puts it in place when it starts",
        "done": "in place; what was there is set aside: cong restore --undo brings it back",
        "none": "there was nothing to end",
    }
    click.echo(f"{told.taken_at or config.state.directory}: {told.files} files: {words[told.state]}")
    if told.config_kept:
        click.echo("cong.toml stays that of this box; --with-config would take the backup's")
    if told.state == "done":
        click.echo(
            "Vouchers, accounts, devices, users and rules are again as they were then: go through what changed since."
        )
    for each in told.left_out:
        click.echo(f"not in it, put it there yourself if it is missing: {each}")
