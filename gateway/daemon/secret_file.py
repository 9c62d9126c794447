"""Passwords and shared secrets that stand in files of their own."""

from pathlib import Path

from gateway.errors import GatewayError


def secret_of(path: Path, what: str, setting: str) -> bytes:
    """The file without blanks around it; GatewayError when it can't be read: `what` it holds, for which `setting`."""
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise GatewayError(
            f"the {what} can't be read: {error.strerror}",
            where=str(path),
            hint=f"see {setting}; the gateway's user must be able to read it",
        ) from error
