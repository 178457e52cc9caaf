"""What an answered question teaches of a payer, and what it never teaches."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mailbot.bank.lessons import Lesson, lessons
from mailbot.bank.match import match_lines
from mailbot.model import Line, OpenItem

IBAN = "FR7630006000011234567890189"


def line(name: str, memo: str = "MERCI", **fields: object) -> Line:
    return replace(Line("x", date(2026, 2, 10), Decimal("123.45"), "EUR", name, memo, "", "CREDIT"), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "taught"),
    [
        (line("VIR SEPA LAMBERT CONSEIL"), [("name", "LAMBERT CONSEIL")]),
        (line("VIR SEPA RECU /DE LAMBERT CONSEI", "/MOTIF MERCI"), [("name", "LAMBERT CONSEI")]),
        (line("VIR LAMBERT CONSEIL FACTURE 12", ""), [("name", "LAMBERT CONSEIL")]),
        (line("LAMBERT CONSEIL", f"IBAN: {IBAN} NAAM: LAMBERT CONSEIL"), [("name", "LAMBERT CONSEIL"), ("iban", IBAN)]),
        (line("VIR SEPA", payer="Lambert Conseil", payer_iban=IBAN), [("name", "LAMBERT CONSEIL"), ("iban", IBAN)]),
        (
            line("LAMBERT CONSEIL", "IBAN: BE71 0961 2345 6769 NAAM: LAMBERT CONSEIL"),
            [("name", "LAMBERT CONSEIL"), ("iban", "BE71096123456769")],
        ),
        (line("VIR SEPA GARAGE MARTIN SARL"), []),
        (line("VIR SEPA", payer_iban="FR7630006000011234567890180"), []),
        (line("VIR SEPA BNP PARIBAS FACTOR", payer_iban=IBAN), []),
        (line("REMISE CHEQUES 0045512"), []),
        (line("VIR STRIPE PAYMENTS EUROPE"), []),
        (line("VIR DGFIP REMBOURSEMENT TVA"), []),
        (line("VIR SEPA FLEURS"), []),
        (line("VIR SEPA FLEURS ROY"), []),
        (line("VIR SEPA RECU /DE FLEURS ROYALES"[:32], "/MOTIF MERCI"), []),
        (line("VIR SEPA LUC", ""), []),
    ],
)
def test_a_line_teaches_this(read: Line, taught: list[Lesson]) -> None:
    assert lessons(read, "Garage Martin", ["Fleurs Roy", "Fleurs Royales de Brest"]) == taught


def test_own_account_is_never_learnt() -> None:
    own = line("VIR SEPA LAMBERT CONSEIL", payer_iban=IBAN)

    assert lessons(own, "Garage Martin", our_ibans=[IBAN]) == [("name", "LAMBERT CONSEIL")]


def test_what_was_learnt_makes_the_next_payment_certain() -> None:
    invoice = OpenItem("FA-2026-0042", "invoice", "Garage Martin", Decimal("123.45"), "EUR")
    paid = line("VIR SEPA RECU /DE LAMBERT CONSEI", "/MOTIF MERCI")
    [(_, name)] = lessons(paid, "Garage Martin")
    known = replace(invoice, client_aliases=(name,))

    assert [match_lines([paid], [each])[0].decision for each in (invoice, known)] == ["ask", "auto"]
