"""The library's own accounts: a name and password checked at the door; who may no longer be on is ended."""

from gateway.access.account import key_of, person_of, typed_password
from gateway.access.login import WRONG, Claim, Method, Refused, Verified
from gateway.access.session import Cause, State
from gateway.clock import Clock
from gateway.flows.close import end
from gateway.flows.sign_in import Reception
from gateway.ports_accounts import AccountStore, Passwords


class LocalAccounts:
    """The Verifier of those who have an account of the library."""

    def __init__(self, store: AccountStore, passwords: Passwords, clock: Clock) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock

    async def verify(self, claim: Claim) -> Verified | Refused:
        """See Verifier. Only who knows the password is told how the account stands; all others take the same time."""
        key = key_of(claim.typed.get("name", ""))
        found = await self._store.by_key(key) if key.isprintable() else None
        password = typed_password(claim.typed.get("password", ""))
        fits = await self._passwords.fits(password, found[1] if found else None)
        if not fits or found is None:
            return Refused(WRONG)
        account, _ = found
        refusal = account.refusal(self._clock.now())
        return Refused(refusal) if refusal else Verified(person_of(key), account.written.profile)


async def end_shut(reception: Reception, store: AccountStore) -> int:
    """End the sessions of accounts that were disabled or removed, or have ended; how many."""
    gate = reception.gate
    live = [each.session for each in await gate.sessions.live_sessions()]
    by_account = [each for each in live if each.method == Method.ACCOUNT and each.state is State.OPEN]
    if not by_account:
        return 0
    now = gate.clock.now()
    known = [each for each in await store.accounts() if each.refusal(now) is None]
    welcome = {reception.pseudonym(person_of(each.key)) for each in known}
    shut = [each for each in by_account if each.person not in welcome]
    return sum([await end(gate, each, Cause.ADMIN_RESET) for each in shut])
