"""The effective-dated tables of the law: rates by half-year, points, floors, fixed sums, each with its source.

The tables are data (`rules/legal/*.yaml`); an installation adds half-years by a file of its own. A figure that is
in no file is a name in `Unknown`, never a guess.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal

from mailbot.errors import SettingsError
from mailbot.money import exponent

HalfYear = str
""" "2025-H1": the first of January to the end of June; "2025-H2" the rest of the year."""

CONSUMER_RULE = "legal_after_notice"
"""Without a contract rate, the legal rate from the day after a formal notice (C. civ. 1231-6, 1344-1)."""

STOPS_RULE = "stops_at_judgment"
"""The judgment that opens insolvency proceedings stops the interest of claims that were there before it."""

_HALF_YEAR = re.compile(r"[12]\d{3}-H[12]")
_RATES = ("reference", "legal")
_DATED = ("default", "floor", "indemnity", "consumer", "insolvency")
_PERCENT = re.compile(r"\d{1,2}(\.\d{1,4})?")
_LEGAL_FILE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of one half-year in percent a year, and where it was read."""

    percent: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What stands in the law from a day on: points above the reference rate, a factor, a sum; and its article."""

    since: date
    value: Decimal
    article: Mapping[str, str]
    """As it is cited, in "fr" and "en"."""
    source: str
    up_to: Decimal = Decimal(0)
    """The rate is rounded up to a multiple of this; 0: not rounded."""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Country:
    """The rules of one country, each list by date."""

    code: str
    names: Mapping[str, str]
    """In "fr" and "en", as it is put into a sentence."""
    default: tuple[Rule, ...] = ()
    floor: tuple[Rule, ...] = ()
    indemnity: tuple[Rule, ...] = ()
    consumer: tuple[Rule, ...] = ()
    insolvency: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A figure that no table holds: "fr 2026-H2", "fr 2026-H2 floor", "fr 2026-H2 legal", "be consumer"."""

    name: str


@dataclass(frozen=True, slots=True)
class Yearly:
    """The rate that bears interest on the days of one half-year, and how it was found.

    `kind`: default (reference + points), contract, floor (of a contract rate below it), legal.
    `built_from` is what was added to or multiplied: the reference or the legal rate; None for a contract rate.
    """

    percent: Decimal
    kind: Literal["default", "contract", "floor", "legal"]
    article: Mapping[str, str] = field(default_factory=dict)
    """As it is cited, in "fr" and "en"; empty for a contract rate."""
    source: str = ""
    """Where the rate that it is built from was read."""
    built_from: Decimal | None = None
    by: Decimal | None = None
    """The points that were added, or the factor."""


@dataclass(frozen=True, slots=True)
class Tables:
    """All that is known. `country` raises KeyError for a country without a table."""

    reference: Mapping[HalfYear, Rate] = field(default_factory=dict)
    legal: Mapping[HalfYear, Rate] = field(default_factory=dict)
    countries: Mapping[str, Country] = field(default_factory=dict)

    def country(self, code: str) -> Country:
        """The rules of "fr", "be" or "eu" (the directive, for a state without a table of its own)."""
        return self.countries[code]

    def rate(self, code: str, half: HalfYear, debtor: str, contract: Decimal | None) -> Yearly | Unknown:
        """The rate of a half-year for a late debt of a business or a consumer; what is missing, where it is not known.

        For a consumer without a contract rate it runs only after a formal notice; that is for the caller to see.
        """
        country = self.countries[code]
        if debtor == "consumer":
            return self._of_consumer(country, half, contract)
        if contract is not None:
            return self._of_contract(country, half, contract)
        points, reference = in_force(country.default, first_day(half)), self.reference.get(half)
        if points is None or reference is None:
            return Unknown(f"{code} {half}")
        percent = _rounded_up(reference.percent + points.value, points.up_to)
        return Yearly(percent, "default", points.article, reference.source, reference.percent, points.value)

    def _of_contract(self, country: Country, half: HalfYear, contract: Decimal) -> Yearly | Unknown:
        times, legal = in_force(country.floor, first_day(half)), self.legal.get(half)
        if not country.floor:
            return Yearly(contract, "contract")
        if times is None or legal is None:
            return Unknown(f"{country.code} {half} floor")
        floor = legal.percent * times.value
        if contract >= floor:
            return Yearly(contract, "contract")
        return Yearly(floor, "floor", times.article, legal.source, legal.percent, times.value)

    def _of_consumer(self, country: Country, half: HalfYear, contract: Decimal | None) -> Yearly | Unknown:
        if not country.consumer:
            return Unknown(f"{country.code} consumer")
        if contract is not None:
            return Yearly(contract, "contract")
        rule, legal = in_force(country.consumer, first_day(half)), self.legal.get(half)
        if rule is None or legal is None:
            return Unknown(f"{country.code} {half} legal")
        return Yearly(legal.percent, "legal", rule.article, legal.source, legal.percent)


def half_year(day: date) -> HalfYear:
    """The half-year that a day lies in."""
    return f"{day.year:04}-H{1 if day.month <= 6 else 2}"


def first_day(half: HalfYear) -> date:
    """The first of January or July."""
    return date(int(half[:4]), 1 if half[6] == "1" else 7, 1)


def last_day(half: HalfYear) -> date:
    """The end of June or December."""
    year = int(half[:4])
    return date(year, 6, 30) if half[6] == "1" else date(year, 12, 31)


def half_years(start: date, end: date) -> list[tuple[HalfYear, date, date]]:
    """The days from `start` to `end`, both included, cut at each first of January and July."""
    cut = []
    while start <= end:
        half = half_year(start)
        stop = min(last_day(half), end)
        cut.append((half, start, stop))
        if stop == date.max:
            break
        start = stop + timedelta(days=1)
    return cut


def in_force(rules: Sequence[Rule], day: date) -> Rule | None:
    """The rule of a list that stands on a day; None before the first."""
    return next((rule for rule in reversed(rules) if rule.since <= day), None)


def _rounded_up(percent: Decimal, step: Decimal) -> Decimal:
    return percent if step == 0 else (percent / step).to_integral_value(ROUND_CEILING) * step


# ------------------------------------------------------------------------------------------ reading

File = tuple[str, Mapping[str, Any], Mapping[str, int]]
"""A file's name, its tree of texts, and the line of each value by its dotted path (`yamlfile.read_settings`)."""


def read_tables(shipped: Iterable[File], own: File | None = None) -> Tables:
    """The tables of the shipped files, with the half-years that an installation's own file adds or puts right.

    The own file has `reference:` and `legal:` only, in the shape of the shipped ones. Raises SettingsError with every
    mistake of every file, one a line.
    """
    reader = _Reader()
    for file in shipped:
        reader.read(file)
    if own is not None:
        reader.read_own(own)
    if reader.problems:
        raise SettingsError(reader.problems)
    return Tables(reader.rates["reference"], reader.rates["legal"], reader.countries)


class _Reader:
    """Takes the trees apart; collects every mistake with its line."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.rates: dict[str, dict[HalfYear, Rate]] = {name: {} for name in _RATES}
        self.countries: dict[str, Country] = {}

    def read(self, file: File) -> None:
        name, tree, lines = file
        self._only(file, tree, ("country", "name", *_RATES, *_DATED), "")
        self._read_rates(file)
        code, names = tree.get("country"), tree.get("name")
        if not isinstance(code, str) or not _LEGAL_FILE.fullmatch(code) or not isinstance(names, dict):
            self.problems.append(f"{name}:{lines.get('country', 1)}: country: and name: say whose rules these are")
            return
        dated = {block: self._read_rules(file, block) for block in _DATED}
        self.countries[code] = Country(code, names, **dated)

    def read_own(self, file: File) -> None:
        self._only(file, file[1], _RATES, "")
        self._read_rates(file)

    def _only(self, file: File, tree: Mapping[str, Any], known: Sequence[str], path: str) -> None:
        for key in tree:
            if key not in known:
                self._wrong(file, f"{path}{key}", f'"{key}" is not known here; known are {", ".join(known)}')

    def _read_rates(self, file: File) -> None:
        for block in _RATES:
            entries = file[1].get(block) or {}
            if not isinstance(entries, dict):
                self._wrong(file, block, f"{block}: lists half-years, like 2026-H2: {{rate: ..., source: ...}}")
                continue
            for half, entry in entries.items():
                self._read_rate(file, block, half, entry)

    def _read_rate(self, file: File, block: str, half: str, entry: object) -> None:
        path = f"{block}.{half}"
        if not _HALF_YEAR.fullmatch(half):
            self._wrong(file, path, f'"{half}" is no half-year: write 2026-H1 or 2026-H2')
        elif not isinstance(entry, dict):
            self._wrong(file, path, 'write it as {rate: "2.15", source: "where you read it"}')
        elif not isinstance(entry.get("source"), str):
            self._wrong(file, path, "source: is missing; say where you read the rate, and when")
        elif (percent := _percent(entry.get("rate"))) is None:
            self._wrong(file, path, f'rate: "{entry.get("rate")}" is no percentage like 2.15')
        else:
            self._only(file, entry, ("rate", "source", "in_force", "read_on"), f"{path}.")
            self.rates[block][half] = Rate(percent, entry["source"])

    def _read_rules(self, file: File, block: str) -> tuple[Rule, ...]:
        entries = file[1].get(block) or []
        rules = []
        for index, entry in enumerate(entries):
            try:
                rules.append(_RULES[block](entry))
            except (KeyError, TypeError, ValueError, ArithmeticError):
                self._wrong(
                    file,
                    f"{block}.{index}",
                    f"this is no entry of {block}: it needs since:, a value, article:, source:",
                )
        return tuple(sorted(rules, key=lambda rule: rule.since))

    def _wrong(self, file: File, path: str, message: str) -> None:
        self.problems.append(f"{file[0]}:{file[2].get(path, 1)}: {message}")


def _percent(text: object) -> Decimal | None:
    return Decimal(text) if isinstance(text, str) and _PERCENT.fullmatch(text) else None


def _rule(entry: Mapping[str, Any], value: Decimal) -> Rule:
    article = entry["article"]
    return Rule(
        since=date.fromisoformat(entry["since"]),
        value=value,
        article={language: str(article[language]) for language in ("fr", "en")},
        source=entry["source"],
        up_to=Decimal(entry.get("up_to", "0")),
        currency=entry.get("currency", ""),
    )


def _points(entry: Mapping[str, Any]) -> Rule:
    return _rule(entry, Decimal(entry["points"]))


def _times(entry: Mapping[str, Any]) -> Rule:
    return _rule(entry, Decimal(entry["times"]))


def _sum(entry: Mapping[str, Any]) -> Rule:
    exponent(entry["currency"])
    return _rule(entry, Decimal(entry["amount"]))


def _of_consumers(entry: Mapping[str, Any]) -> Rule:
    if entry["rate"] != CONSUMER_RULE:
        raise ValueError(f"the only rule for consumers is {CONSUMER_RULE}")
    return _rule(entry, Decimal(1))


def _of_insolvency(entry: Mapping[str, Any]) -> Rule:
    if entry["interest"] != STOPS_RULE:
        raise ValueError(f"the only rule for insolvency is {STOPS_RULE}")
    return _rule(entry, Decimal(1))


_RULES: Mapping[str, Callable[[Mapping[str, Any]], Rule]] = {
    "default": _points, "floor": _times, "indemnity": _sum, "consumer": _of_consumers,
    "insolvency": _of_insolvency,
}  # fmt: skip
