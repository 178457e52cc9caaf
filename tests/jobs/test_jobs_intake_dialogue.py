"""What an owner is told and asked about documents: amounts paid before, words above a forward, addresses, answers."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from e2e_house import DUE, LEMAIRE, House
from e2e_scene import MONDAY, at

from mailbot.jobs import invoicing
from mailbot.model import InvoiceDocument, Party

NOW, LATER, LAST = at(MONDAY, 7, 40), at(MONDAY, 8), at(MONDAY, 8, 30)
DOCUMENT = InvoiceDocument(
    source="ubl", profile=None, kind="invoice", number="FA-1", issue_date=DUE, due_date=DUE, currency="EUR",
    total_net=Decimal("1000.00"), total_tax=Decimal("200.00"), total_gross=Decimal("1200.00"), prepaid=None,
    amount_due=Decimal("1200.00"), buyer=Party(name=LEMAIRE.name, siren=LEMAIRE.siren),
)  # fmt: skip


def taken(house: House, document: InvoiceDocument, contact: str | None = LEMAIRE.person.email) -> dict[str, Any]:
    """A document as it comes out of the reader; what is said of it."""
    content = str(document.number).encode()
    kept = house.keep(content)
    line = house.act(
        lambda conn: invoicing.take(conn, house.office, kept, "", "f.xml", content, document, contact, NOW)
    )
    assert line is not None
    return line


def plainly(text: object) -> str:
    """Without the spaces that do not break."""
    return str(text).replace("\xa0", " ").replace("\u202f", " ")


def test_an_advance_that_is_taken_off_leaves_the_rest_to_be_followed(house: House) -> None:
    line = taken(house, replace(DOCUMENT, prepaid=Decimal("360.00"), amount_due=Decimal("840.00")))

    assert any("360,00 € sont déjà réglés" in plainly(said) for said in line["remarks"])


def test_an_advance_that_is_not_taken_off_is_not_told_as_if_it_were(house: House) -> None:
    line = taken(house, replace(DOCUMENT, prepaid=Decimal("360.00")))

    assert not any("le reste est suivi" in said for said in line["remarks"])
    assert any("1 200,00 € sont suivis en entier" in plainly(said) for said in line["remarks"])
