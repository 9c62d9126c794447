"""Devices: what staff say of them, what each did on its way in ("why did it not pop up?")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.access.client import Mac, parse_mac
from gateway.access.device import Device, Standing
from gateway.access.session import State
from gateway.access.timeline import Moment, Step, stuck_at
from gateway.clock import local_day
from gateway.desk.inputs import Line, MacAddress, OrNone
from gateway.desk.inputs import Moment as When
from gateway.desk.table import Area, Caller, Input, Nothing, Outcome, Page, RefusedError, act, view
from gateway.desk.told_sessions import Device as Known
from gateway.desk.told_sessions import device, plain
from gateway.flows.devices import KnownDevices, enter
from gateway.flows.sign_in import Reception
from gateway.flows.timeline import Timeline
from gateway.flows.who_is_on import WhoIsOn
from gateway.ports import IpAddress
from gateway.ports_devices import DeviceStore
from gateway.staff.roles import Right

Lasts = Literal["ever", "hour", "day", "week", "until"]
_MOST_SEEN = 200
_MAC = frozenset({"mac"})
"""Not in the trail, which is kept for years: a device's address goes after days."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What staff said of a device."""

    mac: str
    standing: Standing
    name: str
    profile: str | None
    author: str
    reason: str
    since: datetime
    until: datetime | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class Did:
    """One step of a device."""

    at: datetime
    step: Step
    detail: str
    """Of a refusal: the key of the text the patron read; of a session: its method, or why it ended."""
    count: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A device that was seen today, with its last step."""

    device: Known
    last: Did
    is_online: bool


@dataclass(frozen=True, slots=True)
class Entries:
    """All that staff said, and who was seen today."""

    entries: tuple[Entry, ...]
    profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenToday:
    """The latest first."""

    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A device's last day."""

    device: Known
    entry: Entry | None
    session: int | None
    """It is online by this one."""
    steps: tuple[Did, ...]
    stuck: Step | None
    """How far it came, when it is not online: what to do next is said by it; null: online, or never seen."""
    profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The device is a patron's again."""

    mac: str


class AskedDevice(Input):
    """One device."""

    mac: MacAddress


class Said(Input):
    """What staff say of a device."""

    mac: MacAddress
    standing: Standing = Field(description="exempt: online without a page; kiosk: a public PC; barred: never let in")
    name: Annotated[Line, StringConstraints(max_length=60)] = Field(
        "", description='What staff call it, such as "PC07"'
    )
    profile: Annotated[str | None, OrNone] = Field(None, max_length=40, description="null: the site's own for patrons")
    reason: Line = Field("", description="Why; staff see it, patrons never")
    lasts: Lasts = Field("ever", description='How long it holds; "until" with `until`')
    until: Annotated[When | None, OrNone] = Field(None, description="When it ends by itself")


class DeviceDesk:
    """What views and acts of devices work on."""

    def __init__(
        self,
        reception: Reception,
        known: KnownDevices,
        store: DeviceStore,
        timeline: Timeline,
        who: WhoIsOn,
        portal: str,
    ) -> None:
        """`portal`: its host name, told to who has to open it by hand."""
        self._portal = portal
        self._reception = reception
        self._known = known
        self._store = store
        self._timeline = timeline
        self._who = who

    async def list(self, asked: Nothing, caller: Caller) -> Entries:
        """The devices staff have said something of."""
        entries = tuple(_entry(each, caller.at) for each in await self._store.devices())
        return Entries(tuple(sorted(entries, key=lambda each: (each.standing, plain(each.name)))), self._profiles())

    async def seen(self, asked: Nothing, caller: Caller) -> SeenToday:
        """Who was seen today."""
        live = await self._reception.gate.sessions.live_sessions()
        online = {booked.session.mac for booked in live if booked.session.state is State.OPEN}
        found = list(self._timeline.devices().items())[:_MOST_SEEN]
        return SeenToday(
            tuple(Seen(device(mac, self._who.label(mac), caller), _did(moment), mac in online) for mac, moment in found)
        )

    async def story(self, asked: AskedDevice, caller: Caller) -> Story:
        """What one did on its way in."""
        mac = asked.mac
        entry = next((each for each in await self._store.devices() if each.mac == mac), None)
        booked = await self._reception.gate.sessions.live_session(mac)
        is_on = booked is not None and booked.session.state is State.OPEN
        moments = await self._timeline.of(mac)
        return Story(
            device(mac, self._who.label(mac), caller),
            _entry(entry, caller.at) if entry else None,
            booked.session.id if booked and is_on else None,
            tuple(map(_did, moments)),
            None if is_on else stuck_at(moments),
            self._profiles(),
        )

    async def say(self, asked: Said, caller: Caller) -> Outcome:
        """Enter it; a barred device's session ends, an exempt one gets in at once."""
        until = self._end(asked, caller.at)
        before = next((each for each in await self._store.devices() if each.mac == asked.mac), None)
        name, reason = asked.name.strip(), asked.reason.strip()
        entry = Device(asked.mac, asked.standing, name, asked.profile, caller.name, reason, caller.at, until)
        refused = await enter(self._store, entry, self._reception.house.caps.keys())
        if refused is not None:
            raise RefusedError(refused.key, least=refused.said)
        await self._known.look()
        self._who.changed()
        told = _entry(entry, caller.at)
        values: Mapping[str, str | int] = {"name": name or asked.mac}
        return Outcome(told, _subject(entry), _trail(before), _trail(entry), f"/devices/{asked.mac}", values)

    async def forget(self, asked: AskedDevice, caller: Caller) -> Outcome:
        """Take its entry out."""
        before = next((each for each in await self._store.devices() if each.mac == asked.mac), None)
        if before is None or not await self._store.forget(asked.mac):
            raise RefusedError("no_device", missing=True)
        await self._known.look()
        self._who.changed()
        values: Mapping[str, str | int] = {"name": before.name or before.mac}
        return Outcome(Forgotten(asked.mac), _subject(before), _trail(before), {}, "/devices", values)

    async def find(self, text: str) -> Mac | None:
        """The device of a MAC or of an address it has now."""
        try:
            return parse_mac(text.strip())
        except ValueError:
            pass
        try:
            return await self._reception.gate.neighbours.mac_of(IpAddress(str(ip_address(text.strip()))))
        except ValueError:
            return None

    def shown(self) -> Mapping[str, object]:
        """What both pages show beside their views."""
        return {"portal": self._portal, "all_profiles": [(each, each) for each in self._profiles()]}

    def _profiles(self) -> tuple[str, ...]:
        return tuple(self._reception.house.caps)

    def _end(self, asked: Said, now: datetime) -> datetime | None:
        zone = self._reception.house.zone
        match asked.lasts:
            case "ever":
                return None
            case "hour":
                return now + timedelta(hours=1)
            case "day":
                return datetime.combine(local_day(now, zone) + timedelta(days=1), time.min, tzinfo=zone)
            case "week":
                return now + timedelta(weeks=1)
            case "until":
                if asked.until is None:
                    raise RefusedError("no_end")
                until = asked.until if asked.until.tzinfo else asked.until.replace(tzinfo=zone)
                if until <= now:
                    raise RefusedError("moment_past")
                return until


def _entry(each: Device, now: datetime) -> Entry:
    held = each.holds(now)
    return Entry(
        each.mac, each.standing, each.name, each.profile, each.author, each.reason, each.since, each.until, held
    )


def _did(moment: Moment) -> Did:
    return Did(moment.at, moment.step, moment.detail, moment.count)


def _subject(entry: Device) -> str:
    return entry.name or f"device …{entry.mac[-8:]}"


def _trail(entry: Device | None) -> Mapping[str, object]:
    if entry is None:
        return {}
    until = entry.until.isoformat(timespec="seconds") if entry.until else None
    return {"standing": entry.standing, "name": entry.name, "profile": entry.profile, "until": until}


def devices(desk: DeviceDesk) -> Area:
    """Its rows of the table. Whose role serves no patrons is told of no device."""
    at = "/devices/{mac}"
    listed = view("devices.list", "/devices", Right.SERVE, Nothing, Entries, desk.list, "Devices staff speak of")
    seen = view("devices.seen", "/devices-seen", Right.SERVE, Nothing, SeenToday, desk.seen, "Devices seen today")
    story = view(
        "devices.timeline", f"{at}/timeline", Right.SERVE, AskedDevice, Story, desk.story, "What one did on its way in"
    )

    async def list_page(query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        asked = query.get("find", "")[:60]
        found = await desk.find(asked) if asked else None
        told = {"list": await listed.read({}, caller), "seen": await seen.read({}, caller)}
        return {**told, "find": asked, "found": found, "shown": desk.shown()}

    async def device_page(query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        return {"story": await story.read({"mac": query["mac"]}, caller), "shown": desk.shown()}

    return Area(
        views=(listed, seen, story),
        acts=(
            act("device.set", "PUT", at, Right.SERVE, Said, Entry, desk.say, "Say what a device is", secrets=_MAC),
            act(
                "device.forget",
                "DELETE",
                at,
                Right.SERVE,
                AskedDevice,
                Forgotten,
                desk.forget,
                "Take it out",
                secrets=_MAC,
            ),
        ),
        pages=(
            Page("/devices", Right.SERVE, "devices.html", list_page, nav="sessions"),
            Page(at, Right.SERVE, "device.html", device_page, nav="sessions"),
        ),
    )
