"""What an invoice's own words say about penalties: the common French clause of three times the legal rate."""

import re

_LONGEST = 2000
_THREE_TIMES = re.compile(r"\b(?:trois|3|three)(?: \(3\))? ?(?:fois|times|x)\b")
_LEGAL_RATE = re.compile(
    r"taux (?:de l['’] ?|d['’] ?)?int[ée]r[êe]t l[ée]gal|taux l[ée]gal|(?:legal|statutory) (?:interest )?rate"
)


def is_legal_minimum(terms: str | None) -> bool:
    """Whether terms agree on three times the legal rate, which is the least that the law allows (C. com. L441-10 II).

    Whoever wrote that on the invoice cannot ask for the higher rate that the law gives where nothing is agreed.
    Only the first 2,000 characters are read; other clauses are for the setting `law.contract_rate`.
    """
    words = " ".join((terms or "")[:_LONGEST].lower().split())
    return bool(_THREE_TIMES.search(words) and _LEGAL_RATE.search(words))
