"""What the bank calls a return is no payment where money came, and takes a payment back where money went."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mailbot.bank.match import match_lines
from mailbot.bank.parties import is_return
from mailbot.model import Line, Match, OpenItem

BOOK = (
    OpenItem("FA-2026-0042", "invoice", "Couverture Dupont", Decimal("1200.00"), "EUR"),
    OpenItem("FA-2026-0050", "invoice", "Garage Nord", Decimal("75.30"), "EUR"),
    OpenItem("FA-2026-0060", "invoice", "Dupont SA", Decimal("410.00"), "EUR"),
)
RETURNS = (
    "REJET PRLV", "PRELEVEMENT REJETE", "CHQ IMPAYE", "CHEQUE SANS PROVISION", "VIR RETOURNE", "VIREMENT ANNULE",
    "CONTRE-PASSATION", "EXTOURNE", "RAPPEL DE FONDS", "Rücklastschrift", "RUECKLASTSCHRIFT", "RUECKUEBERWEISUNG",
    "STORNO", "TERUGBOEKING", "DEVOLUCION RECIBO", "INSOLUTO", "UNPAID DIRECT DEBIT", "RETURNED TRANSFER",
    "DISHONOURED CHEQUE", "R-TRANSACTION",
)  # fmt: skip
NO_RETURNS = (
    "VIR SEPA RECU", "ANNULE ET REMPLACE FA-2026-0041", "UNPAID INVOICE FA-2026-0042", "FACTURE IMPAYEE FA-2026-0042",
    "PAIEMENT FACTURE", "GUTSCHRIFT", "BONIFICO",
)  # fmt: skip


def line(amount: str, name: str, memo: str = "", **fields: str | bool) -> Line:
    made = Line(f"{amount} {name}", date(2026, 2, 10), Decimal(amount), "EUR", name, memo, "", "CREDIT")
    return replace(made, **fields)  # type: ignore[arg-type]


def matched(*lines: Line) -> list[Match]:
    return match_lines(lines, BOOK)


@pytest.mark.parametrize("said", RETURNS)
def test_money_that_came_back_to_us_pays_nothing_by_itself(said: str) -> None:
    assert matched(line("1200.00", "COUVERTURE DUPONT", f"{said} FA-2026-0042"))[0].decision == "ask"
    assert matched(line("75.30", said, "MERCI", payer="Garage Nord"))[0].decision != "auto"


def test_a_credit_that_the_bank_marks_as_a_return_pays_nothing_by_itself() -> None:
    assert matched(line("75.30", "Garage Nord", "MERCI", payer="Garage Nord"))[0].decision == "auto"
    assert matched(line("75.30", "Garage Nord", "MERCI", payer="Garage Nord", reversal=True))[0].decision == "ask"


@pytest.mark.parametrize("said", RETURNS)
def test_a_debit_that_is_called_a_return_takes_the_payment_of_its_payer_back(said: str) -> None:
    paid = line("1200.00", "VIR SEPA COUVERTURE DUPONT", "FA-2026-0042")
    back = line("-1200.00", f"{said} COUVERTURE DUPONT")

    assert matched(paid, back)[1].reverses == paid.id


@pytest.mark.parametrize("said", NO_RETURNS)
def test_what_payers_write_is_no_return(said: str) -> None:
    assert not is_return(said)


@pytest.mark.parametrize("said", ["LOYER", "MIETE FEBRUAR", "RENT FEBRUARY", "HUUR", "AFFITTO", "ALQUILER", "SALARY"])
def test_what_a_known_payer_calls_something_else_is_asked(said: str) -> None:
    assert matched(line("75.30", "Garage Nord", said, payer="Garage Nord"))[0].decision == "ask"


def test_a_payer_of_one_word_that_is_another_client_is_asked() -> None:
    assert matched(line("75.30", "VIR SEPA RECU /DE DUPONT SA", "/MOTIF FA-2026-0050"))[0].decision == "ask"
    assert matched(line("75.30", "VIR DUPONT SA FACTURE FA-2026-0050"))[0].decision == "ask"
    assert matched(line("410.00", "VIR SEPA RECU /DE DUPONT SA", "/MOTIF FA-2026-0060"))[0].decision == "auto"
    assert matched(line("410.00", "VIR SEPA RECU /DE HOLDING XYZ", "/MOTIF FA-2026-0060"))[0].decision == "auto"
