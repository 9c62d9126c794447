"""Runs the fuzzers: `python -m tests.fuzz [--count N] [--seed S] [TARGET...]`, or `make fuzz`.

In: seeds and the corpus of tests/samples/fuzz. Out: what was found, kept in that corpus, which a test replays; exit
code 1 then. With --atheris (pip install atheris) inputs are led by the code they reach; without it they are mutated
blindly, the same ones for the same --seed.
"""

import argparse
import hashlib
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.fuzz.seeds import SEEDS, WORDS
from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent.parent / "samples" / "fuzz"
MOST_BYTES = 4096
MOST_FOUND = 10
"""A target that fails so often is not tried further."""


def mutated(data: bytes, seeds: list[bytes], words: list[bytes], chance: random.Random) -> bytes:
    """The data, changed in one to six places."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) + 1)
        length = min(len(changed) - at, 1 << chance.randrange(6))
        match chance.randrange(8):
            case 0 if changed:
                changed[min(at, len(changed) - 1)] ^= 1 << chance.randrange(8)
            case 1 if changed:
                changed[min(at, len(changed) - 1)] = chance.choice((0, 1, 12, 63, 64, 127, 128, 192, 255))
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + length] * chance.randint(1, 4)
            case 4:
                changed[at:at] = chance.choice(words)
            case 5:
                other = chance.choice(seeds)
                begin = chance.randrange(len(other) + 1)
                changed[at : at + length] = other[begin : begin + chance.randrange(64)]
            case 6:
                changed[at : at + length] = chance.randbytes(length)
            case _:
                del changed[max(at, 1) :]
    return bytes(changed[:MOST_BYTES])


def corpus(target: str) -> list[bytes]:
    """Inputs that once failed."""
    return [path.read_bytes() for path in sorted((CORPUS / target).glob("*"))]


def keep(target: str, data: bytes) -> Path:
    """Put an input that failed into the corpus."""
    path = CORPUS / target / f"{hashlib.blake2b(data, digest_size=6).hexdigest()}.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def shrunk(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """A shorter input that fails too: pieces are taken out as long as it does."""
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if fails(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data


def run(target: str, count: int, seed: int) -> int:
    """Try so many inputs; how many failed."""
    attempt, words = TARGETS[target], WORDS[target]
    seeds = [*SEEDS[target], *corpus(target)]
    chance = random.Random(f"{target} {seed}")
    found = 0
    begun = time.perf_counter()
    for number in range(count):
        data = seeds[number] if number < len(seeds) else mutated(chance.choice(seeds), seeds, words, chance)
        try:
            attempt(data)
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            said = traceback.format_exc()
            last = said.strip().splitlines()[-1]
            path = keep(target, shrunk(data, partial(_says_the_same, attempt, last)))
            print(f"{target}: input {number} fails, kept as {path}:\n{said}", file=sys.stderr)
            found += 1
            if found == MOST_FOUND:
                break
    print(f"{target}: {number + 1:,} inputs in {time.perf_counter() - begun:.0f} s, {found} failed", flush=True)
    return found


def _says_the_same(attempt: Callable[[bytes], None], said: str, data: bytes) -> bool:
    try:
        attempt(data)
    except Exception:  # noqa: BLE001 - see above
        return traceback.format_exc().strip().splitlines()[-1] == said
    return False


def _by_atheris(target: str, count: int) -> None:
    import atheris

    found = CORPUS / target
    found.mkdir(parents=True, exist_ok=True)
    reached = Path(tempfile.mkdtemp(prefix="cong-fuzz-"))  # inputs that reach code: many, and no faults
    for number, data in enumerate([*SEEDS[target], *corpus(target)]):
        (reached / str(number)).write_bytes(data)
    atheris.instrument_all()
    words = [sys.argv[0], f"-runs={count}", f"-max_len={MOST_BYTES}", f"-artifact_prefix={found}/", "-timeout=10"]
    atheris.Setup([*words, str(reached)], TARGETS[target])
    atheris.Fuzz()


def main() -> None:
    """See the module's text."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz")
    options.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all when none is given"
    )
    options.add_argument("--count", type=int, default=200_000, help="inputs for each target")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--atheris", action="store_true", help="led by coverage; one target")
    asked = options.parse_args()
    targets = asked.targets or list(TARGETS)
    if unknown := set(targets) - set(TARGETS):
        options.error(f"no such target: {', '.join(sorted(unknown))}")
    if asked.atheris:
        _by_atheris(targets[0], asked.count)
        return
    sys.exit(1 if sum(run(target, asked.count, asked.seed) for target in targets) else 0)


if __name__ == "__main__":
    main()
