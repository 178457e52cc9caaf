"""uvicorn in a thread of the bot, and the thread that records what was fetched."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from mailbot.app import App
from mailbot.errors import MailbotError
from mailbot.jobs.tracking import Sightings, record_sightings
from mailbot.web.patience import Patient
from mailbot.web.routes import build

FLUSH_SECONDS = 5.0
"""Between two looks at what was fetched; longer than a burst."""
MOST_AT_ONCE = 200
"""Connections; more are told to come back (503). A phone opens two."""
_log = structlog.get_logger()


def serve(app: App, stop: threading.Event) -> None:
    """Answer until told to stop. Raises OSError where the port is taken."""
    sightings = Sightings()
    recorder = threading.Thread(target=_record, args=(app, sightings, stop), daemon=True)
    recorder.start()
    _answer(app, sightings, stop)
    recorder.join(timeout=10)


@contextmanager
def beside(app: App) -> Iterator[Sightings]:
    """The web part beside somebody who lives on a moved clock and records by himself what was fetched (`flush`)."""
    sightings, stop = Sightings(), threading.Event()
    thread = threading.Thread(target=_answer, args=(app, sightings, stop), daemon=True)
    thread.start()
    try:
        yield sightings
    finally:
        stop.set()
        thread.join(timeout=10)


def _answer(app: App, sightings: Sightings, stop: threading.Event) -> None:
    web = app.settings.web

    async def alive() -> None:
        app.beat("web")

    config = uvicorn.Config(
        build(app, sightings), host=web.host, port=web.port, http=Patient, log_level="warning", access_log=False,
        proxy_headers=True, forwarded_allow_ips=list(web.proxies), server_header=False,
        limit_concurrency=MOST_AT_ONCE, timeout_keep_alive=10, h11_max_incomplete_event_size=16_384,
        callback_notify=alive, timeout_notify=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # signals are `run`'s

    def end() -> None:
        stop.wait()
        server.should_exit = True

    threading.Thread(target=end, daemon=True).start()
    server.run()


def flush(app: App, sightings: Sightings, *, everything: bool = False) -> None:
    """Record what was fetched and is old enough, or everything; what the ledger refuses is lost, and said."""
    taken = sightings.take(None if everything else app.now())
    try:
        record_sightings(app.engine, app.office, taken)
    except MailbotError as error:
        _log.warning("sightings", lost=len(taken), why=str(error))


def _record(app: App, sightings: Sightings, stop: threading.Event) -> None:
    while not stop.wait(FLUSH_SECONDS):
        flush(app, sightings)
    flush(app, sightings, everything=True)
