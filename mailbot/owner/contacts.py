"""Whom to write to at a client: "contact Dupont compta@dupont.example", "ajoute …", "remplace … par …", "retire …"."""

import re

from mailbot.model import Order
from mailbot.owner.words import fold

EMAIL = re.compile(r"^<?[\w.+-]{1,64}@[\w.-]{1,190}\.[a-z]{2,24}>?$")
"""An address as a word of a folded line."""
_CONTACT_WORDS = frozenset(
    ["contact", "contacts", "adresse", "adresses", "address", "addresses", "email", "e-mail", "mail", "mails", "de",
     "des",
     "aux", "au", "a", "le", "la", "les", "the", "of", "to", "from", "par", "by", "with", "for", "pour", "s", "du", "d",
     "remplace", "remplacer", "replace", "change", "changer", "->", "=", "est", "is", "now", "desormais", "maintenant",
     "chez", "ecris", "write", "nouvelle", "nouveau", "new", "et", "and", "sur", "l'adresse", "l'email", "is:",
     "utilise", "use", "instead", "plutot"]
)  # fmt: skip
_ADDS = frozenset({"ajoute", "ajouter", "ajoutez", "add", "+", "aussi", "also"})
_REMOVES = frozenset(
    {"retire", "retirer", "supprime", "supprimer", "enleve", "enlever", "remove", "delete", "-", "drop", "efface"}
)


_WITHIN_NAMES = frozenset({"de", "du", "des", "la", "le", "les", "of", "the"})
"""Small words that are dropped around a client's name and belong to it inside: "Fietsen De Vries"."""


def contact_order(rest: str, said: str) -> Order | None:
    """An address to write to, to add or to leave; None where there is no address, or two to replace one."""
    words = [bare for word in rest.split() if (bare := word.strip(",;:"))]
    emails = [word.strip("<>").lower().rstrip(".") for word in words if EMAIL.match(fold(word.rstrip(".")))]
    if not emails:
        return None
    kept, action = [], "replace"
    for word in [said, *words]:
        low = fold(word)
        if low in _ADDS:
            action = "add"
        elif low in _REMOVES:
            action = "remove"
        elif (low in _WITHIN_NAMES or low not in _CONTACT_WORDS) and not EMAIL.match(low.rstrip(".")):
            kept.append(re.sub(r"^(?:d|l)['’]|['’]s$", "", word))
    while kept and fold(kept[0]) in _WITHIN_NAMES:
        kept.pop(0)
    while kept and fold(kept[-1]) in _WITHIN_NAMES:
        kept.pop()
    return Order("contact", " ".join(kept) or None, {"email": emails[-1], "action": action})
