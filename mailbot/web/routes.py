"""Which address does what.

| address | GET | POST |
| --- | --- | --- |
| /o/TOKEN.gif | the picture; noted as a sighting | - |
| /i/TOKEN | the client's page; noted as a sighting where clicks are tracked | - |
| /i/TOKEN/document/NUMBER | the file of an invoice | - |
| /i/TOKEN/answer, /consent, /done | - , - , what was noted | an answer; a yes or no to being tracked |
| /u/TOKEN | asks for a click | stop (RFC 8058: at once, without cookies or further questions) |
| /healthz, /metrics | for the machines of whoever runs it | - |
"""

import mimetypes
from base64 import b64decode
from collections.abc import Mapping
from functools import partial
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mailbot.app import App
from mailbot.errors import LedgerError
from mailbot.jobs.consenting import record_consent
from mailbot.jobs.health import health
from mailbot.jobs.pageanswers import PageAnswer, read_answer, record_answer
from mailbot.jobs.pages import ClientPage, Visit, answers_given, client_page, page_document, visit
from mailbot.jobs.tracking import Sightings
from mailbot.outbox.tokens import LinkPurpose
from mailbot.outbox.tracking import Kind, sighting
from mailbot.web.guard import Limiter, StrictHeaders, TooLongError, address_of, bounded_body, network_of
from mailbot.web.metrics import exposition
from mailbot.web.pages import Pages, Place, Say, language_of
from mailbot.web.private import may_look_inside

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent GIF of one point (42 bytes)."""


class Web:
    """What the addresses share: the installation, the sightings that are not recorded yet, and the limit."""

    def __init__(self, app: App, sightings: Sightings, limiter: Limiter) -> None:
        self.app = app
        self.sightings = sightings
        self.limiter = limiter
        self.pages = Pages()
        self.root = urlsplit(app.settings.web.public_url or "").path.rstrip("/")

    # ------------------------------------------------------------------------ pictures

    async def picture(self, request: Request) -> Response:
        """Always the same picture. It is noted in memory only: nobody waits for the ledger here."""
        name = self.app.tokens.read_link("picture", request.path_params["token"])
        if name is not None and request.method == "GET" and self._allows(request):
            self._note("opened", name, "picture", request)
        # Webmail of other sites shows it.
        return Response(PIXEL, media_type="image/gif", headers={"Cross-Origin-Resource-Policy": "cross-origin"})

    # ------------------------------------------------------------------------ pages

    async def page(self, request: Request) -> Response:
        """The client's page."""
        seen = await self._visit(request, "page")
        if isinstance(seen, Response):
            return seen
        if request.method == "GET":
            self._note("clicked", seen.name, "page", request)
        facts = await run_in_threadpool(client_page, seen, self.app.now())
        return self._shown(request, seen, facts)

    async def document(self, request: Request) -> Response:
        """The file of one invoice of the page."""
        seen = await self._visit(request, "page")
        if isinstance(seen, Response):
            return seen
        found = await run_in_threadpool(page_document, seen, request.path_params["number"], self.app.now())
        if found is None:
            return self._plain(request, "gone", 404)
        name, content = found
        kind = "application/xml" if name.lower().endswith(".xml") else mimetypes.guess_type(name)[0]
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return Response(
            content, media_type=kind or "application/octet-stream", headers={"Content-Disposition": disposition}
        )

    async def answer(self, request: Request) -> Response:
        """What a client answers becomes events; then a page that says so, which may be reloaded."""
        seen = await self._visit(request, "page")
        if isinstance(seen, Response):
            return seen
        pairs = await self._posted(request)
        fields, now = dict(reversed(pairs)), self.app.now()
        facts = await run_in_threadpool(client_page, seen, now)
        language = self._language(request, facts.language, fields.get("lang", ""))
        opened = fields.get("answer", "")
        if not self.app.tokens.is_form(seen.name, fields.get("form", ""), now.date()):
            return self._shown(request, seen, facts, language, opened, "error_form", 403)
        chosen = [text for key, text in pairs if key == "invoice"]
        given = read_answer(fields, chosen, [one.number for one in facts.owed], facts.today)
        if isinstance(given, str):
            return self._shown(request, seen, facts, language, opened, given, 422)
        await run_in_threadpool(record_answer, seen, given, now)
        return self._to(request, f"/done?lang={language}")

    async def done(self, request: Request) -> Response:
        """What was noted last."""
        seen = await self._visit(request, "page")
        if isinstance(seen, Response):
            return seen
        answers = await run_in_threadpool(answers_given, seen)
        if not answers:
            return self._to(request, "")
        facts = await run_in_threadpool(client_page, seen, self.app.now())
        language = self._language(request, facts.language)
        here = self._here(request)
        back = f"{here}?lang={language}"
        return HTMLResponse(
            self.pages.done(answers, seen.office.business, Place(self.root, f"{here}/done"), language, back)
        )

    async def consent(self, request: Request) -> Response:
        """A yes or a no to being tracked, with the words that were shown."""
        seen = await self._visit(request, "page")
        if isinstance(seen, Response):
            return seen
        fields, now = dict(await self._posted(request)), self.app.now()
        facts = await run_in_threadpool(client_page, seen, now)
        language = self._language(request, facts.language, fields.get("lang", ""))
        if not self.app.tokens.is_form(seen.name, fields.get("form", ""), now.date()):
            return self._shown(request, seen, facts, language, "", "error_form", 403)
        given = fields.get("given") == "yes"
        if facts.tracking:
            words = Say(language)(f"tracking_{facts.tracking}", business=seen.office.business.name)
            keep = partial(record_consent, seen.office, seen.client, seen.row.recipient)
            await run_in_threadpool(partial(keep, given=given, by="page", note=words, now=now))
        return self._to(request, f"?lang={language}#tracking")

    # ------------------------------------------------------------------------ stop

    async def stop(self, request: Request) -> Response:
        """GET asks, POST acts: mail programs post without asking, scanners only get."""
        seen = await self._visit(request, "stop")
        if isinstance(seen, Response):
            return seen
        pairs = dict(await self._posted(request)) if request.method == "POST" else {}
        language = self._language(request, seen.office.business.language, pairs.get("lang", ""))
        place = Place(self.root, f"{self.root}{request.url.path}")
        if request.method != "POST":
            return HTMLResponse(self.pages.stop(seen.office.business, place, language))
        by = "one_click" if pairs.get("List-Unsubscribe") == "One-Click" else "page"
        await run_in_threadpool(partial(record_answer, seen, PageAnswer("stop"), self.app.now(), by=by))
        return HTMLResponse(self.pages.stopped(seen.office.business, place, language))

    # ------------------------------------------------------------------------ for machines

    async def style(self, _request: Request) -> Response:
        """The one style sheet; it may be kept for an hour."""
        return Response(self.pages.style, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})

    async def healthz(self, request: Request) -> Response:
        """Whether it works; in figures only for those who may look inside."""
        report = await run_in_threadpool(lambda: health(self.app.offices(), self.app.now()))
        inside = may_look_inside(request, self.app.settings.web)
        said = report.as_json() if inside else {"well": report.well}
        return JSONResponse(said, status_code=200 if report.well else 503)

    async def metrics(self, request: Request) -> Response:
        """For Prometheus, on loopback or with the token."""
        if not may_look_inside(request, self.app.settings.web):
            return PlainTextResponse("not found\n", status_code=404)
        text, kind = await run_in_threadpool(exposition, self.app)
        return Response(text, headers={"Content-Type": kind})

    # ------------------------------------------------------------------------ what they share

    def _allows(self, request: Request) -> bool:
        return self.limiter.allows(network_of(address_of(request)))

    def _note(self, kind: Kind, name: str, what: str, request: Request) -> None:
        seen = sighting(kind, name, what, request.headers, address_of(request), self.app.now())
        self.sightings.add(seen)

    async def _visit(self, request: Request, purpose: LinkPurpose) -> Visit | Response:
        """Whose page it is, or the answer to whom has none."""
        if not self._allows(request):
            busy = self._plain(request, "busy", 429)
            busy.headers["Retry-After"] = "60"
            return busy
        name = self.app.tokens.read_link(purpose, request.path_params["token"])
        if name is None:
            return self._plain(request, "gone", 404)
        seen = await run_in_threadpool(visit, self.app.engine, self.app.office, name, self.app.now())
        return seen if seen is not None else self._plain(request, "gone", 404)

    async def _posted(self, request: Request) -> list[tuple[str, str]]:
        """The fields of a form. Raises HTTPException where they are too long or too many."""
        try:
            body = await bounded_body(request)
            return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)
        except (TooLongError, ValueError) as error:
            raise HTTPException(413) from error
        except ClientDisconnect as error:  # gone, or slower than our patience: nobody reads the answer
            raise HTTPException(408) from error

    def _shown(
        self, request: Request, seen: Visit, facts: ClientPage, language: str = "", opened: str = "",
        error: str = "", status: int = 200,
    ) -> Response:  # fmt: skip
        form = self.app.tokens.form(seen.name, self.app.now().date())
        language = language or self._language(request, facts.language)
        place = Place(self.root, self._here(request))
        html = self.pages.page(facts, seen.office.business, place, language, form, opened=opened, error=error)
        return HTMLResponse(html, status_code=status)

    def _plain(self, request: Request, what: str, status: int) -> Response:
        language = self._language(request, "")
        return HTMLResponse(self.pages.plain(what, Place(self.root, ""), language), status_code=status)

    def _to(self, request: Request, rest: str) -> Response:
        """See other: reloading what follows posts nothing again."""
        return RedirectResponse(f"{self._here(request)}{rest}", status_code=303)

    def _here(self, request: Request) -> str:
        return f"{self.root}/i/{request.path_params['token'].lower()}"

    def _language(self, request: Request, known: str, posted: str = "") -> str:
        asked = posted or request.query_params.get("lang", "")
        return language_of(asked, known, request.headers.get("accept-language", ""))

    async def failed(self, request: Request, error: Exception) -> Response:
        """What went wrong is said in one sentence, never in detail."""
        status = error.status_code if isinstance(error, HTTPException) else 503
        what = "gone" if status in (404, 405) else "failed"
        return self._plain(request, what, status)


def build(app: App, sightings: Sightings | None = None, limiter: Limiter | None = None) -> ASGIApp:
    """The application; sightings are only noted, `serving.flush` records them."""
    noted = Sightings() if sightings is None else sightings
    web = Web(app, noted, Limiter() if limiter is None else limiter)
    # An exception that nobody foresaw is shown as the same sentence; uvicorn logs it.
    handlers: Mapping[type[Exception], object] = dict.fromkeys((HTTPException, LedgerError, Exception), web.failed)
    public = urlsplit(app.settings.web.public_url or "")
    secure_host = (public.hostname or "") if public.scheme == "https" else ""
    application = Starlette(
        routes=[
            Route("/o/{token:str}.gif", web.picture),
            Route("/i/{token:str}", web.page),
            Route("/i/{token:str}/document/{number:path}", web.document),
            Route("/i/{token:str}/answer", web.answer, methods=["POST"]),
            Route("/i/{token:str}/consent", web.consent, methods=["POST"]),
            Route("/i/{token:str}/done", web.done),
            Route("/u/{token:str}", web.stop, methods=["GET", "POST"]),
            Route("/style.css", web.style),
            Route("/healthz", web.healthz),
            Route("/metrics", web.metrics),
        ],
        exception_handlers=handlers,  # type: ignore[arg-type]  # Starlette's type wants its own union of callables
    )
    # Starlette would send /i/TOKEN/ on to an address made of the request's own Host header.
    application.router.redirect_slashes = False
    return StrictHeaders(application, secure_host=secure_host)  # outermost, so that failures have them too
