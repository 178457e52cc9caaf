"""Who is in the demo and what they do: nine clients, their invoices and credit notes, and when each is sent.

Only data and dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from mailbot.demo.bills import DemoInvoice, DemoLineItem
from mailbot.demo.people import Person

START = date(2026, 3, 2)
"""A Monday; the ninety days hold Easter Monday and three public holidays in May."""

BOT = "factures@atelier-martin.example"
BANK_LAG = 1
"""Days until a payment stands in the bank file."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client: who answers for it, where its reminders go, and its numbers."""

    key: str
    name: str
    siren: str
    person: Person
    street: str
    city: str
    payer: str
    """The name that the bank prints."""
    vat: str = ""
    """Of a client abroad, who has no SIREN."""
    country: str = "FR"
    new_email: str = ""
    """Where mails reach it once the owner has corrected the contact."""

    @property
    def emails(self) -> tuple[str, ...]:
        return tuple(email for email in (self.person.email, self.new_email) if email)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody of the demo in one language."""

    owner: Person
    clients: tuple[Client, ...]
    words: dict[str, str]

    def client(self, key: str) -> Client:
        return next(client for client in self.clients if client.key == key)


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice of the story and the day on which the owner forwards it."""

    client: str
    invoice: DemoInvoice
    forwarded_on: date
    style: str
    """"gmail", "outlook" or "bcc"; "plain" is a PDF without data, which becomes a question."""
    printed_due: date | None = None
    """The due date that stands on the page by mistake: the owner copied an older invoice in her word processor."""

    @property
    def page(self) -> DemoInvoice:
        """The invoice as its page states it."""
        return replace(self.invoice, due=self.printed_due) if self.printed_due else self.invoice


_FRENCH = {
    "promise": "Bonjour,\n\nToutes nos excuses pour ce retard. Nous ferons le virement le {date}.\n\nCordialement,",
    "dispute": "Bonjour,\n\nNous contestons cette facture : il manque deux panneaux à la livraison.\n\nCordialement,",
    "settled": "Bonjour,\n\nMerci pour la livraison complémentaire, tout est en ordre désormais.\n\nCordialement,",
    "goods": "Panneaux de chêne massif, pose comprise",
    "subject": "Facture {number}",
    "credit": "Avoir {number}",
    "missing": "Panneaux manquants : livraison non facturée",
    "contact": "contact {client} {email}",
    "resolve": "clos {number}",
    "paid": "payé {number}",
    "pause": "pause {number} 5j",
    "due": "échéance {due}",
    "posted": "mise en demeure {number} envoyée le {day} 1A 123 456 789 01",
}
_ENGLISH = {
    "promise": "Hello,\n\nSorry for the delay. We will pay on {date}.\n\nBest regards,",
    "dispute": "Hello,\n\nWe dispute this invoice: two panels were missing from the delivery.\n\nBest regards,",
    "settled": "Hello,\n\nThank you, the missing panels have arrived and all is in order.\n\nBest regards,",
    "goods": "Solid oak panels, fitted",
    "subject": "Invoice {number}",
    "credit": "Credit note {number}",
    "missing": "Missing panels: delivery not charged",
    "contact": "contact {client} {email}",
    "resolve": "resolved {number}",
    "paid": "paid {number}",
    "pause": "pause {number} 5d",
    "due": "due date {due}",
    "posted": "formal notice {number} sent on {day} 1A 123 456 789 01",
}


_ABROAD = (
    Client(
        "krause",
        "Buchladen Krause",
        "",
        Person("Jonas Krause", "kontakt@buchladen-krause.example", language="de"),
        "Lindenstraße 8",
        "50674 Köln",
        "BUCHLADEN KRAUSE",
        vat="DE999100018",
        country="DE",
    ),
    Client(
        "olmedo",
        "Librería Olmedo SL",
        "",
        Person("Elena Olmedo", "elena@libreria-olmedo.example", language="es"),
        "Calle Mayor 21",
        "28013 Madrid",
        "LIBRERIA OLMEDO SL",
        vat="ESB99910010",
        country="ES",
    ),
    Client(
        "bassani",
        "Gelateria Bassani",
        "",
        Person("Marta Bassani", "amministrazione@gelateria-bassani.example", language="it"),
        "Via Garibaldi 5",
        "10122 Torino",
        "GELATERIA BASSANI",
        vat="IT99910010018",
        country="IT",
    ),
    Client(
        "devries",
        "Fietsen De Vries",
        "",
        Person("Sanne de Vries", "sanne@devries-fietsen.example", language="nl"),
        "Kerkstraat 14",
        "Amsterdam",
        "FIETSEN DE VRIES",
        vat="NL999100014B01",
        country="NL",
        new_email="facturen@devries-fietsen.example",
    ),
)
"""What they buy is fitted in their shops in Lyon, so that it bears French VAT like the rest."""


def cast(language: str) -> Cast:
    """The people; the same in both languages but for what they say.

    Those of France speak the language of the story, but for the absence note of one; those abroad speak their own.
    """
    other = {"fr": "en", "en": "fr"}[language]
    clients = (
        Client(
            "perrin",
            "Boulangerie Perrin",
            "999100019",
            Person("Luc Perrin", "luc@boulangerie-perrin.example", language=language),
            "4 rue du Four",
            "69001 Lyon",
            "BOULANGERIE PERRIN",
        ),
        Client(
            "dupont",
            "Dupont SARL",
            "999100027",
            Person("Anne Dupont", "compta@dupont-sarl.example", language=other),
            "12 rue des Lilas",
            "75011 Paris",
            "DUPONT SARL",
        ),
        Client(
            "lemaire",
            "Lemaire et Fils",
            "999300023",
            Person("Paul Lemaire", "paul@lemaire-fils.example", language=language),
            "8 quai de la Saône",
            "69002 Lyon",
            "LEMAIRE ET FILS",
        ),
        Client(
            "azur",
            "Garage Azur",
            "999100035",
            Person("Sonia Azur", "sonia@garage-azur.example", language=language),
            "31 avenue Foch",
            "06000 Nice",
            "SARL GARAGE AZUR",
        ),
        Client(
            "nord",
            "Studio Nord",
            "999100043",
            Person("Karim Nord", "karim@studio-nord.example", language=language),
            "2 place du Théâtre",
            "59000 Lille",
            "STUDIO NORD",
            new_email="compta@studio-nord.example",
        ),
        *_ABROAD,
    )
    owner = Person("Claire Martin", "claire@atelier-martin.example", language=language)
    return Cast(owner, clients, _FRENCH if language == "fr" else _ENGLISH)


HOLDING_OF_LEMAIRE = "HOLDING LMF"
"""Who pays Lemaire's invoices: a name that nobody has told the bot."""


def invoices(people: Cast, language: str, seed: int) -> tuple[Issued, ...]:
    """The invoices of the story; the seed draws their amounts."""
    draw = Random(seed)  # noqa: S311  (amounts of a story, no secrets)
    plan = (
        ("perrin", 1, 0, 21, "gmail"),
        ("dupont", 2, 1, 20, "outlook"),
        ("lemaire", 3, 1, 22, "bcc"),
        ("azur", 4, 2, 19, "gmail"),
        ("nord", 5, 2, 16, "outlook"),
        ("dupont", 6, 28, 21, "plain"),
        ("perrin", 7, 30, 20, "gmail"),
        ("krause", 8, 31, 14, "gmail"),
        ("olmedo", 9, 31, 14, "outlook"),
        ("bassani", 10, 31, 12, "bcc"),
        ("devries", 11, 32, 14, "gmail"),
        ("lemaire", 12, 45, 14, "gmail"),
    )
    issued = (_issued(people, language, draw, *row) for row in plan)
    return tuple(_misprinted(one) if one.style == "plain" else one for one in issued)


def credit_notes(people: Cast, billed: Sequence[Issued]) -> tuple[Issued, ...]:
    """What the owner gives back: to Garage Azur, which found panels missing, the delivery of its invoice."""
    invoice = next(one.invoice for one in billed if one.client == "azur")
    day = START + timedelta(days=32)
    given = replace(invoice.lines[-1], text=people.words["missing"])
    note = replace(
        invoice,
        number="AV-2026-0001",
        kind="credit_note",
        issued=day,
        due=day,
        lines=(given,),
        preceding=invoice.number,
    )
    return (Issued("azur", note, day, "gmail"),)


def _misprinted(issued: Issued) -> Issued:
    """With a due date that lies before the invoice itself."""
    return replace(issued, printed_due=issued.invoice.issued - timedelta(days=11))


def _issued(
    people: Cast, language: str, draw: Random, key: str, number: int, day: int, terms: int, style: str
) -> Issued:
    client = people.client(key)
    issued = START + timedelta(days=day)
    items = (
        DemoLineItem(people.words["goods"], Decimal(draw.randint(2, 9)), Decimal(draw.randint(120, 480))),
        DemoLineItem("Livraison" if language == "fr" else "Delivery", Decimal(1), Decimal(draw.randint(30, 90))),
    )
    invoice = DemoInvoice(
        number=f"FA-2026-{410 + number:04d}",
        issued=issued,
        due=issued + timedelta(days=terms),
        buyer_name=client.name,
        buyer_siren=client.siren,
        buyer_email=client.person.email,
        buyer_street=client.street,
        buyer_city=client.city,
        lines=items,
        language=language,
        buyer_vat=client.vat,
        buyer_country=client.country,
    )
    return Issued(key, invoice, issued, style)
