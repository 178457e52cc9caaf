"""The small web part, on loopback unless told otherwise: the pixel of mails that have one, and health.

GET never changes what the bot does: a fetched pixel is recorded as a sighting, most of which are machines, and no
rule sends anything because of one. A wrong token gets the same picture as a right one.
"""

import threading
from base64 import b64decode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mailbot.app import App
from mailbot.jobs.health import health
from mailbot.jobs.tracking import opened

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent GIF of one point (43 bytes)."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def build(app: App) -> Starlette:
    """The application: `/o/<token>.gif` and `/healthz`."""

    def pixel(request: Request) -> Response:
        keys = [business.key for business in app.settings.businesses]
        found = app.tokens.read_pixel(request.path_params["token"], keys)
        if found is not None and request.method == "GET":
            business, outgoing = found
            opened(app.office(business), outgoing, request.headers, app.now())
        return Response(PIXEL, media_type="image/gif", headers=_HEADERS)

    def healthz(_request: Request) -> Response:
        report = health(app.offices(), app.now())
        return JSONResponse(report.as_json(), status_code=200 if report.well else 503, headers=_HEADERS)

    return Starlette(routes=[Route("/o/{token:str}.gif", pixel), Route("/healthz", healthz)])


def serve(app: App, stop: threading.Event) -> None:
    """Answer until told to stop. Raises OSError where the port is taken."""
    web = app.settings.web
    server = uvicorn.Server(
        uvicorn.Config(build(app), host=web.host, port=web.port, log_level="warning", access_log=False)
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # signals are `run`'s

    def end() -> None:
        stop.wait()
        server.should_exit = True

    threading.Thread(target=end, daemon=True).start()
    server.run()
