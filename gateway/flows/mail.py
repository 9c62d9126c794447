"""The nightly mail: the night told -> queue -> server, at least once, and never for ever.

A mail is in the queue before anything is sent, and a try is counted before it is made. The power may fail between
sending and noting: then it comes a second time, under the same Message-ID, and no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from hashlib import blake2b

from gateway.clock import local_day
from gateway.errors import GatewayError
from gateway.flows.night_told import NightTold
from gateway.log import event
from gateway.ports_mail import Answer, DeliveryState, Letter, Mail, MailKind, MailQueue, NewMail, Post, PostError
from gateway.reports.day_state import alerts

MOST_WAITING = 14
"""So many nights wait one by one; when there are more, one mail takes the place of all (counting 5.3)."""

_FIRST_WAIT_S = 300
_NOTHING = Letter("", "", "", "")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did: deliveries."""

    sent: int = 0
    refused: int = 0
    waiting: int = 0
    trouble: PostError | None = None


def due_day(now: datetime, zone: timezone, at: time, site: str, spread: timedelta) -> date:
    """The latest day whose mail is due: `at` and its chance delay are over."""
    day = local_day(now, zone)
    while datetime.combine(day, at, tzinfo=zone) + _delay(site, day, spread) > now:
        day -= timedelta(days=1)
    return day


async def night_to_mail(queue: MailQueue, site: str, day: date, today: date) -> bool:
    """Is this night still to be mailed? GatewayError when the clock shows a time before the last mailed night."""
    last = await queue.last_day(site)
    if last is not None and today < last:
        raise GatewayError(
            f"the clock says {today}, but the mail of {last} is already made: the clock is wrong",
            hint="see timedatectl; if it was wrong then and is right now: cong mail drop",
        )
    return last is None or day > last


def passes(told: NightTold) -> bool:
    """Is there nothing to mail: closed, nobody came, and nothing happened that can't wait for the next open day?"""
    was_closed = not told.state.promised_s and not told.figures.sums.visits
    return was_closed and not alerts(told.state, told.figures.day)


async def put_night(
    queue: MailQueue, site: str, day: date, letter: Letter | None, recipients: Sequence[str], token: str, now: datetime
) -> None:
    """Put a night's mail into the queue, once; `letter` None: it is passed over. `token` makes its Message-ID."""
    kind = MailKind.PASSED if letter is None else MailKind.NIGHT
    mail = NewMail(site, kind, day, day, token, letter or _NOTHING)
    if not await queue.add(mail, recipients if letter else (), now):
        return
    if letter:
        event("mail.queued", day=str(day))
    else:
        event("mail.passed", day=str(day))


async def combine_many(
    queue: MailQueue, site: str, compose: Callable[[Sequence[Mail]], Letter], token: str, now: datetime
) -> None:
    """One mail in the place of all that wait, when they are too many."""
    waiting = [one for one in await queue.waiting() if one.site == site]
    if len(waiting) <= MOST_WAITING:
        return
    to = sorted({each.recipient for one in waiting for each in one.deliveries if each.state is DeliveryState.WAITING})
    first, last = min(one.first_day for one in waiting), max(one.day for one in waiting)
    into = NewMail(site, MailKind.COMBINED, first, last, token, compose(waiting))
    await queue.combine([one.id for one in waiting], into, to, now)
    event("mail.combined", mails=len(waiting), first=str(first), last=str(last))


async def deliver_due(queue: MailQueue, post: Post, now: datetime, *, longest_wait: timedelta, chance: float) -> Sent:
    """Hand over what is due, oldest first; the first trouble with the server ends the run, for it is the same for all.

    `chance` in [0, 1) says how long the waits of this run are.
    """

    def next_try(tries: int) -> datetime:
        return now + wait_of(tries, longest_wait, chance)

    sent = refused = 0
    trouble = None
    for mail in await queue.waiting():
        recipients = await queue.claim(mail.id, now, now + longest_wait, next_try)
        if not recipients:
            continue
        try:
            answers = await post.deliver(mail, recipients)
        except PostError as error:
            said = dict.fromkeys(recipients, Answer(DeliveryState.WAITING, error.message, error.trouble))
            await queue.note(mail.id, said, now)
            tries = max(one.tries for one in mail.deliveries if one.recipient in recipients) + 1
            await queue.postpone(next_try(tries))
            event("mail.not_sent", "warning", day=str(mail.day), trouble=error.trouble.value, tries=tries)
            trouble = error
            break
        await queue.note(mail.id, answers, now)
        states = [answer.state for answer in answers.values()]
        sent += states.count(DeliveryState.SENT)
        refused += states.count(DeliveryState.REFUSED)
        taken, not_taken = states.count(DeliveryState.SENT), states.count(DeliveryState.REFUSED)
        event("mail.sent", "warning" if not_taken else "info", day=str(mail.day), sent=taken, refused=not_taken)
    left = sum(each.state is DeliveryState.WAITING for one in await queue.waiting() for each in one.deliveries)
    return Sent(sent, refused, left, trouble)


def wait_of(tries: int, longest: timedelta, chance: float) -> timedelta:
    """How long after the n-th try the next one is: twice as long each time up to a limit, and by chance half of it."""
    seconds = min(longest.total_seconds(), _FIRST_WAIT_S * 2 ** min(tries - 1, 20))
    return timedelta(seconds=seconds * (0.5 + chance / 2))


def _delay(site: str, day: date, spread: timedelta) -> timedelta:
    """By chance, but the same whoever asks: each run of the timer must see the same moment."""
    drawn = int.from_bytes(blake2b(f"{site} {day}".encode(), digest_size=4).digest(), "big")
    return timedelta(seconds=drawn % (int(spread.total_seconds()) + 1))
