"""What a line that is no order was probably meant to be: the same line with the nearest word that is one."""

import difflib
from collections.abc import Mapping

from mailbot.owner.orders import parse_line
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
_LEAST = 0.72
_MOST = 200


def nearest_order(line: str, language: str) -> str:
    """The line as an order, with its first word put right; "" where nothing is near, or it still is none.

    The owner's language is tried first: "puase Dupont" is "pause Dupont" in both.
    """
    words = line.strip()[:_MOST].split()
    if not words:
        return ""
    order = (language, *(other for other in _WORDS if other != language)) if language in _WORDS else tuple(_WORDS)
    for spoken in order:
        known = {fold(word): word for word in _WORDS[spoken]}
        for count in (3, 2, 1):
            first = fold(" ".join(words[:count])).strip(" :,.!?")
            for near in difflib.get_close_matches(first, known, 1, _LEAST):
                said = " ".join([known[near], *words[count:]])
                if parse_line(said):
                    return said
    return ""
