"""Payment terms written in words, in six languages: when the whole amount is due, what paying early saves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from mailbot.invoices.dates import Order, dates_in, slash_order

__all__ = [
    "Discount",
    "Order",
    "dates_in",
    "discount_in",
    "due_dates",
    "late_terms",
    "penalties_in",
    "says_when",
    "slash_order",
]

_CLAUSE = re.compile(
    r"[;\n•]|,(?! ?\d{4}(?!\d))(?!\d)|(?:(?<=[^\W\d]{3})|(?<=[\d)]))\.\s"
    r"|\s(?=(?:oder|ou|or|sinon|otherwise|ansonsten)\s)",
    re.IGNORECASE,
)
_OTHER_TERMS = re.compile(
    r"skonto|escompte|discount|rabais|%|pénalit|penalit|penalt|retard|verzug|late |mahn|interest|indemnit|acompte"
    r"|deposit|advance|anzahlung|descuento|pronto pago|sconto|korting|betalingskorting|intereses|interessi|rente"
    r"|mora(?!\w)|anticipo|acconto|aanbetaling|reklamation|widerspruch|r[ée]clam|contest|klacht|valid|gültig|garantie|storn|cancel|commande"
    r"|à la signature|à la livraison",
    re.IGNORECASE,
)
_A_DAY = (
    r"(?:jours?|jrs?|j(?!\w)|(?:calendar )?days?|(?:kalender)?tage?n?|tg\.?|d[ií]as?|d\.?(?=\s?f)|gg\.?|giorni|giorno"
    r"|(?:kalender)?dag(?:en)?|dgn)(?!\w)"
)
_DAYS = re.compile(rf"(?<![\d.,])(\d{{1,3}})\)?\s{{0,3}}(?:-\s?)?(?:\([^\W\d]{{3,20}}\)\s?)?{_A_DAY}", re.IGNORECASE)
_IN_WORDS: Final = {
    7: "sept|seven|sieben|siete|sette|zeven",
    8: "huit|eight|acht|ocho|otto",
    10: "dix|ten|zehn|diez|dieci|tien",
    14: "quatorze|fourteen|vierzehn|catorce|quattordici|veertien",
    15: "quinze|fifteen|fünfzehn|fuenfzehn|quince|quindici|vijftien",
    20: "vingt|twenty|zwanzig|veinte|venti|twintig",
    21: "vingt[ -]et[ -]un|twenty[ -]one|einundzwanzig|veintiún|ventuno|eenentwintig",
    28: "vingt[ -]huit|twenty[ -]eight|achtundzwanzig|veintiocho|ventotto|achtentwintig",
    30: "trente|thirty|dreißig|dreissig|treinta|trenta|dertig",
    40: "quarante|forty|vierzig|cuarenta|quaranta|veertig",
    45: "quarante[ -]cinq|forty[ -]five|fünfundvierzig|cuarenta y cinco|quarantacinque|vijfenveertig",
    60: "soixante|sixty|sechzig|sesenta|sessanta|zestig",
    90: "quatre[ -]vingt[ -]dix|ninety|neunzig|noventa|novanta|negentig",
}
"""The numbers of days that terms are agreed on, in six languages."""
_COUNTS = {name: number for number, names in _IN_WORDS.items() for name in names.replace("[ -]", " ").split("|")}
_NAMES = "|".join(sorted((name for names in _IN_WORDS.values() for name in names.split("|")), key=len, reverse=True))
_WORDED = re.compile(rf"(?<!\w)({_NAMES})(?= (?:\(\d{{1,3}}\) ?)?{_A_DAY})|(?<=net )({_NAMES})(?!\w)", re.IGNORECASE)
_MORE_DAYS = re.compile(
    r"(?<![\d.,])(\d{1,3})\s?[-/–]\s?(?=\d{1,3}(?:\s?[-/–]\s?\d{1,3})*\s{0,3}(?:jours?|gg|giorni|d[ií]as|days))",
    re.IGNORECASE,
)
_NET_DAYS = re.compile(r"(?<!\w)net(?:to)?\s{0,3}(\d{1,3})(?![\d.,%])", re.IGNORECASE)
_WEEKS = re.compile(
    r"(?<!\w)(?:(\d{1,2})|zwei|two|deux|due|dos|twee)\s(?:wochen|weeks?|semaines?|semanas|settimane|weken)(?!\w)",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    r"(?<!\w)(?:innerhalb|binnen|within|sous|dans(?: un délai d['’])?|en(?: el plazo de)?|entro)\s?"
    r"(?:(\d)|eines?|einem|one|a|une?|un|een|één)\s(?:monate?n?s?|months?|mois|mes(?:es)?|mes[ei]|maand(?:en)?)(?!\w)",
    re.IGNORECASE,
)
_MONTH_END = re.compile(
    r"fin de mois|fin du mois|fdm(?!\w)|end of (?:the )?month|eom(?!\w)|month[- ]end|monatsende|ende des monats"
    r"|fin de mes|end of following month|(?:data )?(?:fattura )?fine mese|d\.?f\.?f\.?m|f\.?m\.?(?!\w)"
    r"|einde (?:van de )?maand",
    re.IGNORECASE,
)
_THE_DAY = re.compile(
    r"(?:\b(?:le|am|the|el|il|al|de)\s|\+\s?)(\d{1,2})(?:er|th|st|\.)?(?=\s|$|[.,;)])"
    r"(?!\s?(?:j|days|tage|gg|d[ií]as|dag))",
    re.IGNORECASE,
)
_ON_THE = re.compile(
    rf"{_A_DAY}\s(?:nets?\s)?le\s([12]?\d|3[01])(?:er)?(?:\sdu\smois(?:\ssuivant)?)?(?=\s{{0,3}}(?:$|[.,;)])|\spar\s)",
    re.IGNORECASE,
)
"""The French "30 jours le 15"."""
AT_ONCE: Final = re.compile(
    r"(?:à|a|dès|sur) (?:la )?(?:réception|reception)|comptant|(?:up)?on (?:receipt|presentation)|immediate|immédiat"
    r"|sofort|due now|nach erhalt|bei erhalt|al contado|a la recepción|a la vista|pago inmediato|rimessa diretta"
    r"|a vista|vista fattura|alla ricezione|immediat|direct(?:e)? bij ontvangst|bij ontvangst|na ontvangst|per direct"
    r"|contanti|ricevimento fattura|cash on delivery|ohne frist",
    re.IGNORECASE,
)
_PENALTY = re.compile(
    r"pénalit|penalit|penalt|indemnit|late payment|late fee|retard|verzug|statutory interest|mora(?!\w)"
    r"|intereses de demora|interessi|wettelijke rente|handelsrente|aanmaning",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%")
EARLY: Final = re.compile(
    r"skonto|escompte|discount|descuento|pronto pago|sconto|korting|early|anticipé|abzug|if paid within", re.IGNORECASE
)
_BRIEF = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%?\s?/\s?(\d{1,2}),?\s?(?:net|n/)\s?\d|"
                    r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%\s(\d{1,2}),?\s?net\s?\d", re.IGNORECASE)  # fmt: skip
"""American trade: "2/10 net 30", "2% 10, net 30"."""
_NO_EARLY = re.compile(r"(?:pas|aucun|sans|no|kein|keine|ohne|sin|senza|nessuno|geen|néant)\W+(?:d['’])?"
                       r"(?:prompt payment |early payment )?"
                       r"(?:skonto|escompte|discount|descuento|sconto|korting|abzug)|escompte\s*:?\s*(?:néant|aucun|nul|0)"
                       r"|(?:skonto|escompte)\W+\(?0\s?%", re.IGNORECASE)  # fmt: skip
LONGEST_DAYS: Final = 60
"""French commercial code L441-10: at most 60 days after the invoice, or 45 days end of month where so agreed."""


@dataclass(frozen=True, slots=True)
class Discount:
    """What paying early saves: so many percent until a day, which is None where the terms do not say it."""

    percent: Decimal
    until: date | None


def due_dates(terms: str, issued: date | None, *, order: Order = "day") -> tuple[date, ...]:
    """The days on which these terms may make the whole amount due; discounts and lateness are passed over.

    A written date counts before a number of days, unless it is that of the invoice itself. "45 days end of
    month" has two readings in trade and law
    (French commercial code L441-10), so both are given: the end of the month in which the days end, and the days
    counted from the end of the month. The commoner reading stands first.
    """
    clauses = [clause for clause in _CLAUSE.split(_in_digits(terms)) if not _OTHER_TERMS.search(clause)]
    written = {readings[0] for clause in clauses for _, readings in dates_in(clause, order=order)}
    if issued is None:
        return tuple(sorted(written))
    if others := written - {issued}:
        return tuple(sorted(others))
    counted = dict.fromkeys(day for clause in clauses for day in _counted(clause, issued))
    return tuple(counted or written)


def says_when(words: str) -> bool:
    """Whether these words name a number of days, or that it is due at once."""
    text = _in_digits(words)
    return any(one.search(text) for one in (_DAYS, _NET_DAYS, _WEEKS, _MONTHS, AT_ONCE))


def _in_digits(terms: str) -> str:
    """The terms with the numbers of days that stand in words as digits."""

    def digits(found: re.Match[str]) -> str:
        return str(_COUNTS[re.sub("[ -]", " ", found[0].lower())])

    return _WORDED.sub(digits, terms[:4000])


def _counted(clause: str, issued: date) -> Iterator[date]:
    numbers = [int(number) for number in (*_MORE_DAYS.findall(clause), *_DAYS.findall(clause))]
    numbers = numbers or [int(number) for number in _NET_DAYS.findall(clause)]
    numbers = numbers or [7 * int(number or 2) for number in _WEEKS.findall(clause)]
    if _MONTH_END.search(clause):
        yield from _at_month_end(clause, numbers, issued)
    elif numbers and (fixed := _ON_THE.search(clause)) and int(fixed[1]):
        yield from (day for number in numbers for day in _on_the(int(fixed[1]), issued + timedelta(number)))
    elif numbers:
        yield from (issued + timedelta(number) for number in numbers)
    elif months := _MONTHS.search(clause):
        yield _months_later(issued, int(months[1] or 1))
    elif AT_ONCE.search(clause):
        yield issued


def _at_month_end(clause: str, numbers: list[int], issued: date) -> Iterator[date]:
    """Italian "30 gg d.f.f.m." and what else writes the days first means the end of the month that they end in."""
    after = _THE_DAY.search(_MONTH_END.split(clause, maxsplit=1)[-1])
    extra = timedelta(int(after[1])) if after and int(after[1]) <= 31 else timedelta(0)
    for number in numbers or [0]:
        yield _month_end(issued + timedelta(number)) + extra
        if number and _is_french(clause):
            yield _month_end(issued) + timedelta(number)


def _on_the(number: int, day: date) -> tuple[date, date]:
    """The two readings of "30 jours le 15", where `day` is the day on which the 30 days end.

    The next 15th from then on; or the 15th of the month after, as in "30 jours fin de mois le 15", which many mean by
    it. Neither the code of commerce nor trade has settled which: both are given, so that the owner says it. They are
    the same day where the days end after a 15th.
    """
    after = _month_end(_month_end(day) + timedelta(1))
    following = after.replace(day=min(number, after.day))
    here = day.replace(day=min(number, _month_end(day).day))
    return (here if here >= day else following), following


def _is_french(clause: str) -> bool:
    """French and English trade know both readings; Italian and Spanish law and habit know one."""
    return re.search(r"fine mese|f\.?f\.?m|fin de mes(?!\w)|maand|monat", clause, re.IGNORECASE) is None


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that lacks it (§ 188 BGB, art. 641 CPC)."""
    year, month = divmod(day.month - 1 + months, 12)
    last = _month_end(date(day.year + year, month + 1, 1))
    return last.replace(day=min(day.day, last.day))


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


def late_terms(issued: date, due: date) -> bool:
    """Whether a French firm may not agree on this day: later than 60 days and than 45 days end of month."""
    latest = max(
        issued + timedelta(LONGEST_DAYS), _month_end(issued + timedelta(45)), _month_end(issued) + timedelta(45)
    )
    return due > latest


def discount_in(terms: str, issued: date | None, *, order: Order = "day") -> Discount | None:
    """The discount for paying early that the terms grant; the first where there are several steps."""
    if brief := _BRIEF.search(terms[:4000]):
        percent, days = brief[1] or brief[3], brief[2] or brief[4]
        return Discount(Decimal(percent.replace(",", ".")), issued + timedelta(int(days)) if issued else None)
    for clause in _CLAUSE.split(terms[:4000]):
        if not EARLY.search(clause) or _NO_EARLY.search(clause) or _PENALTY.search(clause):
            continue
        found = _PERCENT.search(clause)
        if found is None or not 0 < (share := Decimal(found[1].replace(",", "."))) <= 10:
            continue
        return Discount(share, _early_until(clause, found, issued, order))
    return None


def _early_until(clause: str, percent: re.Match[str], issued: date | None, order: Order) -> date | None:
    """The day nearest to the percentage: written out, or so many days after the invoice."""
    days = [(abs(place - percent.start()), readings[0]) for place, readings in dates_in(clause, order=order)]
    counted = [
        (abs(match.start() - percent.start()), issued + timedelta(int(match[1])))
        for match in _DAYS.finditer(clause)
        if issued is not None
    ]
    return min(days or counted, default=(0, None), key=lambda one: one[0])[1]


def penalties_in(terms: str | None) -> str | None:
    """The terms, where they speak of lateness."""
    return terms if terms and _PENALTY.search(terms) else None
