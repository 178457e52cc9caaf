"""Lists of invoices into the ledger and entries out of it: only what differs is changed."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from e2e_house import DUE, LEMAIRE, House, forwarded
from e2e_scene import MONDAY, at, bill
from jobs_story import typed
from sqlalchemy import text

from mailbot.cli.importing import Wanted, import_files
from mailbot.demo.documents import invoice_pdf, plain_pdf
from mailbot.jobs import chaining
from mailbot.jobs.exporting import as_csv, as_fec, entries
from mailbot.jobs.importing import Change
from mailbot.ledger.store import writing
from mailbot.model import Problem

NOW, LATER = at(MONDAY, 7, 40), at(MONDAY, 8)
HEAD = "Numéro;Client;Date;Échéance;Montant TTC;Reste à payer;E-mail\n"
FIRST = "FA-1;Dupont SARL;01/02/2026;01/03/2026;1200,00;1200,00;compta@dupont.example\n"
NOTE = "AV-1;Dupont SARL;03/02/2026;03/02/2026;-100,00;-100,00;compta@dupont.example\n"
SECOND = "FA-2;Dupont SARL;02/02/2026;04/03/2026;300,00;300,00;compta@dupont.example\n"


def imported(
    house: House, folder: Path, rows: str, *, apply: bool = True, when: object = NOW
) -> tuple[list[Change], list[Problem]]:
    path = folder / "liste.csv"
    path.write_text(HEAD + rows, encoding="cp1252")
    return import_files(house.office, [path], when, apply=apply, wanted=Wanted())  # type: ignore[arg-type]


def owed(house: House) -> dict[str, tuple[int, int]]:
    """Number -> (amount, what is open of it)."""
    return {row["number"]: (int(row["amount"]), int(row["open_amount"])) for row in house.rows("invoice")}


def whats(changes: list[Change]) -> list[tuple[str, str]]:
    return [(change.number, change.what) for change in changes]


def test_a_preview_changes_nothing_and_apply_does_what_it_showed(house: House, tmp_path: Path) -> None:
    before = house.dump()
    shown, _ = imported(house, tmp_path, FIRST + SECOND, apply=False)
    assert house.dump() == before

    done, problems = imported(house, tmp_path, FIRST + SECOND)

    assert done == shown
    assert (whats(done), problems) == ([("FA-1", "new"), ("FA-2", "new")], [])
    assert [row["open_amount"] for row in house.rows("invoice")] == [Decimal(1200), Decimal(300)]
    assert [row["name"] for row in house.rows("client")] == ["Dupont SARL"]
    assert [row["email"] for row in house.rows("contact")] == ["compta@dupont.example"]


def test_the_facts_of_an_invoice_without_a_file_are_sealed(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST)

    [event] = [row for row in house.rows("event") if row["name"] == "invoice.received"]
    assert event["data"]["stated"]["invoices"] == {"FA-1": {
        "kind": "invoice", "issued": "2026-02-01", "due": "2026-03-01", "currency": "EUR", "amount": "1200",
        "client": "1", "name": "Dupont SARL", "siren": "", "vat": "",
    }}  # fmt: skip
    chaining.seal_events(house.office, LATER)
    with writing(house.office.engine) as conn:
        conn.execute(text("DROP TRIGGER IF EXISTS event_no_update"))
        conn.execute(text("UPDATE event SET data = replace(data, '1200', '1000')"))
    assert [found.code for found in chaining.verify_ledger(house.office).findings] == ["event_changed"]


def test_the_same_list_again_changes_nothing(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + SECOND)
    before = house.dump()

    changes, _ = imported(house, tmp_path, FIRST + SECOND, when=LATER)

    assert whats(changes) == [("FA-1", "same"), ("FA-2", "same")]
    assert house.dump() == before


def test_importing_again_changes_only_what_changed(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + SECOND)
    paid = FIRST.replace("1200,00;1200,00", "1200,00;200,00")
    moved = SECOND.replace("04/03/2026", "15/03/2026")

    changes, _ = imported(house, tmp_path, paid + moved, when=LATER)

    assert whats(changes) == [("FA-1", "paid"), ("FA-2", "changed")]
    one, two = house.rows("invoice")
    assert (one["open_amount"], one["amount"]) == (Decimal(200), Decimal(1200))
    assert (two["open_amount"], str(two["due"])) == (Decimal(300), "2026-03-15")


def test_a_credit_note_of_the_list_is_not_billed_when_the_list_comes_again(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + SECOND + NOTE)
    before = house.dump()

    for when, rows in ((LATER, FIRST + SECOND + NOTE), (at(MONDAY, 9), NOTE + SECOND + FIRST)):
        changes, _ = imported(house, tmp_path, rows, when=when)
        assert {change.what for change in changes} == {"same"}

    assert house.dump() == before
    assert owed(house) == {"FA-1": (1200, 1100), "FA-2": (300, 300), "AV-1": (100, 0)}


def test_what_was_paid_is_told_apart_from_a_credit_note_that_the_list_still_shows(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + NOTE)
    paid = FIRST.replace("1200,00;1200,00", "1200,00;700,00")

    imported(house, tmp_path, paid + NOTE, when=LATER)

    assert owed(house) == {"FA-1": (1200, 600), "AV-1": (100, 0)}


def test_a_credit_note_that_the_list_has_set_off_counts_once(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + NOTE)
    set_off = FIRST.replace("1200,00;1200,00", "1200,00;1100,00")

    changes, _ = imported(house, tmp_path, set_off + NOTE.replace("-100,00;-100,00", "-100,00;0,00"), when=LATER)

    assert whats(changes) == [("FA-1", "same"), ("AV-1", "same")]
    assert owed(house) == {"FA-1": (1200, 1100), "AV-1": (100, 0)}


def test_a_credit_note_that_the_list_has_used_in_part_is_not_taken_away(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + NOTE)

    changes, _ = imported(house, tmp_path, FIRST + NOTE.replace("-100,00;-100,00", "-100,00;-40,00"), when=LATER)

    assert whats(changes) == [("FA-1", "same"), ("AV-1", "skipped")]
    assert owed(house) == {"FA-1": (1200, 1100), "AV-1": (100, 0)}


def test_a_list_that_does_not_know_of_a_payment_bills_nothing_again(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + SECOND)
    typed(house, "payé FA-1 1000,00", LATER)

    changes, _ = imported(house, tmp_path, FIRST + SECOND, when=at(MONDAY, 9))

    assert whats(changes) == [("FA-1", "skipped"), ("FA-2", "same")]
    assert owed(house) == {"FA-1": (1200, 200), "FA-2": (300, 300)}


def test_an_invoice_on_which_nothing_was_paid_is_corrected_to_what_the_list_shows(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST)

    changes, _ = imported(house, tmp_path, FIRST.replace("1200,00;1200,00", "1250,00;1250,00"), when=LATER)

    assert whats(changes) == [("FA-1", "changed")]
    assert owed(house) == {"FA-1": (1250, 1250)}


def test_a_lower_total_on_which_nothing_was_paid_is_a_correction_and_no_receipt(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST)

    changes, _ = imported(house, tmp_path, FIRST.replace("1200,00;1200,00", "900,00;900,00"), when=LATER)

    assert [(one.what, one.detail) for one in changes] == [("changed", "open 1200.00 -> 900.00")]
    assert owed(house) == {"FA-1": (900, 900)}
    assert [one.kind for one in entries(house.office, MONDAY, MONDAY)] == []


def test_less_of_the_same_total_is_a_payment_and_no_correction(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST)

    changes, _ = imported(house, tmp_path, FIRST.replace("1200,00;1200,00", "1200,00;900,00"), when=LATER)

    assert whats(changes) == [("FA-1", "paid")]
    assert owed(house) == {"FA-1": (1200, 900)}


def addresses(house: House) -> list[tuple[str, bool]]:
    return [(row["email"], bool(row["usable"])) for row in house.rows("contact")]


def test_another_address_in_the_list_is_shown_and_taken_in(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + SECOND)
    moved = (FIRST + SECOND).replace("compta@dupont", "factures@dupont")

    shown, _ = imported(house, tmp_path, moved, apply=False, when=LATER)
    assert addresses(house) == [("compta@dupont.example", True)]
    done, _ = imported(house, tmp_path, moved, when=LATER)

    assert done == shown
    assert [(one.number, one.what, one.detail) for one in done] == [
        ("FA-1", "changed", "e-mail compta@dupont.example -> factures@dupont.example"),
        ("FA-2", "same", ""),
    ]
    assert addresses(house) == [("factures@dupont.example", True)]
    again, _ = imported(house, tmp_path, moved, when=at(MONDAY, 9))
    assert whats(again) == [("FA-1", "same"), ("FA-2", "same")]


def test_an_address_that_the_owner_put_right_stays_when_the_list_comes_again(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST)
    typed(house, "contact FA-1 chef@dupont.example remplacer", LATER)
    before = addresses(house)

    changes, _ = imported(house, tmp_path, FIRST, when=at(MONDAY, 9))

    assert whats(changes) == [("FA-1", "same")]
    assert addresses(house) == before
    assert "chef@dupont.example" in [email for email, _ in before]


def test_rows_that_contradict_one_another_about_an_address_change_none_and_say_so(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + SECOND)

    changes, _ = imported(house, tmp_path, FIRST + SECOND.replace("compta@", "autre@"), when=LATER)

    assert whats(changes) == [("FA-1", "same"), ("FA-2", "skipped")]
    assert "autre@dupont.example in the list, compta@dupont.example here" in changes[1].detail
    assert addresses(house) == [("compta@dupont.example", True)]


def test_another_client_in_the_list_moves_an_invoice_on_which_nothing_was_paid(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + SECOND)
    other = SECOND.replace("Dupont SARL", "Epsilon SAS").replace("compta@dupont", "compta@epsilon")

    done, _ = imported(house, tmp_path, FIRST + other, when=LATER)

    assert [(one.number, one.what, one.client) for one in done] == [
        ("FA-1", "same", "Dupont SARL"),
        ("FA-2", "changed", "Epsilon SAS"),
    ]
    assert "client Dupont SARL -> Epsilon SAS" in done[1].detail
    names = {row["id"]: row["name"] for row in house.rows("client")}
    assert [names[row["client"]] for row in house.rows("invoice")] == ["Dupont SARL", "Epsilon SAS"]
    again, _ = imported(house, tmp_path, FIRST + other, when=at(MONDAY, 9))
    assert whats(again) == [("FA-1", "same"), ("FA-2", "same")]


def test_another_client_of_an_invoice_with_money_on_it_is_said_and_not_moved(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST)
    typed(house, "payé FA-1 200,00", LATER)

    changes, _ = imported(house, tmp_path, FIRST.replace("Dupont SARL", "Epsilon SAS"), when=at(MONDAY, 9))

    assert whats(changes) == [("FA-1", "skipped")]
    assert "Epsilon SAS in the list, Dupont SARL here: not moved" in changes[0].detail
    assert [row["name"] for row in house.rows("client")] == ["Dupont SARL"]


def test_a_name_that_is_only_written_in_another_way_moves_nothing(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST)

    changes, _ = imported(house, tmp_path, FIRST.replace("Dupont SARL", "DUPONT"), when=LATER)

    assert whats(changes) == [("FA-1", "same")]


@pytest.mark.parametrize(("heading", "number"), [("SIREN", "552100554"), ("VAT number", "FR40303265045")])
def test_the_number_of_another_client_keeps_an_invoice_out(
    house: House, tmp_path: Path, heading: str, number: str
) -> None:
    path = tmp_path / "liste.csv"
    days = "01/02/2026;01/03/2026"
    rows = f"FA-1;Gamma SAS;{number};{days};10,00\nFA-2;Delta SA;{number};{days};20,00\n"
    path.write_text(f"Numéro;Client;{heading};Date;Échéance;Montant TTC\n{rows}", encoding="utf-8")

    shown, problems = import_files(house.office, [path], NOW, apply=False, wanted=Wanted())
    done, _ = import_files(house.office, [path], NOW, apply=True, wanted=Wanted())

    assert done == shown
    assert whats(done) == [("FA-1", "new")]
    assert [(one.code, one.line) for one in problems] == [("other_number", 3)]
    assert "Gamma SAS" in problems[0].message
    assert "Delta SA" in problems[0].message


def test_an_invoice_that_a_list_calls_settled_is_not_chased_any_more(house: House, tmp_path: Path) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))
    row = f"FA-2026-0001;{LEMAIRE.name};01/02/2026;27/02/2026;1200,00;0,00;\n"

    changes, _ = imported(house, tmp_path, row, when=LATER)

    assert whats(changes) == [("FA-2026-0001", "paid")]
    assert [row["open_amount"] for row in house.rows("invoice")] == [Decimal(0)]


def test_what_contradicts_the_ledger_is_a_problem_with_its_line(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST)
    other = "FA-1;Dupont SARL;01/02/2026;01/03/2026;-1200,00;-1200,00;\n"
    own = f"FA-9;{house.office.business.name};01/02/2026;01/03/2026;10,00;10,00;\n"

    _, problems = imported(house, tmp_path, other + own, when=LATER)

    assert [(one.code, one.line) for one in problems] == [("other_kind", 2), ("own_invoice", 3)]


def test_drafts_of_a_list_are_left_out_and_counted(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "liste.csv"
    head, draft = HEAD.replace("\n", ";Statut\n"), SECOND.replace("\n", ";Brouillon\n")
    path.write_text(head + FIRST.replace("\n", ";Envoyée\n") + draft, encoding="utf-8")

    changes, problems = import_files(house.office, [path], NOW, apply=True, wanted=Wanted())

    assert ([one.number for one in changes], problems) == (["FA-1"], [])
    assert capsys.readouterr().err == f"{path}: left out. Drafts, cancelled invoices and quotes in it: 1.\n"


def test_a_folder_of_documents_enters_what_is_certain_and_asks_about_the_rest(house: House, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(invoice_pdf(bill("FA-2026-0001", LEMAIRE, DUE)))
    (tmp_path / "b.pdf").write_bytes(plain_pdf(bill("FA-2026-0002", LEMAIRE, DUE)))
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4 broken")

    changes, problems = import_files(house.office, [tmp_path], NOW, apply=True, wanted=Wanted())

    assert [change.what for change in changes] == ["new", "asked"]
    assert [Path(one.file or "").name for one in problems] == ["c.pdf"]
    assert [row["number"] for row in house.rows("invoice")] == ["FA-2026-0001"]
    again, _ = import_files(house.office, [tmp_path], LATER, apply=True, wanted=Wanted())
    assert [change.what for change in again] == ["same", "asked"]
    assert len(house.rows("question", kind="draft")) == 1


def test_the_accountant_gets_receipts_and_write_offs_with_equal_debits_and_credits(
    house: House, tmp_path: Path
) -> None:
    imported(house, tmp_path, FIRST + SECOND)
    typed(house, "payé FA-1 200,00", LATER)
    typed(house, "abandonne FA-2", LATER)

    found = entries(house.office, MONDAY, MONDAY)

    assert [(one.kind, one.invoice, one.amount) for one in found] == [
        ("receipt_said", "FA-1", Decimal("200.00")),
        ("write_off", "FA-2", Decimal("300.00")),
    ]
    assert "FA-2,300.00,EUR" in as_csv(found)
    rows = [line.split("\t") for line in as_fec(found).splitlines()]
    assert {len(row) for row in rows} == {18}
    debit, credit = (sum(Decimal(row[at].replace(",", ".")) for row in rows[1:]) for at in (11, 12))
    assert debit == credit == Decimal("500.00")
    assert [row[4] for row in rows[1:]] == ["471000", "411000", "654000", "411000"]


def test_the_accountant_gets_the_credit_notes_that_were_set_off(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST + SECOND + NOTE)

    found = entries(house.office, date(2026, 2, 1), date(2026, 2, 28))

    assert [(one.day, one.kind, one.invoice, one.amount, one.reference) for one in found] == [
        (date(2026, 2, 3), "offset", "FA-1", Decimal("100.00"), "AV-1")
    ]
    assert [(one.kind, one.amount) for one in entries(house.office, date.min, date.max)] == [("offset", Decimal(100))]
    assert entries(house.office, MONDAY, MONDAY + timedelta(9)) == []
    rows = [line.split("\t") for line in as_fec(found).splitlines()[1:]]
    assert [(row[4], row[8], row[11], row[12]) for row in rows] == [
        ("411000", "AV-1", "100,00", "0,00"),
        ("411000", "FA-1", "0,00", "100,00"),
    ]


def test_what_the_owner_took_back_is_no_entry(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, FIRST)
    typed(house, "payé FA-1 200,00", LATER)
    typed(house, "annule FA-1", at(MONDAY, 9))

    assert owed(house) == {"FA-1": (1200, 1200)}
    assert entries(house.office, MONDAY, MONDAY) == []


def test_a_credit_note_is_called_one_in_the_preview(house: House, tmp_path: Path) -> None:
    shown, _ = imported(house, tmp_path, NOTE, apply=False)

    assert [(one.what, one.detail) for one in shown] == [("new", "credit note of 100.00 EUR")]
