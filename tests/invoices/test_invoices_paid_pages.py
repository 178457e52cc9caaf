"""Pages on which the client owes less than the total: paid before, set off, paid by somebody else, or a deposit."""

from decimal import Decimal

import pytest

from mailbot.invoices.pdftext import read_text
from mailbot.model import InvoiceDocument

PAGES = {
    "fr": """Studio Kaolin SAS
8 quai Voltaire
75007 Paris

Facturé à :
Café Lumière
22 rue Oberkampf
75011 Paris

Facture n° F-99
Date : 02/10/2026
Échéance : 01/11/2026

Total HT            1 000,00 €
TVA 20 %              200,00 €
Total TTC           1 200,00 €
{more}
""",
    "en": """Hollow Pine Ltd
14 Mill Lane
Bristol BS1 4ND

Bill to:
Westbrook & Sons
Cardiff CF10 1AA

Invoice number: F-99
Invoice date: 2 October 2026
Due date: 1 November 2026

Net total           £1,000.00
VAT 20%               £200.00
Invoice total       £1,200.00
{more}
""",
    "de": """Werkraum Nord GmbH
Hafenstr. 3
20457 Hamburg

Rechnungsempfänger:
Optik Lindner OHG
21335 Lüneburg

Rechnungsnummer: F-99
Rechnungsdatum: 02.10.2026
Zahlbar bis: 01.11.2026

Nettobetrag         1.000,00 €
zzgl. 20 % MwSt.      200,00 €
Gesamtbetrag        1.200,00 €
{more}
""",
    "es": """Estudio Almena S.L.
28013 Madrid

Cliente: Bodegas Altamira S.L.
26006 Logroño

Factura nº F-99
Fecha: 02/10/2026
Vencimiento: 01/11/2026

Base imponible      1.000,00 €
IVA 20 %              200,00 €
Total factura       1.200,00 €
{more}
""",
    "it": """Studio Lanterna S.r.l.
16124 Genova

Cliente: Trattoria Gigi S.n.c.
16121 Genova

Fattura n. F-99
Data: 02/10/2026
Scadenza: 01/11/2026

Imponibile          1.000,00 €
IVA 20 %              200,00 €
Totale fattura      1.200,00 €
{more}
""",
    "nl": """Havenwerk B.V.
3011 Rotterdam

Factuur aan: Vishandel Urk V.O.F.
8321 Urk

Factuurnummer: F-99
Factuurdatum: 02-10-2026
Vervaldatum: 01-11-2026

Totaal excl. btw    1.000,00 €
Btw 20 %              200,00 €
Totaal incl. btw    1.200,00 €
{more}
""",
}


def read(language: str, more: str) -> InvoiceDocument:
    found = read_text(PAGES[language].format(more=more))
    assert isinstance(found, InvoiceDocument), found
    return found


def doubted(document: InvoiceDocument) -> set[str]:
    return {doubt.field for doubt in document.doubts}


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fr", "Déjà réglé         -1 200,00 €"),
        ("fr", "Déjà réglé          1 200,00 €"),
        ("fr", "Règlement reçu le 02/11/2026    1 200,00 €"),
        ("fr", "Acompte            -1 200,00 €"),
        ("en", "Already paid        £1,200.00"),
        ("en", "Payment received on 5 Oct 2026   £1,200.00"),
        ("de", "Bereits bezahlt     1.200,00 €"),
        ("de", "Anzahlung erhalten  1.200,00 €"),
        ("es", "Ya pagado           1.200,00 €"),
        ("it", "Già saldato         1.200,00 €"),
        ("it", "Già pagato          1.200,00 €"),
        ("nl", "Reeds betaald       1.200,00 €"),
    ],
)
def test_what_was_paid_whole_is_no_longer_due_and_doubted(language: str, line: str) -> None:
    found = read(language, line)

    assert (found.total_gross, found.amount_due, found.prepaid) == (Decimal(1200), Decimal(0), Decimal(1200))
    assert "amount_due" in doubted(found)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("fr", "Dont prime CEE déduite   -258,03 €\nMaPrimeRénov’ (à nous)   -441,97 €\nReste à charge   500,00 €"),
        ("fr", "Subvention                700,00 €\nReste à votre charge      500,00 €"),
        ("fr", "Avoir AV-9 imputé        -700,00 €\nNet à payer               500,00 €"),
        ("fr", "Avoir n° AV-9 du 02/09/2026   -700,00 €\nNet à payer               500,00 €"),
        ("en", "Less grant               -£700.00\nYour contribution         £500.00"),
        ("en", "Credit note CN-7         -£700.00\nAmount due                £500.00"),
        ("de", "abzgl. Förderung         -700,00 €\nIhr Eigenanteil           500,00 €"),
        ("de", "Gutschrift GS-4          -700,00 €\nZahlbetrag                500,00 €"),
        ("es", "Subvención               -700,00 €\nA su cargo                500,00 €"),
        ("it", "Contributo statale       -700,00 €\nA vostro carico           500,00 €"),
        ("nl", "Subsidie                 -700,00 €\nEigen bijdrage            500,00 €"),
    ],
)  # fmt: skip
def test_what_somebody_else_pays_or_a_credit_note_takes_off_is_not_asked_of_the_client(
    language: str, lines: str
) -> None:
    found = read(language, lines)

    assert (found.kind, found.number) == ("invoice", "F-99")
    assert (found.total_gross, found.amount_due, found.prepaid) == (Decimal(1200), Decimal(500), Decimal(700))
    assert "kind" not in doubted(found)


def test_a_rest_that_no_label_explains_is_taken_and_doubted() -> None:
    found = read("fr", "Geste du comité           480,00 €\nReste à votre charge      720,00 €")

    assert found.amount_due == Decimal(720)
    assert "amount_due" in doubted(found)


def test_a_part_whose_rest_is_not_printed_is_a_doubt_with_all_that_may_be_left() -> None:
    found = read("fr", "Prime CEE                -258,03 €\nMaPrimeRénov             -600,00 €")

    [doubt] = [one for one in found.doubts if one.field == "amount_due"]
    assert {"341.97", "1200.00"} <= set(doubt.candidates)


def test_a_deposit_that_is_asked_is_the_total_of_its_invoice() -> None:
    page = PAGES["fr"].replace("Facture n°", "Facture d'acompte n°")
    page = page.replace("Total HT ", "Acompte HT").replace("Total TTC           ", "Acompte TTC à régler  ")
    found = read_text(page.format(more="Devis accepté : 4 000,00 € TTC\nSolde à facturer :  2 800,00 € TTC"))

    assert isinstance(found, InvoiceDocument)
    assert (found.total_gross, found.amount_due) == (Decimal(1200), Decimal(1200))


def test_a_heading_of_an_invoice_above_a_credit_note_makes_the_kind_a_doubt() -> None:
    page = PAGES["fr"].replace("Facture n° F-99", "Facture F-99").replace("Total HT", "Avoir AV-7\n\nTotal HT", 1)
    found = read_text(page.format(more=""))

    assert isinstance(found, InvoiceDocument)
    assert found.kind == "invoice" or "kind" in doubted(found)


@pytest.mark.parametrize(
    "line", ["Annule partiellement notre facture FA-2026-0101", "Annule notre facture FA-2026-0101 du 02/09/2026"]
)
def test_a_credit_note_names_the_invoice_that_it_takes_from(line: str) -> None:
    page = PAGES["fr"].replace("Facture n° F-99", f"AVOIR N° AV-7\n{line}").replace("Échéance : 01/11/2026", "")
    found = read_text(page.format(more=""))

    assert isinstance(found, InvoiceDocument)
    assert (found.kind, found.number, found.preceding_invoice) == ("credit_note", "AV-7", "FA-2026-0101")
