"""What the law adds to an invoice, as lines of a letter or a dossier: how each came about, and by which article."""

from mailbot.evidence.parties import Charge
from mailbot.evidence.wording import words as words_of
from mailbot.law.amounts import Owed, rounded
from mailbot.law.explain import write_percent
from mailbot.money import write_amount, write_day


def charges_of(owed: Owed, language: str) -> list[Charge]:
    """The interest that is left, with its segments, and each fixed sum, in French or English."""
    words, number, currency = words_of("charges", language), owed.debt.number, owed.debt.currency
    found = []
    if owed.interest_left > 0:
        article = next((one.rate.article[language] for one in owed.segments if one.rate.article), words["agreed"])
        parts = [
            words["segment"].format(
                start=write_day(one.start, language), end=write_day(one.end, language), days=one.days,
                rate=write_percent(one.rate.percent, language),
                base=write_amount(rounded(one.base, currency), currency, language),
            )
            for one in owed.segments
        ]  # fmt: skip
        if owed.interest_left != owed.interest:
            paid = write_amount(owed.interest - owed.interest_left, currency, language)
            parts.append(words["settled"].format(amount=paid))
        said = "\n".join([words[f"interest_{owed.debt.debtor}"].format(article=article), *parts])
        found.append(Charge(number, said, owed.interest_left, currency))
    found += [
        Charge(number, words["indemnity"].format(article=one.article[language]), one.amount, one.currency)
        for one in owed.indemnities
    ]
    return found
