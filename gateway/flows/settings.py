"""THE DESK'S SETTINGS: keys of the configuration that stand over the administrator's file.

A change is checked as the whole it makes, by the reader that starts the gateway, before anything is written; running
programs see the file change and take it up by themselves (daemon/renewing, filters/server).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.config.layers import Layers, defaults, laid_over, layered
from gateway.config.model import Config
from gateway.config.problems import Problem
from gateway.config.settable import Column, Form, Setting, settings
from gateway.config.toml import Tree, as_toml, at, with_value, without
from gateway.ports_settings import SettingsFiles

_HEAD = "# Set at the desk (or with: cong settings). These keys stand over those of the administrator's file.\n\n"


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in force for one key."""

    setting: Setting
    value: Any
    """As TOML has it."""
    origin: str
    """default, file, desk."""
    without_desk: Any
    """What would stand there if the desk had set nothing."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a key can't be set so."""

    key: str
    """"" when it is the whole that does not fit."""
    kind: str
    """unknown, not_printable, or pydantic's word: value_error, less_than_equal …"""
    says: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of a change: either problems and nothing done, or what differs now."""

    wrong: tuple[Wrong, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


class Settings:
    """Read, change, take back."""

    def __init__(self, files: SettingsFiles) -> None:
        self._files = files

    async def values(self) -> Mapping[str, Value]:
        """Every key the desk may set."""
        layers = await self._layers()
        return {key: _value(setting, layers) for key, setting in _known(layers.config).items()}

    async def config(self) -> Config:
        """What stands in the files now; a running program takes it up within seconds."""
        return (await self._layers()).config

    async def left_out(self) -> Sequence[str]:
        """What can't be used of the desk's file, with its reason; nobody need look while it is empty."""
        return (await self._layers()).left_out

    async def change(self, wanted: Mapping[str, object]) -> Changed:
        """Set several keys in one step: all or none. Values as TOML has them, or as a form sends them."""
        async with self._files.turn():
            layers = await self._layers()
            known = _known(layers.config)
            if wrong := _refused(wanted, known):
                return Changed(tuple(wrong))
            desk = layers.desk
            for key, raw in wanted.items():
                value = as_value(known[key].column, raw)
                is_new = value != _value(known[key], layers).without_desk
                desk = with_value(desk, known[key].path, value) if is_new else without(desk, known[key].path)
            return await self._written(layers, desk, [known[key] for key in wanted])

    async def revert(self, keys: Sequence[str]) -> Changed:
        """Let these keys be what the administrator's file, or the default, says."""
        async with self._files.turn():
            layers = await self._layers()
            known = _known(layers.config)
            if wrong := _refused(dict.fromkeys(keys), known):
                return Changed(tuple(wrong))
            desk = layers.desk
            for key in keys:
                desk = without(desk, known[key].path)
            return await self._written(layers, desk, [known[key] for key in keys])

    async def _written(self, layers: Layers, desk: Tree, touched: Sequence[Setting]) -> Changed:
        config = laid_over(layers.base, desk)
        if not isinstance(config, Config):
            return Changed(tuple(_wrong(problem, touched) for problem in config))
        new = Layers(config, layers.base, desk)
        before = {each.key: _value(each, layers).value for each in touched}
        after = {each.key: _value(each, new).value for each in touched}
        differ = [key for key in before if before[key] != after[key]]
        if desk != layers.desk:
            await self._files.write(_HEAD + as_toml(desk))
        return Changed((), {key: before[key] for key in differ}, {key: after[key] for key in differ})

    async def _layers(self) -> Layers:
        texts = await self._files.read()
        return layered(texts.base, texts.desk, where=texts.base_name, desk_where=texts.desk_name)


def as_value(column: Column, raw: object) -> object:
    """A form's text as the file would have it; what is no text already is."""
    if not isinstance(raw, str):
        return list(raw) if isinstance(raw, tuple) else raw
    text = raw.strip()
    match column.form:
        case Form.FLAG if text in ("on", "true", "off", "false", ""):
            return text in ("on", "true")
        case Form.NUMBER if text.lstrip("-").isdigit() and text.isascii():
            return int(text)
        case Form.LINES | Form.CHOICES:
            return [line.strip() for line in text.splitlines() if line.strip()]
        case _:
            return text


def _known(config: Config) -> Mapping[str, Setting]:
    return settings(tuple(config.dns.profiles))


def _value(setting: Setting, layers: Layers) -> Value:
    file, value = _at(layers.base, setting), _at(layers.desk, setting)
    below = _default(setting) if file is None else file
    if value is not None:
        return Value(setting, value, "desk", below)
    return Value(setting, below, "default" if file is None else "file", below)


def _at(tree: Tree, setting: Setting) -> Any:
    try:
        return at(tree, setting.path)
    except KeyError:
        return None


def _default(setting: Setting) -> Any:
    found = _at(defaults(), setting)
    if found is not None:
        return found
    # the example leaves out lists of tables there are none of, and repeats of a profile's own defaults
    empty = {Form.FLAG: False, Form.LINES: [], Form.CHOICES: [], Form.ROWS: []}
    if setting.column.form is Form.CHOICE:
        return "" if setting.column.may_be_empty else setting.column.choices[0]
    return empty.get(setting.column.form, "")


def _refused(wanted: Mapping[str, object], known: Mapping[str, Setting]) -> list[Wrong]:
    wrong = [Wrong(key, "unknown", "is not the desk's to set") for key in wanted if key not in known]
    for key, value in wanted.items():
        if not all(text.replace("\r\n", "\n").replace("\n", "").isprintable() for text in _texts(value)):
            wrong.append(Wrong(key, "not_printable", "only printable letters"))
    return wrong


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def _wrong(problem: Problem, touched: Sequence[Setting]) -> Wrong:
    """Put to the key it is about: by its path, by the path its text begins with, else to the whole."""
    said, colon, rest = problem.says.partition(": ")
    path = tuple(str(part) for part in problem.path)
    told = (*path, *said.split(".")) if colon else path
    for each in touched:
        if each.path == path[: len(each.path)]:
            return Wrong(each.key, problem.kind, problem.says)
        if each.path == told[: len(each.path)]:
            return Wrong(each.key, problem.kind, rest)
    under = [each for each in touched if each.path[: len(path)] == path]
    return Wrong(under[0].key if len(under) == 1 else "", problem.kind, problem.says)
