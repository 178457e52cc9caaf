"""Those who owe: companies and persons, how to reach them, and when to look at them next."""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, or_, select, update

from mailbot.errors import LedgerError
from mailbot.ledger.columns import storable
from mailbot.ledger.inserting import insert_new
from mailbot.ledger.invoices import FACTS, facts_of
from mailbot.ledger.tables import client as table
from mailbot.ledger.tables import contact, invoice
from mailbot.model import ClientFacts, Contact


@dataclass(frozen=True, slots=True)
class Client:
    """A client with its contacts in the order in which they were named."""

    id: int
    name: str
    language: str
    category: str
    vat: str | None
    siren: str | None
    nickname: str | None
    aliases: tuple[str, ...]
    do_not_contact: bool
    tone: str | None
    """The owner's wish that overrides the rules' tone; likewise `profile`."""
    profile: str | None
    next_look: date | None
    contacts: tuple[Contact, ...]


_COLUMNS = [table.c[name] for name in Client.__slots__ if name != "contacts"]


def add(
    conn: Connection,
    business: str,
    name: str,
    language: str,
    *,
    vat: str | None = None,
    siren: str | None = None,
    category: str = "standard",
    contacts: Iterable[Contact] = (),
) -> int:
    """Adds a client and returns its id.

    The same name, VAT number, SIREN and addresses give the same client again.
    """
    contacts = tuple(contacts)
    vat, siren = _bare(vat), _bare(siren)
    emails = sorted({_address(each.email) for each in contacts})
    identity = json.dumps([name_key(name), vat, siren, emails])
    values: dict[str, object] = {
        "business": business,
        "identity": identity,
        "name": name,
        "name_key": name_key(name),
        "aliases": [],
        "language": language,
        "vat": vat,
        "siren": siren,
        "category": category,
        "do_not_contact": False,
    }
    new = insert_new(conn, table, values, table.c.business, table.c.identity)
    if new is None:
        known = select(table.c.id).where(table.c.business == business, table.c.identity == identity)
        return int(conn.execute(known).scalar_one())
    for each in contacts:
        set_contact(conn, business, new, each.email, each.name, each.usable)
    return int(new)


def get(conn: Connection, business: str, client: int) -> Client:
    """The client. Raises LedgerError where this business has no such client."""
    found = _clients(conn, business, table.c.id == client)
    if not found:
        raise LedgerError(f"There is no client {client}.")
    return found[0]


def everyone(conn: Connection, business: str) -> list[Client]:
    """All clients, in the order in which they were added."""
    return _clients(conn, business)


def newest(conn: Connection, business: str) -> int:
    """The id of the client that was added last, which later ones are above; 0 before the first."""
    return conn.scalar(select(func.max(table.c.id)).where(table.c.business == business)) or 0


def by_email(conn: Connection, business: str, email: str) -> int | None:
    """The one client who has this address; None where nobody or several (an accountant's) do."""
    asked = select(contact.c.client).where(contact.c.business == business, contact.c.email == _address(email))
    return _only(conn.scalars(asked))


def by_vat(conn: Connection, business: str, vat: str) -> int | None:
    """The one client with this VAT number, written with or without spaces."""
    number = _bare(vat)
    return _only(conn.scalars(_ids(business, table.c.vat == number))) if number else None


def by_siren(conn: Connection, business: str, siren: str) -> int | None:
    """The one client with this SIREN, written with or without spaces."""
    number = _bare(siren)
    return _only(conn.scalars(_ids(business, table.c.siren == number))) if number else None


def by_name(conn: Connection, business: str, name: str) -> int | None:
    """The one client of this name, whatever its case, accents and punctuation."""
    key = name_key(name)
    return _only(conn.scalars(_ids(business, table.c.name_key == key))) if key else None


def find(conn: Connection, business: str, text: str) -> list[int]:
    """Whom an owner may mean, by the first of these that fits anybody.

    Invoice number, address, nickname or alias, whole name, part of a name.
    """
    wanted, key = text.strip(), name_key(text)
    if not wanted:
        return []
    of_invoice = select(invoice.c.client).where(invoice.c.business == business)
    of_invoice = of_invoice.where(func.upper(invoice.c.number) == wanted.upper())
    of_contact = select(contact.c.client).where(contact.c.business == business, contact.c.email == _address(wanted))
    for asked in (of_invoice, of_contact):
        if found := sorted(set(conn.scalars(asked))):
            return found
    return _by_words(everyone(conn, business), key) if key else []


def _by_words(clients: Sequence[Client], key: str) -> list[int]:
    def named(each: Client) -> set[str]:
        return {name_key(word) for word in (each.nickname, *each.aliases) if word}

    called = [each.id for each in clients if key in named(each)]
    whole = [each.id for each in clients if key == name_key(each.name)]
    part = [each.id for each in clients if key in name_key(each.name)]
    return called or whole or part


def set_contact(conn: Connection, business: str, client: int, email: str, name: str = "", usable: bool = True) -> None:
    """Adds an address to the client, or changes its name and whether it may be written to."""
    mine = and_(contact.c.business == business, contact.c.client == client)
    last = conn.scalar(select(func.max(contact.c.position)).where(mine))
    position = 0 if last is None else last + 1
    where = {"business": business, "client": client, "email": _address(email)}
    values = {"name": name, "usable": usable}
    if insert_new(conn, contact, where | values | {"position": position}, *contact.primary_key) is None:
        conn.execute(update(contact).where(mine, contact.c.email == _address(email)).values(values))


def drop_contact(conn: Connection, business: str, client: int, email: str) -> None:
    """Takes an address away from the client; letters from it are then strangers' letters."""
    mine = (contact.c.business == business, contact.c.client == client, contact.c.email == _address(email))
    conn.execute(delete(contact).where(*mine))


def contact_domains(conn: Connection, business: str) -> dict[str, list[int]]:
    """Which clients have addresses at a domain; domains of mail providers are among them."""
    asked = select(contact.c.email, contact.c.client).where(contact.c.business == business)
    domains: dict[str, set[int]] = {}
    for email, client in conn.execute(asked):
        domains.setdefault(email.rpartition("@")[2], set()).add(client)
    return {domain: sorted(clients) for domain, clients in sorted(domains.items())}


def at_address(conn: Connection, business: str, email: str) -> list[int]:
    """The clients who have this address: several where it is an accountant's."""
    asked = select(contact.c.client).where(contact.c.business == business, contact.c.email == _address(email))
    return sorted(set(conn.scalars(asked)))


def at_domain(conn: Connection, business: str, domain: str) -> list[int]:
    """The clients with an address at this domain."""
    ending = contact.c.email.endswith(f"@{domain.lower()}", autoescape=True)
    return sorted(set(conn.scalars(select(contact.c.client).where(contact.c.business == business, ending))))


def contacts(conn: Connection, business: str) -> dict[str, list[int]]:
    """Which clients have an address."""
    asked = select(contact.c.email, contact.c.client).where(contact.c.business == business)
    emails: dict[str, list[int]] = {}
    for email, client in conn.execute(asked.order_by(contact.c.email, contact.c.client)):
        emails.setdefault(email, []).append(client)
    return emails


def facts(conn: Connection, business: str, client: int) -> ClientFacts:
    """What the rules need to know of the client besides the events. Raises LedgerError for an unknown one."""
    whom = get(conn, business, client)
    asked = select(*FACTS).where(invoice.c.business == business, invoice.c.client == client)
    rows = conn.execute(asked.order_by(invoice.c.due, invoice.c.number))
    return ClientFacts(
        id=str(client),
        name=whom.name,
        invoices=tuple(facts_of(row) for row in rows),
        category=whom.category,
        language=whom.language,
        contacts=whom.contacts,
        do_not_contact=whom.do_not_contact,
        professional=True if whom.siren or whom.vat else None,
    )


def lock(conn: Connection, chosen: Collection[int]) -> None:
    """Until the end of the transaction nobody else who shares the ledger (`store.sharing`) decides about these.

    In the order of the ids, so that two who want the same ones do not wait for each other. SQLite has one writer.
    """
    if chosen and conn.dialect.name != "sqlite":
        asked = select(table.c.id).where(table.c.id.in_(chosen)).order_by(table.c.id)
        conn.execute(asked.with_for_update(key_share=True)).all()


def set_next_look(conn: Connection, business: str, client: int, day: date | None) -> None:
    """When to decide about the client again; None is at once. A hint for speed: a lost one costs a look."""
    _change(conn, business, client, next_look=day)


def look_sooner(conn: Connection, business: str, day: date, within: date) -> None:
    """Decide on `day` about those who would be looked at until `within`: what held them may be over."""
    soon = update(table).where(table.c.business == business, table.c.next_look > day, table.c.next_look <= within)
    conn.execute(soon.values(next_look=day))


def due(conn: Connection, business: str, day: date) -> list[int]:
    """Clients to decide about on that day."""
    asked = _ids(business, or_(table.c.next_look.is_(None), table.c.next_look <= day))
    return list(conn.scalars(asked.order_by(table.c.id)))


def set_do_not_contact(conn: Connection, business: str, client: int, wanted: bool) -> None:
    """The owner's order never to write to the client, or to write again."""
    _change(conn, business, client, do_not_contact=wanted)


def set_policy(
    conn: Connection, business: str, client: int, *, tone: str | None = None, profile: str | None = None
) -> None:
    """The owner's wishes for this client; None takes a wish back."""
    _change(conn, business, client, tone=tone, profile=profile)


def set_nickname(conn: Connection, business: str, client: int, nickname: str | None) -> None:
    """What the owner calls the client."""
    _change(conn, business, client, nickname=nickname)


def set_language(conn: Connection, business: str, client: int, language: str) -> None:
    """The language to write in, one of the six: "fr", "en", "de", "es", "it" or "nl"."""
    _change(conn, business, client, language=language)


def set_category(conn: Connection, business: str, client: int, category: str) -> None:
    """The category that the rules' profiles know."""
    _change(conn, business, client, category=category)


def set_aliases(conn: Connection, business: str, client: int, aliases: Sequence[str]) -> None:
    """Other names under which the client pays, as bank lines show them."""
    _change(conn, business, client, aliases=list(aliases))


def name_key(name: str) -> str:
    """A name to compare: lower case, no accents, words of letters and digits with single spaces."""
    plain = unicodedata.normalize("NFKD", storable(name).casefold())
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", letters))


def _change(conn: Connection, business: str, client: int, **values: object) -> None:
    conn.execute(update(table).where(table.c.business == business, table.c.id == client).values(values))


def _clients(conn: Connection, business: str, *where: ColumnElement[bool]) -> list[Client]:
    asked = select(*_COLUMNS).where(table.c.business == business, *where).order_by(table.c.id)
    clients = conn.execute(asked).all()
    whose = contact.c.client == clients[0].id if len(clients) == 1 else contact.c.business == business
    addresses = select(contact).where(contact.c.business == business, whose)
    found: dict[int, list[Contact]] = {}
    for row in conn.execute(addresses.order_by(contact.c.position, contact.c.email)):
        found.setdefault(row.client, []).append(Contact(email=row.email, name=row.name, usable=row.usable))
    return [_client(row, tuple(found.get(row.id, ()))) for row in clients]


def _client(row: Row[tuple[object, ...]], addresses: tuple[Contact, ...]) -> Client:
    values = dict(row._mapping)
    values["aliases"] = tuple(values["aliases"])
    return Client(**values, contacts=addresses)


def _ids(business: str, where: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(table.c.id).where(table.c.business == business, where)


def _only(found: Iterable[int]) -> int | None:
    different = set(found)
    return different.pop() if len(different) == 1 else None


def _address(email: str) -> str:
    return email.strip().lower()


def _bare(number: str | None) -> str | None:
    """A registration number without spaces, points and dashes; None where nothing is left."""
    return "".join(sign for sign in (number or "").upper() if sign.isalnum()) or None
