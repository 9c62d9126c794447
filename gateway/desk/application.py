"""The desk as one aiohttp application: the table's pages, forms, files, streams and API."""

from collections.abc import Collection

from aiohttp import web

from gateway.desk.api import Api
from gateway.desk.first_run import FirstRun
from gateway.desk.frame import Frame
from gateway.desk.live import LivePages
from gateway.desk.render import DeskPages
from gateway.desk.signing_in import SigningIn
from gateway.desk.table import Area


def application(
    frame: Frame, pages: DeskPages, api: Api, areas: Collection[Area], *more: web.RouteDef
) -> web.Application:
    """All routes and `more`, behind the frame's walls."""
    found = web.Application(middlewares=[frame.guarded], client_max_size=1024)  # bodies are read by desk/bodies alone
    signing_in = SigningIn(frame)
    found.add_routes(signing_in.routes())
    found.add_routes(FirstRun(frame, signing_in).routes())
    found.add_routes(frame.routes(areas))
    live = LivePages(frame, pages)
    found.add_routes(live.routes(areas))
    found.on_shutdown.append(live.close)
    found.add_routes([*more, *api.routes(areas)])
    return found
