"""`mailbot owed`: what an invoice has come to by law on a day. Nothing is claimed and nothing is changed by asking."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.output import Language, Status, print_json, print_table, say, shown
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION
from mailbot.jobs.penalties import Found
from mailbot.law.explain import lines, refused, write_half_year
from mailbot.law.owed import DAYS_IN_YEAR, Owed, Segment
from mailbot.law.tables import Tables
from mailbot.model import JSON
from mailbot.money import rounded

_SIX_DIGITS = Decimal("0.000001")
_HEAD = {
    "en": ("From", "To", "Days", "Base", "Rate", "Half-year", "Interest"),
    "fr": ("Du", "Au", "Jours", "Base", "Taux", "Semestre", "Intérêts"),
}
_UNKNOWN = {"en": "There is no invoice {number}.", "fr": "Il n'y a pas de facture {number}."}
_NEAR = {"en": " Did you mean {near}?", "fr": " Vouliez-vous dire {near} ?"}
_CREDIT_NOTE = {
    "en": "{number} is a credit note: nothing is owed on it.",
    "fr": "{number} est un avoir : rien n'est dû à ce titre.",
}


@app.command("owed")
def owed(
    invoice: Annotated[str, typer.Argument(help="The number of an invoice.")],
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="On that day, not today."),
    ] = None,
    lang: Annotated[Language | None, typer.Option("--lang", help="fr or en (default: the business's).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Say what an invoice has come to: principal, interest by half-year, indemnity, and how it was worked out."""
    from mailbot.cli.installation import one_business
    from mailbot.jobs import penalties, showing

    with one_business(settings, business, now) as (installation, office):
        language = lang.value if lang is not None else office.business.language
        day = on.date() if on is not None else office.day(installation.now())
        found = penalties.owed_on(office, invoice, day)
        near = [] if found else showing.nearest_numbers(office, invoice)
        tables = office.tables
    if found is None:
        told = _NEAR[language].format(near=", ".join(near)) if near else ""
        say(_UNKNOWN[language].format(number=shown(invoice)) + told)
        raise typer.Exit(Status.FAILURE)
    if found.invoice.kind != "invoice":
        say(_CREDIT_NOTE[language].format(number=found.invoice.number))
        raise typer.Exit(Status.FAILURE)
    if as_json:
        print_json(record(found, tables, day))
    elif isinstance(found.result, Owed):
        _print(found.result, tables, language)
    if not isinstance(found.result, Owed):
        say(refused(found.result, language))
        raise typer.Exit(Status.REFUSED)


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
        return {**about, "error": error, "missing": [*found.result.missing]}
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


def _print(found: Owed, tables: Tables, language: str) -> None:
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
