"""Addresses of a name by the filter's own upstreams: lists are fetched without the system's resolver, which may be us.

In: settings, a name. Out: its addresses as text. Local records are answered here, as the filter does.
"""

import socket
from asyncio import TaskGroup
from ipaddress import IPv4Address, IPv6Address

from filters.names import normal_form, to_wire
from filters.policy import TYPE_A, TYPE_AAAA
from filters.settings import FilterSettings
from filters.upstreams.forwarder import Forwarder, NoAnswerError
from filters.wire import CLASS_IN, QUESTION_TAIL, read_records


class Lookup:
    """Asks as long as it is open."""

    def __init__(self, settings: FilterSettings, group: TaskGroup) -> None:
        """`group`: see Forwarder."""
        self._local = dict(settings.local_records)
        self._forwarder = Forwarder(settings, group)

    async def resolve(self, name: str, family: int) -> list[str]:
        """Addresses of one family (socket.AF_INET or AF_INET6); none when nobody answers or there is no such name."""
        normal = normal_form(name)
        wants_v6 = family == socket.AF_INET6
        if normal in self._local:
            return [each for each in self._local[normal] if (":" in each) is wants_v6]
        qtype = TYPE_AAAA if wants_v6 else TYPE_A
        question = to_wire(normal) + QUESTION_TAIL.pack(qtype, CLASS_IN)
        try:
            kept = await self._forwarder.ask((question, False, False))
        except NoAnswerError:
            return []
        _, records = read_records(kept.message)
        data = [kept.message[each.data_at : each.end] for each in records if (each.section, each.rtype) == (1, qtype)]
        return [str(IPv6Address(each) if wants_v6 else IPv4Address(each)) for each in data if len(each) in (4, 16)]

    def close(self) -> None:
        """Close all connections."""
        self._forwarder.close()
