"""How `mailbot owed` shows an amount: an object for scripts, a table with its reasons for people.

Imported in commands.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import typer

from mailbot.cli.output import print_table, shown
from mailbot.jobs.penalties import Found
from mailbot.law.amounts import DAYS_IN_YEAR, Owed, Segment
from mailbot.law.explain import lines, refused, write_half_year
from mailbot.law.tables import Tables
from mailbot.model import JSON
from mailbot.money import rounded

_SIX_DIGITS = Decimal("0.000001")
_HEAD = {
    "en": ("From", "To", "Days", "Base", "Rate", "Half-year", "Interest"),
    "fr": ("Du", "Au", "Jours", "Base", "Taux", "Semestre", "Intérêts"),
}


def record(found: Found, tables: Tables, day: date) -> dict[str, JSON]:
    """The object that `--json` prints; amounts of currencies apart, segments with six digits."""
    debt = found.result.debt
    about: dict[str, JSON] = {
        "invoice": found.invoice.number,
        "client": found.client.name,
        "debtor": debt.debtor,
        "on": day.isoformat(),
        "due_date": found.invoice.due.isoformat(),
        "currency": debt.currency,
        "amount": _money(debt.amount, debt.currency),
    }
    if not isinstance(found.result, Owed):
        error: dict[str, JSON] = {"code": "unknown", "message": refused(found.result, "en")}
        known = found.result.known
        until = {"on": known.on.isoformat(), **_amounts(known)} if known is not None else None
        return {**about, "error": error, "missing": [*found.result.missing], "known_until": until}
    told: dict[str, JSON] = {one: [*lines(found.result, tables, one)] for one in ("fr", "en")}
    return {**about, **_amounts(found.result), "explanation": told}


def _amounts(found: Owed) -> dict[str, JSON]:
    currency = found.debt.currency
    return {
        "country": found.country,
        "order": found.order,
        "principal": _money(found.principal, currency),
        "interest": _money(found.interest, currency),
        "interest_left": _money(found.interest_left, currency),
        "indemnity": [
            {"amount": _money(one.amount, one.currency), "currency": one.currency, "due_date": one.due.isoformat(),
             "instalment": one.instalment, "article": one.article["en"]}
            for one in found.indemnities
        ],
        "surplus": _money(found.surplus, currency),
        "total": {name: _money(amount, name) for name, amount in found.total.items()},
        "segments": [_segment(one) for one in found.segments],
        "payments": [
            {"date": one.day.isoformat(), "amount": _money(one.amount, currency), "credit_note": one.credit_note,
             "to_interest": _money(one.to_interest, currency), "to_principal": _money(one.to_principal, currency),
             "to_indemnity": _money(one.to_indemnity, currency), "penalties": one.for_penalties,
             "principal_left": _money(one.principal_left, currency),
             "interest_left": _money(one.interest_left, currency)}
            for one in found.settled
        ],
    }  # fmt: skip


def _segment(one: Segment) -> dict[str, JSON]:
    return {
        "from": one.start.isoformat(),
        "to": one.end.isoformat(),
        "days": one.days,
        "base": _six_digits(one.base),
        "rate": f"{one.rate.percent:f}",
        "kind": one.rate.kind,
        "half_year": one.half,
        "days_in_year": DAYS_IN_YEAR,
        "interest": _six_digits(one.interest),
        "instalment": one.instalment,
        "article": one.rate.article.get("en"),
        "source": one.rate.source or None,
    }


def print_owed(found: Owed, tables: Tables, language: str) -> None:
    """The segments as a table, then each line of the explanation."""
    rows = [
        (
            one.start.isoformat(), one.end.isoformat(), str(one.days), _six_digits(one.base).rstrip("0").rstrip("."),
            f"{one.rate.percent:f} %", write_half_year(one.half, language), _six_digits(one.interest),
        )
        for one in found.segments
    ]  # fmt: skip
    if rows:
        print_table(_HEAD[language], rows, right=(2, 3, 4, 6))
        typer.echo("")
    for line in lines(found, tables, language):
        typer.echo(shown(line))


def _money(amount: Decimal, currency: str) -> str:
    return f"{rounded(amount, currency):f}"


def _six_digits(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.quantize(_SIX_DIGITS, rounding=ROUND_HALF_UP):f}"
