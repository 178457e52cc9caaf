"""A day as owners write it in an order: "21/11", "5 décembre", "vendredi", "last Friday", "fin du mois"."""

import re
from datetime import date, timedelta

from mailbot.owner.words import MONTHS, WEEKDAYS, in_digits

_SHIFTS = {
    "demain": 1, "demain matin": 1, "demain soir": 1, "apres-demain": 2, "apres demain": 2, "tomorrow": 1,
    "aujourd'hui": 0, "ce jour": 0, "ce matin": 0, "ce midi": 0, "cet apres-midi": 0, "ce soir": 0, "today": 0,
    "this morning": 0, "this afternoon": 0, "tonight": 0, "hier": -1, "hier soir": -1, "hier matin": -1,
    "yesterday": -1, "avant-hier": -2, "avant hier": -2, "day before yesterday": -2, "day after tomorrow": 2,
    "last night": -1,
}  # fmt: skip
_LEADING = re.compile(r"^(?:le|l'|au|jusqu'au|jusqu'a|du|des|on|by|until|till|the|d'ici|d'ici le|pour le|pour|from) ")
_ISO = re.compile(r"(20\d\d)-(\d{1,2})-(\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](20\d\d|\d\d)")
_DAY_MONTH = re.compile(r"(\d{1,2})/(\d{1,2})")
_NAMED = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)?(?: of)? ([a-z]{3,9})\.?,?(?: (20\d\d))?")
_AMERICAN = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (20\d\d))?")
_WEEKDAY = re.compile(
    r"(?:(next|last|this|ce) )?([a-z]{3,9})(?: (prochain|dernier|passe|next|en huit))?(?: (\d{1,2}))?"
)
_IN_DAYS = re.compile(r"(?:dans|sous|in) (\d{1,3}) (jours?|days?|semaines?|weeks?|mois|months?)")
_MONTH_END = re.compile(r"(?:fin|end)(?: of| de| du)?(?: the| le)? ?(mois|month|[a-z]{3,9})?(?: (20\d\d))?")
_THIS_WEEK = frozenset({"cette semaine", "this week", "fin de semaine", "fin de la semaine", "end of the week"})
_DAY_OF_MONTH = re.compile(
    r"(?:(?:depuis |d'ici |pour |avant |jusqu')?(?:le|au)|(?:(?:on|by|until|till|since|before|for) )?the) "
    r"(\d{1,2})(?:er|st|nd|rd|th)?|(?:(?:on|by|until|till) )?(\d{1,2})(?:st|nd|rd|th)"
)
"""A day without its month: "le 20", "until the 5th", "by 3rd"."""
_PAST = frozenset({"last", "dernier", "passe"})
_COMING = frozenset({"next", "prochain", "en huit"})


def resolve_day(low: str, today: date | None, *, past: bool = False) -> date | None:
    """The day that folded words name, None where they name none.

    `past`: the order tells what was, so that a bare weekday is the latest one and not the coming one.
    Without `today`, the day of the mail, only whole dates are known.
    """
    bare = in_digits(low.strip())
    if today is not None and (found := _DAY_OF_MONTH.fullmatch(bare)):
        return _day_of_month(int(found[1] or found[2]), today, past=past)
    while found := _LEADING.match(bare):
        bare = bare[found.end() :]
    try:
        return _written(bare, today) or (_spoken(bare, today, past=past) if today is not None else None)
    except ValueError:
        return None  # 31/02


def _written(bare: str, today: date | None) -> date | None:
    if found := _ISO.fullmatch(bare):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMERIC.fullmatch(bare):
        return date(int(found[3]) + (2000 if len(found[3]) == 2 else 0), int(found[2]), int(found[1]))
    if (found := _DAY_MONTH.fullmatch(bare)) and today is not None:
        return _nearest(int(found[1]), int(found[2]), today)
    for pattern, day, month in ((_NAMED, 1, 2), (_AMERICAN, 2, 1)):
        if (found := pattern.fullmatch(bare)) and found[month] in MONTHS:
            if found[3]:
                return date(int(found[3]), MONTHS[found[month]], int(found[day]))
            if today is not None:
                return _nearest(int(found[day]), MONTHS[found[month]], today)
    return None


def _spoken(bare: str, today: date, *, past: bool) -> date | None:
    if bare in _SHIFTS:
        return today + timedelta(days=_SHIFTS[bare])
    if found := _IN_DAYS.fullmatch(bare):
        unit = {"j": 1, "d": 1, "s": 7, "w": 7, "m": 30}[found[2][0]]
        return today + timedelta(days=int(found[1]) * unit)
    if bare in _THIS_WEEK and not past:
        return today + timedelta(days=6 - today.weekday())
    if (found := _MONTH_END.fullmatch(bare)) and bare not in ("fin", "end"):
        return _month_end(found[1] or "", found[2], today)
    if (found := _WEEKDAY.fullmatch(bare)) and found[2] in WEEKDAYS:
        return _weekday(found, today, past=past)
    return None


def _weekday(found: re.Match[str], today: date, *, past: bool) -> date | None:
    wanted = WEEKDAYS[found[2]]
    coming = found[1] in _COMING or found[3] in _COMING
    if (past and not coming) or found[1] in _PAST or found[3] in _PAST:
        day = today - timedelta(days=(today.weekday() - wanted) % 7 or 7)
    else:
        day = today + timedelta(days=(wanted - today.weekday()) % 7 or 7)
    if found[3] == "en huit":
        day += timedelta(days=7)
    return day if found[4] is None or int(found[4]) == day.day else None


def _month_end(name: str, year: str | None, today: date) -> date | None:
    if name in ("mois", "month"):
        month, in_year = today.month, today.year
    elif name in MONTHS:
        month = MONTHS[name]
        in_year = int(year) if year else _nearest(28, month, today).year
    else:
        return None
    following = date(in_year + (month == 12), month % 12 + 1, 1)
    return following - timedelta(days=1)


def _day_of_month(day: int, today: date, *, past: bool) -> date | None:
    """The latest such day where it tells what was, else the next one; months that are too short do not count."""
    if not 1 <= day <= 31:
        return None
    step = timedelta(days=-1 if past else 1)
    found = today
    while found.day != day:
        found += step
    return found


def _nearest(day: int, month: int, today: date) -> date:
    """Without a year: the such day nearest to today, since owners report what was and announce what comes."""
    years = [year for year in range(today.year - 1, today.year + 2) if not (month == 2 and day == 29 and year % 4)]
    return min((date(year, month, day) for year in years), key=lambda one: abs((one - today).days))
