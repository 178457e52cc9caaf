"""Pages that are laid out or worded in ways that few invoices are: they are read right, or the doubt says what is."""

from decimal import Decimal

import pytest
from invoice_samples import Sample

from mailbot.invoices.page import Word, sheet_of_words
from mailbot.invoices.papers import paper_of, paper_on
from mailbot.invoices.pdftext import read_text
from mailbot.invoices.read import read_document
from mailbot.model import InvoiceDocument, Problem
from mailbot.testing.documents import page_pdf

FRENCH = """Studio Kaolin SAS
8 quai Voltaire
75007 Paris

Facturé à :
Café Lumière
22 rue Oberkampf
75011 Paris

{head}
{dates}
{sums}
{foot}
"""
SUMS = "Total HT            300,00 €\nTVA 20 %             60,00 €\nTotal TTC           360,00 €"
SPANISH = """Lucía Ferrer
NIF 12345678Z
28013 Madrid

Cliente: Bodegas Altamira S.L.
26006 Logroño

Factura nº 2026-18
Fecha: 02/10/2026
Vencimiento: 01/11/2026
{sums}
"""


def read(
    head: str = "Facture n° F-99",
    dates: str = "Date : 02/10/2026\nÉchéance : 01/11/2026",
    sums: str = SUMS,
    foot: str = "",
) -> InvoiceDocument:
    return of(FRENCH.format(head=head, dates=dates, sums=sums, foot=foot))


def of(text: str) -> InvoiceDocument:
    found = read_text(text)
    assert isinstance(found, InvoiceDocument), found
    return found


def doubted(document: InvoiceDocument) -> dict[str, str]:
    return {doubt.field: doubt.why for doubt in document.doubts}


def test_terms_in_a_column_of_their_own_give_the_due_date() -> None:
    page = """Hollow Pine Ltd
14 Mill Lane
Bristol BS1 4ND

Bill to
Westbrook & Sons
Cardiff CF10 1AA

Invoice #                    INV-10023
Date                       25 Sep 2026
Terms                           Net 30

Subtotal                      £300.00
VAT 20%                        £60.00
Total                         £360.00
"""
    assert str(of(page).due_date) == "2026-10-25"


@pytest.mark.parametrize(
    "foot", ["Prélèvement le 5/12/2026", "Sera prélevé le 05/12/2026", "Date de prélèvement : 05/12/2026"]
)
def test_the_day_of_a_direct_debit_is_the_due_date(foot: str) -> None:
    assert str(read(dates="Date : 02/10/2026", foot=foot).due_date) == "2026-12-05"


@pytest.mark.parametrize(
    "foot",
    [
        "Échéancier : 120,00 € le 31/10/2026, 120,00 € le 30/11/2026, 120,00 € le 31/12/2026",
        "Échéances : 31/10/2026   180,00 €     31/12/2026   180,00 €",
        "Échéances :\n31/10/2026      180,00 €\n31/12/2026      180,00 €",
    ],
)
def test_instalments_are_due_on_the_last_day_and_doubted(foot: str) -> None:
    found = read(dates="Date : 02/10/2026", foot=foot)

    assert str(found.due_date) == "2026-12-31"
    assert "instalments" in doubted(found)["due_date"]


def test_one_due_date_beside_the_total_is_no_plan_of_payments() -> None:
    found = read(dates="Date : 02/10/2026", foot="Échéance : 01/11/2026     360,00 €")

    assert str(found.due_date) == "2026-11-01"
    assert "due_date" not in doubted(found)


def test_the_capital_in_the_foot_does_not_hide_the_name_of_the_seller() -> None:
    foot = "Literie Nuit d'Azur – capital 10 000 € – RCS Nice 504 863 838 – contact@literie-nuit-d-azur.example"

    page = FRENCH.replace("Studio Kaolin SAS\n8 quai Voltaire\n75007 Paris\n", "")

    found = of(page.format(head="Facture n° F-99", dates="Date : 02/10/2026", sums=SUMS, foot=foot))

    assert found.seller.name == "Literie Nuit d'Azur"


def test_whom_a_letter_addresses_is_not_its_seller() -> None:
    page = """Avv. Paolo Greco
Via Etnea 50 - 95131 Catania

Spett.le Immobiliare Etna S.r.l.
Viale Ionio 8
95129 Catania

Parcella n. 33 del 7 ottobre 2026
Totale imponibile      1.040,00
IVA 22%                  228,80
Totale parcella        1.268,80
"""
    candidates = [one for doubt in of(page).doubts if doubt.field == "seller.name" for one in doubt.candidates]

    assert not [one for one in (of(page).seller.name or "", *candidates) if "Immobiliare" in one]


def test_the_day_of_a_direct_debit_in_a_sentence_is_the_due_date() -> None:
    foot = "Der Betrag wird am 03.11.2026 per SEPA-Lastschrift von Ihrem Konto eingezogen."

    assert str(read(dates="Date : 02/10/2026", foot=foot).due_date) == "2026-11-03"


def test_the_heading_is_not_the_name_of_the_client() -> None:
    page = """Yoga mit Lena
Gartenstr. 12
96047 Bamberg

Rechnung 2026-0058
Datum: 01.10.2026
Rechnungsbetrag             480,00 €
"""
    assert of(page).buyer.name != "Rechnung 2026-0058"


def test_a_date_that_is_none_is_named_in_the_doubt() -> None:
    found = read(head="Facture n° F-99 du 31/09/2026", dates="Échéance : 30/02/2027")

    assert (found.issue_date, found.due_date) == (None, None)
    assert "31/09/2026 stands there" in doubted(found)["issue_date"]
    assert "30/02/2027 stands there" in doubted(found)["due_date"]


def test_an_account_with_letters_between_its_digits_is_no_date() -> None:
    found = read(dates="Date : 02/10/2026", foot="Paiement le : IBAN GB61 TEST 1699 7641 6467 45\nPaiement à 14 jours")

    assert str(found.due_date) == "2026-10-16"


def test_a_date_in_words_that_is_none_is_named_too() -> None:
    assert "31 septembre 2026" in doubted(read(dates="Date : 31 septembre 2026"))["issue_date"]


@pytest.mark.parametrize("form", ["ubl", "cii"])
def test_a_date_that_is_none_is_named_in_the_doubt_about_an_xml_too(form: str) -> None:
    data: bytes = getattr(Sample(), form)()
    wrong = data.replace(b"2026-10-01", b"2026-02-31").replace(b"20261001", b"20260231")
    assert wrong != data

    found = read_document(wrong, "a.xml")

    assert isinstance(found, InvoiceDocument)
    assert found.issue_date is None
    assert "stands there" in doubted(found)["issue_date"]


@pytest.mark.parametrize(
    "sums",
    [
        "IRPF 15%             -150,00 €\nTotal factura       1.060,00 €",
        "Retención IRPF 15%    150,00 €\nTotal a pagar       1.060,00 €",
    ],
)
def test_tax_withheld_at_source_is_no_part_of_the_vat(sums: str) -> None:
    found = of(SPANISH.format(sums=f"Base imponible      1.000,00 €\nIVA 21%               210,00 €\n{sums}"))

    assert (found.total_net, found.total_tax, found.total_gross) == (Decimal(1000), Decimal(210), Decimal(1210))
    assert found.amount_due == Decimal(1060)
    assert "amount_due" in doubted(found)


def test_the_surcharge_of_spanish_retailers_is_tax() -> None:
    sums = (
        "Base imponible     500,00",
        "IVA 21 %     105,00",
        "Rec. equivalencia 5,2 %     26,00",
        "TOTAL     631,00 EUR",
    )

    found = of(SPANISH.format(sums="\n".join(sums)))

    assert (found.total_net, found.total_tax, found.total_gross) == (Decimal(500), Decimal(131), Decimal(631))
    assert "total_gross" not in doubted(found)


def test_a_rate_before_its_tax_is_read_as_tax() -> None:
    page = """Holzbau Kern GmbH
79102 Freiburg

An: Gasthof Adler OHG
79117 Freiburg

Rechnung Nr. RE-1
Datum: 05.10.2026
Zahlbar bis: 04.11.2026
Nettobetrag                1.240,00
19 % USt. auf 957,50         181,93
7 % USt. auf 281,00           19,67
Gesamtbetrag           1.441,60 EUR
"""
    found = of(page)

    assert (found.total_net, found.total_tax) == (Decimal(1240), Decimal("201.60"))
    assert "total_gross" not in doubted(found)


def test_a_firm_without_vat_is_believed() -> None:
    sums = "Total à payer       360,00 €\nTVA non applicable, art. 293 B du CGI"

    found = read(sums=sums)

    assert (found.total_gross, found.total_tax) == (Decimal(360), Decimal(0))
    assert "total_gross" not in doubted(found)


def test_a_firm_without_vat_whose_sums_differ_is_doubted() -> None:
    sums = "Total HT            300,00 €\nTotal à payer       360,00 €\nTVA non applicable, art. 293 B du CGI"

    assert "total_gross" in doubted(read(sums=sums))


def test_a_belgian_account_before_a_structured_communication_is_no_wrong_one() -> None:
    found = read(foot="Compte : BE68 5390 0754 7034, communication +++090/9337/55493+++")

    assert found.seller.iban == "BE68539007547034"
    assert "seller.iban" not in doubted(found)


def test_neither_a_heading_nor_an_item_is_the_name_of_the_seller() -> None:
    page = """Facture F-99 du 02/10/2026 - Devis D-55 du 01/07/2026

Facturé à :
Café Lumière
75011 Paris

Site web            3.000,00
Total HT            3.000,00
TVA 20 %              600,00
Total TTC           3.600,00 €
"""
    found = of(page)

    assert found.number == "F-99"
    assert found.seller.name not in ("Facture F-99 du 02/10/2026", "Site web")
    assert not [one for doubt in found.doubts if doubt.field == "seller.name" for one in doubt.candidates]


@pytest.mark.parametrize(
    ("head", "number"),
    [
        ("Documento: Nota di credito\nN. documento: 7", "7"),
        ("NOTA DI CREDITO N. 7/2026 del 02/10/2026", "7/2026"),
        ("Type de document : Avoir\nNuméro : AV-7", "AV-7"),
    ],
)
def test_what_kind_of_document_it_is_may_stand_behind_a_label(head: str, number: str) -> None:
    found = read(head=head, dates="Data: 02/10/2026")

    assert (found.kind, found.number) == ("credit_note", number)


def test_two_invoices_in_one_file_are_a_doubt_that_names_both() -> None:
    one = FRENCH.format(head="Facture n° F-99", dates="Date : 02/10/2026", sums=SUMS, foot="")
    pages = [one.splitlines(), one.replace("F-99", "F-100").splitlines()]

    found = read_document(page_pdf(pages), "a.pdf")
    again = read_document(page_pdf([pages[0], pages[0]]), "a.pdf")

    assert isinstance(found, InvoiceDocument)
    assert isinstance(again, InvoiceDocument)
    assert "F-99, F-100" in doubted(found)["number"]
    assert "number" not in doubted(again)


def test_of_two_totals_in_xml_the_one_in_the_currency_of_the_invoice_counts() -> None:
    data = Sample().cii()
    start, end = data.index(b"<ram:GrandTotalAmount"), data.index(b"</ram:GrandTotalAmount>")
    other = b'<ram:GrandTotalAmount currencyID="CHF">9.99</ram:GrandTotalAmount>'
    own = data[start:end].replace(b"<ram:GrandTotalAmount", b'<ram:GrandTotalAmount currencyID="EUR"', 1)
    own = own if b'currencyID="EUR" currencyID' not in own else data[start:end]
    twice = data[:start] + other + own + data[end:]

    found = read_document(twice, "a.xml")

    assert isinstance(found, InvoiceDocument)
    assert found.total_gross == Decimal(1200)


def test_a_bomb_of_entities_is_refused_in_our_own_words() -> None:
    grown = "".join(f'<!ENTITY {chr(98 + at)} "{("&" + chr(97 + at) + ";") * 10}">' for at in range(9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">{grown}]><Invoice><ID>&j;</ID></Invoice>'

    found = read_document(bomb.encode(), "a.xml")

    assert isinstance(found, Problem)
    assert (found.code, "entit" in found.message.lower()) == ("document_type", False)


def test_the_number_of_a_delivery_note_makes_no_delivery_note() -> None:
    rows = [
        [(40, "Musterlieferant GmbH"), (300, "RECHNUNGS-KORREKTUR")],
        [(300, "Lieferschein-Nr"), (420, ": L-7")],
        [(300, "Beleg-Nr"), (420, ": R-12")],
        [(300, "Gesamtbetrag"), (420, "360,00 EUR")],
    ]
    words = [
        Word(part, left + 6.0 * at, left + 6.0 * (at + len(part)), 14.0 * line, 14.0 * line + 10)
        for line, cells in enumerate(rows)
        for left, text in cells
        for at, part in [(0, text.replace(" ", "_"))]
    ]

    assert paper_on(sheet_of_words([words])) is None


@pytest.mark.parametrize(
    "title", ["PRO-FORMA INVOICE", "Proforma-Rechnung Nr. 9", "Facture pro-forma n° 9", "Pro forma"]
)
def test_a_hyphen_makes_no_invoice_of_a_pro_forma(title: str) -> None:
    assert paper_of(f"{title}\nDate: 01 October 2026\nTotal 360.00") == "proforma"
