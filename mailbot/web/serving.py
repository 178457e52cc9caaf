"""uvicorn in a thread of the bot, and the thread that records what was fetched."""

import socket
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
ATTEMPTS, BETWEEN_ATTEMPTS = 12, 0.25
"""To get the port, and the seconds from one to the next."""
_log = structlog.get_logger()


def serve(app: App, stop: threading.Event) -> None:
    """Answer until told to stop. Raises MailbotError where the port is taken."""
    with _listening(app, stop) as listener:
        _serve(app, listener, stop)


def _serve(app: App, listener: socket.socket, stop: threading.Event) -> None:
    sightings = Sightings()
    recorder = threading.Thread(target=_record, args=(app, sightings, stop), daemon=True)
    recorder.start()
    _answer(app, listener, sightings, stop)
    recorder.join(timeout=10)


@contextmanager
def beside(app: App) -> Iterator[Sightings]:
    """The web part beside somebody who lives on a moved clock and records by himself what was fetched (`flush`).

    Raises MailbotError where the port is taken.
    """
    sightings, stop = Sightings(), threading.Event()
    with _listening(app, stop) as listener:
        thread = threading.Thread(target=_answer, args=(app, listener, sightings, stop), daemon=True)
        thread.start()
        try:
            yield sightings
        finally:
            stop.set()
            thread.join(timeout=10)


def _listening(app: App, stop: threading.Event) -> socket.socket:
    """Bound here and not by uvicorn, which would end the process with a status that means something else.

    A predecessor that is about to end is waited for. Raises MailbotError.
    """
    web, asked = app.settings.web, 0
    while True:
        try:
            family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
            return socket.create_server((web.host, web.port), family=family, backlog=MOST_AT_ONCE)
        except (OSError, OverflowError) as error:
            asked += 1
            if asked == ATTEMPTS or stop.wait(BETWEEN_ATTEMPTS):
                why = f"The web part cannot listen on {web.host}, port {web.port}: {error}. Choose another web.port."
                raise MailbotError(why) from error


def _answer(app: App, listener: socket.socket, sightings: Sightings, stop: threading.Event) -> None:
    web = app.settings.web

    async def alive() -> None:
        app.beat("web")

    config = uvicorn.Config(
        build(app, sightings), http=Patient, log_level="warning", access_log=False,
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
    server.run(sockets=[listener])


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
