"""/metrics for Prometheus: sums of the box, nothing of a device, a name or a person."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.desk.api import Api
from gateway.desk.measures import Measures
from gateway.staff.roles import Right


def metrics_route(api: Api, measure: Callable[[], Awaitable[Measures]]) -> web.RouteDef:
    """For the desk's application; a token with the right `metrics` reads it."""

    async def metrics(request: web.Request) -> web.Response:
        await api.allowed(request, Right.METRICS)
        from gateway.desk.exposition import exposition  # its library takes a tenth of a second to load: not at start

        body = exposition(await measure())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    return web.get("/metrics", api.answered(metrics))
