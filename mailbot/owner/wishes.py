"""When the owner wants the digest: "digest 7h30 lun-ven", "digest 8am monday", "silence 2 semaines"."""

import re
from collections.abc import Mapping
from datetime import date

from mailbot.model import Order
from mailbot.owner.days import resolve_day
from mailbot.owner.words import WEEKDAYS, fold

NEEDED = re.compile(r"\b(?:si besoin|au besoin|si necessaire|if needed|if necessary|(?:only )?when needed)\b")
"""No condition but a wish: a digest only where there is something to decide."""
_DENIED = re.compile(r"\b(?:pas|not|no|except|excepte|hors)\b")
_AT = re.compile(
    r"\b([01]?\d|2[0-3])\s*(?:(?:h|:|heures?)\s*([0-5]\d)?(?!\w)|(am|pm|a\.m\.|p\.m\.)(?!\w))(?:\s*(am|pm))?"
)
_DAYS = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_DAY_RANGE = re.compile(rf"\b({_DAYS})\w*\s*(?:-|au|a|to|through|until)\s*({_DAYS})\b")
_ONE_DAY = re.compile(rf"\b({_DAYS})s?\b")
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LENGTH = re.compile(r"(?<!\d)(\d{1,3})\s*(j|jours?|d|days?|s|sem|semaines?|w|weeks?|m|mois|months?)\b")

_SILENCE = re.compile(
    r"(?:radio\b\s*)?(?:$|\d|(?:pendant|for|durant|during|jusqu\S*|until|till|ce|cette|this|le|au|aujourd'hui|today|"
    r"demain|tomorrow|une?|deux|trois|quatre|an?|two|three|four|svp|stp|please|s'il)\b)"
)


def digest_order(verb: str, said: str, rest: str, today: date | None) -> Order | None:
    """The hour and the days, or that there is to be none; `today` turns "until Friday" into a day."""
    low = fold(rest).rstrip(" .!")
    if said == "silence" and not _SILENCE.match(low):
        return None  # "silence Dupont" is about a client, and no wish about the digest
    if said == "silence" or low in ("silence", "off", "none", "jamais", "never", "stop"):
        return Order(verb, None, {"days": "none", **_silent(low, today)})
    if _DENIED.search(low):
        return None
    fields: dict[str, str] = {}
    if at := _AT.search(low):
        half = (at[3] or at[4] or "")[:1]
        hour = int(at[1]) % 12 + (12 if half == "p" else 0) if half else int(at[1])
        fields["at"] = f"{hour:02d}:{at[2] or '00'}"
    if days := _DAY_RANGE.search(low):
        fields["days"] = f"{_ENGLISH[WEEKDAYS[days[1]]]}-{_ENGLISH[WEEKDAYS[days[2]]]}"
    elif re.search(r"tous les jours|chaque jour|every day|daily|quotidien", low):
        fields["days"] = "mon-sun"
    elif re.search(r"jours? ouvres?|jours? ouvrables?|weekdays|working days|business days", low):
        fields["days"] = "mon-fri"
    elif NEEDED.search(low):
        fields["days"] = "needed"
    elif one := _ONE_DAY.search(low):
        fields["days"] = _ENGLISH[WEEKDAYS[one[1]]]
    elif re.search(r"hebdo|weekly|chaque semaine|every week|une fois par semaine|once a week", low):
        fields["days"] = "mon"
    return Order(verb, None, fields)


def _silent(low: str, today: date | None) -> dict[str, str]:
    """Until when there is to be no digest."""
    if found := _LENGTH.search(low):
        unit = {"j": 1, "d": 1, "s": 7, "w": 7, "m": 30}[found[2][0]]
        return {"silent_days": str(int(found[1]) * unit)}
    day = resolve_day(low, today)
    return {"until": day.isoformat()} if day else {}


_NAMES: Mapping[str, tuple[str, ...]] = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def wish_words(wish: Mapping[str, object], language: str) -> str:
    """ "à 07:30, du lundi au vendredi": the hour and the days of a digest as its order left them."""
    names, at = _NAMES["fr" if language == "fr" else "en"], wish.get("at")
    first, _, last = str(wish.get("days") or "").partition("-")
    days = [names[_ENGLISH.index(day)] for day in (first, last) if day in _ENGLISH]
    range_of = {"fr": ("le {}", "du {} au {}"), "en": ("on {}", "{} to {}")}["fr" if language == "fr" else "en"]
    said = range_of[len(days) - 1].format(*days) if days else ""
    return ", ".join(filter(None, (f"{'à' if language == 'fr' else 'at'} {at}" if at else "", said)))
