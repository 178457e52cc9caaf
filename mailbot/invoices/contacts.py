"""A list of clients beside a list of invoices: what books leave out, an address for each client and when it pays.

A FEC names clients by account and name and says neither. Columns are recognised by their headings, in any order: the
account or the name (or both), the e-mail, the payment terms in days or in words.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from mailbot.invoices.cells import Rows, rows_of
from mailbot.invoices.headings import folded
from mailbot.invoices.terms import due_dates
from mailbot.invoices.values import email_of
from mailbot.model import InvoiceDocument, Listed, ListedClient, Problem

_HEAD_WITHIN: Final = 10
_HEADINGS: Final[Mapping[str, frozenset[str]]] = {
    "account": frozenset({
        "account", "account number", "client number", "customer number", "client code", "customer code", "compte",
        "numero de compte", "no de compte", "n compte", "compte client", "compte auxiliaire", "compte aux",
        "compauxnum", "comptenum", "code client", "numero client", "code tiers", "compte tiers",
    }),
    "name": frozenset({
        "name", "client", "customer", "client name", "customer name", "company", "nom", "nom du client",
        "raison sociale", "societe", "compauxlib", "libelle", "tiers", "libelle du compte",
    }),
    "email": frozenset({
        "email", "e mail", "mail", "email address", "e mail address", "adresse email", "adresse e mail", "courriel",
        "adresse mail", "adresse electronique", "contact",
    }),
    "terms": frozenset({
        "terms", "payment terms", "days", "due days", "conditions", "conditions de paiement", "conditions de reglement",
        "echeance", "delai", "delai de paiement", "delai de reglement", "reglement", "jours",
    }),
}  # fmt: skip
_DAYS: Final = re.compile(r"(\d{1,3})(?:\.0)?(?: ?(?:jours?|j|days?|d))?", re.IGNORECASE)
_MOST_DAYS: Final = 365
_SOME_DAY: Final = date(2026, 1, 15)


def read_contacts(data: bytes, name: str) -> tuple[list[ListedClient], list[Problem]]:
    """The clients of a CSV or XLSX list, and every line that cannot be taken. Nothing that a file holds raises."""
    rows = rows_of(data, name)
    if isinstance(rows, Problem):
        return [], [rows]
    found = next(
        ((at, columns) for at, (_, cells) in enumerate(rows[:_HEAD_WITHIN]) if (columns := _columns(cells))), None
    )
    if found is None:
        said = "No row has headings for the client (account or name) and for its e-mail or terms."
        return [], [Problem("unknown_columns", said, file=name)]
    at, columns = found
    return _clients(rows[at + 1 :], columns, name)


def _columns(cells: Sequence[str]) -> dict[str, int] | None:
    columns: dict[str, int] = {}
    for place, cell in enumerate(cells):
        named = next((field for field, words in _HEADINGS.items() if folded(cell) in words), None)
        if named is not None:
            columns.setdefault(named, place)
    return columns if {"account", "name"} & set(columns) and {"email", "terms"} & set(columns) else None


def _clients(rows: Rows, columns: Mapping[str, int], file: str) -> tuple[list[ListedClient], list[Problem]]:
    clients: list[ListedClient] = []
    problems: list[Problem] = []
    named: dict[str, int] = {}
    for line, cells in rows:
        client = ListedClient(line, *(_cell(cells, columns, field) for field in ("account", "name", "email", "terms")))
        key = folded(client.account or client.name or "")
        said = _wrong(client, named.get(key))
        if said is not None:
            problems.append(Problem("bad_contact", said, line, file=file))
            continue
        named[key] = line
        clients.append(replace(client, email=email_of(client.email)))
    return clients, problems


def _cell(cells: Sequence[str], columns: Mapping[str, int], field: str) -> str | None:
    at = columns.get(field)
    return (cells[at].strip() or None) if at is not None and at < len(cells) else None


def _wrong(client: ListedClient, before: int | None) -> str | None:
    """What keeps a line from being taken, in a sentence."""
    who = client.account or client.name
    if who is None:
        return "This line names no client."
    if before is not None:
        return f"{who} stands in line {before} already."
    if client.email is not None and email_of(client.email) is None:
        return f"{client.email!r} of {who} is not one e-mail address."
    if client.terms is not None and due_on(client.terms, _SOME_DAY) is None:
        return f"{client.terms!r} of {who} are no payment terms: write days (30) or words (45 jours fin de mois)."
    return None


def due_on(terms: str, issued: date) -> date | None:
    """The day on which these terms make an invoice of that day due; None where they say none."""
    days = _DAYS.fullmatch(terms.strip())
    if days is not None:
        return issued + timedelta(days=int(days[1])) if int(days[1]) <= _MOST_DAYS else None
    return next(iter(due_dates(terms, issued)), None)


def with_contacts(
    entries: Sequence[Listed], clients: Sequence[ListedClient], key: Callable[[str], str]
) -> tuple[list[Listed], set[int]]:
    """The invoices with what the list of contacts says of their clients, and the lines of it that were used.

    A client is found by its account, else by its name; `key` makes names comparable. What an invoice says itself
    counts first.
    """
    by_account = {folded(client.account): client for client in clients if client.account}
    by_name = {key(client.name): client for client in clients if client.name}
    completed, used = [], set()
    for entry in entries:
        client = by_account.get(folded(entry.account or "")) or by_name.get(key(entry.document.buyer.name or ""))
        if client is not None:
            used.add(client.line)
            entry = replace(entry, document=_completed(entry.document, client))
        completed.append(entry)
    return completed, used


def _completed(document: InvoiceDocument, client: ListedClient) -> InvoiceDocument:
    due, issued = document.due_date, document.issue_date
    if due is None and issued is not None and client.terms is not None:
        due = due_on(client.terms, issued)
    return replace(document, due_date=due, buyer=replace(document.buyer, email=document.buyer.email or client.email))


def with_terms(entries: Sequence[Listed], terms: int | None, file: str) -> tuple[list[Listed], list[Problem]]:
    """The invoices with a due date, of `terms` days where they have none; a Problem for each that is due on no day.

    A credit note is due when it is issued.
    """
    dated, problems = [], []
    for entry in entries:
        document = entry.document
        due, issued = document.due_date, document.issue_date
        if due is None and issued is not None and (terms is not None or document.kind == "credit_note"):
            due = issued + timedelta(days=terms or 0)
        if due is None and document.amount_due:
            who = entry.account or document.buyer.name
            said = f"{document.number} of {who} has no due date: say its client's terms in the list, or --terms DAYS."
            problems.append(Problem("no_due_date", said, entry.line, file=file))
        else:
            dated.append(replace(entry, document=replace(document, due_date=due)))
    return dated, problems
