"""An invoice, a reminder and two people for the tests of the demo."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from mailbot.demo.documents import DemoInvoice, DemoLineItem
from mailbot.demo.people import Person

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 4, 7, 15, 12, tzinfo=PARIS)
BOT = "factures@atelier-martin.example"

INVOICE = DemoInvoice(
    number="FA-2026-0412",
    issued=date(2026, 3, 2),
    due=date(2026, 4, 1),
    buyer_name="Menuiserie Perrin & Fils",
    buyer_siren="999100019",
    buyer_email="helene@perrin.example",
    buyer_street="4 rue du Four",
    buyer_city="69001 Lyon",
    lines=(
        DemoLineItem("Panneaux de chêne massif, pose comprise", Decimal(4), Decimal(320)),
        DemoLineItem("Livraison <express>", Decimal("1.5"), Decimal("45.33")),
    ),
)

REMINDER = (
    (
        """From: Atelier Martin SARL <factures@atelier-martin.example>
To: Hélène Perrin <helene@perrin.example>
Reply-To: factures+r.abcdefghijklmnopqrstuvwxyz234567@atelier-martin.example
Subject: Facture FA-2026-0412 - 1 617,60 €
Date: Mon, 06 Apr 2026 07:30:00 +0000
Message-ID: <reminder-2@atelier-martin.example>
In-Reply-To: <reminder-1@atelier-martin.example>
References: <reminder-1@atelier-martin.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Bonjour,

Nous n'avons pas reçu le règlement de la facture FA-2026-0412, échue le 1er avril 2026.
Pouvez-vous nous dire quand vous paierez, ou si vous contestez cette facture ?

Cordialement,
Atelier Martin
"""
    )
    .replace("\n", "\r\n")
    .encode()
)


def person(language: str = "fr") -> Person:
    """A client with a whole signature."""
    role = "Gérante" if language == "fr" else "Manager"
    return Person("Hélène Perrin", "helene@perrin.example", role, "Menuiserie Perrin", "04 72 00 00 00", language)


def owner(language: str = "fr") -> Person:
    """The owner, whose mail gives orders."""
    return Person("Claire Martin", "claire@atelier-martin.example", language=language)
