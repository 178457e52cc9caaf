"""A list that comes again names another client for an invoice, or another address to write to.

Only what the list itself says differently than before is changed: what an owner put right since stays. What is not
changed although list and ledger differ is said, so that nobody takes the list for applied.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz
from sqlalchemy import Connection

from mailbot.invoices.names import LEGAL_FORM
from mailbot.jobs.entering import client_of, keep_address
from mailbot.jobs.moving import has_money
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, events, invoices
from mailbot.model import JSON, InvoiceDocument, Listed, Party

_ALIKE = 60.0
"""How alike two names are (of 100, rapidfuzz's token sets, without legal forms) that one SIREN may belong to."""
_SAME = 100.0
"""All words of the one name stand in the other."""
_METHOD = "import"


@dataclass(frozen=True, slots=True)
class Difference:
    """What is said of a difference, and whether the ledger follows the list in it."""

    text: str
    changed: bool


Said = Difference | None


def addresses_in(entries: Sequence[Listed]) -> Mapping[str, set[str]]:
    """The addresses that a list gives each client, by the key of its name."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        buyer = entry.document.buyer
        if buyer.email:
            found[clients.name_key(buyer.name or "")].add(buyer.email)
    return found


def whose_number(conn: Connection, office: Office, buyer: Party) -> str | None:
    """The client of another name whose SIREN or VAT number a list gives to this buyer; None where nobody has them."""
    found = clients.by_siren(conn, office.key, buyer.siren) if buyer.siren and buyer.name else None
    if found is None and buyer.vat and buyer.name:
        found = clients.by_vat(conn, office.key, buyer.vat)
    if found is None or _is_called(clients.get(conn, office.key, found), buyer.name or "", _ALIKE):
        return None
    return clients.get(conn, office.key, found).name


def put_client(
    conn: Connection, office: Office, known: invoices.Invoice, document: InvoiceDocument, now: datetime
) -> Said:
    """The invoice is owed by another client than the list said before: it is moved, where no money hangs on it."""
    name, here = document.buyer.name or "", clients.get(conn, office.key, known.client)
    if _is_called(here, name) or _same(name, _named_before(conn, office, known)) or _is_numbered(here, document.buyer):
        return None
    differs = f"client {name} in the list, {here.name} here"
    if known.document.source != "listing":
        return Difference(f"{differs}: the invoice itself counts", changed=False)
    if has_money(conn, office, known):
        return Difference(f"{differs}: not moved, for money was booked on it", changed=False)
    client, _ = client_of(conn, office, document.buyer, document.buyer.email)
    if client == known.client:
        return None
    invoices.move(conn, office.key, known.number, client)
    cause = f"import/{known.number}/{client}/{now.isoformat()}"
    data: dict[str, JSON] = {"client": client, "before": known.client, "listed": name, "method": _METHOD}
    happened(conn, office, "owner.moved", cause, now, client=client, invoice=known.number, data=data)
    for one in (known.client, client):
        refresh(conn, office, one, now)
    return Difference(f"client {here.name} -> {clients.get(conn, office.key, client).name}", changed=True)


def put_address(
    conn: Connection,
    office: Office,
    known: invoices.Invoice,
    document: InvoiceDocument,
    listed: Mapping[str, set[str]],
    now: datetime,
) -> Said:
    """The address that a list gives: the first of a client, or in the place of the one that the list gave before."""
    email, here = document.buyer.email, clients.get(conn, office.key, known.client)
    if email is None or email in {one.email for one in here.contacts}:
        return None
    before = _address_before(conn, office, known)
    if here.contacts and email == before:
        return None  # the owner has chosen another since
    if here.contacts:
        now_to = ", ".join(one.email for one in here.contacts)
        differs = f"e-mail {email} in the list, {now_to} here"
        if len(listed.get(clients.name_key(document.buyer.name or ""), ())) > 1:
            return Difference(f"{differs}: other rows of the client have another one", changed=False)
        if before not in {one.email for one in here.contacts}:
            return Difference(f"{differs}: what was chosen here counts", changed=False)
    said = keep_address(conn, office, known.client, email, document, known.number, now)
    if not here.contacts:
        return Difference("; ".join([email, *said]), changed=True)
    if said:
        return Difference("; ".join([f"e-mail {before} -> {email}", *said]), changed=True)
    contacts: list[JSON] = [{"email": one.email, "name": one.name, "usable": one.usable} for one in here.contacts]
    clients.drop_contact(conn, office.key, known.client, before or "")
    data: dict[str, JSON] = {"email": email, "action": "replace", "before": contacts, "method": _METHOD}
    cause = f"import/{known.client}/{email}/{now.isoformat()}"
    happened(conn, office, "owner.contact", cause, now, client=known.client, data=data)
    refresh(conn, office, known.client, now)
    return Difference(f"e-mail {before} -> {email}", changed=True)


def _named_before(conn: Connection, office: Office, known: invoices.Invoice) -> str:
    """The client as lists called it until now."""
    told = [one for one in events.of_invoice(conn, office.key, known.number) if one.data.get("method") == _METHOD]
    moved = [one for one in told if one.name == "owner.moved"]
    return str(moved[-1].data.get("listed")) if moved else known.document.buyer.name or ""


def _address_before(conn: Connection, office: Office, known: invoices.Invoice) -> str | None:
    """The client's address as lists gave it until now."""
    told = [one for one in events.of_client(conn, office.key, known.client) if one.data.get("method") == _METHOD]
    given = [one for one in told if one.name == "owner.contact"]
    return str(given[-1].data.get("email")) if given else known.document.buyer.email


def _same(name: str, other: str) -> bool:
    return clients.name_key(name) == clients.name_key(other)


def _is_called(client: clients.Client, name: str, alike: float = _SAME) -> bool:
    """Whether a name is the client's, or so like it that it is written in another way; legal forms tell nothing."""
    mine = _bare(name)
    return any(fuzz.token_set_ratio(mine, _bare(one)) >= alike for one in (client.name, *client.aliases))


def _bare(name: str) -> str:
    return clients.name_key(LEGAL_FORM.sub("", name)) or clients.name_key(name)


def _is_numbered(client: clients.Client, buyer: Party) -> bool:
    """Whether the numbers say that it is this client, whatever it is called by now."""
    return any(mine and mine == theirs for mine, theirs in ((buyer.siren, client.siren), (buyer.vat, client.vat)))
