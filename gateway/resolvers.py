"""Lists of known resolvers' addresses -> the kernel's sets.

In: the lists of kind "addresses" (filters.sources), as files or fetched copies. Looked at each minute, read only when
one of them has changed; a list that can't be read or is far too long keeps its last addresses, and is told.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from filters.errors import FilterError
from filters.settings import FilterSettings, Kind
from filters.sources import AddressListing, fetched_directory, networks_of, read_addresses, stamp
from gateway.log import event
from gateway.ports import Firewall

MOST_NETWORKS = 20_000
"""Of one list. All public resolvers known are a fifth of it; 250,000 would take 22 s to load, 12 s in each repair."""
_Stamps = Mapping[str, list[Any]]


class KnownResolvers:
    """What the kernel was told last."""

    def __init__(self, firewall: Firewall, settings: FilterSettings) -> None:
        self._firewall = firewall
        self._sources = [source for source in settings.sources if source.kind is Kind.ADDRESSES]
        self._fetched = fetched_directory(settings)
        self._stamps: _Stamps | None = None
        self._good: dict[str, AddressListing] = {}

    async def refresh(self) -> None:
        """Tell the kernel if a list has changed."""
        stamps = await asyncio.to_thread(self._stamped)
        if stamps == self._stamps:
            return
        skipped = await asyncio.to_thread(self._read, stamps)
        networks = networks_of(self._good.values())
        await self._firewall.set_resolvers(networks)
        self._stamps = stamps
        rejected = sum(each.count for listing in self._good.values() for each in listing.rejects)
        event("resolvers.loaded", networks=len(networks), rejected=rejected)
        for bad in skipped:
            event("resolvers.list_skipped", "warning", where=bad.where, says=bad.message)

    def _stamped(self) -> _Stamps:
        return {source.name: stamp(source, self._fetched) for source in self._sources}

    def _read(self, stamps: _Stamps) -> Sequence[FilterError]:
        skipped: list[FilterError] = []
        for source in self._sources:
            if self._stamps is None or stamps[source.name] != self._stamps[source.name]:
                listing = read_addresses([source], self._fetched)
                skipped += listing.skipped
                if (count := len(listing.networks)) > MOST_NETWORKS:
                    skipped.append(FilterError(f"{count} addresses; {MOST_NETWORKS} at most", where=source.location))
                elif not listing.skipped:
                    self._good[source.name] = listing
        return skipped
