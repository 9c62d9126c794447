"""The repeated jobs: one loop for all of them, each in its own task."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.errors import GatewayError
from gateway.log import event


@dataclass(frozen=True, slots=True)
class Job:
    """Work done every so often; `wake` brings it forward."""

    name: str
    every_s: float
    work: Callable[[], Awaitable[None]]
    wake: asyncio.Event = field(default_factory=asyncio.Event)


async def repeat(job: Job) -> None:
    """Do a job until cancelled. A failure of its edges is told and tried again with the next turn: the store may be
    full or the kernel busy, and neither is a reason to take the portal down."""
    failures = 0
    while True:
        try:
            await job.work()
            failures = 0
        except (GatewayError, OSError) as error:
            failures += 1
            event("job.failed", "error", job=job.name, failures=failures, says=str(error).splitlines()[0])
        try:
            async with asyncio.timeout(job.every_s):
                await job.wake.wait()
        except TimeoutError:
            continue
        job.wake.clear()
