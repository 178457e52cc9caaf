"""What a line that is no order was probably meant to be: the same line with the nearest word that is one."""

import difflib
import re
from collections.abc import Mapping
from datetime import date

from mailbot.owner.orders import parse_line
from mailbot.owner.values import target_of
from mailbot.owner.words import fold

_WORDS: Mapping[str, tuple[str, ...]] = {
    "fr": ("ok", "oui", "non", "payé", "réglé", "encaissé", "rapproche", "pause", "suspends", "reprends", "promesse",
           "litige", "clos", "envoie", "saute", "avant", "réponds", "corrige", "contact", "avoir", "abandonne",
           "plus doucement", "plus ferme", "traite", "état", "liste", "pourquoi", "mise en demeure", "dossier",
           "bodacc", "créance déclarée", "digest", "silence", "en direct", "stop", "annule", "aide"),
    "en": ("ok", "yes", "no", "paid", "received", "match", "pause", "hold", "resume", "promise", "dispute", "resolved",
           "send", "skip", "preview", "reply", "correct", "contact", "credited", "write off", "gentler", "firmer",
           "treat", "status", "list", "why", "formal notice", "file", "bodacc",
           "claim filed", "digest", "go live", "stop", "undo", "help"),
}  # fmt: skip
"""What an order begins with, as the help writes it."""
_GOOD = (
    r"(?:bon|ok|okay|good|regle|en ordre|a jour|clear|fine|all square|square|paid up|up to date|settled|paye|solde|"
    r"paid)e?s?"
)
_IS = r"(?:c'est|est|is|are|sont|all|everything is|ok|tout|toute|toutes|tous|enfin|bien)"
_GOOD_OF = re.compile(
    rf"^(?:c'est|ca y est c'est|on est|nous sommes|we're|we are|it's|tout est|all|everything is) (?:tout |"
    rf"all )?{_GOOD} "
    r"(?:(?:pour|avec|chez|cote|du cote de|for|with|on|by) )?(?P<who>.{2,60})$"
)
_IS_GOOD = re.compile(
    rf"^(?!(?:c'est|tout|all|it|ca|that|this|ok|bien)\b)(?P<who>.{{2,60}}?)\s*[\s,:]\s*(?:{_IS} ){{0,4}}{_GOOD}$"
)
_OWES_NOTHING = re.compile(
    r"^(?P<who>.{2,60}?) (?:(?:ne )?(?:me |nous |m'|)doit plus rien|owes? (?:us |me )?nothing(?: more| any more)?|"
    r"n'a plus rien a payer|"
    r"a plus rien a (?:payer|regler))$"
)
"""Said of a client or an invoice, these may mean that it is paid, or that a matter is settled: asked about."""
_PROMISES = re.compile(
    r"^(?P<who>.{2,60}?) (?:promet(?: de (?:payer|regler))?|a promis(?: de (?:payer|regler))?|s'engage a (?:payer|"
    r"regler)|"
    r"va (?:payer|regler)|doit (?:payer|regler)|paiera|payera|reglera|(?:has )?promised|promises|will pay|"
    r"is going to pay)"
    r"(?: pour| by| to pay)? (?P<rest>.{2,60})$"
)
_GIVES_UP = re.compile(
    r"^(?:laisse[rz]? tomber|tant pis pour|(?:fais|faites) une croix sur|drop|give up on|"
    r"forget about) (?:la facture |facture |"
    r"invoice )?(?P<what>[a-z]{0,10}[-_/.]?\d[\w/-]{0,30})\b"
)
"""Said without an order's verb: a client that promises, an invoice that is given up."""
_NO_NAME = re.compile(
    r"\b(?:pas|not|non|no|never|jamais|ne|n'\w+|\w+n't|plus|doit|va|bientot|presque|moitie|dit|me|que|still|has|have|a|apres|"
    r"selon|toujours|finalement|will|should|must|being|half|almost|soon|says?|said|d'\w+)\b|\?"
)
"""What no client's name before "c'est bon" has in it."""
_OWN_WORDS = frozenset(
    {"salut", "passe", "tant", "laisse", "give", "pas", "pars", "liste", "faites", "fais", "bon", "on"}
)
"""Words that are no slip of the pen although an order's verb looks like them."""
_LEAST = 0.72
_MOST = 200
_ANY_DAY = date(2026, 1, 1)
"""Whether words name a day does not depend on the day on which they are said."""


def settled_order(line: str, language: str) -> str:
    """ "C'est bon pour Dupont", "Dupont est à jour": the order that it would be, "payé Dupont"; "" for other lines."""
    bare = line.strip()[:_MOST].rstrip(" .!")
    low = fold(bare)
    for pattern in (_GOOD_OF, _OWES_NOTHING, _IS_GOOD):
        if (found := pattern.match(low)) and not _NO_NAME.search(found["who"]):
            who = target_of(bare[slice(*found.span("who"))])
            said = f"{'payé' if language == 'fr' else 'paid'} {who}"
            if [order.target for order in parse_line(said)] == [who]:
                return said
    return ""


def meant_order(line: str, language: str) -> str:
    """ "Azur paiera le 15 décembre", "laisse tomber FA-412": the order that says so; "" for other lines."""
    bare = line.strip()[:_MOST].rstrip(" .!")
    low = fold(bare)
    if (found := _PROMISES.match(low)) and not re.search(r"\b(?:pas|ne|not|n't|never|jamais)\b|\?", low):
        who = target_of(bare[slice(*found.span("who"))])
        said = f"{'promesse' if language == 'fr' else 'promise'} {who} {bare[slice(*found.span('rest'))]}"
        orders = parse_line(said, _ANY_DAY)
        return said if [(one.target, "date" in one.fields) for one in orders] == [(who, True)] else ""
    if found := _GIVES_UP.match(low):
        return f"{'abandonne' if language == 'fr' else 'write off'} {bare[slice(*found.span('what'))]}"
    return ""


def nearest_order(line: str, language: str) -> str:
    """The line as an order, with its first word put right; "" where nothing is near, or it still is none.

    The owner's language is tried first: "puase Dupont" is "pause Dupont" in both.
    """
    words = line.strip()[:_MOST].split()
    if not words or fold(words[0]).strip(" :,.!?") in _OWN_WORDS:
        return ""
    order = (language, *(other for other in _WORDS if other != language)) if language in _WORDS else tuple(_WORDS)
    for spoken in order:
        known = {fold(word): word for word in _WORDS[spoken]}
        for count in (3, 2, 1):
            first = fold(" ".join(words[:count])).strip(" :,.!?")
            for near in difflib.get_close_matches(
                first, [one for one in known if len(one.split()) == count], 1, _LEAST
            ):
                said = " ".join([known[near], *words[count:]])
                if parse_line(said):
                    return said
    return ""
