"""What cong voucher asks of the running gateway."""

from aiohttp import web

from gateway.flows.gate import Gate
from gateway.flows.vouchers import end_over
from gateway.ports_vouchers import VoucherStore


class VoucherDoor:
    """Routes beside those of Control."""

    def __init__(self, gate: Gate, vouchers: VoucherStore) -> None:
        self._gate = gate
        self._vouchers = vouchers

    def routes(self) -> list[web.RouteDef]:
        """For the control socket's application."""
        return [web.post("/vouchers/end-over", self.end_over)]

    async def end_over(self, request: web.Request) -> web.Response:
        """End the sessions of vouchers that were just revoked."""
        return web.json_response({"ended": await end_over(self._gate, self._vouchers)})
