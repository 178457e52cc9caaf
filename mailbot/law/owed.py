"""What a late invoice has come to on a day: interest by half-years, indemnity, and what payments settled of it.

Interest is simple, runs from the day after the due date through the day of computing, over a year of 365 days
(29 February is a day), on the amount with VAT that is still unpaid (C. com. L441-10 II). Everything is a fraction until
the end: the interest of an invoice is rounded once, half up, to the currency's digits. A rate that no table holds is a
`Refusal`.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from mailbot.law.account import Account
from mailbot.law.amounts import Owed, Refusal
from mailbot.law.debt import Debt, Order, unusable
from mailbot.law.tables import Tables


def owed(debt: Debt, on: date, tables: Tables, country: str = "fr", order: Order = "principal_first") -> Owed | Refusal:
    """What is owed on a day, by the law of `country` ("fr", "be", or "eu" for the directive).

    Payments and credit notes after `on` are not known yet. Refused: no due date, an amount that is not above zero,
    movements below zero, instalments that do not add up, a day before the invoice was issued, and any day that bears
    interest at a rate outside the table; then what it had come to on the last day before that is told. Nothing is owed
    of what the creditor gave up by then.
    """
    if country not in tables.countries:
        return Refusal(debt, on, (f"country {country}",))
    if missing := unusable(debt):
        return Refusal(debt, on, missing)
    if debt.issued is not None and on < debt.issued:
        return Refusal(debt, on, ("not_issued",))
    account = Account(debt, tables, country, order)
    for day in sorted({one.day for one in (*debt.payments, *debt.credit_notes, *debt.penalties) if one.day <= on}):
        account.run(day)
        account.take(day)
    if debt.given_up is not None and debt.given_up <= on:
        return replace(
            account.result(on),
            principal=Decimal(0),
            interest=Decimal(0),
            interest_left=Decimal(0),
            indemnities=(),
            segments=(),
        )
    account.run(on)
    refusal = account.refusal(on)
    if refusal is None:
        return account.result(on)
    return replace(refusal, known=_known(debt, account.unknown_from, tables, country, order))


def _known(debt: Debt, unknown_from: date | None, tables: Tables, country: str, order: Order) -> Owed | None:
    """What is owed on the eve of the first day whose rate no table holds, where something bore interest by then."""
    if unknown_from is None:
        return None
    found = owed(debt, unknown_from - timedelta(days=1), tables, country, order)
    return found if isinstance(found, Owed) and found.segments else None
