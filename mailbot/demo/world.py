"""The world around the bot: people who answer what they really received, and a bank that sends its file."""

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from mailbot.demo import people as write
from mailbot.demo.abroad import ANSWERS, Answer
from mailbot.demo.feed import DemoAccount, DemoLine, statement
from mailbot.demo.story import BOT, HOLDING_OF_LEMAIRE, Cast, Issued
from mailbot.demo.visits import Reader
from mailbot.money import rounded, write_day
from mailbot.testing.mail import MailServer, SunkMail

ZONE = ZoneInfo("Europe/Paris")
_FEED_DAYS = 8
_NUMBERED = re.compile(r"^(\d{1,3})\. (.+?)(?=^\s+>|^\d{1,3}\. |^$)", re.MULTILINE | re.DOTALL)
_DECIDE = re.compile(
    r"mise en demeure|formal notice|règle-t-il|que règle|does it pay"
    r"|annulé\s+par\s+la\s+banque|taken\s+back\s+by\s+the\s+bank",
    re.IGNORECASE,
)


_POSTED = re.compile(r"(?:mise\s+en\s+demeure|formal\s+notice)\s+(\S+)\s+(?:envoyée\s+le|sent\s+on)", re.IGNORECASE)
"""How the bot's mail with the letter tells her to note that it was posted."""


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of the demo's business."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)


@dataclass
class World:
    """People and bank. They know only mails that the SMTP server accepted, never the bot's insides."""

    cast: Cast
    invoices: tuple[Issued, ...]
    credit_notes: tuple[Issued, ...]
    language: str
    smtp: MailServer
    password: str
    documents: Path
    """The invoices as PDFs, by number."""
    web: str
    """Where the bot's web part listens."""
    reader: Reader = field(init=False)
    seen: int = 0
    agenda: list[tuple[datetime, Callable[[datetime], None]]] = field(default_factory=list)
    payments: list[DemoLine] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.reader = Reader(self._person("lemaire"), self.web, self._hand_in)

    def open_the_books(self, start: date, days: int) -> None:
        """What happens whatever the bot does: invoices are forwarded, the bank sends its file every weekday."""
        for issued in (*self.invoices, *self.credit_notes):
            self._at(local(issued.forwarded_on, 8, 30), partial(self._forward, issued))
        for offset in range(days + 1):
            day = start + timedelta(days=offset)
            if day.weekday() < 5:
                self._at(local(day, 7), partial(self._send_feed, day))
        first, second = self._bill("perrin")
        self._pay(first, first.invoice.due - timedelta(days=3))
        number = second.invoice.number
        self._at(
            local(second.invoice.due, 8, 45),
            lambda now: self._order([self._words("paid", number=number)], now),
        )
        following = self._bill("lemaire")[1]
        self._pay(following, following.invoice.due - timedelta(days=2), payer=HOLDING_OF_LEMAIRE, reference=False)
        plain = self._bill("dupont")[1]
        order = self._words("pause", number=plain.invoice.number)
        self._at(local(plain.invoice.due + timedelta(days=2), 8, 45), lambda now: self._order([order], now))
        self.payments.append(DemoLine(start + timedelta(days=9), Decimal("-840.00"), "SCI DES LILAS", "LOYER", "debit"))

    def until(self, now: datetime) -> None:
        """Let everything happen that is due by then, in the order of time."""
        while due := [entry for entry in self.agenda if entry[0] <= now]:
            entry = min(due, key=lambda entry: entry[0])
            self.agenda.remove(entry)
            entry[1](entry[0])

    def notice(self, now: datetime) -> None:
        """Read what arrived since the last look, and decide what to do about it."""
        accepted = self.smtp.accepted()
        for mail in accepted[self.seen :]:
            if mail.recipient == self.cast.owner.email:
                self._owner_reads(mail, now)
            for client in self.cast.clients:
                if mail.recipient in client.emails:
                    self._client_reads(client.key, mail, now)
        self.seen = len(accepted)

    # -------------------------------------------------------------------------------- the clients

    def _client_reads(self, key: str, mail: SunkMail, now: datetime) -> None:
        if mail.sender != BOT:
            return
        if key == "lemaire":
            for when, do in self.reader.received(mail.raw, now):
                self._at(when, do)
        text = message_from_bytes(mail.raw, policy=default)
        body = text.get_body(("plain",))
        said = body.get_content() if body else ""
        for issued in self._bill(key):
            if issued.invoice.number in said:
                self._react(key, issued, mail, now)

    def _react(self, key: str, issued: Issued, mail: SunkMail, now: datetime) -> None:
        late, number = now.date() > issued.invoice.due, issued.invoice.number
        if key == "dupont":
            if self._once(f"absent {key}"):
                self._reply_later(now, 0, lambda at: write.out_of_office(
                    self._person(key), mail.raw, at.date() + timedelta(days=2), at))  # fmt: skip
            if late and self._once(f"pays {number}"):
                pay = self._pay_twice if issued == self._bill(key)[0] else self._pay
                pay(issued, now.date() + timedelta(days=4))
        elif key == "lemaire" and late:
            if self._once(f"promises {number}"):
                day = now.date() + timedelta(days=6)
                self._say(key, mail, now, 1, "outlook", date=write_day(day, self.language))
            elif now.date() > issued.invoice.due + timedelta(days=8) and self._once(f"pays {number}"):
                self._pay(issued, now.date() + timedelta(days=3), payer=HOLDING_OF_LEMAIRE, reference=False)
        elif key == "azur" and late:
            if self._once(f"disputes {number}"):
                self._say(key, mail, now, 1, "gmail", what="dispute")
                self._at(local(now.date() + timedelta(days=9), 8, 45),
                         lambda at: self._order([self._words("resolve", number=number)], at))  # fmt: skip
            elif self._once(f"pays {number}"):
                self._pay_in_two(issued, now.date() + timedelta(days=3))
        elif key in ANSWERS and (late or ANSWERS[key].at_once):
            self._react_abroad(ANSWERS[key], issued, mail, now)

    def _react_abroad(self, answer: Answer, issued: Issued, mail: SunkMail, now: datetime) -> None:
        """One answer and what the owner does about it; paid once the mails go where they should."""
        client, number = self.cast.client(issued.client), issued.invoice.number
        if self._once(f"answers {number}"):
            said = answer.text.format(email=client.new_email)
            self._reply_later(now, 1, lambda at: write.reply(client.person, mail.raw, said, at, answer.style))
            values = {"number": number, "client": client.name, "email": client.new_email}
            orders = [self._words(order, **values) for order in answer.orders]
            if orders:
                self._at(local(now.date() + timedelta(days=2), 8, 45), lambda at: self._order(orders, at))
        if mail.recipient == client.emails[-1] and self._once(f"pays {number}"):
            self._pay(issued, now.date() + timedelta(days=answer.pays_after))

    def _say(
        self,
        key: str,
        mail: SunkMail,
        now: datetime,
        days: int,
        style: str,
        what: str = "promise",
        **values: str,
    ) -> None:
        text = self._words(what, **values)
        self._reply_later(now, days, lambda at: write.reply(self._person(key), mail.raw, text, at, style))

    def _reply_later(self, now: datetime, days: int, make: Callable[[datetime], bytes]) -> None:
        when = local(now.date() + timedelta(days=days), 15, 12)
        self._at(max(when, now), lambda at: self._hand_in(make(at)))

    def _pay(self, issued: Issued, day: date, *, payer: str = "", reference: bool = True) -> None:
        motive = issued.invoice.number if reference else "ATELIER MARTIN"
        self._transfer(issued, day, issued.invoice.gross, motive, payer)

    def _pay_twice(self, issued: Issued, day: date) -> None:
        """The first transfer is returned by the bank some days later; the client sends the money again."""
        self._pay(issued, day)
        client = self.cast.client(issued.client)
        back = DemoLine(day + timedelta(days=4), -issued.invoice.gross, client.payer, issued.invoice.number, "return")
        self.payments.append(back)
        self._pay(issued, day + timedelta(days=11))

    def _pay_in_two(self, issued: Issued, day: date) -> None:
        number = issued.invoice.number
        credited = sum(note.invoice.gross for note in self.credit_notes if note.invoice.preceding == number)
        owed = issued.invoice.gross - credited
        half = rounded(owed / 2)
        self._transfer(issued, day, half, f"ACOMPTE {number}")
        self._transfer(issued, day + timedelta(days=8), owed - half, f"SOLDE {number}")

    def _transfer(self, issued: Issued, day: date, amount: Decimal, motive: str, payer: str = "") -> None:
        name = payer or self.cast.client(issued.client).payer
        self.payments.append(DemoLine(day, amount, name, motive, "transfer"))

    # -------------------------------------------------------------------------------- the owner

    def _forward(self, issued: Issued, now: datetime) -> None:
        pdf = (self.documents / f"{issued.invoice.number}.pdf").read_bytes()
        style = "gmail" if issued.style == "plain" else issued.style
        number = issued.invoice.number
        subject = self._words("credit" if issued.invoice.kind == "credit_note" else "subject", number=number)
        mail = write.forward_invoice(
            self.cast.owner, BOT, issued.invoice.buyer_email, pdf, f"{number}.pdf", subject, now, style,
            self.cast.client(issued.client).person.language,
        )  # fmt: skip
        self._submit(mail)

    def _send_feed(self, day: date, now: datetime) -> None:
        last = day - timedelta(days=1)
        first = last - timedelta(days=_FEED_DAYS)
        lines = [line for line in self.payments if first <= line.date <= last]
        ofx = statement(DemoAccount(), sorted(lines, key=lambda line: line.date), first, last, Decimal("10000.00"))
        self._submit(write.send_statement(self.cast.owner, BOT, ofx, f"releve-{last:%Y-%m-%d}.ofx", now))

    def _owner_reads(self, mail: SunkMail, now: datetime) -> None:
        """She answers questions about payments and formal notices, posts the letter, and corrects what is wrong."""
        message = message_from_bytes(mail.raw, policy=default)
        body = message.get_body(("plain",))
        text = body.get_content() if body else ""
        when = local(now.date(), 8, 40)
        if when < now:
            when = now + timedelta(minutes=20)
        for number, question in _NUMBERED.findall(text):
            if _DECIDE.search(question) and self._once(f"ok {number}"):
                self._at(when, partial(self._order, [f"ok {number}"], answers=mail.raw))
        letter = _POSTED.search(text)
        if letter is not None and self._once(f"posts {letter[1]}"):
            posted = self._words("posted", number=letter[1], day=f"{when + timedelta(days=1):%d/%m/%Y}")
            self._at(when + timedelta(days=1, hours=2), lambda at: self._order([posted], at, mail.raw))
        draft = self._bill("dupont")[1].invoice
        if f"{draft.number}.pdf" in text and self._once("draft"):
            right = self._words("due", due=f"{draft.due:%d/%m/%Y}")
            self._at(when, lambda at: self._order([right], at, mail.raw))
        dead = r"(aucune\s+adresse|no\s+usable\s+address).+Studio\s+Nord"
        if re.search(dead, text, re.DOTALL | re.IGNORECASE) and self._once("contact"):
            nord = self.cast.client("nord")
            order = self._words("contact", client=nord.name, email=nord.new_email)
            self._at(when, lambda at: self._order([order], at, mail.raw))

    def _order(self, lines: list[str], now: datetime, answers: bytes | None = None) -> None:
        latest = answers or self._latest_to_owner()
        if latest is not None:
            self._submit(write.order(self.cast.owner, latest, lines, now))

    def _latest_to_owner(self) -> bytes | None:
        mails = self.smtp.accepted(self.cast.owner.email)
        return mails[-1].raw if mails else None

    # -------------------------------------------------------------------------------- the wire

    def _submit(self, raw: bytes) -> None:
        """The owner's own mail, logged in: her provider vouches for it."""
        with smtplib.SMTP(self.smtp.host, self.smtp.port, timeout=30) as server:
            server.login(self.cast.owner.email, self.password)
            server.sendmail(self.cast.owner.email, [BOT], raw)

    def _hand_in(self, raw: bytes) -> None:
        """Mail of others, handed in where mail for the business arrives."""
        message = message_from_bytes(raw, policy=default)
        to = [address.addr_spec for address in message["To"].addresses]
        with smtplib.SMTP(self.smtp.host, self.smtp.mx_port or self.smtp.port, timeout=30) as server:
            server.sendmail(message["From"].addresses[0].addr_spec, to, raw)

    def _at(self, when: datetime, do: Callable[[datetime], None]) -> None:
        self.agenda.append((when, do))

    def _once(self, what: str) -> bool:
        new = what not in self.answered
        self.answered.add(what)
        return new

    def _bill(self, key: str) -> list[Issued]:
        return [issued for issued in self.invoices if issued.client == key]

    def _person(self, key: str) -> write.Person:
        return self.cast.client(key).person

    def _words(self, what: str, **values: str) -> str:
        return self.cast.words[what].format(**values)
