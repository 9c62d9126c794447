"""Subtitles -> WebVTT (pure): SRT is converted, WebVTT is passed on, both as UTF-8."""

import html
import re

LARGEST_BYTES = 4 * 1024 * 1024
_TIME = re.compile(
    r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[,.](\d{1,3})\s*-->\s*(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[,.](\d{1,3})\b.*"
)
_KEPT_TAG = re.compile(r"&lt;(/?[biu])&gt;", re.IGNORECASE)
_OTHER_TAG = re.compile(r"</?(?:font|span|c|v|s)\b[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)


def as_webvtt(raw: bytes) -> bytes | None:
    """The WebVTT of either form; None when it is neither (or has not one cue that can be read)."""
    text = _decoded(raw).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    if re.match(r"WEBVTT(?:[ \t\n]|$)", text):
        return text.encode("utf-8")
    cues = list(_cues(text.split("\n")))
    return ("WEBVTT\n\n" + "\n\n".join(cues) + "\n").encode("utf-8") if cues else None


def _decoded(raw: bytes) -> str:
    """By its mark, else UTF-8, else the Vietnamese Windows code page old subtitles are written in."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1258", errors="replace")


def _cues(lines: list[str]) -> list[str]:
    """A cue is a line of times and what follows up to an empty line, or up to the next cue's number and times."""
    starts = [n for n, line in enumerate(lines) if _TIME.fullmatch(line.strip())]
    found = []
    for start, following in zip(starts, [*starts, len(lines)][1:], strict=True):
        said = []
        for n in range(start + 1, following):
            line = lines[n].strip()
            if not line or (n == following - 1 and following < len(lines) and line.isdigit()):
                break
            said.append(_plain(line))
        if said:
            found.append("\n".join([_times(lines[start].strip()), *said]))
    return found


def _times(line: str) -> str:
    match = _TIME.fullmatch(line)
    assert match is not None
    parts = match.groups(default="0")
    return " --> ".join(_time(parts[n : n + 4]) for n in (0, 4))


def _time(parts: tuple[str, ...]) -> str:
    hours, minutes, seconds, fraction = parts
    return f"{int(hours):02}:{int(minutes):02}:{int(seconds):02}.{fraction.ljust(3, '0')}"


def _plain(line: str) -> str:
    """Bold, italics and underlining stay; everything else a browser could take for markup is text."""
    escaped = html.escape(html.unescape(_OTHER_TAG.sub("", line)), quote=False)
    return _KEPT_TAG.sub(lambda found: f"<{found[1].lower()}>", escaped)
