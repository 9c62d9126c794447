"""Inputs that once made the filter fail, and a short run of the fuzzers; `make fuzz` is the long one."""

import random

import pytest

from tests.fuzz.__main__ import corpus, mutated
from tests.fuzz.seeds import SEEDS, WORDS
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_what_once_failed_holds(target: str) -> None:
    for data in corpus(target):
        TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_and_a_few_mutations_hold(target: str) -> None:
    seeds = SEEDS[target]
    chance = random.Random(target)
    for data in seeds:
        TARGETS[target](data)
    for _ in range(300):
        TARGETS[target](mutated(chance.choice(seeds), seeds, WORDS[target], chance))
