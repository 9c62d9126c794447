"""All that passes between the library's network and the line, counted by a chain of its own behind all others."""

from gateway.clock import Clock
from gateway.kernel.elements import Elements
from gateway.kernel.epochs import Epochs
from gateway.kernel.ruleset import TABLE
from gateway.ports_bytes import ByteCount


class KernelCarried:
    """Reads its counters."""

    def __init__(self, clock: Clock) -> None:
        self._netlink = Elements(TABLE)
        self._epochs = Epochs(self._netlink, clock)

    def close(self) -> None:
        """Release the socket."""
        self._netlink.close()

    async def counted(self) -> ByteCount:
        """As they stand."""
        up_bytes, down_bytes = (self._netlink.counter(name) for name in ("carried_up", "carried_down"))
        return ByteCount(self._epochs.now(), up_bytes, down_bytes)
