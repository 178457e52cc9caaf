"""What is only polite around an order: "Bonjour,", "Merci,", "svp", "thanks", "please", and a comment after "#".

Kind words change nothing of what an order says, so they are taken off before it is read. The words are those of
greeting, thanking and asking in French and English.
"""

import re

from mailbot.owner.words import fold

THANKS = (
    r"(?:un grand |mille |many )?(?:merci|thanks?|thank you|thx|tks)"
    r"(?: (?:bien|beaucoup|d'avance|par avance|a (?:toi|vous)|infiniment|a lot|so much|very much|in advance|again|"
    r"encore|pour tout|for everything|bcp|bcp bcp|mille fois|tout le monde|guys|all))*"
)
_ASKING = r"svp|stp|s'il (?:te|vous) pla[iî]t|si possible|please|pls|plz|if you please"
_KIND = (
    r"super|parfait|top|genial|tres bien|bien recu|bien note|c'est note|c'est parfait|noted|great|perfect|excellent|"
    r"nickel|impeccable|cool|got it|understood|entendu|compris|well received|pas de souci|pas de probleme|"
    r"aucun souci|"
    r"no problem|no worries|alright|all right"
)
_CLOSING = (
    r"cordialement|bien a (?:toi|vous)|bonne (?:journee|soiree|fin de journee)|a bientot|cheers|"
    r"have a (?:nice|good) day"
)
_GREETING_WORDS = (
    r"bonjour|bonsoir|hello|hi|salut|dear|hey|coucou|rebonjour|re-bonjour|good (?:morning|evening|afternoon)"
)
GREETING = re.compile(rf"^(?:{_GREETING_WORDS})(?:(?:[\s,]+[\w'-]+){{0,2}}| a (?:tous|toutes|toute l'equipe))[\s,!.]*$")
"""A folded line that is nothing but a greeting."""
_LEADING = re.compile(
    rf"^(?:(?:{_GREETING_WORDS})(?: [a-z'-]{{1,20}}){{0,2}}\s*[,!.;:-]+|(?:{_GREETING_WORDS})(?=\s)|"
    rf"(?:ok |oui |yes )?{THANKS}\s*[,!.;:-]+|(?:{_KIND})\s*[,!.;:-]+|(?:{_ASKING})\s*[,!:]*(?=\s))\s*"
)
_TRAILING = re.compile(
    rf"(?:[\s,;.!(-](?:{_ASKING}|(?:et |and )?{THANKS}|{_CLOSING})|[,;.!-]\s*(?:{_KIND}))[\s.,!;:)👍🙏🙂😊]*$"
)
""" "Parfait" and the like only after a comma: they may end a client's name."""
_COMMENT = re.compile(r"\s#(?!\s?\d[\d\s,;&+]*$|\s?\d+\s*(?:et|and)\s)(?=\s?\S)")
"""A comment after an order; "ok #2" and "ok # 2, 3" name questions."""
_PLEASANT = re.compile(
    rf"^(?:(?:ok |bien |c'est |all |well )?(?:{_KIND}|note|recu|fine|nice|bravo|merci)(?: (?:pour|for) .{{1,60}})?|"
    rf":-?\)|👍|🙏|{THANKS}|(?:ok|oui|yes) {THANKS}|ca marche)[\s.!,👍🙏:)]*$"
)
_MOST = 4
"""So many polite pieces are taken off one end of a line."""


def is_pleasant(low: str) -> bool:
    """ "super, merci !": a folded line that wants no answer."""
    return all(_PLEASANT.match(part) for part in re.split(r"\s*[,.!]+\s*", low.strip(" .!,")) if part)


def without_opening(line: str) -> str:
    """The line without the greeting or thanks that it begins with; as it is where nothing else is in it."""
    for _ in range(_MOST):
        found = _LEADING.match(fold(line))
        if not found or not line[found.end() :].strip():
            break
        line = line[found.end() :]
    return line


def without_closing(line: str) -> str:
    """The line without a comment and the polite words at its end; as it is where nothing else is in it."""
    comment = _COMMENT.search(line)
    if comment and line[: comment.start()].strip():
        line = line[: comment.start()]
    for _ in range(_MOST):
        found = _TRAILING.search(fold(line))
        if not found or not line[: found.start()].strip():
            break
        line = line[: found.start()]
    return line.rstrip(" ,;-(")


def comment_of(line: str) -> str:
    """What stands behind "#" in an order; "" where there is none."""
    found = _COMMENT.search(line)
    return line[found.end() :].strip() if found else ""
