"""What an owner means by "2", "FA-2026-0412", "Dupont" or "tout"."""

import difflib
from dataclasses import dataclass

from sqlalchemy import Connection

from mailbot.errors import MailbotError
from mailbot.jobs.office import Office
from mailbot.ledger import clients, invoices, questions

_DIGITS = 9
_ALIKE = 3
_SHORT = 3
"""Letters by which a name that was mistyped may be longer or shorter, and words that are too short to compare."""
_LONGEST = 60
"""A longer text is no name that was mistyped."""
_ALL = frozenset({"tout", "tous", "toutes", "all", "everything", "*"})


class UnclearError(MailbotError):
    """An order that cannot be carried out as written; the message is the answer to the owner."""


@dataclass(frozen=True, slots=True)
class Target:
    """An invoice (with its client), a client, or everything (both None)."""

    label: str
    client: int | None = None
    invoice: str | None = None

    def typed(self, language: str) -> str:
        """As the owner writes it in an order."""
        everything = self.client is None and self.invoice is None
        return {"fr": "tout", "en": "all"}[language] if everything else self.label


def resolve(conn: Connection, office: Office, text: str | None, question: int | None = None) -> list[Target]:
    """All that the words can mean: one where they are clear, none or several where they are not.

    A number is a question of the digest; without words it is what the answered question is about.
    """
    words = (text or "").strip()
    if words.lower() in _ALL:
        return [Target({"fr": "Toutes les relances"}.get(office.business.language, "All reminders"))]
    number = question_number(words) if words else question
    if number is not None and (asked := questions.get(conn, office.key, number)) is not None:
        return _of_question(conn, office, asked)
    by_number = {known.upper(): known for known in invoices.numbers(conn, office.key)}
    if words.upper() in by_number:
        return [_invoice(conn, office, by_number[words.upper()])]
    return [_client(conn, office, client) for client in clients.find(conn, office.key, words)] if words else []


def nearest(conn: Connection, office: Office, text: str) -> list[str]:
    """Invoice numbers and clients' names that look like a text that is none of them; at most three."""
    wanted = text.strip().casefold()[:_LONGEST]
    names = [one.name for one in clients.everyone(conn, office.key)]
    whole = {name.casefold(): name for name in [*invoices.numbers(conn, office.key), *names]}
    words = {word: name for name in names for word in name.casefold().split() if len(word) > _SHORT}
    for known, least in ((whole, 0.7), (words, 0.65)):
        alike = [key for key in known if abs(len(key) - len(wanted)) <= _SHORT]
        if found := difflib.get_close_matches(wanted, alike, _ALIKE, least):
            return list(dict.fromkeys(known[key] for key in found))
    return []


def question_number(text: str | None) -> int | None:
    """A text that can be the number of a question; longer ones are somebody else's numbers."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _of_question(conn: Connection, office: Office, asked: questions.Question) -> list[Target]:
    if asked.invoice is not None:
        return [_invoice(conn, office, asked.invoice)]
    return [_client(conn, office, asked.client)] if asked.client is not None else []


def _invoice(conn: Connection, office: Office, number: str) -> Target:
    return Target(number, invoices.numbers(conn, office.key)[number], number)


def _client(conn: Connection, office: Office, client: int) -> Target:
    return Target(clients.get(conn, office.key, client).name, client)
