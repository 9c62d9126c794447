"""Conditional and range requests (pure): what a request's headers ask of a file (RFC 9110 sections 13 and 14)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote

_RANGE = re.compile(r"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be sent: a status, and the bytes from `first` on."""

    status: int
    first: int = 0
    count: int = 0


def part_asked(method: str, headers: Mapping[str, str], size: int, etag: str, modified_s: int) -> Part:
    """The answer to a GET or HEAD of a file, in the order of RFC 9110 section 13.2.2.

    A Range that is not understood, or asks for several parts, is passed over (section 14.2 allows it): the whole file
    is an answer every client takes.
    """
    whole = Part(200, 0, size)
    if (tags := headers.get("If-Match")) is not None:
        if not _names(tags, etag, weak=False):
            return Part(412)
    elif (since := _date_s(headers.get("If-Unmodified-Since"))) is not None and modified_s > since:
        return Part(412)
    if (tags := headers.get("If-None-Match")) is not None:
        if _names(tags, etag, weak=True):
            return Part(304)
    elif (since := _date_s(headers.get("If-Modified-Since"))) is not None and modified_s <= since:
        return Part(304)
    asked = headers.get("Range")
    if asked is None or method != "GET" or not _still(headers.get("If-Range"), etag):
        return whole
    match = _RANGE.fullmatch(asked)
    if match is None or len(asked) > 60 or not (match[1] or match[2]):
        return whole
    return _within(match[1], match[2], size) or whole


def _within(first: str, last: str, size: int) -> Part | None:
    if not first:
        count = min(int(last), size)
        return Part(206, size - count, count) if count else Part(416)
    begin = int(first)
    if last and int(last) < begin:
        return None  # no valid range at all (section 14.1.1): passed over
    if begin >= size:
        return Part(416)
    end = min(int(last), size - 1) if last else size - 1
    return Part(206, begin, end - begin + 1)


def _names(tags: str, etag: str, *, weak: bool) -> bool:
    told = [tag.strip() for tag in tags.split(",")]
    if weak:
        told = [tag.removeprefix("W/") for tag in told]
    return tags.strip() == "*" or etag in told


def _still(validator: str | None, etag: str) -> bool:
    """May the range be of what the client has? A date is never strong enough here: files are copied in any second."""
    return validator is None or validator.strip() == etag


def _date_s(text: str | None) -> int | None:
    try:
        return None if text is None else int(parsedate_to_datetime(text).timestamp())
    except (ValueError, OverflowError, TypeError):
        return None


def http_date(seconds: int) -> str:
    """As Last-Modified has it."""
    return format_datetime(datetime.fromtimestamp(max(0, seconds), UTC), usegmt=True)


def disposition(kind: str, name: str) -> str:
    """Content-Disposition (RFC 6266) with a name for old clients and the true one for others (RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"
