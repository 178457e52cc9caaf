"""The words for days in French and English.

A rule is a pattern with {M} for a month, {D} for a weekday and {N} for a number, and the function of `daymath`
that says which day it is. Rules are tried in order, and what one has matched no later one sees.
"""

import re
from datetime import timedelta
from functools import cache

from mailbot.inbox.daymath import (
    Resolver,
    ago,
    ahead,
    count,
    day_month,
    day_next_month,
    day_only,
    day_words,
    end_of_named,
    english_next_weekday,
    friday,
    hours,
    iso,
    left_open,
    monday,
    month_end,
    numeric,
    placed,
    shift,
    week_number,
    weekday,
    weekday_after_next,
    weekday_past,
    weekday_this_week,
    year_end,
)


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


_COMMON: list[tuple[str, Resolver]] = [
    (r"(?P<y>20\d\d)[-/.](?P<b>\d{1,2})[-/.](?P<a>\d{1,2})", iso),
    (r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<y>20\d\d|\d\d)", numeric),
    (r"(?P<a>\d{1,2})/(?P<b>\d{1,2})(?P<y>)(?!/)", numeric),
    (r"(?P<a>\d{1,2})\.(?P<b>\d{1,2})\.(?P<y>)", numeric),
]
_FRENCH: list[tuple[str, Resolver]] = [
    (
        (
            r"(?:a )?\d{2,3} jours (?:fin de mois|date de facture|nets?|net)|(?:a|payable a) (?:30|45|60|"
            r"90) jours"
        ),
        left_open,
    ),
    (
        (
            r"(?:entre le|du) (?:{D} )?\d{1,2}(?:er)?(?: {M})?(?: 20\d\d)? (?:et le|"
            r"au) (?:{D} )?\d{1,2}(?:er)?(?: {M})?(?: 20\d\d)?|\d{1,2}(?:er)? ou (?:le )?\d{1,2} {M}"
        ),
        left_open,
    ),
    (r"(?:(?:{D})\.? )?(?:le )?(?P<d>\d{1,2})(?:er)? (?P<m>{M})\b\.?(?:,? (?P<y>20\d\d))?", day_month),
    (
        r"(?:(?:en |a )?(?:la )?)?fin (?:de |du mois de |d'|du mois d')?(?P<m>{M})\b\.?(?: (?P<y>20\d\d))?",
        end_of_named,
    ),
    (
        (
            r"(?:mi|debut|courant|milieu|premiere quinzaine)[ -](?:de |d'|du mois de )?(?:{M})\b|(?:mi|debut|"
            r"milieu|courant)[ -](?:(?:de|du|le) )?(?:mois|semaine)(?: prochaine?)?|dans le courant d\w+ \w+"
        ),
        left_open,
    ),
    (r"(?:a la |en )?fin (?:de |du )?mois prochain|fin de mois suivant", month_end(1)),
    (
        (
            r"(?:a la |en |de |d'ici |d'ici la )?(?:fin|dernier jour) (?:de |du |de ce |de l[ae] |"
            r"du )?(?:present )?mois"
        ),
        month_end(0),
    ),
    (r"fin d'annee|fin de l'annee", year_end),
    (r"(?:la )?fin de (?:la )?semaine prochaine|semaine prochaine au plus tard", friday(1)),
    (r"(?:la |en )?fin de (?:la |cette )?semaine", friday(0)),
    (r"(?P<w>{D}) en (?:huit|8)", weekday_after_next),
    (
        r"(?P<w>{D}) (?:de )?(?:la )?semaine prochaine|(?:la )?semaine prochaine,? (?:le |ce )?(?P<w2>{D})",
        lambda m, f: monday(f, 1) + timedelta(days=f.words["d:" + (m["w"] or m["w2"])]),
    ),
    (r"(?P<w>{D}) (?:dernier|passe)", weekday_past),
    (r"(?P<w>{D}) de cette semaine", weekday_this_week),
    (r"(?:{D})\.? (?P<d>[0-3]?\d)(?:er)?(?! ?h\b)(?! \d{3})", day_only),
    (r"le (?P<d>[0-3]?\d)(?:er)? du mois prochain", day_next_month),
    (
        (
            r"(?:le|au|pour le|des le|avant le|d'ici le|d'ici au|jusqu'au|"
            r"du) (?P<d>[0-3]?\d)(?:er)?(?: (?:courant|au plus tard|de ce mois|"
            r"du mois))?(?![ ,./]?\d)(?! (?:h|"
            r"%|x|fois|factures?|jours?|ans?|mois|euros?)\b)"
        ),
        day_only,
    ),
    (
        (
            r"(?:la |cette |des la |courant |dans la |dans le courant de la )?semaine (?:prochaine|suivante|"
            r"a venir)|(?:dans|courant|cette) (?:la )?semaine|mois prochain|mois-ci|ces (?:prochains )?jours|"
            r"(?:dans les|sous) (?:prochains|quelques) jours|dans les jours qui viennent|week-?end"
        ),
        left_open,
    ),
    (
        (
            r"(?:ce |cette )?(?:prochain )?(?P<w>{D})(?: (?:prochain|qui vient|soir|matin|apres-midi|"
            r"midi))?(?! au (?:{D}))"
        ),
        weekday,
    ),
    (r"(?:sous|dans|d'ici|d'ici a) (?:une )?huitaine(?: de jours)?", shift(8)),
    (r"(?:sous|dans|d'ici|d'ici a) (?:une |la )?quinzaine(?: de jours)?", shift(15)),
    (
        (
            r"(?:sous|dans|d'ici|d'ici a|avant) (?:{N}) (?:jours? )?(?:a|ou|-) (?:{N}) (?:jours|semaines|h|"
            r"heures)|(?:sous|dans|d'ici|d'ici a) (?:{N}) jours (?:ouvres|ouvrables)|(?:{N}) (?:a|"
            r"ou) (?:{N}) jours"
        ),
        left_open,
    ),
    (
        (
            r"(?:sous|dans|d'ici|d'ici a|dans un delai de|sous un delai de|"
            r"dans les) (?P<n>{N}) (?:prochains )?(?:jours?|j)"
        ),
        ahead(1),
    ),
    (r"(?:sous|dans|d'ici|d'ici a|dans un delai de|dans les) (?P<n>{N}) semaines?", ahead(7)),
    (r"(?:sous|dans|d'ici|d'ici a|dans les) (?P<n>24|48|72|96) ?(?:h|heures)", hours),
    (r"il y a (?P<n>{N}) jours?", ago(1)),
    (r"il y a (?:{N}|plusieurs|quelques) (?:semaines?|mois)|(?:semaine|mois) (?:derniere?|passee?)", left_open),
    (r"apres[ -]demain", shift(2)),
    (r"demain(?: (?:matin|soir|midi|apres-midi))?", shift(1)),
    (r"avant[ -]hier", shift(-2)),
    (r"hier(?: (?:matin|soir|apres-midi))?", shift(-1)),
    (
        (
            r"(?:aujourd'?hui|ce (?:jour|soir|matin|midi)|cet(?:te)? (?:apres[ -]?midi|aprem)|"
            r"dans la journee|"
            r"a l'instant|tout de suite|sur-le-champ)"
        ),
        shift(0),
    ),
    (r"(?:semaine|sem\.?|s) ?(?P<n>[0-5]?\d)", week_number),
]
_ENGLISH: list[tuple[str, Resolver]] = [
    (
        (
            r"net (?:30|45|60|90)|(?:30|45|60|90)[ -]days? (?:from|net|end of month|terms|after|of)|"
            r"(?:within )?(?:{N}) (?:working|business) days"
        ),
        left_open,
    ),
    (
        (
            r"(?:from|between) (?:{D},? )?(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: {M})? (?:to|until|till|and|"
            r"through) (?:{D},? )?(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: {M})?|(?:{M}) \d{1,2} ?(?:-|"
            r"to) ?\d{1,2}|"
            r"\d{1,2} ?(?:-|to) ?\d{1,2} (?:{M})"
        ),
        left_open,
    ),
    (
        (
            r"(?:(?:{D}),? )?(?:the )?(?P<d>\d{1,2})(?:st|nd|rd|"
            r"th)?(?: of)? (?P<m>{M})\b\.?(?:,? (?P<y>20\d\d))?"
        ),
        day_month,
    ),
    (
        r"(?:(?:{D}),? )?(?:the )?(?P<d>first|1st) of (?P<m>{M})",
        lambda m, f: placed(f, 1, f.words["m:" + m["m"]], None),
    ),
    (
        (
            r"(?:(?:{D}),? )?(?P<m>{M})\b\.? (?:the )?(?P<d>\d{1,2})(?:st|nd|rd|th)?(?!\d|"
            r":)(?:,? (?P<y>20\d\d))?"
        ),
        day_month,
    ),
    (
        r"(?:the )?end of (?P<m>{M})\b(?: (?P<y>20\d\d))?|late (?P<m2>{M})\b(?P<y2>)",
        lambda m, f: end_of_named(m, f) if m["m"] else None,
    ),
    (
        (
            r"(?:mid|early|middle of|beginning of|start of|first week of)[ -](?:the )?(?:{M}|month|"
            r"(?:next )?week|next month)|early in (?:the )?\w+"
        ),
        left_open,
    ),
    (r"(?:the )?(?:end of (?:the )?(?:next|following) month|next month[ -]end)", month_end(1)),
    (r"(?:the )?(?:end of (?:the|this)?(?: current)? ?month|month[ -]?end|eom)", month_end(0)),
    (r"(?:the )?end of (?:the|this) year|year[ -]end", year_end),
    (r"(?:the )?end of (?:the )?(?:next|following) week|end of next week", friday(1)),
    (r"(?:the )?end of (?:the|this) (?:working )?week|end of week|eow", friday(0)),
    (
        r"(?:a )?week on (?P<w>{D})|(?P<w2>{D}) week(?! )",
        lambda m, f: (
            monday(f, 0) + timedelta(days=7 + (f.words["d:" + (m["w"] or m["w2"])] - 0))
            if f.words["d:" + (m["w"] or m["w2"])] > f.base.weekday()
            else monday(f, 2) + timedelta(days=f.words["d:" + (m["w"] or m["w2"])])
        ),
    ),
    (r"(?P<w>{D}) after next|(?:the )?week after (?:next|that)?", left_open),
    (r"(?:{D}) or (?:{D})|(?:{D})(?:/|-)(?:{D})", left_open),
    (
        r"(?P<w>{D}) (?:of )?next week|next week,? (?:on )?(?P<w2>{D})",
        lambda m, f: monday(f, 1) + timedelta(days=f.words["d:" + (m["w"] or m["w2"])]),
    ),
    (
        r"last (?P<w>{D})|(?P<w2>{D}) last",
        lambda m, f: f.base - timedelta(days=(f.base.weekday() - f.words["d:" + (m["w"] or m["w2"])]) % 7 or 7),
    ),
    (r"next (?P<w>{D})", english_next_weekday),
    (r"(?:{D}),? (?:the )?(?P<d>[0-3]?\d)(?:st|nd|rd|th)", day_only),
    (r"(?:the )?(?P<d>[0-3]?\d)(?:st|nd|rd|th) of next month", day_next_month),
    (
        (
            r"(?:on |by )?the (?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?: (?:of )?(?:this|the) month)?(?! (?:century|"
            r"floor|time|reminder|invoice|of|anniversary|quarter))(?![.,]?\d)"
        ),
        day_only,
    ),
    (r"(?:on|by) (?P<d>[0-3]?\d)(?:st|nd|rd|th)(?! (?:floor|time|reminder))", day_only),
    (
        (
            r"(?:the )?(?:next|this|coming|following) (?:few )?(?:weeks?|month|days)|week (?:commencing|"
            r"beginning|of)|w/c|over the weekend|the weekend|shortly|soon(?! as)|next quarter"
        ),
        left_open,
    ),
    (r"(?:this |coming |this coming )?(?P<w>{D})(?: (?:morning|afternoon|evening|night))?", weekday),
    (r"(?:in|within|under) (?:{N}) ?(?:-|to|or) ?(?:{N}) (?:days|weeks)|(?:{N})(?:-|to| or )(?:{N}) days", left_open),
    (
        (
            r"(?:in|within|inside) (?:the )?(?:next )?(?:a |one )?fortnight|a fortnight(?:'s time|"
            r" from (?:now|"
            r"today))"
        ),
        shift(14),
    ),
    (
        (
            r"(?:in|within|inside)(?: the next)? (?P<n>{N}) (?:calendar )?days?(?:'? time)?|"
            r"(?P<n2>{N}) days from (?:now|today)"
        ),
        lambda m, f: f.base + timedelta(days=count(m["n"] or m["n2"], f)),
    ),
    (
        (
            r"(?:in|within|inside)(?: the next)? (?P<n>{N}) weeks?(?:'?s? time)?|"
            r"(?P<n2>{N}) weeks? from (?:now|today)"
        ),
        lambda m, f: f.base + timedelta(days=7 * count(m["n"] or m["n2"], f)),
    ),
    (r"(?:in|within)(?: the next)? (?P<n>24|48|72|96) ?(?:h|hrs|hours)", hours),
    (r"(?P<n>{N}) days? ago", ago(1)),
    (r"(?:{N}|several|few) (?:weeks?|months?) (?:ago|back)|last (?:week|month)", left_open),
    (r"(?:the )?day after tomorrow", shift(2)),
    (
        (
            r"(?:first thing )?(?:tomorrow|tmrw|tmr|tomoz|2moro|tomorow)(?: (?:morning|afternoon|evening|"
            r"night))?"
        ),
        shift(1),
    ),
    (r"(?:the )?day before yesterday", shift(-2)),
    (r"yesterday(?: (?:morning|afternoon|evening))?", shift(-1)),
    (r"today|tonight|this (?:morning|afternoon|evening)|straight ?away|right now|immediately", shift(0)),
    (r"(?:week|wk|kw|cw) ?(?P<n>[0-5]?\d)", week_number),
]
