"""Slow hashes on one thread of their own: however many log in at once, the gateway goes on beside it."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gateway.local_accounts.passwords import SALT_BYTES, hash_password, is_right, nobodys

T = TypeVar("T")


class OneThread:
    """The Passwords port. How many wait is bounded by the tries that are heard (gateway/flows/tries.py)."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords")
        self._nobodys = nobodys(secrets.token_bytes(SALT_BYTES))

    async def fits(self, password: str, stored: str | None) -> bool:
        """See Passwords."""
        return await self._do(lambda: is_right(password, stored or self._nobodys))

    async def hashed(self, password: str) -> str:
        """See Passwords."""
        return await self._do(lambda: hash_password(password, salt=secrets.token_bytes(SALT_BYTES)))

    def close(self) -> None:
        """Let the thread go; what waits is not done."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
