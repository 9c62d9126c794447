"""The night's summary and its mail at the desk: any day as text, what became of the mails, a test."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from gateway.clock import local_day
from gateway.desk.mail_words import why_not
from gateway.desk.report_inputs import OfNight, Recipients, TestMail
from gateway.desk.table import Area, Caller, Language, Nothing, Outcome, Page, RefusedError, act, view
from gateway.errors import GatewayError
from gateway.flows.settings import Settings
from gateway.ports_mail import Delivery, DeliveryState, Mail, MailQueue
from gateway.ports_staff import CommandRunner
from gateway.staff.roles import Right

_LISTED = 14
_FIRST = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class DeliveryTold:
    """A mail and one recipient."""

    recipient: str
    state: str
    """waiting, sent, refused or combined."""
    tries: int
    next_try_at: datetime | None
    tried_at: datetime | None
    said: str
    """What the server said."""
    trouble: str
    """Why nothing was handed over, a word: name, unreachable, silent, tls …; "" where the server spoke of the mail."""
    why: str
    """Why it has not gone, with what to do, in the caller's language; "" when it has."""


@dataclass(frozen=True, slots=True)
class MailTold:
    """One mail."""

    kind: str
    """night, passed (nothing to tell) or combined."""
    first_day: date
    day: date
    subject: str
    queued_at: datetime
    deliveries: tuple[DeliveryTold, ...]


@dataclass(frozen=True, slots=True)
class MailsTold:
    """The nightly mail: to whom it goes, and the latest ones, newest first."""

    is_on: bool
    server: str
    sender: str
    recipients: tuple[str, ...]
    at: str
    mails: tuple[MailTold, ...]


@dataclass(frozen=True, slots=True)
class TestTold:
    """What the server said of a test mail."""

    address: str
    state: str
    said: str


@dataclass(frozen=True, slots=True)
class NightTold:
    """The summary of a day."""

    day: date
    text: str
    """Its first line is the mail's subject."""


def mails_area(queue: MailQueue, commands: CommandRunner, zone: timezone, settings: Settings) -> Area:
    """What the desk has of the night's summary."""
    desk = _Mails(queue, commands, zone, settings)
    see = Right.SEE_FIGURES
    return Area(
        views=(
            view(
                "mail.states", "/mails", see, Nothing, MailsTold, desk.told, "To whom the nightly mail goes, and went"
            ),
            view("night.summary", "/nights/{day}", see, OfNight, NightTold, desk.night, "The summary of a day as text"),
        ),
        acts=(
            act(
                "mail.recipients",
                "PUT",
                "/mails/recipients",
                Right.SETTINGS,
                Recipients,
                MailsTold,
                desk.recipients,
                "Say to whom the nightly mail goes",
            ),
            act(
                "mail.test", "POST", "/mails/test", Right.FIGURES, TestMail, TestTold, desk.test, "Send a test mail now"
            ),
        ),
        pages=(
            Page("/reports/mail", see, "mails.html", desk.page, nav="reports"),
            Page("/reports/night", see, "night_summary.html", desk.night_page, nav="reports"),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Mails:
    queue: MailQueue
    commands: CommandRunner
    zone: timezone
    settings: Settings

    async def told(self, asked: Nothing, caller: Caller) -> MailsTold:
        del asked
        now = (await self.settings.config()).mail
        mails = tuple(_mail(one, caller.language) for one in await self.queue.all(_LISTED))
        return MailsTold(bool(now.server), now.server, now.sender, tuple(now.recipients), now.at, mails)

    async def page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        del asked
        return {"told": await self.told(Nothing(), caller)}

    async def night(self, asked: OfNight, caller: Caller) -> NightTold:
        if not _FIRST <= asked.day <= local_day(caller.at, self.zone):
            raise RefusedError("reports.no-such-night")
        words = ["nightly", f"--date={asked.day}"]
        words += ["--short"] if asked.short else []
        words += ["--english"] if asked.language == "en" else []
        try:
            printed = await self.commands.run(*words)
        except GatewayError as error:
            raise RefusedError("reports.no-night", missing=True) from error
        return NightTold(asked.day, printed.decode().strip())

    async def night_page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        today = local_day(caller.at, self.zone)
        day = asked.get("day") or f"{today - timedelta(days=1)}"
        wanted = OfNight.model_validate({"day": day, "language": caller.language})
        found, trouble, waits = None, "", "now" not in asked
        try:
            found = None if waits else await self.night(wanted, caller)  # it takes a second: a request of its own
        except RefusedError as refusal:  # the page says so, and lets another day be chosen
            trouble = refusal.key
        return {"day": wanted.day, "night": found, "trouble": trouble, "waits": waits, "today": today}

    async def recipients(self, asked: Recipients, caller: Caller) -> Outcome:
        if not asked.recipients and (await self.settings.config()).mail.server:
            raise RefusedError("reports.nobody-left")
        changed = await self.settings.change({"mail.recipients": list(dict.fromkeys(asked.recipients))})
        if changed.wrong:
            raise RefusedError("reports.recipients", says=changed.wrong[0].says[:200])
        told = await self.told(Nothing(), caller)
        before, after = dict(changed.before), dict(changed.after)
        return Outcome(
            told, subject="mail.recipients", before=before, after=after, values={"count": len(told.recipients)}
        )

    async def test(self, asked: TestMail, caller: Caller) -> Outcome:
        del caller
        if not (await self.settings.config()).mail.server:
            raise RefusedError("reports.no-mail-server")
        try:
            told = json.loads(await self.commands.run("mail", "test", "--json", asked.address))
        except GatewayError as error:
            raise RefusedError("reports.mail-failed", said=error.message[:200]) from error
        if told["trouble"]:
            raise RefusedError(f"reports.mail-{told['trouble']}", said=str(told["said"])[:200])
        if told["state"] != "sent":
            raise RefusedError("reports.mail-not-taken", said=str(told["said"])[:200])
        made = TestTold(asked.address, told["state"], told["said"])
        return Outcome(made, subject=asked.address, values={"address": asked.address})


def _why(each: Delivery, language: Language) -> str:
    if each.state is DeliveryState.SENT or not each.said:
        return ""
    return why_not(each.trouble, each.said, language, waits=each.state is DeliveryState.WAITING)


def _mail(one: Mail, language: Language) -> MailTold:
    deliveries = tuple(
        DeliveryTold(
            each.recipient,
            each.state.value,
            each.tries,
            each.next_try_at if each.state.value == "waiting" else None,
            each.tried_at,
            each.said,
            each.trouble,
            _why(each, language),
        )
        for each in one.deliveries
    )
    return MailTold(one.kind.value, one.first_day, one.day, one.letter.subject, one.queued_at, deliveries)
