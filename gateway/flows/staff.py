"""Staff: signing in with two factors, browsers that end, users, tokens, the first code."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from gateway.clock import Clock
from gateway.ports_accounts import Passwords
from gateway.ports_staff import Secrets, UserStore
from gateway.staff import passwords as rules
from gateway.staff import totp
from gateway.staff.lockout import Lockout
from gateway.staff.roles import Role
from gateway.staff.user import SignedIn, Token, User, UserId, name_of
from gateway.units import epoch_s

IDLE, LONGEST, PROVED_FOR = timedelta(hours=2), timedelta(hours=12), timedelta(minutes=10)
_SEEN_EACH, _RECOVERY_CODES, _FIRST_CODE_LIFE_S = timedelta(minutes=1), 8, 3600
_LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"
TOKEN_PREFIX = "cong_"


class StaffError(Exception):
    """It can't be: `key` names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Opened:
    """A browser was let in."""

    cookie: str
    user: User


class Staff:
    """The journeys of staff; one of a gateway."""

    def __init__(self, store: UserStore, passwords: Passwords, clock: Clock, site: str) -> None:
        self.store = store
        self.passwords = passwords
        """Slow hashes, one at a time: patrons' accounts have theirs made by the same."""
        self._clock = clock
        self._site = site
        self._lockout = Lockout()
        self._first: tuple[str, float] | None = None

    async def sign_in(self, name: str, password: str, code: str, address: str) -> Opened:
        """Let a browser in; StaffError: sign_in_wrong, sign_in_wait, code_needed, code_wrong."""
        known = name_of(name) or ""
        if not self._lockout.begin(known, address, self._clock.boot_s()):
            raise StaffError("sign_in_wait")
        found = await self.store.user(known) if known else None
        fits = await self.passwords.fits(rules.typed(password), found[1].password if found else None)
        if not fits or found is None or found[0].disabled_at is not None:
            raise StaffError("sign_in_wrong")
        user, held = found
        if held.totp is not None:
            if not code.strip():
                self._lockout.give_back(known, address)  # the password was right: only the code is missing
                raise StaffError("code_needed")
            if not await self._second_factor(user, held, code):
                raise StaffError("code_wrong")
        self._lockout.give_back(known, address)
        cookie = secrets.token_urlsafe(32)
        await self.store.sign_in(user.id, hashed(cookie), address, self._clock.now())
        return Opened(cookie, user)

    async def of_cookie(self, cookie: str) -> SignedIn | None:
        """Who holds it; None: nobody, or it was idle for too long."""
        browser = await self.store.signed_in(hashed(cookie)) if cookie else None
        if browser is None:
            return None
        now = self._clock.now()
        if now - browser.seen_at > IDLE or now - browser.opened_at > LONGEST or browser.opened_at > now:
            await self.store.sign_out(browser.key)
            return None
        if now - browser.seen_at > _SEEN_EACH:
            await self.store.seen(browser.key, now)
        return browser

    def is_proved(self, browser: SignedIn) -> bool:
        """Whether the password was typed just now: what a dangerous act asks for."""
        return timedelta(0) <= self._clock.now() - browser.proved_at <= PROVED_FOR

    async def prove(self, browser: SignedIn, password: str, address: str) -> None:
        """The password once more; StaffError: password_wrong, sign_in_wait."""
        await self._own_password(browser.user, password, address)
        await self.store.seen(browser.key, self._clock.now(), proved=True)

    async def sign_out(self, browser: SignedIn) -> None:
        """Forget the browser."""
        await self.store.sign_out(browser.key)

    async def forget_idle(self) -> None:
        """Forget browsers that ended by themselves."""
        now = self._clock.now()
        await self.store.forget_idle(now - IDLE, now - LONGEST)

    # users

    async def make_user(self, name: str, shown: str, role: Role, by: str, password: str = "") -> str:
        """A user with a first password, which is given back; StaffError: name_bad, name_taken, or of the password.

        Without `password` one is made, and must be changed at the first sign-in.
        """
        known = name_of(name)
        if known is None:
            raise StaffError("user_name_bad")
        first = password or _spoken()
        if password and (problem := rules.problem(password, known)):
            raise StaffError(problem)
        if role is Role.METRICS:
            raise StaffError("role_of_tokens")
        new = User(
            UserId(0), known, shown.strip() or known, role, not password, False, self._clock.now(), by, None, None
        )
        if await self.store.make_user(new, await self.passwords.hashed(rules.typed(first))) is None:
            raise StaffError("user_name_taken")
        return first

    async def change_user(self, name: str, role: Role, shown: str) -> User:
        """Another role or name; what the user was. StaffError: user_missing, last_administrator, role_of_tokens."""
        user = await self._user(name)
        if role is Role.METRICS:
            raise StaffError("role_of_tokens")
        if role is not Role.ADMINISTRATOR:
            await self._keep_one(user)
        await self.store.set_role(user.id, role, shown.strip() or user.name)
        return user

    async def disable(self, name: str, *, disabled: bool) -> None:
        """Let a user in no more, or again. StaffError: user_missing, last_administrator."""
        user = await self._user(name)
        if disabled:
            await self._keep_one(user)
        await self.store.set_disabled(user.id, self._clock.now() if disabled else None)

    async def reset_password(self, name: str) -> str:
        """A new first password, given back; the second factor stays."""
        user = await self._user(name)
        first = _spoken()
        await self.store.set_password(user.id, await self.passwords.hashed(first), must_change=True)
        return first

    async def change_password(self, browser: SignedIn, old: str, new: str, address: str) -> None:
        """One's own; StaffError: password_wrong, sign_in_wait, password_same, or of the new one."""
        await self._own_password(browser.user, old, address)
        if problem := rules.problem(new, browser.user.name):
            raise StaffError(problem)
        if rules.typed(new) == rules.typed(old):
            raise StaffError("password_same")
        stored = await self.passwords.hashed(rules.typed(new))
        await self.store.set_password(browser.user.id, stored, must_change=False, keep=browser.key)

    # second factor

    def new_secret(self, user: User) -> tuple[bytes, str, str]:
        """A secret that is not stored yet: its bytes, its text to type, its otpauth:// address."""
        secret = secrets.token_bytes(totp.SECRET_BYTES)
        issuer, text = quote(self._site, safe=""), totp.shown(secret)
        label = f"{issuer}:{quote(user.name, safe='')}"
        return secret, text, f"otpauth://totp/{label}?secret={text}&issuer={issuer}"

    async def begin_totp(self, browser: SignedIn, secret: bytes, code: str) -> Sequence[str]:
        """The second factor from now on, as the app's first code proves; the recovery codes. StaffError: code_wrong."""
        step = totp.fitting_step(secret, code, epoch_s(self._clock.now()), 0)
        if step is None:
            raise StaffError("code_wrong")
        codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(_RECOVERY_CODES)]
        await self.store.set_totp(browser.user.id, secret, [hashed(each) for each in codes], keep=browser.key)
        await self.store.use_step(browser.user.id, step)
        return codes

    async def end_totp(self, name: str, keep: str = "") -> None:
        """Without a second factor from now on."""
        user = await self._user(name)
        await self.store.set_totp(user.id, None, (), keep=keep)

    async def _second_factor(self, user: User, held: Secrets, code: str) -> bool:
        assert held.totp is not None
        now = self._clock.now()
        step = totp.fitting_step(held.totp, code, epoch_s(now), held.totp_step)
        if step is not None:
            return await self.store.use_step(user.id, step)
        plain = "".join(letter for letter in code.upper() if letter in _LETTERS)
        return len(plain) == 10 and await self.store.use_recovery(user.id, hashed(plain), now)

    # tokens

    async def make_token(self, name: str, role: Role, until: datetime | None, by: str) -> tuple[Token, str]:
        """A token and its text, which is told once. StaffError: token_name_taken."""
        text = TOKEN_PREFIX + secrets.token_urlsafe(32)
        new = Token(0, name, role, self._clock.now(), by, until, None, None)
        number = await self.store.make_token(new, hashed(text))
        if number is None:
            raise StaffError("token_name_taken")
        return replace(new, id=number), text

    async def of_token(self, text: str) -> Token | None:
        """The good token of a text."""
        token = await self.store.token(hashed(text)) if text.startswith(TOKEN_PREFIX) else None
        now = self._clock.now()
        if token is None or not token.is_good(now):
            return None
        if token.seen_at is None or now - token.seen_at > _SEEN_EACH:
            await self.store.token_seen(token.id, now)
        return token

    # the first user

    async def has_users(self) -> bool:
        """Whether anybody can sign in."""
        return any(each.disabled_at is None for each in await self.store.users())

    async def first_code(self) -> str | None:
        """A code that makes the first user, good for an hour; None: there are users."""
        if await self.has_users():
            return None
        code = "".join(secrets.choice(_LETTERS) for _ in range(8))
        self._first = (code, self._clock.boot_s() + _FIRST_CODE_LIFE_S)
        return code

    async def make_first(self, code: str, name: str, shown: str, password: str, address: str) -> Opened:
        """The first administrator, signed in. StaffError: first_code_wrong, sign_in_wait, or as make_user."""
        if not self._lockout.begin("", address, self._clock.boot_s()):
            raise StaffError("sign_in_wait")
        plain = "".join(letter for letter in code.upper() if letter in _LETTERS)
        good = self._first is not None and self._clock.boot_s() < self._first[1]
        if not good or self._first is None or not secrets.compare_digest(plain, self._first[0]):
            raise StaffError("first_code_wrong")
        if await self.has_users():
            raise StaffError("first_code_wrong")
        if problem := rules.problem(password, name_of(name) or ""):
            raise StaffError(problem)
        await self.make_user(name, shown, Role.ADMINISTRATOR, "first run", password)
        self._first = None
        self._lockout.give_back("", address)
        return await self.sign_in(name, password, "", address)

    async def _own_password(self, user: User, password: str, address: str) -> None:
        if not self._lockout.begin(user.name, address, self._clock.boot_s()):
            raise StaffError("sign_in_wait")
        found = await self.store.user(user.name)
        if not await self.passwords.fits(rules.typed(password), found[1].password if found else None):
            raise StaffError("password_wrong")
        self._lockout.give_back(user.name, address)

    async def _user(self, name: str) -> User:
        found = await self.store.user(name)
        if found is None:
            raise StaffError("user_missing")
        return found[0]

    async def _keep_one(self, user: User) -> None:
        others = [each for each in await self.store.users() if each.id != user.id]
        good = [each for each in others if each.role is Role.ADMINISTRATOR and each.disabled_at is None]
        if user.role is Role.ADMINISTRATOR and not good:
            raise StaffError("last_administrator")


def hashed(secret: str) -> str:
    """As random secrets are stored: they need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _spoken() -> str:
    """A first password that can be said over a table: three groups of four."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
