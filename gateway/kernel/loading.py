"""The ruleset into the kernel, by `nft`."""

import asyncio
from collections.abc import Callable

from gateway.errors import KernelError
from gateway.kernel.ruleset import TABLE


async def load_ruleset(text: str, heard_as: Callable[[int], None] = lambda process: None) -> None:
    """Load ruleset text with `nft`, whole or not at all.

    `heard_as` is told the process number before the kernel can announce that process's change.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            "nft", "-f", "-", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except FileNotFoundError:
        raise KernelError("the program nft is not there", hint="install the package nftables") from None
    heard_as(process.pid)
    _, complaint = await process.communicate(text.encode())
    if process.returncode:
        says = complaint.decode("utf-8", "replace").strip().splitlines()
        raise KernelError(
            f"nft refused the ruleset: {says[0] if says else 'no reason given'}",
            hint="it needs CAP_NET_ADMIN and a kernel with nf_tables; after an upgrade that changes a set's shape, "
            f"delete the old table once, with nobody admitted: nft delete table inet {TABLE}",
        )
