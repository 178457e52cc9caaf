"""One invoice as the law looks at it: what is owed, what has come in, and what is known of its debtor."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from mailbot.money import to_cents

Order = Literal["principal_first", "interest_first", "by_phase"]
"""What a payment settles first: the principal, or the interest that has run (C. civ. 1343-1). `by_phase`: the
principal, and the interest once a formal notice was sent.
"""

Debtor = Literal["business", "consumer"]


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that came in, or a credit note, on a day; that day still bears interest on the old base."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Instalment:
    due: date
    amount: Decimal


Told = Literal["judgment", "published", "heard"]


@dataclass(frozen=True, slots=True)
class Opening:
    """The day of the judgment that opened insolvency proceedings; or, until the owner tells it, a later day that is
    known: of its publication in BODACC, or of the mail that told of it.
    """

    day: date
    told: Told = "judgment"


@dataclass(frozen=True, slots=True)
class Debt:
    """One invoice as the law looks at it. Amounts have no more digits than their currency knows."""

    amount: Decimal
    """With VAT, as it was issued."""
    currency: str
    due: date | None
    debtor: Debtor = "business"
    instalments: tuple[Instalment, ...] = ()
    """Where it is to be paid in parts; they take the place of `due`."""
    payments: tuple[Moved, ...] = ()
    credit_notes: tuple[Moved, ...] = ()
    penalties: tuple[Moved, ...] = ()
    """Money that came for lateness and not for the invoice: interest first, then the indemnity."""
    contract_rate: Decimal | None = None
    """Percent a year; 0 is a rate, None is none."""
    formal_notice: date | None = None
    number: str = ""
    issued: date | None = None
    opening: Opening | None = None
    """Insolvency proceedings of the debtor, where they are known of."""
    given_up: date | None = None
    """The day on which the creditor cancelled it or wrote it off: from then on nothing of it is claimed, with what is
    accessory to it (C. civ. 1350).
    """
    delivered: date | None = None
    """The day of delivery or completion, where the invoice states it."""

    @property
    def is_earlier(self) -> bool:
        """The claim was there before the judgment, as far as issue and delivery tell (C. com. L622-24).

        A delivery before the judgment that was billed after it makes an earlier claim too, where the invoice states it.
        """
        known = [day for day in (self.issued, self.delivered) if day is not None]
        return self.opening is not None and (self.issued is None or min(known) <= self.opening.day)


def unusable(debt: Debt) -> tuple[str, ...]:
    """Why nothing can be computed from it: "due_date", "amount", "instalments" …; empty where it can."""
    if not debt.instalments and debt.due is None:
        return ("due_date",)
    if not debt.amount.is_finite() or debt.amount <= 0:
        return ("amount",)
    moved = [one.amount for one in (*debt.payments, *debt.credit_notes, *debt.penalties)]
    try:
        for amount in (debt.amount, *moved, *(one.amount for one in debt.instalments)):
            to_cents(amount, debt.currency)
    except (ValueError, ArithmeticError, LookupError):
        return ("amount",)
    if any(amount < 0 for amount in moved):
        return ("negative_payment",)
    if debt.contract_rate is not None and (not debt.contract_rate.is_finite() or debt.contract_rate < 0):
        return ("contract_rate",)
    parts = debt.instalments
    if parts and (any(p.amount <= 0 for p in parts) or sum(p.amount for p in parts) != debt.amount):
        return ("instalments",)
    return ()
