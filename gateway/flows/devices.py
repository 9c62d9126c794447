"""The list of known devices put into effect: exempt ones are let in without a page, barred ones put out.

The list is in the store; commands and desk write it there and say that it has changed. What a lost word leaves undone
the next look does, within half a minute: entries end by themselves, and a start finds them as they are.
"""

from collections.abc import Callable, Collection

from gateway.access.client import AccessKind, Mac
from gateway.access.device import Device, Standing
from gateway.access.login import Method, Refused
from gateway.access.session import UNSHAPED, Cause, Limits, Session, State, left_s
from gateway.flows.admit import admit
from gateway.flows.close import end
from gateway.flows.grant import grant_again
from gateway.flows.sign_in import Reception, unless_barred
from gateway.log import client_tag, event
from gateway.ports import NewSession
from gateway.ports_devices import DeviceStore

UNLIMITED = Limits(86400, 86400, None, UNSHAPED)
"""Of exempt devices: the longest there is; it is renewed before its end."""
_RENEW_S = 120


async def enter(store: DeviceStore, device: Device, profiles: Collection[str]) -> Refused | None:
    """Enter what staff said of a device, in place of what was said before; why not, as the key of a text."""
    if device.profile is not None and device.profile not in profiles:
        return Refused("no_profile", device.profile)
    await store.put(device)
    return None


class KnownDevices:
    """Owner of the list in memory."""

    def __init__(
        self, reception: Reception, store: DeviceStore, admitted: Callable[[Session], None] = lambda session: None
    ) -> None:
        """`admitted` is told of each device that gets in."""
        self._reception = reception
        self._store = store
        self._admitted = admitted
        self._list: tuple[Device, ...] | None = None

    async def look(self) -> None:
        """Read the list and make it true."""
        listed = tuple(await self._store.devices())
        changed, self._list = listed != self._list, listed
        self._reception.roster.replace(listed)
        for booked in await self._reception.gate.sessions.live_sessions():
            if booked.session.state is State.OPEN:
                await self._hold_against_list(booked.session)
        if changed:  # a device that is here already may ask nothing for long
            await self._welcome_present()

    async def welcome(self, mac: Mac) -> Session | None:
        """Let an exempt device in; None when it is none."""
        reception, clock = self._reception, self._reception.gate.clock
        device = reception.roster.known(mac, clock.now())
        if device is None or device.standing is not Standing.EXEMPT:
            return None
        new = self._session_of(device)
        session = await admit(reception.gate, new)
        if session.method != Method.EXEMPT:  # it had signed in before
            await end(reception.gate, session, Cause.ADMIN_RESET)
            session = await admit(reception.gate, new)
        if isinstance(await unless_barred(reception, session), Session):
            self._admitted(session)
        return session

    async def _hold_against_list(self, session: Session) -> None:
        gate, roster = self._reception.gate, self._reception.roster
        device = roster.known(session.mac, gate.clock.now())
        match device.standing if device else None:
            case Standing.BARRED:
                await end(gate, session, Cause.ADMIN_RESET)
            case Standing.EXEMPT if device is not None:
                await self._keep_exempt(session, device)
            case _ if session.method == Method.EXEMPT:
                await end(gate, session, Cause.ADMIN_RESET)

    def _session_of(self, device: Device) -> NewSession:
        profile = self._reception.house.profile_of(device.profile)
        return NewSession(device.mac, AccessKind.WIFI, Method.EXEMPT, profile, UNLIMITED, None, counted=False)

    async def _keep_exempt(self, session: Session, device: Device) -> None:
        gate, new = self._reception.gate, self._session_of(device)
        if session.method != Method.EXEMPT or session.profile != new.profile:
            await end(gate, session, Cause.ADMIN_RESET)
            await self.welcome(session.mac)
        elif left_s(session, gate.clock.boot_s()) < _RENEW_S and await gate.neighbours.addresses_of(session.mac):
            await self._renew(session, new)

    async def _renew(self, session: Session, new: NewSession) -> None:
        """The next session in place of one whose day is nearly over; what it has open goes on.

        A crash in between leaves a device without a session: the start welcomes whoever is here.
        """
        gate, clock = self._reception.gate, self._reception.gate.clock
        await end(gate, session, Cause.NAS_REQUEST, forget=False)
        following, _ = await gate.sessions.open_session(new, clock.now(), clock.boot_s(), clock.boot_id())
        await grant_again(gate, [following])
        await gate.connections.hand_over(session.id, following.id)
        event("session.renewed", client=client_tag(session.mac), session=following.id, before=session.id)

    async def _welcome_present(self) -> None:
        gate = self._reception.gate
        for device in self._reception.roster.exempt(gate.clock.now()):
            online = await gate.sessions.live_session(device.mac)
            if online is None and await gate.neighbours.addresses_of(device.mac):
                await self.welcome(device.mac)
