"""Another address that a client names for its mails: a question to the owner, then a contact on the owner's yes.

Nothing is written to the new address before that: whoever can answer a mail could otherwise draw the next ones to
an address of their own.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mailbot.inbox.free_mail import FREE_MAIL
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office, happened
from mailbot.ledger import clients, events, questions
from mailbot.ledger.questions import Question
from mailbot.model import JSON, Event
from mailbot.owner.outcomes import outcome

KIND, HEARD = "new_contact", "reply.wrong_contact"


def ask_about(
    conn: Connection, office: Office, client: int, email: str, source: str, now: datetime, *,
    quote: str = "", sender: str = "", letter: str | None = None, invoices: Sequence[str] = (), unsure: bool = False,
) -> bool:  # fmt: skip
    """Ask whether the client is to be written to at `email` from now on, once; False where that is no question.

    `source` is the letter or the page's mail that named it, `quote` its words, `sender` who wrote. `unsure`: it is not
    certain that the letter says so, and its reading (`reply.unclear`) waits for the same answer.
    """
    email = email.strip().lower()
    known = clients.get(conn, office.key, client)
    ours = {office.business.mailbox.mail_address, *office.business.owners}
    if email in ours or _written_to(known) == email:
        return False
    if _open(conn, office, client, email) is not None and not unsure:
        return True
    about = {
        "client": client, "client_name": known.name, "email": email, "quote": quote, "letter": letter,
        "from": sender if sender not in {one.email for one in known.contacts} else "",
        "elsewhere": _is_elsewhere(email, [one.email for one in known.contacts]),
        "invoices": list(invoices), "unsure": unsure,
    }  # fmt: skip
    ask(conn, office, KIND, f"{KIND}/{client}/{email}/{source}", about, now, client=client, letter=letter)
    return True


def is_asked(conn: Connection, office: Office, client: int, event: Event | None) -> bool:
    """Whether the owner is being asked about the address that this event names."""
    named = event.data.get("new_contact") if event is not None and event.name == HEARD else None
    return isinstance(named, str) and _open(conn, office, client, named) is not None


def is_settled(conn: Connection, office: Office, question: Question) -> bool:
    """The client is written to at that address already: by an order, or a newer answer."""
    known = clients.get(conn, office.key, question.client or 0)
    return _written_to(known) == str(question.about["email"])


def take(conn: Connection, office: Office, question: Question, cause: str, letter: str | None, now: datetime) -> str:
    """Yes: the address comes first from now on. The one that named it is not written to any more, but still known."""
    client, email = int(str(question.about["client"])), str(question.about["email"])
    known = clients.get(conn, office.key, client)
    before: list[JSON] = [{"email": one.email, "name": one.name, "usable": one.usable} for one in known.contacts]
    left = _written_to(known)
    for one in known.contacts:
        clients.drop_contact(conn, office.key, client, one.email)
    clients.set_contact(conn, office.key, client, email, usable=True)
    for one in known.contacts:
        if one.email != email:
            clients.set_contact(
                conn, office.key, client, one.email, one.name, usable=one.usable and one.email != left
            )  # fmt: skip
    data: dict[str, JSON] = {"email": email, "action": "replace", "before": before, "question": question.number}
    happened(conn, office, "owner.contact", cause, now, client=client, data=data, letter=letter)
    return outcome("contact", office.business.language, target=known.name, email=email)


def leave(conn: Connection, office: Office, question: Question, cause: str, letter: str | None, now: datetime) -> str:
    """No: the address is forgotten, and the mails that waited for the answer go where they went before."""
    client, email = int(str(question.about["client"])), str(question.about["email"])
    named = [
        event for event in events.of_client(conn, office.key, client)
        if event.name == HEARD and event.data.get("new_contact") == email
    ]  # fmt: skip
    for position, event in enumerate(named):
        data: dict[str, JSON] = {"question": question.number, "go_on": True, "event": event.id}
        happened(
            conn, office, "owner.answered", f"{cause}/{position}", now,
            client=client, invoice=event.invoice, data=data, letter=letter,
        )  # fmt: skip
    known = clients.get(conn, office.key, client)
    return outcome(
        "contact_stays", office.business.language, target=known.name, email=_written_to(known) or "-"
    )  # fmt: skip


def _written_to(client: clients.Client) -> str | None:
    return next((one.email for one in client.contacts if one.usable), None)


def _open(conn: Connection, office: Office, client: int, email: str) -> Question | None:
    asked = questions.open_ones(conn, office.key, client)
    return next((one for one in asked if one.kind == KIND and one.about.get("email") == email.strip().lower()), None)


def _is_elsewhere(email: str, known: Sequence[str]) -> bool:
    domain = email.rpartition("@")[2]
    return domain in FREE_MAIL or domain not in {one.rpartition("@")[2] for one in known}
