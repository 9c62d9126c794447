"""What a name's verdict is, and why: pure values, no packet, no clock.

`decide` and `decide_answer` are lists of steps in order of precedence; the first step with an opinion ends the walk.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from filters.blockset import Match
from filters.listed import OWN, Found, Lists, Weighed, answer_of, find, reach_in_words, weigh
from filters.names import BadNameError, is_under, normal_form, to_wire
from filters.rules import LocalRules
from filters.settings import Action, Refusal
from filters.special import NOBODY, Asker, Rewrite
from filters.special_names import Address, are_no_addresses, canary, is_block_page, is_private, special_name
from filters.verdict import NOTHING, Outcome, Step, Verdict

__all__ = ["NOTHING", "UPSTREAM", "Outcome", "Step", "Verdict", "View", "decide", "decide_answer"]

TYPE_A, TYPE_CNAME, TYPE_AAAA, TYPE_SVCB, TYPE_HTTPS, TYPE_ANY = 1, 5, 28, 64, 65, 255
UPSTREAM = "upstream"
"""The category of names an upstream has refused by itself."""
_MOST_LED = 8
REFUSED_UPSTREAM = frozenset({15, 16, 17})
"""Extended errors (RFC 8914) by which it says so: blocked, censored, filtered."""


@dataclass(frozen=True, slots=True)
class View:
    """All that decides, beside the question: one profile's view of lists and rules."""

    refused: Mapping[str, str]
    """Categories refused at this moment: "" always, or the name of the schedule that closes them now."""
    lists: Lists
    rules: LocalRules
    """Those of this profile that hold now."""
    records: Mapping[str, tuple[str, ...]]
    opened: Mapping[str, str] = field(default_factory=dict)
    """Categories the profile refuses at other times: the schedule that opens them now."""
    safe: Mapping[str, str] = field(default_factory=dict)
    """Search engines' and YouTube's names -> the safe variant each is made an alias of."""
    refusal: Refusal = Refusal.ZERO
    checks: frozenset[str] = frozenset()
    """Names devices ask to learn whether they are online."""
    inside: Collection[str] = ()
    """Zones the site's own resolvers answer: special names under them do go on."""


class _Question:
    """A question with all that decides it; what lists say is looked up once, by the first step that needs it."""

    __slots__ = ("_found", "asker", "freed", "led", "name", "qtype", "view")

    def __init__(
        self, name: str, qtype: int, view: View, asker: Asker, freed: frozenset[str] = frozenset(), led: int = 0
    ) -> None:
        """`freed`: categories that do not count for it; `led`: how many lines of lists have led to this name."""
        self.name, self.qtype, self.view, self.asker, self.freed, self.led = name, qtype, view, asker, freed, led
        self._found: Found | None = None

    @property
    def found(self) -> Found:
        """Lines of the profile's categories that hold, those opened now among them."""
        if self._found is None:
            view = self.view
            categories = {**view.opened, **view.refused} if view.opened else view.refused
            self._found = find(view.lists, self.name, self.qtype, self.asker, categories)
        return self._found

    def signed(self, verdict: Verdict) -> Verdict:
        """The verdict, marked if it depends on who asks."""
        return replace(verdict, by_asker=True) if self._found is not None and self._found.by_asker else verdict


def decide(name: str, qtype: int, view: View, asker: Asker = NOBODY) -> Verdict:
    """The verdict on a question, before anybody is asked."""
    question = _Question(name, qtype, view, asker)
    steps: tuple[Callable[[_Question], Verdict | None], ...] = (
        _canary,  # 1. before all else: a canary on some list as 0.0.0.0 would be an answer and turn DoH on
        _local_record,  # 2. the portal is reachable whatever lists say, also under home.arpa or internal
        _special_name,  # 3. leaks and harms nobody's rule can wish for: such names never go upstream
        _local_rule,  # 4. the site's own word, allow or block, stands over every list; the longest name wins
        _check,  # 5. a device that can't learn that it is online shows the sign-in for ever
        _important,  # 6. what a list marks as important, its own exceptions can't free
        _listed,  # 7. allowlist over schedule over category over pattern: filters.listed says how they are weighed
    )
    for step in steps:
        verdict = step(question)
        if verdict is not None:
            break
    return question.signed(_safe_search(question, verdict or NOTHING))  # 8. what is refused stays so, the open is led


def decide_answer(
    verdict: Verdict,
    targets: Iterable[str],
    addresses: Collection[Address],
    view: View,
    qtype: int,
    asker: Asker = NOBODY,
    codes: Collection[int] = (),
) -> Verdict:
    """The verdict once the upstream has answered: aliases first, then where the addresses lead.

    `verdict` is that of the question; what the site itself has opened is not looked at again. `addresses`: at least
    those that are private or block pages; `codes`: extended errors of the upstream (RFC 8914). An outcome FORWARD is
    the answer as it came, with Step.UPSTREAM one that counts as refused; any other takes the answer's place.
    """
    if verdict.allowed_here:
        return verdict
    for target in targets:  # 9. an alias must not carry a blocked name in (CNAME cloaking); an allowed name may
        question = _Question(target, qtype, view, asker, verdict.freed)
        found = _local_rule(question) or _important(question) or _listed(question)
        verdict = question.signed(verdict)
        if found and found.outcome is not Outcome.FORWARD:
            why = f"the name is an alias of {target}: {found.why}"
            led_on = found.outcome is Outcome.REWRITE  # nobody has resolved what a list leads the alias to
            outcome = Outcome.REFUSE if led_on else found.outcome
            return replace(found, outcome=outcome, step=Step.ALIAS, why=why, by_asker=verdict.by_asker)
    if are_no_addresses(addresses):  # 10. refused by the upstream already; 0.0.0.0 would lead a browser to itself
        why = "the upstream resolver refuses it: it answers that there is no address"
        return replace(verdict, outcome=Outcome.REFUSE, step=Step.UPSTREAM, why=why, category=UPSTREAM)
    for address in addresses:  # 11. a public name that leads inside attacks the library's own devices
        if is_private(address):
            why = f"a public name led to the private address {address}"
            return Verdict(Outcome.REFUSE, Step.REBINDING, why, by_asker=verdict.by_asker)
    if any(map(is_block_page, addresses)) or not REFUSED_UPSTREAM.isdisjoint(codes):
        why = "the upstream resolver refuses it"
        return replace(verdict, outcome=Outcome.FORWARD, step=Step.UPSTREAM, why=why, category=UPSTREAM)
    return verdict


def _canary(question: _Question) -> Verdict | None:
    known = canary(question.name)
    if known:
        return Verdict(Outcome.NXDOMAIN, Step.CANARY, known[1], rule=known[0])
    if is_under(question.name, "resolver.arpa"):
        # RFC 9462 section 4: no data is "no encrypted resolver here"; the name is never forwarded (section 6.4)
        return Verdict(Outcome.NODATA, Step.CANARY, "no other resolver is designated (RFC 9462)", rule="resolver.arpa")
    return None


def _local_record(question: _Question) -> Verdict | None:
    addresses = question.view.records.get(question.name)
    if addresses is None:
        return None
    family = {TYPE_A: ".", TYPE_AAAA: ":"}.get(question.qtype)
    fitting = tuple(address for address in addresses if family and family in address)
    outcome = Outcome.ADDRESSES if fitting else Outcome.NODATA
    why = "this box answers the name by itself"
    return Verdict(outcome, Step.LOCAL_RECORD, why, rule=question.name, addresses=fitting)


def _special_name(question: _Question) -> Verdict | None:
    if is_under(question.name, "localhost"):  # RFC 6761 section 6.3
        own = {TYPE_A: ("127.0.0.1",), TYPE_AAAA: ("::1",)}.get(question.qtype, ())
        outcome = Outcome.ADDRESSES if own else Outcome.NODATA
        return Verdict(outcome, Step.SPECIAL_NAME, "always the asking machine", rule="localhost", addresses=own)
    known = special_name(question.name)
    if known is None or any(is_under(question.name, zone) for zone in question.view.inside):
        return None
    return Verdict(Outcome.NXDOMAIN, Step.SPECIAL_NAME, known[1], rule=known[0])


def _local_rule(question: _Question) -> Verdict | None:
    rule = question.view.rules.match(question.name)
    if rule is None:
        return None
    outcome = Outcome.REFUSE if rule.action is Action.BLOCK else Outcome.FORWARD
    return Verdict(outcome, Step.LOCAL_RULE, rule.why, category=OWN, rule=rule.name)


def _check(question: _Question) -> Verdict | None:
    if question.name not in question.view.checks:
        return None
    question.freed = frozenset(question.view.refused) - {OWN}  # a list of the library's own is its word, as a rule is
    why = "devices learn from it whether they are online"
    kept = Verdict(Outcome.FORWARD, Step.CHECK, why, rule=question.name, freed=question.freed)
    return _important(question) or _listed(question) or kept


def _important(question: _Question) -> Verdict | None:
    if not question.found.levels:
        return None
    weighed = weigh(question.found, question.view.refused, question.freed, important=True)
    if weighed.blocking is None:
        question.freed = weighed.freed  # of what an important exception opens; other categories may still refuse it
        return None
    return _by_list(question, weighed, Step.IMPORTANT)


def _listed(question: _Question) -> Verdict | None:
    view = question.view
    if not question.found.levels:
        return None
    weighed = weigh(question.found, view.refused, question.freed)
    verdict = _by_list(question, weighed, Step.CATEGORY)
    if verdict is None and view.opened:
        match = weigh(question.found, view.opened, question.freed | frozenset(view.refused)).blocking
        if match:
            category, schedule = match.source.category, view.opened[match.source.category]
            why = f"schedule {schedule} opens category {category} now; {_said(match, 'has')}"
            return _from_list(Outcome.FORWARD, Step.SCHEDULE, match, why, schedule=schedule)
    return verdict


def _by_list(question: _Question, weighed: Weighed, step: Step) -> Verdict | None:
    match, refused = weighed.blocking, question.view.refused
    if match is None:
        if weighed.freeing is None:
            return None
        why = _said(weighed.freeing, "keeps open")
        return _from_list(Outcome.FORWARD, Step.ALLOWLIST, weighed.freeing, why, freed=weighed.freed)
    schedule = refused.get(match.source.category, "")
    if step is Step.CATEGORY:
        patterned = match.special is not None and not match.special.name
        step = Step.SCHEDULE if schedule else Step.PATTERN if patterned else step
    why = _said(match, "has") + (f", closed now by schedule {schedule}" if schedule else "")
    verdict = _from_list(Outcome.REFUSE, step, match, why, schedule=schedule, freed=weighed.freed)
    answer = answer_of(weighed)
    return _answered(question, verdict, answer) if answer else verdict


def _answered(question: _Question, verdict: Verdict, answer: Rewrite) -> Verdict:
    """A line that gives an answer of its own, as an outcome."""
    if answer.drop or answer.rcode not in (0, 3):
        return replace(verdict, outcome=Outcome.NOT_SERVED)
    if answer.tcp_only:
        return replace(verdict, outcome=Outcome.TRUNCATE)
    if answer.rcode:
        return replace(verdict, outcome=Outcome.NXDOMAIN)
    if answer.target:
        return _aliased(question, verdict, answer.target)
    fitting = tuple(record for record in answer.records if question.qtype in (record[0], TYPE_ANY))
    return replace(verdict, outcome=Outcome.RECORDS if fitting else Outcome.NODATA, records=fitting)


def _aliased(question: _Question, verdict: Verdict, target: str) -> Verdict:
    if target.startswith("*."):
        try:
            target = normal_form(f"{question.name}.{target[2:]}")
        except BadNameError:
            return verdict  # too long with the asked name before it: there is no such target
    if question.qtype in (TYPE_CNAME, TYPE_ANY):
        return replace(verdict, outcome=Outcome.RECORDS, records=((TYPE_CNAME, to_wire(target)),))
    if question.led < _MOST_LED:  # what it leads to, a list may say more of
        onward = _Question(target, question.qtype, question.view, question.asker, led=question.led + 1)
        found = _local_rule(onward) or _important(onward) or _listed(onward)
        verdict = onward.signed(verdict)
        if found and found.outcome is not Outcome.FORWARD:
            return onward.signed(replace(found, why=f"{verdict.why}; {found.why}"))
    return replace(verdict, outcome=Outcome.REWRITE, target=target)


def _safe_search(question: _Question, verdict: Verdict) -> Verdict:
    target = question.view.safe.get(question.name)
    opened_here = verdict.allowed_here and verdict.rule == question.name
    if target is None or opened_here or verdict.outcome is not Outcome.FORWARD:
        return verdict
    why = f"led to its safe variant {target}"
    if question.qtype in (TYPE_A, TYPE_AAAA):
        return replace(verdict, outcome=Outcome.REWRITE, step=Step.SAFE_SEARCH, why=why, target=target)
    if question.qtype in (TYPE_SVCB, TYPE_HTTPS):  # it would name the addresses, or the key, of the unsafe one
        return replace(verdict, outcome=Outcome.NODATA, step=Step.SAFE_SEARCH, why=why)
    return verdict


def _said(match: Match, verb: str) -> str:
    source, special = match.source, match.special
    said = f"{special.text}" if special else f"{match.listed} ({reach_in_words(match.reach)})"
    return f"list {source.name}, line {match.line}, {verb} {said}; category {source.category}"


def _from_list(
    outcome: Outcome, step: Step, match: Match, why: str, *, schedule: str = "", freed: frozenset[str] = frozenset()
) -> Verdict:
    source, text = match.source, match.special.text if match.special else ""
    return Verdict(
        outcome, step, why, source.category, source.name, match.line, match.listed, text, schedule, freed=freed
    )
