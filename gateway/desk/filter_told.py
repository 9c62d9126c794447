"""What views of the library's own words and of requests tell."""

from dataclasses import dataclass
from datetime import datetime

from gateway.desk.filter_words import is_harm
from gateway.ports_rules import LocalRule, UnblockRequest


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One word of the library's own."""

    name: str
    action: str
    """block, allow; none in the history: taken back."""
    profile: str
    """"" is every one."""
    until: datetime | None
    reason: str
    by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Rules:
    """What stands, and who set what when."""

    standing: tuple[RuleRow, ...]
    history: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class OwnText:
    """One of the library's own lists."""

    action: str
    profile: str
    text: str
    seal: str
    names: int


@dataclass(frozen=True, slots=True)
class TextSaved:
    """The difference that was made."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A wish from the page of refused names: no client, no person."""

    code: str
    name: str
    profile: str
    category: str
    is_harm: bool
    count: int
    asked_at: datetime
    last_asked_at: datetime
    state: str
    """open, granted, refused."""
    answered_by: str


@dataclass(frozen=True, slots=True)
class Requests:
    """The newest first."""

    requests: tuple[RequestRow, ...]


def rule_row(rule: LocalRule) -> RuleRow:
    """As views tell it."""
    return RuleRow(rule.name, rule.action, rule.profile or "", rule.until_at, rule.reason, rule.author, rule.set_at)


def request_row(each: UnblockRequest) -> RequestRow:
    """As views tell it."""
    return RequestRow(
        each.code, each.name, each.profile, each.category, is_harm(each.category), each.count, each.asked_at,
        each.last_asked_at, each.state, each.answered_by or "",
    )  # fmt: skip
