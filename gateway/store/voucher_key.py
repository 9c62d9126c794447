"""The key vouchers' codes are made with: a file beside the database, so that a copy of that alone has no codes."""

import os
import secrets
import tempfile
from pathlib import Path

from gateway.errors import StoreError

_KEY_BYTES = 32


def voucher_key(path: Path) -> bytes:
    """The key; made at the first call. StoreError when the file can't be made or read, or is not a key."""
    try:
        if not path.exists():
            _make(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise StoreError(
            f"the vouchers' key can't be had: {error.strerror}", where=str(path), hint="use sudo, or check its rights"
        ) from error
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        hint = "restore it from the backup; without it printed vouchers are worth nothing"
        raise StoreError("the vouchers' key is damaged", where=str(path), hint=hint)
    return key


def _make(path: Path) -> None:
    # whole or not at all, and of two processes that make it at once the first one's stands
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=path.parent, prefix=path.name) as aside:  # mode 0600
        aside.write(secrets.token_hex(_KEY_BYTES) + "\n")
        aside.flush()
        if os.geteuid() == 0:  # made by root's command, read by the gateway's own user
            owner = path.parent.stat()
            os.fchown(aside.fileno(), owner.st_uid, owner.st_gid)
        os.fsync(aside.fileno())
        try:
            os.link(aside.name, path)
        except FileExistsError:
            return
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
