"""How long what is kept of a client must stay, by kind, and why; what may be erased sooner.

GDPR article 17(3) (b) and (e): erasure stops where the law obliges to keep, and where a legal claim may need it. Law
obliges to keep accounting documents and what proves them ten years from the end of the year (C. com. L123-22); the
mails about an invoice are that proof. Nothing obliges to keep who fetched a picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """`years` after the end of the year in which it arose; 0: it may go at once."""

    years: int
    why: str


PERIODS: Mapping[str, Period] = {
    "invoices": Period(10, "accounting documents: C. com. L123-22; GDPR 17(3)(b)"),
    "payments": Period(10, "accounting documents: C. com. L123-22; GDPR 17(3)(b)"),
    "mails": Period(10, "what proves the accounts, and legal claims: C. com. L123-22; GDPR 17(3)(b) and (e)"),
    "events": Period(10, "what proves the accounts, and legal claims: C. com. L123-22; GDPR 17(3)(b) and (e)"),
    "consents": Period(10, "proof of consent: GDPR 7(1)"),
    "owner_mails": Period(1, "digests, questions and answers to the owners: a year, for looking up what was said"),
    "stray_mails": Period(0, "mails of the client that concern no invoice"),
    "sightings": Period(0, "pictures fetched and pages visited: no duty to keep them"),
    "unsent_mails": Period(0, "mails that never left: they prove nothing"),
    "dossiers": Period(0, "dossiers that were made: what they gather is kept under its own kind"),
    "own_mail": Period(
        10, "your orders and forwarded invoices: C. com. L123-22; mailbot does not erase them, nor your bank files"
    ),
    "identity": Period(10, "whose accounting documents they are: C. com. L123-22; until the last of them goes"),
    "contacts": Period(0, "addresses and names to write to: not needed once nothing is owed"),
}
"""Kind -> how long. The business may have duties of its own; a lawyer or an accountant should check them."""

SILENT_YEARS = 3
"""After so many years without anything, what nobody is obliged to keep goes by itself: the CNIL's guide for customer
relations (2022) gives three years from the last contact."""
SIGHTINGS = frozenset({"mail.opened", "mail.clicked"})
CONTACTS = frozenset({"owner.contact"})
CONSENTS = frozenset({"client.consented", "client.refused"})


def until(kind: str, arose: date) -> date:
    """The last day on which it has to be kept; the day before `arose` where it may go at once."""
    years = PERIODS[kind].years
    return date(arose.year + years, 12, 31) if years else date.fromordinal(arose.toordinal() - 1)


def first_kept(kind: str, on: date) -> date:
    """The first day whose things of a kind still have to be kept on a day."""
    return date(on.year - PERIODS[kind].years, 1, 1)


def kind_of_event(name: str) -> str:
    """The kind under which an event is kept."""
    if name in SIGHTINGS:
        return "sightings"
    if name in CONTACTS:
        return "contacts"
    if name.startswith(("bank.", "invoice.")):
        return "payments"
    return "consents" if name in CONSENTS else "events"
