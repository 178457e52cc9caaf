"""The letter of a formal notice and the mail that goes out beside it say the same: every sum, day and deadline."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.config import shipped
from mailbot.evidence.notice import NoticeFacts, notice, statement
from mailbot.evidence.pages import Page, pdf
from mailbot.evidence.parties import Creditor, Debtor
from mailbot.law.amounts import Owed
from mailbot.law.debt import Debt, Moved
from mailbot.law.demand import Demand, Item, basis, deadline
from mailbot.law.owed import owed
from mailbot.law.tables import read_tables
from mailbot.outbox.compose import LetterContext, ListedInvoice, Templates
from mailbot.outbox.letter import penalty_of
from mailbot.rules.calendar import public_holidays
from mailbot.yamlfile import read_settings

TABLES = read_tables((path.name, *read_settings(path)) for path in sorted((shipped("rules") / "legal").glob("*.yaml")))
TEMPLATES = Templates(Path(__file__).parents[2] / "templates")
MONTHS = (
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|January|February|March|April|"
    "May|June|July|August|September|October|November|December"
)
SUM = re.compile(r"\d{1,3}(?:[ ,.\u202f\u00a0]?\d{3})*[.,]\d{2}(?![\d%]|[ \u00a0\u202f]%)")
DAY = re.compile(rf"\b\d{{1,2}}(?:er)? (?:{MONTHS}) \d{{4}}\b")


def is_holiday(day: date) -> bool:
    return day in public_holidays("FR", day.year)


def demanded(debts: list[Debt], on: date, *, claims: bool) -> Demand:
    found = [owed(debt, on, TABLES) for debt in debts]
    rests_on, interest_law, indemnity_law = basis(
        debts[0].debtor, TABLES, "fr", on, has_contract_rate=debts[0].contract_rate is not None
    )
    known = [one for one in found if isinstance(one, Owed)]
    return Demand(
        on=on,
        deadline=deadline(on, is_holiday),
        items=tuple(
            Item(one.debt.number, one.debt.issued or on, one.debt.due or on, one.debt.amount, one.principal,
                 one.debt.currency)
            for one in known if one.principal > 0
        ),
        late=tuple(one for one in known if claims and one.principal > 0 and any(one.penalties.values())),
        basis=rests_on,
        interest_law=interest_law,
        indemnity_law=indemnity_law,
    )  # fmt: skip


def mail(said: Demand, language: str, *, business: bool) -> str:
    context = LetterContext(
        business="Atelier Martin SARL", client="Dupont", language=language, tone="neutral", today=said.on,
        invoices=tuple(ListedInvoice(i.number, i.issued, i.due, i.amount, i.open, i.currency) for i in said.items),
        reply_to="bot@atelier.example", siren="732829320", deadline=said.deadline, b2b=business, basis=said.basis,
        penalties=tuple(penalty_of(one, with_parts=True) for one in said.late),
        interest_law=said.interest_law[language], indemnity_law=said.indemnity_law[language],
    )  # fmt: skip
    return plain(TEMPLATES.render("formal_notice", language, context.values()).text)


def letter(said: Demand, language: str) -> str:
    facts = NoticeFacts(language, said, Creditor("Atelier Martin SARL", siren="732829320"), Debtor("Dupont"))
    assert " ".join(texts(statement(facts)))
    return plain("   ".join(texts(notice(facts))))


def texts(page: Page) -> Iterator[str]:
    """All words of a page."""

    def within(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            for one in value:
                yield from within(one)

    for block in page.blocks:
        yield from within([value for key, value in block.items() if key != "kind"])


def plain(text: str) -> str:
    """On one line; the columns of a table stay apart."""
    spaced = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u200b", "")
    return " ".join(re.sub(r" {2,}|\n\s*\n", " | ", spaced).split())


def sums(text: str) -> set[str]:
    """The digits of every amount with cents."""
    return {re.sub(r"\D", "", found) for found in SUM.findall(text)}


def days(text: str) -> set[str]:
    return set(DAY.findall(text))


DUE = date(2025, 3, 31)
debts = st.lists(
    st.tuples(
        st.integers(2_000, 9_000_000), st.integers(0, 1_900), st.integers(1, 300), st.sampled_from(["EUR", "USD"])
    ),
    min_size=1,
    max_size=4,
)
"""Cents of the invoice and of a payment, the days after which that came, a currency."""

rates = st.sampled_from([None, Decimal("8.5"), Decimal(0)])


@settings(max_examples=60, deadline=None)
@given(
    debts,
    rates,
    st.integers(1, 450),
    st.sampled_from(["business", "consumer"]),
    st.booleans(),
    st.sampled_from(["fr", "en"]),
)
def test_letter_and_mail_state_the_same_sums_and_days(
    drawn: list[tuple[int, int, int, str]], rate: Decimal | None, late: int, debtor: Any, claims: bool, language: str
) -> None:
    on = DUE + timedelta(days=late)
    made = [
        Debt(
            Decimal(cents) / 100, currency, DUE, debtor,
            payments=(Moved(DUE + timedelta(days=after), Decimal(paid) / 100),),
            contract_rate=rate, formal_notice=DUE + timedelta(days=20), number=f"FA-{at}",
            issued=date(2025, 3, 1),
        )
        for at, (cents, paid, after, currency) in enumerate(drawn)
    ]  # fmt: skip
    said = demanded(made, on, claims=claims)

    written, sent = letter(said, language), mail(said, language, business=debtor == "business")

    billed = {re.sub(r"\D", "", f"{one.amount:.2f}") for one in said.items}
    assert sums(written) - billed == sums(sent) - billed
    assert days(written) == days(sent)
    for text in (written, sent):
        assert "1344-1" not in text or debtor == "consumer"
        assert not (debtor == "consumer" and ("L441-10" in text or "D441-5" in text))


def test_the_sums_are_those_that_a_calculator_gives() -> None:
    # 10,000.00 from 1 April to 30 April 2025: 30 days at 13.15 % = 108.082..., and 40
    said = demanded(
        [Debt(Decimal("10000.00"), "EUR", DUE, number="FA-1", issued=date(2025, 3, 1))], date(2025, 4, 30), claims=True
    )

    for text in (letter(said, "fr"), mail(said, "fr", business=True)):
        assert "la somme de 10 148,08 € au plus tard le 12 mai 2025" in text
        assert "Cette somme comprend 10 000,00 € en principal et 148,08 €" in text
        assert "30 jours à 13,15 % sur 10 000,00 €" in text


def test_the_fixed_day_leaves_the_time_after_the_last_day_of_posting_and_is_a_working_day() -> None:
    assert deadline(date(2026, 3, 2), is_holiday) == date(2026, 3, 13)
    assert deadline(date(2026, 4, 25), is_holiday) == date(2026, 5, 6)
    assert deadline(date(2026, 4, 20), is_holiday) == date(2026, 5, 4)  # 1 May is a holiday, then a weekend


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_the_day_always_leaves_eight_days_after_three(made: date) -> None:
    day = deadline(made, is_holiday)

    assert 11 <= (day - made).days <= 16
    assert day.weekday() < 5
    assert not is_holiday(day)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_consumer_is_told_of_the_civil_code_only(language: str) -> None:
    debt = Debt(Decimal("900.00"), "EUR", DUE, "consumer", number="FA-1", issued=date(2025, 3, 1))

    said = demanded([debt], date(2025, 6, 30), claims=True)

    for text in (letter(said, language), mail(said, language, business=False)):
        assert "1231-6" in text
        assert "L441-10" not in text
        assert "40" not in sums(text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_signature_stands_below_the_last_words_and_never_alone_on_a_page(language: str) -> None:
    last = {"fr": "salutations distinguées", "en": "Yours faithfully"}[language]
    lengths = set()
    for count in range(1, 9):
        debts = [
            Debt(Decimal(700 + at), "EUR", DUE + timedelta(days=at), number=f"FA-{at}", issued=DUE - timedelta(days=30))
            for at in range(count)
        ]
        said = demanded(debts, date(2026, 3, 20), claims=True)
        creditor = Creditor("Atelier Martin SARL", siren="732829320", signature="Claire Signe")
        made = pypdfium2.PdfDocument(
            pdf(notice(NoticeFacts(language, said, creditor, Debtor("Dupont"), annexes=("A",))))
        )
        [page] = [text for one in made if "Claire Signe" in (text := one.get_textpage().get_text_range())]
        assert last in page
        lengths.add(len(made))
    assert lengths >= {1, 2}
