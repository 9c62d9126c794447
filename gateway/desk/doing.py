"""An act as it is done, for form and program alike: right, input, trail, deed, trail."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from gateway.desk.inputs import Upload
from gateway.desk.table import Act, Caller, Input, Outcome, RefusedError
from gateway.desk.wrong import problems
from gateway.errors import GatewayError
from gateway.log import event
from gateway.pages import text
from gateway.ports_staff import CameOf, Deed, Trail

_LONGEST_ASKED = 400
_MAC = re.compile(r"\b(?:[0-9A-Fa-f]{2}[:-]){5}([0-9A-Fa-f]{2})\b")


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    outcome: Outcome | None = None
    says: str = ""
    """Why not, and what to do, in the caller's language."""
    fields: Mapping[str, str] | None = None
    """What is wrong with the input."""
    status: int = 200
    key: str = ""


class Doing:
    """Does acts; each is in the trail before and after."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    async def do(self, act: Act, raw: Mapping[str, object], caller: Caller) -> Done:
        """Check and do. Who has not the right is refused before the input is looked at."""
        if not caller.may(act.right):
            return Done(says=text(caller.language, "refused.right"), status=403, key="right")
        try:
            asked = act.asked.model_validate(dict(raw))
        except ValidationError as error:
            fields = problems(error, caller.language)
            return Done(says=text(caller.language, "refused.input"), fields=fields, status=422, key="input")
        deed = Deed(caller.at, caller.name, caller.role, caller.via, caller.address, act.name, _asked(act, asked))
        number = await self._trail.begin(deed)
        try:
            outcome = await act.do(asked, caller)
        except RefusedError as refusal:
            says = text(caller.language, f"refused.{refusal.key}", **refusal.values)
            await self._end(number, "refused", refusal.key)
            fields = {name: text(caller.language, f"wrong.{kind}") for name, kind in refusal.fields.items()}
            return Done(says=says, fields=fields, status=refusal.status, key=refusal.key)
        except (GatewayError, OSError) as error:
            event("desk.act_failed", "error", act=act.name, says=str(error)[:300])
            await self._end(number, "failed", str(error)[:300])
            return Done(says=text(caller.language, "refused.failed", says=_plain(error)), status=503, key="failed")
        changed = (outcome.before, outcome.after)
        before, after = (masked(json.dumps(dict(each), ensure_ascii=False, default=str)) for each in changed)
        await self._trail.end(number, "done", masked(outcome.subject), before, after, "")
        return Done(outcome)

    async def _end(self, number: int, came_of: CameOf, says: str) -> None:
        await self._trail.end(number, came_of, "", "{}", "{}", masked(says))


def _plain(error: Exception) -> str:
    return f"{error.message} {error.hint}".strip() if isinstance(error, GatewayError) else str(error)


def _asked(act: Act, asked: Input) -> str:
    """The input for the trail: no secrets, nothing long, no paths of ours."""
    shown: dict[str, object] = {}
    for name in type(asked).model_fields:
        value = getattr(asked, name)
        if name in act.secrets:
            shown[name] = "…"
        elif isinstance(value, Upload):
            shown[name] = f"{value.name[:100]} ({value.size_bytes} B)"
    rest = asked.model_dump(mode="json", exclude=set(shown))
    return masked(json.dumps({**{name: _short(value) for name, value in rest.items()}, **shown}, ensure_ascii=False))


def masked(words: str) -> str:
    """Of a patron's device the trail keeps two digits: a MAC is deleted after a week, the trail after years."""
    return _MAC.sub(r"…:\1", words)


def _short(value: object) -> object:
    if isinstance(value, str) and len(value) > _LONGEST_ASKED:
        return f"{value[:_LONGEST_ASKED]}… ({len(value)})"
    return value
