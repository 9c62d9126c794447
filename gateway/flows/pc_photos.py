"""Photos of fault tickets: file first, then its row; taken away the other way round."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.ports_pcs import KeptPhoto, PhotoFiles, PhotoLog, TicketPhoto

MOST_OF_A_TICKET = 8


@dataclass(frozen=True, slots=True)
class PcPhotos:
    """The photos of one site's PCs."""

    files: PhotoFiles
    log: PhotoLog
    site: str

    async def take(self, sent: Path) -> KeptPhoto | str:
        """Keep the picture of a file that was sent; or why not: "kind", "damaged", "large" (pixels), "bytes"."""
        return await self.files.keep(sent)

    async def attach(self, pc: str, fault_at: datetime, kept: KeptPhoto, author: str, at: datetime) -> str:
        """Give a kept picture to a ticket; "", or why not: "many". One that is not given, or is there already, goes."""
        if sum(one.fault_at == fault_at for one in await self.of(pc)) >= MOST_OF_A_TICKET:
            await self.drop(kept)
            return "many"
        if not await self.log.add(self.site, pc, fault_at, kept, author, at):
            await self.drop(kept)
        return ""

    async def drop(self, kept: KeptPhoto) -> None:
        """Take away a picture that no ticket got."""
        await self.files.drop(kept.name)

    async def of(self, pc: str) -> Sequence[TicketPhoto]:
        """All of a PC, oldest first."""
        return await self.log.of(self.site, pc)

    async def read(self, number: int) -> tuple[TicketPhoto, bytes] | None:
        """A photo with its bytes; None when there is none, or its file is gone."""
        photo = await self.log.one(self.site, number)
        body = await self.files.read(photo.photo.name) if photo else None
        return (photo, body) if photo and body is not None else None

    async def remove(self, number: int) -> bool:
        """Take a photo away for good; False: there is none."""
        name = await self.log.remove(self.site, number)
        if name is None:
            return False
        await self.files.drop(name)
        return True

    async def sweep(self, now: datetime) -> int:
        """Take away files whose rows the night has deleted, or that a crash left; how many went."""
        return await self.files.sweep(await self.log.names(), now)
