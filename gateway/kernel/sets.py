"""The kernel's sets in the domain's words: who is granted, what was counted.

A session's elements: `sess` (MAC -> number), `up` and `down` (number, counting), `dns_port` (number -> port), and, if
it is shaped, `class` (number -> class of the interfaces' queues, gateway.kernel.shaper). The close-out has two steps,
`cut` then `remove`, so that counters are read and booked after the last packet and before they go.
"""

import errno
import struct
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from gateway.access.client import Mac
from gateway.access.session import Session, SessionId
from gateway.accounting.counters import Epoch, Reading
from gateway.clock import Clock
from gateway.errors import KernelError
from gateway.kernel.elements import Change, Element, Elements
from gateway.kernel.epochs import Epochs
from gateway.kernel.fences import resolver_elements
from gateway.kernel.learned import Learned
from gateway.kernel.loading import load_ruleset
from gateway.kernel.renewal import renew
from gateway.kernel.ruleset import KEEP_PACE, TABLE
from gateway.kernel.shaper import NOBODY, Shaper
from gateway.kernel.treatment import MARK_SETS, Treatment
from gateway.ports import Granted, IpAddress, IpNetwork, Lease

_BY_NUMBER = ("up", "down", "dns_port", "class", *MARK_SETS)
_UNMASK_S = 180  # browsers keep an answer for a minute whatever its life says; some twice
_CUT_S = 3600  # a cut outlives any close-out; its session's other elements go long before


class NftFirewall:
    """The Firewall port over nf_tables."""

    def __init__(self, ruleset_text: str, treatments: Mapping[str, Treatment], shaper: Shaper, clock: Clock) -> None:
        """`treatments`: by profile."""
        self._text = ruleset_text
        self._shaper = shaper
        self._treatments = treatments
        self._netlink = Elements(TABLE)
        self._epochs = Epochs(self._netlink, clock)
        self._clock = clock
        self._loaders: deque[int] = deque(maxlen=16)
        self._learned = Learned(self._netlink)
        self._macs: dict[bytes | None, Mac] = {}
        self._repaired = self._epochs.now()
        self._resolvers: Sequence[IpNetwork] = ()
        self._resolvers_loaded: list[bytes] = []

    def close(self) -> None:
        """Release the socket; the kernel keeps everything."""
        self._netlink.close()
        self._shaper.close()

    def own_processes(self) -> set[int]:
        """Processes of ours that change the ruleset; their changes need no repair."""
        return {*self._loaders, threading.get_native_id()}

    async def ensure(self) -> None:
        """See Firewall."""
        classes = self._classes()
        await load_ruleset(self._text + (KEEP_PACE if classes else ""), self._loaders.append)
        if self._resolvers and self._resolvers_held() != self._resolvers_loaded:
            await self.set_resolvers(self._resolvers)
        self._shaper.take_up(self._classes())
        if changes := self._shaper.nobodys(self._classes().get(NOBODY)):
            self._netlink.change(changes)
        before, self._repaired = self._repaired, self._epochs.now()
        self._learned.repair(self._clock.boot_s(), is_new_table=self._repaired != before)

    async def set_resolvers(self, networks: Sequence[IpNetwork]) -> None:
        """See Firewall."""
        await load_ruleset(resolver_elements(networks), self._loaders.append)
        self._resolvers, self._resolvers_loaded = networks, self._resolvers_held()

    async def epoch(self) -> Epoch:
        """See Firewall."""
        return self._epochs.now()

    async def grant(self, session: Session, lasts_s: int) -> None:
        """See Firewall."""
        number, mac, treatment = _mark(session.id), _mac(session.mac), self._treatments[session.profile]
        names = treatment.mark_sets(is_strict=True)
        speed = self._shaper.shape(session.id, session.limits.rates)
        wanted = [
            *(Change(name, number, True, timeout_s=lasts_s) for name in ("up", "down", *sorted(names))),
            Change("dns_port", number, True, data=_port(treatment, is_strict=True), timeout_s=lasts_s),
            *([] if speed is None else [Change("class", number, True, data=_mark(speed), timeout_s=lasts_s)]),
            Change("sess", mac, True, data=number, timeout_s=lasts_s),
        ]
        try:
            self._netlink.change(wanted)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise _refused(error) from error
            # the device, or the number's port or class, is there with other data: left by a session not closed out
            keys = (("sess", mac), ("dns_port", number), ("class", number))
            old = [Change(name, key, False) for name, key in keys if self._netlink.get(name, key)]
            self._netlink.change([*old, *wanted])

    async def treat_anew(self, lasts_s: Mapping[Session, int]) -> None:
        """See Firewall."""
        ports = {element.key: element.data for element in self._netlink.dump("dns_port")}
        held = {name: {element.key for element in self._netlink.dump(name)} for name in MARK_SETS}
        changes = self._speed_changes(lasts_s)
        for session, left_s in lasts_s.items():
            number, treatment = _mark(session.id), self._treatments.get(session.profile)
            if treatment is None:  # the configuration has this profile no more: as it was until its end
                continue
            is_strict = number in held["strict"]
            wanted = treatment.mark_sets(is_strict=is_strict)
            for name in MARK_SETS:
                if (number in held[name]) != (name in wanted):
                    changes.append(Change(name, number, name in wanted, timeout_s=left_s if name in wanted else None))
            if (port := _port(treatment, is_strict=is_strict)) != ports.get(number):
                changes += [Change("dns_port", number, False)] if number in ports else []
                changes.append(Change("dns_port", number, True, data=port, timeout_s=left_s))
        if changes:
            self._netlink.change(changes)

    async def last(self, session: Session, lasts_s: int) -> None:
        """See Firewall."""
        try:
            renew(self._netlink, _mark(session.id), _mac(session.mac), _BY_NUMBER, lasts_s)
        except OSError as error:
            raise _refused(error) from error

    def _classes(self) -> dict[int, int]:
        """Session -> class number."""
        held = self._netlink.dump("class") if self._netlink.table_handle() else []
        return {_number(each.key): _number(each.data or b"") for each in held}

    def _speed_changes(self, lasts_s: Mapping[Session, int]) -> list[Change]:
        """The map's part of what the shaper did for these sessions."""
        held = self._classes()
        speeds = self._shaper.repair({session.id: session.limits.rates for session in lasts_s})
        changes: list[Change] = []
        for session, left_s in lasts_s.items():
            number, speed = _mark(session.id), speeds[session.id]
            if held.get(session.id) != speed:
                changes += [Change("class", number, False)] if session.id in held else []
                changes += [Change("class", number, True, data=_mark(speed), timeout_s=left_s)] if speed else []
        return changes

    async def cut(self, session: SessionId, mac: Mac) -> None:
        """See Firewall."""
        number, packed = _mark(session), _mac(mac)
        held = self._netlink.get("sess", packed)
        gone = [Change("sess", packed, False)] if held and held.data == number else []
        try:
            self._netlink.change([Change("cut", number, True, timeout_s=_CUT_S), *gone])
        except OSError as error:
            raise _refused(error) from error

    async def read(self, session: SessionId) -> Reading | None:
        """See Firewall."""
        number = _mark(session)
        return _reading(
            session,
            self._epochs.now(),
            self._clock.boot_s(),
            self._netlink.get("up", number),
            self._netlink.get("down", number),
        )

    async def read_all(self) -> Sequence[Granted]:
        """See Firewall."""
        epoch, taken_s = self._epochs.now(), self._clock.boot_s()
        up, down = ({_number(e.key): e for e in self._netlink.dump(name)} for name in ("up", "down"))
        macs = {_number(e.data): Mac(e.key[:6].hex(":")) for e in self._netlink.dump("sess") if e.data is not None}
        return [
            Granted(
                SessionId(number),
                macs.get(number),
                _reading(SessionId(number), epoch, taken_s, up.get(number), down.get(number)),
            )
            for number in sorted({*up, *down, *macs})
        ]

    async def remove(self, session: SessionId) -> Reading | None:
        """See Firewall."""
        number = _mark(session)
        there = [name for name in (*_BY_NUMBER, "cut") if self._netlink.get(name, number)]
        try:
            last = dict(self._netlink.change([Change(name, number, False) for name in there])) if there else {}
        except OSError as error:
            raise _refused(error) from error
        self._shaper.release(session)  # after its element: no packet is sent to a class that is gone
        return _reading(session, self._epochs.now(), self._clock.boot_s(), last.get("up"), last.get("down"))

    async def unmask(self, session: SessionId, real: Mapping[IpAddress, IpAddress]) -> None:
        """See Firewall."""
        changes = []
        for synthetic, address in real.items():
            key, data = ip_address(synthetic), ip_address(address).packed
            name, packed = f"unmask{key.version}", _mark(session) + key.packed
            if self._netlink.get(name, packed) is None:  # told already, and its time-out runs
                changes.append(Change(name, packed, True, data=data, timeout_s=_UNMASK_S))
        if changes:
            self._netlink.change(changes)
        if self._netlink.get("strict", _mark(session)) is not None:
            await self.learn(session, list(real.values()))

    async def learn(self, session: SessionId, addresses: Sequence[IpAddress]) -> None:
        """See Firewall."""
        number = _mark(session)
        if number not in self._macs:
            self._macs = {each.data: Mac(each.key[:6].hex(":")) for each in self._netlink.dump("sess")}
        if (mac := self._macs.get(number)) is not None:
            self._learned.add(mac, addresses, self._clock.boot_s())

    async def by_address(self) -> Mapping[SessionId, int]:
        """See Firewall."""
        found = self._netlink.dump("by_address")
        return {SessionId(_number(each.key)): each.packets or 0 for each in found}

    async def set_leases(self, leases: Sequence[Lease]) -> None:
        """See Firewall."""
        pairs = {e.key for e in self._netlink.dump("leased")}
        addresses = {e.key for e in self._netlink.dump("leased_address")}
        changes: list[Change] = []
        for lease in leases:
            address = lease.address.packed
            # whoever had the address loses it in the transaction that gives it to its new holder; a renewed lease
            # is deleted and added too, for kernels before 6.11 do not refresh a time-out by adding again
            changes += [Change("leased", pair, False) for pair in pairs if pair[8:] == address]
            changes += [Change("leased_address", address, False)] if address in addresses else []
            changes.append(Change("leased", _mac(lease.mac) + b"\0\0" + address, True, timeout_s=lease.left_s))
            changes.append(Change("leased_address", address, True, timeout_s=lease.left_s))
        if changes:
            self._netlink.change(changes)

    async def contested(self) -> Sequence[tuple[Mac, str]]:
        """Devices that used an address of another within the last hour."""
        found4 = [(e.key[:6], str(IPv4Address(e.key[8:12]))) for e in self._netlink.dump("contested4")]
        found6 = [(e.key[:6], str(IPv6Address(e.key[8:24]))) for e in self._netlink.dump("contested6")]
        return [(Mac(mac.hex(":")), address) for mac, address in (*found4, *found6)]

    def _resolvers_held(self) -> list[bytes]:
        return sorted(each.key for name in ("resolvers4", "resolvers6") for each in self._netlink.dump(name))


def _mark(number: int) -> bytes:
    return struct.pack("=I", number)  # marks are kept in the machine's own order


def _number(packed: bytes) -> int:
    return int.from_bytes(packed, sys.byteorder)


def _port(treatment: Treatment, *, is_strict: bool) -> bytes:
    return struct.pack("!H", treatment.question_port(is_strict=is_strict))


def _mac(mac: Mac) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _reading(
    session: SessionId, epoch: Epoch, boot_s: float, up: Element | None, down: Element | None
) -> Reading | None:
    if up is None or down is None or up.bytes is None or down.bytes is None:
        return None
    return Reading(session, epoch, boot_s, up.bytes, down.bytes)


def _refused(error: OSError) -> KernelError:
    return KernelError(
        f"the kernel refused a change of its sets: {error.strerror}", hint="cong serve repairs them itself"
    )
