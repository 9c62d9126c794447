"""Desk: the library's own word on names, as rows and as text; what patrons ask to be opened."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timezone

from gateway.clock import Clock
from gateway.desk.filter_asked import (
    GrantInput,
    OpenInput,
    RequestCode,
    RequestsAsked,
    RuleInput,
    RuleName,
    TextAsked,
    TextInput,
)
from gateway.desk.filter_told import OwnText, RequestRow, Requests, RuleRow, Rules, TextSaved, request_row, rule_row
from gateway.desk.filter_words import end_of, is_harm, site_name
from gateway.desk.table import Area, Caller, Nothing, Outcome, Page, RefusedError, act, view
from gateway.errors import UsageError
from gateway.flows.filter_lists import FilterLists
from gateway.flows.requests import grant_request, open_request, refuse_request
from gateway.flows.rule_texts import LineProblem, RuleTexts
from gateway.flows.rules import set_rule, take_back
from gateway.pages import text
from gateway.ports_rules import LocalRule, Overlay, RequestStore, RuleStore, UnblockRequest
from gateway.staff.roles import Right

_HISTORY, _MOST_PROBLEMS = 100, 8


class NameDesk:
    """What the rows of the table do."""

    def __init__(
        self,
        rules: RuleStore,
        overlay: Overlay,
        requests: RequestStore,
        texts: RuleTexts,
        lists: FilterLists,
        profiles: Collection[str],
        clock: Clock,
        zone: timezone,
    ) -> None:
        self._rules = rules
        self._overlay = overlay
        self._requests = requests
        self._texts = texts
        self._lists = lists
        self._profiles = profiles
        self._clock = clock
        self._zone = zone

    # the library's own word

    async def rules(self, asked: Nothing, caller: Caller) -> Rules:
        """View."""
        standing = await self._rules.standing_rules(self._clock.now())
        history = await self._rules.history(_HISTORY)
        return Rules(tuple(map(rule_row, standing)), tuple(map(rule_row, history)))

    async def set_rule(self, asked: RuleInput, caller: Caller) -> Outcome:
        """Act."""
        self._known(asked.profile)
        rule = self._rule(asked.name, asked.action, caller, asked.reason)
        end = end_of(asked.lasts, asked.until, rule.set_at, self._zone)
        return await self._set(rule, asked.profile or None, end)

    async def open_name(self, asked: OpenInput, caller: Caller) -> Outcome:
        """Act: for a time, for one profile; what harms is the librarian's to open."""
        self._known(asked.profile)
        rule = self._rule(asked.name, "allow", caller, "")
        verdict = await self._lists.why(rule.name, asked.profile, None)
        if is_harm(verdict.category):
            self._may_open_harm(caller)
        return await self._set(rule, asked.profile, end_of(asked.lasts, None, rule.set_at, self._zone))

    async def take_back(self, asked: RuleName, caller: Caller) -> Outcome:
        """Act."""
        rule = self._rule(asked.name, "none", caller, "")
        gone = await take_back(self._rules, self._overlay, rule, [asked.profile or None], rule.set_at)
        if not gone:
            raise RefusedError("filter_rule_gone", missing=True)
        before = {"action": gone[0].action, "profile": asked.profile, "reason": gone[0].reason}
        return Outcome(rule_row(gone[-1]), rule.name, before, {}, values={"name": rule.name})

    async def text(self, asked: TextAsked, caller: Caller) -> OwnText:
        """View."""
        self._known(asked.profile)
        found = await self._texts.shown(asked.action, asked.profile or None)
        return OwnText(asked.action, asked.profile, found.text, found.seal, found.names)

    async def save_text(self, asked: TextInput, caller: Caller) -> Outcome:
        """Act."""
        self._known(asked.profile)
        saved = await self._texts.save(asked.action, asked.profile or None, asked.text, asked.seal, caller.name)
        if saved.is_stale:
            raise RefusedError("filter_text_stale")
        if saved.problems:
            raise RefusedError("filter_text_lines", lines=_said(saved.problems, caller))
        counts = {"added": len(saved.added), "removed": len(saved.removed)}
        before, after = {"removed": list(saved.removed[:200])}, {"added": list(saved.added[:200])}
        subject = f"{asked.action} {asked.profile}".strip()
        return Outcome(TextSaved(saved.added, saved.removed), subject, before, after, values=counts)

    # what patrons ask for

    async def requests(self, asked: RequestsAsked, caller: Caller) -> Requests:
        """View."""
        found = await self._requests.requests(all_states=asked.all)
        return Requests(tuple(map(request_row, found)))

    async def grant(self, asked: GrantInput, caller: Caller) -> Outcome:
        """Act."""
        request = await self._open(asked.code)
        if asked.lasts == "always" and not caller.may(Right.FILTER):
            raise RefusedError("filter_always_right")
        if is_harm(request.category):
            self._may_open_harm(caller)
        rule = self._rule(request.name, "allow", caller, f"request {request.code}")
        end = end_of(asked.lasts, None, rule.set_at, self._zone)
        rule = LocalRule(rule.name, "allow", rule.author, rule.reason, rule.set_at, until_at=end)
        scopes = [None if asked.scope == "all" else request.profile]
        await grant_request(self._requests, self._rules, self._overlay, rule, scopes, request.code, rule.set_at)
        return await self._answered(request, {"until": end.isoformat() if end else None, "scope": scopes[0] or ""})

    async def refuse(self, asked: RequestCode, caller: Caller) -> Outcome:
        """Act."""
        request = await self._open(asked.code)
        await refuse_request(self._requests, request.code, caller.name, self._clock.now())
        return await self._answered(request, {})

    # pages

    async def names_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """Rows, and a form for one more."""
        return {"rules": await self.rules(Nothing(), caller), "profiles": self._profiles}

    async def text_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """A list as text."""
        asked = {key: value for key, value in query.items() if key in TextAsked.model_fields}
        return {"own": await self.text(TextAsked.model_validate(asked), caller), "profiles": self._profiles}

    async def requests_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """Open ones; with ?all=on answered ones too."""
        asked = RequestsAsked(all=query.get("all") == "on")
        return {"requests": (await self.requests(asked, caller)).requests, "shows_all": asked.all}

    # steps

    def _rule(self, name: str, action: str, caller: Caller, reason: str) -> LocalRule:
        return LocalRule(site_name(name), action, caller.name, reason, self._clock.now())

    async def _set(self, rule: LocalRule, profile: str | None, end: datetime | None) -> Outcome:
        told = LocalRule(rule.name, rule.action, rule.author, rule.reason, rule.set_at, profile, end)
        await set_rule(self._rules, self._overlay, told, [profile], rule.set_at)
        after = {"action": told.action, "profile": profile or "", "until": end.isoformat() if end else None}
        return Outcome(rule_row(told), rule.name, {}, after, values={"name": rule.name})

    async def _open(self, code: str) -> UnblockRequest:
        try:
            return await open_request(self._requests, code)
        except UsageError as error:
            raise RefusedError("filter_request_gone", missing=True) from error

    async def _answered(self, request: UnblockRequest, after: Mapping[str, object]) -> Outcome:
        now = await self._requests.request(request.code)
        return Outcome(request_row(now or request), request.name, {}, after, values={"name": request.name})

    def _known(self, profile: str) -> None:
        if profile and profile not in self._profiles:
            raise RefusedError("filter_profile", missing=True, name=profile)

    @staticmethod
    def _may_open_harm(caller: Caller) -> None:
        if not caller.may(Right.FILTER):
            raise RefusedError("filter_harm_right")


def filter_names(desk: NameDesk) -> Area:
    """Pages of names and of requests."""
    return Area(
        views=[
            view("filter.rules", "/filter/rules", Right.SEE, Nothing, Rules, desk.rules, "The library's own rules"),
            view("filter.text_read", "/filter/text", Right.SEE, TextAsked, OwnText, desk.text, "An own list as text"),
            view(
                "filter.requests", "/filter/requests", Right.SEE, RequestsAsked, Requests, desk.requests,
                "What patrons ask to be opened",
            ),
        ],
        acts=[
            act(
                "filter.rule", "POST", "/filter/rules", Right.FILTER, RuleInput, RuleRow, desk.set_rule,
                "Block or allow a name and all below it; effective within a second",
            ),
            act(
                "filter.open", "POST", "/filter/open", Right.SERVE, OpenInput, RuleRow, desk.open_name,
                "Open a name for an hour or today, for one profile",
            ),
            act(
                "filter.rule_end", "POST", "/filter/rules/take-back", Right.FILTER, RuleName, RuleRow, desk.take_back,
                "Take back what was said of a name; the lists decide again",
            ),
            act(
                "filter.text", "PUT", "/filter/text", Right.FILTER, TextInput, TextSaved, desk.save_text,
                "Replace an own list by a text", largest_bytes=2_000_000,
            ),
            act(
                "filter.grant", "POST", "/filter/requests/{code}/grant", Right.SERVE, GrantInput, RequestRow,
                desk.grant, "Open what was asked for",
            ),
            act(
                "filter.refuse", "POST", "/filter/requests/{code}/refuse", Right.SERVE, RequestCode, RequestRow,
                desk.refuse, "Leave what was asked for closed",
            ),
        ],
        pages=[
            Page("/filter/names", Right.SEE, "filter_names.html", desk.names_page, "filter"),
            Page("/filter/names/text", Right.FILTER, "filter_text.html", desk.text_page, "filter"),
            Page("/filter/requests", Right.SEE, "filter_requests.html", desk.requests_page, "filter"),
        ],
    )  # fmt: skip


def _said(problems: Sequence[LineProblem], caller: Caller) -> str:
    said = [
        text(
            caller.language, "desk.filter.line", line=each.line, text=each.text,
            why=text(caller.language, f"desk.filter.line.{each.why}"),
        )
        for each in problems[:_MOST_PROBLEMS]
    ]  # fmt: skip
    if len(problems) > _MOST_PROBLEMS:
        said.append(text(caller.language, "desk.filter.line.more", count=len(problems) - _MOST_PROBLEMS))
    return " ".join(said)
