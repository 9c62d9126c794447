"""Settings at the desk: groups of keys with where each value comes from; `cong settings` does the same."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gateway.desk.settings_asked import PREFIXES, RevertAsked, key_of, wanted
from gateway.desk.table import Act, Area, Caller, Input, Nothing, Outcome, Page, RefusedError, act, view
from gateway.flows.settings import Changed, Settings, Value, Wrong
from gateway.ports_settings import TermsTexts
from gateway.staff.roles import Right

_FORMS = {"duration", "size", "rate"}
_OF_KEY = {"holidays": "days", "recipients": "mail", "names": "names", "methods": "methods"}


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One key."""

    key: str
    value: str
    """As text: several values one a line."""
    origin: str
    """default, file, desk."""
    otherwise: str
    """What would stand there if the desk had set nothing."""
    unit: str
    """duration, size, rate, number, text, flag, choice, choices, lines, rows."""
    help: str
    """In English, of the configuration's reference."""


@dataclass(frozen=True, slots=True)
class SettingLines:
    """Every key the desk may set."""

    settings: Sequence[SettingLine]
    left_out: Sequence[str]
    """What stands in the desk's file and can't be used."""


@dataclass(frozen=True, slots=True)
class TermsVersion:
    """A text patrons accepted."""

    version: str
    language: str
    body: str
    first_used_at: datetime
    last_used_at: datetime | None
    consents: int


@dataclass(frozen=True, slots=True)
class TermsVersions:
    """All of them, the newest first."""

    versions: Sequence[TermsVersion]


@dataclass(frozen=True, slots=True)
class ChangedKeys:
    """What differs now."""

    keys: Sequence[str]


def settings(kept: Settings, terms: TermsTexts, profiles: Sequence[str]) -> Area:
    """`profiles`: names of the filter's profiles."""
    own = _Settings(kept, terms, profiles)
    see, change = Right.SEE_SETTINGS, Right.SETTINGS
    revert = act(
        "settings.revert",
        "DELETE",
        "/settings/{key}",
        change,
        RevertAsked,
        ChangedKeys,
        own.revert,
        "Back to what the file says",
    )
    return Area(
        views=[
            view("settings.list", "/settings", see, Nothing, SettingLines, own.list, "Settings with their origin"),
            view("settings.terms", "/settings/terms", see, Nothing, TermsVersions, own.terms, "Versions of the terms"),
        ],
        acts=[*(_act(group, asked, own) for group, (asked, _) in PREFIXES.items()), revert],
        pages=[
            Page("/settings", see, "settings.html", own.page, "settings"),
            Page("/settings/terms", see, "terms.html", own.terms_page, "settings"),
        ],
    )


def _act(group: str, asked: type[Input], own: "_Settings") -> Act:
    do: Callable[[Input, Caller], Awaitable[Outcome]] = partial(own.change, group)
    path = f"/settings/{group}" + ("/{of}" if group == "limits" else "")
    summary = (asked.__doc__ or "").rstrip(".")
    return act(f"settings.{group}", "PUT", path, Right.SETTINGS, asked, ChangedKeys, do, f"Set: {summary}")


class _Settings:
    def __init__(self, kept: Settings, terms: TermsTexts, profiles: Sequence[str]) -> None:
        self._kept, self._terms, self._profiles = kept, terms, profiles

    async def list(self, asked: Nothing, caller: Caller) -> SettingLines:
        values = await self._kept.values()
        return SettingLines([_line(each) for each in values.values()], await self._kept.left_out())

    async def page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        lines = {line.key: line for line in (await self.list(Nothing(), caller)).settings}
        groups = {
            group: {name: lines.get(key_of(group, name)) for name in asked.model_fields if name != "of"}
            for group, (asked, _) in PREFIXES.items()
            if group != "limits"
        }
        limits = {
            profile: {
                name: lines.get(key_of("limits", name, profile))
                for name in PREFIXES["limits"][0].model_fields
                if name != "of"
            }
            for profile in self._profiles
        }
        left_out = await self._kept.left_out()
        return {"groups": groups, "limits": limits, "profiles": self._profiles, "left_out": left_out}

    async def change(self, group: str, asked: Input, caller: Caller) -> Outcome:
        keys = wanted(group, asked)
        of = str(getattr(asked, "of", ""))
        if of and of not in self._profiles:
            raise RefusedError("settings_no_profile", missing=True)
        return self._outcome(await self._kept.change(keys), group, asked, of)

    async def revert(self, asked: RevertAsked, caller: Caller) -> Outcome:
        return self._outcome(await self._kept.revert([asked.key]), asked.key, asked, "")

    async def terms(self, asked: Nothing, caller: Caller) -> TermsVersions:
        found = await self._terms.versions()
        return TermsVersions(
            [
                TermsVersion(
                    each.version, each.language, each.body, each.first_used_at, each.last_used_at, each.consents
                )
                for each in found
            ]
        )

    async def terms_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        return {"versions": (await self.terms(Nothing(), caller)).versions}

    def _outcome(self, changed: Changed, subject: str, asked: Input, of: str) -> Outcome:
        if changed.wrong:
            fields = type(asked).model_fields if subject in PREFIXES else ()
            raise refused(changed.wrong, {key_of(subject, name, of): name for name in fields})
        keys = tuple(changed.after)
        goto = f"/settings#{subject}" if subject in PREFIXES else "/settings"
        values = {"count": len(keys)}
        return Outcome(ChangedKeys(keys), subject, changed.before, changed.after, goto=goto, values=values)


def refused(wrong: Sequence[Wrong], names: Mapping[str, str]) -> RefusedError:
    """What the configuration's own checks say, put to the fields; `names`: the field of each key."""
    says = "; ".join(f"{each.key}: {each.says}".strip(": ") for each in wrong)
    refusal = RefusedError("settings_wrong", says=says)
    refusal.fields = {names[each.key]: _kind(names[each.key]) for each in wrong if each.key in names}
    return refusal


def _kind(name: str) -> str:
    """Which text says what is wrong with the field."""
    if name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        return "form_hours"
    if name in _OF_KEY:
        return f"form_{_OF_KEY[name]}"
    if name in ("limit", "idle", "day_time", "warn"):
        return "form_duration"
    if name in ("data", "day_data"):
        return "form_size"
    return "form_rate" if name in ("up", "down") else "wrong"


def _line(one: Value) -> SettingLine:
    column = one.setting.column
    return SettingLine(
        one.setting.key, _text(one.value), one.origin, _text(one.without_desk), column.form.value, column.help
    )


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return "\n".join(_text(each) for each in value)
        case dict():
            return "; ".join(f"{name}: {_text(each)}" for name, each in value.items())
        case _:
            return str(value)
