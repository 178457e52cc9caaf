"""A bot between real mail servers, for stories of a few days: what people write to it, and what became of it."""

import smtplib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine, select

from mailbot.config import load_settings
from mailbot.demo import people
from mailbot.demo.bills import SELLER, DemoInvoice, DemoLineItem
from mailbot.demo.documents import invoice_pdf
from mailbot.demo.feed import DemoAccount, DemoLine, statement
from mailbot.demo.people import Person
from mailbot.demo.story import Client, cast
from mailbot.demo.world import local
from mailbot.ledger import tables
from mailbot.ledger.store import open_ledger, reading
from mailbot.testing.bot import Bot, install
from mailbot.testing.servers import MailWorld, small_mail_world

BOX = "factures@atelier-martin.example"
OWNER = Person("Claire Martin", "claire@atelier-martin.example")
SECOND_OWNER = Person("Hugo Martin", "hugo@atelier-martin.example")
PASSWORD = "secret on loopback"
USERS = dict.fromkeys((BOX, OWNER.email, SECOND_OWNER.email), PASSWORD)
CAST = cast("fr")
MONDAY = date(2026, 3, 2)
BUSINESS: dict[str, object] = {
    "name": SELLER.name, "owners": [OWNER.email], "language": "fr", "timezone": "Europe/Paris", "iban": SELLER.iban,
    "siren": SELLER.siren, "vat": SELLER.vat, "signature": OWNER.name,
}  # fmt: skip


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant in Paris."""
    return local(day, hour, minute)


def bill(number: str, client: str | Client, due: date, amount: str = "1000.00") -> DemoInvoice:
    """An invoice over `amount` without VAT (20 %), issued thirty days before it is due."""
    buyer = CAST.client(client) if isinstance(client, str) else client
    return DemoInvoice(
        number=number, issued=due - timedelta(days=30), due=due, buyer_name=buyer.name, buyer_siren=buyer.siren,
        buyer_email=buyer.person.email, buyer_street=buyer.street, buyer_city=buyer.city,
        lines=(DemoLineItem("Panneaux de chêne", Decimal(1), Decimal(amount)),),
    )  # fmt: skip


@dataclass
class Scene:
    """One installation of one business (or more), its servers, and the people around it."""

    mail: MailWorld
    settings: Path
    bot: Bot
    box: str = BOX
    unreachable: frozenset[str] = frozenset()
    """Addresses that a far server refuses."""

    # ------------------------------------------------------------------------ time passes

    def live(self, *instants: datetime) -> None:
        """The bot lives these instants; returns when its mails have arrived."""
        for instant in instants:
            self.bot.live(instant)
            self._arrived()

    # ------------------------------------------------------------------------ people write

    def submit(self, raw: bytes, sender: str = OWNER.email, to: str | None = None) -> None:
        """Somebody of the business writes, logged in: the provider vouches for it."""
        self._hand_over(raw, sender, to or self.box, login=True)

    def hand_in(self, raw: bytes, sender: str, to: str | None = None) -> None:
        """Anybody writes from outside, without a login."""
        self._hand_over(raw, sender, to or self.box, login=False)

    def forward(self, invoice: DemoInvoice, now: datetime, style: str = "gmail", owner: Person = OWNER) -> None:
        """An owner forwards an invoice as Factur-X."""
        raw = people.forward_invoice(
            owner, self.box, invoice.buyer_email, invoice_pdf(invoice), f"{invoice.number}.pdf",
            f"Facture {invoice.number}", now, style,
        )  # fmt: skip
        self.submit(raw, owner.email)

    def feed(
        self, through: date, now: datetime, lines: Sequence[DemoLine] = (), account: DemoAccount | None = None
    ) -> None:
        """The owner mails the bank's file of the last nine days."""
        start = through - timedelta(days=8)
        ofx = statement(account or DemoAccount(), lines, start, through, Decimal("10000.00"))
        self.submit(people.send_statement(OWNER, self.box, ofx, f"releve-{through}.ofx", now))

    def order(self, now: datetime, *lines: str, answering: EmailMessage | None = None) -> None:
        """The owner answers a mail of the bot (the newest one) with one order a line."""
        answered = answering or self.to(OWNER.email)[-1]
        raw = people.order(OWNER, answered.as_bytes(), lines, now)
        self.submit(raw, OWNER.email, _address(message_from_bytes(raw, policy=default)))

    def reply(self, who: Person, mail: EmailMessage, text: str, now: datetime, style: str = "outlook") -> None:
        """A client answers a mail of the bot."""
        raw = people.reply(who, mail.as_bytes(), text, now, style)
        self.hand_in(raw, who.email, _address(message_from_bytes(raw, policy=default)))

    # ------------------------------------------------------------------------ what became of it

    def to(self, address: str) -> list[EmailMessage]:
        """All mails that somebody got, oldest first."""
        if address in self.mail.imap.users:
            raws = self.mail.imap.mails(address)
        else:
            raws = [mail.raw for mail in self.mail.smtp.accepted(address)]
        return sorted((_parsed(raw) for raw in raws), key=lambda mail: mail["Date"].datetime)

    def client_mails(self, *clients: str) -> list[tuple[date, str, str]]:
        """(day, client, what) of every mail that left for a client by the bot's own books, in order."""
        rows = [row for row in self.rows("outgoing") if row["kind"] == "client" and row["state"] == "sent"]
        return [
            (row["armed_at"].astimezone(at(MONDAY, 9).tzinfo).date(), row["recipient"], row["what"])
            for row in sorted(rows, key=lambda row: (row["armed_at"], row["recipient"]))
            if not clients or row["recipient"] in clients
        ]

    def rows(self, table: str, **where: object) -> list[Mapping[str, Any]]:
        """Rows of the ledger; outgoing mails with their bytes."""
        columns = tables.metadata.tables[table]
        asked = select(columns).where(*(columns.c[name] == value for name, value in where.items()))
        if table == "outgoing":
            same = tables.outgoing_bytes.c.outgoing == columns.c.id
            asked = asked.add_columns(tables.outgoing_bytes.c.raw).outerjoin(tables.outgoing_bytes, same)
        with reading(self.engine) as conn:
            return [dict(row) for row in conn.execute(asked.order_by(*columns.primary_key)).mappings()]

    def events(self, name: str) -> list[Mapping[str, Any]]:
        return self.rows("event", name=name)

    def questions(self, kind: str | None = None, state: str = "open") -> list[Mapping[str, Any]]:
        """The owner's open questions."""
        found = self.rows("question", state=state)
        return [row for row in found if kind in (None, row["kind"])]

    def kept(self, raw: bytes) -> bool:
        """Whether a mail's bytes are in the ledger, whole: behind what servers put on top."""
        body = raw.replace(b"\r\n", b"\n").rstrip()
        return any(bytes(row["raw"]).replace(b"\r\n", b"\n").rstrip().endswith(body) for row in self.rows("letter"))

    @property
    def engine(self) -> Engine:
        if not hasattr(self, "_engine"):
            self._engine = open_ledger(load_settings(self.settings, {})[0].database)
        return self._engine

    def close(self) -> None:
        if hasattr(self, "_engine"):
            self._engine.dispose()

    # ------------------------------------------------------------------------ the wire

    def _hand_over(self, raw: bytes, sender: str, to: str, *, login: bool) -> None:
        local, _, host = to.partition("@")
        user = f"{local.partition('+')[0]}@{host}"
        before = len(self.mail.imap.mails(user))
        smtp = self.mail.smtp
        port = smtp.port if login else smtp.mx_port or smtp.port
        with smtplib.SMTP(smtp.host, port, timeout=60) as server:
            if login:
                server.login(sender, PASSWORD)
            server.sendmail(sender, [to], raw)
        eventually(lambda: len(self.mail.imap.mails(user)) > before)

    def _arrived(self) -> None:
        """Postfix delivers a moment after it took a mail."""

        def everything() -> bool:
            seen = {_message_id(mail.raw) for mail in self.mail.smtp.accepted()}
            for user in self.mail.imap.users:
                seen |= {_message_id(raw) for raw in self.mail.imap.mails(user)}
            return sent <= seen

        sent = {
            row["message_id"] for row in self.rows("outgoing", state="sent") if row["recipient"] not in self.unreachable
        }
        eventually(everything)


def eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "what another process should have done did not happen"
        time.sleep(0.05)


def text_of(mail: EmailMessage) -> str:
    """Subject and words of a mail."""
    body = mail.get_body(("plain",))
    return f"{mail['Subject']}\n{body.get_content() if body else ''}"


@contextmanager
def scene(
    folder: Path,
    mail: MailWorld | None = None,
    settings: Mapping[str, object] | None = None,
    business: Mapping[str, object] | None = None,
    smtp: Mapping[str, object] | None = None,
) -> Iterator[Scene]:
    """An installation with one business, by default on the small servers and SQLite."""
    if mail is None:
        with (
            small_mail_world(folder / "servers", USERS) as small,
            scene(folder, small, settings, business, smtp) as found,
        ):
            yield found
        return
    path = install(
        folder, imap=mail.imap, smtp=mail.smtp, user=BOX, password=PASSWORD,
        business={**BUSINESS, **(business or {})}, settings=settings,
    )  # fmt: skip
    if smtp:
        tree = yaml.safe_load(path.read_text())
        tree["smtp"].update(smtp)
        path.write_text(yaml.safe_dump(tree))
    with Bot(path) as bot:
        played = Scene(mail, path, bot)
        try:
            yield played
        finally:
            played.close()


def _address(mail: EmailMessage) -> str:
    return str(mail["To"].addresses[0].addr_spec)


def _parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _message_id(raw: bytes) -> str:
    return str(_parsed(raw)["Message-ID"] or "").strip()
