"""cong backup and cong restore over real files and a real database: whole, or as it was."""

import fcntl
import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.backup.manifest import Manifest, Member, written
from gateway.clock import SystemClock
from gateway.store.db import open_reader
from tests.edge.desk import CommandDesk
from tests.fakes import FakeClock

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    """A box with a database and some of everything beside it."""
    made = CommandDesk.at(tmp_path)
    made.cong("block", "games.example.vn")
    made.file("desk.toml", '[site]\nname = "Thư viện xã"\n')
    made.file("voucher.key", "0" * 64)
    (tmp_path / "photos").mkdir()
    made.file("photos/PC07.jpg", b"\xff\xd8 picture")
    (tmp_path / "shelf" / "phim").mkdir(parents=True)
    made.file("shelf/shelf.toml", "# sheet\n")
    made.file("shelf/phim/Tập 1.mp4", b"film")
    (tmp_path / "blockset").mkdir()
    made.file("blockset/generation", b"compiled")
    return made


def rules(desk: CommandDesk) -> list[str]:
    with open_reader(desk.folder / "cong.sqlite") as sql:
        return [row["name"] for row in sql.execute("SELECT name FROM rules ORDER BY id")]


def names_in(path: Path) -> set[str]:
    with tarfile.open(path) as tar:
        return set(tar.getnames())


def tree(folder: Path) -> dict[str, bytes]:
    """What a stranger sees, without the restore's own traces."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    own = (".restore", ".replaced", "restore.lock", "serve.lock")
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(own)}


def test_a_backup_is_a_tar_any_program_opens_with_the_hash_of_all_in_it(desk: CommandDesk) -> None:
    told = desk.told("backup", str(desk.folder / "b.tar.gz"))
    backup = desk.folder / "b.tar.gz"
    assert names_in(backup) == {
        "manifest.json", "README.txt", "config/cong.toml", "state/cong.sqlite", "state/desk.toml",
        "state/local-rules.json", "state/photos/PC07.jpg", "shelf/shelf.toml",
    }  # fmt: skip
    with tarfile.open(backup) as tar:
        page = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
        for each in page["members"]:
            body = tar.extractfile(each["name"]).read()  # type: ignore[union-attr]
            assert (len(body), hashlib.sha256(body).hexdigest()) == (each["size_bytes"], each["sha256"])
        tar.extract("state/cong.sqlite", desk.folder / "out", filter="data")
    assert (page["site"], page["site_name"]) == ("sa-thay", "Thư viện xã")
    assert told["left_out"] == page["left_out"] == [str(desk.folder / "voucher.key")]
    assert backup.stat().st_mode & 0o077 == 0  # personal data
    with closing(sqlite3.connect(desk.folder / "out" / "state" / "cong.sqlite")) as sql:
        assert sql.execute("SELECT name FROM rules").fetchall() == [("games.example.vn",)]
        assert sql.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_what_is_asked_for_is_in_it(desk: CommandDesk) -> None:
    desk.cong("backup", str(desk.folder / "b.tar.gz"), "--with-shelf", "--with-voucher-key")
    assert {"shelf/phim/Tập 1.mp4", "state/voucher.key"} <= names_in(desk.folder / "b.tar.gz")


def test_restored_all_is_as_it_was_and_undone_as_it_was_before(desk: CommandDesk) -> None:
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    desk.cong("block", "later.example.vn")
    desk.file("desk.toml", '[site]\nname = "Khác"\n')
    desk.file("photos/PC07.jpg", b"another")
    desk.file("photos/PC08.jpg", b"new since")
    overlay = (desk.folder / "local-rules.json").read_bytes()
    desk.cong("restore", str(desk.folder / "b.tar.gz"), "--yes")
    assert rules(desk) == ["games.example.vn"]
    assert (desk.folder / "desk.toml").read_text(encoding="utf-8").endswith('"Thư viện xã"\n')
    assert b"later.example.vn" not in (desk.folder / "local-rules.json").read_bytes()
    assert (desk.folder / "photos/PC07.jpg").read_bytes() == b"\xff\xd8 picture"
    assert (desk.folder / "photos/PC08.jpg").read_bytes() == b"new since"
    assert (desk.folder / "voucher.key").read_text(encoding="ascii") == "0" * 64
    desk.cong("restore", "--undo", "--yes")
    assert rules(desk) == ["games.example.vn", "later.example.vn"]
    assert (desk.folder / "desk.toml").read_text(encoding="utf-8").endswith('"Khác"\n')
    assert (desk.folder / "local-rules.json").read_bytes() == overlay
    desk.cong("restore", "--undo", "--yes")  # the way back has a way back
    assert rules(desk) == ["games.example.vn"]


def test_who_restored_stands_in_the_trail_that_comes_back(desk: CommandDesk) -> None:
    """Typed at the box it is a command's; asked for at the desk it has role, way and address like each other act."""
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    desk.cong("restore", str(desk.folder / "b.tar.gz"), "--yes", "--by", "Hoa")
    deed = {
        "who": "lan", "role": "administrator", "via": "desk", "address": "10.0.0.7", "act": "backup.undo", "asked": "{}"
    }  # fmt: skip
    desk.cong("restore", "--undo", "--for-desk", "--deed", json.dumps(deed))
    desk.cong("restore", "--finish")
    undone = restores(desk)
    assert undone[-1][:6] == ("lan", "administrator", "desk", "10.0.0.7", "backup.undo", "{}")
    assert undone[-1][6:8] == ("done", "undo") and json.loads(undone[-1][8])["taken_at"]
    desk.cong("restore", "--undo", "--yes")
    asked = '{"name": "b.tar.gz", "other_site": false}'
    typed, back = restores(desk)
    assert typed[:8] == ("Hoa", "", "command", "", "backup.restore", asked, "done", "b.tar.gz")
    assert back[1:5] == ("", "command", "", "backup.undo")
    assert "no deed" in desk.refused("restore", "--undo", "--for-desk", "--deed", '{"who": "lan"}')
    assert not (desk.folder / ".restore").exists()


def restores(desk: CommandDesk) -> list[tuple[str, ...]]:
    """Rows of the trail, the oldest first."""
    with closing(sqlite3.connect(desk.folder / "cong.sqlite")) as sql:
        rows: list[tuple[str, ...]] = sql.execute(
            """SELECT who, role, via, address, act, asked, came_of, subject, after FROM audit a
               JOIN audit_outcomes o ON o.audit_id = a.id WHERE act LIKE 'backup.%' ORDER BY a.id"""
        ).fetchall()
    return rows


def test_settings_the_backup_has_not_are_taken_away_with_it(desk: CommandDesk) -> None:
    (desk.folder / "desk.toml").unlink()
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    desk.file("desk.toml", '[site]\nname = "Khác"\n')
    desk.cong("restore", str(desk.folder / "b.tar.gz"), "--yes")
    assert not (desk.folder / "desk.toml").exists()


def test_a_backup_while_others_write_holds_one_moment(desk: CommandDesk) -> None:
    """Each transaction adds two rows: no backup has one of them alone."""
    program = f"""
import sqlite3
sql = sqlite3.connect({str(desk.folder / "cong.sqlite")!r}, isolation_level=None, timeout=10)
n = 0
print("writes", flush=True)
while True:
    sql.execute("BEGIN IMMEDIATE")
    for half in "ab":
        sql.execute("INSERT INTO meta VALUES (?, ?)", (f"pair.{{n}}.{{half}}", "x" * 500))
    sql.execute("COMMIT")
    n += 1
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"writes\n"
        counts = []
        for n in range(3):
            path = desk.folder / f"b{n}.tar.gz"
            desk.cong("backup", str(path))
            with tarfile.open(path) as tar:
                tar.extract("state/cong.sqlite", desk.folder / f"out{n}", filter="data")
            with closing(sqlite3.connect(desk.folder / f"out{n}" / "state" / "cong.sqlite")) as sql:
                counts.append(sql.execute("SELECT count(*) FROM meta WHERE key LIKE 'pair.%'").fetchone()[0])
        writer.kill()
    assert all(count % 2 == 0 for count in counts) and counts[0] < counts[-1]


def test_the_nightly_one_thins_out_and_leaves_what_is_not_its_own(
    desk: CommandDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    clock.wall = datetime(2026, 11, 26, 1, tzinfo=UTC)
    monkeypatch.setattr(SystemClock, "now", lambda self: clock.now())
    folder = desk.folder / "backups"
    desk.cong("backup")
    made = next(folder.iterdir())
    for month in range(1, 30):  # copies under names of older nights: their first page says when they were taken
        _as_of(made, folder, datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=30 * month))
    (folder / "cong-sa-thay-20200101T000000Z.tar.gz").write_bytes(b"damaged")
    (folder / "notes.txt").write_bytes(b"the librarian's")
    clock.pass_s(3600)
    told = desk.told("backup")
    assert len(told["thinned_out"]) == 29 - 11 + 1  # 12 months stay, this one among them; of today the newer
    left = {path.name for path in folder.iterdir()}
    assert {"cong-sa-thay-20200101T000000Z.tar.gz", "notes.txt", Path(told["file"]).name} <= left
    assert len(left) == 12 + 2


def _as_of(made: Path, folder: Path, at: datetime) -> None:
    page = Manifest(at, "sa-thay", "Sa Thầy", "0.1.0", 21, ())
    body = written(page)
    target = folder / f"cong-sa-thay-{at:%Y%m%dT%H%M%SZ}.tar.gz"
    with gzip.open(target, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))


def test_a_stick_that_is_not_there_is_told(desk: CommandDesk) -> None:
    with (desk.folder / "cong.toml").open("a", encoding="utf-8") as file:
        file.write(f'[backup]\ndirectory = "{desk.folder}/stick"\nother_disk = true\n')
    assert "not there" in desk.refused("backup")
    (desk.folder / "stick").mkdir()  # the empty place where it is mounted
    assert "the box's own disk" in desk.refused("backup")
    assert list((desk.folder / "stick").iterdir()) == []


def test_a_disk_that_takes_no_more_leaves_nothing_behind(desk: CommandDesk) -> None:
    """The kernel refuses the write (a limit on file size stands for a full stick)."""
    target = desk.folder / "stick"
    target.mkdir()
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000));"
        "from gateway.cli.main import main; main()"
    )
    words = ["backup", str(target / "b.tar.gz"), "--config", str(desk.folder / "cong.toml")]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1 and "hint:" in done.stderr and "Traceback" not in done.stderr
    assert list(target.iterdir()) == []


def damaged(backup: Path, how: str) -> None:
    body = bytearray(backup.read_bytes())
    match how:
        case "cut":
            del body[len(body) // 2 :]
        case "no end":
            del body[-8:]
        case "a bit":
            body[len(body) // 2] ^= 1
        case "empty":
            body.clear()
        case "web page":
            body[:] = b"<!doctype html>" * 50
    backup.write_bytes(body)


@pytest.mark.parametrize("how", ["cut", "no end", "a bit", "empty", "web page"])
def test_a_damaged_file_changes_nothing(desk: CommandDesk, how: str) -> None:
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    damaged(desk.folder / "b.tar.gz", how)
    before = tree(desk.folder)
    said = desk.refused("restore", str(desk.folder / "b.tar.gz"), "--yes")
    assert ("damaged" in said or "no backup" in said) and "hint: choose" in said
    assert tree(desk.folder) == before and not (desk.folder / ".restore").exists()


def made_of(path: Path, entries: list[tarfile.TarInfo], bodies: dict[str, bytes], page: Manifest) -> None:
    with gzip.open(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        first = written(page)
        head = tarfile.TarInfo("manifest.json")
        head.size = len(first)
        tar.addfile(head, io.BytesIO(first))
        for entry in entries:
            tar.addfile(entry, io.BytesIO(bodies.get(entry.name, b"")))


def hostile(path: Path, kind: str) -> None:
    entry = tarfile.TarInfo("state/cong.sqlite")
    member = Member("state/cong.sqlite", 4, hashlib.sha256(b"evil").hexdigest())
    entry.size = 4
    bodies = {"state/cong.sqlite": b"evil"}
    members: tuple[Member, ...] = (member,)
    match kind:
        case "link":
            entry.type, entry.linkname, entry.size = tarfile.SYMTYPE, "/etc/passwd", 0
        case "device":
            entry.type, entry.size = tarfile.CHRTYPE, 0
        case "more than told":
            entry.size, bodies = 5, {"state/cong.sqlite": b"evil!"}
        case "outside":
            entry.name, bodies = "../outside", {"../outside": b"evil"}
        case "untold":
            members = ()
    page = Manifest(datetime(2026, 11, 1, tzinfo=UTC), "sa-thay", "x", "0.1.0", 21, members)
    made_of(path, [entry], bodies, page)


@pytest.mark.parametrize("kind", ["link", "device", "more than told", "outside", "untold", "no database in it"])
def test_a_file_made_to_harm_harms_nothing(desk: CommandDesk, kind: str) -> None:
    hostile(desk.folder / "b.tar.gz", kind)
    before = tree(desk.folder)
    desk.refused("restore", str(desk.folder / "b.tar.gz"), "--yes")
    assert tree(desk.folder) == before and not (desk.folder.parent / "outside").exists()


def test_another_librarys_backup_wants_a_word_more(desk: CommandDesk, tmp_path: Path) -> None:
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    config = desk.folder / "cong.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("sa-thay", "sa-son"), encoding="utf-8")
    said = desk.refused("restore", str(desk.folder / "b.tar.gz"), "--yes")
    assert "Thư viện xã (sa-thay); this box is sa-son" in said
    desk.cong("restore", str(desk.folder / "b.tar.gz"), "--yes", "--other-site")


def test_a_newer_programs_backup_is_told_as_that(desk: CommandDesk) -> None:
    with closing(sqlite3.connect(desk.folder / "cong.sqlite")) as sql:
        stands = sql.execute("PRAGMA user_version").fetchone()[0]
        sql.execute("PRAGMA user_version = 9999")
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    with closing(sqlite3.connect(desk.folder / "cong.sqlite")) as sql:
        sql.execute(f"PRAGMA user_version = {stands}")
    said = desk.refused("restore", str(desk.folder / "b.tar.gz"), "--yes")
    assert "version 9999" in said and "newer" in said
    assert rules(desk) == ["games.example.vn"] and not (desk.folder / ".restore").exists()


def test_an_older_programs_backup_is_brought_up_to_date(desk: CommandDesk) -> None:
    old = Path(ROOT / "gateway/store/schema/0001_first.sql").read_text(encoding="utf-8")
    for each in desk.folder.glob("cong.sqlite*"):
        each.unlink()
    with closing(sqlite3.connect(desk.folder / "cong.sqlite")) as sql:
        sql.executescript(old)
        sql.execute("INSERT INTO rules (name, action, author, set_at) VALUES ('old.example.vn', 'block', 'hoa', 1)")
        sql.execute("PRAGMA user_version = 1")
        sql.commit()
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    desk.cong("restore", str(desk.folder / "b.tar.gz"), "--yes")
    assert rules(desk) == ["old.example.vn"]


def test_nothing_is_replaced_under_a_program_that_has_it_open(
    desk: CommandDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.snapshot._ALONE_MS", 100)
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    desk.cong("block", "later.example.vn")
    with closing(sqlite3.connect(desk.folder / "cong.sqlite")) as other:
        other.execute("SELECT count(*) FROM rules").fetchone()
        assert "another program" in desk.refused("restore", str(desk.folder / "b.tar.gz"), "--yes")
        assert other.execute("SELECT count(*) FROM rules").fetchone() == (2,)
    # decided it stays, and nobody opens the database before it is ended
    assert "being put in place" in desk.refused("block", "third.example.vn")
    assert "decided and not ended" in desk.refused("restore", str(desk.folder / "b.tar.gz"), "--yes")
    desk.cong("restore", "--finish")
    assert rules(desk) == ["games.example.vn"]


def test_a_gateway_that_hangs_is_not_run_over(desk: CommandDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.restoring._PATIENCE_S", 0.3)
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    with (desk.folder / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "has not put it in place" in desk.refused("restore", str(desk.folder / "b.tar.gz"), "--yes")
        assert (desk.folder / "cong.sqlite").exists()
    desk.cong("restore", "--finish")
    assert rules(desk) == ["games.example.vn"]


def killed_after(steps: int, desk: CommandDesk, *words: str) -> int:
    """The command in a process that is killed before its next rename or deletion after so many; its exit code."""
    child = os.fork()
    if child == 0:
        _count_down(steps)
        os._exit(0 if desk.run(*words).exception is None else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _count_down(steps: int) -> None:
    left = iter(range(steps))

    def killing(real: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **named: object) -> object:
            if next(left, None) is None:
                os._exit(9)
            return real(*arguments, **named)

        return step

    for name in ("replace", "unlink"):
        setattr(Path, name, killing(getattr(Path, name)))


def test_the_power_goes_at_each_step(desk: CommandDesk, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Before it is decided all is as before; from then on the next start ends it; either way nothing is half."""
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    desk.cong("block", "later.example.vn")
    desk.file("desk.toml", '[site]\nname = "Khác"\n')
    start = tmp_path_factory.mktemp("start") / "box"
    shutil.copytree(desk.folder, start)
    outcomes = []
    for steps in range(40):
        shutil.rmtree(desk.folder)
        shutil.copytree(start, desk.folder)
        code = killed_after(steps, desk, "restore", str(desk.folder / "b.tar.gz"), "--yes")
        decided = (desk.folder / ".restore" / "plan.json").exists()
        again = killed_after(max(0, steps - 3), desk, "restore", "--finish") if decided else 0  # and once more
        desk.cong("restore", "--finish")
        name = (desk.folder / "desk.toml").read_text(encoding="utf-8")
        found = (rules(desk) == ["games.example.vn"], "Thư viện xã" in name)
        assert found in ((True, True), (False, False)), f"half after {steps} steps: {found}"
        outcomes.append((code, found[0]))
        if code == 0:
            break
        desk.cong("block", "works.example.vn")  # the box is whole
        assert again in (0, 9)
    assert outcomes[0] == (9, False) and outcomes[-1] == (0, True)
    assert sum(code == 9 and is_new for code, is_new in outcomes) >= 5  # it was cut in the middle of the swap too
    desk.cong("restore", "--undo", "--yes")
    assert rules(desk) == ["games.example.vn", "later.example.vn"]


def test_a_damaged_database_is_replaced_as_any_other(desk: CommandDesk) -> None:
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    database = desk.folder / "cong.sqlite"
    whole = database.read_bytes()
    database.write_bytes(b"SQLite form" + bytes(9000))
    desk.cong("restore", str(desk.folder / "b.tar.gz"), "--yes")
    assert rules(desk) == ["games.example.vn"]
    database.write_bytes(whole[:5000] + bytes(3000) + whole[8000:])
    desk.cong("restore", str(desk.folder / "b.tar.gz"), "--yes")
    assert rules(desk) == ["games.example.vn"]


@pytest.mark.skipif(os.geteuid() != 0, reason="files can be given away by root alone")
def test_what_root_does_stays_the_gateways(desk: CommandDesk) -> None:
    """The gateway runs as a user of its own: nothing root's commands leave may keep it out."""
    for path in (desk.folder, *desk.folder.rglob("*")):
        os.chown(path, 65534, 65534)
    desk.cong("backup")
    made = next((desk.folder / "backups").iterdir())
    desk.cong("restore", str(made), "--yes")
    desk.cong("restore", "--undo", "--yes")
    foreign = [path for path in desk.folder.rglob("*") if path.stat().st_uid != 65534]
    assert foreign == []
