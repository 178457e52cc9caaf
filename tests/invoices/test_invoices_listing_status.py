"""Lists without a column for the rest to pay, with rows for lines, on several sheets: what is paid is not chased."""

import io
from decimal import Decimal

import pytest
from openpyxl import Workbook

from mailbot.invoices.fec import COLUMNS
from mailbot.invoices.listing import read_listing
from mailbot.model import InvoiceDocument, Listing


def listing(text: str | bytes, name: str = "l.csv", **more: object) -> Listing:
    data = text if isinstance(text, bytes) else text.encode()
    found = read_listing(data, name, **more)  # type: ignore[arg-type]
    assert isinstance(found, Listing), found
    return found


def documents(found: Listing) -> dict[str | None, InvoiceDocument]:
    return {one.document.number: one.document for one in found.entries}


@pytest.mark.parametrize(
    ("status", "open_", "code"),
    [
        ("Payée", 0, None), ("Paid", 0, None), ("Bezahlt", 0, None), ("Pagada", 0, None), ("Pagata", 0, None),
        ("Betaald", 0, None), ("Soldée", 0, None), ("Paiement reçu", 0, None), ("En retard", 100, None),
        ("Envoyée", 100, None), ("Non payée", 100, None), ("Impayée", 100, None), ("Unpaid", 100, None),
        ("Overdue", 100, None), ("Nicht bezahlt", 100, None), ("Überfällig", 100, None), ("Pendiente", 100, None),
        ("Scaduta", 100, None), ("Niet betaald", 100, None), ("", 100, None),
        ("Partiellement payée", None, "status"), ("Partially paid", None, "status"),
        ("Teilweise bezahlt", None, "status"), ("Parcialmente pagada", None, "status"),
        ("Parzialmente pagata", None, "status"), ("Gedeeltelijk betaald", None, "status"),
        ("Irrécouvrable", None, "status"), ("Written off", None, "status"), ("Uneinbringlich", None, "status"),
        ("En litige", None, "status"), ("Disputed", None, "status"), ("Refusée", None, "status"),
        ("Payée en retard", None, "status"), ("Zorglub", None, "status"),
    ],
)  # fmt: skip
def test_a_list_without_a_rest_goes_by_its_status(status: str, open_: int | None, code: str | None) -> None:
    found = listing(f"Numéro;Client;Date;Échéance;Total TTC;Statut\nF-1;Acme;01/10/2026;31/10/2026;100,00;{status}\n")

    assert [one.document.amount_due for one in found.entries] == ([] if open_ is None else [Decimal(open_)])
    assert [(one.line, one.code) for one in found.problems] == ([(2, code)] if code else [])


@pytest.mark.parametrize("status", ["Void", "Annulée", "Brouillon", "Storniert", "Proforma"])
def test_what_is_not_owed_by_its_status_is_left_out(status: str) -> None:
    found = listing(f"Numéro;Client;Date;Échéance;Total TTC;Statut\nF-1;Acme;01/10/2026;31/10/2026;100,00;{status}\n")

    assert (found.entries, found.left_out) == ((), 1)


def test_a_rest_that_is_stated_is_stronger_than_paid_in_part_but_not_than_disputed_or_paid() -> None:
    text = (
        "number,client,due date,total,balance,status\n"
        "A-1,Acme,2026-10-31,100.00,40.00,Partially paid\n"
        "A-2,Acme,2026-10-31,100.00,40.00,Disputed\n"
        "A-3,Acme,2026-10-31,100.00,40.00,Paid\n"
        "A-4,Acme,2026-10-31,100.00,40.00,Whatever\n"
        "A-5,Acme,2026-10-31,100.00,0.00,Paid\n"
    )

    found = listing(text)

    owed = {number: document.amount_due for number, document in documents(found).items()}
    assert owed == {"A-1": Decimal(40), "A-4": Decimal(40), "A-5": Decimal(0)}
    assert [(one.line, one.code) for one in found.problems] == [(3, "status"), (4, "status")]


@pytest.mark.parametrize(
    ("heads", "cells", "open_"),
    [
        ("Payée", "Oui", 0), ("Payée", "Non", 120), ("Paid", "yes", 0), ("Paid", "no", 120), ("Bezahlt", "Ja", 0),
        ("Pagata", "sì", 0), ("Date de paiement", "15/10/2026", 0), ("Date de paiement", "", 120),
        ("Date de paiement;Payée", "15/10/2026;Oui", 0), ("Payé TTC", "20,00", 100), ("Payé TTC", "120,00", 0),
        ("Reste à payer HT", "0,00", 0), ("Total HT;Reste à payer HT", "100,00;100,00", 120),
        ("Reste à payer HT", "50,00", None), ("Date de paiement;Payée", "15/10/2026;Non", None),
        ("Payée", "en partie", None),
    ],
)  # fmt: skip
def test_what_was_paid_may_be_a_yes_a_day_or_a_sum(heads: str, cells: str, open_: int | None) -> None:
    found = listing(f"Numéro;Client;Date;Échéance;Total TTC;{heads}\nF-1;Acme;01/10/2026;31/10/2026;120,00;{cells}\n")

    assert [one.document.amount_due for one in found.entries] == ([] if open_ is None else [Decimal(open_)])
    assert [one.code for one in found.problems] == ([] if open_ is not None else ["status"])


def test_a_day_of_payment_without_a_due_date_beside_it_is_asked_about() -> None:
    found = listing("Numéro;Client;Date;Total TTC;Date de paiement\nF-1;Acme;01/10/2026;120,00;15/10/2026\n", terms=30)

    assert found.entries == ()
    assert [one.code for one in found.problems] == ["status"]


@pytest.mark.parametrize(
    ("status", "paid", "taken"),
    [("Partially paid", "40.00", True), ("Overdue", "0.00", True), ("Disputed", "40.00", False),
     ("Paid", "0.00", False), ("Partially paid", "0.00", False), ("Written off", "0.00", False)],
)  # fmt: skip
def test_a_sum_that_was_paid_is_believed_unless_the_status_says_otherwise(status: str, paid: str, taken: bool) -> None:
    found = listing(f"number,client,due date,total,paid,status\nA-1,Acme,2026-10-31,100.00,{paid},{status}\n")

    assert [one.document.amount_due for one in found.entries] == ([Decimal(100) - Decimal(paid)] if taken else [])
    assert [one.code for one in found.problems] == ([] if taken else ["status"])


def test_one_date_proves_the_order_of_all_dates_of_a_list() -> None:
    text = (
        "number,client,date,due date,total\nA-1,Acme,10/05/2026,11/04/2026,1.00\nA-2,Acme,10/13/2026,11/12/2026,1.00\n"
    )

    first = listing(text).entries[0].document

    assert (str(first.issue_date), str(first.due_date)) == ("2026-10-05", "2026-11-04")


def test_rows_with_the_amounts_of_lines_add_up_to_their_invoice() -> None:
    head = "Facture;Client;Date;Échéance;Article;Montant HT;Montant TTC\n"
    rows = (
        "L1;Alpha;01/10/2026;31/10/2026;Pose;100,00;120,00\nL1;Alpha;01/10/2026;31/10/2026;Vis;50,00;60,00\n"
        "L2;Beta;01/10/2026;31/10/2026;Pose;100,00;120,00\nL2;Beta;01/10/2026;31/10/2026;Pose;100,00;120,00\n"
    )

    read = documents(listing(head + rows))

    assert {number: one.amount_due for number, one in read.items()} == {"L1": Decimal(180), "L2": Decimal(240)}


def test_a_total_that_each_line_repeats_counts_once() -> None:
    text = (
        "Facture;Client;Date;Échéance;Article;Total facture TTC\n"
        "M1;Alpha;01/10/2026;31/10/2026;Pose;180,00\nM1;Alpha;01/10/2026;31/10/2026;Vis;180,00\n"
    )

    assert [one.document.amount_due for one in listing(text).entries] == [Decimal(180)]


def workbook(*sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


LIST: list[list[object]] = [["Numéro", "Client", "Date d'échéance", "Total TTC"], ["X1", "Alpha", "31/10/2026", 120]]


def test_a_list_on_the_second_sheet_is_found_behind_a_cover_page() -> None:
    found = listing(workbook([["Export du 20/11/2026"], ["Page de garde"]], [], LIST), "l.xlsx")

    assert [(one.line, one.document.number) for one in found.entries] == [(2, "X1")]
    assert found.problems == ()


def test_further_sheets_with_lists_are_said() -> None:
    found = listing(workbook(LIST, LIST), "l.xlsx")

    assert len(found.entries) == 1
    assert [one.code for one in found.problems] == ["more_sheets"]


def test_headings_of_pieces_and_third_parties_and_a_row_of_totals() -> None:
    text = (
        "N° Pièce;Date pièce;Tiers;Solde;Échéance;Email tiers\n"
        "F-1;01/10/2026;Dupont SARL;1 200,00;31/10/2026;compta@dupont.example\nTotal;;;1 200,00;;\n"
    )

    [one] = listing(text).entries

    assert (str(one.document.issue_date), one.document.buyer.email) == ("2026-10-01", "compta@dupont.example")


def test_what_is_held_back_on_works_is_not_due_by_the_terms_of_the_invoice() -> None:
    text = (
        ";".join(COLUMNS)
        + "\n"
        + (
            "VE;Ventes;9;20261022;411000;Clients;C4;SCCV Mer;FA6;20261022;Travaux;1900,00;0,00;;;20261130;;\n"
            "VE;Ventes;9;20261022;411700;Retenues de garantie;C4;SCCV Mer;FA6;20261022;RG 5%;100,00;0,00;;;20261130;;\n"
        )
    )

    found = listing(text.replace(";", "|"), "FEC.txt", terms=30)

    assert [(one.document.number, one.document.amount_due) for one in found.entries] == [("FA6", Decimal(1900))]
    assert [(one.line, one.code) for one in found.problems] == [(3, "retention")]
