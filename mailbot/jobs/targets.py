"""What an owner means by "2", "FA-2026-0412", "Dupont" or "tout"; and what tells apart what has the same name."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from mailbot.errors import MailbotError
from mailbot.jobs.office import Office
from mailbot.ledger import clients, invoices, questions
from mailbot.ledger.invoices import Invoice
from mailbot.money import write_amount_plain, write_day
from mailbot.owner.outcomes import outcome
from mailbot.owner.words import fold

_DIGITS = 9
_ALIKE = 3
_SHORT = 3
"""Letters by which a name that was mistyped may be longer or shorter, and words that are too short to compare."""
_LONGEST = 60
"""A longer text is no name that was mistyped."""
_SHOWN = 2
_AND = re.compile(r"\s*(?:,|;|&|\bet\b|\band\b)\s*", re.IGNORECASE)
_MOST_NAMES = 10
_MOST_WORDS = 8
"""A name and a town together have no more."""
_EXACTLY = re.compile(r"client#(\d{1,9})$")
_SIREN = re.compile(r"(?<!\d)\d{3} ?\d{3} ?\d{3}(?!\d)")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,190}")
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


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the things that an order can mean: what tells it apart, and how an order names it."""

    label: str
    target: str | None
    fields: Mapping[str, str] = field(default_factory=dict)


class SeveralError(UnclearError):
    """An order that can mean several things, which the owner is to choose from; `why` without the list of them."""

    def __init__(self, why: str, choices: tuple[Choice, ...]) -> None:
        super().__init__(f"{why} {' ; '.join(one.label for one in choices)}")
        self.why, self.choices = why, choices


def several(conn: Connection, office: Office, words: str, found: Sequence[Target], language: str) -> SeveralError:
    """What to raise where words can mean all of these; each is told apart by what is known of it."""
    choices = tuple(Choice(described(conn, office, one), _handle(one)) for one in found)
    return SeveralError(outcome("which_is_meant", language, target=words), choices)


def described(conn: Connection, office: Office, target: Target) -> str:
    """A client with its town, its SIREN, its address and an open invoice, or the last one; an invoice with its client
    and what is open."""
    if target.client is None:
        return target.label
    client, language = clients.get(conn, office.key, target.client), office.business.language
    billed = invoices.of_client(conn, office.key, target.client)
    owed = [one for one in billed if one.open_amount > 0 and target.invoice in (None, one.number)]
    amounts = [f"{one.number} {write_amount_plain(one.open_amount, one.currency, language)}" for one in owed[:_SHOWN]]
    if target.invoice is not None:
        return f"{target.invoice} ({', '.join([client.name, *(one.partition(' ')[2] for one in amounts)])})"
    emails = [one.email for one in client.contacts if one.usable][:1]
    if not amounts and billed:
        last = max(billed, key=lambda one: (one.issued, one.number))
        amounts = [f"{last.number} {write_day(last.issued, language)}"]
    siren = f"SIREN {client.siren}" if client.siren else ""
    known = [_town(billed), siren, *emails, *amounts, "…" if len(owed) > _SHOWN else ""]
    return f"{client.name} ({', '.join(filter(None, known))})" if any(known) else client.name


def _town(billed: Sequence[Invoice]) -> str:
    """Where the client is, as its latest invoice with an address says; "" where none does."""
    latest = sorted(billed, key=lambda one: (one.issued, one.number), reverse=True)
    return next((one.document.buyer.town for one in latest if one.document.buyer.town), "")


def _handle(target: Target) -> str | None:
    """How an order names exactly this, whatever else has the same name."""
    return target.invoice or (f"client#{target.client}" if target.client is not None else None)


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
    if exactly := _EXACTLY.match(words):
        return [
            _client(conn, office, one.id) for one in clients.everyone(conn, office.key) if str(one.id) == exactly[1]
        ]
    found = []
    if words:
        found = clients.find(conn, office.key, words) or _by_data(conn, office, words) or _by_town(conn, office, words)
    return [_client(conn, office, client) for client in found]


def _by_data(conn: Connection, office: Office, words: str) -> list[int]:
    """Clients by a SIREN or an address among the words: "Dupont SIREN 732 829 320", "Dupont compta@dupont.example"."""
    found: set[int] | None = None
    rest = words
    for piece in [*_SIREN.findall(words), *_ADDRESS.findall(words)]:
        of_siren = clients.by_siren(conn, office.key, piece) if "@" not in piece else None
        mine = {of_siren} if of_siren is not None else set(clients.at_address(conn, office.key, piece))
        found = mine if found is None else found & mine
        rest = rest.replace(piece, " ")
    rest = " ".join(re.sub(r"\bsiren\b|[(),:]", " ", rest, flags=re.IGNORECASE).split())
    if found and rest:
        found &= set(clients.find(conn, office.key, rest))
    return sorted(found or ())


def _by_town(conn: Connection, office: Office, words: str) -> list[int]:
    """Clients by a name and the town behind it: "Dupont Lyon", "Dupont (Saint-Étienne)"."""
    pieces = re.sub(r"[(),]", " ", words).split()
    for at in range(1, min(len(pieces), _MOST_WORDS)):
        town = fold(re.sub(r"^(?:à|a|de|in|at|from)\s+", "", " ".join(pieces[at:]), flags=re.IGNORECASE))
        named = clients.find(conn, office.key, " ".join(pieces[:at]))
        found = [one for one in named if fold(_town(invoices.of_client(conn, office.key, one))) == town]
        if town and found:
            return found
    return []


def names_listed(conn: Connection, office: Office, text: str, question: int | None) -> list[str]:
    """The names in "Dupont et Lemaire", where nothing is called that and each is one client or invoice; else none."""
    names = _AND.split(text)
    if not 1 < len(names) <= _MOST_NAMES or resolve(conn, office, text, question):
        return []
    return names if all(name and len(resolve(conn, office, name)) == 1 for name in names) else []


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
