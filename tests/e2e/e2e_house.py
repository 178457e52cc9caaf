"""One business in this process, without servers: its mailbox and its wire are the doubles of `mailbot.testing`."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, TypeVar

import yaml
from e2e_scene import BOX, BUSINESS, CAST, MONDAY, OWNER, at, bill
from sqlalchemy import Connection, select

from mailbot.app import App, open_app
from mailbot.demo import people
from mailbot.demo.documents import invoice_pdf, plain_pdf
from mailbot.demo.feed import DemoAccount, DemoLine, statement
from mailbot.jobs import clock, draining, intake, reading, sending
from mailbot.jobs.office import Office
from mailbot.ledger import letters, outgoing, tables
from mailbot.ledger.group import Group
from mailbot.ledger.store import reading as looking
from mailbot.ledger.store import writing
from mailbot.model import Letter, Reading
from mailbot.sandbox import Sandbox
from mailbot.testing.mailer import RecordingMailer
from mailbot.testing.memorybox import MemoryBox

DUE = MONDAY - timedelta(days=3)
LEMAIRE, DUPONT = CAST.client("lemaire"), CAST.client("dupont")
COUNTERS = {("decision", "times"), ("decision", "last_at"), ("letter", "attempts")}
"""What counts how often something was looked at; all else must not change by looking twice."""
_VOUCHED = b"Authentication-Results: mx.mailbot.test; dmarc=pass header.from=atelier-martin.example\r\n"

Dump = dict[str, list[dict[str, Any]]]
Result = TypeVar("Result")


def write_settings(folder: Path) -> Path:
    """An installation that reads a Maildir and would send by a server that does not exist."""
    (folder / "secrets").mkdir(parents=True)
    (folder / "secrets" / "key").write_text("7f" * 32)
    tree = {
        "business": BUSINESS,
        "mailbox": {"maildir": "mail", "address": BOX, "authserv_id": "mx.mailbot.test"},
        "smtp": {"url": "smtp://127.0.0.1:1"},
        "mode": "live",
    }
    path = folder / "mailbot.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True))
    return path


class Sent:
    """A Sent folder that holds what the recording mailer was given."""

    def __init__(self, mailer: RecordingMailer) -> None:
        self.mailer = mailer

    def find(self, message_id: str) -> bool:
        return any(message_id.encode() in mail.raw for mail in self.mailer.sent)


class House:
    """The jobs of one business, called by hand."""

    def __init__(self, settings: Path, sandbox: Sandbox) -> None:
        self.app: App = open_app(settings, {})
        self.app.__dict__["sandbox"] = sandbox
        self.office: Office = self.app.office(self.app.business().key)
        self.now: datetime = at(MONDAY, 7)
        self.hints: list[tuple[str, str, str | int]] = []
        self.app.enqueue = lambda *hint: self.hints.append(hint)
        self.mailer = RecordingMailer()
        self.evidence = Sent(self.mailer)

    # ------------------------------------------------------------------------ the day's work

    def turn(self, now: datetime, *raws: bytes) -> None:
        """What `loops.turn` does: fetch, read, decide, send, until nothing is left."""
        self.now = now
        box = MemoryBox()
        for raw in raws:
            box.deliver(raw, now)
        intake.fetch(self.office, box, now)
        for _ in range(3):
            self.work_off()
            clock.tick(self.office, self.evidence, now)
        self.work_off()

    def work_off(self) -> None:
        """Do what the hints say, each once."""
        while self.hints:
            job, _, number = self.hints.pop(0)
            if job == "read":
                reading.read(self.office, str(number), self.now)
            else:
                self.drain()

    def drain(self) -> None:
        worker = sending.Worker("house/1", self.mailer, lambda: self.now, Group(self.office.engine))
        asyncio.run(draining.drain(self.office, worker))

    def send(self, number: int) -> None:
        worker = sending.Worker("house/1", self.mailer, lambda: self.now, Group(self.office.engine))
        asyncio.run(sending.send(self.office, number, worker))

    def act(self, do: Callable[[Connection], Result]) -> Result:
        """In one writing transaction."""
        with writing(self.office.engine) as conn:
            return do(conn)

    def ask(self, do: Callable[[Connection], Result]) -> Result:
        """In a transaction that is refused any write."""
        with looking(self.office.engine) as conn:
            return do(conn)

    def keep(self, raw: bytes) -> str:
        return self.act(lambda conn: letters.keep(conn, self.office.key, raw, self.now)[0])

    def parsed(self, raw: bytes) -> tuple[Letter, Reading]:
        business = self.office.business
        found: tuple[Letter, Reading] = self.office.sandbox.run(
            "letter", raw, owners=list(business.owners), authserv_id=business.mailbox.authserv_id,
            today=self.office.day(self.now),
        )  # fmt: skip
        return found

    # ------------------------------------------------------------------------ what there is

    def rows(self, table: str, **where: object) -> list[dict[str, Any]]:
        """Rows of a table; outgoing mails with their bytes."""
        found = self.dump()
        if table == "outgoing":
            raw = {row["outgoing"]: row["raw"] for row in found["outgoing_bytes"]}
            found[table] = [{**row, "raw": raw.get(row["id"])} for row in found[table]]
        return [row for row in found[table] if all(row[name] == value for name, value in where.items())]

    def row(self, **where: object) -> outgoing.Outgoing:
        """The one outgoing mail like that."""
        [found] = self.rows("outgoing", **where)
        return self.ask(lambda conn: outgoing.get(conn, self.office.key, found["id"]))

    def client(self, name: str) -> int:
        return int(self.rows("client", name=name)[0]["id"])

    def dump(self) -> Dump:
        """Every row of every table, without the counters."""
        with looking(self.office.engine) as conn:
            return {
                table.name: [
                    {name: value for name, value in row.items() if (table.name, name) not in COUNTERS}
                    for row in conn.execute(select(table).order_by(*table.primary_key)).mappings()
                ]
                for table in tables.metadata.sorted_tables
            }

    def mails_to(self, recipient: str) -> list[EmailMessage]:
        found = [
            message_from_bytes(mail.raw, policy=default) for mail in self.mailer.sent if mail.recipient == recipient
        ]
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    def close(self) -> None:
        self.app.engine.dispose()


# ------------------------------------------------------------------------ mails as the mailbox has them


def forwarded(number: str, client: Any, now: datetime, amount: str = "1000.00", due: Any = DUE) -> bytes:
    document = bill(number, client, due, amount)
    pdf = invoice_pdf(document)
    return _VOUCHED + people.forward_invoice(
        OWNER, BOX, document.buyer_email, pdf, f"{number}.pdf", f"Facture {number}", now, "gmail"
    )


def forwarded_plain(number: str, client: Any, now: datetime) -> bytes:
    """The same as a PDF without data inside."""
    document = bill(number, client, DUE)
    return _VOUCHED + people.forward_invoice(
        OWNER, BOX, document.buyer_email, plain_pdf(document), f"{number}.pdf", f"Facture {number}", now, "gmail"
    )


def bank_file(through: Any, now: datetime, *lines: DemoLine) -> bytes:
    return _VOUCHED + people.send_statement(OWNER, BOX, ofx(through, *lines), "releve.ofx", now)


def bank_table(rows: str, now: datetime) -> bytes:
    return _VOUCHED + people.send_statement(OWNER, BOX, rows.encode(), "releve.csv", now)


def ofx(through: Any, *lines: DemoLine) -> bytes:
    return statement(DemoAccount(), lines, through - timedelta(days=8), through, Decimal("100.00"))


def ordered(answered: bytes, now: datetime, *lines: str) -> bytes:
    return _VOUCHED + people.order(OWNER, answered, lines, now)


def answered(who: Any, mail: bytes, text: str, now: datetime) -> bytes:
    return people.reply(who.person, mail, text, now, "outlook")


def copied(settings: Path, folder: Path) -> Path:
    """The same installation again, so that a test may change it."""
    shutil.copytree(settings.parent, folder)
    return folder / settings.name
