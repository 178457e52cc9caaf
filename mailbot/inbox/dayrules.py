"""The words for days in French and English, and what each of them means seen from a day.

A rule is a pattern with {M} for a month, {D} for a weekday and {N} for a number, and a function that gives the
day; None where the words leave it open. The first rule that matches a place wins.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

LANGUAGES = frozenset({"fr", "en"})
_MONTHS = {
    "fr": (
        "janvier|janv fevrier|fevr|fev mars avril|avr mai juin juillet|juil aout septembre|sept octobre|"
        "oct novembre|nov decembre|dec"
    ),
    "en": (
        "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|"
        "sep october|oct november|nov december|dec"
    ),
}
_DAYS = {
    "fr": "lundi|lun mardi mercredi|mer jeudi|jeu vendredi|ven samedi|sam dimanche|dim",
    "en": ("monday|mon tuesday|tues|tue wednesday|weds|wed thursday|thurs|thur|thu friday|fri saturday|sat sunday|sun"),
}
_NUMBERS = {
    "fr": "un|une deux trois quatre cinq six sept huit neuf dix",
    "en": "one|a|an two|a couple of|couple of three four five six seven eight nine ten",
}


@dataclass(frozen=True, slots=True)
class Frame:
    base: date
    past: bool
    month_first: bool
    words: dict[str, int]


Resolver = Callable[[re.Match[str], Frame], date | None]


@cache
def day_words(language: str) -> dict[str, int]:
    tables = (_MONTHS, _DAYS, _NUMBERS)
    result: dict[str, int] = {}
    for offset, table in zip((1, 0, 1), tables, strict=True):
        groups = _groups(table[language])
        prefix = {id(_MONTHS): "m:", id(_DAYS): "d:", id(_NUMBERS): "n:"}[id(table)]
        result |= {prefix + name: at + offset for at, group in enumerate(groups) for name in group}
    return result


def _groups(table: str) -> list[list[str]]:
    if "couple" in table:
        return [["one", "a", "an"], ["two", "a couple of", "couple of"], *([w] for w in table.split()[6:])]
    return [group.split("|") for group in table.split()]


@cache
def grammar(language: str) -> list[tuple[re.Pattern[str], Resolver]]:
    words = day_words(language)
    names = {
        kind: "|".join(sorted((w[2:] for w in words if w.startswith(kind + ":")), key=len, reverse=True))
        for kind in "mdn"
    }
    fill = {"M": f"(?:{names['m']})", "D": f"(?:{names['d']})", "N": rf"(?:\d{{1,3}}|{names['n']})"}
    rules = _COMMON + (_FRENCH if language == "fr" else _ENGLISH)
    return [(re.compile(_expand(pattern, fill)), resolve) for pattern, resolve in rules]


def _expand(pattern: str, fill: dict[str, str]) -> str:
    for key, value in fill.items():
        pattern = pattern.replace("{" + key + "}", value)
    return r"(?<![\w\x01/-])(?:" + pattern + r")(?![\w\x01])"


# ------------------------------------------------------------------------------------------- resolvers


def _year(text: str | None) -> int | None:
    return None if not text else int(text) + (2000 if len(text) == 2 else 0)


def _placed(frame: Frame, day: int, month: int, year: int | None) -> date:
    if year is not None:
        return date(year, month, day)
    for candidate in (
        range(frame.base.year - 1, frame.base.year + 3)
        if not frame.past
        else range(frame.base.year, frame.base.year - 3, -1)
    ):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if (found <= frame.base) if frame.past else (found >= frame.base):
            return found
    raise ValueError("no such day")


def _day_month(match: re.Match[str], frame: Frame) -> date:
    parts = match.groupdict()
    month = frame.words["m:" + parts["m"]]
    return _placed(frame, int(parts["d"]), month, _year(parts.get("y")))


def _numeric(match: re.Match[str], frame: Frame) -> date:
    first, second = int(match["a"]), int(match["b"])
    day, month = (second, first) if frame.month_first else (first, second)
    if month > 12 >= day:
        day, month = month, day
    return _placed(frame, day, month, _year(match["y"]))


def _iso(match: re.Match[str], _frame: Frame) -> date:
    return date(int(match["y"]), int(match["b"]), int(match["a"]))


def _day_only(match: re.Match[str], frame: Frame) -> date:
    day, year, month = int(match["d"]), frame.base.year, frame.base.month
    for _ in range(14):
        last = calendar.monthrange(year, month)[1]
        if day <= last:
            found = date(year, month, day)
            if (found <= frame.base) if frame.past else (found >= frame.base):
                return found
        year, month = _month_after(year, month, -1 if frame.past else 1)
    raise ValueError("no such day")


def _month_after(year: int, month: int, step: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + step
    return index // 12, index % 12 + 1


def _weekday(match: re.Match[str], frame: Frame) -> date:
    ahead = (frame.words["d:" + match["w"]] - frame.base.weekday()) % 7
    if frame.past:
        return frame.base - timedelta(days=(7 - ahead) % 7 or 7)
    return frame.base + timedelta(days=ahead or 7)


def _weekday_past(match: re.Match[str], frame: Frame) -> date:
    return _weekday(match, Frame(frame.base, True, frame.month_first, frame.words))


def _weekday_after_next(match: re.Match[str], frame: Frame) -> date:
    return _weekday(match, Frame(frame.base, False, frame.month_first, frame.words)) + timedelta(days=7)


def _weekday_next_week(match: re.Match[str], frame: Frame) -> date:
    return _monday(frame, 1) + timedelta(days=frame.words["d:" + match["w"]])


def _weekday_this_week(match: re.Match[str], frame: Frame) -> date:
    return _monday(frame, 0) + timedelta(days=frame.words["d:" + match["w"]])


def _english_next_weekday(match: re.Match[str], frame: Frame) -> date | None:
    """ "next Friday" said before that Friday of the same week may mean either one."""
    if frame.words["d:" + match["w"]] > frame.base.weekday():
        return None
    return _weekday(match, Frame(frame.base, False, frame.month_first, frame.words))


def _monday(frame: Frame, weeks: int) -> date:
    return frame.base + timedelta(days=7 * weeks - frame.base.weekday())


def _count(text: str, frame: Frame) -> int:
    return int(text) if text.isdigit() else frame.words["n:" + text]


def _ahead(unit: int) -> Resolver:
    return lambda match, frame: frame.base + timedelta(days=unit * _count(match["n"], frame))


def _ago(unit: int) -> Resolver:
    return lambda match, frame: frame.base - timedelta(days=unit * _count(match["n"], frame))


def _hours(match: re.Match[str], frame: Frame) -> date | None:
    hours = int(match["n"])
    return frame.base + timedelta(days=hours // 24) if hours % 24 == 0 else None


def _shift(days: int) -> Resolver:
    return lambda _match, frame: frame.base + timedelta(days=days)


def _month_end(months: int) -> Resolver:
    def resolve(_match: re.Match[str], frame: Frame) -> date:
        year, month = _month_after(frame.base.year, frame.base.month, months)
        return date(year, month, calendar.monthrange(year, month)[1])

    return resolve


def _end_of_named(match: re.Match[str], frame: Frame) -> date:
    month = frame.words["m:" + match["m"]]
    year = _year(match["y"])
    if year is None:
        year = (
            frame.base.year + (month < frame.base.month and not frame.past) - (month > frame.base.month and frame.past)
        )
    return date(year, month, calendar.monthrange(year, month)[1])


def _friday(weeks: int) -> Resolver:
    def resolve(_match: re.Match[str], frame: Frame) -> date:
        friday = _monday(frame, weeks) + timedelta(days=4)
        return friday if weeks or friday >= frame.base else friday + timedelta(days=7)

    return resolve


def _week_number(match: re.Match[str], frame: Frame) -> date:
    friday = date.fromisocalendar(frame.base.year, int(match["n"]), 5)
    return friday if friday >= frame.base else date.fromisocalendar(frame.base.year + 1, int(match["n"]), 5)


def _day_next_month(match: re.Match[str], frame: Frame) -> date:
    year, month = _month_after(frame.base.year, frame.base.month, 1)
    return date(year, month, int(match["d"]))


def _open(_match: re.Match[str], _frame: Frame) -> None:
    return None


def _year_end(_match: re.Match[str], frame: Frame) -> date:
    return date(frame.base.year, 12, 31)


# -------------------------------------------------------------------------------------------- grammars

_COMMON: list[tuple[str, Resolver]] = [
    (r"(?P<y>20\d\d)[-/.](?P<b>\d{1,2})[-/.](?P<a>\d{1,2})", _iso),
    (r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<y>20\d\d|\d\d)", _numeric),
    (r"(?P<a>\d{1,2})/(?P<b>\d{1,2})(?P<y>)(?!/)", _numeric),
    (r"(?P<a>\d{1,2})\.(?P<b>\d{1,2})\.(?P<y>)", _numeric),
]
_FRENCH: list[tuple[str, Resolver]] = [
    (
        (
            r"(?:a )?\d{2,3} jours (?:fin de mois|date de facture|nets?|net)|(?:a|payable a) (?:30|45|60|"
            r"90) jours"
        ),
        _open,
    ),
    (
        (
            r"(?:entre le|du) (?:{D} )?\d{1,2}(?:er)?(?: {M})?(?: 20\d\d)? (?:et le|"
            r"au) (?:{D} )?\d{1,2}(?:er)?(?: {M})?(?: 20\d\d)?|\d{1,2}(?:er)? ou (?:le )?\d{1,2} {M}"
        ),
        _open,
    ),
    (r"(?:(?:{D})\.? )?(?:le )?(?P<d>\d{1,2})(?:er)? (?P<m>{M})\b\.?(?:,? (?P<y>20\d\d))?", _day_month),
    (
        r"(?:(?:en |a )?(?:la )?)?fin (?:de |du mois de |d'|du mois d')?(?P<m>{M})\b\.?(?: (?P<y>20\d\d))?",
        _end_of_named,
    ),
    (
        (
            r"(?:mi|debut|courant|milieu|premiere quinzaine)[ -](?:de |d'|du mois de )?(?:{M})\b|(?:mi|debut|"
            r"milieu|courant)[ -](?:(?:de|du|le) )?(?:mois|semaine)(?: prochaine?)?|dans le courant d\w+ \w+"
        ),
        _open,
    ),
    (r"(?:a la |en )?fin (?:de |du )?mois prochain|fin de mois suivant", _month_end(1)),
    (
        (
            r"(?:a la |en |de |d'ici |d'ici la )?(?:fin|dernier jour) (?:de |du |de ce |de l[ae] |"
            r"du )?(?:present )?mois"
        ),
        _month_end(0),
    ),
    (r"fin d'annee|fin de l'annee", _year_end),
    (r"(?:la )?fin de (?:la )?semaine prochaine|semaine prochaine au plus tard", _friday(1)),
    (r"(?:la |en )?fin de (?:la |cette )?semaine", _friday(0)),
    (r"(?P<w>{D}) en (?:huit|8)", _weekday_after_next),
    (
        r"(?P<w>{D}) (?:de )?(?:la )?semaine prochaine|(?:la )?semaine prochaine,? (?:le |ce )?(?P<w2>{D})",
        lambda m, f: _monday(f, 1) + timedelta(days=f.words["d:" + (m["w"] or m["w2"])]),
    ),
    (r"(?P<w>{D}) (?:dernier|passe)", _weekday_past),
    (r"(?P<w>{D}) de cette semaine", _weekday_this_week),
    (r"(?:{D})\.? (?P<d>[0-3]?\d)(?:er)?(?! ?h\b)(?! \d{3})", _day_only),
    (r"le (?P<d>[0-3]?\d)(?:er)? du mois prochain", _day_next_month),
    (
        (
            r"(?:le|au|pour le|des le|avant le|d'ici le|d'ici au|jusqu'au|"
            r"du) (?P<d>[0-3]?\d)(?:er)?(?: (?:courant|au plus tard|de ce mois|"
            r"du mois))?(?![ ,./]?\d)(?! (?:h|"
            r"%|x|fois|factures?|jours?|ans?|mois|euros?)\b)"
        ),
        _day_only,
    ),
    (
        (
            r"(?:la |cette |des la |courant |dans la |dans le courant de la )?semaine (?:prochaine|suivante|"
            r"a venir)|(?:dans|courant|cette) (?:la )?semaine|mois prochain|mois-ci|ces (?:prochains )?jours|"
            r"(?:dans les|sous) (?:prochains|quelques) jours|dans les jours qui viennent|week-?end"
        ),
        _open,
    ),
    (
        (
            r"(?:ce |cette )?(?:prochain )?(?P<w>{D})(?: (?:prochain|qui vient|soir|matin|apres-midi|"
            r"midi))?(?! au (?:{D}))"
        ),
        _weekday,
    ),
    (r"(?:sous|dans|d'ici|d'ici a) (?:une )?huitaine(?: de jours)?", _shift(8)),
    (r"(?:sous|dans|d'ici|d'ici a) (?:une |la )?quinzaine(?: de jours)?", _shift(15)),
    (
        (
            r"(?:sous|dans|d'ici|d'ici a|avant) (?:{N}) (?:jours? )?(?:a|ou|-) (?:{N}) (?:jours|semaines|h|"
            r"heures)|(?:sous|dans|d'ici|d'ici a) (?:{N}) jours (?:ouvres|ouvrables)|(?:{N}) (?:a|"
            r"ou) (?:{N}) jours"
        ),
        _open,
    ),
    (
        (
            r"(?:sous|dans|d'ici|d'ici a|dans un delai de|sous un delai de|"
            r"dans les) (?P<n>{N}) (?:prochains )?(?:jours?|j)"
        ),
        _ahead(1),
    ),
    (r"(?:sous|dans|d'ici|d'ici a|dans un delai de|dans les) (?P<n>{N}) semaines?", _ahead(7)),
    (r"(?:sous|dans|d'ici|d'ici a|dans les) (?P<n>24|48|72|96) ?(?:h|heures)", _hours),
    (r"il y a (?P<n>{N}) jours?", _ago(1)),
    (r"il y a (?:{N}|plusieurs|quelques) (?:semaines?|mois)|(?:semaine|mois) (?:derniere?|passee?)", _open),
    (r"apres[ -]demain", _shift(2)),
    (r"demain(?: (?:matin|soir|midi|apres-midi))?", _shift(1)),
    (r"avant[ -]hier", _shift(-2)),
    (r"hier(?: (?:matin|soir|apres-midi))?", _shift(-1)),
    (
        (
            r"(?:aujourd'?hui|ce (?:jour|soir|matin|midi)|cet(?:te)? (?:apres[ -]?midi|aprem)|"
            r"dans la journee|"
            r"a l'instant|tout de suite|sur-le-champ)"
        ),
        _shift(0),
    ),
    (r"(?:semaine|sem\.?|s) ?(?P<n>[0-5]?\d)", _week_number),
]
_ENGLISH: list[tuple[str, Resolver]] = [
    (
        (
            r"net (?:30|45|60|90)|(?:30|45|60|90)[ -]days? (?:from|net|end of month|terms|after|of)|"
            r"(?:within )?(?:{N}) (?:working|business) days"
        ),
        _open,
    ),
    (
        (
            r"(?:from|between) (?:{D},? )?(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: {M})? (?:to|until|till|and|"
            r"through) (?:{D},? )?(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: {M})?|(?:{M}) \d{1,2} ?(?:-|"
            r"to) ?\d{1,2}|"
            r"\d{1,2} ?(?:-|to) ?\d{1,2} (?:{M})"
        ),
        _open,
    ),
    (
        (
            r"(?:(?:{D}),? )?(?:the )?(?P<d>\d{1,2})(?:st|nd|rd|"
            r"th)?(?: of)? (?P<m>{M})\b\.?(?:,? (?P<y>20\d\d))?"
        ),
        _day_month,
    ),
    (
        r"(?:(?:{D}),? )?(?:the )?(?P<d>first|1st) of (?P<m>{M})",
        lambda m, f: _placed(f, 1, f.words["m:" + m["m"]], None),
    ),
    (
        (
            r"(?:(?:{D}),? )?(?P<m>{M})\b\.? (?:the )?(?P<d>\d{1,2})(?:st|nd|rd|th)?(?!\d|"
            r":)(?:,? (?P<y>20\d\d))?"
        ),
        _day_month,
    ),
    (
        r"(?:the )?end of (?P<m>{M})\b(?: (?P<y>20\d\d))?|late (?P<m2>{M})\b(?P<y2>)",
        lambda m, f: _end_of_named(m, f) if m["m"] else None,
    ),
    (
        (
            r"(?:mid|early|middle of|beginning of|start of|first week of)[ -](?:the )?(?:{M}|month|"
            r"(?:next )?week|next month)|early in (?:the )?\w+"
        ),
        _open,
    ),
    (r"(?:the )?(?:end of (?:the )?(?:next|following) month|next month[ -]end)", _month_end(1)),
    (r"(?:the )?(?:end of (?:the|this)?(?: current)? ?month|month[ -]?end|eom)", _month_end(0)),
    (r"(?:the )?end of (?:the|this) year|year[ -]end", _year_end),
    (r"(?:the )?end of (?:the )?(?:next|following) week|end of next week", _friday(1)),
    (r"(?:the )?end of (?:the|this) (?:working )?week|end of week|eow", _friday(0)),
    (
        r"(?:a )?week on (?P<w>{D})|(?P<w2>{D}) week(?! )",
        lambda m, f: (
            _monday(f, 0) + timedelta(days=7 + (f.words["d:" + (m["w"] or m["w2"])] - 0))
            if f.words["d:" + (m["w"] or m["w2"])] > f.base.weekday()
            else _monday(f, 2) + timedelta(days=f.words["d:" + (m["w"] or m["w2"])])
        ),
    ),
    (r"(?P<w>{D}) after next|(?:the )?week after (?:next|that)?", _open),
    (r"(?:{D}) or (?:{D})|(?:{D})(?:/|-)(?:{D})", _open),
    (
        r"(?P<w>{D}) (?:of )?next week|next week,? (?:on )?(?P<w2>{D})",
        lambda m, f: _monday(f, 1) + timedelta(days=f.words["d:" + (m["w"] or m["w2"])]),
    ),
    (
        r"last (?P<w>{D})|(?P<w2>{D}) last",
        lambda m, f: f.base - timedelta(days=(f.base.weekday() - f.words["d:" + (m["w"] or m["w2"])]) % 7 or 7),
    ),
    (r"next (?P<w>{D})", _english_next_weekday),
    (r"(?:{D}),? (?:the )?(?P<d>[0-3]?\d)(?:st|nd|rd|th)", _day_only),
    (r"(?:the )?(?P<d>[0-3]?\d)(?:st|nd|rd|th) of next month", _day_next_month),
    (
        (
            r"(?:on |by )?the (?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?: (?:of )?(?:this|the) month)?(?! (?:century|"
            r"floor|time|reminder|invoice|of|anniversary|quarter))(?![.,]?\d)"
        ),
        _day_only,
    ),
    (r"(?:on|by) (?P<d>[0-3]?\d)(?:st|nd|rd|th)(?! (?:floor|time|reminder))", _day_only),
    (
        (
            r"(?:the )?(?:next|this|coming|following) (?:few )?(?:weeks?|month|days)|week (?:commencing|"
            r"beginning|of)|w/c|over the weekend|the weekend|shortly|soon(?! as)|next quarter"
        ),
        _open,
    ),
    (r"(?:this |coming |this coming )?(?P<w>{D})(?: (?:morning|afternoon|evening|night))?", _weekday),
    (r"(?:in|within|under) (?:{N}) ?(?:-|to|or) ?(?:{N}) (?:days|weeks)|(?:{N})(?:-|to| or )(?:{N}) days", _open),
    (
        (
            r"(?:in|within|inside) (?:the )?(?:next )?(?:a |one )?fortnight|a fortnight(?:'s time|"
            r" from (?:now|"
            r"today))"
        ),
        _shift(14),
    ),
    (
        (
            r"(?:in|within|inside)(?: the next)? (?P<n>{N}) (?:calendar )?days?(?:'? time)?|"
            r"(?P<n2>{N}) days from (?:now|today)"
        ),
        lambda m, f: f.base + timedelta(days=_count(m["n"] or m["n2"], f)),
    ),
    (
        (
            r"(?:in|within|inside)(?: the next)? (?P<n>{N}) weeks?(?:'?s? time)?|"
            r"(?P<n2>{N}) weeks? from (?:now|today)"
        ),
        lambda m, f: f.base + timedelta(days=7 * _count(m["n"] or m["n2"], f)),
    ),
    (r"(?:in|within)(?: the next)? (?P<n>24|48|72|96) ?(?:h|hrs|hours)", _hours),
    (r"(?P<n>{N}) days? ago", _ago(1)),
    (r"(?:{N}|several|few) (?:weeks?|months?) (?:ago|back)|last (?:week|month)", _open),
    (r"(?:the )?day after tomorrow", _shift(2)),
    (
        (
            r"(?:first thing )?(?:tomorrow|tmrw|tmr|tomoz|2moro|tomorow)(?: (?:morning|afternoon|evening|"
            r"night))?"
        ),
        _shift(1),
    ),
    (r"(?:the )?day before yesterday", _shift(-2)),
    (r"yesterday(?: (?:morning|afternoon|evening))?", _shift(-1)),
    (r"today|tonight|this (?:morning|afternoon|evening)|straight ?away|right now|immediately", _shift(0)),
    (r"(?:week|wk|kw|cw) ?(?P<n>[0-5]?\d)", _week_number),
]
