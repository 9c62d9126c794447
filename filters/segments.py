"""One list compiled, and kept: a file a list, so that a list that has not changed is not read again, and a list that
turns bad keeps its last good one.

In: a list's text and its Source. Out: Segment (filters.table joins them). Builder only: needs numpy.
"""

import json
import mmap
import struct
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from filters.aside import write_whole
from filters.fingerprint import fingerprint
from filters.formats.entry import Format, Reading
from filters.formats.lines import read_line
from filters.formats.listing import listing_of, plain_text
from filters.scan import Numbers, scan
from filters.settings import Match, Source
from filters.special import Reach
from filters.special_json import from_json, to_json
from filters.table import Segment

_MAGIC = b"CONGSEG\n"
_VERSION = 1
_HEADER = struct.Struct("<8s4I24s")
"""Magic, version, bytes about it, names, bytes of specials, digest."""
_DIGEST_BYTES = 24


def compile_list(content: bytes, source: Source, stamp: list[Any], *, where: str) -> Segment:
    """A list's text, compiled; FilterError when it is junk. `stamp` is kept to tell this version from the next."""
    scanned = scan(plain_text(content, where))
    reading = Reading()
    hosts = int(np.count_nonzero(scanned.reaches == Reach.EXACT))
    reading.shapes[Format.HOSTS] += hosts
    reading.shapes[Format.ADBLOCK] += scanned.adblock
    reading.shapes[Format.PLAIN] += len(scanned.lines) - hosts - scanned.adblock
    for number, raw in scanned.others:
        read_line(raw.decode("utf-8", "replace"), number, reading)
    listing = listing_of(reading, where, simple=len(scanned.lines))
    rows = [(fingerprint(entry.name), entry.line, entry.reach) for entry in listing.entries]
    rows += [(fingerprint(each.name), each.line, Reach.SPECIAL) for each in listing.specials if each.name]
    others = np.array(rows, np.uint64).reshape(-1, 3)
    fingerprints, values = _distinct(
        np.concatenate((scanned.fingerprints, others[:, 0])),
        np.concatenate((scanned.lines, others[:, 1].astype(np.uint32))),
        _reaching(np.concatenate((scanned.reaches, others[:, 2].astype(np.uint8))), source.match),
    )
    about = {
        "name": source.name,
        "category": source.category,
        "action": source.action.value,
        "location": source.location,
        "format": listing.format.value,
        "rejects": [[each.reason, each.count, each.first] for each in listing.rejects],
        "last_line": content.count(b"\n") + 1,
        "stamp": stamp,
    }
    return Segment(about, fingerprints, values, listing.specials)


def save(segment: Segment, path: Path) -> None:
    """Keep a segment: the old one or the new one stands there, never a part. OSError when the disk is full."""
    text = json.dumps(segment.about, ensure_ascii=True).encode("ascii")
    specials = b"\n".join(to_json(special) for special in segment.specials)
    body = b"".join((text, segment.fingerprints.tobytes(), segment.values.tobytes(), specials))
    digest = blake2b(body, digest_size=_DIGEST_BYTES).digest()
    head = _HEADER.pack(_MAGIC, _VERSION, len(text), len(segment.fingerprints), len(specials), digest)
    write_whole(path, head + body)


def load(path: Path) -> Segment | None:
    """The segment kept there, mapped; None when there is none, or it is damaged: then the list is read again."""
    try:
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
    except (OSError, ValueError):
        return None
    if len(content) < _HEADER.size:
        return None
    magic, version, text_bytes, names, special_bytes, digest = _HEADER.unpack_from(content)
    at = _HEADER.size
    if (magic, version, len(content)) != (_MAGIC, _VERSION, at + text_bytes + 12 * names + special_bytes):
        return None
    if blake2b(content[at:], digest_size=_DIGEST_BYTES).digest() != digest:
        return None
    about = json.loads(bytes(content[at : at + text_bytes]))
    at += text_bytes
    specials = bytes(content[at + 12 * names :])
    return Segment(
        about,
        np.frombuffer(content, np.uint64, names, at),
        np.frombuffer(content, np.uint32, names, at + 8 * names),
        tuple(from_json(line) for line in specials.split(b"\n") if line),
    )


def _reaching(reaches: NDArray[np.uint8], match: Match) -> NDArray[np.uint8]:
    """What the settings say of the list's names goes over what its format says; special lines say it themselves."""
    if match is Match.AUTO:
        return reaches
    wanted = Reach.EXACT if match is Match.EXACT else Reach.TREE
    return np.where(reaches == Reach.SPECIAL, reaches, np.uint8(wanted))


def _distinct(
    fingerprints: Numbers, lines: NDArray[np.uint32], reaches: NDArray[np.uint8]
) -> tuple[Numbers, NDArray[np.uint32]]:
    """Sorted, without repetitions: of the same name and reach the first line; with a tree, nothing narrower."""
    order = np.lexsort((lines, reaches, fingerprints))
    fingerprints, lines, reaches = fingerprints[order], lines[order], reaches[order]
    first = np.ones(len(order), bool)
    first[1:] = fingerprints[1:] != fingerprints[:-1]
    heads = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    anew = first.copy()
    anew[1:] |= reaches[1:] != reaches[:-1]
    in_tree = (reaches[heads] == Reach.TREE) & ~first
    keep = (reaches == Reach.SPECIAL) | (anew & ~in_tree)
    return fingerprints[keep], (lines[keep] << np.uint32(2)) | reaches[keep]
