"""The first page of a backup: manifest.json, which tells what is in the file and how to know it is whole."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.ports_backup import BackupError

FORMAT, VERSION = "cong-backup", 1
NAME, ABOUT_NAME = "manifest.json", "README.txt"
DATABASE, VOUCHER_KEY, CONFIG = "state/cong.sqlite", "state/voucher.key", "config/cong.toml"
LARGEST_BYTES = 8 * 1024 * 1024
ROOTS = ("state", "shelf", "config")

ABOUT = """\
Cổng: bản sao lưu của một thư viện / backup of a library's gateway

manifest.json names every file here with its size and SHA-256. state/ is the gateway's state directory
(cong.sqlite is an SQLite database, any program of sqlite.org opens it), config/cong.toml its configuration,
shelf/ the documents and films of the library (only cong.sqlite's notices and shelf.toml unless it was asked for).
Put back by: cong restore FILE. By hand: stop the gateway, take these files to the same places, start it.
"left_out" in manifest.json tells what has to be kept apart: passwords, keys, certificates.

Phục hồi bằng lệnh: cong restore FILE, hoặc trên trang quản trị: Cài đặt, Sao lưu. Tệp này có dữ liệu cá nhân:
hãy cất ở nơi có khóa.
"""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a backup."""

    name: str
    """With "/", below one of ROOTS: "state/cong.sqlite"."""
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    taken_at: datetime
    site: str
    site_name: str
    program: str
    schema: int
    members: tuple[Member, ...]
    left_out: tuple[str, ...] = ()
    """Files the configuration names that are not in here: secrets, and what is the system's."""

    def has(self, name: str) -> bool:
        """Is this file in it?"""
        return any(member.name == name for member in self.members)

    @property
    def has_shelf(self) -> bool:
        """Are the shelf's own files in it, beside the sheet that names them?"""
        return any(each.name.startswith("shelf/") and each.name != "shelf/shelf.toml" for each in self.members)

    @property
    def total_bytes(self) -> int:
        """Of all its files, unpacked."""
        return sum(member.size_bytes for member in self.members)


def written(manifest: Manifest) -> bytes:
    """As JSON."""
    tree = {
        "format": FORMAT,
        "version": VERSION,
        "taken_at": manifest.taken_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "site": manifest.site,
        "site_name": manifest.site_name,
        "program": manifest.program,
        "schema": manifest.schema,
        "members": [
            {"name": each.name, "size_bytes": each.size_bytes, "sha256": each.sha256} for each in manifest.members
        ],
        "left_out": list(manifest.left_out),
    }
    return (json.dumps(tree, ensure_ascii=False, indent=1) + "\n").encode()


def read(body: bytes, where: str) -> Manifest:
    """JSON → Manifest; BackupError when it is none, or of a newer form than this program knows."""
    try:
        tree = json.loads(body)
        if not isinstance(tree, dict) or tree.get("format") != FORMAT:
            raise no_backup(where)
        if tree["version"] != VERSION:
            raise BackupError(
                "newer",
                f"the backup has form {tree['version']}, this program knows form {VERSION}",
                where=where,
                hint=f"it was made by cong {tree.get('program', '?')}: install that version or a newer one",
            )
        return _manifest(tree)
    except (ValueError, KeyError, TypeError) as error:
        raise no_backup(where) from error


def no_backup(where: str) -> BackupError:
    """For a file that is something else, or has lost its beginning."""
    hint = "choose a file that cong backup has made"
    return BackupError("not_one", "the file is no backup of cong", where=where, hint=hint)


def _manifest(tree: Mapping[str, object]) -> Manifest:
    members = tree["members"]
    if not isinstance(members, list):
        raise TypeError("members")
    found = tuple(Member(_checked(str(each["name"])), int(each["size_bytes"]), str(each["sha256"])) for each in members)
    names = [member.name for member in found]
    if len(set(names)) < len(names) or any(member.size_bytes < 0 for member in found):
        raise ValueError("members")
    left_out = tree.get("left_out", [])
    taken = datetime.fromisoformat(str(tree["taken_at"]))
    return Manifest(
        taken_at=taken if taken.tzinfo else taken.replace(tzinfo=UTC),
        site=str(tree["site"]),
        site_name=str(tree["site_name"]),
        program=str(tree["program"]),
        schema=int(str(tree["schema"])),
        members=found,
        left_out=tuple(map(str, left_out)) if isinstance(left_out, list) else (),
    )


def _checked(name: str) -> str:
    """A name that stays below its root, whoever made the file."""
    root, *parts = name.split("/")
    good = root in ROOTS and parts and all(_is_part(part) for part in parts)
    # a file that the restore itself lives by is never written from a backup
    if not good or any(part.startswith(".") for part in parts) or len(name.encode()) > 1000:
        raise ValueError(f"name {name!r}")
    return name


def _is_part(part: str) -> bool:
    return part not in ("", ".", "..") and len(part.encode()) <= 255 and not re.search(r"[\x00-\x1f\\]", part)
