"""The servers and the installation of one performance: what the bot meets, and what can be done to it."""

import json
import multiprocessing
import os
import pwd
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import redis
from sqlalchemy import Engine

from mailbot.app import App, open_app
from mailbot.testing.bot import install
from mailbot.testing.databases import postgres_cluster, redis_server
from mailbot.testing.debian import dovecot_server, postfix_server
from mailbot.testing.mail import ImapServer, MailServer, imap_server, mail_server
from mailbot.testing.maildirs import make
from mailbot.testing.processes import MissingServerError, free_port, python, running
from mailbot.testing.torture import process, proxy
from mailbot.testing.torture.chronicle import DISASTERS, SEARCHES, WIRE, Chronicle, note
from mailbot.testing.torture.proxy import Odds

Setup = Literal["embedded+sqlite", "redis+sqlite", "redis+postgresql"]
SETUPS: tuple[Setup, ...] = ("embedded+sqlite", "redis+sqlite", "redis+postgresql")
BOX, OWNER = "factures@atelier-martin.example", "claire@atelier-martin.example"
PASSWORD = "loopback"  # noqa: S105  of a server that lives for minutes
LEASE, GRACE = 4, 12
SHORTENED = (LEASE + GRACE) / (120 + 900)
"""All times are shortened alike. A mail is armed after the server's answer to RCPT; a process that sleeps then is cut
off after 300 s of silence, and whatever was sent after DATA has been taken some 600 s after 354, or never: 900 of the
1020 s after which it is looked for. A server that breaks this rule makes duplicates of which nobody is guilty but it,
so `IDLE` and `LATEST` keep it, and what the machine's load adds to them is told apart (`FAIR`)."""
IDLE = 300 * SHORTENED
LATEST = 620 * SHORTENED
"""A little longer than a client waits for the answer to its dot, so that some give up on what is taken all the same."""
FAIR = LEASE + GRACE - IDLE
"""What the server took later than so many seconds after its 354 (because it was kept from working: `LATEST` is sooner)
may be found too late, and says nothing about the bot."""
MORNING = datetime(2026, 3, 3, 9, 30, tzinfo=ZoneInfo("Europe/Paris"))
"""A Tuesday on which reminders may leave all day long."""
BUSINESS = {"name": "Atelier Martin SARL", "owners": [OWNER], "iban": "FR7630006000011234567890189"}


class Started:
    """A server that can be killed and started again on its port and its data."""

    def __init__(self, start: Callable[[], AbstractContextManager[str]]) -> None:
        self._start = start
        self._open = ExitStack()
        self.url = self._open.enter_context(start())

    def stop(self) -> None:
        self._open.close()

    def start(self) -> None:
        self.url = self._open.enter_context(self._start())


@dataclass
class World:
    """One performance's servers, processes and files."""

    setup: Setup
    folder: Path
    settings: Path
    imap: ImapServer
    sink: MailServer
    odds: Path
    app: App
    redis: Started | None
    postgres: Started | None
    parts: tuple[str, ...]
    living: dict[str, BaseProcess] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        return self.app.engine

    @property
    def business(self) -> str:
        return self.app.business().key

    def now(self) -> datetime:
        return process.shifted(self._shift)()

    @property
    def _shift(self) -> Path:
        return self.folder / "shift"

    @property
    def _start(self) -> float:
        return float((self.folder / "start").read_text())

    def note(self, what: str) -> None:
        """For the chronicle."""
        note(self.folder / DISASTERS, what)

    def chronicle(self) -> Chronicle:
        return Chronicle(self.folder, self._start, self.imap.maildir(BOX, "Sent"))

    def set_clock(self, seconds: float) -> None:
        """All processes live so much later than the performance's own time."""
        self.note(f"clock set to {seconds:+.0f} s")
        draft = self._shift.with_suffix(".new")
        draft.write_text(str(seconds + self._start))
        draft.rename(self._shift)

    def spoil(self, odds: Odds) -> None:
        """From the next connection on."""
        draft = self.odds.with_suffix(".new")
        draft.write_text(json.dumps(asdict(odds)))
        draft.rename(self.odds)

    def taken(self) -> int:
        """How many mails the server behind the faults took: each lies there as two files."""
        with os.scandir(self.sink.sink) as files:
            return sum(1 for _ in files) // 2

    def refused(self) -> set[str]:
        """Recipients that the server refused for good."""
        path = self.folder / "refused"
        return set(path.read_text().split()) if path.exists() else set()

    def start_missing(self) -> int:
        """Start every part that does not live; how many."""
        dead = [part for part in self.parts if part not in self.living or not self.living[part].is_alive()]
        context = multiprocessing.get_context("forkserver")
        for part in dead:
            log = self.folder / f"{part.partition(' ')[0]}.log"
            arguments = (self.settings, part.partition(" ")[0], self._shift, log, self.folder / SEARCHES)
            self.note(f"{part} started")
            self.living[part] = context.Process(target=process.live, args=arguments, daemon=True)
            self.living[part].start()
        return len(dead)

    def kill(self, part: str) -> bool:
        """kill -9; whether it lived."""
        victim = self.living.get(part)
        if victim is None or not victim.is_alive():
            return False
        self.note(f"{part} killed")
        victim.kill()
        victim.join()
        return True

    def kill_all(self) -> None:
        for part in self.living:
            self.signal(part, signal.SIGCONT)
            self.kill(part)

    def signal(self, part: str, number: signal.Signals) -> None:
        victim = self.living.get(part)
        if victim is not None and victim.pid is not None and victim.is_alive():
            self.note(f"{part} gets {number.name}")
            with suppress(ProcessLookupError):
                os.kill(victim.pid, number)

    def kill_redis(self) -> None:
        """kill -9: what was queued is lost."""
        if self.redis is not None:
            pid = int(redis.Redis.from_url(self.redis.url).info()["process_id"])
            os.kill(pid, signal.SIGKILL)
            self.redis.stop()


def warm() -> None:
    """The process from which all others are forked imports the bot once."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(process.PRELOAD)


@contextmanager
def torn(setup: Setup, folder: Path, seed: int, *, real: bool = False, connections: int = 6) -> Iterator[World]:
    """A world whose processes are not started yet; `real` puts Postfix behind the proxy."""
    with ExitStack() as servers:
        imap, sink = _mail(servers, folder, real=real)
        front = _proxy(servers, folder, sink, seed)
        kv = Started(partial(redis_server, free_port())) if setup != "embedded+sqlite" else None
        db = Started(servers.enter_context(postgres_cluster())) if setup == "redis+postgresql" else None
        for server in (kv, db):
            if server is not None:
                servers.callback(server.stop)
        settings = _installed(folder, imap, front, kv, db, connections)
        app = open_app(settings, {})
        servers.callback(app.close)
        parts = ("all",) if setup == "embedded+sqlite" else ("worker 1", "worker 2", "worker 3", "clock")
        world = World(setup, folder, settings, imap, sink, folder / "odds", app, kv, db, parts)
        (folder / "start").write_text(str((MORNING - datetime.now(MORNING.tzinfo)).total_seconds()))
        world.set_clock(0)
        app.clock = world.now
        servers.callback(world.kill_all)
        yield world


def _mail(servers: ExitStack, folder: Path, *, real: bool) -> tuple[ImapServer, MailServer]:
    """Dovecot where it can be had, else pymap; what is submitted lies in Sent before the server says 250, or soon."""
    users = {BOX: PASSWORD, OWNER: PASSWORD}
    if real:
        dovecot = servers.enter_context(dovecot_server(users))
        return dovecot, servers.enter_context(postfix_server(dovecot))
    imap: ImapServer
    try:
        imap = servers.enter_context(dovecot_server(users))
        _give_to_dovecot(make(imap.maildir(BOX, "Sent")))
    except MissingServerError:
        imap = servers.enter_context(imap_server(folder / "imap", users))
    return imap, servers.enter_context(mail_server(folder / "mta", users, mailboxes=imap))


def _give_to_dovecot(maildir: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    for place in (maildir, *maildir.rglob("*")):
        os.chown(place, nobody.pw_uid, nobody.pw_gid)


def _proxy(servers: ExitStack, folder: Path, sink: MailServer, seed: int) -> MailServer:
    port = free_port()
    (folder / "odds").write_text("{}")
    odds, refused, wire = (str(folder / name) for name in ("odds", "refused", WIRE))
    told = proxy.Settings(port, sink.port, odds, refused, seed, IDLE, LATEST, wire)
    proxy.write(folder / "proxy.json", told)
    command = python("-m", "mailbot.testing.torture.proxy", str(folder / "proxy.json"))
    servers.enter_context(running("proxy", command, port, folder / "proxy.log"))
    return replace(sink, port=port)


def _installed(
    folder: Path, imap: ImapServer, front: MailServer, kv: Started | None, db: Started | None, connections: int
) -> Path:
    smtp = {
        "url": front.url(BOX), "password_file": "secrets/smtp", "connections": connections,
        "mails_per_hour": 0, "mails_per_hour_and_domain": 0,
    }  # fmt: skip
    settings: dict[str, object] = {
        "smtp": smtp,
        "limits": {"lease_seconds": LEASE, "grace_seconds": GRACE, "hold_minutes": 0},
    }
    if kv is not None:
        settings["redis"] = kv.url
    if db is not None:
        settings["database"] = db.url
    return install(
        folder / "bot", imap=imap, smtp=front, user=BOX, password=PASSWORD, business=BUSINESS, settings=settings
    )
