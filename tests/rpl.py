"""A small reader of Unbound's scenario files (*.rpl), as much of them as questions about names need.

In: a scenario's text. Out: its policy zones, what its name servers say, and the steps: a question and the reply to it.
"""

import re
from dataclasses import dataclass, field


@dataclass
class PolicyZone:
    """One `rpz:` section."""

    name: str
    text: str = ""
    override: str = ""


@dataclass
class Entry:
    """ENTRY_BEGIN to ENTRY_END: a question with what is said to it."""

    match: str = ""
    reply: str = ""
    question: tuple[str, str] = ("", "")
    answer: list[str] = field(default_factory=list)


@dataclass
class Step:
    """A question and the reply that is wanted."""

    client: str
    asked: Entry
    wanted: Entry | None = None


@dataclass
class Scenario:
    """A whole file."""

    zones: list[PolicyZone]
    upstream: list[Entry]
    steps: list[Step]


def read_scenario(text: str) -> Scenario:
    """Read a file; comments go."""
    config, _, rest = text.partition("CONFIG_END")
    zones = [_zone(section) for section in re.split(r"^rpz:", config, flags=re.MULTILINE)[1:]]
    upstream = [entry for span in re.findall(r"RANGE_BEGIN.*?RANGE_END", rest, re.DOTALL) for entry in _entries(span)]
    steps: list[Step] = []
    for kind, client, body in re.findall(
        r"^STEP \d+ (QUERY|CHECK_ANSWER)(?: ADDRESS (\S+))?(.*?ENTRY_END)", rest, re.DOTALL | re.MULTILINE
    ):
        (entry,) = _entries(body)
        if kind == "QUERY":
            steps.append(Step(client, entry))
        else:
            steps[-1].wanted = entry
    return Scenario(zones, upstream, steps)


def _zone(section: str) -> PolicyZone:
    name = re.search(r'name: "(.*?)"', section)
    override = re.search(r"rpz-action-override: (\S+)", section)
    text = re.search(r"TEMPFILE_CONTENTS.*?\n(.*?)TEMPFILE_END", section, re.DOTALL)
    return PolicyZone(name[1] if name else "", text[1] if text else "", override[1] if override else "")


def _entries(text: str) -> list[Entry]:
    found = []
    for body in re.findall(r"ENTRY_BEGIN\n(.*?)ENTRY_END", text, re.DOTALL):
        entry, section = Entry(), ""
        for line in body.splitlines():
            words = line.partition(";")[0].split() if '"' not in line else line.split()
            if not words:
                continue
            if words[0] in ("MATCH", "REPLY", "ADJUST"):
                entry.match += " ".join(words[1:]) if words[0] == "MATCH" else ""
                entry.reply += " ".join(words[1:]) if words[0] == "REPLY" else ""
            elif words[0] == "SECTION":
                section = words[1]
            elif section == "QUESTION":
                entry.question = (words[0].rstrip(".").lower(), words[-1])
            elif section == "ANSWER":
                entry.answer.append(" ".join(words))
        found.append(entry)
    return found
