"""What somebody has to see to now: the box, the line, patrons who wait, mail that does not arrive.

Faults of PCs, outages without a ticket and bills come with the day's figures (gateway.reports.today): they rest on
months of facts. What stands here is asked each time and takes milliseconds.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.flows.approvals import is_open
from gateway.flows.mail_state import LISTED, Post, mail_state
from gateway.log import event
from gateway.ports_box import Box, BoxState
from gateway.ports_devices import ApprovalStore
from gateway.ports_dns import FilterReports
from gateway.ports_mail import MailQueue
from gateway.ports_rules import RequestStore
from gateway.reports.day_state import BACKUP_OLD

_BOX_S = 30.0
_SILENT_S = 30.0
"""The filter's workers report each second; to a gateway that has just begun they have not yet."""
_LEAST_BYTES, _LITTLE_BYTES = 500_000_000, 2_000_000_000
CERTIFICATE_ENDS = timedelta(days=14)


class Level(StrEnum):
    """How much it matters."""

    FAULT = "fault"
    """Patrons notice, or soon will."""
    WAITS = "waits"
    """Somebody waits for an answer."""
    SOON = "soon"
    """To be done in the next days."""


class Kind(StrEnum):
    """What it is; `desk.need.<kind>` is its text."""

    LINE = "line"
    FILTER = "filter"
    CLOCK = "clock"
    DISK = "disk"
    CERTIFICATE = "certificate"
    CERTIFICATE_ENDS = "certificate_ends"
    SELF_CHECK = "self_check"
    APPROVALS = "approvals"
    REQUESTS = "requests"
    LISTS = "lists"
    LIST_FAILS = "list_fails"
    MAIL_STUCK = "mail_stuck"
    MAIL_REFUSED = "mail_refused"
    BACKUP = "backup"
    BACKUP_NONE = "backup_none"
    SETTINGS = "settings"
    """Something the desk has set can't be used, and is not in force."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing, with the values of its text."""

    kind: Kind
    level: Level
    values: Mapping[str, str | int] = field(default_factory=dict)
    at: datetime | None = None
    """A moment its text tells."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom it is asked of."""

    clock: Clock
    box: Box
    line_is_down: Callable[[], bool]
    filter: FilterReports
    approvals: ApprovalStore
    requests: RequestStore
    mails: MailQueue | None
    """None: no mail is sent."""
    wants_backups: bool = False
    """A folder is set up for them: none at all is told."""
    left_out: Callable[[], Awaitable[Sequence[str]]] | None = None
    """What can't be used of the desk's settings."""


class Attention:
    """Keeps the last look at the box, which reads files."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._since_boot_s = asked.clock.boot_s()
        self._box: BoxState | None = None
        self._box_boot_s = -_BOX_S
        self._left_out: Sequence[str] = ()

    async def needs(self) -> list[Need]:
        """What hinders patrons first, then who waits, then what can wait."""
        found = [*self._kernel_side(), *await self._waiting(), *await self._box_needs(), *await self._mail()]
        return sorted(found, key=lambda each: list(Level).index(each.level))

    def _kernel_side(self) -> Iterator[Need]:
        if self._asked.line_is_down():
            yield Need(Kind.LINE, Level.FAULT)
        ages = [each.get("age_s") for each in self._asked.filter.workers()]
        youngest = min((age for age in ages if isinstance(age, int | float)), default=None)
        here_s = self._asked.clock.boot_s() - self._since_boot_s
        if (here_s if youngest is None else youngest) > _SILENT_S:
            yield Need(Kind.FILTER, Level.FAULT)

    async def _waiting(self) -> Sequence[Need]:
        now = self._asked.clock.now()
        lately = await self._asked.approvals.asked_since(now - timedelta(hours=1))
        approvals = sum(is_open(each, now) for each in lately)
        requests = len(await self._asked.requests.requests(all_states=False))
        both = ((Kind.APPROVALS, approvals), (Kind.REQUESTS, requests))
        return [Need(kind, Level.WAITS, {"count": count}) for kind, count in both if count]

    async def _box_needs(self) -> Sequence[Need]:
        clock = self._asked.clock
        if self._box is None or clock.boot_s() - self._box_boot_s >= _BOX_S:
            try:
                self._box = await self._asked.box.look(clock.now())
                self._box_boot_s = clock.boot_s()
                self._left_out = await self._asked.left_out() if self._asked.left_out else ()
            except (OSError, GatewayError) as error:  # the page is more useful without it than not at all
                event("box.look_failed", "warning", says=str(error))
        left_out = self._left_out
        said = [Need(Kind.SETTINGS, Level.FAULT, {"count": len(left_out), "first": left_out[0]})] if left_out else []
        return said if self._box is None else [*said, *self._of(self._box, clock.now())]

    def _of(self, box: BoxState, now: datetime) -> Iterator[Need]:
        if box.clock_is_unset:
            yield Need(Kind.CLOCK, Level.FAULT)
        if disk := disk_level(box.free_bytes):
            yield Need(Kind.DISK, disk, {"megabytes": box.free_bytes // 1_000_000})
        if box.certificate and not box.certificate.is_valid:
            yield Need(Kind.CERTIFICATE, Level.FAULT, {"fault": box.certificate.fault, "why": box.certificate.why})
        elif box.certificate and box.certificate.ends_at and box.certificate.ends_at - now < CERTIFICATE_ENDS:
            days = max(0, (box.certificate.ends_at - now).days)
            yield Need(Kind.CERTIFICATE_ENDS, Level.SOON, {"days": days}, box.certificate.ends_at)
        if box.self_check and box.self_check.faults:
            yield Need(Kind.SELF_CHECK, Level.FAULT, {"step": box.self_check.faults[0]}, box.self_check.at)
        if box.lists.lists:
            yield Need(Kind.LISTS, Level.SOON, {"count": box.lists.lists, "days": box.lists.days})
        elif box.lists.failing:
            names = box.lists.failing
            yield Need(Kind.LIST_FAILS, Level.SOON, {"count": len(names), "name": names[0]})
        if box.backup_at is None and self._asked.wants_backups:
            yield Need(Kind.BACKUP_NONE, Level.SOON)
        elif box.backup_at is not None and now - box.backup_at > BACKUP_OLD:
            yield Need(Kind.BACKUP, Level.SOON, {"days": (now - box.backup_at).days})

    async def _mail(self) -> Sequence[Need]:
        if self._asked.mails is None:
            return []
        state = mail_state(await self._asked.mails.all(LISTED), self._asked.clock.now())
        why = {"trouble": state.trouble, "said": state.said}
        match state.post:
            case Post.STUCK:
                return [Need(Kind.MAIL_STUCK, Level.SOON, {"count": state.waiting, **why})]
            case Post.REFUSED:
                return [Need(Kind.MAIL_REFUSED, Level.SOON, {"recipient": state.recipient, **why})]
            case _:
                return []


def disk_level(free_bytes: int) -> Level | None:
    """Is there room for the next weeks? A full disk ends the record of everything."""
    if free_bytes < _LEAST_BYTES:
        return Level.FAULT
    return Level.SOON if free_bytes < _LITTLE_BYTES else None
