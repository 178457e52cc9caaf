"""An amount says how it came about, line by line, in French and English; a refusal says what is missing."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import cast

import yaml
from babel.numbers import format_currency, format_decimal

from mailbot.law.amounts import Owed, Refusal, Segment, Settled, rounded
from mailbot.law.tables import HalfYear, Tables, in_force
from mailbot.money import write_amount_plain, write_day


def lines(found: Owed, tables: Tables, language: str) -> list[str]:
    """The invoice, what was settled, each segment, the rates, the sums, the total; then that it is no legal advice."""
    say = _Writer(found, language)
    return [
        *say.invoice(),
        *(say.settled(one) for one in found.settled),
        *say.given_up(),
        *(say.segment(one) for one in found.segments),
        *say.rates(),
        *say.sums(),
        *say.stopped(tables),
        say.line("total", on=say.day(found.on), amount=amounts(found.total, language)),
        say.line("no_advice", law=tables.country(found.country).names[language]),
    ]


def refused(refusal: Refusal, language: str) -> str:
    """Why no amount is given, and what the owner can do."""
    first, rest = refusal.missing[0], refusal.missing[1:]
    number = f" {refusal.debt.number}" if refusal.debt.number else ""
    sentence = sentences()
    country, _, name = first.partition(" ")
    if not name:
        issued, on = _day(refusal.debt.issued or refusal.on, language), _day(refusal.on, language)
        return sentence[f"refused_{first}"][language].format(number=number, on=on, issued=issued)
    if country == "country" or not name[0].isdigit():
        key = "country" if country == "country" else name
        return sentence[f"refused_{key}"][language].format(name=name if key == "country" else country)
    half, _, kind = name.partition(" ")
    told = sentence["refused_legal" if kind else "refused_reference"][language].format(
        half=write_half_year(half, language), line=f'{half}: {{rate: "…", source: "…"}}'
    )
    if rest:
        last = write_half_year(rest[-1].split()[1], language)
        told += " " + sentence["refused_more"][language].format(count=len(rest), half=last)
    return told


def known(refusal: Refusal, language: str) -> str:
    """What it had come to on the last day of which the rates are known; "" where nothing can be said."""
    found = refusal.known
    if found is None:
        return ""
    return sentences()["known_until"][language].format(
        day=_day(found.on, language), interest=amounts({found.debt.currency: found.interest_left}, language),
        total=amounts(found.total, language),
    )  # fmt: skip


def amounts(by_currency: Mapping[str, Decimal], language: str) -> str:
    """Sums in several currencies side by side, never added: "3 689,45 £ et 40,00 €"."""
    joined = " et " if language == "fr" else " and "
    return joined.join(write_amount_plain(amount, currency, language) for currency, amount in by_currency.items())


def write_percent(percent: Decimal, language: str) -> str:
    """A percentage without its sign: "13,15", "8", as many digits as it has."""
    return str(format_decimal(percent, "#,##0.####", locale=language))


def write_half_year(half: HalfYear, language: str) -> str:
    """ "2025-H1" as it is said."""
    year, first = half[:4], half.endswith("1")
    if language == "fr":
        return f"{'1er' if first else '2e'} semestre {year}"
    return f"the {'first' if first else 'second'} half of {year}"


def _day(day: date | None, language: str) -> str:
    """For a terminal: with plain spaces."""
    return write_day(day, language).replace("\u00a0", " ") if day is not None else ""


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """All sentences by name, then by language."""
    text = files("mailbot.law").joinpath("sentences.yaml").read_text(encoding="utf-8")
    return cast("Mapping[str, Mapping[str, str]]", yaml.safe_load(text))


class _Writer:
    """Writes the lines of one amount in one language."""

    def __init__(self, found: Owed, language: str) -> None:
        self.found, self.language = found, language

    def line(self, name: str, **values: object) -> str:
        return sentences()[name][self.language].format(**values)

    def money(self, amount: Decimal, currency: str | None = None) -> str:
        return write_amount_plain(amount, currency or self.found.debt.currency, self.language)

    def day(self, day: date | None) -> str:
        return _day(day, self.language)

    def percent(self, value: Decimal | None) -> str:
        return write_percent(value if value is not None else Decimal(0), self.language)

    def invoice(self) -> Iterator[str]:
        debt = self.found.debt
        number = f"{debt.number}{' : ' if self.language == 'fr' else ': '}" if debt.number else ""
        if debt.instalments:
            count = len(debt.instalments)
            yield self.line("instalments", number=number, amount=self.money(debt.amount), count=count)
            for at, part in enumerate(sorted(debt.instalments, key=lambda one: one.due), 1):
                yield self.line("instalment", part=at, amount=self.money(part.amount), due=self.day(part.due))
        else:
            yield self.line("invoice", number=number, amount=self.money(debt.amount), due=self.day(debt.due))

    def settled(self, one: Settled) -> str:
        first = (self.found.order == "interest_first" or one.to_interest > 0) and not one.credit_note
        name = "credit_note" if one.credit_note else "payment_interest_first" if first else "payment"
        if one.for_penalties:
            name = "payment_penalties"
        return self.line(
            name,
            day=self.day(one.day),
            amount=self.money(one.amount),
            interest=self.money(one.to_interest),
            principal=self.money(one.to_principal),
            indemnity=self.money(one.to_indemnity),
            left=self.money(one.principal_left),
        )

    def given_up(self) -> Iterator[str]:
        if self.found.is_given_up:
            yield self.line("given_up", day=self.day(self.found.debt.given_up))

    def segment(self, one: Segment) -> str:
        return self.line(
            "segment" if one.instalment is None else "segment_part",
            part=one.instalment,
            start=self.day(one.start),
            end=self.day(one.end),
            days=one.days,
            base=self.money(rounded(one.base, self.found.debt.currency)),
            rate=self.percent(one.rate.percent),
            interest=self.exact(one.interest),
        )

    def exact(self, interest: Fraction) -> str:
        """With four digits: the sum is rounded once, and the cents of the segments would not add up to it."""
        currency = self.found.debt.currency
        shown = rounded(interest * 100, currency) / 100
        pattern = "#,##0.00## ¤" if self.language == "fr" else "¤#,##0.00##"
        written = str(format_currency(shown, currency, pattern, locale=self.language, currency_digits=False))
        return written.replace("\u202f", " ")

    def rates(self) -> Iterator[str]:
        told: set[HalfYear] = set()
        for segment in self.found.segments:
            if segment.half not in told:
                told.add(segment.half)
                yield self.rate(segment)

    def rate(self, segment: Segment) -> str:
        rate = segment.rate
        plain = rate.kind != "default" or rate.percent == (rate.built_from or 0) + (rate.by or 0)
        return self.line(
            f"rate_{rate.kind}" if plain else "rate_default_up",
            half=write_half_year(segment.half, self.language),
            rate=self.percent(rate.percent),
            built_from=self.percent(rate.built_from),
            by=self.percent(rate.by),
            article=rate.article.get(self.language, ""),
        )

    def stopped(self, tables: Tables) -> Iterator[str]:
        """What insolvency proceedings change, each with its article."""
        stop = self.found.stop
        if stop is None:
            return
        country, day = tables.country(self.found.country), self.day(stop.opening.day)
        rule = in_force(country.insolvency, stop.opening.day)
        if rule is None:
            yield self.line("stopped_unwritten", day=day, law=country.names[self.language])
            return
        name = stop.opening.told if stop.effect == "stopped" else stop.effect
        yield self.line(f"stopped_{name}", day=day, article=rule.article[self.language])
        if forbidden := self.found.forbidden:
            yield self.line("forbidden", days=", ".join(map(self.day, forbidden)))
        if stop.effect != "later_claim":
            yield self.line("to_file")

    def sums(self) -> Iterator[str]:
        found = self.found
        consumer = found.debt.debtor == "consumer"
        if found.segments:
            yield self.line("interest", amount=self.money(found.interest))
        if found.interest_left != found.interest:
            yield self.line("interest_left", amount=self.money(found.interest_left))
        for one in found.indemnities:
            name = "indemnity" if one.instalment is None else "indemnity_part"
            written = self.money(one.amount, one.currency)
            yield self.line(name, part=one.instalment, amount=written, article=one.article[self.language])
        if found.is_given_up:
            pass
        elif consumer:
            yield self.line("consumer" if found.segments else "consumer_no_interest")
        elif not (found.indemnities or found.segments or found.forbidden):
            yield self.line("not_late", on=self.day(found.on))
        if found.surplus > 0:
            yield self.line("surplus", amount=self.money(found.surplus))
