"""Kinds of facts about the organisation and its calendar: law, names and goals are data with dates, never code."""

from gateway.facts.fact import Kind
from gateway.facts.fields import Field, Type

_T = Type
_FIRST = Field("first", _T.DAY, "first day", required=True)
_LAST = Field("last", _T.DAY, "last day; missing: until further notice")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SITE = Kind(
    "site",
    "One place of service, from a day on.",
    (
        _FIRST,
        Field("name", _T.TEXT, "as reports print it", required=True),
        Field("type", _T.TEXT, "kind of place: library, cultural post"),
        Field("unit", _T.TOKEN, "code of the administrative unit it lies in"),
        Field("offset", _T.OFFSET, "offset of its days from UTC. Missing: +07:00"),
        Field("opened_by", _T.WORD, "what says when it was open. Missing: evidence", words=("evidence", "staff")),
        Field("order", _T.COUNT, "its place in tables; sites of the same place stand by name"),
    ),
    ("first",),
)
WEEK = Kind(
    "week",
    "The weekly hours of a site from a day on.",
    (_FIRST, *(Field(day, _T.HOURS, f"hours of {day}; missing: none") for day in _DAYS)),
    ("first",),
)
HOLIDAY = Kind(
    "holiday",
    "A public holiday.",
    (Field("day", _T.DAY, "the day off", required=True), Field("name", _T.TEXT, "its name", required=True)),
    ("day",),
    of_office=True,
)
SWAPPED = Kind(
    "swapped_day",
    "A working day with the hours of another weekday.",
    (
        Field("day", _T.DAY, "the day", required=True),
        Field("hours_of", _T.WORD, "whose hours it has", required=True, words=_DAYS),
    ),
    ("day",),
    of_office=True,
)
CHANGE = Kind(
    "opening_change",
    "A decided closure or extra opening; a closure decided after its begin lowers no promise.",
    (
        Field("id", _T.TOKEN, "its number", required=True),
        Field("what", _T.WORD, "what it does", required=True, words=("extra", "closure")),
        Field("begin", _T.INSTANT, "from", required=True),
        Field("end", _T.INSTANT, "to", required=True),
        Field("decided_at", _T.INSTANT, "when it was decided", required=True),
        Field("reason", _T.TEXT, "why"),
    ),
    ("id",),
)
SCOPE = Kind(
    "scope",
    "A span in which a site is part of the programme.",
    (_FIRST, _LAST, Field("document", _T.TOKEN, "the decision")),
    ("first",),
)
PLAN = Kind(
    "plan",
    "A year's goals.",
    (
        Field("year", _T.COUNT, "the year", required=True),
        Field("document", _T.TOKEN, "number of the plan", required=True),
        Field("low_percent", _T.COUNT, "visits grow at least by this, whole percent", required=True),
        Field("high_percent", _T.COUNT, "up to this the goal is met, beyond it exceeded", required=True),
        Field("visits", _T.COUNT, "visits as the plan names them, if it does"),
    ),
    ("year",),
    of_office=True,
)
DOCUMENT = Kind(
    "document",
    "A paper that figures or commitments rest on.",
    (
        Field("number", _T.TOKEN, "its number and symbol", required=True),
        Field("title", _T.TEXT, "what it is about", required=True),
        Field("issued_on", _T.DAY, "its date", required=True),
        Field("issuer", _T.TEXT, "who issued it"),
        Field("sha256", _T.SHA256, "hash of the scan"),
    ),
    ("number",),
    of_office=True,
)
UNIT = Kind(
    "unit",
    "An administrative unit, from a day on.",
    (
        Field("code", _T.TOKEN, "its code", required=True),
        _FIRST,
        _LAST,
        Field("name", _T.TEXT, "its name", required=True),
        Field("level", _T.WORD, "its level", required=True, words=("province", "district", "commune")),
        Field("parent", _T.TOKEN, "code of the unit above"),
    ),
    ("code", "first"),
    of_office=True,
)
LETTERHEAD = Kind(
    "letterhead",
    "What stands at the head and the foot of documents, from a day on.",
    (
        _FIRST,
        Field("parent_body", _T.TEXT, "the body above", required=True),
        Field("issuing_body", _T.TEXT, "the issuing body", required=True),
        Field("place", _T.TEXT, "place before the date", required=True),
        Field("symbol", _T.TEXT, "symbol after the number: BC-TV", required=True),
        Field("authority", _T.TEXT, "line above the post: TM., KT., TL., Q."),
        Field("post", _T.TEXT, "post of who signs"),
        Field("signer", _T.TEXT, "name of who signs"),
        Field("tax_code", _T.TOKEN, "tax code of the body"),
        Field("budget_unit", _T.TOKEN, "code of the budget unit"),
        Field("address", _T.TEXT, "its address"),
    ),
    ("first",),
    of_office=True,
)
RECIPIENT = Kind(
    "recipient",
    "A line of Nơi nhận.",
    (
        Field("order", _T.COUNT, "its place", required=True),
        _FIRST,
        _LAST,
        Field("name", _T.TEXT, "the line", required=True),
    ),
    ("order", "first"),
    of_office=True,
)

OFFICE = (
    SITE, WEEK, HOLIDAY, SWAPPED, CHANGE, SCOPE, PLAN, DOCUMENT, UNIT, LETTERHEAD, RECIPIENT,
)  # fmt: skip
