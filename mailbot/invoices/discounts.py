"""What an XML invoice lets its client take off for paying early: a field, a line of XRechnung, or words."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from mailbot.invoices.terms import Discount, discount_in
from mailbot.invoices.values import amount_of

_SKONTO = re.compile(r"#SKONTO#TAGE=(\d{1,3})#PROZENT=(\d{1,2}(?:[.,]\d{1,4})?)#", re.IGNORECASE)
"""How XRechnung 2 and 3 write a discount into the text of the payment terms (rule BR-DE-18)."""


def discount_of(fields: Sequence[tuple[str | None, date | None]], terms: str, issued: date | None) -> Discount | None:
    """The first discount of these (percent as XML writes it, last day), else of the terms' text."""
    for percent, until in fields:
        share = amount_of(percent, None)
        if share is not None and 0 < share <= 10:
            return Discount(share.normalize(), until)
    if match := _SKONTO.search(terms[:4000]):
        until = issued + timedelta(int(match[1])) if issued else None
        return Discount(Decimal(match[2].replace(",", ".")).normalize(), until)
    return discount_in(terms, issued)
