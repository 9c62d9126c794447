"""What the desk needs of the edges, in the domain's words."""

from typing import Protocol


class CommandRunner(Protocol):
    """Long work in a process of its own."""

    async def run(self, *words: str, stdin: bytes = b"") -> bytes:
        """What `cong` with these words prints; GatewayError when it fails."""
