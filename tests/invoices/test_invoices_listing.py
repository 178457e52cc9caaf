"""Lists of invoices from other tools, and FECs: what they say, and all that is wrong with them at once."""

import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from mailbot.invoices.columns import amount_in, day_in
from mailbot.invoices.listing import read_listing
from mailbot.model import InvoiceDocument, Listing, Problem

FRENCH = """Numéro;Client;Date;Échéance;Montant TTC;Reste à payer;E-mail;Statut
FA-1;Dupont SARL;01/09/2026;31/10/2026;1 200,00 €;700,00 €;compta@dupont.example;À régler
FA-2;Léa & Fils;15/09/2026;15/10/2026;90,50;90,50;;Brouillon
FA-3;Martin;20/09/2026;20/10/2026;1.234,56;1.234,56;;Retard
AV-1;Dupont SARL;21/09/2026;;-50,00;-50,00;;
;Total;;;2 575,06;1 975,06;;
"""


def listing(text: str | bytes, name: str = "l.csv", **more: object) -> Listing:
    data = text if isinstance(text, bytes) else text.encode()
    found = read_listing(data, name, **more)  # type: ignore[arg-type]
    assert isinstance(found, Listing), found
    return found


def documents(found: Listing) -> dict[str | None, InvoiceDocument]:
    return {one.document.number: one.document for one in found.entries}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_french_list_in_any_encoding(encoding: str) -> None:
    found = listing(FRENCH.encode(encoding))

    read = documents(found)
    assert list(read) == ["FA-1", "FA-3", "AV-1"]
    assert (found.left_out, found.problems) == (1, ())
    first = read["FA-1"]
    assert (first.total_gross, first.amount_due, first.prepaid) == (Decimal(1200), Decimal(700), Decimal(500))
    assert (str(first.issue_date), str(first.due_date)) == ("2026-09-01", "2026-10-31")
    assert (first.buyer.name, first.buyer.email) == ("Dupont SARL", "compta@dupont.example")
    assert read["FA-3"].amount_due == Decimal("1234.56")
    assert (read["AV-1"].kind, read["AV-1"].amount_due) == ("credit_note", Decimal(50))


def test_one_row_for_each_line_of_an_invoice_is_one_invoice() -> None:
    text = (
        "ContactName,EmailAddress,InvoiceNumber,InvoiceDate,DueDate,Total,InvoiceAmountPaid,InvoiceAmountDue,"
        "Description,Currency,Type,Status\n"
        "Acme Ltd,ap@acme.example,INV-1,13/08/2026,12/09/2026,240.00,40.00,200.00,Wood,GBP,Sales Invoice,Awaiting\n"
        "Acme Ltd,ap@acme.example,INV-1,13/08/2026,12/09/2026,240.00,40.00,200.00,Glue,GBP,Sales Invoice,Awaiting\n"
        'Acme Ltd,ap@acme.example,CN-1,14/08/2026,14/08/2026,"1,024.00",,"1,024.00",Wood,GBP,Credit note,Awaiting\n'
    )

    found = listing(text)

    assert found.by == "Xero"
    read = documents(found)
    assert (read["INV-1"].amount_due, read["INV-1"].currency) == (Decimal(200), "GBP")
    assert (read["CN-1"].kind, read["CN-1"].amount_due) == ("credit_note", Decimal(1024))


def test_a_list_of_ebp_needs_only_the_terms() -> None:
    data = (
        "Document - Numéro du document;Document - Date;Document - Code client;Document - Nom du client;"
        "Document - E-mail (facturation);Document - Total Brut HT;Document - Total TTC;Document - Ligne - Quantité\n"
        "FA000012;01/10/2026;CL01;Dupont SARL;compta@dupont.example;1000,00;1200,00;2\n"
        "FA000012;01/10/2026;CL01;Dupont SARL;compta@dupont.example;1000,00;1200,00;1\n"
        "FA000013;31/10/2026;CL02;Garage Azur;;50,00;60,00;1\n"
    ).encode("cp1252")

    found = read_listing(data, "documents.csv", terms=30)

    assert isinstance(found, Listing)
    assert (found.by, found.problems) == ("EBP", ())
    first, second = (entry.document for entry in found.entries)
    assert (first.number, first.buyer.name, first.buyer.email) == ("FA000012", "Dupont SARL", "compta@dupont.example")
    assert (first.amount_due, first.due_date) == (Decimal("1200.00"), date(2026, 10, 31))
    assert (second.number, second.amount_due) == ("FA000013", Decimal("60.00"))


def test_headings_may_stand_below_a_title_and_in_any_order() -> None:
    text = "A/R Aging Detail\nAll Dates\n\nDate,Transaction Type,Num,Customer,Due Date,Amount,Open Balance\n"
    text += '10/25/2026,Invoice,1001,Acme,11/24/2026,"1,500.00","1,500.00"\n'

    found = listing(text)

    [one] = found.entries
    assert found.by == "QuickBooks"
    assert (one.line, str(one.document.due_date), one.document.amount_due) == (5, "2026-11-24", Decimal(1500))


def test_a_workbook_keeps_days_and_cents() -> None:
    from datetime import datetime

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Rechnungsnummer", "Kunde", "Rechnungsdatum", "Fällig am", "Bruttobetrag"])
    sheet.append([2026001, "Müller GmbH", datetime(2026, 9, 1), datetime(2026, 9, 30), 119.1])  # noqa: DTZ001
    packed = io.BytesIO()
    book.save(packed)

    [one] = listing(packed.getvalue(), "l.xlsx").entries

    assert (one.document.number, str(one.document.due_date)) == ("2026001", "2026-09-30")
    assert one.document.amount_due == Decimal("119.10")


def test_all_that_is_wrong_is_told_at_once_with_its_line() -> None:
    text = (
        "number,client,date,due date,total\n"
        "A-1,Acme,2026-09-01,2026-10-01,twelve\n"
        "A-2,,2026-09-01,2026-10-01,12.00\n"
        "A-3,Acme,2026-09-01,2026-02-31,12.00\n"
        "A-4,Acme,2026-09-01,,12.00\n"
        "A-5,Acme,2026-09-01,2026-10-01,\n"
        ",Acme,2026-09-01,2026-10-01,12.00\n"
        "A-7,Acme,2026-09-01,2026-10-01,12.00\n"
        "A-7,Acme,2026-09-01,2026-10-01,13.00\n"
        "A-8,Acme,2026-09-01,2026-10-01,14.00\n"
    )

    found = listing(text)

    wrong = {(one.line, one.code) for one in found.problems}
    assert wrong >= {(2, "bad_amount"), (3, "no_client"), (4, "bad_date"), (5, "no_due_date"), (6, "no_amount")}
    assert wrong >= {(7, "no_number"), (8, "several_amounts")}
    assert list(documents(found)) == ["A-8"]


def test_days_that_could_be_either_are_the_day_first_unless_told() -> None:
    text = "number,client,due date,total\nA-1,Acme,03/04/2026,12.00\n"

    assert str(listing(text).entries[0].document.due_date) == "2026-04-03"
    assert str(listing(text, month_first=True).entries[0].document.due_date) == "2026-03-04"


def test_days_that_contradict_one_another_are_a_problem_where_they_are_unclear() -> None:
    text = (
        "number,client,due date,total\nA-1,Acme,31/12/2026,1.00\nA-2,Acme,12/31/2026,1.00\nA-3,Acme,03/04/2026,1.00\n"
    )

    found = listing(text)

    assert [one.line for one in found.problems if one.code == "bad_date"] == [4]


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("1 234,56 €", ",", "1234.56"), ("1.234,56", ",", "1234.56"), ("1,234.56", ".", "1234.56"),
        ("1'234.50", ".", "1234.50"), ("1\u202f234,5", ",", "1234.50"), ("(12,00)", ",", "-12.00"),
        ("12,00-", ",", "-12.00"), ("EUR 12", "", "12.00"), ("1.234", ",", "1234.00"),
        ("1,234,567.89", ".", "1234567.89"),
        ("1.234.567", "", "1234567.00"), ("-0,50", ",", "-0.50"),
    ],
)  # fmt: skip
def test_amounts_of_european_tools(text: str, mark: str, amount: str) -> None:
    assert amount_in(text, mark) == Decimal(amount)


@pytest.mark.parametrize("text", ["1,234", "1.234", "abc", "", "1e5", "NaN", "12,3,4x"])
def test_what_is_not_clearly_an_amount_is_none(text: str) -> None:
    assert amount_in(text, "") is None


@given(st.decimals(0, 10**9, places=2), st.sampled_from([",", "."]), st.booleans())
def test_an_amount_that_was_written_is_read_back(amount: Decimal, mark: str, thousands: bool) -> None:
    whole, cents = f"{amount:.2f}".split(".")
    other = "." if mark == "," else ","
    grouped = f"{int(whole):,}".replace(",", other) if thousands else whole

    assert amount_in(f"{grouped}{mark}{cents}", mark) == amount


@given(st.dates())
def test_a_day_that_was_written_is_read_back(day) -> None:  # type: ignore[no-untyped-def]
    assert day_in(day.isoformat(), None) == day


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a;b\n1;2\n"])
def test_what_is_no_list_is_a_problem(data: bytes) -> None:
    assert isinstance(read_listing(data, "x"), Problem)


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    assert isinstance(read_listing(data, "x"), Listing | Problem)


HEAD = (
    "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\t"
    "PieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise"
)


def entry(account: str, client: str, piece: str, day: str, debit: str, credit: str, letter: str = "") -> str:
    return "\t".join(
        ("VE", "Ventes", "1", day, account, "Clients", f"C{client}", client, piece, day, "x", debit, credit, letter)
    )


def fec(*entries: str, terms: int | None = 30) -> Listing:
    return listing("\n".join((HEAD, *entries)) + "\n", "123456789FEC20261231.txt", terms=terms)


def test_the_open_customers_of_a_fec_are_what_is_neither_lettered_nor_paid() -> None:
    found = fec(
        entry("411000", "DUPONT", "FA-1", "20260901", "1200,00", "0,00"),
        entry("411000", "DUPONT", "FA-2", "20260902", "600,00", "0,00", "AA"),
        entry("411000", "DUPONT", "VIR9", "20261001", "0,00", "600,00", "AA"),
        entry("706000", "", "FA-1", "20260901", "0,00", "1000,00"),
        entry("411000", "MARTIN", "FA-3", "20260905", "300,00", "0,00"),
        entry("411000", "MARTIN", "FA-3", "20260920", "0,00", "100,00"),
    )

    read = documents(found)
    assert {number: one.amount_due for number, one in read.items()} == {"FA-1": Decimal(1200), "FA-3": Decimal(200)}
    assert (str(read["FA-1"].due_date), read["FA-3"].prepaid) == ("2026-10-01", Decimal(100))


def test_a_letter_that_does_not_balance_leaves_the_difference_open() -> None:
    found = fec(
        entry("411000", "DUPONT", "FA-1", "20260901", "1200,00", "0,00", "AB"),
        entry("411000", "DUPONT", "VIR1", "20261001", "0,00", "500,00", "AB"),
    )

    [one] = found.entries
    assert (one.document.number, one.document.amount_due) == ("FA-1", Decimal(700))


def test_money_that_nobody_lettered_pays_its_amount_else_the_oldest() -> None:
    found = fec(
        entry("411000", "DUPONT", "FA-1", "20260801", "100,00", "0,00"),
        entry("411000", "DUPONT", "FA-2", "20260901", "250,00", "0,00"),
        entry("411000", "DUPONT", "VIR1", "20261001", "0,00", "250,00"),
        entry("411000", "DUPONT", "VIR2", "20261002", "0,00", "40,00"),
    )

    assert {number: one.amount_due for number, one in documents(found).items()} == {"FA-1": Decimal(60)}


def test_credits_of_a_sales_journal_are_credit_notes_whichever_side_they_stand_on() -> None:
    found = fec(
        entry("411000", "DUPONT", "FA-1", "20260801", "1200,00", "0,00"),
        entry("706000", "", "FA-1", "20260801", "0,00", "1000,00"),
        entry("411000", "DUPONT", "AV-1", "20260901", "-100,00", "0,00"),
        entry("411000", "DUPONT", "AV-2", "20260902", "0,00", "50,00"),
        entry("411000", "DUPONT", "VIR1", "20261002", "0,00", "40,00").replace("VE\tVentes", "BQ\tBanque"),
    )

    read = documents(found)
    assert {number: (one.kind, one.amount_due) for number, one in read.items()} == {
        "FA-1": ("invoice", Decimal(1160)),
        "AV-1": ("credit_note", Decimal(100)),
        "AV-2": ("credit_note", Decimal(50)),
    }


def test_what_is_carried_forward_without_a_number_is_no_invoice() -> None:
    forward = [
        entry("411000", client, piece, "20260101", "300,00", "0,00").replace("VE\tVentes", "AN\tA nouveaux")
        for client, piece in (("DUPONT", "AN"), ("MARTIN", "FA-2025-88"), ("ZED", "RAN 2026"))
    ]
    found = fec(*forward, entry("411000", "ZED", "VIR1", "20260110", "0,00", "300,00"))

    assert {number: one.amount_due for number, one in documents(found).items()} == {"FA-2025-88": Decimal(300)}
    assert [(one.code, one.line) for one in found.problems] == [("carried_forward", 2)]


def test_a_fec_without_terms_is_asked_for_them() -> None:
    found = fec(entry("411000", "DUPONT", "FA-1", "20260801", "100,00", "0,00"), terms=None)

    assert found.entries == ()
    assert [one.code for one in found.problems] == ["no_due_date"]


def test_a_fec_with_amount_and_side_is_read_too() -> None:
    text = "JournalCode|EcritureNum|EcritureDate|CompteNum|CompteLib|PieceRef|Montant|Sens\n"
    text += "VE|1|20260801|411DUP|Dupont|FA-1|100,00|D\n"

    [one] = listing(text, "f.txt", terms=30).entries

    assert (one.document.buyer.name, one.document.amount_due) == ("Dupont", Decimal(100))


SUMS = "Numéro;Client;Date;Échéance;HT;TVA;TTC;E-mail\n"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("F-5;Zed;05/09/2026;05/10/2026;100,00;20,00;130,00;z@zed.example", "sums"),
        ("F-6;Zed;05/09/2026;05/08/2026;100,00;20,00;120,00;z@zed.example", "due_too_early"),
        ("F-7;Zed;05/09/2026;05/10/2026;;;1,200;z@zed.example", "bad_amount"),
        ("F-9;Zed;05/09/2026;05/10/2026;100,00;20,00;120,01;z@zed.example", None),
        ("AV-1;Zed;05/09/2026;;-100,00;-20,00;-120,00;z@zed.example", None),
    ],
)
def test_a_row_that_contradicts_itself_is_a_problem_with_its_line(row: str, code: str | None) -> None:
    good = "F-1;Zed;01/09/2026;01/10/2026;1 000,00;200,00;1 200,00;z@zed.example\n"

    found = listing(SUMS + good + row + "\n")

    assert [(one.code, one.line) for one in found.problems] == ([(code, 3)] if code else [])
    assert len(found.entries) == (1 if code else 2)


def test_what_is_left_to_pay_need_not_be_net_and_tax() -> None:
    text = SUMS.replace("TTC", "Net à payer") + "F-1;Zed;01/09/2026;01/10/2026;100,00;20,00;90,00;\n"

    assert listing(text).problems == ()


def test_an_address_that_is_none_is_said_and_the_invoice_taken_in_without() -> None:
    rows = "F-1;Zed;01/09/2026;01/10/2026;100,00;20,00;120,00;"
    found = listing(SUMS + rows + "pas-un-mail\n" + rows.replace("F-1", "F-2") + "-\n")

    assert [(one.code, one.line, one.column) for one in found.problems] == [("bad_email", 2, 8)]
    assert [entry.document.buyer.email for entry in found.entries] == [None, None]


def test_thousands_are_told_from_cents_by_the_other_rows_and_columns() -> None:
    text = 'Number,Client,Due date,Total,Amount due\nA-1,Acme,31/12/2026,"1,200","1,200.00"\n'
    mixed = "Number;Client;Due date;Total\nA-1;Acme;31/12/2026;1 100,50\nA-2;Acme;31/12/2026;100.00\n"

    assert [entry.document.total_gross for entry in listing(text).entries] == [Decimal(1200)]
    assert [entry.document.total_gross for entry in listing(mixed).entries] == [Decimal("1100.50"), Decimal(100)]


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("1,200", ",", None),
        ("1,200", ".", "1200"),
        ("1.200", ",", "1200"),
        ("0.125", ".", "0.12"),
        ("1200.5", ".", "1200.50"),
        ("1,00,000.00", ".", "100000"),
        ("1,234.56", ",", "1234.56"),
        ("1,2345.00", ".", None),
        ("12.34.56", ".", None),
    ],
)
def test_an_amount_that_could_be_two_is_none(text: str, mark: str, amount: str | None) -> None:
    assert amount_in(text, mark) == (Decimal(amount) if amount else None)
