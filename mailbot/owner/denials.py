"""Orders that are denied, with "ne" or as people speak: "relance pas Dupont", "no need to pause Dupont".

Folded text throughout (`words.fold`). The word of denial stands before the verb or right behind it, so that what the
client is called does not matter. Not to remind is an order of its own, a pause; of all others nothing is carried out,
and the owner is told which order says the contrary.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mailbot.owner.values import target_of
from mailbot.owner.verb_table import begins_with_verb, verb_at

_CONTRARY: Mapping[str, tuple[str, str]] = {
    "send": ("pause", "pause"),
    "resume": ("pause", "pause"),
    "pause": ("reprends", "resume"),
    "stop": ("reprends", "resume"),
    "dispute": ("clos", "resolved"),
}
"""Verb -> the order that says the contrary of it, French and English."""
_PLEASE = r"(?:(?:please|svp|stp|et|and|mais|but|bon|non|no|ok|alors|donc|so|merci de|pour info|attention)[\s,:]+)*"
_OBJECT = r"(?:(?:le|la|les|lui|leur|en|them|him|her) |l')?"
_AN_OBJECT = re.compile(r"(?:le|la|les|lui|leur|en|them|him|her) |l'")
_FORBIDS = re.compile(
    rf"^{_PLEASE}(?:(?:il )?(?:ne )?faut (?:surtout )?(?:pas|plus)|(?:surtout )?(?:ne )?(?:surtout )?(?:pas|plus)|"
    r"(?:tu |on |vous )?(?:ne )?(?:dois|doit|devez|peux|peut|pouvez) (?:surtout )?(?:pas|plus)|"
    r"(?:on |je )(?:ne )?veux? (?:surtout )?(?:pas|plus)(?: que (?:tu|vous|l'on|on))?|don'?t|do not|never|not|"
    r"(?:you )?(?:must not|mustn'?t|should not|shouldn'?t|can ?not|can'?t))\s+(?:ever |even |que |to |a |encore )?"
)
_NEEDLESS = re.compile(
    rf"^{_PLEASE}(?:(?:c'est |il est |ce n'est |il n'est |(?:il )?(?:n'y |y )a |(?:on |je )?(?:n')?ai |on a )?"
    r"(?:(?:vraiment |completement )?inutile|(?:pas|plus|aucun) (?:vraiment |du tout )?(?:la peine|besoin|necessaire|"
    r"utile|question|urgent|lieu|obligatoire))|"
    r"hors de question|"
    r"(?:evite|evitez|eviter|avoid|refuse|prefere ne pas)|"
    r"(?:there(?:'s| is) )?no (?:need|reason|point|use|urgency)(?: in)?|(?:it is|it's )?(?:not necessary|"
    r"unnecessary|pointless)|"
    r"(?:you )?(?:needn'?t|need not|don'?t need|do not need|don'?t have|do not have))\s*"
    r"(?:de |d'|a |to |for |of |a |any )*"
)
_AFTER = re.compile(
    rf"^{_PLEASE}(?P<who>(?:on|je|j'|tu|vous|nous|il faut|i|we|you)\s+)?(?:ne |"
    rf"n')?{_OBJECT}(?P<verb>[a-z]+)(?:-(?:le|la|les|lui|leur))?\s+"
    r"(?:surtout |donc |absolument |plus |vraiment |quand meme )?"
    r"(?P<no>pas|plus(?! (?:ferme|dou|gentil|tard|tot|vite|souvent|longtemps|fort|de \d|\d))|rien|jamais|"
    r"personne)(?![\w'-])\s*"
    r"(?:(?:encore|surtout|du tout|plus|tout de suite|pour l'instant|maintenant|a|au|aux|de|d'|du|la|les|relances?|"
    r"pour|chez|rappels?)"
    r"(?:\s+|$))*"
)
_NAMED_FIRST = re.compile(
    rf"^(?:pour |a |concernant |for )?(?P<named>[^,:;!?@]{{2,60}}?)[\s,:]+(?:on |il |tu |vous |you )?(?:ne |"
    rf"n')?{_OBJECT}"
    rf"(?:faut (?:surtout )?(?:pas|plus) {_OBJECT}relancer?|relance[rzs]? (?:surtout )?(?:pas|plus)|pas relancer?|"
    r"(?:pas|plus) (?:la peine|besoin) d[e'] ?(?:le |la |les )?relancer|(?:do not|don'?t|no need to) (?:remind|"
    r"chase))"
    r"(?: (?:pour l'instant|pour le moment|encore|for now|him|her|them))*[\s.!]*$"
)
_SPOKEN: Mapping[str, str] = {
    "paie": "paid", "paies": "paid", "payer": "paid", "payez": "paid", "pay": "paid", "regler": "paid", "note": "paid",
    "noter": "paid", "marque": "paid", "marquer": "paid", "mets": "pause", "mettez": "pause", "mettre": "pause",
    "put": "pause", "ecris": "send", "ecrire": "send", "ecrivez": "send", "write": "send", "contacter": "send",
    "contacte": "send", "contact": "send", "appelle": "send", "rappelle": "send", "rappeler": "send",
}  # fmt: skip
"""Verbs of which the table of orders has another form, or another meaning. Not to write is a pause as well."""
_BY_TABLE = re.compile(r"(?:il )?(?:faut )?(?:surtout )?(?:ne |pas |plus |n'|don|do not|never)")
""" "Ne relance pas", "pas de relance": the table of orders has them as a pause."""
_MAILS = re.compile(
    r"(?:(?:any|more|les|la|des|de|d'|le|l'|the|a|une?|aucune?) ?)*(?:relances?|reminders?|rappels?|mails?|"
    r"e-?mails?|courriers?)"
    r"(?: (?:to|for|a|au|aux|pour|de|chez|d'))*(?:\s+|$)"
)
_NO_NOUN = re.compile(
    r"^(?:no|aucune?|pas d(?:e|')|plus d(?:e|')) (?:more |further |new |autres? )?(?P<noun>disputes?|litiges?|"
    r"reminders?|chasing|promises?|payments?|promesses?|paiements?)"
    r"(?: (?:with|on|for|from|to|sur|pour|avec|de|chez|a))*\s*"
)
_NOUNS = {"d": "dispute", "l": "dispute", "r": "send", "c": "send"}


@dataclass(frozen=True, slots=True)
class Denied:
    """The verb that is denied, where in the line what it is about begins and ends, and whether that forbids it.

    `forbids` is False where it is only called needless, or is told of somebody.
    """

    verb: str
    start: int
    end: int
    forbids: bool

    def instead(self, line: str, language: str) -> str:
        """The order that says the contrary: "pause Dupont"; "" where there is none."""
        pair = _CONTRARY.get(self.verb)
        about = target_of(line[self.start : self.end].strip(" .!,;:…"))
        return f"{pair[0 if language == 'fr' else 1]} {about}".strip() if pair else ""


def denied(low: str) -> Denied | None:
    """What a line says not to do; None where its denial is none of an order, or is one by the table of verbs."""
    low = low.rstrip(" .!…")
    if (found := _NO_NOUN.match(low)) and found["noun"][0] in _NOUNS:
        begins = begins_with_verb(low)
        return (
            None if begins in ("pause", "resolve") else Denied(_NOUNS[found["noun"][0]], found.end(), len(low), False)
        )
    if (table := verb_at(low)) and table[0] == "pause" and _BY_TABLE.match(low):
        return Denied("send", table[1], len(low), True)
    for pattern, forbids in ((_NEEDLESS, False), (_FORBIDS, True)):
        if (found := pattern.match(low)) is None:
            continue
        object_ = _AN_OBJECT.match(low, found.end())
        for start in (found.end(), *([object_.end()] if object_ else [])):
            if verb := _verb(low[start:]):
                return _found(low, verb[0], start + verb[1], forbids)
    if (found := _AFTER.match(low)) and (verb := _verb(found["verb"])) and _is_denial(found["no"], verb[0]):
        forbids = (found["who"] or "on").strip() in ("on", "il faut")
        return _found(low, verb[0], found.end(), forbids)
    if found := _NAMED_FIRST.match(low):
        return Denied("send", *found.span("named"), forbids=False)
    return None


def _is_denial(word: str, verb: str) -> bool:
    """ "Relance personne" denies, while "pause Personne" names a client and "digest jamais" is a wish."""
    return verb == "send" or (word in ("pas", "jamais") and verb != "digest")


def _found(low: str, verb: str, start: int, forbids: bool) -> Denied:
    mails = _MAILS.match(low, start) if verb == "send" else None
    return Denied(verb, mails.end() if mails else start, len(low), forbids and verb == "send")


def _verb(low: str) -> tuple[str, int] | None:
    """The verb that folded words begin with, and where what follows it begins."""
    table = verb_at(low)
    if table and table[0] not in ("reply", "contact"):
        return table
    word = re.match(r"[a-z]+(?![a-z'-])\s*", low)
    spoken = _SPOKEN.get(word[0].strip()) if word else None
    return (spoken, word.end()) if word and spoken else table
