"""What an answered question teaches of a payer, and what it never teaches."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mailbot.bank.aliases import Alias, learn
from mailbot.bank.match import match_lines
from mailbot.model import Line, OpenItem

IBAN = "FR7630006000011234567890189"


def line(name: str, memo: str = "MERCI", **fields: object) -> Line:
    return replace(Line("x", date(2026, 2, 10), Decimal("123.45"), "EUR", name, memo, "", "CREDIT"), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "alias"),
    [
        (line("VIR SEPA LAMBERT CONSEIL"), Alias(("LAMBERT CONSEIL",))),
        (line("VIR SEPA RECU /DE LAMBERT CONSEI", "/MOTIF MERCI"), Alias(("LAMBERT CONSEI",))),
        (line("VIR LAMBERT CONSEIL FACTURE 12", ""), Alias(("LAMBERT CONSEIL",))),
        (line("LAMBERT CONSEIL", f"IBAN: {IBAN} NAAM: LAMBERT CONSEIL"), Alias(("LAMBERT CONSEIL",), (IBAN,))),
        (line("VIR SEPA", payer="Lambert Conseil", payer_iban=IBAN), Alias(("LAMBERT CONSEIL",), (IBAN,))),
        (line("VIR SEPA GARAGE MARTIN SARL"), Alias()),
        (line("VIR SEPA", payer_iban="FR7630006000011234567890180"), Alias()),
        (line("VIR SEPA BNP PARIBAS FACTOR", payer_iban=IBAN), Alias()),
        (line("REMISE CHEQUES 0045512"), Alias()),
        (line("VIR STRIPE PAYMENTS EUROPE"), Alias()),
        (line("VIR DGFIP REMBOURSEMENT TVA"), Alias()),
        (line("VIR SEPA FLEURS"), Alias()),
        (line("VIR SEPA FLEURS ROY"), Alias()),
        (line("VIR SEPA RECU /DE FLEURS ROYALES"[:32], "/MOTIF MERCI"), Alias()),
        (line("VIR SEPA LUC", ""), Alias()),
    ],
)
def test_a_line_teaches_this(read: Line, alias: Alias) -> None:
    assert learn(read, "Garage Martin", ["Fleurs Roy", "Fleurs Royales de Brest"]) == alias


def test_own_account_is_never_learnt() -> None:
    assert learn(line("VIR SEPA LAMBERT CONSEIL", payer_iban=IBAN), "Garage Martin", our_ibans=[IBAN]).ibans == ()


def test_what_was_learnt_makes_the_next_payment_certain() -> None:
    invoice = OpenItem("FA-2026-0042", "invoice", "Garage Martin", Decimal("123.45"), "EUR")
    paid = line("VIR SEPA RECU /DE LAMBERT CONSEI", "/MOTIF MERCI")
    alias = learn(paid, "Garage Martin")
    known = replace(invoice, client_aliases=alias.names)

    assert [match_lines([paid], [each])[0].decision for each in (invoice, known)] == ["ask", "auto"]
