"""Tells the timeline what a device met at the portal's pages."""

from aiohttp import web

from gateway.access.timeline import Step
from gateway.flows.gate import Gate
from gateway.flows.timeline import Timeline
from gateway.portal.frame import device_of
from gateway.portal.patience import Handler

PROBLEM = web.RequestKey("problem", str)
"""Why a form was not taken, as the page says it."""


class Watching:
    """A middleware of the pages' applications."""

    def __init__(self, gate: Gate, timeline: Timeline) -> None:
        self._gate = gate
        self._timeline = timeline

    def over(self, application: web.Application) -> web.Application:
        """The application, watched."""
        application.middlewares.append(self.watched)
        return application

    @web.middleware
    async def watched(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The first page, a refused form, the API; nothing else is of interest."""
        response = await handler(request)
        step, detail = _step_of(request, response)
        if step and (mac := await device_of(self._gate, request)):
            self._timeline.note(mac, step, detail)
        return response


def _step_of(request: web.Request, response: web.StreamResponse) -> tuple[Step | None, str]:
    if problem := request.get(PROBLEM, ""):
        return Step.REFUSED, problem
    if request.path == "/captive-portal/api":
        return Step.API, ""
    if (request.method, request.path, response.status) == ("GET", "/", 200):
        return Step.PAGE, ""
    return None, ""
