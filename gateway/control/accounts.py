"""What cong account asks of the running gateway."""

from aiohttp import web

from gateway.flows.local_accounts import end_shut
from gateway.flows.sign_in import Reception
from gateway.ports_accounts import AccountStore


class AccountDoor:
    """Routes beside those of Control."""

    def __init__(self, reception: Reception, accounts: AccountStore) -> None:
        self._reception = reception
        self._accounts = accounts

    def routes(self) -> list[web.RouteDef]:
        """For the control socket's application."""
        return [web.post("/accounts/end-shut", self.end_shut)]

    async def end_shut(self, request: web.Request) -> web.Response:
        """End the sessions of accounts that were just disabled or removed."""
        return web.json_response({"ended": await end_shut(self._reception, self._accounts)})
