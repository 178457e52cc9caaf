"""Words of a page that stand where few put them: stamps, series, dividers, months; amounts in two currencies."""

from datetime import date

import pytest

from mailbot.invoices.pdftext import read_text
from mailbot.invoices.terms import due_dates, says_when
from mailbot.model import InvoiceDocument

SPANISH = """Estudio Almena S.L.
28013 Madrid

Cliente: Bodegas Ruiz e Hijos S.L. – B85905495 – Calle Sol 1, 26001 Logroño

{head}

Base imponible      1.000,00 €
IVA 21 %              210,00 €
Total factura       1.210,00 €
"""


def read(text: str) -> InvoiceDocument:
    found = read_text(text)
    assert isinstance(found, InvoiceDocument), found
    return found


def test_a_due_date_behind_a_dash_and_a_name_before_one() -> None:
    found = read(SPANISH.format(head="Factura núm. 26F0099 – Fecha 12-11-2026 – Vto. 12-01-2027"))

    assert (found.number, str(found.issue_date), str(found.due_date)) == ("26F0099", "2026-11-12", "2027-01-12")
    assert found.buyer.name == "Bodegas Ruiz e Hijos S.L."


def test_the_series_is_part_of_a_number() -> None:
    found = read(SPANISH.format(head="FACTURA\nSerie A Nº 2026/0455\nFecha: 04/11/2026\nVencimiento: 04/12/2026"))

    assert found.number == "A 2026/0455"


@pytest.mark.parametrize("stamp", ["ACQUITTÉE", "DUPLICATA", "PAYÉE", ""])
def test_a_stamp_between_heading_and_number_hides_none(stamp: str) -> None:
    page = f"""Studio Kaolin SAS
75007 Paris

Facturé à :
Café Lumière
75011 Paris

FACTURE {stamp} FA-2026-0240
Date : 18/11/2026

Total HT            250,00 €
TVA 20 %             50,00 €
Total TTC           300,00 €
"""
    assert read(page).number == "FA-2026-0240"


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("Bitte überweisen Sie den Betrag innerhalb eines Monats.", "2026-12-02"),
        ("Zahlbar binnen 2 Monaten", "2027-01-02"), ("Payable within one month", "2026-12-02"),
        ("Payable dans un délai d'un mois", "2026-12-02"), ("Da pagare entro un mese", "2026-12-02"),
        ("Te betalen binnen een maand", "2026-12-02"),
    ],
)  # fmt: skip
def test_months_are_counted_by_the_calendar(terms: str, due: str) -> None:
    assert [str(day) for day in due_dates(terms, date(2026, 11, 2))] == [due]
    assert says_when(terms)


def test_a_month_from_its_last_day_ends_with_the_shorter_one() -> None:
    assert due_dates("Zahlbar innerhalb eines Monats", date(2027, 1, 31)) == (date(2027, 2, 28),)


def test_amounts_in_two_currencies_make_currency_and_total_a_doubt() -> None:
    page = """Studio Kaolin SAS
Paris

Invoice to: Lothian Yachts Ltd

Invoice number: 311
Issued: 13 Nov 2026
Due date: 13 Jan 2027

Total excl. VAT     USD 5,400.00   EUR 5,000.00
VAT 0%              USD 0.00       EUR 0.00
Invoice total       USD 5,400.00   EUR 5,000.00
"""
    assert {"currency", "total_gross"} <= {doubt.field for doubt in read(page).doubts}
