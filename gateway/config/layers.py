"""The administrator's file, and over it what the desk has set -> Config (pure).

The desk's file can never keep the gateway from starting: what does not fit any more is left out, key by key, and told.
"""

import tomllib
from dataclasses import dataclass
from functools import cache

from pydantic import ValidationError

from gateway.config.example import example_config
from gateway.config.model import Config
from gateway.config.problems import Problem, problems_of
from gateway.config.settable import is_settable
from gateway.config.toml import Tree, at, leaves, merged, read_tree, with_value
from gateway.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Layers:
    """What stands in force, and where it comes from."""

    config: Config
    base: Tree
    """The administrator's file."""
    desk: Tree
    """What the desk has set, without what is left out."""
    left_out: tuple[str, ...] = ()
    """What stands in the desk's file and can't be used, each with its key and reason."""


def layered(base_text: str, desk_text: str | None, *, where: str, desk_where: str) -> Layers:
    """ConfigError names the file with the problem: only the administrator's can raise one."""
    base = read_tree(base_text, where=where)
    try:
        plain = Config.model_validate(base)
    except ValidationError as error:
        raise ConfigError(tuple(map(str, problems_of(error))), where=where) from error
    if desk_text is None:
        return Layers(plain, base, {})
    try:
        desk = read_tree(desk_text, where=desk_where)
    except ConfigError as error:
        return Layers(plain, base, {}, error.problems)
    foreign = [path for path in leaves(desk) if not is_settable(path)]
    own: Tree = {}
    for path in leaves(desk):
        own = own if path in foreign else with_value(own, path, at(desk, path))
    told = tuple(f"{'.'.join(path)}: is not the desk's to set" for path in foreign)
    both = laid_over(base, own)
    return Layers(both, base, own, told) if isinstance(both, Config) else _salvaged(base, own, plain, told)


def laid_over(base: Tree, desk: Tree) -> Config | tuple[Problem, ...]:
    """Both together, or why they don't fit."""
    try:
        return Config.model_validate(merged(_with_default_profiles(base, desk), desk))
    except ValidationError as error:
        return tuple(problems_of(error))


@cache
def defaults() -> Tree:
    """Every key that has a default, as the file would have it."""
    return tomllib.loads(example_config())


def _with_default_profiles(base: Tree, desk: Tree) -> Tree:
    """Profiles in a file take the place of the default ones, all of them; a key of the desk must not."""
    if "profiles" in desk.get("dns", {}) and "profiles" not in base.get("dns", {}):
        return with_value(base, ("dns", "profiles"), defaults()["dns"]["profiles"])
    return base


def _salvaged(base: Tree, desk: Tree, plain: Config, told: tuple[str, ...]) -> Layers:
    """As much of the desk's file as fits: keys are tried one by one, twice, for some need others."""
    kept: Tree = {}
    config, waiting, said = plain, leaves(desk), {}
    for _ in range(2):
        for path in tuple(waiting):
            tried = with_value(kept, path, at(desk, path))
            both = laid_over(base, tried)
            if isinstance(both, Config):
                config, kept = both, tried
                waiting.remove(path)
            else:
                said[path] = f"{'.'.join(path)}: {both[0].says}"
    return Layers(config, base, kept, (*told, *(said[path] for path in waiting)))
