"""Where the reminders of an invoice go: the address that the owner had sent it to, unless something speaks against it.

A wrong address is worse than none: it tells a stranger what a client owes. An address of the business itself or one
that nobody reads is never written to; one that other clients have too, or a private one beside a company's, is
asked about first.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from mailbot.inbox.free_mail import FREE_MAIL
from mailbot.jobs.office import Office
from mailbot.ledger import clients
from mailbot.model import Letter, Party, Reading

_NO_PERSON = (
    "noreply", "no-reply", "no_reply", "no.reply", "ne-pas-repondre", "nepasrepondre", "ne_pas_repondre",
    "donotreply", "do-not-reply", "do_not_reply", "nicht-antworten", "no-responder", "non-rispondere", "geen-antwoord",
    "mailer-daemon", "postmaster", "bounce", "notification", "notifications",
)  # fmt: skip
_TELLING = 4
"""Letters of a word of the client's name that a domain may be known by."""
NEVER = frozenset({"own_address", "no_reply"})
"""What `against` says of addresses that are not even kept."""


def recipient(conn: Connection, office: Office, letter: Letter, found: Reading) -> str | None:
    """Whom the owner had sent the invoice to: the forwarded or copied mail says it. Else None.

    Of a client's own mail that the owner passes on, the client, where its address is known: an unknown sender may be
    the tool that made the invoice. An address that nobody reads comes back where there is no other, so that the owner
    can be told of it.
    """
    seen = list(dict.fromkeys(_written(conn, office, letter, found)))
    good = [address for address in seen if _never(office, address) is None]
    return next(iter(good or [address for address in seen if _never(office, address) == "no_reply"]), None)


def of_document(
    conn: Connection, office: Office, found: Reading, contact: str | None, buyer: Party
) -> tuple[str | None, tuple[str, ...]]:
    """(the address that a document was sent to, the others that it may be meant for instead) of a mail to several.

    The client's own one speaks for itself: its domain or name is that of the document, or of what is known of the
    client. Where nothing speaks for any, the first one comes back with the rest, to be asked about.
    """
    passed = found.forwarded
    if passed is None or contact is None:
        return contact, ()
    everyone = list(dict.fromkeys(address.lower() for address in (*passed.to, *passed.cc)))
    good = [address for address in everyone if _never(office, address) is None]
    fitting = next((address for address in good if _fits(conn, office, address, buyer)), None)
    if fitting is not None or contact not in good:
        return fitting or contact, ()
    first = [address for address in good if address in {one.lower() for one in passed.to}]
    elsewhere = [one for one in first if one.partition("@")[2] != contact.partition("@")[2]]
    return contact, tuple(elsewhere)


def _fits(conn: Connection, office: Office, address: str, buyer: Party) -> bool:
    domain = address.partition("@")[2]
    own = {buyer.email.lower(), buyer.email.lower().partition("@")[2]} - FREE_MAIL if buyer.email else set()
    if {address, domain} & own:
        return True
    mine = clients.by_name(conn, office.key, buyer.name or "")
    if mine is not None and mine in clients.at_address(conn, office.key, address):
        return True
    words = [word for word in clients.name_key(buyer.name or "").split() if len(word) >= _TELLING]
    host = "".join(sign for sign in domain.rpartition(".")[0] if sign.isalnum())
    return domain not in FREE_MAIL and any(word in host for word in words)


def against(conn: Connection, office: Office, email: str, client: int, buyer: Party) -> str | None:
    """What speaks against writing to that address: own_address, no_reply, shared_address, free_mail; None: nothing."""
    never = _never(office, email)
    if never is not None:
        return never
    if set(clients.at_address(conn, office.key, email)) - {client}:
        return "shared_address"
    domain = email.rpartition("@")[2]
    others = [one.email for one in clients.get(conn, office.key, client).contacts if one.email != email]
    others += [buyer.email] if buyer.email else []
    elsewhere = {other.rpartition("@")[2].lower() for other in others} - FREE_MAIL - {domain}
    return "free_mail" if domain in FREE_MAIL and elsewhere else None


def _written(conn: Connection, office: Office, letter: Letter, found: Reading) -> Iterator[str]:
    if found.forwarded is not None:
        yield from (address.lower() for address in found.forwarded.to)
        yield from (address.lower() for address in found.forwarded.cc)
    yield from (address.lower() for one in _carried(letter) for address in one.to)
    yield from (address.lower() for address in letter.to)
    sender = found.forwarded.from_address if found.forwarded is not None else None
    if sender and clients.at_address(conn, office.key, sender):
        yield sender.lower()


def _carried(letter: Letter) -> Iterator[Letter]:
    """The mails that a mail encloses, and those inside them: what was passed on twice was first sent to the client."""
    for enclosed in letter.enclosed:
        yield enclosed
        yield from _carried(enclosed)


def _never(office: Office, address: str) -> str | None:
    local, _, host = address.lower().partition("@")
    bot, _, bot_host = office.business.mailbox.mail_address.partition("@")
    owners = office.business.owners
    ours = {owner.rpartition("@")[2] for owner in owners} - FREE_MAIL
    if address.lower() in owners or host in ours or (host == bot_host and local.partition("+")[0] == bot):
        return "own_address"
    return "no_reply" if local.partition("+")[0].startswith(_NO_PERSON) else None
