"""An amount says how it came about; a refusal says what is missing and what to do. In French and English."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from lawtables import TABLES

from mailbot.law.amounts import Owed, Refusal
from mailbot.law.debt import Debt, Instalment, Moved, Order
from mailbot.law.explain import amounts, known, lines, refused
from mailbot.law.owed import owed

LATE = Debt(Decimal("7300.00"), "EUR", date(2025, 3, 31), number="FA-1",
            payments=(Moved(date(2025, 4, 10), Decimal("3650.00")),))  # fmt: skip


def told(debt: Debt, on: date, language: str, country: str = "fr", order: Order = "principal_first") -> str:
    found = owed(debt, on, TABLES, country, order)
    assert isinstance(found, Owed)
    return "\n".join(lines(found, TABLES, language))


def refusal(debt: Debt, on: date, language: str, country: str = "fr") -> str:
    found = owed(debt, on, TABLES, country)
    assert isinstance(found, Refusal)
    return refused(found, language)


def test_an_amount_is_explained_line_by_line_in_french() -> None:
    assert told(LATE, date(2025, 4, 30), "fr").splitlines() == [
        "FA-1 : 7 300,00 €, échéance du 31 mars 2025.",
        "10 avril 2025 : paiement de 3 650,00 €, imputé sur le principal ; reste 3 650,00 €.",
        "Du 1er avril 2025 au 10 avril 2025 : 7 300,00 € × 13,15 % × 10 / 365 jours = 26,30 €",
        "Du 11 avril 2025 au 30 avril 2025 : 3 650,00 € × 13,15 % × 20 / 365 jours = 26,30 €",
        "Taux du 1er semestre 2025 : 13,15 % = taux de la BCE 3,15 % + 10 points (C. com. L441-10 II).",
        "Intérêts de retard : 52,60 € (somme arrondie une seule fois, au plus proche).",
        "Indemnité forfaitaire pour frais de recouvrement : 40,00 € (C. com. L441-10 II et D441-5).",
        "Total dû au 30 avril 2025 : 3 742,60 €.",
        "Calcul selon le droit français. Ce n'est pas un conseil juridique.",
    ]


def test_interest_comes_first_once_a_formal_notice_was_sent() -> None:
    paid = (Moved(date(2025, 4, 10), Decimal("1000.00")), Moved(date(2025, 4, 20), Decimal("1000.00")))
    notified = replace(LATE, payments=paid, formal_notice=date(2025, 4, 12))

    friendly, formal = told(notified, date(2025, 4, 20), "en", order="by_phase").splitlines()[1:3]

    assert friendly == "10 April 2025: payment of €1,000.00, set against the principal; €6,300.00 left."
    assert "of which €49.00 against interest first (C. civ. 1343-1) and €951.00 against the principal" in formal
    same_day = replace(notified, formal_notice=date(2025, 4, 20))
    assert told(same_day, date(2025, 4, 20), "en", order="by_phase") == told(same_day, date(2025, 4, 20), "en")


@pytest.mark.parametrize(
    ("sent", "left", "over"), [("20.00", "46.30", "0.00"), ("50.00", "16.30", "0.00"), ("70.00", "0.00", "3.70")]
)
def test_money_that_came_for_lateness_settles_interest_then_the_indemnity(sent: str, left: str, over: str) -> None:
    day = date(2025, 4, 10)
    debt = replace(LATE, payments=(Moved(day, LATE.amount),), penalties=(Moved(day, Decimal(sent)),))

    found = owed(debt, date(2025, 6, 30), TABLES)

    assert isinstance(found, Owed)
    assert (found.total, found.surplus) == ({"EUR": Decimal(left)}, Decimal(over))
    assert "received for lateness, of which" in told(debt, date(2025, 6, 30), "en")
    assert "Not late" not in told(debt, date(2025, 6, 30), "en")


def test_interest_first_says_what_went_to_interest() -> None:
    text = told(LATE, date(2025, 4, 30), "en", order="interest_first")

    assert "of which €26.30 against interest first (C. civ. 1343-1) and €3,623.70 against the principal" in text
    assert "Interest left after payments: €26.49." in text


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "debt",
    [
        Debt(Decimal(100), "GBP", date(2025, 3, 31), contract_rate=Decimal(18)),
        Debt(Decimal(100), "EUR", date(2025, 3, 31), contract_rate=Decimal(5)),
        Debt(Decimal(100), "EUR", date(2025, 3, 31), "consumer"),
        Debt(Decimal(100), "EUR", date(2025, 3, 31), "consumer", formal_notice=date(2025, 5, 1)),
        Debt(Decimal(100), "EUR", date(2025, 3, 31), payments=(Moved(date(2025, 3, 1), Decimal(120)),)),
        Debt(Decimal(100), "EUR", date(2025, 3, 31), credit_notes=(Moved(date(2025, 4, 9), Decimal(20)),)),
        Debt(Decimal(100), "EUR", None, instalments=tuple(Instalment(date(2025, n, 1), Decimal(50)) for n in (3, 4))),
    ],
)
def test_whatever_is_owed_has_its_sentences(debt: Debt, language: str) -> None:
    text = told(debt, date(2025, 7, 31), language)

    assert "{" not in text
    assert text.splitlines()[-1].startswith(("Calcul selon", "Computed by"))


def test_belgian_rates_say_that_they_are_rounded_up() -> None:
    assert "12,5 % = taux de la BCE 4,25 % + 8 points, arrondi au demi-point supérieur" in told(
        Debt(Decimal(100), "EUR", date(2024, 8, 31)), date(2024, 9, 30), "fr", "be"
    )


def test_currencies_stand_side_by_side() -> None:
    both = {"GBP": Decimal("10.00"), "EUR": Decimal("40.00")}

    assert (amounts(both, "fr"), amounts(both, "en")) == ("10,00 £GB et 40,00 €", "£10.00 and €40.00")


@pytest.mark.parametrize(
    ("debt", "country", "said"),
    [
        (Debt(Decimal(100), "EUR", None), "fr", "no due date"),
        (Debt(Decimal(-100), "EUR", date(2025, 3, 31)), "fr", "above zero"),
        (Debt(Decimal("NaN"), "EUR", date(2025, 3, 31)), "fr", "above zero"),
        (Debt(Decimal("0.001"), "EUR", date(2025, 3, 31)), "fr", "no more digits"),
        (Debt(Decimal(100), "EUR", date(2025, 3, 31), payments=(Moved(date(2025, 4, 1), Decimal(-5)),)), "fr",
         "negative balance"),
        (Debt(Decimal(100), "EUR", date(2025, 3, 31), contract_rate=Decimal(-1)), "fr", "no percentage"),
        (Debt(Decimal(100), "EUR", None, instalments=(Instalment(date(2025, 3, 1), Decimal(50)),)), "fr",
         "do not add up"),
        (Debt(Decimal(100), "EUR", date(2025, 3, 31)), "de", "no table for that country"),
        (Debt(Decimal(100), "EUR", date(2025, 3, 31), "consumer"), "be", "rules for consumers"),
        (Debt(Decimal(100), "EUR", date(2026, 6, 30)), "fr", '2026-H2: {rate: "…", source: "…"}'),
        (Debt(Decimal(100), "EUR", date(2026, 6, 30), contract_rate=Decimal(20)), "fr", 'below "legal:"'),
    ],
)  # fmt: skip
def test_a_refusal_says_why_and_what_to_do(debt: Debt, country: str, said: str) -> None:
    assert said in refusal(debt, date(2026, 8, 1), "en", country)
    assert "{name}" not in refusal(debt, date(2026, 8, 1), "fr", country)


def test_what_had_run_up_to_the_last_known_day_is_told_as_no_total() -> None:
    found = owed(LATE, date(2026, 8, 1), TABLES)
    eve = owed(LATE, date(2026, 6, 30), TABLES)

    assert isinstance(found, Refusal)
    assert found.known == eve
    assert "n'est pas le total dû" in known(found, "fr")
    late_since = Debt(Decimal(100), "EUR", date(2026, 6, 30))
    nothing = owed(late_since, date(2026, 8, 1), TABLES)
    assert isinstance(nothing, Refusal)
    assert (nothing.known, known(nothing, "fr")) == (None, "")


def test_an_invoice_of_a_later_day_did_not_exist_yet() -> None:
    debt = Debt(Decimal(100), "EUR", date(2026, 3, 31), number="FA-2", issued=date(2026, 3, 1))

    assert refusal(debt, date(2026, 2, 28), "en") == (
        "The invoice FA-2 did not exist yet on 28 February 2026: it was issued on 1 March 2026."
    )
    assert isinstance(owed(debt, date(2026, 3, 1), TABLES), Owed)


def test_many_missing_half_years_are_counted_and_not_listed() -> None:
    assert refusal(LATE, date(2031, 4, 1), "en").endswith("9 more are missing, up to the first half of 2031.")
