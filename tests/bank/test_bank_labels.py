"""Who pays and what is written, in the label grammars of banks."""

from datetime import date
from decimal import Decimal

import pytest

from mailbot.bank.labels import Spoken, take_apart
from mailbot.model import Line


def said(name: str, memo: str = "", payer: str = "") -> Spoken:
    return take_apart(Line("x", date(2026, 2, 10), Decimal(1), "EUR", name, memo, "", "CREDIT", payer=payer))


@pytest.mark.parametrize(
    ("name", "memo", "payers", "motive"),
    [
        ("VIR SEPA RECU /DE GARAGE MARTIN", "/MOTIF FACTURE 42 /REF NOTPROVIDED", ("GARAGE MARTIN",), "FACTURE 42"),
        (
            "VIR RECU 0000210297Z DE: GARAGE",
            "VIR RECU 0000210297Z DE: GARAGE MARTIN MOTIF: FACTURE 42 REF: E2E1",
            ("GARAGE MARTIN",),
            "FACTURE 42",
        ),
        (
            "VIR INST RE 000000210300 DE: GAR",
            "VIR INST RE 000000210300 DE: GARAGE MARTIN DATE: 05/10/2026 10:00 MOTIF: FACTURE 42 REF: X",
            ("GARAGE MARTIN",),
            "FACTURE 42",
        ),
        ("VIR SEPA GARAGE MARTIN", "VIR SEPA GARAGE MARTIN Motif : Facture 42", ("GARAGE MARTIN",), "FACTURE 42"),
        ("Garage Martin", "SEPA-GUTSCHRIFT SVWZ+RECHNUNG 42 EREF+E1", ("GARAGE MARTIN",), "RECHNUNG 42"),
        ("GARAGE MARTIN", "IBAN: NL1 Naam: GARAGE MARTIN Omschrijving: 42", ("GARAGE MARTIN",), "42"),
        (
            "VIR SEPA RECU /FRM AUTOECOLE GAU",
            "TIER NORD /EID NOTPROVIDED /RNF FACTURE 42",
            ("AUTOECOLE GAU TIER NORD", "AUTOECOLE GAUTIER NORD"),
            "FACTURE 42",
        ),
        ("VIREMENT DE GARAGE MARTIN", "", ("GARAGE MARTIN",), ""),
        ("", "", (), ""),
    ],
)
def test_payer_and_motive_are_told_apart(name: str, memo: str, payers: tuple[str, ...], motive: str) -> None:
    spoken = said(name, memo)

    assert (spoken.payers, spoken.motive) == (payers, motive)


def test_name_that_fills_its_field_may_be_cut() -> None:
    assert said("VIR SEPA RECU /DE CLINIQUE KERBR", "/MOTIF MERCI").cut
    assert not said("VIR SEPA CLINIQUE", "MERCI").cut


def test_name_runs_on_where_nothing_separates_it() -> None:
    assert said("VIR GARAGE MARTIN FACTURE 42").runs_on
    assert not said("VIR GARAGE MARTIN", "FACTURE 42").runs_on


def test_field_of_the_payer_counts_more_than_the_label() -> None:
    assert said("VIR SEPA GARAGE MART", "MERCI", payer="Garage Martin & Fils").payers == ("GARAGE MARTIN & FILS",)
