"""Long work of the desk as a command in a process of its own: the gateway's loop and memory stay free of it.

A paper the desk shows is what `cong report … --to` writes, byte for byte; one at a time, for the box has two cores.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import GatewayError

_PATIENCE_S = 120.0
_LONGEST_ERROR = 20_000
_LARGEST_BYTES = 64 * 1024 * 1024


class Commands:
    """The CommandRunner port: `cong` of this very installation, with this very configuration."""

    def __init__(self, config: Path, patience_s: float = _PATIENCE_S) -> None:
        self._config = config
        self._patience_s = patience_s
        self._turn = asyncio.Semaphore(1)

    async def run(self, *words: str, stdin: bytes = b"") -> bytes:
        """What the command prints; GatewayError with what it says when it fails or takes too long."""
        return await self._run(words, stdin, may_find_faults=False)

    async def told(self, *words: str) -> bytes:
        """The same of a command that looks: exit code 1 with something printed is its answer too."""
        return await self._run(words, b"", may_find_faults=True)

    async def _run(self, words: Sequence[str], stdin: bytes, *, may_find_faults: bool) -> bytes:
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                *self._command(words),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(self._patience_s):
                    printed, said = await process.communicate(stdin)
            except TimeoutError:
                raise GatewayError(f"took longer than {self._patience_s:.0f} s", where=f"cong {words[0]}") from None
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        if process.returncode and not (may_find_faults and process.returncode == 1 and printed):
            raise _error(said.decode(errors="replace").strip()[-_LONGEST_ERROR:], f"cong {words[0]}")
        if len(printed) > _LARGEST_BYTES:
            raise GatewayError(f"printed {len(printed)} bytes", where=f"cong {words[0]}")
        return printed

    def _command(self, words: Sequence[str]) -> list[str]:
        start = [sys.executable, "-P", "-c", "from gateway.cli.main import child; child()"]
        return [*start, *words, "--config", str(self._config)]


def _error(said: str, where: str) -> GatewayError:
    """What the child ended with, whole; a child that died told nothing."""
    try:
        told = json.loads(said.splitlines()[-1])
        return GatewayError(
            told["message"], where=told["where"] or where, hint=told["hint"], key=told["key"], values=told["values"]
        )
    except (ValueError, LookupError, TypeError):
        return GatewayError(said[-2000:] or "was ended: is there too little memory?", where=where)
