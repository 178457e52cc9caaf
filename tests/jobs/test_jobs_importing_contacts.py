"""A list of clients beside a FEC: whom to write to, and when each pays; what it does not fit is named with its line."""

from pathlib import Path

import pytest
from e2e_house import House
from e2e_scene import MONDAY, at

from mailbot.cli.importing import Wanted, import_files
from mailbot.jobs.importing import Change
from mailbot.model import Problem

NOW, LATER = at(MONDAY, 7, 40), at(MONDAY, 8)
FEC_HEAD = (
    "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|CompAuxLib|PieceRef|PieceDate|"
    "EcritureLib|Debit|Credit|EcritureLet|DateLet|ValidDate|Montantdevise|Idevise\n"
)
FEC = FEC_HEAD + "".join(
    f"VE|Ventes|{at}|20260201|411000|Clients|{account}|{name}|{piece}|20260201|x|{debit}|{credit}|||20260201||\n"
    for at, (account, name, piece, debit, credit) in enumerate([
        ("C001", "DUPONT SARL", "FA-1", "1200,00", "0,00"),
        ("C002", "Brasserie du Port", "FA-2", "300,00", "0,00"),
        ("C003", "Mairie de Sète", "FA-3", "90,00", "0,00"),
        ("C003", "Mairie de Sète", "AV-1", "0,00", "20,00"),
    ])
)  # fmt: skip
CONTACTS = (
    "Compte auxiliaire;Nom;E-mail;Délai\n"
    "C001;;compta@dupont.example;30\n"
    ";brasserie du port;facture@port.example;45 jours fin de mois\n"
    "C999;Parti SA;a@parti.example;30\n"
)


def imported(
    house: House, folder: Path, contacts: str | None, *, apply: bool = True, terms: int | None = None,
    when: object = NOW,
) -> tuple[list[Change], list[Problem]]:  # fmt: skip
    fec, listed = folder / "fec.txt", folder / "clients.csv"
    fec.write_text(FEC, encoding="utf-8")
    if contacts is not None:
        listed.write_text(contacts, encoding="cp1252")
    wanted = Wanted(terms, contacts=listed if contacts is not None else None)
    return import_files(house.office, [fec], when, apply=apply, wanted=wanted)  # type: ignore[arg-type]


def dues(house: House) -> dict[str, str]:
    return {row["number"]: row["due"].isoformat() for row in house.rows("invoice")}


def addresses(house: House) -> set[str]:
    return {row["email"] for row in house.rows("contact")}


def places(problems: list[Problem]) -> list[tuple[str, int | None, str]]:
    return [(Path(one.file or "").name, one.line, one.code) for one in problems]


def test_each_client_of_a_fec_gets_its_address_and_its_terms(house: House, tmp_path: Path) -> None:
    changes, problems = imported(house, tmp_path, CONTACTS, terms=15)

    assert dues(house)["FA-1"] == "2026-03-03"  # 30 days, although --terms says 15
    assert dues(house)["FA-2"] == "2026-03-31"  # 45 days, then the end of their month
    assert dues(house)["FA-3"] == "2026-02-16"  # --terms, for a client that the list does not name
    assert addresses(house) == {"compta@dupont.example", "facture@port.example"}
    assert places(problems) == [("clients.csv", 4, "unknown_client")]
    assert "C999" in problems[0].message
    assert "reminders to compta@dupont.example" in changes[0].detail


def test_without_terms_for_a_client_its_invoice_is_named_and_the_others_come_in(house: House, tmp_path: Path) -> None:
    _, problems = imported(house, tmp_path, CONTACTS)

    assert sorted(dues(house)) == ["FA-1", "FA-2"]
    assert ("fec.txt", 4, "no_due_date") in places(problems)


def test_the_preview_shows_it_and_changes_nothing(house: House, tmp_path: Path) -> None:
    before = house.dump()

    shown, _ = imported(house, tmp_path, CONTACTS, apply=False)

    assert house.dump() == before
    assert [(one.number, one.what) for one in shown] == [("FA-1", "new"), ("FA-2", "new")]
    assert imported(house, tmp_path, CONTACTS)[0] == shown


def test_addresses_that_come_later_are_added_where_there_is_none(house: House, tmp_path: Path) -> None:
    imported(house, tmp_path, None, terms=30)
    assert addresses(house) == set()

    changes, _ = imported(house, tmp_path, CONTACTS, terms=30, when=LATER)

    assert addresses(house) == {"compta@dupont.example", "facture@port.example"}
    assert [(one.number, one.what) for one in changes] == [("FA-1", "changed"), ("FA-2", "changed"), ("FA-3", "same")]
    again, _ = imported(house, tmp_path, CONTACTS, terms=30, when=LATER)
    assert {one.what for one in again} == {"same"}


@pytest.mark.parametrize(
    ("rows", "line", "word"),
    [
        ("C001;Dupont;nobody;30\n", 2, "nobody"),
        ("C001;Dupont;a@b.example, c@d.example;30\n", 2, "not one e-mail"),
        ("C001;Dupont;a@b.example;bientôt\n", 2, "bientôt"),
        ("C001;Dupont;a@b.example;900\n", 2, "900"),
        (";;a@b.example;30\n", 2, "no client"),
        ("C001;Dupont;a@b.example;30\nC001;Dupont;c@d.example;30\n", 3, "line 2"),
    ],
)
def test_a_line_that_cannot_be_taken_is_named(house: House, tmp_path: Path, rows: str, line: int, word: str) -> None:
    _, problems = imported(house, tmp_path, CONTACTS.partition("\n")[0] + "\n" + rows, terms=30)

    [problem] = [one for one in problems if one.code == "bad_contact"]
    assert (problem.line, word in problem.message) == (line, True)
    assert sorted(dues(house)) == ["FA-1", "FA-2", "FA-3"]


@pytest.mark.parametrize("contacts", ["", "a;b\n1;2\n", "Nom;E-mail\n"])
def test_a_list_of_contacts_that_is_none_keeps_nothing_out(house: House, tmp_path: Path, contacts: str) -> None:
    _, problems = imported(house, tmp_path, contacts, terms=30)

    assert len(dues(house)) == 3
    assert all(Path(one.file or "").name == "clients.csv" for one in problems)
    assert bool(problems) == (contacts != "Nom;E-mail\n")
