"""What a page calls itself, whom it names, and whether it says that it is paid."""

import pytest

from mailbot.invoices.pdftext import read_text
from mailbot.model import InvoiceDocument

PAGE = """{head}
Atelier Martin SARL
Facturé à :
{buyer}
12 rue Haute
69001 Lyon
Date : 02/10/2026
Échéance : 01/11/2026
Total HT 300,00 €
TVA 20 % 60,00 €
Total TTC 360,00 €
{foot}
"""


def read(head: str = "Facture n° F-99", buyer: str = "Café Lumière", foot: str = "") -> InvoiceDocument:
    found = read_text(PAGE.format(head=head, buyer=buyer, foot=foot))
    assert isinstance(found, InvoiceDocument)
    return found


def doubted(document: InvoiceDocument) -> set[str]:
    return {doubt.field for doubt in document.doubts}


@pytest.mark.parametrize("name", ["Société Générale", "Société Nautique de Marseille", "Sté Martin Frères"])
def test_societe_is_part_of_a_name_that_has_no_legal_form(name: str) -> None:
    assert read(buyer=name).buyer.name == name


def test_societe_before_a_whole_name_is_left_out() -> None:
    assert read(buyer="Société Durand SARL").buyer.name == "Durand SARL"


@pytest.mark.parametrize("head", ["Avoir AV 7/2026", "NOTA DI CREDITO NC 7/2026 del 02/10/2026"])
def test_a_prefix_of_capitals_stands_before_the_number_of_a_credit_note(head: str) -> None:
    assert read(head=head).kind == "credit_note"


@pytest.mark.parametrize(
    "foot", ["PAYÉE le 02/10/2026 par CB", "Facture acquittée", "Facture acquittée par carte bancaire", "PAID IN FULL"]
)
def test_an_invoice_that_says_it_is_paid_is_asked_about(foot: str) -> None:
    assert "amount_due" in doubted(read(foot=foot))


@pytest.mark.parametrize("foot", ["Facture payable à réception", "Déjà payé : 0,00 €", "Merci de régler par virement"])
def test_how_to_pay_is_no_payment(foot: str) -> None:
    assert "amount_due" not in doubted(read(foot=foot))
