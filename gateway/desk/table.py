"""The table the desk is made of: what can be seen (View), done (Act), opened (Page) and fetched (Download).

A view and an act have an input that pydantic checks and a told value that is a frozen dataclass. Pages show views,
forms do acts, and the API tells and does exactly the same; roles, the audit trail and the OpenAPI file read this table.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from gateway.staff.roles import Right, Role, may
from gateway.staff.user import SignedIn

Language = Literal["vi", "en"]
Method = Literal["POST", "PUT", "DELETE"]


class Input(BaseModel):
    """What a view or an act is asked with. Unknown fields are errors; fields are described for the OpenAPI file."""

    # built when first asked for: hundreds of inputs would cost each start half a second
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True)


class Nothing(Input):
    """Asked with nothing."""


In = TypeVar("In", bound=Input)
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from where, in which language."""

    name: str
    role: Role
    language: Language
    at: datetime
    address: str = ""
    token: str = ""
    """The name of the API token, "" at the desk."""
    browser: SignedIn | None = None
    """Whose browser it is, at the desk."""

    @property
    def via(self) -> str:
        """Which way the act came, as the trail tells it."""
        return f"token {self.token}" if self.token else "desk"

    def may(self, right: Right) -> bool:
        """Whether the caller's role has the right."""
        return may(self.role, right)


class RefusedError(Exception):
    """The act can't be done: `key` names the text that says why and what to do; nothing was changed."""

    def __init__(self, key: str, *, missing: bool = False, **values: str | int) -> None:
        """`missing`: what was named is not there (404 for programs); otherwise it stands against it (409)."""
        super().__init__(key)
        self.key = key
        self.values = values
        self.fields: Mapping[str, str] = {}
        """Fields of the input that are wrong, with the key of the text "wrong.<key>" that says so."""
        self.status = 404 if missing else 409


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act."""

    told: object
    """A frozen dataclass of the type the act tells."""
    subject: str = ""
    """What it was done to, for the trail: "PC07", "session 812"; never a patron's name."""
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    """Plain JSON values that changed. No secret stands here."""
    goto: str = ""
    """The page that shows it; "" goes back to where the form stood."""
    values: Mapping[str, str | int] = field(default_factory=dict)
    """For the text "done.<act>" that the page then says."""


@dataclass(frozen=True, slots=True)
class View:
    """Something to be seen: GET /api/v1<path>."""

    name: str
    """Unique, with dots: "sessions.list"; the operation's name in the OpenAPI file."""
    path: str
    """Below /api/v1; "{id}" in it is a field of the input, the others are the query."""
    right: Right
    asked: type[Input]
    told: type[object]
    summary: str
    read: Callable[[Mapping[str, object], Caller], Awaitable[object]]
    """Checks the input (pydantic's ValidationError), then reads."""


def view(
    name: str,
    path: str,
    right: Right,
    asked: type[In],
    told: type[Out],
    read: Callable[[In, Caller], Awaitable[Out]],
    summary: str,
) -> View:
    """A row of the table."""

    async def checked(raw: Mapping[str, object], caller: Caller) -> object:
        return await read(asked.model_validate(raw), caller)

    return View(name, path, right, asked, told, summary, checked)


@dataclass(frozen=True, slots=True)
class Act:
    """Something to be done: a form posts to /do/<name>, a program calls `method` /api/v1<path>."""

    name: str
    """Unique, with a dot: "voucher.create". The trail and the texts ("done.voucher.create") have it."""
    method: Method
    path: str
    right: Right
    asked: type[Input]
    told: type[object]
    summary: str
    do: Callable[[Input, Caller], Awaitable[Outcome]]
    """Given an input of the type `asked`."""
    is_dangerous: bool = False
    """Asks for the password again when it was typed more than ten minutes ago."""
    secrets: frozenset[str] = frozenset()
    """Fields of the input that never go into the trail."""
    largest_bytes: int = 64 * 1024
    """Of the whole form or body; with an Upload among its fields, of that file."""


def act(
    name: str,
    method: Method,
    path: str,
    right: Right,
    asked: type[In],
    told: type[object],
    do: Callable[[In, Caller], Awaitable[Outcome]],
    summary: str,
    *,
    is_dangerous: bool = False,
    secrets: frozenset[str] = frozenset(),
    largest_bytes: int = 64 * 1024,
) -> Act:
    """A row of the table."""

    async def done(given: Input, caller: Caller) -> Outcome:
        assert isinstance(given, asked), "the table's reader checks inputs"
        return await do(given, caller)

    return Act(name, method, path, right, asked, told, summary, done, is_dangerous, secrets, largest_bytes)


@dataclass(frozen=True, slots=True)
class Page:
    """A page for people."""

    path: str
    """"/vouchers", "/vouchers/{batch}"."""
    right: Right
    template: str
    """Under portal_pages/desk: "vouchers.html"."""
    read: Callable[[Mapping[str, str], Caller], Awaitable[Mapping[str, object]]]
    """Path and query → the template's values. ValidationError and RefusedError become a page that says so."""
    nav: str = ""
    """Which entry of the navigation it belongs to; the entry's own page names itself: "vouchers"."""


@dataclass(frozen=True, slots=True)
class File:
    """Something to be kept or printed."""

    name: str
    """As the browser stores it: letters, digits, ".", "-" and "_" alone."""
    content_type: str
    body: bytes
    is_shown: bool = False
    """Opened in the browser (a page to print), not stored."""
    path: Path | None = None
    """A file on the disk in the place of `body`: what is large goes out from there."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file: GET <path> at the desk, GET /api/v1<path> for programs."""

    name: str
    path: str
    right: Right
    asked: type[Input]
    summary: str
    content_types: tuple[str, ...]
    make: Callable[[Mapping[str, object], Caller], Awaitable[File]]


def download(
    name: str,
    path: str,
    right: Right,
    asked: type[In],
    make: Callable[[In, Caller], Awaitable[File]],
    summary: str,
    content_types: tuple[str, ...],
) -> Download:
    """A row of the table."""

    async def checked(raw: Mapping[str, object], caller: Caller) -> File:
        return await make(asked.model_validate(raw), caller)

    return Download(name, path, right, asked, summary, content_types, checked)


@dataclass(frozen=True, slots=True)
class Live:
    """What a page shows anew by itself: GET /live<path>, a stream of server-sent events.

    The page's element `<div data-live="/live/today">` gets the rendered template whenever it differs from before.
    """

    path: str
    right: Right
    template: str
    read: Callable[[Mapping[str, str], Caller], Awaitable[Mapping[str, object]]]
    every_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Area:
    """What one room of the desk adds to the table."""

    views: Sequence[View] = ()
    acts: Sequence[Act] = ()
    pages: Sequence[Page] = ()
    downloads: Sequence[Download] = ()
    live: Sequence[Live] = ()
