"""What a late invoice has come to on a day: interest by half-years, indemnity, and what payments settled of it.

Interest is simple, runs from the day after the due date through the day of computing, over a year of 365 days
(29 February is a day), on the amount with VAT that is still unpaid (C. com. L441-10 II). Everything is a fraction until
the end: the interest of an invoice is rounded once, half up, to the currency's digits. A rate that no table holds is a
`Refusal`.
"""

from datetime import date

from mailbot.law.account import Account
from mailbot.law.amounts import Owed, Refusal
from mailbot.law.debt import Debt, Order, unusable
from mailbot.law.tables import Tables


def owed(debt: Debt, on: date, tables: Tables, country: str = "fr", order: Order = "principal_first") -> Owed | Refusal:
    """What is owed on a day, by the law of `country` ("fr", "be", or "eu" for the directive).

    Payments and credit notes after `on` are not known yet. Refused: no due date, an amount that is not above zero,
    movements below zero, instalments that do not add up, and any day that bears interest at a rate outside the table.
    """
    if country not in tables.countries:
        return Refusal(debt, on, (f"country {country}",))
    if missing := unusable(debt):
        return Refusal(debt, on, missing)
    account = Account(debt, tables, country, order)
    for day in sorted({one.day for one in (*debt.payments, *debt.credit_notes, *debt.penalties) if one.day <= on}):
        account.run(day)
        account.take(day)
    account.run(on)
    return account.refusal(on) or account.result(on)
