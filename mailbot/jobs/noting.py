"""What an owner wrote above an invoice takes effect with it, or holds its reminders until the owner has said more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.utils import getaddresses
from typing import cast

from sqlalchemy import Connection

from mailbot.jobs import settling, steering
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.targets import Target, UnclearError
from mailbot.jobs.turns import Act, Turn, record
from mailbot.ledger import clients, invoices
from mailbot.model import JSON, Letter, Order, Reading
from mailbot.owner.notes import OBEYED, Note, claims_in, note_of
from mailbot.owner.orders import parse_orders
from mailbot.owner.outcomes import outcome
from mailbot.owner.remarks import remark

_COPIED = frozenset({"cc", "bcc", "resent"})
"""How a mail may have come whose words are the client's to read."""
_ACTS: Mapping[str, Act] = {verb: act for verb, act in {**settling.ORDERS, **steering.ORDERS}.items() if verb in OBEYED}


@dataclass(frozen=True, slots=True)
class Written:
    """The owner's words above an invoice and the client's below them, with the day on which they were written."""

    text: str = ""
    theirs: tuple[str, ...] = ()
    day: date = date(1970, 1, 1)
    names: tuple[str, ...] = ()

    @property
    def note(self) -> Note:
        """What the owner's words say."""
        return note_of(self.text, self.day, self.names)

    def orders_left(self, heeded: Sequence[tuple[str | None, int]], documents: int) -> list[str]:
        """The lines of orders that no document of the mail took.

        `heeded`: the number of each document that took what is about it, with its place from 1; of `documents` in all.
        The only one of a mail takes everything, and of several each what is no order that can stand above an invoice.
        """
        if heeded and documents == 1:
            return []
        given, _ = parse_orders(self.text, "fr", self.day)
        note = self.note
        taken = [one for number, place in heeded for one in note.about(number, place, alone=False).orders]
        left = [one for one in given if one not in taken and not _is_only_ok(one)]
        return list(dict.fromkeys(one.line.strip() for one in left if not heeded or one in note.orders))

    def stored(self) -> dict[str, JSON]:
        """As a question keeps it."""
        return {
            "text": self.text, "theirs": list(self.theirs), "day": self.day.isoformat(), "names": list(self.names)
        }  # fmt: skip


def restored(kept: JSON) -> Written:
    """The reverse of `stored`; nothing where a question kept nothing."""
    if not isinstance(kept, dict):
        return Written()
    theirs, names = cast("list[str]", kept["theirs"]), cast("list[str]", kept["names"])
    return Written(str(kept["text"]), tuple(theirs), date.fromisoformat(str(kept["day"])), tuple(names))


def written_with(office: Office, letter: Letter, found: Reading, now: datetime) -> Written:
    """What the owner wrote to the bot with an invoice; words to a client, of a mail in copy, are none."""
    passed_on = found.forwarded
    day = letter.date.date() if letter.date else office.day(now)
    names = (letter.from_name, office.business.name)
    if (passed_on is not None and passed_on.style in _COPIED) or not _is_to(letter, office):
        return Written(day=day)
    sender = (passed_on.from_address or "").lower() if passed_on is not None else ""
    is_client = bool(sender) and sender.partition("@")[2] not in _own_domains(office) and "reply" not in sender
    theirs = claims_in(passed_on.text) if passed_on is not None and is_client else ()
    return Written(found.new_text, theirs, day, names)


def _own_domains(office: Office) -> set[str]:
    box = office.business.mailbox.mail_address
    return {one.partition("@")[2].lower() for one in (*office.business.owners, box)}


def _is_to(letter: Letter, office: Office) -> bool:
    local, _, host = office.business.mailbox.mail_address.partition("@")
    written = [value for name, value in letter.headers if name == "to"]
    to = [address.lower().partition("@") for _, address in getaddresses(written)]
    return any(there == host and name.partition("+")[0] == local for name, _, there in to)


def quoted(office: Office, note: Note, theirs: Sequence[str]) -> list[str]:
    """The sentences that quote the words which are no order: the owner's, and the client's."""
    language = office.business.language
    said = [remark("you_wrote", language, words=_joined(note.words))] if note.words else []
    return [*said, *([remark("they_wrote", language, words=_joined(theirs))] if theirs else [])]


def _is_only_ok(order: Order) -> bool:
    return order.verb == "answer" and order.target is None


def _joined(lines: Sequence[str]) -> str:
    return " / ".join(line.rstrip(". ") for line in lines)


def follow(
    conn: Connection, office: Office, letter: str | None, note: Note, theirs: Sequence[str], number: str, now: datetime
) -> tuple[list[str], int | None]:
    """Carry out what stands above an invoice that is entered: (what to tell of it, the question about other words).

    Until that question is answered nothing is sent about this invoice; any order about it answers it, too.
    """
    entered = invoices.get(conn, office.key, number)
    if entered is None:
        return [], None
    said, left = [], list(note.words)
    for at, order in enumerate(note.orders):
        if order.verb == "correct":
            continue
        done = _carried(conn, office, letter, order, entered, at, now) if entered.kind == "invoice" else None
        if done is None:
            left.append(order.line.strip())
        else:
            said.append(done)
    unclear = quoted(office, replace(note, words=tuple(left)), theirs)
    if not unclear:
        return said, None
    about: dict[str, JSON] = {"said": " ".join(unclear), "invoice": number}
    key = f"note/{letter or ''}/{number}"
    question = ask(conn, office, "note", key, about, now, client=entered.client, invoice=number, letter=letter)
    data: dict[str, JSON] = {"until": None, "question": question}
    happened(
        conn, office, "owner.paused", key, now, client=entered.client, invoice=number, data=data, letter=letter
    )  # fmt: skip
    refresh(conn, office, entered.client, now)
    language = office.business.language
    return [*said, *unclear, remark("note_asked", language, question=question, number=number)], question


def addresses(conn: Connection, office: Office, number: str) -> dict[str, JSON]:
    """Where the reminders of an invoice go after what was written above it, as `contacts`."""
    entered = invoices.get(conn, office.key, number)
    if entered is None:
        return {}
    return {"contacts": [one.email for one in clients.get(conn, office.key, entered.client).contacts if one.usable]}


def _carried(
    conn: Connection,
    office: Office,
    letter: str | None,
    order: Order,
    entered: invoices.Invoice,
    at: int,
    now: datetime,
) -> str | None:
    turn = Turn(f"{letter}/note/{entered.number}/{at}", now, office.business.language, letter)
    try:
        with conn.begin_nested():
            if order.verb == "contact":
                return _only_address(conn, office, order, entered, turn)
            plain = replace(order, target=entered.number, line=f"{order.verb} {entered.number}")
            return _ACTS[order.verb](conn, office, plain, turn)
    except UnclearError:
        return None


def _only_address(conn: Connection, office: Office, order: Order, entered: invoices.Invoice, turn: Turn) -> str:
    """The address that stands above an invoice takes the place of the client's others, as an order does."""
    email, client = order.fields["email"], clients.get(conn, office.key, entered.client)
    if email in {office.business.mailbox.mail_address, *office.business.owners}:
        raise UnclearError(outcome("own_address", turn.language, email=email))
    before: list[JSON] = [{"email": one.email, "name": one.name, "usable": one.usable} for one in client.contacts]
    for known in client.contacts:
        if known.email != email:
            clients.drop_contact(conn, office.key, client.id, known.email)
    clients.set_contact(conn, office.key, client.id, email, usable=True)
    target = Target(entered.number, client.id, entered.number)
    record(conn, office, "owner.contact", target, turn, {**order.fields, "before": before})
    return outcome("contact", turn.language, target=client.name, email=email)
