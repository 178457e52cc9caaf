"""A business whose web part can be reached, one client with invoices, and a mail to that client that was sent."""

import asyncio
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml
from sqlalchemy import select
from starlette.types import ASGIApp

from mailbot.app import App, open_app
from mailbot.jobs import lettering, sending
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.tracking import Sightings
from mailbot.ledger import clients, consents, events, invoices, outgoing
from mailbot.ledger.store import migrate, open_ledger, reading, writing
from mailbot.ledger.tables import event as event_table
from mailbot.model import Contact, Event, InvoiceDocument
from mailbot.testing.processes import free_port
from mailbot.web import build, serve
from mailbot.web.guard import Limiter
from mailbot.web.serving import flush

NOON = datetime(2026, 11, 12, 11, 0, tzinfo=UTC)
EMAIL = "compta@dupont.example"
PDF = b"%PDF-1.4 an invoice"
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0"
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"
OPEN = (("FA-2026-0412", date(2026, 10, 31), "1234.50"), ("FA-2026-0398", date(2026, 10, 15), "12450.00"))


@dataclass(frozen=True)
class Visitor:
    """Asks for addresses of the web part from one IP address."""

    application: ASGIApp
    address: str
    headers: dict[str, str]

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        return asyncio.run(self._ask(method, path, headers={**self.headers, **headers}))

    def post(self, path: str, fields: Mapping[str, Any] | None = None, content: bytes | None = None) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, headers=self.headers, data=fields, content=content))

    async def _ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.application, client=(self.address, 40_000), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://pay.example") as client:
            return await client.request(method, path, **rest)


@dataclass
class WebHouse:
    """One installation, on a clock of its own."""

    app: App
    office: Office
    client: int
    row: outgoing.Outgoing
    sightings: Sightings

    # ------------------------------------------------------------------------ time

    def later(self, **passed: float) -> "WebHouse":
        self.app.instant = self.app.now() + timedelta(**passed)
        return self

    # ------------------------------------------------------------------------ what was sent

    @property
    def mail(self) -> EmailMessage:
        message = message_from_bytes(self.row.raw or b"", policy=default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def html(self) -> str:
        part = self.mail.get_body(("html",))
        assert part is not None
        return str(part.get_content())

    def path(self, place: str) -> str:
        """The path of the first link of a place ("i", "o", "u") in the mail or its headers."""
        found = re.search(rf"https://pay\.example(/{place}/[a-z2-7]+(?:\.gif)?)", f"{self.mail}{self.html}")
        assert found is not None, place
        return found[1]

    # ------------------------------------------------------------------------ what became of it

    def events(self, name: str = "") -> list[Event]:
        with reading(self.office.engine) as conn:
            known = events.of_client(conn, self.office.key, self.client)
        return [event for event in known if event.name.startswith(name)]

    def rows(self) -> int:
        with reading(self.office.engine) as conn:
            return len(conn.execute(select(event_table.c.seq)).all())

    def happens(self, name: str, number: str | None, **data: Any) -> None:
        with writing(self.office.engine) as conn:
            happened(conn, self.office, name, f"{name}/{number}/{data}", self.app.now(), client=self.client,
                     invoice=number, data=data)  # fmt: skip
            refresh(conn, self.office, self.client, self.app.now())

    def flush(self) -> None:
        flush(self.app, self.sightings, everything=True)

    # ------------------------------------------------------------------------ who calls

    def visitor(self, address: str = "192.0.2.7", limiter: Limiter | None = None, **headers: str) -> "Visitor":
        """Somebody on the internet; in this process, without a socket."""
        given = {"user-agent": BROWSER, **{name.replace("_", "-"): text for name, text in headers.items()}}
        return Visitor(build(self.app, self.sightings, limiter), address, given)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The same on a socket; its address."""
        stop = threading.Event()
        port = free_port()
        web = self.app.settings.web.model_copy(update={"port": port})
        self.app.settings = self.app.settings.model_copy(update={"web": web})
        thread = threading.Thread(target=serve, args=(self.app, stop), daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                httpx.get(f"{address}/style.css", timeout=5)
                break
            except httpx.TransportError:
                stop.wait(0.05)
        try:
            yield address
        finally:
            stop.set()
            thread.join(20)


def house(
    folder: Path, *, language: str = "fr", template: str = "reminder_1", open_ones: tuple[Any, ...] = OPEN,
    listed: int = 2, name: str = "Dupont & Fils SARL", consented: bool = False, **settings: Any,
) -> WebHouse:  # fmt: skip
    """The installation at noon, a minute after the mail about the first `listed` invoices was sent."""
    app = open_app(_settings(folder, settings), {})
    app.instant = NOON
    office = app.office(app.business().key)
    with writing(office.engine) as conn:
        client = clients.add(conn, office.key, name, language, contacts=[Contact(EMAIL, "Anne Dupont")])
        for number, due, amount in open_ones:
            invoices.add(conn, office.key, client, _bill(number, due, amount), None, PDF, f"{number}.pdf", NOON)
        refresh(conn, office, client, NOON)
        if consented:
            consents.keep(conn, office.key, EMAIL, True, "owner", "by telephone", NOON)
        numbers = [number for number, _, _ in open_ones[:listed]]
        planned = outgoing.plan(
            conn, office.key, dedupe_key="k1", kind="client", what=template, template=template, recipient=EMAIL,
            client=client, invoices=numbers, levels=dict.fromkeys(numbers, template), context={"attach": []},
            message_id="<k1@atelier-martin.example>", due_at=NOON, expires_at=NOON + timedelta(hours=4),
            thread="t1", tone="neutral", now=NOON,
        )  # fmt: skip
        assert planned is not None
        row = outgoing.claim(conn, office.key, planned, "test", NOON, 120)
        assert row is not None
        outgoing.freeze(conn, office.key, planned, lettering.compose_client(conn, office, row, NOON), NOON)
        assert outgoing.arm(conn, office.key, planned, "test", NOON, 120)
        row = outgoing.get(conn, office.key, planned)
    sending.record_sent(office, row, NOON, 250, "2.0.0 ok", "250")
    with reading(office.engine) as conn:
        row = outgoing.get(conn, office.key, planned)
    return WebHouse(app, office, client, row, Sightings()).later(minutes=1)


@cache
def _empty_ledger() -> bytes:
    """A migrated ledger; migrating one for each test takes a second."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "mailbot.db"
        engine = open_ledger(f"sqlite:///{path}")
        migrate(engine)
        with engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        return path.read_bytes()


def _settings(folder: Path, more: dict[str, Any]) -> Path:
    (folder / "secrets").mkdir(parents=True)
    (folder / "secrets" / "key").write_text("7f" * 32)
    (folder / "mailbot.db").write_bytes(_empty_ledger())
    tree: dict[str, Any] = {
        "business": {
            "name": "Atelier Martin SARL", "owners": ["claire@atelier-martin.example"], "language": "fr",
            "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP",
        },
        "mailbox": {"maildir": "mail", "address": "factures@atelier-martin.example"},
        "smtp": {"url": "smtp://127.0.0.1:1"},
        "mode": "live",
        "web": {"public_url": "https://pay.example"},
    }  # fmt: skip
    for key, value in more.items():
        tree[key] = {**tree.get(key, {}), **value} if isinstance(value, dict) else value
    path = folder / "mailbot.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True))
    return path


def _bill(number: str, due: date, amount: str) -> InvoiceDocument:
    return InvoiceDocument(
        source="facturx", profile="EN 16931", kind="invoice", number=number, issue_date=due - timedelta(days=30),
        due_date=due,        currency="EUR", total_net=None, total_tax=None, total_gross=Decimal(amount), prepaid=None,
        amount_due=Decimal(amount),
    )  # fmt: skip
